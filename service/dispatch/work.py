"""What is due, and doing it: scheduled runs, runs that wait or were orphaned, probes of broken Jiras, open intentions.

Every claim is a conditional update in the store, so any number of threads and processes may do this side by side (R8).
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service import clock, logs, metrics
from service.creation import LOOK_PERIOD, Creation
from service.errors import IntegrationNotFound
from service.retrieval import Retrieval
from service.rules import schedule
from service.store import integrations, intents, runs
from service.store.database import Store
from service.store.runs import RunCause
from service.verification import Verification


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do now. `name` tells it from every other job: the same name is never at work twice at a time."""

    name: str
    is_run: bool  # may take long, and wait in place
    work: Callable[[], object]

    def do(self) -> None:
        """Does it. What goes wrong is logged and hurts no other job; whatever was not done is due again."""
        try:
            self.work()
        except Exception:
            logs.failure("job.failed", job=self.name)


class Work:
    """Finds what is due and does it. `stop()` has it end at the next step."""

    def __init__(self, store: Store, verification: Verification, retrieval: Retrieval, creation: Creation) -> None:
        self._store = store
        self._verification = verification
        self._retrieval = retrieval
        self._creation = creation
        self._stop = threading.Event()

    def due(self, now: datetime) -> list[Job]:
        """Everything that is due at `now`, claimed where a claim is needed; each job is to be done once."""
        self._make_scheduled_runs(now)
        return self._probes(now) + self._intents(now) + self._runs(now)

    def work_off(self, now: datetime | None = None) -> int:
        """Does all that is due, one after the other, until nothing is; returns how many jobs that were."""
        done = 0
        while not self._stop.is_set() and (jobs := self.due(now or clock.now())):
            for job in jobs:
                job.do()
            done += len(jobs)
        return done

    def next_due(self) -> datetime | None:
        """When something is due next; in the past when something is due already. None: never."""
        with self._store.read() as c:
            times = (integrations.next_due(c), runs.next_due(c), intents.next_due(c))
        return min((instant for instant in times if instant is not None), default=None)

    def stop(self) -> None:
        """Has runs under way given back; they go on with whoever looks next."""
        self._stop.set()
        self._retrieval.stop()

    def _make_scheduled_runs(self, now: datetime) -> None:
        """[ticket-status] "every 8 hours". Switched off or broken, the hour passes unused and the anchor stays (R8)."""
        with self._store.read() as c:
            due = integrations.due(c, now)
            metrics.BROKEN.set(sum(one.broken_since is not None for one in integrations.all(c)))
        for integration in due:
            with self._store.begin() as c:
                if not integrations.claim_due(c, integration, schedule.next_run(integration.next_run_at, now)):
                    continue
                if integration.retrieve_tickets and integration.broken_since is None:
                    run = runs.enqueue(c, integration.id, RunCause.SCHEDULE, now)
                    logs.info("run.due", integration=integration.name, run=run.id)

    def _probes(self, now: datetime) -> list[Job]:
        """R15: while broken, a cheap look every five minutes."""
        jobs = []
        with self._store.read() as c:
            due = integrations.probes_due(c, now)
        for integration in due:
            with self._store.begin() as c:
                is_ours = integrations.claim_probe(c, integration, schedule.next_probe(now))
            if is_ours:
                jobs.append(Job(f"probe-{integration.id}", False, partial(self._probe, integration.id)))
        return jobs

    def _probe(self, integration_id: int) -> None:
        with suppress(IntegrationNotFound):  # removed meanwhile
            self._verification.verify(integration_id)

    def _intents(self, now: datetime) -> list[Job]:
        """R6: what became of tickets whose answer was lost."""
        jobs = []
        with self._store.read() as c:
            due = intents.due(c, now)
        for intent in due:
            with self._store.begin() as c:
                is_ours = intents.claim(c, intent, now + LOOK_PERIOD)
            if is_ours:
                jobs.append(Job(f"settle-{intent.id}", False, partial(self._creation.settle, intent)))
        return jobs

    def _runs(self, now: datetime) -> list[Job]:
        """Runs that wait no longer, and those whose owner has not been heard of (R10). Taking one up claims it."""
        with self._store.read() as c:
            due = runs.due(c, now)
        return [Job(f"run-{run.id}", True, partial(self._retrieval.run, run.id)) for run in due]
