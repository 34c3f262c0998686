"""What can be asked of a Jira, whichever it is. `cloud.py` and `data_center.py` know how each wants to be asked.

Says what Jira said. Whether a missing issue was deleted, or a hidden project breaks an integration, is decided
elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from service.jira.answers import JiraAnswer
from service.rules.tickets import JiraStatus


class Issue(NamedTuple):
    """An issue as one answer showed it. `asked_at` is when that answer was asked for (R10)."""

    id: str
    key: str
    project_id: str
    status: JiraStatus
    updated: datetime
    asked_at: datetime
    is_guarded: bool = False  # it carries a security level


@dataclass(frozen=True, slots=True)
class CreatedIssue:
    id: str
    key: str


class Jira(Protocol):
    """One Jira as one integration sees it. Safe to share between threads; never raises for what Jira does."""

    search_size: int  # issue ids that one search takes
    strong_size: int  # of those, how many can be read past a lagging index at a time

    @property
    def sent(self) -> int:
        """How many requests went out so far, those for tokens included."""

    def close(self) -> None: ...

    def server_info(self) -> JiraAnswer[str]:
        """Is a Jira there at all? The payload is its version. Needs no credential. [jira 5.1]"""

    def myself(self) -> JiraAnswer[str]:
        """Who are we? Refused with a dead credential, where a search is carried out as anonymous. [jira 2.2, 2.8]"""

    def granted(self) -> JiraAnswer[frozenset[str]] | None:
        """The scopes that the grant has for this site, asked live; SITE_GONE when the site is not in it.

        None where there is no such thing: only Cloud with OAuth 2.0 has scopes that matter here. [jira 4.3]
        """

    def browsable_projects(self, ids: Iterable[str] = (), keys: Iterable[str] = ()) -> JiraAnswer[frozenset[str]]:
        """Which of these projects can this account browse? The payload holds both ids and keys. [jira 5.2]"""

    def search_by_ids(self, ids: Sequence[str], reconcile: Sequence[str] = ()) -> JiraAnswer[dict[str, Issue]]:
        """The issues among `ids` that the search shows, by id; deleted and hidden ones are just not there.

        Those in `reconcile` are read past the index where the Jira can do that; elsewhere it has no effect.
        """

    def find_by_label(self, label: str) -> JiraAnswer[dict[str, Issue]]:
        """The issues that carry `label`, by id, as far as the index has taken them up."""

    def issue(self, issue_id: str) -> JiraAnswer[Issue]:
        """One issue, read strongly.

        NOT_FOUND only when Jira itself says so: deleted, or (Cloud) hidden. FORBIDDEN when Jira says that it exists and
        is not for us (Data Center). [jira 2.3, 2.8]
        """

    def guarding_projects(self, project_ids: Iterable[str]) -> JiraAnswer[frozenset[str]]:
        """Those of the projects in which issues may be hidden by a security level, as far as this account can tell.

        Empty where a 404 can only mean deleted (Data Center).
        """

    def create_issue(
        self, project: str, issue_type: str, summary: str, description: Sequence[str], labels: Sequence[str]
    ) -> JiraAnswer[CreatedIssue]:
        """Makes an issue; `description` is plain paragraphs. When Jira refuses, `complaints` holds its sentences."""
