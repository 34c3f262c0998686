"""The manual refresh of the tickets of one violation. [ticket-status, manual retrieval]"""

from flask import Blueprint, Response

from service import clock
from service.web.access import signed_in
from service.web.answers import as_json, tickets_json
from service.web.api.violations import find, integrations_of
from service.web.parts import parts

routes = Blueprint("refresh", __name__, url_prefix="/xray/api/v1/violations/<violation_id>/tickets")


@routes.post("/refresh")
@signed_in
def refresh_tickets(violation_id: str) -> Response:
    """[ticket-status] "The statuses for all the tickets associated with the violation would be refreshed" (3.5)."""
    found = find(violation_id)
    outcomes = parts().retrieval.refresh(found.violation.id)
    known = integrations_of([outcome.ticket for outcome in outcomes])
    shown = tickets_json([one.ticket for one in outcomes], known, found.violation.public_id, clock.now())
    answered = [
        {**ticket, "outcome": outcome.outcome.value, "reason": outcome.reason}
        for ticket, outcome in zip(shown, outcomes, strict=True)
    ]
    return as_json({"violation_id": found.violation.public_id, "tickets": answered})
