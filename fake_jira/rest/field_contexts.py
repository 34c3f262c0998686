"""Contexts of custom fields: in which projects and for which issue types a field applies, and what new issues hold.

Cloud's alone; Data Center sets them up on its pages.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model import fields as verbs
from fake_jira.model.field_records import Context
from fake_jira.rest.asking import slice_asked, strings
from fake_jira.rest.default_values import default_in, default_shown
from fake_jira.rest.field_options import find_context
from fake_jira.rest.fields import require_admin
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import site
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, numbers, page, signed_in, text

contexts = chapter("contexts", CLOUD)
ADDRESS = "/field/<field_id>/context"


def _of(field_id: str) -> list[Context]:
    """The field's contexts, those alone that the query names."""
    require_admin()
    state = site().state
    wanted = numbers("contextId")
    found = verbs.contexts_of(state, verbs.find_field(state, field_id).id)
    return [each for each in found if wanted is None or each.id in wanted]


def _paged(items: Sequence[Any], show: Callable[[Any], Any] = lambda each: each) -> Response:
    start, size = slice_asked()
    return answer(page(items, show, start, size))


def _shown(context: Context) -> dict[str, Any]:
    return {
        "id": context.id,
        "name": context.name,
        "description": context.description,
        "isGlobalContext": not context.project_ids,
        "isAnyIssueType": not context.type_ids,
    }


@contexts.get(ADDRESS)
@signed_in
def get_contexts_for_field(field_id: str) -> Response:
    """Get custom field contexts."""
    found = _of(field_id)
    if text("isAnyIssueType"):
        found = [each for each in found if flag("isAnyIssueType") == (not each.type_ids)]
    if text("isGlobalContext"):
        found = [each for each in found if flag("isGlobalContext") == (not each.project_ids)]
    return _paged(found, _shown)


@contexts.get("/field/<field_id>/contexts")
def get_contexts_for_field_deprecated(field_id: str) -> Response:
    """Get contexts for a field, the old form."""
    return _paged(_of(field_id), lambda each: {"id": int(each.id), "name": each.name})


@contexts.post(ADDRESS)
@signed_in
def create_custom_field_context(field_id: str) -> Response:
    """Create custom field context."""
    given = body()
    require_admin()
    field = verbs.find_field(site().state, field_id)
    name, description = text_in(given, "name") or "", text_in(given, "description") or ""
    if not name.strip():
        raise Invalid("The name of the context is required.")
    projects, types = _projects(strings(given, "projectIds")), _types(strings(given, "issueTypeIds"))
    context = verbs.add_context(site(), field, name, description, project_ids=projects, type_ids=types)
    made = {"id": context.id, "name": context.name, "description": context.description}
    return answer(made | {"projectIds": list(context.project_ids), "issueTypeIds": list(context.type_ids)}, 201)


def _projects(ids: Sequence[str]) -> list[str]:
    for each in ids:
        if each not in site().state.projects:
            raise NotThere(f"The project with id '{each}' was not found.")
    return list(ids)


def _types(ids: Sequence[str]) -> list[str]:
    for each in ids:
        if each not in site().state.types:
            raise NotThere(f"The issue type with id '{each}' was not found.")
    return list(ids)


@contexts.put(ADDRESS + "/<context_id>")
@signed_in
def update_custom_field_context(field_id: str, context_id: str) -> Response:
    """Update custom field context: its name and description."""
    given = body()
    require_admin()
    context = find_context(field_id, context_id)
    name, description = text_in(given, "name"), text_in(given, "description")
    verbs.put_context(
        site(),
        replace(
            context,
            name=context.name if name is None else name,
            description=context.description if description is None else description,
        ),
    )
    return done()


@contexts.delete(ADDRESS + "/<context_id>")
@signed_in
def delete_custom_field_context(field_id: str, context_id: str) -> Response:
    """Delete custom field context."""
    require_admin()
    verbs.delete_context(site(), find_context(field_id, context_id))
    return done()


@contexts.put(ADDRESS + "/<context_id>/project")
@signed_in
def assign_projects_to_custom_field_context(field_id: str, context_id: str) -> Response:
    """Assign custom field context to projects."""
    named = strings(body(), "projectIds")
    require_admin()
    context = find_context(field_id, context_id)
    ids = dict.fromkeys([*context.project_ids, *_projects(named)])
    verbs.put_context(site(), replace(context, project_ids=tuple(ids)))
    return done()


