"""Takes up a run, or lends a hand with one, sees to its Jira, and writes down how it ended.

What is done with a Jira is in `run.py`, how several hands share it in `hands.py`.
"""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from service import clock, logs, metrics
from service.connections import Connections
from service.errors import IntegrationNotFound, ServiceError, ServiceStopping, StoreUnavailable
from service.retrieval.around import Broken, Overtaken, Postponed, Surroundings
from service.retrieval.hands import Helper, Owner, most_hands
from service.retrieval.refresh import Refresh, TicketOutcome
from service.retrieval.run import RunInProgress
from service.rules.health import INTERNAL_ERROR_REASON, Health
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import integrations, runs, shares
from service.store.database import Store
from service.store.runs import Run, RunState
from service.store.shares import Share
from service.verification import Verification, explained

REMOVED = "The integration was removed."
DISABLED = "Retrieve Jira Tickets was switched off."
SUPERSEDED = "The integration broke or was switched on again meanwhile."
THREADS = 10_000  # more than are ever wanted: each run bounds its own requests


class Failed(Exception):
    """The integration is broken, and its verdict is recorded. The message is its sentence."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that was taken up, with its integration and the sealed credential as they were at that moment."""

    run: Run
    integration: Integration
    sealed: bytes | None = field(repr=False)
    is_first: bool  # nobody has had the run before


