"""Takes up a run, sees to its Jira, and writes down how it ended. The run itself is in `run.py`."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from service import clock, logs, metrics
from service.connections import Connections
from service.errors import IntegrationNotFound, ServiceError, ServiceStopping, StoreUnavailable
from service.retrieval.refresh import Refresh, TicketOutcome
from service.retrieval.run import Broken, Overtaken, Postponed, RunInProgress, Surroundings
from service.rules.health import INTERNAL_ERROR_REASON, Health
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import integrations, runs
from service.store.database import Store
from service.store.runs import Run, RunState
from service.verification import Verification

REMOVED = "The integration was removed."
DISABLED = "Retrieve Jira Tickets was switched off."
SUPERSEDED = "The integration broke or was switched on again meanwhile."


class Retrieval:
    """Plays runs and refreshes tickets. One per process; its methods may be called from any thread.

    `stop()` wakes what waits: a run under way is given back and goes on with the next process. `jitter` gives numbers
    in [0, 1); by default they are seeded by the settings.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        connections: Connections,
        verification: Verification,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._connections = connections
        self._verification = verification
        self._refresh = Refresh(store, settings, connections, verification)
        seeded = random.Random(settings.jitter_seed or None)  # noqa: S311 - spreads waits, hides nothing
        self._stop = threading.Event()
        self._around = Surroundings(store, settings, jitter or seeded.random, self._stop)

    def run(self, run_id: int) -> Run | None:
        """Takes the run up, if it is to be had, and plays it as far as it goes. Returns it as it then stands.

        None: another owner has it, or its wait is not over. Raises StoreUnavailable; the run then goes on once its
        lease has ended.
        """
        run, integration = self._claim(run_id)
        if run is None or integration is None:
            return None
        started = time.monotonic()
        logs.info("run.started", run=run.id, integration=integration.name, cause=run.cause)
        try:
            self._play(run, integration)
        except StoreUnavailable:
            logs.failure("run.abandoned", run=run.id, integration=integration.name)
            raise
        except ServiceStopping:  # while its broken integration was verified: it goes on with the next process
            self._give_back(run, Postponed(clock.now(), run.failures))
        except ServiceError as error:  # the stored credential cannot be opened, say
            logs.failure("run.failed", run=run.id, integration=integration.name)
            self._finish(run, RunState.FAILED, str(error))
        except Exception:  # ours to mend; the run must not be taken up again and again
            logs.failure("run.crashed", run=run.id, integration=integration.name)
            self._finish(run, RunState.FAILED, INTERNAL_ERROR_REASON)
        with self._store.read() as c:
            ended = runs.by_id(c, run.id)
        if ended is not None and ended.ended_at is not None:
            metrics.run_ended(ended.cause, ended.state, time.monotonic() - started)
        return ended

    def refresh(self, violation_id: int) -> list[TicketOutcome]:
        """Refreshes all tickets of a violation now; one outcome each, the leading ticket first."""
        return self._refresh.of_violation(violation_id)

    def refresh_ticket(self, ticket_id: int) -> TicketOutcome | None:
        """Refreshes one ticket now; None when there is no such ticket."""
        return self._refresh.of_ticket(ticket_id)

    def stop(self) -> None:
        """Has every run under way given back at its next step; does not wait for it.

        A Jira that does not answer is not waited for either: its requests are given up in two seconds.
        """
        self._stop.set()
        self._connections.stop()

    def _claim(self, run_id: int) -> tuple[Run | None, Integration | None]:
        now = clock.now()
        with self._store.begin() as c:
            lease_until = now + timedelta(seconds=self._settings.lease)
            run = runs.claim(c, run_id, uuid.uuid4().hex, lease_until, now)
            return run, None if run is None else integrations.by_id(c, run.integration_id)

    def _play(self, run: Run, integration: Integration) -> None:
        if self._has_no_reason_to_run(run):
            return
        if integration.broken_since is not None:
            found = self._verification.verify(integration.id)
            if found.health is not Health.HEALTHY:
                self._finish(run, RunState.FAILED, found.reason)
                return
        sealed = self._connections.sealed(integration.id)
        try:
            with self._connections.open(integration) as jira:
                RunInProgress(self._around, run, jira).play()
        except Broken as broken:
            if self._connections.were_edited(integration, sealed):  # it goes on with what is stored now
                self._give_back(run, Postponed(clock.now(), 0))
                return
            verdict = broken.finding.verdict()
            self._verification.record(integration.id, verdict)  # first: a crash after it loses no break
            self._finish(run, RunState.FAILED, verdict.reason)
        except Postponed as postponed:
            self._give_back(run, postponed)
        except (Overtaken, IntegrationNotFound):
            if not self._has_no_reason_to_run(run):
                logs.warning("run.lost", run=run.id, integration=integration.name)
        else:
            self._finish(run, RunState.COMPLETE, None)

    def _has_no_reason_to_run(self, run: Run) -> bool:
        """Ends a run that nobody waits for any more, without a request; False when it is to go on."""
        with self._store.read() as c:
            integration = integrations.by_id(c, run.integration_id)
        if integration is None or integration.removed_at is not None:
            self._finish(run, RunState.CANCELLED, REMOVED)
        elif not integration.retrieve_tickets:
            self._finish(run, RunState.CANCELLED, DISABLED)
        elif integration.epoch != run.epoch:
            self._finish(run, RunState.SUPERSEDED, SUPERSEDED)
        else:
            return False
        return True

    def _give_back(self, run: Run, postponed: Postponed) -> None:
        with self._store.begin() as c:
            runs.wait(c, run, postponed.resume_at, postponed.failures)
        logs.info("run.postponed", run=run.id, integration=run.integration_id, until=postponed.resume_at.isoformat())

    def _finish(self, run: Run, state: RunState, reason: str | None) -> None:
        with self._store.begin() as c:
            ended = runs.finish(c, run, state, reason, clock.now())
            now = runs.by_id(c, run.id)
        if ended and now is not None:
            logs.info(
                "run.finished",
                run=run.id,
                integration=run.integration_id,
                cause=run.cause,
                state=state,
                checked=now.checked,
                changed=now.changed,
                deleted=now.deleted,
                requests=now.requests,
            )
