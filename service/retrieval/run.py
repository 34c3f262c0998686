"""One run over the tickets of one integration: batches of a hundred, several in flight, trouble waited out.

One thread owns the run: it reads batches, applies answers and keeps the lease alive; requests are sent by a few others.
At most twice as many answers as requests in flight are held, so memory does not grow with the tickets. Whatever happens
ends as one of the endings below, and what was checked until then stays checked (R10, R11).
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn, TypeVar

from service import clock, logs, metrics
from service.jira.answers import JiraAnswer
from service.jira.base import Issue, Jira
from service.jira.cloud import SEARCH_SIZE
from service.retrieval.confirm import Asked, confirm
from service.rules import age, backoff
from service.rules.health import TRANSIENT, Outcome
from service.settings import Settings
from service.store import retrieved, runs, tickets
from service.store.database import Store
from service.store.retrieved import Answer
from service.store.runs import Run
from service.store.tickets import Due
from service.verification import Finding

READ_AHEAD = 5  # batches per look at the store

T = TypeVar("T")
Batch = list[Due]
SearchAnswer = JiraAnswer[dict[str, Issue]]


class Broken(Exception):
    """Jira's answers leave nothing to try: `finding` is the integration's verdict."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.outcome)
        self.finding = finding


class Postponed(Exception):
    """The run is to go on at `resume_at`, here or elsewhere."""

    def __init__(self, resume_at: datetime, failures: int) -> None:
        super().__init__(resume_at)
        self.resume_at = resume_at
        self.failures = failures


class Overtaken(Exception):
    """The run is no longer ours, or its integration broke, was switched off or removed meanwhile."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run needs around it. `jitter` gives numbers in [0, 1); `stop` is set when the process ends."""

    store: Store
    settings: Settings
    jitter: Callable[[], float]
    stop: threading.Event


