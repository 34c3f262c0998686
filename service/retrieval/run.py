"""One pair of hands on a run: batches of a hundred, several in flight, trouble waited out.

One thread owns the work: it reads batches, applies answers and keeps the lease alive; a few others send requests. At
most twice as many answers as requests in flight are held, so memory does not grow with the tickets. Whatever happens
ends as one of the endings in `around.py`, and what was checked until then stays checked (R10, R11).
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn, TypeVar

from service import clock, logs, metrics
from service.jira.base import Issue, Jira
from service.retrieval.around import Broken, Overtaken, Postponed, Surroundings
from service.retrieval.confirm import Asked, Confirmed, Readers, confirm
from service.retrieval.pace import Pace
from service.retrieval.told import SearchAnswer, answers, tells, worse
from service.rules import age, backoff
from service.rules.health import TRANSIENT
from service.store import retrieved, runs, tickets
from service.store.runs import Run
from service.store.shares import Share
from service.store.tickets import LAST_ID, Due
from service.verification import Finding

READ_AHEAD = 5  # batches per look at the store
LOOK_SECONDS = 1.0  # who waits in place looks up this often to see whether others want the place
GATHER_SECONDS = 0.05  # for the last answers of a run, as one transaction costs as much as a search
QUIET_SECONDS = 2.0  # a Jira that has said nothing for so long holds up no other run

T = TypeVar("T")
Batch = list[Due]


class RunInProgress:
    """A run and the Jira that it asks. `play()` returns when every ticket that is due was checked.

    `room` says how many requests it may have in flight, given how many it has. Its methods raise Broken, Postponed or
    Overtaken when it cannot go on, StoreUnavailable when our own database is away.
    """

    def __init__(self, around: Surroundings, run: Run, jira: Jira, room: Callable[[int], int]) -> None:
        self._around = around
        self._run = run
        self._jira = jira
        self._room = room
        self._share: Share | None = None  # the part that is at work, of a run that was cut
        self._cutoff = run.cutoff or age.cutoff(clock.now())
        self._pace = Pace(around.settings.requests_in_flight, run.failures)
        self._failures = run.failures
        self._has_progressed = False  # a ticket was checked since the last failure
        self._heartbeat = around.settings.lease / 3
        self._alive_at = time.monotonic()  # when the store was last told so
        self._turn_ends = self._alive_at + around.settings.turn_seconds
        self._look_at, self._waiting = self._alive_at, False  # whether others wait, and when that is to be looked up
        self._counted = 0  # requests that the run's record knows of
        self._doubtful: list[Due] = []  # not shown by the search, or shown as they once were
        self._flying: dict[Future[SearchAnswer], Batch] = {}
        self._aside: list[Future[Any]] = []
        self._given_up = threading.Event()
        self._is_through = False  # all batches are read
        self._has_asked = False  # for tickets, in this turn

    def play(self) -> None:
        """Checks every ticket that this run has not checked yet."""
        self.greet()
        self._go_through()

    def greet(self, share: Share | None = None) -> None:
        """Finds out whether the Jira knows us, which a search would not tell. [jira 2.2]

        A helper keeps its `share` meanwhile; whether the run's owner is alive is not for it to say.
        """
        if share is not None:
            self._share = share
            self.sign_of_life()  # it may have waited long until it was admitted
        while not (answer := self._meanwhile_alive(self._jira.myself)).ok:
            self._wait_out(Finding.of(answer))

    def go_through(self, share: Share) -> None:
        """Checks every ticket of a part of the run that was not checked yet."""
        self._share = share
        self._go_through()
        self.sign_of_life()
        self._share = None

    def rest(self, seconds: float) -> None:
        """Waits for other hands, and makes room for runs that wait."""
        if self._around.stop.wait(seconds) or self._others_wait():
            self._postpone(timedelta(seconds=seconds))
        self._stay_alive()

    def sign_of_life(self) -> None:
        """Renews the lease, and counts the requests that nothing else has counted."""
        with self._around.store.begin(durable=False) as c:
            if not runs.renew(c, self._run, self._lease(), self.uncounted(), self._share):
                raise Overtaken
        self._alive_at = time.monotonic()

    def uncounted(self) -> int:
        """Requests sent since the last time that they were written down."""
        sent = self._jira.sent
        new, self._counted = sent - self._counted, sent
        return new

    def close(self) -> None:
        """Waits for requests that are under way: a run that was given up asks for nothing more."""
        self._given_up.set()
        wait([*self._flying, *self._aside])

    # asking

    def _go_through(self) -> None:
        """Goes through all batches; after trouble the failed ones come first and alone, until they work.

        So one batch that never works cannot hide behind others that do.
        """
        batches = self._batches()
        again: list[Batch] = []
        while True:
            failed: list[Batch] = []
            trouble: Finding | None = None
            alone = iter(again)
            for answered in self._in_flight(alone if again else batches):
                self._take([(batch, answer) for batch, answer in answered if tells(answer)])
                for batch, answer in answered:
                    if not tells(answer):
                        failed.append(batch)
                        trouble = worse(trouble, Finding.of(answer))
            again = [*failed, *alone]
            if trouble is not None:
                self._wait_out(trouble)
                continue
            self._resolve_doubts()
            self._forget_failures()
            if self._is_through and not again:
                return
            if self._turn_is_over():
                self._postpone(timedelta())

    def _search(self, batch: Batch) -> SearchAnswer:
        return self._pace.keep(lambda: self._jira.search_by_ids([ticket.issue_id for ticket in batch]))

    def _in_flight(self, batches: Iterator[Batch]) -> Iterator[list[tuple[Batch, SearchAnswer]]]:
        """Asks about batches as they come, a few at a time. After the first failure no more are begun, nor when there
        is enough to read singly, nor when the turn is over.

        Yields what was answered at about the same time together, when the next requests are on their way.
        """
        answered: list[tuple[Batch, SearchAnswer]] = []
        is_calm = True
        while True:
            while is_calm and len(self._flying) < self._allowed() and not self._has_enough():
                batch = next(batches, None)
                if batch is None:
                    break
                self._flying[self._around.threads.submit(self._search, batch)] = batch
                self._has_asked = True
            if answered:
                yield answered
            if not self._flying:
                return
            done = self._first_of(self._flying)
            if self._is_through:  # the last ones are stored together, if they come at about the same time
                done = wait(self._flying, GATHER_SECONDS).done
            answered = [(self._flying.pop(future), future.result()) for future in done]
            is_calm = is_calm and all(answer.ok for _, answer in answered)

    def _has_enough(self) -> bool:
        return len(self._doubtful) >= self._jira.search_size or self._turn_is_over()

    def _allowed(self) -> int:
        """How many requests may be in flight now."""
        return min(self._pace.limit, self._room(len(self._flying)))

    def _batches(self) -> Iterator[Batch]:
        """What this run has not checked yet, in order of ticket ids; read for several requests at once."""
        share, size = self._share, self._jira.search_size
        after, last = (0, LAST_ID) if share is None else (share.after_id, share.last_id)
        most = READ_AHEAD * size
        self._is_through = False
        while not self._is_through:
            with self._around.store.read() as c:
                due = tickets.batch_due(
                    c,
                    self._run.integration_id,
                    self._run.id,
                    cutoff=self._cutoff,
                    after_id=after,
                    last_id=last,
                    limit=most,
                )
            yield from (due[start : start + size] for start in range(0, len(due), size))
            self._is_through = len(due) < most
            after = due[-1].id if due else last

    # what answers do

    def _take(self, answered: Sequence[tuple[Batch, SearchAnswer]]) -> None:
        """Applies what searches answered. What they did not show, or showed as it once was, is read singly later.

        One id that a whole search is refused for must not cost the other 99 their status.
        """
        asked = [ticket for batch, _ in answered for ticket in batch]
        found: dict[str, Issue] = {}
        for _, answer in answered:
            found |= answer.payload or {}
        stale = self._apply(asked, found, is_strong=False)
        self._doubtful += [ticket for ticket in asked if ticket.issue_id not in found or ticket.id in stale]
        if self._share is not None:
            self._stay_alive()

    def _resolve_doubts(self) -> None:
        doubtful, self._doubtful = self._doubtful, []
        while doubtful:
            readers = Readers(self._around.threads, self._pace, self._allowed(), self._given_up)
            confirmed = self._meanwhile_alive(partial(confirm, self._jira, doubtful, readers))
            self._apply(doubtful, confirmed.found, is_strong=True)
            self._mark_deleted(confirmed.gone)
            self._mark_hidden(confirmed)
            settled = {ticket.id for ticket in (*confirmed.gone, *confirmed.hidden)}
            doubtful = [one for one in doubtful if one.id not in settled and one.issue_id not in confirmed.found]
            if confirmed.trouble is not None:
                self._wait_out(confirmed.trouble)
            else:
                self._forget_failures()

    def _apply(self, asked: Batch, found: Mapping[str, Issue], is_strong: bool) -> tuple[int, ...]:
        """Stores what was found about the `asked`; returns the tickets about which we know something newer."""
        if not found:
            return ()
        asked_at = min(issue.asked_at for issue in found.values())
        told = answers(asked, found, is_strong)
        with self._around.store.begin(durable=False) as c:  # a batch that a power cut takes back is asked for again
            applied = retrieved.apply_batch(c, self._run, told, asked_at=asked_at, **self._about_the_run())
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
            deleted = retrieved.delete_batch(c, self._run, ids, now=clock.now(), **self._about_the_run())
        if deleted is None:
            raise Overtaken
        self._has_progressed = self._has_progressed or bool(deleted)
        metrics.tickets_retrieved(checked=len(deleted), deleted=len(deleted))
        for ticket in gone:
            logs.info("ticket.deleted", run=self._run.id, ticket=ticket.id, key=ticket.key)

    def _mark_hidden(self, confirmed: Confirmed) -> None:
        if not confirmed.hidden:
            return
        with self._around.store.begin(durable=False) as c:
            ids = [ticket.id for ticket in confirmed.hidden]
            checked = retrieved.hide_batch(c, self._run, ids, asked_at=confirmed.asked_at, **self._about_the_run())
        if checked is None:
            raise Overtaken
        self._has_progressed = self._has_progressed or checked > 0
        metrics.tickets_retrieved(checked=checked)
        logs.info("tickets.hidden", run=self._run.id, tickets=len(ids))

    def _about_the_run(self) -> dict[str, Any]:
        return {"lease_until": self._lease(), "requests": self.uncounted(), "share": self._share}

    # waiting, and staying alive

    def _wait_out(self, trouble: Finding) -> None:
        """Waits before another try (R11). Raises Broken when there is nothing to try, Postponed for a longer wait, or
        when others can use the time.
        """
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
            self.sign_of_life()
            if self._around.stop.is_set():
                self._postpone(timedelta())
            if self._others_wait():
                self._postpone(timedelta(seconds=left))
            self._around.stop.wait(min(left, self._heartbeat, LOOK_SECONDS))

    def _forget_failures(self) -> None:
        """After a round without trouble, if it checked a ticket.

        Else a run that always gets as far as the request that fails would never have spent its retries.
        """
        if self._has_progressed:
            self._failures, self._has_progressed = 0, False

    def _turn_is_over(self) -> bool:
        """Whether the run has had its time and others wait for their turn. Each turn asks for something, at least."""
        return self._has_asked and time.monotonic() >= self._turn_ends and self._others_wait()

    def _others_wait(self) -> bool:
        """Whether others wait, which is looked up once a second at most."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at, self._waiting = now + LOOK_SECONDS, self._around.others_wait()
        return self._waiting

    def _postpone(self, pause: timedelta) -> NoReturn:
        self.sign_of_life()
        raise Postponed(clock.now() + pause, self._failures)

    def _meanwhile_alive(self, work: Callable[[], T]) -> T:
        """`work` on another thread, while this one keeps the lease."""
        future = self._around.threads.submit(work)
        self._aside = [future]
        self._first_of([future])
        return future.result()

    def _first_of(self, futures: Iterable[Future[T]]) -> set[Future[T]]:
        """Those that are done, as soon as one is; signs of life until then. Raises Postponed when the process ends."""
        done = wait(futures, min(QUIET_SECONDS, self._heartbeat), FIRST_COMPLETED).done
        if not done:
            with self._around.lend_place():
                while not (done := wait(futures, self._heartbeat, FIRST_COMPLETED).done):
                    self.sign_of_life()
        if self._around.stop.is_set():
            self._postpone(timedelta())
        return done

    def _stay_alive(self) -> None:
        if time.monotonic() - self._alive_at >= self._heartbeat:
            self.sign_of_life()

    def _lease(self) -> datetime:
        return clock.now() + timedelta(seconds=self._around.settings.lease)
