"""The refresh button: all tickets of one violation, now, past the search index (3.5).

The safeguards hold here too: deleted tickets and those older than a year are not asked for, and the answer says so
(R12). One try, because a person waits; when it fails, a verification says what is wrong with the integration.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service import clock, logs, metrics
from service.connections import Connections
from service.jira.base import Issue, Jira
from service.retrieval.confirm import Asked, Confirmed, Readers, confirm
from service.retrieval.pace import Pace
from service.retrieval.told import answers, tells
from service.rules import versions
from service.rules.age import is_still_refreshed
from service.rules.health import Health, Outcome
from service.rules.tickets import Integration, Ticket
from service.settings import Settings
from service.store import integrations, retrieved, tickets
from service.store.database import Store
from service.verification import Finding, Verification


class RefreshOutcome(StrEnum):
    """What a refresh did about one ticket."""

    REFRESHED = "refreshed"
    DELETED = "deleted"  # in Jira: now, or known before and not asked for again
    HIDDEN = "hidden"  # Jira may have it still and does not show it to this account
    OLDER_THAN_A_YEAR = "older_than_a_year"  # not asked for
    RETRIEVAL_DISABLED = "retrieval_disabled"  # not asked for
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TicketOutcome:
    """`ticket` is as stored afterwards; `reason` is a sentence for a person, None when refreshed."""

    ticket: Ticket
    outcome: RefreshOutcome
    reason: str | None


Done = tuple[RefreshOutcome, str | None]

_WHY = {
    RefreshOutcome.DELETED: "The ticket was deleted from Jira and is not refreshed any more.",
    RefreshOutcome.HIDDEN: (
        "Jira does not show the ticket to the account of the integration, which may lack permission for it. It is "
        "asked for again with every retrieval."
    ),
    RefreshOutcome.OLDER_THAN_A_YEAR: "Only tickets created within the last year are refreshed.",
    RefreshOutcome.RETRIEVAL_DISABLED: "Retrieve Jira Tickets is switched off for the integration.",
}
BUSY = "Too many others wait for Jira at this moment. Try again in a minute."
FREE_THREADS = 4  # of the web server: refreshes of Jiras that hang leave these to everything else
REMOVED = "The integration that created the ticket has been removed."


class Refresh:
    """Refreshes tickets on request; `threads` send the requests."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        connections: Connections,
        verification: Verification,
        threads: Executor,
    ) -> None:
        self._store = store
        self._settings = settings
        self._connections = connections
        self._verification = verification
        self._threads = threads
        self._places = threading.Semaphore(max(1, settings.threads - FREE_THREADS))
        self._knows_statuses = versions.has(settings.product_version, versions.Feature.TICKET_STATUS)

    def of_violation(self, violation_id: int) -> list[TicketOutcome]:
        """One outcome per ticket of the violation, the leading one first."""
        with self._store.read() as c:
            asked = tickets.by_violation(c, violation_id)
        return self._refresh(asked)

    def of_ticket(self, ticket_id: int) -> TicketOutcome | None:
        """The outcome for one ticket; None when there is no such ticket."""
        with self._store.read() as c:
            asked = tickets.by_ids(c, [ticket_id])
        return next(iter(self._refresh(asked)), None)

    def _refresh(self, asked: Sequence[Ticket]) -> list[TicketOutcome]:
        now = clock.now()
        done: dict[int, Done] = {}
        with self._store.read() as c:
            known = integrations.by_ids(c, (ticket.integration_id for ticket in asked))
        for integration in known.values():
            own = [ticket for ticket in asked if ticket.integration_id == integration.id]
            spared = {ticket.id: why for ticket in own if (why := self._not_asked(ticket, integration, now))}
            done |= spared
            if len(spared) < len(own):
                done |= self._ask(integration, [ticket for ticket in own if ticket.id not in spared])
        with self._store.read() as c:
            stored = {ticket.id: ticket for ticket in tickets.by_ids(c, (ticket.id for ticket in asked))}
        return [TicketOutcome(stored[ticket.id], *done[ticket.id]) for ticket in asked]

    def _not_asked(self, ticket: Ticket, integration: Integration, now: datetime) -> Done | None:
        """Why Jira is not asked about `ticket`; None when it is. [safeguards 1, 2; 3.7] (R12, R16)"""
        if integration.removed_at is not None:
            return RefreshOutcome.FAILED, REMOVED
        if ticket.deleted_at is not None:
            return _because(RefreshOutcome.DELETED)
        if not (integration.retrieve_tickets and self._knows_statuses):
            return _because(RefreshOutcome.RETRIEVAL_DISABLED)
        if not is_still_refreshed(ticket.created_at, now):
            return _because(RefreshOutcome.OLDER_THAN_A_YEAR)
        return None

    def _ask(self, integration: Integration, asked: Sequence[Ticket]) -> dict[int, Done]:
        if not self._places.acquire(blocking=False):
            return _all_failed(asked, BUSY)
        try:
            return self._ask_jira(integration, asked)
        finally:
            self._places.release()

    def _ask_jira(self, integration: Integration, asked: Sequence[Ticket]) -> dict[int, Done]:
        if integration.broken_since is not None:
            found = self._verification.verify(integration.id)
            if found.health is not Health.HEALTHY:
                return _all_failed(asked, found.reason)
        with self._connections.open(integration) as jira:
            done, trouble = self._retrieve(jira, integration.epoch, asked)
        if trouble is not None:
            left = [ticket for ticket in asked if ticket.id not in done]
            done |= _all_failed(left, self._judge(integration, trouble))
        logs.info("tickets.refreshed", integration=integration.name, asked=len(asked), failed=trouble is not None)
        return done

    def _retrieve(self, jira: Jira, epoch: int, asked: Sequence[Ticket]) -> tuple[dict[int, Done], Finding | None]:
        """What was done about tickets, and why nothing was about the others."""
        done: dict[int, Done] = {}
        size = jira.strong_size or jira.search_size
        for start in range(0, len(asked), size):
            part = asked[start : start + size]
            if jira.strong_size:
                ids = [ticket.issue_id for ticket in part]
                answer = jira.search_by_ids(ids, reconcile=ids)
                if not tells(answer):
                    return done, Finding.of(answer)
                done |= self._apply(part, answer.payload or {}, epoch)
            missing = [ticket for ticket in part if ticket.id not in done]
            if missing:
                at_once = self._settings.requests_in_flight
                confirmed = confirm(jira, missing, Readers(self._threads, Pace(at_once), at_once, threading.Event()))
                done |= self._apply(missing, confirmed.found, epoch)
                done |= self._mark_deleted(confirmed.gone) | self._mark_hidden(confirmed)
                if confirmed.trouble is not None:
                    return done, confirmed.trouble
        return done, None

    def _apply(self, asked: Sequence[Ticket], found: Mapping[str, Issue], epoch: int) -> dict[int, Done]:
        told = answers(asked, found, is_strong=True)
        if told:
            asked_at = min(issue.asked_at for issue in found.values())
            with self._store.begin() as c:
                applied = retrieved.apply(c, told, asked_at, epoch)
            metrics.tickets_retrieved(checked=applied.checked, changed=applied.changed)
        return {answer.ticket_id: (RefreshOutcome.REFRESHED, None) for answer in told}

    def _mark_deleted(self, gone: Sequence[Asked]) -> dict[int, Done]:
        if not gone:
            return {}
        with self._store.begin() as c:
            retrieved.delete(c, (ticket.id for ticket in gone), clock.now())
        metrics.tickets_retrieved(checked=len(gone), deleted=len(gone))
        return {ticket.id: _because(RefreshOutcome.DELETED) for ticket in gone}

    def _mark_hidden(self, confirmed: Confirmed) -> dict[int, Done]:
        if not confirmed.hidden:
            return {}
        with self._store.begin() as c:
            retrieved.hide(c, (ticket.id for ticket in confirmed.hidden), confirmed.asked_at)
        metrics.tickets_retrieved(checked=len(confirmed.hidden))
        return {ticket.id: _because(RefreshOutcome.HIDDEN) for ticket in confirmed.hidden}

    def _judge(self, integration: Integration, trouble: Finding) -> str:
        """The sentence for tickets that could not be refreshed; a verification says what it means for the integration.

        Not for a rate limit: one refusal of that kind breaks nothing (R11), and asking again would only prolong it.
        """
        if trouble.outcome is not Outcome.RATE_LIMITED:
            found = self._verification.verify(integration.id)
            if found.health is not Health.HEALTHY:
                return found.reason
        return trouble.verdict().reason


def _because(outcome: RefreshOutcome) -> Done:
    return outcome, _WHY[outcome]


def _all_failed(asked: Iterable[Ticket], reason: str) -> dict[int, Done]:
    return {ticket.id: (RefreshOutcome.FAILED, reason) for ticket in asked}
