"""Connections to a Jira: the documented REST, the forms in which it was observed, and our list and test.

The vendor's own tools read without `/details` and update on the collection [observed]; both forms are served.
"""

from flask import Blueprint, Response

from service.store import integrations, runs
from service.web import bodies, connecting
from service.web.access import admin_only, signed_in
from service.web.answers import as_json, connection_json, integration_json, status_json
from service.web.connection import PROPERTIES
from service.web.parts import parts

routes = Blueprint("integrations", __name__, url_prefix="/xray/api/v1/ticketing/jira-integrations")

UNKNOWN_TO_UPDATE = "No integration found with the given connection name"  # [xray.md 3]


@routes.get("")
@signed_in
def list_integrations() -> Response:
    """Every integration with its health and its last run (ours)."""
    bodies.query()
    with parts().store.read() as c:
        found = integrations.all(c)
        last = runs.last(c, (integration.id for integration in found))
    return as_json({"integrations": [integration_json(one, last.get(one.id)) for one in found]})


@routes.post("")
@admin_only
def create_integration() -> Response:
    """[xray.md 9] Verified first, then stored (R5)."""
    connecting.create(bodies.json_object(*PROPERTIES))
    return as_json({"info": "Integration has been successfully created"})


@routes.put("")
@admin_only
def update_integration_by_body() -> Response:
    """[observed] The name is in the body only."""
    given = bodies.json_object(*PROPERTIES, required=("connection_name",))
    name = bodies.text(given, "connection_name")
    connecting.update(connecting.find(name, UNKNOWN_TO_UPDATE), given)
    return as_json({"info": "Integration has been successfully updated"})


@routes.put("/<name>")
@admin_only
def update_integration(name: str) -> Response:
    """[xray.md 9] Another `connection_name` in the body renames (R22)."""
    existing = connecting.find(name, UNKNOWN_TO_UPDATE)
    connecting.update(existing, bodies.json_object(*PROPERTIES, required=("connection_name",)))
    return as_json({"info": "Integration has been successfully updated"})


@routes.get("/<name>")
@routes.get("/<name>/details")
@admin_only
def get_integration(name: str) -> Response:
    """[xray.md 9] "returns all but the password"."""
    return as_json(connection_json(connecting.find(name)))


@routes.delete("/<name>")
@admin_only
def delete_integration(name: str) -> Response:
    """[xray.md 9] Its tickets stay and show Unknown (3.6)."""
    connecting.remove(connecting.find(name))
    return as_json({"info": "Integration has been successfully deleted"})


@routes.post("/<name>/test")
@admin_only
def test_integration(name: str) -> Response:
    """Verifies now and answers as the status check does (ours)."""
    existing = connecting.find(name)
    return as_json(status_json(parts().verification.verify(existing.id), existing.name))