class RunInProgress:
    """A claimed run and the Jira that it asks. `play()` returns when every ticket that is due was checked."""

    def __init__(self, around: Surroundings, run: Run, jira: Jira) -> None:
        self._around = around
        self._run = run
        self._jira = jira
        self._cutoff = run.cutoff or age.cutoff(clock.now())
        self._failures = run.failures
        self._has_progressed = False  # a ticket was checked since the last failure
        self._heartbeat = around.settings.lease / 3
        self._counted = 0  # requests that the run's record knows of
        self._doubtful: list[Due] = []  # not shown by the search, or shown as they once were
        self._readers = ThreadPoolExecutor(around.settings.requests_in_flight, f"run-{run.id}")
        self._aside = ThreadPoolExecutor(1, f"run-{run.id}-aside")

    def play(self) -> None:
        """Checks every ticket that this run has not checked yet.

        Raises Broken, Postponed or Overtaken when it cannot go on, StoreUnavailable when our own database is away.
        """
        try:
            self._until_it_works(self._jira.myself)
            self._search_everything()
            self._resolve_doubts()
            self._sign_of_life()
        finally:
            self._readers.shutdown(cancel_futures=True)
            self._aside.shutdown(cancel_futures=True)

    # asking

    def _search_everything(self) -> None:
        """Goes through all batches; after trouble the failed ones come first and alone, until they work.

        So one batch that never works cannot hide behind others that do.
        """
        batches = self._batches()
        again: list[Batch] = []
        while True:
            failed: list[Batch] = []
            trouble: Finding | None = None
            for answered in self._in_flight(iter(again) if again else batches):
                asked: Batch = []
                found: dict[str, Issue] = {}
                for batch, answer in answered:
                    if answer.payload is not None:
                        asked += batch
                        found |= answer.payload
                    elif answer.outcome is Outcome.REFUSED and answer.status == 400:
                        asked += batch  # one id that Jira chokes on must not cost the other 99 their status
                    else:
                        failed.append(batch)
                        trouble = worse(trouble, Finding.of(answer))
                self._take(asked, found)
            if trouble is not None:
                self._wait_out(trouble)
            else:
                self._forget_failures()
                if not again:
                    return
            again = failed

    def _search(self, batch: Batch) -> SearchAnswer:
        return self._jira.search_by_ids([ticket.issue_id for ticket in batch])

    def _in_flight(self, batches: Iterator[Batch]) -> Iterator[list[tuple[Batch, SearchAnswer]]]:
        """Asks about batches as they come, a few at a time; after the first failure no more are begun.

        Yields what was answered at about the same time together, when the next requests are on their way.
        """
        flying: dict[Future[SearchAnswer], Batch] = {}
        answered: list[tuple[Batch, SearchAnswer]] = []
        is_calm = True
        while True:
            while is_calm and len(flying) < self._around.settings.requests_in_flight:
                batch = next(batches, None)
                if batch is None:
                    break
                flying[self._readers.submit(self._search, batch)] = batch
            if answered:
                yield answered
            if not flying:
                return
            answered = [(flying.pop(done), done.result()) for done in self._first_of(flying)]
            is_calm = is_calm and all(answer.ok for _, answer in answered)

    def _batches(self) -> Iterator[Batch]:
        """What this run has not checked yet, in order of ticket ids; read for several requests at once."""
        after = 0
        while True:
            with self._around.store.read() as c:
                due = tickets.batch_due(
                    c,
                    self._run.integration_id,
                    self._run.id,
                    cutoff=self._cutoff,
                    after_id=after,
                    limit=READ_AHEAD * SEARCH_SIZE,
                )
            if not due:
                return
            yield from (due[start : start + SEARCH_SIZE] for start in range(0, len(due), SEARCH_SIZE))
            after = due[-1].id

    def _until_it_works(self, ask: Callable[[], JiraAnswer[T]]) -> None:
        while not (answer := self._meanwhile_alive(ask)).ok:
            self._wait_out(Finding.of(answer))

    # what answers do

    def _take(self, batch: Batch, found: dict[str, Issue]) -> None:
        """Applies what searches answered. What it did not show, or showed as it once was, is read singly later."""
        stale = self._apply(batch, found, is_strong=False)
        self._doubtful += [ticket for ticket in batch if ticket.issue_id not in found or ticket.id in stale]
        if len(self._doubtful) >= SEARCH_SIZE:
            self._resolve_doubts()

    def _resolve_doubts(self) -> None:
        doubtful, self._doubtful = self._doubtful, []
        while doubtful:
            confirmed = self._meanwhile_alive(partial(confirm, self._jira, doubtful, self._readers))
            self._apply(doubtful, confirmed.found, is_strong=True)
            self._mark_deleted(confirmed.gone)
            settled = confirmed.found.keys() | {ticket.issue_id for ticket in confirmed.gone}
            doubtful = [ticket for ticket in doubtful if ticket.issue_id not in settled]
            if confirmed.trouble is not None:
                self._wait_out(confirmed.trouble)
            else:
                self._forget_failures()

    def _apply(self, asked: Batch, found: dict[str, Issue], is_strong: bool) -> tuple[int, ...]:
        """Stores what was found about the `asked`; returns the tickets about which we know something newer."""
        if not found:
            return ()
        asked_at = min(issue.asked_at for issue in found.values())
        told = answers(asked, found, is_strong)
        with self._around.store.begin(durable=False) as c:  # a batch that a power cut takes back is asked for again
            applied = retrieved.apply_batch(
                c, self._run, told, asked_at=asked_at, lease_until=self._lease(), requests=self._uncounted()
            )
        if applied is None:
            raise Overtaken
        self._has_progressed = self._has_progressed or applied.checked > 0
        metrics.tickets_retrieved(checked=applied.checked, changed=applied.changed)
        return applied.stale

    def _mark_deleted(self, gone: Sequence[Asked]) -> None:
        if not gone:
            return
        with self._around.store.begin() as c:
            ids = [ticket.id for ticket in gone]
            deleted = retrieved.delete_batch(
                c, self._run, ids, now=clock.now(), lease_until=self._lease(), requests=self._uncounted()
            )
        if deleted is None:
            raise Overtaken
        self._has_progressed = self._has_progressed or bool(deleted)
        metrics.tickets_retrieved(checked=len(deleted), deleted=len(deleted))
        for ticket in gone:
            logs.info("ticket.deleted", run=self._run.id, ticket=ticket.id, key=ticket.key)

    # waiting, and staying alive

    def _wait_out(self, trouble: Finding) -> None:
        """Waits before another try (R11). Raises Broken when there is nothing to try, Postponed for a longer wait."""
        if trouble.outcome not in TRANSIENT:
            raise Broken(trouble)
        self._failures += 1
        self._has_progressed = False
        if backoff.are_spent(self._failures):
            raise Broken(trouble)
        pause = backoff.wait(self._failures, trouble.retry_after, self._around.jitter())
        logs.warning("run.waits", run=self._run.id, outcome=trouble.outcome, seconds=pause.total_seconds())
        if pause.total_seconds() > self._around.settings.patience:
            self._postpone(pause)
        end = time.monotonic() + pause.total_seconds()
        while (left := end - time.monotonic()) > 0:
            self._sign_of_life()
            if self._around.stop.wait(min(left, self._heartbeat)):
                self._postpone(timedelta())

    def _forget_failures(self) -> None:
        """After a round without trouble, if it checked a ticket.

        Else a run that always gets as far as the request that fails would never have spent its retries.
        """
        if self._has_progressed:
            self._failures, self._has_progressed = 0, False

    def _postpone(self, pause: timedelta) -> NoReturn:
        self._sign_of_life()
        raise Postponed(clock.now() + pause, self._failures)

    def _meanwhile_alive(self, work: Callable[[], T]) -> T:
        """`work` on another thread, while this one keeps the lease."""
        future = self._aside.submit(work)
        self._first_of([future])
        return future.result()

    def _first_of(self, futures: Iterable[Future[T]]) -> set[Future[T]]:
        """Those that are done, as soon as one is; signs of life until then. Raises Postponed when the process ends."""
        while not (done := wait(futures, self._heartbeat, FIRST_COMPLETED).done):
            self._sign_of_life()
        if self._around.stop.is_set():
            self._postpone(timedelta())
        return done

    def _sign_of_life(self) -> None:
        with self._around.store.begin() as c:
            if not runs.renew(c, self._run, self._lease(), self._uncounted()):
                raise Overtaken

    def _lease(self) -> datetime:
        return clock.now() + timedelta(seconds=self._around.settings.lease)

    def _uncounted(self) -> int:
        """Requests sent since the last time that they were written down."""
        sent = self._jira.sent
        new, self._counted = sent - self._counted, sent
        return new


def answers(asked: Iterable[Asked], found: Mapping[str, Issue], is_strong: bool) -> list[Answer]:
    """What Jira said about the `asked` tickets that were found, as the store takes it."""
    return [
        Answer(ticket.id, issue.id, issue.key, issue.project_id, issue.status, issue.updated, is_strong)
        for ticket in asked
        if (issue := found.get(ticket.issue_id)) is not None
    ]


def worse(one: Finding | None, other: Finding) -> Finding:
    """Of two troubles the one to act on: what will not pass by itself first, then the longer wait."""
    if one is None or (one.outcome in TRANSIENT and other.outcome not in TRANSIENT):
        return other
    if one.outcome not in TRANSIENT:
        return one
    return max(one, other, key=lambda finding: finding.retry_after or timedelta())
