"""The default: everything that is due is done by threads of this process. No broker, nothing to set up.

APScheduler ticks once a second and asks `Work` what is due; a run of one integration never holds up another's, nor the
probes.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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


class Schedule:
    """Does what is due, from `start()` to `stop()`. Until it is started, and after its end, `wake()` does nothing."""

    def __init__(self, work: Work, runs_at_once: int) -> None:
        self._work = work
        self._ticker = BackgroundScheduler(executors={"default": TickingThread(1)}, timezone=UTC)
        self._runs = ThreadPoolExecutor(runs_at_once, "runs")
        self._short = ThreadPoolExecutor(SHORT_JOBS_AT_ONCE, "short-jobs")
        self._busy: set[str] = set()
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
        self._runs.shutdown(wait=True, cancel_futures=True)
        self._short.shutdown(wait=True, cancel_futures=True)

    def _tick(self) -> None:
        try:
            jobs = self._work.due(clock.now())
        except StoreUnavailable:
            logs.failure("schedule.blind")
            return
        for job in jobs:
            with self._lock:
                is_new = job.name not in self._busy
                self._busy.add(job.name)
            if is_new:
                (self._runs if job.is_run else self._short).submit(self._do, job)

    def _do(self, job: Job) -> None:
        try:
            job.do()
        finally:
            with self._lock:
                self._busy.discard(job.name)
