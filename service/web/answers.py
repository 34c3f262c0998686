"""What our records look like in JSON, in one place, so that a ticket reads the same wherever it is answered.

Times are RFC 3339 in UTC with whole seconds and a `Z`, as in every sample of [status-check].
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Response

from service.rules.display import Because, Shown, shown
from service.rules.health import Verdict
from service.rules.tickets import Integration, Ticket
from service.rules.versions import Feature
from service.store.resources import Resource, Scanned
from service.store.runs import Run
from service.store.violations import Found
from service.web.connection import WHO
from service.web.parts import has


def stamp(at: datetime) -> str:
    """`at` as RFC 3339 in UTC, whole seconds: 2024-01-01T12:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(at: datetime | None) -> str | None:
    """`stamp`, for what may not have happened yet."""
    return None if at is None else stamp(at)


def as_json(body: Any, status: int = 200) -> Response:
    """An answer whose body is `body` as JSON."""
    return Response(orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE), status, mimetype="application/json")


def status_json(verdict: Verdict, name: str) -> dict[str, str]:
    """[status-check] "Response body": the four keys."""
    return {
        "status": verdict.health.value,
        "reason": verdict.reason,
        "time": stamp(verdict.at),
        "integration_name": name,
    }


def connection_json(integration: Integration) -> dict[str, Any]:
    """[xray.md 9] The details: everything that was given, except the password, and so of any other secret."""
    who = WHO.get(integration.auth_type)
    account = {} if who is None else {who: integration.username if who == "username" else integration.client_id}
    return {
        "connection_name": integration.name,
        "installation_type": integration.installation_type,
        "auth_type": integration.auth_type,
        **account,
        "jira_server_url": integration.url,
        "skip_proxy": integration.skip_proxy,
    }


def integration_json(integration: Integration, last_run: Run | None) -> dict[str, Any]:
    """An integration as the list shows it."""
    return {
        **connection_json(integration),
        "retrieve_jira_tickets": integration.retrieve_tickets,
        "health": integration.health,
        "reason": integration.health_reason,
        "checked": stamp_or_none(integration.checked_at),
        "last_run": None if last_run is None else run_json(last_run),
        "next_run": stamp(integration.next_run_at) if integration.retrieve_tickets else None,
    }


def run_json(run: Run) -> dict[str, Any]:
    """A run with its cause and counts."""
    return {
        "id": run.id,
        "cause": run.cause.value,
        "state": run.state.value,
        "enqueued": stamp(run.enqueued_at),
        "started": stamp_or_none(run.started_at),
        "ended": stamp_or_none(run.ended_at),
        "resume_at": stamp(run.resume_at) if run.state.value == "waiting" else None,
        "total": run.total,
        "checked": run.checked,
        "changed": run.changed,
        "deleted": run.deleted,
        "requests": run.requests,
        "reason": run.reason,
    }


def ticket_url(ticket: Ticket, integration: Integration) -> str:
    """Where a person reads the ticket in Jira."""
    return f"{integration.url}/browse/{ticket.key}"


def seen_at(ticket: Ticket, integration: Integration, now: datetime) -> Shown:
    """What is shown for the ticket at `now`; no status at all by a version that has no ticket status yet (R16)."""
    if not has(Feature.TICKET_STATUS):
        return Shown(None, None, Because.DISABLED, None)
    return shown(ticket, integration, now)


def ticket_json(
    ticket: Ticket, integration: Integration, violation_id: str, leading: bool, now: datetime
) -> dict[str, Any]:
    """A ticket as it is shown at `now`; `violation_id` is the public one."""
    seen = seen_at(ticket, integration, now)
    return {
        "id": ticket.issue_id,
        "key": ticket.key,
        "url": ticket_url(ticket, integration),
        "integration_name": integration.name,
        "violation_id": violation_id,
        "status": seen.status,
        "status_category": seen.category,
        "shown_because": seen.because.value,
        "last_update": stamp_or_none(seen.last_update),
        "created": stamp(ticket.created_at),
        "leading": leading,
    }


def tickets_json(
    tickets: Iterable[Ticket], integrations: Mapping[int, Integration], violation_id: str, now: datetime
) -> list[dict[str, Any]]:
    """The tickets of one violation, the leading one first."""
    return [
        ticket_json(ticket, integrations[ticket.integration_id], violation_id, place == 0, now)
        for place, ticket in enumerate(tickets)
    ]


def violation_json(found: Found, base_url: str, details: bool) -> dict[str, Any]:
    """[xray.md 10] A violation, with `details` or without."""
    violation = found.violation
    body: dict[str, Any] = {
        "issue_id": violation.issue_id,
        "type": violation.type.value,
        "watch_name": violation.watch_name,
        "severity": violation.severity.value,
        "created": stamp(violation.created_at),
        "description": violation.description,
        "infected_components": list(violation.infected_components),
        "impacted_artifacts": [full_name(found.resource)],
        "violation_details_url": f"{base_url}/violations/{violation.public_id}",
    }
    if details:
        body["violation_id"] = violation.public_id
        body["summary"] = violation.summary
        body["properties"] = [{"cve": cve} for cve in violation.cves]
    return body


def resource_json(scanned: Scanned) -> dict[str, Any]:
    """A resource as the Scans List shows it."""
    resource = scanned.resource
    return {
        "id": resource.public_id,
        "type": resource.type.value,
        "name": resource.name,
        "path": resource.path,
        "repo": resource.repo,
        "number": resource.number,
        "version": resource.version,
        "package_type": resource.package_type,
        "violations": scanned.violations,
        "tickets": scanned.tickets,
    }


def full_name(resource: Resource) -> str:
    """What tells a resource from others: its name, and its number or version, or where it is kept."""
    if resource.number or resource.version:
        return f"{resource.name}:{resource.number or resource.version}"
    place = "/".join(part.strip("/") for part in (resource.repo, resource.path) if part)
    return place if place.endswith(resource.name) else "/".join(part for part in (place, resource.name) if part)
