"""Violations by the documented search, their tickets, and the import that feeds them in."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response

from service import clock, importing
from service.creation import Wish
from service.errors import BadInput, ViolationNotFound
from service.rules.tickets import Integration, Ticket
from service.store import integrations, resources, tickets, violations
from service.store.resources import ResourceType
from service.store.violations import Filters, Found, ResourceFilter, Severity, ViolationType
from service.web import bodies, connecting
from service.web.access import admin_only, signed_in
from service.web.answers import as_json, resource_json, ticket_json, tickets_json, violation_json
from service.web.consenting import base_url
from service.web.parts import parts

routes = Blueprint("violations", __name__, url_prefix="/xray/api/v1")

TEXTS = ("name_contains", "watch_name", "issue_id", "cve_id")
RESOURCE_FILTERS = {  # [xray.md 10] name of the list -> what it lists, and by which properties
    "artifacts": (ResourceType.ARTIFACT, ("repo", "path")),
    "builds": (ResourceType.BUILD, ("name", "number")),
    "release_bundles": (ResourceType.RELEASE_BUNDLE, ("name", "version")),
}


@routes.post("/violations")
@signed_in
def get_violations() -> Response:
    """[violations] A useful subset of the documented filters; the others are refused by name."""
    body = bodies.json_object("filters", "pagination")
    given = bodies.inner_object(
        body, "filters", *TEXTS, "include_details", "violation_type", "min_severity", "created_from", "created_until",
        "resources",
    )  # fmt: skip
    paging = bodies.inner_object(body, "pagination", "limit", "offset", "order_by", "direction")
    details = "include_details" in given and bodies.flag(given, "include_details")
    order_by = bodies.one_of(paging, "order_by", violations.ORDERS) if "order_by" in paging else "created"
    direction = bodies.one_of(paging, "direction", ("asc", "desc")) if "direction" in paging else "desc"
    with parts().store.read() as c:
        total, found = violations.search(
            c,
            _filters(given),
            limit=bodies.number(paging, "limit", 25, 1, 1000),
            page=bodies.number(paging, "offset", 1, 1, 1_000_000),  # [xray.md 3] "is a page number"
            order_by=order_by,
            direction="asc" if direction == "asc" else "desc",
        )
    listed = [violation_json(one, base_url(), details) for one in found]
    return as_json({"total_violations": total, "violations": listed})


@routes.get("/violations/<violation_id>")
@signed_in
def get_violation(violation_id: str) -> Response:
    """One violation with details and tickets (ours)."""
    found = find(violation_id)
    return as_json({**violation_json(found, base_url(), details=True), "tickets": _tickets(found)})


@routes.get("/violations/<violation_id>/tickets")
@signed_in
def list_tickets(violation_id: str) -> Response:
    """The tickets of a violation, the leading one first (ours)."""
    found = find(violation_id)
    return as_json({"violation_id": found.violation.public_id, "tickets": _tickets(found)})


@routes.post("/violations/<violation_id>/tickets")
@admin_only
def create_ticket(violation_id: str) -> Response:
    """Makes a ticket in Jira (R6, ours)."""
    found = find(violation_id)
    given = bodies.json_object(
        "integration", "project", "issue_type", "summary", "comment", required=("integration", "project")
    )
    ticket = make_ticket(found, given)
    integration = integrations_of([ticket])[ticket.integration_id]
    return as_json(ticket_json(ticket, integration, found.violation.public_id, leading=True, now=clock.now()), 201)


@routes.get("/resources")
@signed_in
def list_resources() -> Response:
    """The Scans List (ours)."""
    bodies.query("limit", "offset")
    limit = bodies.query_number("limit", 100, 1, 1000)
    offset = bodies.query_number("offset", 0, 0, 1_000_000_000)
    with parts().store.read() as c:
        total, found = resources.scanned(c, limit, offset)
    return as_json({"total": total, "resources": [resource_json(one) for one in found]})


@routes.post("/import")
@admin_only
def import_resources() -> Response:
    """Resources and violations, all or nothing (ours)."""
    document = importing.parse(bodies.raw_json(bodies.IMPORT_BYTES))
    with parts().store.begin() as c:
        imported = importing.import_document(c, document, clock.now())
    return as_json(asdict(imported))


def find(public_id: str) -> Found:
    """The violation with this public id. Raises ViolationNotFound."""
    if not bodies.is_printable(public_id):
        raise ViolationNotFound("Violation not found")
    with parts().store.read() as c:
        found = violations.by_public_id(c, public_id)
    if found is None:
        raise ViolationNotFound("Violation not found")
    return found


def make_ticket(found: Found, given: Mapping[str, Any]) -> Ticket:
    """A ticket for a violation as `given` says, in the words of the API. Raises what `Creation.create` raises."""
    return parts().creation.create(
        Wish(
            found.violation.id,
            connecting.find(bodies.text(given, "integration")).id,
            project=bodies.text(given, "project"),
            issue_type=bodies.text(given, "issue_type") if "issue_type" in given else "Task",
            summary=bodies.text(given, "summary") if "summary" in given else None,
            comment=bodies.text(given, "comment", bodies.TEXT_LENGTH, multiline=True) if "comment" in given else None,
        )
    )


def integrations_of(of: list[Ticket]) -> dict[int, Integration]:
    """The integrations of those tickets, by id, removed ones too."""
    with parts().store.read() as c:
        return integrations.by_ids(c, (ticket.integration_id for ticket in of))


def _tickets(found: Found) -> list[dict[str, Any]]:
    with parts().store.read() as c:
        listed = tickets.by_violation(c, found.violation.id)
        known = integrations.by_ids(c, (ticket.integration_id for ticket in listed))
    return tickets_json(listed, known, found.violation.public_id, clock.now())


def _filters(given: Mapping[str, Any]) -> Filters:
    texts = {name: bodies.text(given, name) if name in given else None for name in TEXTS}
    kind = bodies.one_of(given, "violation_type", tuple(ViolationType)) if "violation_type" in given else None
    severity = bodies.one_of(given, "min_severity", tuple(Severity)) if "min_severity" in given else None
    return Filters(
        name_contains=texts["name_contains"],
        watch_name=texts["watch_name"],
        issue_id=texts["issue_id"],
        cve_id=texts["cve_id"],
        violation_type=None if kind is None else ViolationType(kind),
        min_severity=None if severity is None else Severity(severity),
        created_from=_instant(given, "created_from"),
        created_until=_instant(given, "created_until"),
        resources=_resource_filters(given),
    )


def _resource_filters(given: Mapping[str, Any]) -> tuple[ResourceFilter, ...]:
    lists = bodies.inner_object(given, "resources", *RESOURCE_FILTERS)
    found = []
    for list_name, (kind, properties) in RESOURCE_FILTERS.items():
        entries = lists.get(list_name, [])
        if not isinstance(entries, list) or len(entries) > 100:
            raise BadInput(f"{list_name} must be a list of at most 100 objects.")
        for place, _ in enumerate(entries):
            entry = bodies.inner_object({f"{list_name}[{place}]": entries[place]}, f"{list_name}[{place}]", *properties)
            named = {name: bodies.text(entry, name) for name in entry}
            found.append(ResourceFilter(kind, **named))
    return tuple(found)


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    if name not in given:
        return None
    written = bodies.text(given, name)
    try:
        instant = datetime.fromisoformat(written)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadInput(f"{name} must be an RFC 3339 time with an offset, such as 2024-01-01T00:00:00Z.")
