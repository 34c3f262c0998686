"""The toggle of an integration, its tickets, and the runs over them: history, one now, one no more. All of it ours."""

from flask import Blueprint, Response

from service import clock
from service.store import runs, tickets, violations
from service.web import bodies, connecting
from service.web.access import admin_only, signed_in
from service.web.answers import as_json, run_json, ticket_json
from service.web.parts import parts

routes = Blueprint("retrievals", __name__, url_prefix="/xray/api/v1/ticketing/jira-integrations/<name>")

MOST = 1000


@routes.get("/settings")
@signed_in
def get_settings(name: str) -> Response:
    """The toggle 'Retrieve Jira Tickets' (ours)."""
    return as_json({"retrieve_jira_tickets": connecting.find(name).retrieve_tickets})


@routes.put("/settings")
@admin_only
def put_settings(name: str) -> Response:
    """Sets the toggle (ours)."""
    existing = connecting.find(name)
    given = bodies.json_object("retrieve_jira_tickets", required=("retrieve_jira_tickets",))
    on = bodies.flag(given, "retrieve_jira_tickets")
    connecting.switch(existing, on)
    return as_json({"retrieve_jira_tickets": on})


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


@routes.post("/retrievals/<int:run_id>/cancel")
@admin_only
def cancel_retrieval(name: str, run_id: int) -> Response:
    """Ends a run that waits or is under way; what it has retrieved stays."""
    return as_json(run_json(connecting.cancel_run(connecting.find(name), run_id)))
