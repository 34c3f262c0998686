"""The lists that every site has: statuses, categories, priorities, resolutions, fields [jira 5.2].

Like every anonymous-capable list they answer anybody; only what belongs to projects is hidden.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from fake_jira.errors import NotThere
from fake_jira.flavours import Scene
from fake_jira.rest import shapes
from fake_jira.rest.scene import scene, world
from fake_jira.rest.wire import answer, chapter

catalogue = chapter("catalogue")


def _all(records: Mapping[Any, Any], show: Callable[[Scene, Any], Any]) -> Response:
    here = scene()
    return answer([show(here, each) for each in records.values()])


def _one(records: Mapping[str, Any], wanted: str, show: Callable[[Scene, Any], Any], sentence: str) -> Response:
    if wanted not in records:
        raise NotThere(sentence.format(wanted))
    return answer(show(scene(), records[wanted]))


@catalogue.get("/status")
def get_statuses() -> Response:
    """Get all statuses."""
    return _all(world().state.statuses, shapes.status)


@catalogue.get("/status/<id_or_name>")
def get_status(id_or_name: str) -> Response:
    """Get status, by id or name."""
    found = world().state.status_named(id_or_name)
    if found is None:
        raise NotThere("The status was not found.")
    return answer(shapes.status(scene(), found))


@catalogue.get("/statuscategory")
def get_status_categories() -> Response:
    """Get all status categories."""
    return _all(world().state.categories, shapes.category)


@catalogue.get("/statuscategory/<id_or_key>")
def get_status_category(id_or_key: str) -> Response:
    """Get status category, by id or key."""
    for each in world().state.categories.values():
        if id_or_key in (str(each.id), each.key):
            return answer(shapes.category(scene(), each))
    raise NotThere(f"The status category '{id_or_key}' was not found.")


@catalogue.get("/priority")
def get_priorities() -> Response:
    """Get priorities."""
    return _all(world().state.priorities, shapes.full_priority)


@catalogue.get("/priority/<priority_id>")
def get_priority(priority_id: str) -> Response:
    """Get priority."""
    sentence = "The priority with id '{}' does not exist"
    return _one(world().state.priorities, priority_id, shapes.full_priority, sentence)


@catalogue.get("/resolution")
def get_resolutions() -> Response:
    """Get resolutions."""
    return _all(world().state.resolutions, shapes.resolution)


@catalogue.get("/resolution/<resolution_id>")
def get_resolution(resolution_id: str) -> Response:
    """Get resolution."""
    return _one(world().state.resolutions, resolution_id, shapes.resolution, "The resolution '{}' does not exist")


@catalogue.get("/field")
def get_fields() -> Response:
    """Get fields: the system's own, and the issue key that is listed like one."""
    key = {
        "id": "issuekey",
        "key": "issuekey",
        "name": "Key",
        "custom": False,
        "orderable": False,
        "navigable": True,
        "searchable": False,
        "clauseNames": ["id", "issue", "issuekey", "key"],
    }
    return answer([key, *(shapes.field(each) for each in world().state.fields.values())])
