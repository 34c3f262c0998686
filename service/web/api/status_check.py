"""The status check, word for word as documented. [status-check]

A broken Jira is 200; 500 is for our own failure, whatever it is and whenever it happens, and has the documented body.
"""

from flask import Blueprint, Response, request

from service import clock, logs
from service.errors import ServiceError, StoreUnavailable
from service.rules.health import INTERNAL_ERROR_REASON, NOT_FOUND_REASON, Health, Verdict
from service.store import integrations
from service.web import problems
from service.web.access import admin_only
from service.web.answers import as_json, status_json
from service.web.bodies import mandatory_name
from service.web.parts import parts

routes = Blueprint("status_check", __name__)


@routes.get("/xray/api/v1/ticketing/integrations/status/check")
@admin_only
def get_latest_status_of_integration() -> Response:
    """[status-check] "Retrieves the latest status of an existing Jira integration by its connection name"."""
    name = mandatory_name("integrationName")
    with parts().store.read() as c:
        integration = integrations.by_name(c, name)
    if integration is None:
        return as_json(status_json(Verdict(Health.NOT_FOUND, NOT_FOUND_REASON, clock.now()), name), 404)
    return as_json(status_json(parts().verification.verify(integration.id), name))


@routes.errorhandler(Exception)
def own_failure(error: Exception) -> Response:
    """[status-check] "Server error retrieving integration status"; every other refusal goes the common way."""
    if isinstance(error, ServiceError) and problems.status_of(error) < 500:
        return problems.answer(error)
    if isinstance(error, StoreUnavailable):
        logs.warning("web.store_unavailable", path=request.path)
    else:
        logs.failure("web.unforeseen", method=request.method, path=request.path)
    name = request.args.get("integrationName", "")
    return as_json(status_json(Verdict(Health.INTERNAL_ERROR, INTERNAL_ERROR_REASON, clock.now()), name), 500)
