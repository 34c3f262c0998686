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
    project_id: str | None = None  # of the one project that has it; None = the whole site's


@dataclass(frozen=True, slots=True)
class IssueType:
    """`hierarchy_level`: 1 epic, 0 standard, -1 sub-task. `properties` are (name, JSON)."""

    id: str
    name: str
    description: str
    hierarchy_level: int = 0
    avatar_id: int = 0
    properties: tuple[tuple[str, bytes], ...] = ()

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
class Rule:
    """A condition, a validator or a post function of a transition; `model/workflows.py` knows the kinds."""

    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A way into a status. `sources` empty = global: offered from every status, its own target included [jira 5.5].

    `screen_id` names what is asked on the way, None = nothing; `sequence` orders the buttons.
    """

    id: str
    name: str
    to_status: str
    sources: frozenset[str] = frozenset()
    screen_id: str | None = None
    conditions: tuple[Rule, ...] = ()
    validators: tuple[Rule, ...] = ()
    functions: tuple[Rule, ...] = ()
    sequence: int = 10
    description: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    name: str
    initial_status: str
    transitions: tuple[Transition, ...]
    description: str = ""

    @property
    def status_ids(self) -> tuple[str, ...]:
        """The statuses that an issue can get into, the first one first."""
        return tuple(dict.fromkeys((self.initial_status, *(each.to_status for each in self.transitions))))


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` and `items` are the schema's type; `clauses` the names in JQL; `custom` a custom field's type key."""

    id: str
    name: str
    kind: str
    items: str | None = None
    clauses: tuple[str, ...] = ()
    orderable: bool = True
    navigable: bool = True
    custom: str | None = None
    description: str = ""
    searcher: str | None = None
    trashed_at: datetime | None = None
    trashed_by: str | None = None  # account id


@dataclass(frozen=True, slots=True)
class User:
    """`role` follows from the user's groups: an admin administers the site, members work on issues, viewers look.

    Cloud shows people by `account_id`, Data Center by `name` (what they sign in with) and `key` (which never changes).
    """

    account_id: str
    email: str
    display_name: str
    role: str = "member"
    active: bool = True
    time_zone: str = "Etc/UTC"
    locale: str = "en_US"
    name: str = ""
    key: str = ""
    deleted: bool = False

    @property
    def admin(self) -> bool:
        return self.role == "admin"


@dataclass(frozen=True, slots=True)
class Token:
    """An API token. Neither expiry nor revocation is told to its user [jira 2.2].

    `scopes` None = everything its user may; one with scopes is good at Atlassian's gateway alone.
    """

    secret: str
    account_id: str
    expires_at: datetime | None = None
    revoked: bool = False
    id: str = ""
    label: str = ""
    scopes: frozenset[str] | None = None

    def good(self, now: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class RoleActor:
    """Who holds a project role: a user by account id, or a group by id."""

    role_id: str
    who: str
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """`last_number` only grows: a number is never given out twice, whatever became of its issue.

    A project in the trash (`trashed_at`) is found by nobody but its restorer; an archived one can still be read.
    `properties` are (name, JSON).
    """

    id: str
    key: str
    name: str
    lead: str
    workflow: Workflow
    type_ids: tuple[str, ...]
    description: str = ""
    last_number: int = 0
    type_key: str = "software"
    url: str = ""
    assignee_type: str = "UNASSIGNED"
    category_id: str | None = None
    avatar_id: str = "10400"
    permission_scheme_id: str = "0"
    notification_scheme_id: str = "10000"
    security_scheme_id: str | None = None
    trashed_at: datetime | None = None
    trashed_by: str | None = None
    archived_at: datetime | None = None
    archived_by: str | None = None
    actors: tuple[RoleActor, ...] = ()
    properties: tuple[tuple[str, bytes], ...] = ()
    sender: str = ""  # the address that its mails come from; "" = the site's
    type_workflows: tuple[tuple[str, Workflow], ...] = ()  # (type id, its workflow) where not the project's one


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as people wrote it: `text` plain, and `document` the ADF (JSON) if it was given as ADF."""

    text: str
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Visibility:
    """Who may see a comment or a worklog: the members of a group (`kind` "group") or of a project role ("role")."""

    kind: str
    id: str  # of the group or the role
    name: str


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    author: str | None
    body: RichText
    created: datetime
    updated: datetime
    update_author: str | None
    visibility: Visibility | None = None
    properties: tuple[tuple[str, bytes], ...] = ()
    pinned_by: str | None = None
    pinned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worklog:
    """Time spent on an issue; `seconds` of work that began at `started`."""

    id: str
    author: str | None
    update_author: str | None
    created: datetime
    updated: datetime
    started: datetime
    seconds: int
    comment: RichText | None = None
    visibility: Visibility | None = None
    properties: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an issue; its bytes are in `State.blobs` under its id."""

    id: str
    filename: str
    author: str | None
    created: datetime
    size: int
    mime_type: str


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A link from an issue to elsewhere; `content` is what was sent (`object`, `application`, `status`), as JSON."""

    id: int
    content: bytes
    global_id: str | None = None
    relationship: str | None = None


@dataclass(frozen=True, slots=True)
class LinkType:
    """`outward` is read from the source to the target of a link ("blocks"), `inward` the other way round."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two issues, kept with both. `source` -> `target` reads as the type's outward words."""

    id: str
    type_id: str
    source: str  # issue id
    target: str  # issue id


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
    metadata: bytes | None = None  # `historyMetadata` as it was sent, in JSON


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
    component_ids: tuple[str, ...] = ()
    fix_version_ids: tuple[str, ...] = ()
    affects_version_ids: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()  # account ids, as voters are
    voters: tuple[str, ...] = ()
    worklogs: tuple[Worklog, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    remote_links: tuple[RemoteLink, ...] = ()
    links: tuple[Link, ...] = ()
    original_estimate: int | None = None  # seconds, as the remaining one is
    remaining_estimate: int | None = None
    security_level_id: str | None = None
    archived_at: datetime | None = None
    archived_by: str | None = None
    custom: tuple[tuple[str, bytes], ...] = ()  # (field id, value as the record keeps it, in JSON)
