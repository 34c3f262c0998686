"""What both Jiras say alike, read from their JSON: issues, statuses, and that an error is Jira's own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from service.jira.answers import JiraAnswer
from service.jira.base import Issue
from service.rules.health import Outcome
from service.rules.tickets import JiraStatus

FIELDS = ("status", "updated", "project")
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)  # what parsing an odd payload raises

T = TypeVar("T")


def read(answer: JiraAnswer[Any], parse: Callable[[Any], T]) -> JiraAnswer[T]:
    """`answer` with its payload parsed; JSON that lacks what a Jira's has is NOT_JIRA."""
    if not answer.ok:
        return answer.without_payload()
    try:
        return replace(answer, payload=parse(answer.payload))
    except UNREADABLE:
        return JiraAnswer(Outcome.NOT_JIRA, status=answer.status)


def read_issues(items: Iterable[Any], asked_at: datetime) -> dict[str, Issue]:
    """Those that can be read, by id. One that cannot counts as not answered and is then read singly."""
    found: dict[str, Issue] = {}
    for item in items:
        try:
            issue = read_issue(item, asked_at)
        except UNREADABLE:
            continue
        found[issue.id] = issue
    return found


def read_issue(payload: Any, asked_at: datetime) -> Issue:
    """Raises one of UNREADABLE for what is no issue. `is_guarded` where `security` was asked for."""
    fields = payload["fields"]
    status = fields["status"]
    updated = datetime.fromisoformat(fields["updated"])  # carries the account's offset [jira 6.1]
    if updated.tzinfo is None:
        raise ValueError("nobody can tell when that is")
    return Issue(
        read_id(payload),
        str(payload["key"]),
        str(fields["project"]["id"]),
        _status(str(status["id"]), str(status["name"]), str(status["statusCategory"]["key"])),
        updated.astimezone(UTC),
        asked_at,
        fields.get("security") is not None,
    )


def read_id(payload: Any) -> str:
    """The id of an issue, which is a number: searches name it. Raises KeyError, TypeError, ValueError."""
    return str(int(payload["id"]))


def is_jiras_error(payload: Any) -> bool:
    """Whether Jira itself says no to what was asked, and not something in front of it or around it. [jira 2.1]"""
    return isinstance(payload, Mapping) and isinstance(payload.get("errorMessages"), list)


@lru_cache(maxsize=1024)
def _status(status_id: str, name: str, category: str) -> JiraStatus:
    """A Jira has a few dozen statuses and a run sees them fifty thousand times."""
    return JiraStatus(status_id, name, category)
