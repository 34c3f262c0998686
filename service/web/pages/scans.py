"""Scans List -> resource -> Policy Violations -> violation -> Tickets Info. [ticket-status, manual retrieval]"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service import clock
from service.errors import ServiceError
from service.retrieval import TicketOutcome
from service.rules.display import Because, Shown
from service.rules.tickets import Integration, Ticket
from service.rules.versions import Feature
from service.store import integrations, resources, tickets, violations
from service.store.violations import Filters, Found
from service.web.answers import seen_at, ticket_url
from service.web.api.violations import find, make_ticket
from service.web.bodies import is_printable
from service.web.pages.frame import PAGE_SIZE, admin_only, complain, page_number, routes, say, status_routes
from service.web.parts import has, parts

EXPLAINED = {  # what stands under a status that is not simply current
    Because.LAST_KNOWN: "Older than a year: the last known status",
    Because.DELETED: "Deleted in Jira",
    Because.HIDDEN: (
        "Jira has this ticket and does not show it to the account of the integration, most likely because of its "
        "security level; it is asked for again with every run"
    ),
    Because.BROKEN: "The integration is broken, or not refreshed yet since then",
    Because.REMOVED: "The integration was removed",
    Because.AWAITING: "Not retrieved yet",
    Because.DISABLED: "Retrieval is switched off",
}
NEVER_KNOWN = "Older than a year and never retrieved"


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket of the Tickets Info tab; `outcome` and `reason` are those of a refresh just made."""

    ticket: Ticket
    integration: Integration
    shown: Shown
    url: str
    explained: str | None
    leading: bool
    outcome: str | None = None
    reason: str | None = None


@routes.get("/scans")
def scans() -> str:
    """Every resource."""
    page = page_number()
    with parts().store.read() as c:
        total, found = resources.scanned(c, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return render_template("scans.html", rows=found, total=total, page=page, pages=_pages(total))


@routes.get("/scans/<resource_id>")
def resource(resource_id: str) -> str:
    """The policy violations of one resource, the most severe first."""
    if not is_printable(resource_id):
        abort(404)
    page, now = page_number(), clock.now()
    with parts().store.read() as c:
        where = resources.by_public_id(c, resource_id)
        if where is None:
            abort(404)
        total, found = violations.search(
            c, Filters(resource_id=where.id), limit=PAGE_SIZE, page=page, order_by="severity", direction="desc"
        )
        known = integrations.by_ids(c, (one.leading.integration_id for one in found if one.leading is not None))
    rows = [(one.violation, _leading_shown(one, known, now)) for one in found]
    return render_template("resource.html", resource=where, rows=rows, total=total, page=page, pages=_pages(total))


@routes.get("/violations/<violation_id>")
def violation(violation_id: str) -> str:
    """One violation: its tickets, or its details."""
    found = find(violation_id)
    with parts().store.read() as c:
        listed = tickets.by_violation(c, found.violation.id)
    return _violation_page(found, [(ticket, None) for ticket in listed])


@status_routes.post("/violations/<violation_id>/refresh")
def refresh(violation_id: str) -> str:
    """[ticket-status] "click on the refresh button": the new statuses, and one outcome for each ticket."""
    found = find(violation_id)
    outcomes = parts().retrieval.refresh(found.violation.id)
    return _violation_page(found, [(outcome.ticket, outcome) for outcome in outcomes], refreshed=True)


@status_routes.get("/violations/<violation_id>/refresh")
def after_refresh(violation_id: str) -> Response:
    """The address of a refresh opened anew, as from the history: the page, without asking Jira again."""
    return redirect(url_for("pages.violation", violation_id=violation_id))


@routes.route("/violations/<violation_id>/new-ticket", methods=["GET", "POST"])
@admin_only
def new_ticket(violation_id: str) -> Response | str:
    """A form for a ticket; it keeps what was typed when Jira refuses."""
    found = find(violation_id)
    if request.method == "POST":
        given = {name: value for name in ("integration", "project", "issue_type", "summary", "comment")
                 if (value := request.form.get(name, "").strip())}  # fmt: skip
        try:
            ticket = make_ticket(found, {"integration": "", "project": "", **given})
        except ServiceError as error:
            complain(error)
        else:
            say(f"{ticket.key} has been created.")
            return redirect(url_for("pages.violation", violation_id=violation_id))
    with parts().store.read() as c:
        offered = integrations.all(c)
    return render_template("new_ticket.html", violation=found.violation, integrations=offered, form=request.form)


def _violation_page(
    found: Found, listed: Iterable[tuple[Ticket, TicketOutcome | None]], refreshed: bool = False
) -> str:
    pairs, now = list(listed), clock.now()
    with parts().store.read() as c:
        known = integrations.by_ids(c, (ticket.integration_id for ticket, _ in pairs))
        offered = bool(integrations.all(c))
    rows = [_row(ticket, known[ticket.integration_id], now, place == 0, outcome)
            for place, (ticket, outcome) in enumerate(pairs)]  # fmt: skip
    return render_template(
        "violation.html",
        violation=found.violation,
        resource=found.resource,
        rows=rows,
        refreshed=refreshed,
        tab="tickets" if has(Feature.TICKET_STATUS) and request.args.get("tab") != "details" else "details",
        last_update=max((row.shown.last_update for row in rows if row.shown.last_update is not None), default=None),
        can_create=offered and g.user.role == "admin",
    )


def _row(ticket: Ticket, integration: Integration, now: Any, leading: bool, outcome: TicketOutcome | None) -> TicketRow:
    seen = seen_at(ticket, integration, now)
    return TicketRow(
        ticket,
        integration,
        seen,
        ticket_url(ticket, integration),
        NEVER_KNOWN if seen.status is None and seen.because is Because.LAST_KNOWN else EXPLAINED.get(seen.because),
        leading,
        None if outcome is None else outcome.outcome.value,
        None if outcome is None else outcome.reason,
    )


def _leading_shown(found: Found, known: Mapping[int, Integration], now: Any) -> Shown | None:
    """[ticket-status] "displayed in the UI under the Ticket Status column": that of the leading ticket."""
    if found.leading is None:
        return None
    return seen_at(found.leading, known[found.leading.integration_id], now)


def _pages(total: int) -> int:
    return -(-total // PAGE_SIZE)
