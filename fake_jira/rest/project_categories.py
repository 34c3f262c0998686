"""Project categories."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere, Taken
from fake_jira.model.project_records import Category
from fake_jira.rest.given import text_in
from fake_jira.rest.project_access import require_admin
from fake_jira.rest.scene import scene, site, world
from fake_jira.rest.shapes import project_category
from fake_jira.rest.wire import answer, body, chapter, done, signed_in

project_categories = chapter("project_categories")
LONGEST_NAME = 255
LONGEST_DESCRIPTION = 1000


def _found(category_id: str) -> Category:
    found = world().state.project_categories.get(category_id)
    if found is None:
        raise NotThere(f"A project category with id '{category_id}' does not exist.")
    return found


def _texts(given: Mapping[str, Any], own: Category | None = None) -> dict[str, str]:
    """The name and the description of a body; Invalid or Taken if they cannot be."""
    texts = {name: value.strip() for name in ("name", "description") if (value := text_in(given, name)) is not None}
    name = texts.get("name")
    if name == "" or (name is None and own is None):
        raise Invalid(fields={"name": "The project category name must not be empty."})
    if len(name or "") > LONGEST_NAME:
        raise Invalid(fields={"name": f"The project category name must not exceed {LONGEST_NAME} characters."})
    if len(texts.get("description", "")) > LONGEST_DESCRIPTION:
        raise Invalid(fields={"description": f"The description must not exceed {LONGEST_DESCRIPTION} characters."})
    others = [each for each in world().state.project_categories.values() if each != own]
    if name is not None and any(each.name.lower() == name.lower() for each in others):
        raise Taken(f"The project category '{name}' already exists.")
    return texts


@project_categories.get("/projectCategory")
@signed_in
def get_all_project_categories() -> Response:
    """Get all project categories."""
    here = scene()
    return answer([project_category(here, each) for each in world().state.project_categories.values()])


@project_categories.post("/projectCategory")
@signed_in
def create_project_category() -> Response:
    """Create project category."""
    require_admin()
    state = site().state
    texts = _texts(body())
    made = Category(state.next_id("category"), **texts)
    state.project_categories[made.id] = made
    return answer(project_category(scene(), made), 201)


@project_categories.get("/projectCategory/<category_id>")
@signed_in
def get_project_category_by_id(category_id: str) -> Response:
    """Get project category by ID."""
    return answer(project_category(scene(), _found(category_id)))


@project_categories.put("/projectCategory/<category_id>")
@signed_in
def update_project_category(category_id: str) -> Response:
    """Update project category: what the body does not name stays."""
    require_admin()
    found = _found(category_id)
    changed = replace(found, **_texts(body(), found))
    world().state.project_categories[category_id] = changed
    world().state.renamed()
    return answer(project_category(scene(), changed))


@project_categories.delete("/projectCategory/<category_id>")
@signed_in
def remove_project_category(category_id: str) -> Response:
    """Delete project category; its projects have none from then on."""
    require_admin()
    _found(category_id)
    state = world().state
    for project in state.projects.values():
        if project.category_id == category_id:
            state.projects[project.id] = replace(project, category_id=None)
    del state.project_categories[category_id]
    state.renamed()
    return done()
