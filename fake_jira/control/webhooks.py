"""Webhooks of a world, and what has become of their deliveries."""

from typing import Any

from flask import Response

from fake_jira.control.fake import here
from fake_jira.control.reading import answer


def listing() -> Response:
    """Who is told, and by whom that was registered."""
    state = here().state
    apps = [
        {"id": each.id, "url": each.url, "events": list(each.events), "jql": each.jql, "app": each.client_id}
        for each in state.webhooks.values()
    ]
    admins = [
        {"id": each.id, "url": each.url, "events": list(each.events), "name": each.name, "enabled": each.enabled}
        for each in state.admin_webhooks.values()
    ]
    return answer({"apps": apps, "administrators": admins})


def deliveries() -> Response:
    """The latest thousand deliveries, oldest first; `state` is waiting, under way, delivered or failed."""
    shown: list[dict[str, Any]] = [
        {
            "id": each.id,
            "url": each.url,
            "event": each.event,
            "state": each.state,
            "tries": each.tries,
            "status": each.status,
            "due": each.due.isoformat().replace("+00:00", "Z"),
        }
        for each in list(here().deliveries)
    ]
    return answer({"deliveries": shown})


ROUTES = (("GET", "/webhooks", listing), ("GET", "/webhooks/deliveries", deliveries))
