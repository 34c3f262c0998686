"""Several hands on one large run: its owner and those who help go through shares of it, each with its part of the
requests that may be in flight.

A helper's part is always the same. The owner has what is left, so only the owner has to make room when somebody joins,
and lets them begin when it has.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Connection

from service import clock
from service.retrieval.around import Overtaken, Surroundings
from service.retrieval.run import RunInProgress
from service.settings import Settings
from service.store import runs, shares
from service.store.runs import Run
from service.store.shares import Share

LOOK_SECONDS = 0.2  # how often an owner looks for helpers, and a helper whether it may begin


def most_hands(settings: Settings) -> int:
    """How many hands one run can have: each sends two requests at a time at least."""
    return max(1, settings.requests_in_flight // 2)


def part(settings: Settings) -> int:
    """How many requests a helper may have in flight."""
    return settings.requests_in_flight // most_hands(settings)


class Hand:
    """One pair of hands on a run that was cut: takes share after share."""

    def __init__(self, around: Surroundings, run: Run, name: str) -> None:
        self._around = around
        self._run = run
        self._name = name

    def go_through(self, work: RunInProgress, share: Share | None = None) -> None:
        """Goes through `share`, and then through those that are free, until none is."""
        share = share or self.next()
        while share is not None:
            with self.giving_back(share):
                work.go_through(share)
            share = self.next(after=share)

    def next(self, after: Share | None = None) -> Share | None:
        """The next free share; the one before it is done. In one transaction, so that no place is lost between them."""
        now = clock.now()
        with self._around.store.begin() as c:
            if not self._may_go_on(c):
                raise Overtaken
            if after is not None:
                shares.end(c, after, now)
            return shares.claim(c, self._run.id, self._name, now + self._lease, now)

    def _may_go_on(self, c: Connection) -> bool:
        return runs.goes_on(c, self._run)

    @contextmanager
    def giving_back(self, share: Share) -> Iterator[None]:
        """Whatever interrupts the work on `share`, somebody else can go on with it at once."""
        try:
            yield
        except BaseException:
            with self._around.store.begin() as c:
                shares.release(c, share)
            raise

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._around.settings.lease)


class Owner(Hand):
    """The hands of a run's owner, who stays until every share is done."""

    def __init__(self, around: Surroundings, run: Run) -> None:
        super().__init__(around, run, str(run.owner))
        self._look_at = 0.0
        self._room = 0

    def play(self, work: RunInProgress) -> None:
        """Returns when every share of the run is done, by whoever."""
        work.greet()
        while True:
            self.go_through(work)
            with self._around.store.read() as c:
                if not shares.left(c, self._run.id):
                    return
            self.room(0)  # whoever has joined may begin
            work.rest(LOOK_SECONDS)

    def room(self, in_flight: int) -> int:
        """How many requests the owner may have in flight; who has joined begins as soon as it has no more than that."""
        now = time.monotonic()
        settings = self._around.settings
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            with self._around.store.read() as c:
                helpers = shares.helpers(c, self._run.id, self._name, clock.now())
            self._room = max(1, settings.requests_in_flight - len(helpers) * part(settings))
            if not all(helpers) and in_flight <= self._room:
                with self._around.store.begin(durable=False) as c:
                    shares.admit(c, self._run.id, self._name, len(helpers), clock.now())
        return self._room

    def _may_go_on(self, c: Connection) -> bool:
        return runs.renew(c, self._run, clock.now() + self._lease)


class Helper(Hand):
    """The hands of somebody who helps."""

    def __init__(self, around: Surroundings, run: Run) -> None:
        super().__init__(around, run, f"helper-{uuid.uuid4().hex}")

    def join(self) -> Share | None:
        """A share to begin with, once there is room. None: no help is wanted."""
        now = clock.now()
        most = most_hands(self._around.settings) - 1
        with self._around.store.begin() as c:
            share = shares.join(c, self._run.id, self._name, now + self._lease, now, most=most)
        if share is None:
            return None
        with self.giving_back(share):
            return share if self._is_admitted(share) else None

    def play(self, work: RunInProgress, share: Share) -> None:
        """Helps until no share is free."""
        work.greet(share)
        self.go_through(work, share)

    def room(self, in_flight: int) -> int:  # noqa: ARG002 - it is always the same
        return part(self._around.settings)

    def _is_admitted(self, share: Share) -> bool:
        """Waits for it, as long as a lease lasts: an owner in trouble has no room to make."""
        end = time.monotonic() + self._lease.total_seconds()
        while time.monotonic() < end:
            with self._around.store.read() as c:
                answer, goes_on = shares.admitted(c, share), runs.goes_on(c, self._run)
            if answer is not False:
                return answer is True
            if not goes_on or self._around.stop.wait(LOOK_SECONDS):
                break
        with self._around.store.begin() as c:
            shares.release(c, share)
        return False
