"""Issue types of the site and of projects, and their properties."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere, Taken
from fake_jira.model import issue_types as verbs
from fake_jira.model.records import IssueType
from fake_jira.model.state import CLOUD, DATA_CENTER
from fake_jira.rest.given import one_of, text_in
from fake_jira.rest.project_access import is_admin, require_admin
from fake_jira.rest.properties import listing, one, with_one, without, written
from fake_jira.rest.scene import flavour, scene, site, user, visible_project, visible_projects, world
from fake_jira.rest.shapes import issue_type
from fake_jira.rest.wire import answer, body, chapter, done, number, numbers, page, text

issue_types = chapter("issue_types")
cloud_issue_types = chapter("cloud_issue_types", CLOUD)
data_center_issue_types = chapter("data_center_issue_types", DATA_CENTER)
LONGEST_NAME = 60
PER_PAGE = 100
LEVELS = {"standard": 0, "subtask": -1}
ANY_LEVEL = -99


def found_type(type_id: str) -> IssueType:
    """The issue type, or NotThere."""
    found = world().state.types.get(type_id)
    if found is None:
        raise NotThere(f"The issue type with id '{type_id}' does not exist")
    return found


def _seen() -> list[IssueType]:
    """All of them for admins, for others what the projects that they may browse have; anonymous sees all."""
    types, who = world().state.types, user()
    if who is None or is_admin():
        return list(types.values())
    theirs = {type_id for project in visible_projects().values() for type_id in project.type_ids}
    return [each for each in types.values() if each.id in theirs]


@issue_types.get("/issuetype")
def get_issue_all_types() -> Response:
    """Get all issue types for user."""
    here = scene()
    return answer([issue_type(here, each) for each in _seen()])


@issue_types.post("/issuetype")
def create_issue_type() -> Response:
    """Create issue type; every project has it at once."""
    require_admin()
    given = body()
    kind, level = one_of(given, "type", LEVELS), given.get("hierarchyLevel")
    if level is not None and (kind is not None or level not in LEVELS.values()):
        raise Invalid(fields={"hierarchyLevel": "The hierarchy level is 0 or -1, and stands in place of the type."})
    name = _name(given, None)
    at = level if level is not None else LEVELS[kind or "standard"]
    made = verbs.add_type(site(), name, text_in(given, "description") or "", at)
    return answer(issue_type(scene(), made), 201)


def _name(given: Mapping[str, Any], own: IssueType | None) -> str:
    name = text_in(given, "name")
    if name is None and own is not None:
        return own.name
    if not (name or "").strip():
        raise Invalid(fields={"name": "You must specify a name for this new issue type."})
    if len(str(name)) > LONGEST_NAME:
        raise Invalid(fields={"name": f"The issue type name must not exceed {LONGEST_NAME} characters."})
    if verbs.type_named(world().state, str(name)) not in (None, own):
        raise Taken("An issue type with this name already exists.")
    return str(name).strip()


@issue_types.get("/issuetype/<type_id>")
def get_issue_type(type_id: str) -> Response:
    """Get issue type."""
    return answer(issue_type(scene(), found_type(type_id)))


@issue_types.put("/issuetype/<type_id>")
def update_issue_type(type_id: str) -> Response:
    """Update issue type: what the body does not name stays."""
    require_admin()
    kind, given = found_type(type_id), body()
    values: dict[str, Any] = {"name": _name(given, kind)}
    description, avatar = text_in(given, "description"), given.get("avatarId")
    if description is not None:
        values["description"] = description
    if avatar is not None:
        if isinstance(avatar, bool) or not isinstance(avatar, int) or avatar <= 0:
            raise Invalid(fields={"avatarId": "The avatar is not associated with this issue type."})
        values["avatar_id"] = avatar
    return answer(issue_type(scene(), verbs.change_type(site(), kind, **values)))


@issue_types.delete("/issuetype/<type_id>")
def delete_issue_type(type_id: str) -> Response:
    """Delete issue type; what is of it becomes the alternative."""
    require_admin()
    kind, other = found_type(type_id), text("alternativeIssueTypeId")
    state = world().state
    instead = found_type(other) if other else None
    if verbs.issues_of_type(state, kind.id):
        if instead is None:
            raise NotThere("The issue type is in use; an alternative issue type must be named.")
        if instead == kind or instead.subtask != kind.subtask:
            raise flavour().no_alternative("The alternative issue type cannot take the place of this one.")
        if instead not in verbs.alternatives(state, kind):
            raise Invalid("The issues of this type cannot be updated with the alternative issue type.")
    verbs.delete_type(site(), kind, user(), instead)
    return done()


@issue_types.get("/issuetype/<type_id>/alternatives")
def get_alternative_issue_types(type_id: str) -> Response:
    """Get alternative issue types."""
    here, kind = scene(), found_type(type_id)
    return answer([issue_type(here, each) for each in verbs.alternatives(world().state, kind)])


@cloud_issue_types.get("/issuetype/project")
def get_issue_types_for_project() -> Response:
    """Get issue types for project."""
    project, level = visible_project(str(number("projectId", 0))), number("level", ANY_LEVEL)
    here, types = scene(), world().state.types
    chosen = [types[type_id] for type_id in project.type_ids if level in (ANY_LEVEL, types[type_id].hierarchy_level)]
    return answer([issue_type(here, each) for each in chosen])


@data_center_issue_types.get("/issuetype/page")
def get_paginated_issue_types() -> Response:
    """Issue types page by page, of all projects or of some."""
    here, ids, words = scene(), numbers("projectIds"), text("query").lower()
    visible = visible_projects()
    theirs = {type_id for each in ids or () if each in visible for type_id in visible[each].type_ids}
    found = [each for each in _seen() if words in each.name.lower() and (ids is None or each.id in theirs)]
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    return answer(page(found, lambda each: issue_type(here, each), start, size))


@issue_types.get("/issuetype/<type_id>/properties")
def get_issue_type_property_keys(type_id: str) -> Response:
    """Get issue type property keys."""
    kind = found_type(type_id)
    return answer(listing(f"{scene().api}/issuetype/{kind.id}/properties", kind.properties))


@issue_types.get("/issuetype/<type_id>/properties/<property_key>")
def get_issue_type_property(type_id: str, property_key: str) -> Response:
    """Get issue type property."""
    return answer(one(found_type(type_id).properties, property_key))


@issue_types.put("/issuetype/<type_id>/properties/<property_key>")
def set_issue_type_property(type_id: str, property_key: str) -> Response:
    """Set issue type property: any JSON."""
    require_admin()
    kind, value = found_type(type_id), written(property_key)
    is_new = property_key not in dict(kind.properties)
    verbs.change_type(site(), kind, properties=with_one(kind.properties, property_key, value))
    return done(201 if is_new else 200)


@issue_types.delete("/issuetype/<type_id>/properties/<property_key>")
def delete_issue_type_property(type_id: str, property_key: str) -> Response:
    """Delete issue type property."""
    require_admin()
    kind = found_type(type_id)
    verbs.change_type(site(), kind, properties=without(kind.properties, property_key))
    return done()
