"""Statuses as they are managed: searched, made, renamed, deleted, and where they are used. Cloud's alone."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from fake_jira.errors import Invalid, NotAuthorised, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model import statuses as verbs
from fake_jira.model.records import Status
from fake_jira.model.workflows import entity_id, statuses_of
from fake_jira.rest.asking import slice_asked
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import may, site, user
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, page, signed_in, text

statuses = chapter("statuses", CLOUD)
WORDS = {"TODO": 2, "IN_PROGRESS": 4, "DONE": 3}
OF_CATEGORY = {2: "TODO", 4: "IN_PROGRESS", 3: "DONE", 1: "TODO"}
MOST = 50
NOT_ALLOWED = "You do not have permission to manage statuses."


def _require(project_id: str | None = None) -> None:
    """Only who administers the site, or the project that is named. Told with 401, as Atlassian's document has it."""
    who = user()
    if who is None or not (who.admin or (project_id and may("ADMINISTER_PROJECTS", project_id))):
        raise NotAuthorised(NOT_ALLOWED)


def _shown(status: Status) -> dict[str, Any]:
    scope: dict[str, Any] = {"type": "GLOBAL"}
    if status.project_id:
        scope = {"type": "PROJECT", "project": {"id": status.project_id}}
    return {
        "id": status.id,
        "name": status.name,
        "statusCategory": OF_CATEGORY[status.category_id],
        "scope": scope,
        "description": status.description,
    }


def _named(ids: Sequence[str]) -> list[Status]:
    """The statuses with these ids; Invalid if one is unknown or there are too many."""
    if not 1 <= len(ids) <= MOST:
        raise Invalid(f"The number of statuses must be between 1 and {MOST}.")
    missing = [each for each in ids if each not in site().state.statuses]
    if missing:
        raise Invalid(f"The statuses were not found: {', '.join(missing)}.")
    return [site().state.statuses[each] for each in ids]


@statuses.get("/statuses")
@signed_in
def get_statuses_by_id() -> Response:
    """Bulk get statuses."""
    _require()
    return answer([_shown(each) for each in _named(request.args.getlist("id"))])


@statuses.get("/statuses/byNames")
@signed_in
def get_statuses_by_name() -> Response:
    """Bulk get statuses by name."""
    _require(text("projectId"))
    names = {each.lower() for each in request.args.getlist("name")}
    if not names:
        raise Invalid("At least one name is required.")
    project_id = text("projectId") or None
    found = [
        each for each in site().state.statuses.values() if each.name.lower() in names and each.project_id == project_id
    ]
    return answer([_shown(each) for each in found])


@statuses.get("/statuses/search")
@signed_in
def search() -> Response:
    """Search statuses paginated; those of one project if it is named."""
    project_id, query, category = text("projectId") or None, text("searchString").lower(), text("statusCategory")
    _require(project_id)
    if category and category.upper() not in WORDS:
        raise Invalid(f"The status category '{category}' is one of: {', '.join(WORDS)}.")
    if project_id and project_id not in site().state.projects:
        raise Invalid(f"The project with id '{project_id}' was not found.")
    found = [
        each
        for each in site().state.statuses.values()
        if each.project_id == project_id
        and query in each.name.lower()
        and (not category or OF_CATEGORY[each.category_id] == category.upper())
    ]
    start, size = slice_asked()
    return answer(page(sorted(found, key=lambda each: each.name), _shown, start, min(size, 200)))


def _given() -> list[dict[str, Any]]:
    given = body().get("statuses")
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise Invalid(BAD_PAYLOAD)
    if len(given) > MOST:
        raise Invalid(f"The number of statuses must be between 1 and {MOST}.")
    return given


def _values(given: dict[str, Any]) -> tuple[str, int, str]:
    """Name, category and description."""
    name, word = (text_in(given, "name") or "").strip(), text_in(given, "statusCategory")
    if not 1 <= len(name) <= 255:
        raise Invalid("The name of a status has 1 to 255 characters.")
    if word not in WORDS:
        raise Invalid(f"The status category is one of: {', '.join(WORDS)}.")
    return name, WORDS[word], text_in(given, "description") or ""


@statuses.post("/statuses")
@signed_in
def create_statuses() -> Response:
    """Bulk create statuses."""
    scope, given = body().get("scope"), _given()
    if not isinstance(scope, dict) or scope.get("type") not in ("GLOBAL", "PROJECT"):
        raise Invalid("The scope is GLOBAL or PROJECT.")
    project_id = None
    if scope["type"] == "PROJECT":
        project = scope.get("project")
        project_id = text_in(project, "id") if isinstance(project, dict) else None
        if project_id not in site().state.projects:
            raise Invalid("The project of the scope was not found.")
    _require(project_id)
    values = [_values(each) for each in given]
    for name, _, _ in values:
        verbs.check_name(site().state, name, project_id)
    if len({name.lower() for name, _, _ in values}) < len(values):
        raise Invalid("A name is in the request more than once.")
    made = [
        verbs.add_status(site(), name, category, description=description, project_id=project_id)
        for name, category, description in values
    ]
    return answer([_shown(each) for each in made])


@statuses.put("/statuses")
@signed_in
def update_statuses() -> Response:
    """Bulk update statuses: issues show the new names at once."""
    given = _given()
    _require()
    found = _named([text_in(each, "id") or "" for each in given])
    values = [_values(each) for each in given]
    for status, (name, _, _) in zip(found, values, strict=True):
        verbs.check_name(site().state, name, status.project_id, status.id)
    for status, (name, category, description) in zip(found, values, strict=True):
        verbs.change_status(site(), status, name, category, description)
    return done()


@statuses.delete("/statuses")
@signed_in
def delete_statuses_by_id() -> Response:
    """Bulk delete statuses; none that is in use."""
    _require()
    for each in _named(request.args.getlist("id")):
        verbs.delete_status(site(), each)
    return done()


def _used(status_id: str) -> Status:
    _require()
    found = site().state.statuses.get(status_id)
    if found is None:
        raise NotThere(f"The status with id '{status_id}' was not found.")
    return found


@statuses.get("/statuses/<status_id>/projectUsages")
@signed_in
def get_project_usages_for_status(status_id: str) -> Response:
    """Get project usages by status."""
    status = _used(status_id)
    found = [
        each.id
        for each in site().state.projects.values()
        if any(status.id in statuses_of(each, type_id) for type_id in each.type_ids)
    ]
    return answer({"statusId": status.id, "projects": {"values": [{"id": each} for each in found]}})


@statuses.get("/statuses/<status_id>/project/<project_id>/issueTypeUsages")
@signed_in
def get_project_issue_type_usages_for_status(status_id: str, project_id: str) -> Response:
    """Get issue type usages by status and project."""
    status = _used(status_id)
    project = site().state.projects.get(project_id)
    types = [each for each in project.type_ids if status.id in statuses_of(project, each)] if project else []
    values = {"values": [{"id": each} for each in types]}
    return answer({"statusId": status.id, "projectId": project_id, "issueTypes": values})


@statuses.get("/statuses/<status_id>/workflowUsages")
@signed_in
def get_workflow_usages_for_status(status_id: str) -> Response:
    """Get workflow usages by status."""
    status = _used(status_id)
    found = verbs.workflows_with(site().state, status.id)
    return answer({"statusId": status.id, "workflows": {"values": [{"id": entity_id(each)} for each in found]}})