@contexts.post(ADDRESS + "/<context_id>/project/remove")
@signed_in
def remove_custom_field_context_from_projects(field_id: str, context_id: str) -> Response:
    """Remove custom field context from projects; without any it is a global one."""
    named = strings(body(), "projectIds")
    require_admin()
    context = find_context(field_id, context_id)
    gone = _projects(named)
    verbs.put_context(
        site(), replace(context, project_ids=tuple(each for each in context.project_ids if each not in gone))
    )
    return done()


@contexts.put(ADDRESS + "/<context_id>/issuetype")
@signed_in
def add_issue_types_to_context(field_id: str, context_id: str) -> Response:
    """Add issue types to context."""
    named = strings(body(), "issueTypeIds")
    require_admin()
    context = find_context(field_id, context_id)
    ids = dict.fromkeys([*context.type_ids, *_types(named)])
    verbs.put_context(site(), replace(context, type_ids=tuple(ids)))
    return done()


@contexts.post(ADDRESS + "/<context_id>/issuetype/remove")
@signed_in
def remove_issue_types_from_context(field_id: str, context_id: str) -> Response:
    """Remove issue types from context; without any it is for all of them."""
    named = strings(body(), "issueTypeIds")
    require_admin()
    context = find_context(field_id, context_id)
    gone = _types(named)
    verbs.put_context(site(), replace(context, type_ids=tuple(each for each in context.type_ids if each not in gone)))
    return done()


@contexts.get(ADDRESS + "/projectmapping")
@signed_in
def get_project_context_mapping(field_id: str) -> Response:
    """Get project mappings for custom field context."""
    rows: list[dict[str, Any]] = []
    for each in _of(field_id):
        rows += [{"contextId": each.id, "projectId": one} for one in each.project_ids]
        if not each.project_ids:
            rows.append({"contextId": each.id, "isGlobalContext": True})
    return _paged(rows)


@contexts.get(ADDRESS + "/issuetypemapping")
@signed_in
def get_issue_type_mappings_for_contexts(field_id: str) -> Response:
    """Get issue types for custom field context."""
    rows: list[dict[str, Any]] = []
    for each in _of(field_id):
        rows += [{"contextId": each.id, "issueTypeId": one} for one in each.type_ids]
        if not each.type_ids:
            rows.append({"contextId": each.id, "isAnyIssueType": True})
    return _paged(rows)


@contexts.post(ADDRESS + "/mapping")
@signed_in
def get_custom_field_contexts_for_projects_and_issue_types(field_id: str) -> Response:
    """Get custom field contexts for projects and issue types."""
    given = body().get("mappings")
    require_admin()
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Invalid(BAD_PAYLOAD)
    field = verbs.find_field(site().state, field_id)
    rows = []
    for each in given:
        (project_id,) = _projects([text_in(each, "projectId") or ""])
        (type_id,) = _types([text_in(each, "issueTypeId") or ""])
        context = verbs.context_for(site().state, field.id, project_id, type_id)
        if context is not None:
            rows.append({"projectId": project_id, "issueTypeId": type_id, "contextId": context.id})
    return _paged(rows)


@contexts.get(ADDRESS + "/defaultValue")
@signed_in
def get_default_values(field_id: str) -> Response:
    """Get custom field contexts default values; only of the contexts that have one."""
    found = [each for each in _of(field_id) if each.default is not None]
    field = verbs.find_field(site().state, field_id)
    return _paged(found, lambda each: default_shown(field, each))


@contexts.put(ADDRESS + "/defaultValue")
@signed_in
def set_default_values(field_id: str) -> Response:
    """Set custom field contexts default values; null takes one away."""
    given = body().get("defaultValues")
    require_admin()
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Invalid(BAD_PAYLOAD)
    field = verbs.find_field(site().state, field_id)
    changed = []
    for each in given:
        named = text_in(each, "contextId")
        own = verbs.contexts_of(site().state, field.id)
        context = find_context(field_id, named) if named else own[0]
        value = default_in(field, context, each)
        changed.append(replace(context, default=None if value is None else orjson.dumps(value)))
    for context in changed:
        verbs.put_context(site(), context)
    return done()
