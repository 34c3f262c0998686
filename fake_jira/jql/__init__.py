"""JQL: text -> tree -> matches.

As on Cloud only the syntax is refused; a field, project or user that nobody knows finds nothing [jira 2.5]. What Jira
knows and this room does not is refused aloud (NotImitated) and never guessed. Knows nothing of HTTP or paging.
"""

from fake_jira.jql.fields import Asker
from fake_jira.jql.finding import find
from fake_jira.jql.parser import parse
from fake_jira.jql.tree import Query

__all__ = ["Asker", "Query", "find", "parse"]
