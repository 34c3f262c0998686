"""Many machines: what is due is queued in PostgreSQL by Procrastinate, and done by whoever has a hand free.

The queue is only the messenger. What is to be done, and whether it still is, stands in our own tables, so a job that is
lost, late or delivered twice does no harm: every two seconds some worker looks for what is due and queues what is not
queued yet, and each claim is a conditional update. There are two queues, as what is short must not wait for what is
long.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, JobDeferrer, Status
from psycopg_pool import PoolTimeout

from service import clock, logs
from service.dispatch.work import Job, Kind, Work
from service.errors import StoreUnavailable
from service.settings import Settings
from service.store import queue, runs
from service.store.database import LOCK_SECONDS, Store
from service.store.runs import RunState

LONG, SHORT = "long", "short"
DISPATCH, SWEEP = "dispatch", "sweep"
EVERY_TWO_SECONDS = "* * * * * */2"
ONCE_AN_HOUR = "17 * * * *"
SHORT_JOBS_AT_ONCE = 8
POLL_SECONDS = 1.0  # workers are told of new jobs at once; this is for jobs whose turn comes otherwise
FAILED_KEPT_HOURS = 24  # of jobs; others are deleted when they are done
PAUSE_SECONDS = 1.0  # before a queue that was lost is looked for again
CONNECTIONS = 4  # for each queue, beside the one that listens
DISPATCH_PRIORITY = 1  # before what it found the last time, which may take long
HELP_PRIORITY = -1  # behind the runs that nobody is at yet
_LOOKING: dict[str, Any] = {"queue": SHORT, "queueing_lock": DISPATCH, "priority": DISPATCH_PRIORITY}


class Distributed:
    """The schedule of many processes. One that `works` does jobs; any other only puts them into the queue."""

    def __init__(self, work: Work, store: Store, settings: Settings) -> None:
        self._work = work
        self._store = store
        self._lease = settings.lease
        self._hands = {LONG: settings.runs_at_once, SHORT: SHORT_JOBS_AT_ONCE}
        self._connecting: dict[str, Any] = {
            "kwargs": store.connect_arguments(),
            "min_size": 1,
            "max_size": CONNECTIONS,
        }
        self._queue: App | None = None  # to put jobs into, from any thread
        self._worker = Worker(self._serve, sum(self._hands.values()) + SHORT_JOBS_AT_ONCE) if settings.works else None

    def start(self) -> None:
        """Makes the tables of the queue if there are none, and begins. Raises SettingInvalid, StoreUnavailable."""
        _log_in_our_lines()
        queue.install(self._store)
        app = App(connector=SyncPsycopgConnector(**self._connecting, timeout=LOCK_SECONDS))
        try:
            app.open()
        except (ConnectorException, PoolTimeout) as error:
            raise StoreUnavailable("The database does not answer.") from error
        self._queue = app
        if self._worker is not None:
            self._worker.start()
            self.wake()

    def wake(self) -> None:
        """Has a worker look for due work at once. Where that fails one looks within two seconds anyway."""
        if self._queue is not None:
            self._put(self._queue.configure_task(DISPATCH, **_LOOKING))

    def others_wait(self) -> bool:
        """Whether a run is due. A free hand would have taken it within milliseconds, so there is none."""
        if self._queue is None:
            return False
        with self._store.read() as c:
            due = runs.next_due(c)
        return due is not None and due <= clock.now()

    def stop(self) -> None:
        """Ends this process's part. What it had in hand is put back into the queue."""
        self._work.stop()
        if self._worker is not None:
            self._worker.stop()
        if self._queue is not None:
            app, self._queue = self._queue, None
            app.close()

    def lend_place(self) -> AbstractContextManager[None]:
        """A worker has as many runs as it was told to; more of them are another worker's."""
        return nullcontext()

    def hands_wanted(self, run_id: int, hands: int) -> None:
        """Asks so many others to help with a large run."""
        for hand in range(hands):
            self._ask(Job(Kind.HELP, run_id, hand=hand))

    def _ask(self, job: Job) -> None:
        if self._queue is not None:
            self._put(_deferrer(self._queue, job), **_given(job))

    def _put(self, deferrer: JobDeferrer, **given: Any) -> None:
        try:
            deferrer.defer(**given)
        except AlreadyEnqueued:
            pass
        except (ConnectorException, PoolTimeout):
            logs.failure("queue.not_reached", job=deferrer.job.task_name)

    # what a worker does

    async def _serve(self, ended: asyncio.Event) -> None:
        await asyncio.gather(*(self._serve_queue(name, ended) for name in self._hands))

    async def _serve_queue(self, name: str, ended: asyncio.Event) -> None:
        """Does the jobs of a queue until `ended`; a database that was away is waited for."""
        while not ended.is_set():
            try:
                app = self._app()
                async with app.open_async():
                    await self._until_lost(app, name, ended)
            except Exception:
                logs.failure("queue.lost", queue=name)
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), PAUSE_SECONDS)

    async def _until_lost(self, app: App, name: str, ended: asyncio.Event) -> None:
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[name],
                name=name,
                concurrency=self._hands[name],
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=self._lease / 3,  # as a run gives signs of life: both end together
                stalled_worker_timeout=self._lease,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                install_signal_handlers=False,
            )
        )
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        working.cancel()  # takes no more jobs, and waits for those under way
        with suppress(asyncio.CancelledError):
            await working

    def _app(self) -> App:
        """A queue's app with everything that a worker can be asked to do."""
        app = App(connector=PsycopgConnector(**self._connecting, timeout=self._lease))
        for kind in Kind:
            app.task(name=kind.value)(self._doing(kind))
        look = app.task(name=DISPATCH, pass_context=True, **_LOOKING)(self._dispatch)
        app.periodic(cron=EVERY_TWO_SECONDS)(look)
        sweep = app.task(name=SWEEP, queue=SHORT, queueing_lock=SWEEP, pass_context=True)(self._sweep)
        app.periodic(cron=ONCE_AN_HOUR)(sweep)
        return app

    def _doing(self, kind: Kind) -> Callable[..., None]:
        def do(subject: int, lane: str | None, hand: int) -> None:
            job = Job(kind, subject, lane, hand)
            if self._work.do(job) and kind is Kind.RUN and self._goes_on(subject):
                self._ask(job)  # behind the others: this is how turns are taken

        return do

    def _goes_on(self, run_id: int) -> bool:
        with self._store.read() as c:
            run = runs.by_id(c, run_id)
        return run is not None and run.state is RunState.WAITING and run.resume_at <= clock.now()

    async def _dispatch(self, context: JobContext, timestamp: int = 0) -> None:  # noqa: ARG002 - when it was due
        """Queues what is due and neither queued nor in hand yet."""
        app = context.app
        await self._put_back(app)
        try:
            jobs = await asyncio.to_thread(self._work.due, clock.now())
        except StoreUnavailable:
            logs.failure("schedule.blind")
            return
        known: set[str | None] = set()
        for status in (Status.TODO, Status.DOING):  # in the order in which a job goes through them
            known |= {job.queueing_lock for job in await app.job_manager.list_jobs_async(status=status.value)}
        for job in jobs:
            if job.name not in known:
                with suppress(AlreadyEnqueued):
                    await _deferrer(app, job).defer_async(**_given(job))

    async def _put_back(self, app: App) -> None:
        """Back into the queue with what a worker had in hand that has not been heard of for the length of a lease.

        Once it is there, its locks hold up nobody. A run among it can be claimed at about the same time (R10).
        """
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._lease):
            logs.info("job.orphaned", job=job.queueing_lock or job.task_name)
            with suppress(ConnectorException):  # another worker was first
                try:
                    await app.job_manager.retry_job(job)
                except UniqueViolation:  # the same is queued already
                    await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    async def _sweep(self, context: JobContext, timestamp: int) -> None:  # noqa: ARG002 - when it was due
        manager = context.app.job_manager
        await manager.prune_stalled_workers(self._lease)
        await manager.delete_old_jobs(FAILED_KEPT_HOURS, include_failed=True, include_aborted=True)


