"""The fields of JQL that every Jira has. Custom fields and properties are in `custom.py`."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from fake_jira.jql import lookups
from fake_jira.jql.kinds import COMPARED, EMPTINESS, ORDERED, PAST, PLAIN, TEXTUAL, USUAL, Asker, Field
from fake_jira.model.index import key_parts
from fake_jira.model.records import Comment, Issue, Link, RichText, Worklog
from fake_jira.model.visibility import includes

T = TypeVar("T", Comment, Worklog)
Held = Callable[[Asker, Issue], tuple[Any, ...]]


def _one(attribute: str) -> Held:
    def held(_: Asker, issue: Issue) -> tuple[Any, ...]:
        value = getattr(issue, attribute)
        return () if value is None else (value,)

    return held


def _all(attribute: str) -> Held:
    def held(_: Asker, issue: Issue) -> tuple[Any, ...]:
        values: tuple[Any, ...] = getattr(issue, attribute)
        return values

    return held


def _by_place(attribute: str, records: str, *, downwards: bool = False) -> Callable[[Asker, Issue], Any]:
    """Sorted as the records stand; `downwards` where the first of them is the greatest."""

    def value(asker: Asker, issue: Issue) -> Any:
        key = getattr(issue, attribute)
        if key is None:
            return None
        place = lookups.place(getattr(asker.state, records), key)
        return -place if downwards else place

    return value


def _person(name: str, *, past: str | None = None) -> Field:
    def sort(asker: Asker, issue: Issue) -> Any:
        who = asker.state.users.get(getattr(issue, name) or "")
        return who.display_name.lower() if who else None

    operators = USUAL + PAST if past else USUAL
    return Field(name, "keys", _one(name), operators, lookups.users, sort, of="user", past=past, hideable=True)


def _people(name: str, held: Held) -> Field:
    return Field(name, "keys", held, USUAL, lookups.users, of="user")


def _versions(name: str, attribute: str, past: str | None = None) -> Field:
    def rank(asker: Asker, key: str) -> Any:
        version = asker.state.versions.get(key)
        return (version.project_id, version.sequence) if version else ("", -1)

    def sort(asker: Asker, issue: Issue) -> Any:
        return min((rank(asker, key) for key in getattr(issue, attribute)), default=None)

    operators = COMPARED + PAST if past else COMPARED
    meant = lookups.named("versions")
    return Field(name, "keys", _all(attribute), operators, meant, sort, rank, "version", past, hideable=True)


def _instant(name: str, attribute: str) -> Field:
    return Field(name, "instant", _one(attribute), COMPARED, sort=lambda _, issue: getattr(issue, attribute), of="date")


def _text(name: str, read: Callable[[Asker, Issue], tuple[str, ...]], *, sorts: bool = True) -> Field:
    def sort(asker: Asker, issue: Issue) -> Any:
        return " ".join(read(asker, issue)).lower() or None

    return Field(name, "text", read, TEXTUAL + EMPTINESS, sort=sort if sorts else None, hideable=True)


def _written(attribute: str) -> Callable[[Asker, Issue], tuple[str, ...]]:
    def read(_: Asker, issue: Issue) -> tuple[str, ...]:
        text = getattr(issue, attribute)
        words = text.text if isinstance(text, RichText) else text
        return (words,) if words else ()

    return read


def _seen(asker: Asker, issue: Issue, things: Iterable[T]) -> Iterator[T]:
    """Without what is restricted to a group or role that the asker is not in."""
    return (each for each in things if includes(asker.state, each.visibility, issue.project_id, asker.user))


def _comments(asker: Asker, issue: Issue) -> tuple[str, ...]:
    return tuple(each.body.text for each in _seen(asker, issue, issue.comments))


def _worklog_comments(asker: Asker, issue: Issue) -> tuple[str, ...]:
    return tuple(each.comment.text for each in _seen(asker, issue, issue.worklogs) if each.comment)


def _worklog_authors(asker: Asker, issue: Issue) -> tuple[str, ...]:
    return tuple(each.author for each in _seen(asker, issue, issue.worklogs) if each.author)


def _worklog_days(asker: Asker, issue: Issue) -> tuple[date, ...]:
    return tuple(each.started.astimezone(asker.zone).date() for each in _seen(asker, issue, issue.worklogs))


def _everything(asker: Asker, issue: Issue) -> tuple[str, ...]:
    found: list[str] = []
    for read in (_written("summary"), _written("description"), _written("environment"), _comments):
        found += read(asker, issue)
    return tuple(found)


def _seconds(name: str, read: Callable[[Issue], int | None], kind: str = "duration") -> Field:
    def held(_: Asker, issue: Issue) -> tuple[Any, ...]:
        value = read(issue)
        return () if value is None else (value,)

    return Field(name, kind, held, COMPARED, sort=lambda _, issue: read(issue), hideable=True)


def _spent(issue: Issue) -> int | None:
    return sum(each.seconds for each in issue.worklogs) if issue.worklogs else None


def _work_ratio(issue: Issue) -> int | None:
    return (_spent(issue) or 0) * 100 // issue.original_estimate if issue.original_estimate else None


def _links(asker: Asker, issue: Issue) -> Iterator[tuple[Link, str]]:
    """The links with who is at the other end; one to an issue that is deleted or hidden is none."""
    for link in issue.links:
        other = asker.state.issues.get(link.target if link.source == issue.id else link.source)
        if other is not None and asker.state.sees(asker.user, other):
            yield link, other.id


def _parent(asker: Asker, issue: Issue) -> tuple[str, ...]:
    """The parent, if the asker may see it."""
    parent = asker.state.issues.get(issue.parent_id or "")
    return (parent.id,) if parent is not None and asker.state.sees(asker.user, parent) else ()


def _linked(asker: Asker, issue: Issue) -> tuple[str, ...]:
    return tuple(other for _, other in _links(asker, issue))


def _link_words(asker: Asker, issue: Issue) -> tuple[str, ...]:
    """The links' types by name, and by the words that hold in this issue's direction."""
    found: list[str] = []
    for link, _ in _links(asker, issue):
        kind = getattr(asker.state, "link_types", {}).get(link.type_id)
        if kind is not None:
            found += (kind.name.lower(), (kind.outward if link.source == issue.id else kind.inward).lower())
    return tuple(found)


def _subtasks(asker: Asker, issue: Issue) -> tuple[str, ...]:
    state = asker.state
    children = (state.issues.get(each) for each in state.children.get(issue.id, ()))
    return tuple(each.id for each in children if each is not None and state.types[each.type_id].subtask)


def _category(asker: Asker, issue: Issue) -> tuple[str, ...]:
    category = asker.state.projects[issue.project_id].category_id
    return (category,) if category else ()


def _component_sort(asker: Asker, issue: Issue) -> Any:
    records = asker.state.components
    return min((records[each].name.lower() for each in issue.component_ids if each in records), default=None)


def _level(asker: Asker, text: str) -> set[str]:
    schemes = getattr(asker.state, "security_schemes", {}).values()
    wanted = text.lower()
    return {each.id for scheme in schemes for each in scheme.levels if each.id == text or each.name.lower() == wanted}


def _issue(name: str) -> Field:
    return Field(
        name,
        "keys",
        _one("id"),
        COMPARED,
        lookups.issues,
        lambda _, issue: key_parts(issue),
        of="issue",
    )


PROJECT = Field(
    "project",
    "keys",
    _one("project_id"),
    USUAL,
    lookups.projects,
    lambda asker, issue: asker.state.projects[issue.project_id].name.lower(),
    of="project",
)
STATUS = Field(
    "status",
    "keys",
    _one("status_id"),
    USUAL + PAST,
    lookups.named("statuses"),
    _by_place("status_id", "statuses"),
    of="status",
    past="status",
)
STATUS_CATEGORY = Field(
    "statusCategory",
    "keys",
    lambda asker, issue: (asker.state.statuses[issue.status_id].category_id,),
    USUAL,
    lookups.categories,
    lambda asker, issue: (2, 4, 3, 1).index(asker.state.statuses[issue.status_id].category_id),
    of="category",
)
ISSUE_ID = Field("id", "keys", _one("id"), COMPARED, lookups.issues, lambda _, issue: int(issue.id), of="issue")
KEY = _issue("key")
ISSUES = (ISSUE_ID, KEY, _issue("issue"), _issue("issuekey"))
SYSTEM = (
    *ISSUES,
    PROJECT,
    STATUS,
    STATUS_CATEGORY,
    Field(
        "issuetype", "keys", _one("type_id"), USUAL, lookups.named("types"), _by_place("type_id", "types"), of="type"
    ),
    Field(
        "priority",
        "keys",
        _one("priority_id"),
        COMPARED + PAST,
        lookups.named("priorities"),
        _by_place("priority_id", "priorities", downwards=True),
        lambda asker, key: -lookups.place(asker.state.priorities, key),
        "priority",
        "priority",
        hideable=True,
    ),
    Field(
        "resolution",
        "keys",
        _one("resolution_id"),
        COMPARED + PAST,
        lookups.named("resolutions"),
        _by_place("resolution_id", "resolutions"),
        lambda asker, key: lookups.place(asker.state.resolutions, key),
        "resolution",
        "resolution",
        hideable=True,
    ),
    Field(
        "labels",
        "keys",
        lambda _, issue: tuple(label.lower() for label in issue.labels),
        USUAL,
        lookups.lowered,
        lambda _, issue: issue.labels[0].lower() if issue.labels else None,
        of="label",
        hideable=True,
    ),
    Field(
        "parent",
        "keys",
        _parent,
        USUAL,
        lookups.issues,
        lambda _, issue: int(issue.parent_id or 0) or None,
        of="issue",
    ),
    Field("subtasks", "keys", _subtasks, USUAL, lookups.issues, of="issue"),
    Field("issueLink", "keys", _linked, USUAL, lookups.issues, of="issue"),
    Field("issueLinkType", "keys", _link_words, USUAL, lookups.lowered, of="link type"),
    _person("assignee", past="assignee"),
    _person("reporter", past="reporter"),
    _person("creator"),
    _people("voter", _all("voters")),
    _people("watcher", _all("watchers")),
    _people("worklogAuthor", _worklog_authors),
    _versions("fixVersion", "fix_version_ids", "Fix Version"),
    _versions("affectedVersion", "affects_version_ids"),
    Field(
        "component",
        "keys",
        _all("component_ids"),
        USUAL,
        lookups.named("components"),
        _component_sort,
        of="component",
        hideable=True,
    ),
    Field("category", "keys", _category, USUAL, lookups.named("project_categories"), of="project category"),
    Field("level", "keys", _one("security_level_id"), USUAL, _level, of="level", hideable=True),
    Field("attachments", "keys", lambda _, issue: tuple(each.id for each in issue.attachments), EMPTINESS),
    Field("filter", "filter", lambda *_: (), PLAIN, of="filter"),
    _instant("created", "created"),
    _instant("updated", "updated"),
    _instant("resolutiondate", "resolved"),
    _instant("statusCategoryChangedDate", "category_changed"),
    Field("due", "day", _one("due"), COMPARED, sort=lambda _, issue: issue.due, of="date", hideable=True),
    Field(
        "worklogDate",
        "day",
        _worklog_days,
        PLAIN + ORDERED,
        of="date",
    ),
    _text("summary", _written("summary")),
    _text("description", _written("description")),
    _text("environment", _written("environment")),
    _text("comment", _comments, sorts=False),
    _text("worklogComment", _worklog_comments, sorts=False),
    Field("text", "text", _everything, TEXTUAL),
    Field(
        "votes",
        "number",
        lambda _, issue: (len(issue.voters),),
        PLAIN + ORDERED,
        sort=lambda _, issue: len(issue.voters),
    ),
    Field(
        "watchers",
        "number",
        lambda _, issue: (len(issue.watchers),),
        PLAIN + ORDERED,
        sort=lambda _, issue: len(issue.watchers),
    ),
    _seconds("originalEstimate", lambda issue: issue.original_estimate),
    _seconds("remainingEstimate", lambda issue: issue.remaining_estimate),
    _seconds("timeSpent", _spent),
    _seconds("workRatio", _work_ratio, "number"),
)
ALIASES = {  # what else a field may be called -> its name in lower case
    "type": "issuetype",
    "createddate": "created",
    "updateddate": "updated",
    "resolved": "resolutiondate",
    "duedate": "due",
    "label": "labels",
    "linkedissue": "issuelink",
    "savedfilter": "filter",
    "request": "filter",
    "searchrequest": "filter",
    "timeoriginalestimate": "originalestimate",
    "timeestimate": "remainingestimate",
    "attachment": "attachments",
    "security": "level",
}
NAMED = {each.name.lower(): each for each in SYSTEM}
_ELSEWHERE = """
    approvals approver development hierarchylevel issuerestriction lastviewed sprint epic childissuesof organization
    requesttype team rank flagged issuebadge"""
ELSEWHERE = frozenset(_ELSEWHERE.split())  # fields that Jira has and the fake does not


def canonical(name: str) -> str:
    """The one name, in lower case, of a field that has several."""
    lowered = name.lower()
    return ALIASES.get(lowered, lowered)