class Retrieval:
    """Plays runs and refreshes tickets. One per process; its methods may be called from any thread.

    `stop()` wakes what waits: a run under way is given back and goes on with the next process. `jitter` gives numbers
    in [0, 1); by default they are seeded by the settings. `others_wait()` says whether a run is due for which there is
    no place: one that has had its turn then makes room. `on_split(run_id, hands)` is told that so many others could
    help with a run by `help(run_id)`; without it no run is cut into shares.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        connections: Connections,
        verification: Verification,
        jitter: Callable[[], float] | None = None,
        *,
        others_wait: Callable[[], bool] | None = None,
        lend_place: Callable[[], AbstractContextManager[None]] = nullcontext,
        on_split: Callable[[int, int], None] | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._connections = connections
        self._verification = verification
        self._on_split = on_split
        seeded = random.Random(settings.jitter_seed or None)  # noqa: S311 - spreads waits, hides nothing
        self._stop = threading.Event()
        threads = ThreadPoolExecutor(THREADS, "jira")  # as few as are at work at a time, and they are used again
        self._refresh = Refresh(store, settings, connections, verification, threads)
        self._around = Surroundings(
            store, settings, jitter or seeded.random, self._stop, threads, others_wait or (lambda: False), lend_place
        )

    def run(self, run_id: int) -> Run | None:
        """Takes the run up, if it is to be had, and plays it as far as it goes. Returns it as it then stands.

        None: another owner has it, or its wait is not over. Raises StoreUnavailable; the run then goes on once its
        lease has ended.
        """
        claim = self._claim(run_id)
        if claim is None:
            return None
        run, integration = claim.run, claim.integration
        started = time.monotonic()
        logs.info("run.started", run=run.id, integration=integration.name, cause=run.cause)
        ended = None
        try:
            ended = self._play(claim)
        except StoreUnavailable:
            logs.failure("run.abandoned", run=run.id, integration=integration.name)
            raise
        except Postponed as postponed:
            self._give_back(run, postponed)
        except ServiceStopping:  # while its broken integration was verified: it goes on with the next process
            self._give_back(run, Postponed(clock.now(), run.failures))
        except (Overtaken, IntegrationNotFound):
            self._end_without_reason(run)
        except Failed as failed:
            ended = self._finish(run, RunState.FAILED, str(failed))
        except ServiceError as error:  # the stored credential cannot be opened, say
            logs.failure("run.failed", run=run.id, integration=integration.name)
            ended = self._finish(run, RunState.FAILED, str(error))
        except Exception:  # ours to mend; the run must not be taken up again and again
            logs.failure("run.crashed", run=run.id, integration=integration.name)
            ended = self._finish(run, RunState.FAILED, INTERNAL_ERROR_REASON)
        if ended is None:
            with self._store.read() as c:
                ended = runs.by_id(c, run.id)
        if ended is not None and ended.ended_at is not None:
            metrics.run_ended(ended.cause, ended.state, time.monotonic() - started)
        return ended

    def help(self, run_id: int) -> bool:
        """Lends a hand with a large run that another has in hand, until there is nothing left to take up.

        False: no help was wanted. Raises StoreUnavailable.
        """
        with self._store.read() as c:
            run = runs.by_id(c, run_id)
            integration = None if run is None else integrations.by_id(c, run.integration_id)
        if run is None or integration is None:
            return False
        helper = Helper(self._around, run)
        share = helper.join()
        if share is None:
            return False
        logs.info("run.helped", run=run.id, integration=integration.name)
        try:
            self._help(run, integration, helper, share)
        except (Postponed, Overtaken, IntegrationNotFound, ServiceStopping):
            pass  # whoever owns the run sees to what is left
        except Failed as failed:
            with self._store.begin() as c:
                runs.fail(c, run.id, str(failed), clock.now())
        except ServiceError:
            logs.failure("run.not_helped", run=run.id, integration=integration.name)
        return True

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

    def _claim(self, run_id: int) -> Claim | None:
        now = clock.now()
        with self._store.begin(durable=False) as c:  # a claim that a power cut takes back is made again
            lease_until = now + timedelta(seconds=self._settings.lease)
            run = runs.claim(c, run_id, uuid.uuid4().hex, lease_until, now)
            integration = None if run is None else integrations.by_id(c, run.integration_id)
            if run is None or integration is None:
                return None
            return Claim(run, integration, integrations.credential(c, integration.id), run.started_at == now)

    def _play(self, claim: Claim) -> Run | None:
        run, integration = claim.run, claim.integration
        reason = _why_not(run, integration)
        if reason is not None:
            return self._finish(run, *reason)
        if integration.broken_since is not None:
            found = self._verification.verify(integration.id)
            if found.health is not Health.HEALTHY:
                raise Failed(found.reason)
        owner = Owner(self._around, run) if self._is_cut(run, claim.is_first) else None
        with self._at_work(run, integration, claim.sealed, self._all if owner is None else owner.room) as work:
            if owner is None:
                work.play()
            else:
                owner.play(work)
            was_cut = owner is not None
            ended = self._finish(run, RunState.COMPLETE, None, requests=work.uncounted(), was_cut=was_cut)
            if ended is None:
                raise Overtaken
        return ended

    def _help(self, run: Run, integration: Integration, helper: Helper, share: Share) -> None:
        sealed = self._connections.sealed(integration.id)
        with helper.giving_back(share), self._at_work(run, integration, sealed, helper.room) as work:
            helper.play(work, share)

    @contextmanager
    def _at_work(
        self, run: Run, integration: Integration, sealed: bytes | None, room: Callable[[int], int]
    ) -> Iterator[RunInProgress]:
        """A run in progress at its Jira. A Jira that leaves nothing to try breaks the integration: Failed."""
        try:
            with self._connections.open(integration, sealed=sealed) as jira:
                work = RunInProgress(self._around, run, jira, room)
                try:
                    yield work
                except Broken as broken:
                    claims = self._verification.claims(integration)
                    raise Broken(explained(jira, broken.finding, claims)) from broken
                finally:
                    work.close()
        except Broken as broken:
            if self._connections.were_edited(integration, sealed):  # it goes on with what is stored now
                raise Postponed(clock.now(), 0) from broken
            verdict = broken.finding.verdict()
            self._verification.record(integration.id, verdict)  # first: a crash after it loses no break
            raise Failed(verdict.reason) from broken

    def _is_cut(self, run: Run, is_first: bool) -> bool:
        """Whether the run is in shares; a large one is cut when others may help, and they are told."""
        most = most_hands(self._settings) - 1
        is_large = run.total > self._settings.share_tickets
        if is_first and not is_large:
            return False
        with self._store.begin() as c:
            if is_large and most > 0 and self._on_split is not None:
                shares.cut(c, run.id, run.integration_id, self._settings.share_tickets)
            left = shares.left(c, run.id)
            is_cut = left > 0 or shares.exist(c, run.id)
        hands = min(most, left - 1)
        if hands > 0 and self._on_split is not None:
            self._on_split(run.id, hands)
        return is_cut

    def _all(self, in_flight: int) -> int:  # noqa: ARG002 - nobody else sends any
        return self._settings.requests_in_flight

    def _end_without_reason(self, run: Run) -> None:
        """Ends a run that nobody waits for any more; it may have ended already, by whoever had a reason."""
        with self._store.read() as c:
            now, integration = runs.by_id(c, run.id), integrations.by_id(c, run.integration_id)
        reason = _why_not(run, integration)
        if now is None or now.ended_at is not None:
            logs.info("run.stopped", run=run.id, integration=run.integration_id)
        elif reason is not None:
            self._finish(run, *reason)
        else:
            logs.warning("run.lost", run=run.id, integration=run.integration_id)

    def _give_back(self, run: Run, postponed: Postponed) -> None:
        with self._store.begin() as c:
            runs.wait(c, run, postponed.resume_at, postponed.failures)
        logs.info("run.postponed", run=run.id, integration=run.integration_id, until=postponed.resume_at.isoformat())

    def _finish(
        self, run: Run, state: RunState, reason: str | None, *, requests: int = 0, was_cut: bool = True
    ) -> Run | None:
        """The ended run; None when it was not ours to end."""
        with self._store.begin(durable=False) as c:  # an end that a power cut takes back is come to again
            ended = runs.finish(c, run, state, reason, clock.now(), requests=requests, was_cut=was_cut)
        if ended is not None:
            logs.info(
                "run.finished",
                run=run.id,
                integration=run.integration_id,
                cause=run.cause,
                state=state,
                checked=ended.checked,
                changed=ended.changed,
                deleted=ended.deleted,
                requests=ended.requests,
            )
        return ended


def _why_not(run: Run, integration: Integration | None) -> tuple[RunState, str] | None:
    """Why nobody waits for the run any more; None when it is to go on."""
    if integration is None or integration.removed_at is not None:
        return RunState.CANCELLED, REMOVED
    if not integration.retrieve_tickets:
        return RunState.CANCELLED, DISABLED
    if integration.epoch != run.epoch:
        return RunState.SUPERSEDED, SUPERSEDED
    return None