def _deferrer(app: App, job: Job) -> JobDeferrer:
    """Queues `job`: not while the same waits already, and to be done when nothing else of its lane is being done."""
    return app.configure_task(
        job.kind.value,
        queue=LONG if job.is_long else SHORT,
        queueing_lock=job.name,
        lock=job.lane,
        priority=HELP_PRIORITY if job.kind is Kind.HELP else 0,
    )


def _given(job: Job) -> dict[str, Any]:
    return {"subject": job.subject, "lane": job.lane, "hand": job.hand}


class Worker:
    """A thread with an event loop, in which `serve` goes on until it is told to end. Jobs have `threads` of theirs."""

    def __init__(self, serve: Callable[[asyncio.Event], Coroutine[Any, Any, None]], threads: int) -> None:
        self._serve = serve
        self._threads = threads
        self._thread = threading.Thread(target=lambda: asyncio.run(self._until_ended()), name="worker")
        self._is_up = threading.Event()
        self._end: Callable[[], object] = lambda: None

    def start(self) -> None:
        """Begins."""
        self._thread.start()
        self._is_up.wait()

    def stop(self) -> None:
        """Ends, when the jobs under way have ended. One that was never started has nothing to end."""
        if self._thread.is_alive():
            self._end()
            self._thread.join()

    async def _until_ended(self) -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.set_default_executor(ThreadPoolExecutor(self._threads, "jobs"))
        loop.set_exception_handler(_in_one_line)
        self._end = partial(loop.call_soon_threadsafe, ended.set)
        self._is_up.set()
        await self._serve(ended)


class _OurLines(logging.Handler):
    """What the queue and its connections complain about, as lines of our log; their own words may repeat a value."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        logs.warning("queue.trouble", source=record.name, action=getattr(record, "action", None), error=error)


def _log_in_our_lines() -> None:
    for name, level in (("procrastinate", logging.ERROR), ("psycopg", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [_OurLines()], False
        logger.setLevel(level)


def _in_one_line(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    logs.warning("queue.trouble", source="asyncio", error=None if error is None else type(error).__name__)
