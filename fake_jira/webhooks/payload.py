"""An event as a listener is told of it: the body of a webhook [jira 5.13].

Links in it lead to version 2 of the API and rich text is plain, whatever version the site's clients speak.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fake_jira.flavours import Scene
from fake_jira.model.events import Event
from fake_jira.model.records import Issue
from fake_jira.rest import project_view, satellite_view, shapes
from fake_jira.rest.issue_view import View, change, chosen_fields, shown

Json = dict[str, Any]


def body_of(scene: Scene, event: Event) -> Json:
    """The body, without `matchedWebhookIds`. Rendered inside a request's context, as all answers are."""
    told: Json = {"timestamp": round(event.at.timestamp() * 1000), "webhookEvent": event.kind}
    if event.type_name:
        told["issue_event_type_name"] = event.type_name
    if event.actor is not None:
        told["user"] = shapes.user_by_id(scene, event.actor)
    if event.issue is not None:
        told["issue"] = _issue(scene, event.issue)
    if event.change is not None:
        entry = change(scene, event.change)
        told["changelog"] = {"id": entry["id"], "items": entry["items"]}
    for name, value in event.about.items():
        if name in ABOUT:
            key, show = ABOUT[name]
            told[key] = show(scene, event, value)
    return told


def _issue(scene: Scene, issue: Issue) -> Json:
    whole = shown(View(scene, chosen_fields(scene, None, "*all")), issue)
    return {name: whole[name] for name in ("id", "self", "key", "fields")}


def _link(scene: Scene, _: Event, each: Any) -> Json:
    return {
        "id": int(each.id),
        "sourceIssueId": int(each.source),
        "destinationIssueId": int(each.target),
        "issueLinkType": shapes.link_type(scene, scene.state.link_types[each.type_id]),
    }


def _comment(scene: Scene, event: Event, each: Any) -> Json:
    return shapes.comment(scene, event.issue.id if event.issue else "", each)


def _worklog(scene: Scene, event: Event, each: Any) -> Json:
    return satellite_view.worklog(scene, event.issue, each) if event.issue else {}


ABOUT: Mapping[str, tuple[str, Callable[[Scene, Event, Any], Any]]] = {
    "comment": ("comment", _comment),
    "worklog": ("worklog", _worklog),
    "attachment": ("attachment", lambda scene, _, each: satellite_view.attachment(scene, each)),
    "link": ("issueLink", _link),
    "version": ("version", lambda scene, _, each: project_view.version(scene, each)),
    "project": ("project", lambda scene, _, each: shapes.project(scene, each)),
    "property": ("property", lambda _, __, each: {"key": each}),
}
