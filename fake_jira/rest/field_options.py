"""Options of custom fields: read by everybody who sees the field, made, renamed, ordered and deleted by admins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD, DATA_CENTER
from fake_jira.jql import find, parse
from fake_jira.model import fields as verbs
from fake_jira.model.field_records import Context, Option
from fake_jira.model.issues import edit_issue
from fake_jira.model.records import Issue
from fake_jira.model.tasks import add_task
from fake_jira.rest.asking import slice_asked
from fake_jira.rest.fields import require_admin
from fake_jira.rest.given import flag_in, text_in
from fake_jira.rest.scene import asker, flavour, scene, site, user
from fake_jira.rest.tasks import see_task
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, listed, number, page, signed_in, text

options = chapter("options")
cloud_options = chapter("cloud_options", CLOUD)
data_center_options = chapter("data_center_options", DATA_CENTER)
MOST = 1000
ADDRESS = "/field/<field_id>/context/<context_id>/option"


@options.get("/customFieldOption/<option_id>")
def get_custom_field_option(option_id: str) -> Response:
    """Get custom field option."""
    option = site().state.options.get(option_id)
    if option is None:
        raise NotThere(f"A custom field option with id '{option_id}' does not exist")
    return answer(flavour().custom_field_option(scene(), option, _children(option)))


def _children(option: Option) -> list[Option]:
    return [each for each in site().state.options.values() if each.parent_id == option.id]


@data_center_options.get("/customFields/<field_id>/options")
@signed_in
def get_custom_field_options(field_id: str) -> Response:
    """Get custom field options, of the projects and types that are named."""
    state = site().state
    field = verbs.find_field(state, field_id)
    projects, types = set(listed("projectIds") or ()), set(listed("issueTypeIds") or ())
    query, start, size = text("query").lower(), max(1, number("page", 1)) - 1, number("maxResults", 100)
    found = [
        option
        for context in verbs.contexts_of(state, field.id)
        if (not projects or not context.project_ids or not projects.isdisjoint(context.project_ids))
        and (not types or not context.type_ids or not types.isdisjoint(context.type_ids))
        for option in verbs.options_of(state, context.id)
        if query in option.value.lower()
    ]
    shown = found[start * size : (start + 1) * size]
    here = scene()
    beans = [flavour().custom_field_option(here, each, _children(each)) for each in shown]
    return answer({"total": len(found), "options": beans})


def find_context(field_id: str, context_id: str) -> Context:
    """The field's context, or NotThere."""
    field = verbs.find_field(site().state, field_id)
    found = site().state.contexts.get(context_id)
    if found is None or found.field_id != field.id:
        raise NotThere("The context was not found, or it is not one of the field's.")
    return found


def _option(context: Context, option_id: str) -> Option:
    found = site().state.options.get(option_id)
    if found is None or found.context_id != context.id:
        raise NotThere(f"The option with id '{option_id}' was not found in the context.")
    return found


def _shown(option: Option) -> dict[str, Any]:
    parent = {"optionId": option.parent_id} if option.parent_id else {}
    return {"id": option.id, "value": option.value, "disabled": option.disabled, **parent}


def _given() -> list[dict[str, Any]]:
    """The options in the body."""
    given = body().get("options")
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise Invalid(BAD_PAYLOAD)
    if len(given) > MOST:
        raise Invalid(f"At most {MOST} options can be changed at once.")
    return given


@cloud_options.get(ADDRESS)
@signed_in
def get_options_for_context(field_id: str, context_id: str) -> Response:
    """Get custom field options (context): each first-level option, followed by its second level."""
    require_admin()
    context = find_context(field_id, context_id)
    found = verbs.options_of(site().state, context.id)
    ordered = [
        each
        for top in found
        if top.parent_id is None
        for each in (top, *(one for one in found if one.parent_id == top.id))
    ]
    wanted = number("optionId", 0)
    if wanted:
        _option(context, str(wanted))
        ordered = [each for each in ordered if str(wanted) in (each.id, each.parent_id)]
    if flag("onlyOptions"):
        ordered = [each for each in ordered if each.parent_id is None]
    start, size = slice_asked()
    return answer(page(ordered, _shown, start, size))


@cloud_options.post(ADDRESS)
@signed_in
def create_custom_field_option(field_id: str, context_id: str) -> Response:
    """Create custom field options (context); one with an `optionId` goes below that option."""
    given = _given()
    require_admin()
    context = find_context(field_id, context_id)
    field = site().state.fields[context.field_id]
    if field.items != "option" and not field.kind.startswith("option"):
        raise Invalid("The custom field does not support options.")
    seen: set[tuple[str | None, str]] = set()
    for each in given:
        parent_id = text_in(each, "optionId")
        if parent_id is not None and (field.kind != "option-with-child" or _option(context, parent_id).parent_id):
            raise Invalid("Only an option of a cascading field's first level can have options below it.")
        value = text_in(each, "value") or ""
        verbs.check_option(site().state, context.id, value, parent_id)
        if (parent_id, value.lower()) in seen:
            raise Invalid(f"The option value '{value}' is in the request more than once.")
        seen.add((parent_id, value.lower()))
    made = [
        verbs.add_option(
            site(),
            context,
            text_in(each, "value") or "",
            disabled=flag_in(each, "disabled") or False,
            parent_id=text_in(each, "optionId"),
        )
        for each in given
    ]
    return answer({"options": [_shown(each) for each in made]})


