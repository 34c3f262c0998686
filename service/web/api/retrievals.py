"""The tickets of an integration, and the runs over them: history, and one now. All of it ours."""

from flask import Blueprint, Response

from service import clock
from service.store import runs, tickets, violations
from service.web import bodies, connecting
from service.web.access import admin_only, signed_in
from service.web.answers import as_json, run_json, ticket_json
from service.web.parts import parts

routes = Blueprint("retrievals", __name__, url_prefix="/xray/api/v1/ticketing/jira-integrations/<name>")

MOST = 1000


@routes.get("/tickets")
@signed_in
def list_tickets(name: str) -> Response:
    """The tickets made through an integration, as they are shown now, the newest first."""
    integration = connecting.find(name)
    bodies.query("limit", "offset")
    limit = bodies.query_number("limit", 100, 1, MOST)
    offset = bodies.query_number("offset", 0, 0, 1_000_000_000)
    with parts().store.read() as c:
        total, page = tickets.by_integration(c, integration.id, limit, offset)
        ids = {ticket.violation_id for ticket in page}
        names = violations.public_ids(c, ids)
        leading = tickets.leading(c, ids)
    now = clock.now()
    shown = [
        ticket_json(ticket, integration, names[ticket.violation_id], leading[ticket.violation_id].id == ticket.id, now)
        for ticket in page
    ]
    return as_json({"total": total, "tickets": shown})


@routes.get("/retrievals")
@signed_in
def list_retrievals(name: str) -> Response:
    """The runs of an integration, the newest first."""
    integration = connecting.find(name)
    bodies.query("limit")
    limit = bodies.query_number("limit", 100, 1, MOST)
    with parts().store.read() as c:
        history = runs.history(c, integration.id, limit)
    return as_json({"retrievals": [run_json(run) for run in history]})


@routes.post("/retrievals")
@admin_only
def start_retrieval(name: str) -> Response:
    """One run now, or the one that is under way."""
    return as_json(run_json(connecting.retrieve_now(connecting.find(name))), 202)
