"""Notification schemes: who is told of which event, and which one a project has. Read only: the fake mails nobody."""

from typing import Any

from flask import Response

from fake_jira.errors import NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model.access import Holder, Notification, NotificationScheme
from fake_jira.model.stock_access import EVENTS
from fake_jira.rest.asking import PER_PAGE, expansions, for_admins
from fake_jira.rest.holders import shown_holder
from fake_jira.rest.project_access import administered, administers
from fake_jira.rest.scene import scene, user, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number, page, signed_in

notification_schemes = chapter("notification_schemes")
cloud_notification_schemes = chapter("cloud_notification_schemes", CLOUD)
EXPAND = "notificationSchemeEvents,user,group,projectRole,field,all"
DEFAULT = "10000"
KINDS = {"User": "user", "Group": "group", "ProjectRole": "projectRole"}


def _shown(scheme: NotificationScheme) -> dict[str, Any]:
    """A scheme; who is told where `expand` asks for it."""
    shown: dict[str, Any] = {
        "expand": EXPAND,
        "id": int(scheme.id),
        "self": f"{scene().api}/notificationscheme/{scheme.id}",
        "name": scheme.name,
        "description": scheme.description,
    }
    if expansions():
        shown["notificationSchemeEvents"] = [
            {
                "event": {"id": int(event), "name": name, "description": description},
                "notifications": [_told(each) for each in scheme.notifications if each.event_id == event],
            }
            for event, name, description in EVENTS
        ]
    return shown


def _told(each: Notification) -> dict[str, Any]:
    about: dict[str, Any] = {"id": int(each.id), "notificationType": each.kind}
    if each.kind in KINDS:
        holder = shown_holder(Holder(KINDS[each.kind], each.parameter))
        about |= {"parameter": holder.get("parameter"), "recipient": each.parameter}
    return about


def _visible() -> list[NotificationScheme]:
    """All for admins of the site, else those of the projects that the caller administers."""
    state, who = world().state, user()
    used = {each.notification_scheme_id for each in state.projects.values() if administers(each)}
    return [each for each in state.notification_schemes.values() if (who and who.admin) or each.id in used]


@notification_schemes.get("/notificationscheme")
@signed_in
def get_notification_schemes() -> Response:
    """Get notification schemes paginated."""
    ids, project_ids, projects = listed("id"), listed("projectId"), world().state.projects
    of_projects = {projects[each].notification_scheme_id for each in project_ids or () if each in projects}
    found = [
        each
        for each in _visible()
        if (ids is None or each.id in ids)
        and (project_ids is None or each.id in of_projects)
        and (not flag("onlyDefault") or each.id == DEFAULT)
    ]
    start, size = max(0, number("startAt", 0)), min(number("maxResults", PER_PAGE), PER_PAGE)
    return answer(page(found, _shown, start, size))


@notification_schemes.get("/notificationscheme/<int:scheme_id>")
@signed_in
def get_notification_scheme(scheme_id: int) -> Response:
    """Get notification scheme."""
    for each in _visible():
        if each.id == str(scheme_id):
            return answer(_shown(each))
    raise NotThere(f"The notification scheme with id {scheme_id} does not exist.")


@cloud_notification_schemes.get("/notificationscheme/project")
@for_admins
def get_notification_scheme_to_project_mappings() -> Response:
    """Get projects using notification schemes paginated."""
    schemes, projects = listed("notificationSchemeId"), listed("projectId")
    found = [
        each
        for each in world().state.projects.values()
        if (schemes is None or each.notification_scheme_id in schemes) and (projects is None or each.id in projects)
    ]
    start, size = max(0, number("startAt", 0)), min(number("maxResults", PER_PAGE), PER_PAGE)
    return answer(
        page(
            found,
            lambda each: {"notificationSchemeId": each.notification_scheme_id, "projectId": each.id},
            start,
            size,
        )
    )


@notification_schemes.get("/project/<project_key_or_id>/notificationscheme")
@signed_in
def get_notification_scheme_for_project(project_key_or_id: str) -> Response:
    """Get project notification scheme."""
    project = administered(project_key_or_id)
    scheme = world().state.notification_schemes.get(project.notification_scheme_id)
    if scheme is None:
        raise NotThere("The project has no notification scheme.")
    return answer(_shown(scheme))
