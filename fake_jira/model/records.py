"""The records. All frozen: whoever changes something puts a new record in the place of the old one.

Ids are strings of digits where Jira's are, numbers where Jira's are [jira 6.1]. Instants are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class StatusCategory:
    """One of the four that every site has; `key` is what clients should look at."""

    id: int
    key: str
    color_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Status:
    id: str
    name: str
    category_id: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class IssueType:
    """`hierarchy_level`: 1 epic, 0 standard, -1 sub-task."""

    id: str
    name: str
    description: str
    hierarchy_level: int = 0

    @property
    def subtask(self) -> bool:
        return self.hierarchy_level < 0


@dataclass(frozen=True, slots=True)
class Priority:
    id: str
    name: str
    color: str
    description: str


@dataclass(frozen=True, slots=True)
class Resolution:
    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A way into a status. `sources` empty = global: offered from every status, its own target included [jira 5.5]."""

    id: str
    name: str
    to_status: str
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Workflow:
    name: str
    initial_status: str
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` and `items` are the schema's type; `clauses` the names it has in JQL."""

    id: str
    name: str
    kind: str
    items: str | None = None
    clauses: tuple[str, ...] = ()
    orderable: bool = True
    navigable: bool = True


@dataclass(frozen=True, slots=True)
class User:
    """`role` decides what new projects grant: admin everything, member all work on issues, viewer browsing alone."""

    account_id: str
    email: str
    display_name: str
    role: str = "member"
    active: bool = True
    time_zone: str = "Etc/UTC"
    locale: str = "en_US"

    @property
    def admin(self) -> bool:
        return self.role == "admin"


@dataclass(frozen=True, slots=True)
class Token:
    """An API token. Neither expiry nor revocation is told to its user [jira 2.2]."""

    secret: str
    account_id: str
    expires_at: datetime | None = None
    revoked: bool = False

    def good(self, now: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Project:
    """`last_number` only grows: a number is never given out twice, whatever became of its issue."""

    id: str
    key: str
    name: str
    lead: str
    workflow: Workflow
    type_ids: tuple[str, ...]
    description: str = ""
    last_number: int = 0


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as people wrote it: `text` plain, and `document` the ADF (JSON) if it was given as ADF."""

    text: str
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    author: str | None
    body: RichText
    created: datetime
    updated: datetime
    update_author: str | None


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One field's change, with the names that held at the time."""

    field: str
    field_id: str
    old: str | None
    old_string: str | None
    new: str | None
    new_string: str | None
    field_type: str = "jira"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the changelog: what one person changed at once."""

    id: str
    author: str | None
    created: datetime
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Issue:
    """One version of an issue, comments and changelog (oldest first) included. Equal only to itself, for caches."""

    id: str
    key: str
    project_id: str
    type_id: str
    status_id: str
    summary: str
    created: datetime
    updated: datetime
    category_changed: datetime
    creator: str | None
    reporter: str | None
    assignee: str | None = None
    priority_id: str | None = None
    resolution_id: str | None = None
    resolved: datetime | None = None
    parent_id: str | None = None
    due: date | None = None
    labels: tuple[str, ...] = ()
    description: RichText | None = None
    environment: RichText | None = None
    comments: tuple[Comment, ...] = ()
    history: tuple[Change, ...] = ()
    properties: tuple[tuple[str, bytes], ...] = ()
