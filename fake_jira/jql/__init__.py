"""JQL: text -> tree -> matches.

As on Cloud only the syntax is refused; a field, project or user that nobody knows finds nothing [jira 2.5]; what Data
Center complains of besides is in `checking.py` [jira 2.6]. What Jira knows and this room does not is refused aloud
(NotImitated) and never guessed. Knows nothing of HTTP or paging.
"""

from fake_jira.jql.checking import complaints
from fake_jira.jql.finding import find, find_ids, matches, matching
from fake_jira.jql.kinds import Asker
from fake_jira.jql.parser import parse
from fake_jira.jql.tree import Query

__all__ = ["Asker", "Query", "complaints", "find", "find_ids", "matches", "matching", "parse"]
