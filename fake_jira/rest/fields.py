"""Fields: the system's own and custom ones, made and changed by admins [jira 5.2]."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid, NotThere
from fake_jira.flavours import CLOUD, DATA_CENTER
from fake_jira.model import fields as verbs
from fake_jira.model.field_types import PREFIX, TYPES
from fake_jira.model.records import Field
from fake_jira.model.tasks import add_task
from fake_jira.rest import shapes
from fake_jira.rest.asking import FOR_ADMINS, for_admins, slice_asked
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import scene, site, user, world
from fake_jira.rest.tasks import see_task
from fake_jira.rest.wire import answer, body, chapter, done, listed, numbers, page, signed_in, takes, text

fields = chapter("fields")
cloud_fields = chapter("cloud_fields", CLOUD)
data_center_fields = chapter("data_center_fields", DATA_CENTER)
LONGEST_NAME = 255
NO_FIELD = "The custom field was not found."
KEY: dict[str, Any] = {
    "id": "issuekey",
    "key": "issuekey",
    "name": "Key",
    "custom": False,
    "orderable": False,
    "navigable": True,
    "searchable": False,
    "clauseNames": ["id", "issue", "issuekey", "key"],
}


def require_admin() -> None:
    """Forbidden for who does not administer the site."""
    who = user()
    if who is None or not who.admin:
        raise Forbidden(FOR_ADMINS)


@fields.get("/field")
def get_fields() -> Response:
    """Get fields: the system's own, and the issue key that is listed like one; then the custom ones."""
    known = [each for each in world().state.fields.values() if each.trashed_at is None]
    return answer([KEY, *(shapes.field(each) for each in known)])


@fields.post("/field")
def create_custom_field() -> Response:
    """Create custom field. It is on no screen until somebody puts it on one."""
    given = body()
    who = user()
    if who is None or not who.admin:
        raise Invalid("You do not have permission to create custom fields.")
    name, type_key = _name(given), text_in(given, "type") or ""
    searcher = _searcher(given, type_key)
    field = verbs.add_field(site(), name, type_key, description=text_in(given, "description") or "", searcher=searcher)
    return answer(shapes.field(field), 201)


def _name(given: dict[str, Any]) -> str:
    name = (text_in(given, "name") or "").strip()
    if not name:
        raise Invalid(fields={"name": "The name of the field is required."})
    if len(name) > LONGEST_NAME:
        raise Invalid(fields={"name": f"The name of the field cannot be longer than {LONGEST_NAME} characters."})
    return name


def _searcher(given: dict[str, Any], type_key: str) -> str | None:
    """The searcher's key; Invalid for one that the type cannot be searched by."""
    searcher = text_in(given, "searcherKey")
    kind = TYPES.get(type_key)
    if searcher is None or kind is None:
        return None
    allowed = {kind.searcher} | ({"exactnumber", "numberrange"} if kind.word == "float" else set())
    if searcher.removeprefix(PREFIX) not in allowed:
        raise Invalid(fields={"searcherKey": "The searcher key is not valid for this field type."})
    return searcher


@cloud_fields.put("/field/<field_id>")
@signed_in
def update_custom_field(field_id: str) -> Response:
    """Update custom field."""
    given = body()
    require_admin()
    field = verbs.find_field(site().state, field_id)
    changes: dict[str, Any] = {}
    if given.get("name") is not None:
        changes["name"] = _name(given)
    if given.get("description") is not None:
        changes["description"] = text_in(given, "description")
    searcher = _searcher(given, field.custom or "")
    if searcher is not None:
        changes["searcher"] = searcher
    verbs.change_field(site(), field, **changes)
    return done()


@cloud_fields.delete("/field/<field_id>")
@signed_in
def delete_custom_field(field_id: str) -> Response:
    """Delete custom field, in the trash or not, with all that issues hold of it; a task tells when it is done."""
    require_admin()
    field = verbs.find_field(site().state, field_id)
    verbs.delete_field(site(), field)
    return see_task(add_task(site(), f"Delete custom field {field.name}", user()))


@cloud_fields.post("/field/<field_id>/trash")
@signed_in
@takes(None)
def trash_custom_field(field_id: str) -> Response:
    """Move custom field to trash."""
    require_admin()
    field = verbs.find_field(site().state, field_id)
    if field.trashed_at is not None:
        raise Invalid("The custom field is in the trash already.")
    verbs.trash_field(site(), field, user())
    return answer({})


@cloud_fields.post("/field/<field_id>/restore")
@signed_in
@takes(None)
def restore_custom_field(field_id: str) -> Response:
    """Restore custom field from trash."""
    require_admin()
    field = verbs.find_field(site().state, field_id)
    if field.trashed_at is None:
        raise Invalid("The custom field is not in the trash.")
    verbs.restore_field(site(), field)
    return answer({})


@cloud_fields.get("/field/search")
@signed_in
def get_fields_paginated() -> Response:
    """Get fields paginated; the system's own for admins alone."""
    require_admin()
    kinds = listed("type") or ["custom", "system"]
    for kind in kinds:
        if kind not in ("custom", "system"):
            raise Invalid(f"The field type '{kind}' is not valid; it is custom or system.")
    projects = set(numbers("projectIds") or ())
    found = [
        each
        for each in world().state.fields.values()
        if each.trashed_at is None
        and ("system" if each.custom is None else "custom") in kinds
        and (not projects or each.custom is None or _reaches(each, projects))
    ]
    return _searched(found)


