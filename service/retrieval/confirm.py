"""Is a ticket that the search does not show really deleted? (R14)

A search leaves out what was deleted, what is not permitted, what the index has lost sight of, and, with a dead token,
everything. So each missing ticket is read singly, and a 404 is believed only when the credential and the ticket's
project are proven good before and after. Stores nothing.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from service.jira.answers import JiraAnswer
from service.jira.base import Issue, Jira
from service.rules.health import Outcome
from service.rules.tickets import Ticket
from service.store.tickets import Due
from service.verification import Finding, Project, prove

Asked = Ticket | Due
_TOLD = frozenset({Outcome.OK, Outcome.NOT_FOUND})
"""Answers to a single read that say something about the issue; every other is trouble."""
_SPARED = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.RATE_LIMITED})
"""A Jira that answers so is not asked a hundred times more before the trouble is waited out (R11)."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of tickets that were in doubt. Those neither found nor gone are in doubt still: see `trouble`."""

    found: dict[str, Issue]  # by issue id, read strongly
    gone: tuple[Asked, ...]  # proven deleted
    trouble: Finding | None = None


def confirm(jira: Jira, doubtful: Sequence[Asked], readers: Executor) -> Confirmed:
    """Reads each of `doubtful` by itself, on the threads of `readers`."""
    projects = {Project.of(ticket.project_id, ticket.key) for ticket in doubtful}
    before = prove(jira, projects)
    if not before.ok:
        return Confirmed({}, (), before)
    in_trouble = threading.Event()

    def read(ticket: Asked) -> JiraAnswer[Issue] | None:
        if in_trouble.is_set():
            return None
        answer = jira.issue(ticket.issue_id)
        if answer.outcome in _SPARED:
            in_trouble.set()
        return answer

    answers = [(ticket, answer) for ticket, answer in zip(doubtful, readers.map(read, doubtful), strict=True) if answer]
    found = {ticket.issue_id: answer.payload for ticket, answer in answers if answer.payload is not None}
    missing = tuple(ticket for ticket, answer in answers if answer.outcome is Outcome.NOT_FOUND)
    trouble = next((Finding.of(answer) for _, answer in answers if answer.outcome not in _TOLD), None)
    if missing:
        after = prove(jira, projects)
        if not after.ok:
            return Confirmed(found, (), after)
    return Confirmed(found, missing, trouble)
