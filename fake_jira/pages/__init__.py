"""Pages for people who look at the fake: what a link to an issue leads to. Programs use `rest/`.

They only show what the model holds. No scripts, no requests besides the page itself.
"""

from fake_jira.pages.issue import pages

__all__ = ["pages"]
