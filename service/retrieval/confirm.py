"""Is a ticket that the search does not show really deleted? (R14)

A search leaves out what was deleted, what is not permitted, what the index has lost sight of, and, with a dead token,
everything. So each missing ticket is read singly, and a 404 is believed only when the credential and the ticket's
project are proven good before and after, and nothing says that the issue may only be hidden. Stores nothing.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from service import clock
from service.jira.answers import JiraAnswer
from service.jira.base import Issue, Jira
from service.retrieval.pace import Pace
from service.rules.health import Outcome
from service.rules.tickets import Ticket
from service.store.tickets import Due
from service.verification import Finding, Project, prove

Asked = Ticket | Due
_TOLD = frozenset({Outcome.OK, Outcome.NOT_FOUND, Outcome.FORBIDDEN})
"""Answers to a single read that say something about the issue; every other is trouble."""
_SPARED = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.RATE_LIMITED})
"""A Jira that answers so is not asked a hundred times more before the trouble is waited out (R11)."""

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of tickets that were in doubt. Those in none of the three are in doubt still: see `trouble`."""

    found: dict[str, Issue]  # by issue id, read strongly
    gone: tuple[Asked, ...]  # proven deleted
    hidden: tuple[Asked, ...]  # there, or not proven to be gone, and not shown to this account
    asked_at: datetime
    trouble: Finding | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads: `threads` that are enough, at most `at_once` of them, until `given_up` is set."""

    threads: Executor
    pace: Pace
    at_once: int
    given_up: threading.Event


def confirm(jira: Jira, doubtful: Sequence[Asked], readers: Readers) -> Confirmed:
    """Reads each of `doubtful` by itself."""
    asked_at = clock.now()
    projects = {Project.of(ticket.project_id, ticket.key) for ticket in doubtful}
    before = prove(jira, projects)
    if not before.ok:
        return Confirmed({}, (), (), asked_at, before)
    in_trouble = threading.Event()

    def read(ticket: Asked) -> JiraAnswer[Issue] | None:
        if in_trouble.is_set() or readers.given_up.is_set():
            return None
        answer = readers.pace.keep(lambda: jira.issue(ticket.issue_id))
        if answer.outcome in _SPARED:
            in_trouble.set()
        return answer

    read_by = zip(doubtful, in_parallel(readers.threads, readers.at_once, read, doubtful), strict=True)
    answers = [(ticket, answer) for ticket, answer in read_by if answer is not None]
    found = {ticket.issue_id: answer.payload for ticket, answer in answers if answer.payload is not None}
    missing = [ticket for ticket, answer in answers if answer.outcome is Outcome.NOT_FOUND]
    hidden = [ticket for ticket, answer in answers if answer.outcome is Outcome.FORBIDDEN]  # Data Center says so
    trouble = next((Finding.of(answer) for _, answer in answers if answer.outcome not in _TOLD), None)
    if not missing and not hidden:
        return Confirmed(found, (), (), asked_at, trouble)
    guarded = _where_issues_hide(jira, missing)
    if guarded.payload is None:
        return Confirmed(found, (), (), asked_at, Finding.of(guarded))
    after = prove(jira, projects)
    if not after.ok:
        return Confirmed(found, (), (), asked_at, after)
    gone = tuple(ticket for ticket in missing if not ticket.is_guarded and _project(ticket) not in guarded.payload)
    hidden += [ticket for ticket in missing if ticket not in gone]
    return Confirmed(found, gone, tuple(hidden), asked_at, trouble)


def _where_issues_hide(jira: Jira, missing: Iterable[Asked]) -> JiraAnswer[frozenset[str]]:
    """Of the projects of those tickets the ones where a 404 may also mean a security level."""
    projects = {_project(ticket) for ticket in missing if not ticket.is_guarded}
    return jira.guarding_projects(sorted(projects)) if projects else JiraAnswer(Outcome.OK, frozenset())


def _project(ticket: Asked) -> str:
    """Its id, or its key until an answer has named the id; Jira takes either."""
    return ticket.project_id or Project.of(None, ticket.key).key


def in_parallel(threads: Executor, at_once: int, work: Callable[[S], T], items: Sequence[S]) -> list[T]:
    """What `work` gives for each of `items`, in their order, at most `at_once` of them under way at a time."""
    done: dict[int, T] = {}
    rest = iter(enumerate(items))
    lock = threading.Lock()

    def go_on() -> None:
        while True:
            with lock:
                position, item = next(rest, (-1, None))
            if item is None:
                return
            done[position] = work(item)

    for future in [threads.submit(go_on) for _ in range(min(at_once, len(items)))]:
        future.result()
    return [done[position] for position in range(len(items))]
