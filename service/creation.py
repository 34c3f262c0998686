"""A ticket for a violation, safe to interrupt (R6).

First the intention is stored, with a label that is unique to it and goes into the issue; then Jira is asked; then the
ticket is recorded and the intention closed in one transaction. Whatever happens in between, the label tells later
whether there is an issue: none is lost, none is made twice.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from service import clock, logs
from service.connections import Connections
from service.errors import (
    IntegrationNotFound,
    JiraRefused,
    JiraUnavailable,
    ServiceError,
    TicketPending,
    ViolationNotFound,
)
from service.jira.answers import JiraAnswer
from service.jira.base import CreatedIssue, Jira
from service.retrieval import Retrieval
from service.rules.health import Health, Outcome
from service.rules.tickets import Integration, Ticket
from service.store import integrations, intents, tickets, violations
from service.store.database import Store
from service.store.intents import Intent
from service.store.resources import Resource
from service.store.violations import Found
from service.verification import Finding, Project, Verification, explained, prove

LOOK_PERIOD = timedelta(seconds=60)  # ours: an answer that has not come by then is taken for lost
GIVEN_UP_AFTER = timedelta(minutes=10)  # ours: longer than the search index lags [jira 5.7]
TITLE_LENGTH = 255  # characters; Jira takes no longer summary

_NOT_DONE = frozenset(
    {
        *(Outcome.REFUSED, Outcome.FORBIDDEN, Outcome.NOT_FOUND, Outcome.UNAUTHENTICATED, Outcome.RATE_LIMITED),
        *(Outcome.CAPTCHA, Outcome.CONSENT_AGAIN, Outcome.CLIENT_REFUSED, Outcome.CLOCKS_DIFFER, Outcome.SITE_GONE),
    }
)
"""Answers that say that nothing was made."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The ticket that somebody wants. `project` is a key, `issue_type` a name in it; `summary` replaces the title."""

    violation_id: int
    integration_id: int
    project: str
    issue_type: str = "Task"
    summary: str | None = None
    comment: str | None = None


