"""What is due, and doing it: scheduled runs, runs that wait or were orphaned, probes of broken Jiras, open intentions.

Every claim is a conditional update in the store, so any number of threads, processes and machines may do this side by
side (R8). A job is only numbers: whoever gets it reads in the store what is to be done, and finds nothing to do when
somebody else has done it.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from service import clock, logs, metrics
from service.creation import LOOK_PERIOD, Creation
from service.errors import IntegrationNotFound
from service.retrieval import Retrieval
from service.rules import schedule
from service.rules.tickets import Integration
from service.store import integrations, intents, runs
from service.store.database import Store
from service.store.intents import Intent
from service.store.runs import Run, RunCause
from service.verification import Verification


class Kind(StrEnum):
    """What a job is about."""

    RUN = "run"  # a run of the retrieval; may take long
    HELP = "help"  # another hand for a large run; may take long
    PROBE = "probe"  # is a broken integration mended?
    SETTLE = "settle"  # what became of a ticket whose answer was lost?


LONG = frozenset({Kind.RUN, Kind.HELP})


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do now. `name` tells it from every other job: the same name is never at work twice at a time."""

    kind: Kind
    subject: int  # the id of the run, of the integration to probe, or of the intent
    lane: str | None = None  # jobs of one lane are done one at a time
    hand: int = 0  # which of the hands that help a run

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.subject}-{self.hand}"

    @property
    def is_long(self) -> bool:
        return self.kind in LONG


class Work:
    """Finds what is due and does it. `stop()` has it end at the next step.

    With `retrieves=False` no run is ever due: the product version has no ticket status yet (R16).
    """

    def __init__(
        self,
        store: Store,
        verification: Verification,
        retrieval: Retrieval,
        creation: Creation,
        retrieves: bool = True,
    ) -> None:
        self._store = store
        self._verification = verification
        self._retrieval = retrieval
        self._creation = creation
        self._retrieves = retrieves
        self._stop = threading.Event()
        self._doing: Mapping[Kind, Callable[[int], object]] = {
            Kind.RUN: retrieval.run,
            Kind.HELP: retrieval.help,
            Kind.PROBE: self._probe,
            Kind.SETTLE: self._settle,
        }

    def due(self, now: datetime) -> list[Job]:
        """Everything that is due at `now`, claimed where a claim is needed; each job is to be done once.

        Raises StoreUnavailable.
        """
        with self._store.read() as c:
            metrics.BROKEN.set(integrations.broken(c))
            scheduled, broken = integrations.due(c, now), integrations.probes_due(c, now)
            unsettled = intents.due(c, now)
            waiting = runs.due(c, now) if self._retrieves else []
        made = self._make_scheduled_runs(scheduled, now)
        return self._probes(broken, now) + self._intents(unsettled, now) + _runs(waiting + made)

    def do(self, job: Job) -> bool:
        """Does it. What goes wrong is logged and hurts no other job; whatever was not done is due again.

        False: it was not begun, as the process ends, or the queue held it from a newer product version.
        """
        if self._stop.is_set() or (job.is_long and not self._retrieves):
            return False
        try:
            self._doing[job.kind](job.subject)
        except Exception:
            logs.failure("job.failed", job=job.name)
        return True

    def work_off(self, now: datetime | None = None) -> int:
        """Does all that is due, one after the other, until nothing is; returns how many jobs that were."""
        done = 0
        while not self._stop.is_set() and (jobs := self.due(now or clock.now())):
            for job in jobs:
                self.do(job)
            done += len(jobs)
        return done

    def next_due(self) -> datetime | None:
        """When something is due next; in the past when something is due already. None: never."""
        with self._store.read() as c:
            times = (integrations.next_due(c), self._next_run(c), intents.next_due(c))
        return min((instant for instant in times if instant is not None), default=None)

    def stop(self) -> None:
        """Has runs under way given back; they go on with whoever looks next."""
        self._stop.set()
        self._retrieval.stop()

    def _make_scheduled_runs(self, due: list[Integration], now: datetime) -> list[Run]:
        """[ticket-status] "every 8 hours". Switched off or broken, the hour passes unused and the anchor stays (R8)."""
        made = []
        for integration in due:
            with self._store.begin(durable=False) as c:  # what a power cut takes back is due again
                if not integrations.claim_due(c, integration, schedule.next_run(integration.next_run_at, now)):
                    continue
                if self._is_retrieved(integration):
                    run = runs.enqueue(c, integration.id, RunCause.SCHEDULE, now)
                    logs.info("run.due", integration=integration.name, run=run.id)
                    if run.enqueued_at == now:  # else it is the one that there was
                        made.append(run)
        return made

    def _is_retrieved(self, integration: Integration) -> bool:
        return self._retrieves and integration.retrieve_tickets and integration.broken_since is None

    def _probes(self, due: list[Integration], now: datetime) -> list[Job]:
        """R15: while broken, a cheap look every five minutes."""
        jobs = []
        for integration in due:
            with self._store.begin() as c:
                is_ours = integrations.claim_probe(c, integration, schedule.next_probe(now))
            if is_ours:
                jobs.append(Job(Kind.PROBE, integration.id, _short_lane(integration.id)))
        return jobs

    def _probe(self, integration_id: int) -> None:
        with suppress(IntegrationNotFound):  # removed meanwhile
            self._verification.verify(integration_id)

    def _intents(self, due: list[Intent], now: datetime) -> list[Job]:
        """R6: what became of tickets whose answer was lost."""
        jobs = []
        for intent in due:
            with self._store.begin() as c:
                is_ours = intents.claim(c, intent, now + LOOK_PERIOD)
            if is_ours:
                jobs.append(Job(Kind.SETTLE, intent.id, _short_lane(intent.integration_id)))
        return jobs

    def _settle(self, intent_id: int) -> None:
        with self._store.read() as c:
            intent = intents.by_id(c, intent_id)
        if intent is not None and intent.closed_at is None:
            self._creation.settle(intent)

    def _next_run(self, c: Connection) -> datetime | None:
        return runs.next_due(c) if self._retrieves else None


def _short_lane(integration_id: int) -> str:
    """A Jira that hangs keeps one hand busy, however much is to be asked of it."""
    return f"short-{integration_id}"


def _runs(due: list[Run]) -> list[Job]:
    """Runs that wait no longer, and those whose owner has not been heard of (R10). Taking one up claims it."""
    return [Job(Kind.RUN, run.id, f"run-{run.integration_id}") for run in due]
