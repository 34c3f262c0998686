"""What Jira's answers tell a run and a refresh: statuses for the store, or trouble. Asks nothing and stores nothing."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from service.jira.answers import JiraAnswer
from service.jira.base import Issue
from service.retrieval.confirm import Asked
from service.rules.health import TRANSIENT, Outcome
from service.store.retrieved import Answer
from service.verification import Finding

SearchAnswer = JiraAnswer[dict[str, Issue]]


def answers(asked: Iterable[Asked], found: Mapping[str, Issue], is_strong: bool) -> list[Answer]:
    """What Jira said about the `asked` tickets that were found, as the store takes it."""
    return [
        Answer(ticket.id, one.id, one.key, one.project_id, one.status, one.updated, is_strong, one.is_guarded)
        for ticket in asked
        if (one := found.get(ticket.issue_id)) is not None
    ]


def worse(one: Finding | None, other: Finding) -> Finding:
    """Of two troubles the one to act on: what will not pass by itself first, then the longer wait."""
    if one is None or (one.outcome in TRANSIENT and other.outcome not in TRANSIENT):
        return other
    if one.outcome not in TRANSIENT:
        return one
    return max(one, other, key=lambda finding: finding.retry_after or timedelta())


def tells(answer: SearchAnswer) -> bool:
    """Whether a search has said something: what it found, or that it chokes on an id."""
    return answer.payload is not None or (answer.outcome is Outcome.REFUSED and answer.status == 400)