@cloud_fields.get("/field/search/trashed")
@signed_in
def get_trashed_fields_paginated() -> Response:
    """Get fields in trash paginated."""
    require_admin()
    return _searched([each for each in world().state.fields.values() if each.trashed_at is not None])


def _reaches(field: Field, project_ids: set[str]) -> bool:
    """Whether a context of the field covers one of the projects."""
    contexts = verbs.contexts_of(world().state, field.id)
    return any(not each.project_ids or not project_ids.isdisjoint(each.project_ids) for each in contexts)


def _searched(found: Sequence[Field]) -> Response:
    """The page of those among `found` that the query asks for."""
    ids, query = listed("id"), text("query").lower()
    wanted = set(listed("expand") or ())
    chosen = [
        each
        for each in found
        if (ids is None or each.id in ids)
        and (not query or query in each.name.lower() or query in each.description.lower())
    ]
    order = text("orderBy", "name").strip()
    name = order.lstrip("+- ")
    if name not in ORDERS:
        raise Invalid(f"The orderBy value '{order}' is not valid.")
    chosen.sort(key=ORDERS[name], reverse=order.startswith("-"))
    start, size = slice_asked()
    return answer(page(chosen, lambda each: _found(each, wanted), start, size))


def _screens(field: Field) -> int:
    return sum(field.id in screen.field_ids for screen in world().state.screens.values())


def _contexts(field: Field) -> int:
    return len(verbs.contexts_of(world().state, field.id))


def _projects(field: Field) -> int:
    return sum(_reaches(field, {project_id}) for project_id in world().state.projects)


ORDERS: dict[str, Any] = {
    "name": lambda field: field.name.lower(),
    "contextsCount": _contexts,
    "screensCount": _screens,
    "projectsCount": _projects,
    "lastUsed": lambda field: field.id,
    "trashDate": lambda field: str(field.trashed_at),
    "plannedDeletionDate": lambda field: str(field.trashed_at),
}


def _found(field: Field, wanted: set[str]) -> dict[str, Any]:
    """A field as searches show it, with the counts that are asked for."""
    shown: dict[str, Any] = {"id": field.id, "key": field.id, "name": field.name, "schema": shapes.schema(field)}
    if field.custom is not None:
        shown |= {"description": field.description, "typeDisplayName": TYPES[field.custom].title}
        if "searcherKey" in wanted and field.searcher:
            shown["searcherKey"] = field.searcher
    if "isLocked" in wanted:
        shown["isLocked"] = False
    if "isUnscreenable" in wanted:
        shown["isUnscreenable"] = False
    counts = {"screensCount": _screens, "contextsCount": _contexts, "projectsCount": _projects}
    shown |= {name: count(field) for name, count in counts.items() if name in wanted}
    if "lastUsed" in wanted:
        shown["lastUsed"] = {"type": "NOT_TRACKED"}
    return shown


@data_center_fields.get("/customFields")
@for_admins
def get_custom_fields() -> Response:
    """Get custom fields, paged, with where they are used."""
    search, types = text("search").lower(), listed("types")
    screens, projects = set(listed("screenIds") or ()), set(listed("projectIds") or ())
    state = world().state
    found = [
        each
        for each in state.fields.values()
        if each.custom is not None
        and search in each.name.lower()
        and (types is None or each.custom in types)
        and (not screens or any(each.id in state.screens[name].field_ids for name in screens & state.screens.keys()))
        and (not projects or _reaches(each, projects))
    ]
    columns = {"": "name", "name": "name", "projectsCount": "projectsCount", "screensCount": "screensCount"}
    column = columns.get(text("sortColumn"), "name")
    found.sort(key=ORDERS[column], reverse=text("sortOrder").lower().startswith("desc"))
    start, size = slice_asked()
    return answer(page(found, _listed, start, size))


def _listed(field: Field) -> dict[str, Any]:
    state = world().state
    contexts = verbs.contexts_of(state, field.id)
    everywhere = any(not each.project_ids for each in contexts)
    holding = sum(any(name == field.id for name, _ in issue.custom) for issue in state.issues.values())
    return {
        "id": field.id,
        "name": field.name,
        "description": field.description,
        "type": TYPES[field.custom or ""].title,
        "searcherKey": field.searcher or PREFIX + TYPES[field.custom or ""].searcher,
        "self": f"{scene().api}/customFields/{field.id}",
        "numericId": int(field.id.removeprefix("customfield_")),
        "isLocked": False,
        "isManaged": False,
        "isAllProjects": everywhere,
        "isTrusted": True,
        "projectsCount": _projects(field),
        "projectIds": [] if everywhere else [int(one) for each in contexts for one in each.project_ids],
        "issueTypeIds": list(dict.fromkeys(one for each in contexts for one in each.type_ids)),
        "screensCount": _screens(field),
        "issuesWithValue": holding,
    }


@data_center_fields.delete("/customFields")
@for_admins
def bulk_delete_custom_fields() -> Response:
    """Delete custom fields in bulk; what cannot be deleted is told beside what was."""
    deleted, left = [], {}
    for each in listed("ids") or ():
        try:
            verbs.delete_field(site(), verbs.find_field(site().state, each))
            deleted.append(each)
        except NotThere as error:
            left[each] = str(error)
    if not deleted:
        raise Invalid("No custom field was deleted.")
    message = f"{len(deleted)} custom field(s) deleted."
    return answer({"message": message, "deletedCustomFields": deleted, "notDeletedCustomFields": left})