class Creation:
    """Creates tickets and settles the intentions that a crash or a lost answer has left open."""

    def __init__(
        self, store: Store, connections: Connections, verification: Verification, retrieval: Retrieval
    ) -> None:
        self._store = store
        self._connections = connections
        self._verification = verification
        self._retrieval = retrieval

    def create(self, wish: Wish) -> Ticket:
        """Makes the ticket in Jira, records it, and retrieves its status at once; a failure of the last fails nothing.

        When an earlier creation for the violation was in doubt and turns out to have made a ticket, that one is
        returned and no second is made. Raises ViolationNotFound, IntegrationNotFound; TicketPending while it is not
        known whether there is a ticket; JiraRefused with Jira's own sentences; JiraUnavailable when nothing was made.
        """
        now = clock.now()
        with self._store.begin() as c:
            found = violations.by_id(c, wish.violation_id)
            integration = integrations.by_id(c, wish.integration_id)
            if found is None:
                raise ViolationNotFound("Violation not found")
            if integration is None or integration.removed_at is not None:
                raise IntegrationNotFound("Integration not found")
            label = f"xray-{secrets.token_hex(6)}"
            intent = intents.open(
                c,
                violation_id=found.violation.id,
                integration_id=integration.id,
                project=wish.project,
                label=label,
                next_look_at=now + LOOK_PERIOD,
                now=now,
            )
            earlier = intents.open_of(c, found.violation.id) if intent is None else None
        if intent is None:
            return self._settled(earlier, wish)
        with self._connections.open(integration) as jira:
            answer = jira.create_issue(
                wish.project, wish.issue_type, title(wish, found), description(wish, found), [label]
            )
            ticket = self._record_answer(jira, intent, integration, answer)
        logs.info("ticket.created", integration=integration.name, key=ticket.key, ticket=ticket.id)
        return self._with_status(ticket)

    def settle(self, intent: Intent) -> Ticket | None:
        """Looks in Jira for the issue of an open intention; the ticket, when there is one and it is now recorded.

        Not found ten minutes after the intention, by an account that is proven to see its project, means that it was
        never made, and the intention is given up.
        """
        with self._store.read() as c:
            integration = integrations.by_id(c, intent.integration_id)
        if integration is None or integration.removed_at is not None:  # nobody left to ask
            self._give_up(intent)
            return None
        with self._connections.open(integration) as jira:
            ticket = self._look_for(jira, intent)
        if ticket is not None:
            logs.info("ticket.found_again", integration=integration.name, key=ticket.key, ticket=ticket.id)
            return self._with_status(ticket)
        return None

    def _settled(self, earlier: Intent | None, wish: Wish) -> Ticket:
        ticket = None if earlier is None else self.settle(earlier)
        if ticket is None:
            raise TicketPending(pending(earlier.project if earlier else wish.project))
        return ticket

    def _record_answer(
        self, jira: Jira, intent: Intent, integration: Integration, answer: JiraAnswer[CreatedIssue]
    ) -> Ticket:
        """The recorded ticket, or the error that says what became of it."""
        if answer.payload is not None:
            return self._record(intent, answer.payload.id, answer.payload.key)
        if answer.was_sent and answer.outcome not in _NOT_DONE:
            ticket = self._look_for(jira, intent)
            if ticket is None:
                raise TicketPending(pending(intent.project))
            return ticket
        self._give_up(intent)
        if answer.outcome is Outcome.REFUSED or (answer.outcome is Outcome.FORBIDDEN and answer.complaints):
            raise JiraRefused(f"Jira did not make the ticket: {' '.join(answer.complaints) or 'it gave no reason.'}")
        if answer.outcome is not Outcome.RATE_LIMITED:
            found = self._verification.verify(integration.id)
            if found.health is not Health.HEALTHY:
                raise JiraUnavailable(found.reason)
        finding = explained(jira, Finding.of(answer), self._verification.claims(integration))
        raise JiraUnavailable(finding.verdict().reason)

    def _look_for(self, jira: Jira, intent: Intent) -> Ticket | None:
        """An empty search is believed only when the credential and the project are proven good before and after it."""
        late = clock.now() - intent.opened_at >= GIVEN_UP_AFTER
        sees_it = late and self._sees_project(jira, intent)
        answer = jira.find_by_label(intent.label)
        if answer.payload is None:
            return None
        if answer.payload:
            issue = min(answer.payload.values(), key=lambda issue: int(issue.id))
            return self._record(intent, issue.id, issue.key)
        if sees_it and self._sees_project(jira, intent):
            self._give_up(intent)
        return None

    def _sees_project(self, jira: Jira, intent: Intent) -> bool:
        found = prove(jira, [Project(None, intent.project)])
        if not found.ok:
            logs.warning("ticket.in_doubt", intent=intent.id, project=intent.project, outcome=found.outcome)
        return found.ok

    def _record(self, intent: Intent, issue_id: str, key: str) -> Ticket:
        with self._store.begin() as c:
            ticket = tickets.insert(
                c,
                violation_id=intent.violation_id,
                integration_id=intent.integration_id,
                issue_id=issue_id,
                key=key,
                created_at=intent.opened_at,  # R13: when we created it
            )
            intents.record(c, intent.id, ticket.id, clock.now())
        return ticket

    def _give_up(self, intent: Intent) -> None:
        with self._store.begin() as c:
            intents.give_up(c, intent.id, clock.now())
        logs.info("ticket.not_created", intent=intent.id, label=intent.label)

    def _with_status(self, ticket: Ticket) -> Ticket:
        """3.4: a new ticket is retrieved at once. It stands in Jira whether that succeeds or not."""
        try:
            refreshed = self._retrieval.refresh_ticket(ticket.id)
        except ServiceError:
            logs.failure("ticket.not_refreshed", ticket=ticket.id)
            return ticket
        return ticket if refreshed is None else refreshed.ticket


def pending(project: str) -> str:
    """What is told while nobody knows; who waits in vain for a hidden project learns here what to mend."""
    return (
        "Jira has not said whether it made a ticket for this violation. It is being looked for, and for that the "
        f"account must be able to browse {project}; try again in a few minutes."
    )


def title(wish: Wish, found: Found) -> str:
    """`CVE-2019-17571 | log4j-1.2.17.jar has a security violation in app.war`, as one line. [observed]"""
    violation = found.violation
    kind = violation.type.lower().replace("_", " ")
    automatic = f"{violation.issue_id} | {violation.component} has a {kind} violation in {name_of(found.resource)}"
    return " ".join((wish.summary or automatic).split())[:TITLE_LENGTH]


def description(wish: Wish, found: Found) -> list[str]:
    """Paragraphs for the issue's description: the violation, and what the person who asked has to say."""
    violation = found.violation
    return [
        violation.summary,
        violation.description,
        f"Severity: {violation.severity}. Watch: {violation.watch_name}. Found in: {name_of(found.resource)}.",
        f"Components: {', '.join(violation.infected_components)}." if violation.infected_components else "",
        f"CVEs: {', '.join(violation.cves)}." if violation.cves else "",
        wish.comment or "",
    ]


def name_of(resource: Resource) -> str:
    """How a person calls the resource: with the number of a build or the version of a release bundle."""
    which = resource.number or resource.version
    return f"{resource.name}:{which}" if which else resource.name
