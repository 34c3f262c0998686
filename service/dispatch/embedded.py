"""The default: everything that is due is done by threads of this process. No broker, nothing to set up.

APScheduler ticks once a second and asks `Work` what is due. A run of one integration never holds up another's, nor the
probes; and what is short is done one at a time for each integration, so that a Jira that hangs takes one thread.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor as TickingThread  # type: ignore[import-untyped]
from apscheduler.jobstores.base import JobLookupError  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from service import clock, logs
from service.dispatch.work import Job, Work
from service.errors import StoreUnavailable

TICK_SECONDS = 1
TICK = "tick"
SHORT_JOBS_AT_ONCE = 8
LENT = 8  # times as many runs as are at work may be there, when the others only wait for Jiras that say nothing


class Embedded:
    """The schedule of one process, from `start()` to `stop()`; before and after, `wake()` does nothing."""

    def __init__(self, work: Work, runs_at_once: int) -> None:
        self._work = work
        self._ticker = BackgroundScheduler(executors={"default": TickingThread(1)}, timezone=UTC)
        self._long = ThreadPoolExecutor(runs_at_once * LENT, "runs")
        self._places, self._threads = runs_at_once, runs_at_once * LENT  # that are free
        self._short = ThreadPoolExecutor(SHORT_JOBS_AT_ONCE, "short-jobs")
        self._busy: set[str] = set()
        self._waiting: deque[Job] = deque()  # long jobs for which there is no place yet
        self._lanes: dict[str, deque[Job]] = {}  # short jobs that wait, or the empty queue of one at work
        self._lock = threading.Lock()

    def start(self) -> None:
        """Looks for due work now, and then once a second."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it reports every tick that is late
        self._ticker.add_job(
            self._tick,
            "interval",
            seconds=TICK_SECONDS,
            id=TICK,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
        self._ticker.start()

    def wake(self) -> None:
        """Looks for due work without waiting for the next tick."""
        with suppress(JobLookupError):
            if self._ticker.running:
                self._ticker.modify_job(TICK, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Ends the schedule: runs under way are given back, and requests under way are waited for."""
        self._work.stop()
        if self._ticker.running:
            self._ticker.shutdown(wait=True)
        self._long.shutdown(wait=True, cancel_futures=True)
        self._short.shutdown(wait=True, cancel_futures=True)

    def others_wait(self) -> bool:
        """Whether a run is due for which no thread is free."""
        return bool(self._waiting)

    @contextmanager
    def lend_place(self) -> Iterator[None]:
        """While a run hears nothing from its Jira, another one may have its place."""
        with self._lock, suppress(RuntimeError):  # the process ends
            self._places += 1
            self._begin_long()
        try:
            yield
        finally:
            with self._lock:
                self._places -= 1  # below nothing, when there are more at work for a while

    def hands_wanted(self, run_id: int, hands: int) -> None:
        """One process has no more hands than its own."""

    def _tick(self) -> None:
        try:
            jobs = self._work.due(clock.now())
        except StoreUnavailable:
            logs.failure("schedule.blind")
            return
        for job in jobs:
            self._take(job)

    def _take(self, job: Job) -> None:
        lane = job.lane or job.name
        with self._lock, suppress(RuntimeError):  # the process ends: what is not begun is due again with the next
            if _key(job) in self._busy:
                return
            if job.is_long:
                self._waiting.append(job)
                self._begin_long()
            elif lane in self._lanes:
                self._lanes[lane].append(job)
            else:
                self._short.submit(self._do_short, lane)
                self._lanes[lane] = deque([job])
            self._busy.add(_key(job))

    def _begin_long(self) -> None:
        while self._waiting and self._places > 0 and self._threads > 0:
            self._long.submit(self._do_long, self._waiting[0])
            self._waiting.popleft()
            self._places, self._threads = self._places - 1, self._threads - 1

    def _do_long(self, job: Job) -> None:
        self._do(job)
        with self._lock, suppress(RuntimeError):  # the process ends
            self._places, self._threads = self._places + 1, self._threads + 1
            self._begin_long()

    def _do_short(self, lane: str) -> None:
        """The first job of the lane, which then goes to the end of the queue."""
        with self._lock:
            job = self._lanes[lane].popleft()
        self._do(job)
        with self._lock, suppress(RuntimeError):
            if self._lanes[lane]:
                self._short.submit(self._do_short, lane)
            else:
                del self._lanes[lane]

    def _do(self, job: Job) -> None:
        try:
            self._work.do(job)
        finally:
            with self._lock:
                self._busy.discard(_key(job))


def _key(job: Job) -> str:
    """What cannot be taken twice at a time. A long job is due again until it is done, so its lane needs no queue."""
    return job.lane or job.name if job.is_long else job.name
