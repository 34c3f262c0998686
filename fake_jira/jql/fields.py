"""What each field of JQL is: which values it takes, how issues hold them, how they are ordered.

A `Reader` turns a written value into the keys that issues are compared by; a value nobody knows has none, and so finds
nothing [jira 2.5].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from fake_jira.model.records import Issue, User
from fake_jira.model.state import State


@dataclass(frozen=True)
class Asker:
    """Who asks, when and where: what currentUser(), now() and plain dates mean. `strict`: refuse unknown keys."""

    state: State
    user: User | None
    now: datetime
    zone: tzinfo = UTC
    strict: bool = False


@dataclass(frozen=True)
class Reader:
    """`held`: the keys of an issue (several for labels, none = empty). `meant`: the keys a written value stands for.

    `rank` puts keys in order, where the field has < and >; `sort` orders issues.
    """

    held: Callable[[State, Issue], tuple[Any, ...]]
    meant: Callable[[State, str], set[Any]]
    sort: Callable[[State, Issue], Any]
    rank: Callable[[State, Any], Any] | None = None


def _one(value: Any) -> tuple[Any, ...]:
    return () if value is None else (value,)


def _named(records: Mapping[str, Any], text: str) -> set[str]:
    wanted = text.lower()
    return {key for key, record in records.items() if key == text or record.name.lower() == wanted}


def issue_ids(state: State, text: str) -> set[str]:
    """The id that a key (old keys too) or an id stands for."""
    found = text if text in state.issues or text in state.trash else state.keys.get(text.upper())
    return {found} if found else set()


def _projects(state: State, text: str) -> set[str]:
    wanted = text.lower()
    return {
        project.id
        for project in state.projects.values()
        if project.id == text or wanted in (project.key.lower(), project.name.lower())
    }


def _users(state: State, text: str) -> set[str]:
    wanted = text.lower()
    return {
        user.account_id
        for user in state.users.values()
        if user.account_id == text or wanted in (user.email.lower(), user.display_name.lower())
    }


def _categories(state: State, text: str) -> set[int]:
    wanted = text.lower()
    return {each.id for each in state.categories.values() if wanted in (str(each.id), each.key, each.name.lower())}


def _key_rank(issue: Issue) -> tuple[str, int]:
    prefix, _, number = issue.key.rpartition("-")
    return prefix, int(number)


def _place(records: Mapping[str, Any], key: str) -> int:
    return list(records).index(key)


def _user_name(state: State, account_id: str | None) -> str | None:
    return state.users[account_id].display_name.lower() if account_id in state.users else None


def _user_reader(name: str) -> Reader:
    def held(_: State, issue: Issue) -> tuple[Any, ...]:
        return _one(getattr(issue, name))

    return Reader(held, _users, lambda state, issue: _user_name(state, getattr(issue, name)))


ISSUE = Reader(lambda _, issue: (issue.id,), issue_ids, lambda _, issue: _key_rank(issue))
ISSUE_ID = Reader(lambda _, issue: (issue.id,), issue_ids, lambda _, issue: int(issue.id))
STATUS = Reader(
    lambda _, issue: (issue.status_id,),
    lambda state, text: _named(state.statuses, text),
    lambda state, issue: _place(state.statuses, issue.status_id),
)
PROJECT = Reader(
    lambda _, issue: (issue.project_id,),
    _projects,
    lambda state, issue: state.projects[issue.project_id].name.lower(),
)
TYPE = Reader(
    lambda _, issue: (issue.type_id,),
    lambda state, text: _named(state.types, text),
    lambda state, issue: _place(state.types, issue.type_id),
)
READERS: dict[str, Reader] = {
    "id": ISSUE_ID,
    "key": ISSUE,
    "issue": ISSUE,
    "issuekey": ISSUE,
    "project": PROJECT,
    "status": STATUS,
    "issuetype": TYPE,
    "type": TYPE,
    "statuscategory": Reader(
        lambda state, issue: (state.statuses[issue.status_id].category_id,),
        _categories,
        lambda state, issue: (2, 4, 3, 1).index(state.statuses[issue.status_id].category_id),
    ),
    "priority": Reader(
        lambda _, issue: _one(issue.priority_id),
        lambda state, text: _named(state.priorities, text),
        lambda state, issue: -_place(state.priorities, issue.priority_id) if issue.priority_id else None,
        lambda state, key: -_place(state.priorities, key),
    ),
    "resolution": Reader(
        lambda _, issue: _one(issue.resolution_id),
        lambda state, text: _named(state.resolutions, text),
        lambda state, issue: _place(state.resolutions, issue.resolution_id) if issue.resolution_id else None,
    ),
    "labels": Reader(
        lambda _, issue: tuple(label.lower() for label in issue.labels),
        lambda _, text: {text.lower()},
        lambda _, issue: issue.labels[0].lower() if issue.labels else None,
    ),
    "parent": Reader(
        lambda _, issue: _one(issue.parent_id), issue_ids, lambda _, issue: int(issue.parent_id or 0) or None
    ),
    "assignee": _user_reader("assignee"),
    "reporter": _user_reader("reporter"),
    "creator": _user_reader("creator"),
}
INSTANTS: dict[str, Callable[[Issue], datetime | None]] = {
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
    "resolutiondate": lambda issue: issue.resolved,
    "statuscategorychangeddate": lambda issue: issue.category_changed,
}
DAYS: dict[str, Callable[[Issue], date | None]] = {"duedate": lambda issue: issue.due}
ALIASES = {
    "createddate": "created",
    "updateddate": "updated",
    "resolved": "resolutiondate",
    "due": "duedate",
    "label": "labels",
}
_ELSEWHERE = """
    affectedversion approvals approver attachments category component development filter request savedfilter
    searchrequest fixversion hierarchylevel issuelink issuelinktype issuerestriction lastviewed level originalestimate
    timeoriginalestimate remainingestimate timeestimate timespent sprint epic votes voter watcher watchers workratio
    worklogauthor worklogcomment worklogdate childissuesof organization requesttype subtasks team rank flagged
    security issuebadge"""
ELSEWHERE = frozenset(_ELSEWHERE.split())  # fields that Jira has and the fake does not
