"""Statuses and their categories, as everybody reads them [jira 5.2]. `statuses.py` has how they are managed.

Like every anonymous-capable list they answer anybody; only what belongs to projects is hidden.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from fake_jira.errors import NotThere
from fake_jira.flavours import DATA_CENTER, Scene
from fake_jira.model.workflows import statuses_of
from fake_jira.rest import shapes
from fake_jira.rest.asking import slice_asked
from fake_jira.rest.scene import scene, world
from fake_jira.rest.wire import answer, chapter, numbers, page, text

catalogue = chapter("catalogue")
data_center_catalogue = chapter("data_center_catalogue", DATA_CENTER)


def _all(records: Mapping[Any, Any], show: Callable[[Scene, Any], Any]) -> Response:
    here = scene()
    return answer([show(here, each) for each in records.values()])


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


@data_center_catalogue.get("/status/page")
def get_paginated_statuses() -> Response:
    """Get paginated statuses, those of the projects and issue types that are named."""
    state, query = world().state, text("query").lower()
    projects, types = numbers("projectIds"), numbers("issueTypeIds")
    used: set[str] = set()
    if projects is not None or types is not None:
        for project in state.projects.values():
            if projects is None or project.id in projects:
                kinds = [each for each in project.type_ids if types is None or each in types]
                used |= {status_id for kind in kinds for status_id in statuses_of(project, kind)}
    found = [
        each
        for each in state.statuses.values()
        if query in each.name.lower() and (each.id in used or (projects is None and types is None))
    ]
    here = scene()
    start, size = slice_asked()
    return answer(page(found, lambda each: shapes.status(here, each), start, size))