@cloud_options.put(ADDRESS)
@signed_in
def update_custom_field_option(field_id: str, context_id: str) -> Response:
    """Update custom field options (context)."""
    given = _given()
    require_admin()
    context = find_context(field_id, context_id)
    changed = []
    for each in given:
        option = _option(context, text_in(each, "id") or "")
        value, disabled = text_in(each, "value"), flag_in(each, "disabled")
        wanted = replace(
            option,
            value=option.value if value is None else value,
            disabled=option.disabled if disabled is None else disabled,
        )
        verbs.check_option(site().state, context.id, wanted.value, option.parent_id, option.id)
        changed.append(wanted)
    done_ = [verbs.put_option(site(), each) for each in changed]
    return answer({"options": [{"id": each.id, "value": each.value, "disabled": each.disabled} for each in done_]})


@cloud_options.put(ADDRESS + "/move")
@signed_in
def reorder_custom_field_options(field_id: str, context_id: str) -> Response:
    """Reorder custom field options (context): to the first or last place, or after another option."""
    given = body()
    require_admin()
    context = find_context(field_id, context_id)
    named = given.get("customFieldOptionIds")
    if not isinstance(named, list) or not named:
        raise Invalid(BAD_PAYLOAD)
    moved = [_option(context, str(each)).id for each in named]
    verbs.reorder_options(site(), _reordered(moved, text_in(given, "after"), text_in(given, "position")))
    return done()


def _reordered(moved: Sequence[str], after: str | None, position: str | None) -> list[str]:
    """All options' ids, with those moved to where they are wanted."""
    if (after is None) == (position is None):
        raise Invalid("Exactly one of 'after' and 'position' is required.")
    rest = [each for each in site().state.options if each not in moved]
    if after is not None:
        if after not in rest:
            raise NotThere(f"The option with id '{after}' was not found in the context.")
        place = rest.index(after) + 1
    elif position in ("First", "Last"):
        place = 0 if position == "First" else len(rest)
    else:
        raise Invalid("The position is First or Last.")
    return [*rest[:place], *moved, *rest[place:]]


@cloud_options.delete(ADDRESS + "/<option_id>")
@signed_in
def delete_custom_field_option(field_id: str, context_id: str, option_id: str) -> Response:
    """Delete custom field options (context); not while issues hold it."""
    require_admin()
    option = _option(find_context(field_id, context_id), option_id)
    if any(option.id in _held(each, field_id) for each in site().state.issues.values()):
        raise Invalid("The option is used by issues; replace it there first.")
    verbs.delete_option(site(), option)
    return done()


def _held(issue: Issue, field_id: str) -> list[str]:
    """The options that an issue holds in a field."""
    field = verbs.find_field(site().state, field_id)
    kept = orjson.loads(dict(issue.custom).get(field.id, b"null"))
    return kept if isinstance(kept, list) else [kept] if kept else []


@cloud_options.delete(ADDRESS + "/<option_id>/issue")
@signed_in
def replace_custom_field_option(field_id: str, context_id: str, option_id: str) -> Response:
    """Replace custom field options: another option, or none, in all issues that hold it; a task tells which."""
    require_admin()
    context = find_context(field_id, context_id)
    option = _option(context, option_id)
    other = _option(context, str(number("replaceWith", 0))) if text("replaceWith") else None
    wanted = text("jql")
    among = {each.id for each in find(parse(wanted), asker())} if wanted else None
    modified = []
    for issue in list(site().state.issues.values()):
        if option.id in _held(issue, field_id) and (among is None or issue.id in among):
            _replace(issue, context.field_id, option.id, other.id if other else None)
            modified.append(int(issue.id))
    result = {"modifiedIssues": modified, "unmodifiedIssues": []}
    return see_task(add_task(site(), "Replace custom field option", user(), result=result))


def _replace(issue: Issue, field_id: str, old: str, new: str | None) -> None:
    kept = dict(issue.custom)
    value = orjson.loads(kept.pop(field_id))
    after: Any = new
    if isinstance(value, list):
        after = [each for each in (new if one == old else one for one in value) if each is not None]
    if after:
        kept[field_id] = orjson.dumps(after)
    edit_issue(site(), issue, user(), {"custom": tuple(sorted(kept.items()))})
