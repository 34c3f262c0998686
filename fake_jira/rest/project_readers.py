"""The issue fields `components`, `fixVersions` and `versions`: what they take, and what can be chosen for them."""

from typing import Any

from fake_jira.errors import Invalid
from fake_jira.flavours import Scene
from fake_jira.model.components import component_named, components_of
from fake_jira.model.records import Project
from fake_jira.model.versions import version_named
from fake_jira.rest import shapes
from fake_jira.rest.field_readers import Several
from fake_jira.rest.issue_input import Input
from fake_jira.rest.scene import site


def _components(given: Input, value: list[Any]) -> tuple[str, ...]:
    return tuple(_component(given.project, each) for each in value)


def _component(project: Project, value: Any) -> str:
    """By id or name, in the issue's project."""
    named, named_so = _named(value)
    found = site().state.components.get(named or "")
    if named is None:
        found = component_named(site().state, project.id, named_so)
        if found is None:
            raise Invalid(f"Component name '{named_so}' is not valid")
    if found is None or found.project_id != project.id:
        raise Invalid(f"Component id '{named}' is not valid")
    return found.id


def _versions(given: Input, value: list[Any]) -> tuple[str, ...]:
    return tuple(_version(given, each) for each in value)


def _version(given: Input, value: Any) -> str:
    """By id or name, in the issue's project."""
    named, named_so = _named(value)
    found = site().state.versions.get(named or "")
    if named is None:
        found = version_named(site().state, given.project.id, named_so)
        if found is None:
            raise Invalid(f"Version name '{named_so}' is not valid")
    if found is None or found.project_id != given.project.id:
        raise Invalid(f"Version id '{named}' is not valid")
    return found.id


def _named(value: Any) -> tuple[str | None, str]:
    """The id that a value says, or None and the name."""
    if not isinstance(value, dict):
        raise Invalid("expected Object")
    if value.get("id") is not None:
        return str(value["id"]), ""
    if not isinstance(value.get("name"), str):
        raise Invalid("expected 'id' or 'name' property")
    return None, value["name"]


def allowed_components(scene: Scene, project: Project, _: Any) -> list[dict[str, Any]]:
    """What createmeta and editmeta offer."""
    return [shapes.component(scene, each) for each in components_of(scene.state, project.id)]


OF_PROJECTS = {  # field -> attribute of the record, its reader
    "components": ("component_ids", Several(_components)),
    "fixVersions": ("fix_version_ids", Several(_versions)),
    "versions": ("affects_version_ids", Several(_versions)),
}
