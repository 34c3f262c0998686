"""Is this integration healthy? Asked live, within a bounded time, once for all callers that overlap (R1).

Order: our own record, reachability (the answer is really a Jira's), authentication (by a call that needs a credential,
so that the silent anonymous fallback is caught), configuration (the grant still reaches the site and covers what is
switched on; the projects of its tickets can be browsed). The verdict is stored and counts (R4). No retries: whoever
asks wants to know about now.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from service import clock, logs, metrics
from service.connections import Connections
from service.errors import IntegrationNotFound
from service.jira.access import Access
from service.jira.answers import JiraAnswer
from service.jira.base import Jira
from service.rules import versions
from service.rules.age import cutoff
from service.rules.authentication import BY_CONSENT, TICKET_SCOPES, missing_scopes
from service.rules.health import Outcome, Verdict, verdict
from service.rules.tickets import Integration
from service.rules.versions import Feature
from service.settings import Settings
from service.store import integrations, runs, tickets
from service.store.database import Store
from service.store.integrations import Change
from service.store.runs import RunCause

ANY_ID = "1"  # of an issue that need not exist
_AMBIGUOUS = frozenset({Outcome.UNAUTHENTICATED, Outcome.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Project:
    """A project that holds tickets. `id` is None until an answer names it; `key` is what a ticket's key begins with."""

    id: str | None
    key: str

    @classmethod
    def of(cls, project_id: str | None, ticket_key: str) -> "Project":
        return cls(project_id, ticket_key.rpartition("-")[0])


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at a Jira; `names` are the keys of projects that the account cannot browse, or missing scopes."""

    outcome: Outcome
    names: tuple[str, ...] = ()
    retry_after: timedelta | None = None

    @classmethod
    def of(cls, answer: JiraAnswer[Any]) -> "Finding":
        return cls(answer.outcome, (), answer.retry_after)

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.OK

    def verdict(self) -> Verdict:
        """What it means for the integration, now."""
        return verdict(self.outcome, clock.now(), self.names)


@dataclass(frozen=True, slots=True)
class Claims:
    """What an integration makes of its credential: how it signs in, and whether it wants statuses (R17)."""

    auth_type: str
    wants_statuses: bool


class Verification:
    """Verifies integrations. One per process, so that overlapping calls can share.

    `on_recovery` is called, after the store knows, when a broken integration turned healthy and has a run to do.
    """

    def __init__(
        self, store: Store, settings: Settings, connections: Connections, on_recovery: Callable[[], None] | None = None
    ) -> None:
        self._store = store
        self._knows_statuses = versions.has(settings.product_version, Feature.TICKET_STATUS)
        self._seconds = settings.check_seconds
        self._connections = connections
        self._on_recovery = on_recovery
        self._flights: dict[int, Future[Verdict]] = {}
        self._lock = threading.Lock()

    def verify(self, integration_id: int) -> Verdict:
        """Verifies now, stores the verdict and returns it; a call that finds one under way waits for that one's.

        Raises IntegrationNotFound, and StoreUnavailable when our own record cannot be read or written.
        """
        with self._lock:
            flight = self._flights.get(integration_id)
            leads = flight is None
            if flight is None:
                flight = self._flights[integration_id] = Future()
        if not leads:
            return flight.result()
        try:
            flight.set_result(self._verify(integration_id))
        except BaseException as error:
            flight.set_exception(error)
        finally:
            with self._lock:
                del self._flights[integration_id]
        return flight.result()

    def try_out(self, access: Access, integration_id: int | None = None, wants_statuses: bool | None = None) -> Verdict:
        """The verdict on an access that is not stored yet (R5). Stores nothing.

        With `integration_id` the projects of that integration's tickets must be browsable with the new values too.
        `wants_statuses` says whether the grant has to cover ticket status; by default what the toggle of that
        integration says, and yes for a new one (R16).
        """
        deadline = time.monotonic() + self._seconds
        if wants_statuses is None:
            wants_statuses = self._wants_statuses(integration_id)
        claims = Claims(access.auth_type, wants_statuses and self._knows_statuses)
        opened = self._connections.open_access(access, deadline)
        return self._look_within(opened, claims, integration_id, deadline).verdict()

    def claims(self, integration: Integration) -> Claims:
        """What `integration` makes of its credential now."""
        return Claims(integration.auth_type, integration.retrieve_tickets and self._knows_statuses)

    def record(self, integration_id: int, found: Verdict) -> Change:
        """Stores a verdict, whoever came to it. A recovery has a full run follow (R15)."""
        metrics.verified(found.health)
        with self._store.begin() as c:
            change = integrations.record_verdict(c, integration_id, found, found.at)
            integration = integrations.by_id(c, integration_id)
            follows = change is Change.RECOVERED and integration is not None and integration.retrieve_tickets
            if follows:
                runs.enqueue(c, integration_id, RunCause.RECOVERED, found.at)
        if integration is not None and change is not Change.NONE:
            event = "integration.broke" if change is Change.BROKE else "integration.recovered"
            logs.warning(event, integration=integration.name, reason=found.reason)
        if follows and self._on_recovery is not None:
            self._on_recovery()
        return change

    def _verify(self, integration_id: int) -> Verdict:
        deadline = time.monotonic() + self._seconds
        with self._store.read() as c:
            integration = integrations.by_id(c, integration_id)
        if integration is None or integration.removed_at is not None:
            raise IntegrationNotFound("No integration found with the given connection name")
        sealed = self._connections.sealed(integration_id)
        opened = self._connections.open(integration, deadline, sealed)
        finding = self._look_within(opened, self.claims(integration), integration_id, deadline)
        if not finding.ok and self._connections.were_edited(integration, sealed):
            return self._verify(integration_id)
        found = finding.verdict()
        self.record(integration_id, found)
        logs.info("verification.ended", integration=integration.name, health=found.health, outcome=finding.outcome)
        return found

    def _projects(self, integration_id: int) -> list[Project]:
        with self._store.read() as c:
            return [Project(*row) for row in tickets.projects_refreshed(c, integration_id, cutoff(clock.now()))]

    def _issues(self, integration_id: int, most: int, project_key: str) -> list[str]:
        with self._store.read() as c:
            return tickets.issues_in_project(c, integration_id, project_key, cutoff(clock.now()), most)

    def _wants_statuses(self, integration_id: int | None) -> bool:
        if integration_id is None:
            return True
        with self._store.read() as c:
            integration = integrations.by_id(c, integration_id)
        return integration is not None and integration.retrieve_tickets

    def _look_within(
        self, opened: AbstractContextManager[Jira], claims: Claims, integration_id: int | None, deadline: float
    ) -> Finding:
        """`look`, given up at `deadline`: a name server that does not answer obeys no socket timeout."""
        done: Future[Finding] = Future()
        projects = [] if integration_id is None else self._projects(integration_id)

        def work() -> None:
            try:
                with opened as jira:
                    finding = look(jira, claims, projects)
                    if finding.outcome is Outcome.PROJECT_HIDDEN and integration_id is not None:
                        some = jira.strong_size or jira.search_size
                        finding = without_moved(jira, finding, partial(self._issues, integration_id, some))
                    done.set_result(finding)
            except BaseException as error:  # handed to whoever waits
                done.set_exception(error)

        threading.Thread(target=work, name="verification", daemon=True).start()
        try:
            return done.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            return Finding(Outcome.TIMEOUT)


def look(jira: Jira, claims: Claims, projects: Iterable[Project]) -> Finding:
    """Reachability, then authentication, then configuration; the first that fails is the finding (R1)."""
    for ask in (jira.server_info, jira.myself):
        answer = ask()
        if not answer.ok:
            return explained(jira, Finding.of(answer), claims)
    granted = jira.granted()
    if granted is not None:
        if granted.payload is None:
            return Finding.of(granted)
        missing = missing_scopes(granted.payload)
        if missing and claims.wants_statuses:
            return Finding(Outcome.SCOPES_MISSING, missing)
        if claims.wants_statuses and (searched := jira.search_by_ids([ANY_ID])).outcome is Outcome.UNAUTHENTICATED:
            return explained(jira, Finding.of(searched), claims)  # a search takes more scopes than those three
    return explained(jira, browse(jira, projects), claims)


def explained(jira: Jira, finding: Finding, claims: Claims) -> Finding:
    """What a refusal means where a grant stands behind the credential; any other finding as it is.

    The gateway of Cloud answers a missing scope and a dead token with the same 401, and a site that the grant has lost
    with 401 or 404; what was granted tells them apart. [jira 2.4, 4.3]
    """
    if finding.outcome not in _AMBIGUOUS:
        return finding
    granted = jira.granted()
    if granted is not None and granted.payload is not None and finding.outcome is Outcome.UNAUTHENTICATED:
        missing = missing_scopes(granted.payload) if claims.wants_statuses else ()
        others = tuple(scope for scope in TICKET_SCOPES if scope not in granted.payload)
        return replace(finding, outcome=Outcome.SCOPES_MISSING, names=missing or others)
    if granted is not None and granted.payload is None:
        finding = Finding.of(granted)
    if finding.outcome is Outcome.UNAUTHENTICATED and claims.auth_type in BY_CONSENT:
        return replace(finding, outcome=Outcome.CONSENT_AGAIN)
    return finding


def prove(jira: Jira, projects: Iterable[Project]) -> Finding:
    """That the credential is good and every one of `projects` can be browsed. [jira 2.2] (R14)"""
    myself = jira.myself()
    return browse(jira, projects) if myself.ok else Finding.of(myself)


def browse(jira: Jira, projects: Iterable[Project]) -> Finding:
    """That every one of `projects` can be browsed."""
    known = list(projects)
    browsable = jira.browsable_projects(
        sorted({project.id for project in known if project.id is not None}),
        sorted({project.key for project in known if project.id is None}),
    )
    if browsable.payload is None:
        return Finding.of(browsable)
    hidden = {project.key for project in known if (project.id or project.key) not in browsable.payload}
    return Finding(Outcome.PROJECT_HIDDEN, tuple(sorted(hidden))) if hidden else Finding(Outcome.OK)


def without_moved(jira: Jira, hidden: Finding, issues_of: Callable[[str], list[str]]) -> Finding:
    """`hidden` without the projects that our tickets have left: where an issue is now, Jira knows better (R7).

    Else one project that was emptied and archived would break its integration for good, since no run finds out while it
    is broken. `issues_of` gives some issue ids that were last seen in a project.
    """
    for number, key in enumerate(hidden.names):
        ids = issues_of(key)
        if not ids:
            continue
        shown = jira.search_by_ids(ids, reconcile=ids)
        if shown.payload is None:
            return Finding.of(shown)
        elsewhere = [issue for issue in shown.payload.values() if Project.of(None, issue.key).key != key]
        if len(elsewhere) < len(ids):
            return Finding(Outcome.PROJECT_HIDDEN, hidden.names[number:])
    return Finding(Outcome.OK)
