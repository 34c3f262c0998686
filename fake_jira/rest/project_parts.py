"""What hangs on a project: its properties, its pictures, the address that its mails come from."""

import re
from dataclasses import replace
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import Scene
from fake_jira.model import projects as verbs
from fake_jira.model.records import Project
from fake_jira.model.state import CLOUD
from fake_jira.rest.given import id_in, text_in
from fake_jira.rest.project_access import administered
from fake_jira.rest.properties import listing, one, with_one, without, written
from fake_jira.rest.scene import scene, site, user, visible_project, world
from fake_jira.rest.wire import answer, body, chapter, done, signed_in

project_parts = chapter("project_parts")
cloud_project_parts = chapter("cloud_project_parts", CLOUD)
PICTURES = [str(number) for number in range(10400, 10424)]  # ids of the site's own
SENDER = "jira@example.com"
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@project_parts.get("/project/<project_id_or_key>/properties")
def get_project_property_keys(project_id_or_key: str) -> Response:
    """Get project property keys."""
    project = visible_project(project_id_or_key)
    return answer(listing(f"{scene().api}/project/{project.id}/properties", project.properties))


@project_parts.get("/project/<project_id_or_key>/properties/<property_key>")
def get_project_property(project_id_or_key: str, property_key: str) -> Response:
    """Get project property."""
    return answer(one(visible_project(project_id_or_key).properties, property_key))


@project_parts.put("/project/<project_id_or_key>/properties/<property_key>")
def set_project_property(project_id_or_key: str, property_key: str) -> Response:
    """Set project property: any JSON."""
    project, value = administered(project_id_or_key), written(property_key)
    is_new = property_key not in dict(project.properties)
    _keep(replace(project, properties=with_one(project.properties, property_key, value)))
    return done(201 if is_new else 200)


@project_parts.delete("/project/<project_id_or_key>/properties/<property_key>")
def delete_project_property(project_id_or_key: str, property_key: str) -> Response:
    """Delete project property."""
    project = administered(project_id_or_key)
    _keep(replace(project, properties=without(project.properties, property_key)))
    return done()


def _keep(project: Project) -> None:
    world().state.projects[project.id] = project


@cloud_project_parts.get("/project/<project_id>/email")
@signed_in
def get_project_email(project_id: str) -> Response:
    """Get project's sender email."""
    return answer({"emailAddress": visible_project(project_id).sender or SENDER, "emailAddressStatus": []})


@cloud_project_parts.put("/project/<project_id>/email")
@signed_in
def update_project_email(project_id: str) -> Response:
    """Set project's sender email; an empty one = the site's own again."""
    project, address = administered(project_id), text_in(body(), "emailAddress") or ""
    if address and not ADDRESS.fullmatch(address):
        raise Invalid(f"The email address '{address}' is not valid.")
    _keep(replace(project, sender=address))
    return done()


@project_parts.get("/project/<project_id_or_key>/avatars")
def get_all_project_avatars(project_id_or_key: str) -> Response:
    """Get all project avatars: the site's own; nobody can load others up here."""
    project, here = visible_project(project_id_or_key), scene()
    return answer({"system": [_picture(here, project, each) for each in PICTURES], "custom": []})


def _picture(here: Scene, project: Project, avatar_id: str) -> dict[str, Any]:
    return {
        "id": avatar_id,
        "isSystemAvatar": True,
        "isSelected": avatar_id == project.avatar_id,
        "isDeletable": False,
        "urls": here.flavour.avatars(here, "project", avatar_id),
    }


@project_parts.put("/project/<project_id_or_key>/avatar")
def update_project_avatar(project_id_or_key: str) -> Response:
    """Set project avatar."""
    project, wanted = administered(project_id_or_key), id_in(body(), "id")
    if wanted not in PICTURES:
        raise NotThere(f"There is no avatar with id '{wanted}' for this project.")
    verbs.change(site(), project, user(), avatar_id=wanted)
    return done()
