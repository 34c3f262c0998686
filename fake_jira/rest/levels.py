"""Priorities and resolutions: read by everybody, made, changed, ordered and deleted by admins of Cloud [jira 5.2].

The two chapters differ in little but their names, so one set of helpers serves both.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD, DATA_CENTER, Scene
from fake_jira.model.issues import edit_issue
from fake_jira.model.records import Priority, Resolution
from fake_jira.model.tasks import add_task
from fake_jira.rest import shapes
from fake_jira.rest.asking import slice_asked, strings
from fake_jira.rest.fields import require_admin
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import scene, site, user
from fake_jira.rest.tasks import see_task
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, numbers, page, signed_in, text

levels = chapter("levels")
cloud_levels = chapter("cloud_levels", CLOUD)
data_center_levels = chapter("data_center_levels", DATA_CENTER)
Level = Priority | Resolution
PRIORITIES, RESOLUTIONS = "priorities", "resolutions"
WORDS = {PRIORITIES: "priority", RESOLUTIONS: "resolution"}
HELD_AS = {PRIORITIES: "priority_id", RESOLUTIONS: "resolution_id"}
SHOW: dict[str, Callable[[Scene, Any], dict[str, Any]]] = {
    PRIORITIES: shapes.full_priority,
    RESOLUTIONS: shapes.resolution,
}
LONGEST_NAME = 60


def _records(kind: str) -> dict[str, Any]:
    records: dict[str, Any] = getattr(site().state, kind)
    return records


def _found(kind: str, wanted: str) -> Level:
    records = _records(kind)
    if wanted not in records:
        raise NotThere(f"The {WORDS[kind]} with id '{wanted}' does not exist")
    found: Level = records[wanted]
    return found


def _all(kind: str) -> Response:
    here = scene()
    return answer([SHOW[kind](here, each) for each in _records(kind).values()])


@levels.get("/priority")
def get_priorities() -> Response:
    """Get priorities."""
    return _all(PRIORITIES)


@levels.get("/priority/<level_id>")
def get_priority(level_id: str) -> Response:
    """Get priority."""
    return answer(SHOW[PRIORITIES](scene(), _found(PRIORITIES, level_id)))


@levels.get("/resolution")
def get_resolutions() -> Response:
    """Get resolutions."""
    return _all(RESOLUTIONS)


@levels.get("/resolution/<level_id>")
def get_resolution(level_id: str) -> Response:
    """Get resolution."""
    return answer(SHOW[RESOLUTIONS](scene(), _found(RESOLUTIONS, level_id)))


def _searched(kind: str, default: str) -> Response:
    """The page of Cloud's searches; `default` is the name of the flag that marks the default one."""
    ids, query, here = numbers("id"), text("priorityName").lower(), scene()
    standard = site().state.defaults.get(WORDS[kind])
    found = [
        each
        for each in _records(kind).values()
        if (ids is None or each.id in ids)
        and query in each.name.lower()
        and (not flag("onlyDefault") or each.id == standard)
    ]
    start, size = slice_asked()
    return answer(page(found, lambda each: SHOW[kind](here, each) | {default: each.id == standard}, start, size))


@cloud_levels.get("/priority/search")
@signed_in
def search_priorities() -> Response:
    """Search priorities."""
    return _searched(PRIORITIES, "isDefault")


@cloud_levels.get("/resolution/search")
@signed_in
def search_resolutions() -> Response:
    """Search resolutions."""
    return _searched(RESOLUTIONS, "default")


def _paged(kind: str) -> Response:
    """The page of Data Center."""
    query, here = text("query").lower(), scene()
    found = [each for each in _records(kind).values() if query in each.name.lower()]
    start, size = slice_asked()
    return answer(page(found, lambda each: SHOW[kind](here, each), start, size))


@data_center_levels.get("/priority/page", endpoint="get_priorities")
@signed_in
def get_priorities_paged() -> Response:
    """Get priorities, paged."""
    return _paged(PRIORITIES)


@data_center_levels.get("/resolution/page")
def get_paginated_resolutions() -> Response:
    """Get paginated resolutions."""
    return _paged(RESOLUTIONS)


def _name(kind: str, given: dict[str, Any], but: str = "") -> str:
    name = (text_in(given, "name") or "").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(fields={"name": f"The name of a {WORDS[kind]} has 1 to {LONGEST_NAME} characters."})
    if any(each.name.lower() == name.lower() and each.id != but for each in _records(kind).values()):
        raise Invalid(fields={"name": f"A {WORDS[kind]} with that name already exists."})
    return name


def _color(given: dict[str, Any]) -> str:
    color = text_in(given, "statusColor") or ""
    if len(color) not in (4, 7) or color[0] != "#" or any(each not in "0123456789abcdefABCDEF" for each in color[1:]):
        raise Invalid(fields={"statusColor": "The status color must be 3 or 6 hexadecimal digits after a #."})
    return color


def _next_id(kind: str) -> str:
    """The stock ones have their ids from elsewhere, so that some numbers are taken."""
    while True:
        found = site().state.next_id(WORDS[kind])
        if found not in _records(kind):
            return found


def _keep(kind: str, level: Level) -> None:
    _records(kind)[level.id] = level
    site().state.renamed()


@cloud_levels.post("/priority")
@signed_in
def create_priority() -> Response:
    """Create priority, the last one."""
    given = body()
    require_admin()
    name, color = _name(PRIORITIES, given), _color(given)
    level = Priority(_next_id(PRIORITIES), name, color, text_in(given, "description") or "")
    _keep(PRIORITIES, level)
    return answer({"id": level.id}, 201)


@cloud_levels.post("/resolution")
@signed_in
def create_resolution() -> Response:
    """Create resolution, the last one."""
    given = body()
    require_admin()
    name = _name(RESOLUTIONS, given)
    level = Resolution(_next_id(RESOLUTIONS), name, text_in(given, "description") or "")
    _keep(RESOLUTIONS, level)
    return answer({"id": level.id}, 201)


def _changed(kind: str, level_id: str) -> Response:
    given = body()
    require_admin()
    level = _found(kind, level_id)
    changes: dict[str, Any] = {}
    if given.get("name") is not None:
        changes["name"] = _name(kind, given, level.id)
    if given.get("description") is not None:
        changes["description"] = text_in(given, "description")
    if kind == PRIORITIES and given.get("statusColor") is not None:
        changes["color"] = _color(given)
    _keep(kind, replace(level, **changes))
    return done()


@cloud_levels.put("/priority/<level_id>")
@signed_in
def update_priority(level_id: str) -> Response:
    """Update priority."""
    return _changed(PRIORITIES, level_id)


@cloud_levels.put("/resolution/<level_id>")
@signed_in
def update_resolution(level_id: str) -> Response:
    """Update resolution."""
    return _changed(RESOLUTIONS, level_id)


def _made_default(kind: str) -> Response:
    given = body()
    require_admin()
    wanted = text_in(given, "id")
    if wanted is None:
        site().state.defaults.pop(WORDS[kind], None)
    else:
        site().state.defaults[WORDS[kind]] = _found(kind, wanted).id
    site().state.renamed()
    return done()


@cloud_levels.put("/priority/default")
@signed_in
def set_default_priority() -> Response:
    """Set default priority; null = none."""
    return _made_default(PRIORITIES)


@cloud_levels.put("/resolution/default")
@signed_in
def set_default_resolution() -> Response:
    """Set default resolution; null = none."""
    return _made_default(RESOLUTIONS)


def _moved(kind: str) -> Response:
    """To the first or last place, or after another one; dicts keep the order."""
    given = body()
    require_admin()
    ids, after, position = strings(given, "ids"), text_in(given, "after"), text_in(given, "position")
    if not ids:
        raise Invalid(BAD_PAYLOAD)
    moved = [_found(kind, each).id for each in ids]
    rest = [each for each in _records(kind) if each not in moved]
    order = _placed(rest, moved, _found(kind, after).id if after else None, position)
    setattr(site().state, kind, {each: _records(kind)[each] for each in order})
    site().state.renamed()
    return done()


def _placed(rest: Sequence[str], moved: Sequence[str], after: str | None, position: str | None) -> list[str]:
    if after is not None and position is None and after in rest:
        place = rest.index(after) + 1
    elif after is None and position in ("First", "Last"):
        place = 0 if position == "First" else len(rest)
    else:
        raise Invalid("Exactly one of 'after' and 'position' (First or Last) is required.")
    return [*rest[:place], *moved, *rest[place:]]


@cloud_levels.put("/priority/move")
@signed_in
def move_priorities() -> Response:
    """Move priorities."""
    return _moved(PRIORITIES)


@cloud_levels.put("/resolution/move")
@signed_in
def move_resolutions() -> Response:
    """Move resolutions."""
    return _moved(RESOLUTIONS)


def _deleted(kind: str, level_id: str, other: str | None) -> Response:
    """Without it; issues that had it get another one. A task tells when that is done."""
    level = _found(kind, level_id)
    if level.id == site().state.defaults.get(WORDS[kind]):
        raise Invalid(f"The default {WORDS[kind]} cannot be deleted.")
    for issue in list(site().state.issues.values()):
        if getattr(issue, HELD_AS[kind]) == level.id:
            edit_issue(site(), issue, user(), {HELD_AS[kind]: other})
    trash = site().state.trash
    for issue in list(trash.values()):
        if getattr(issue, HELD_AS[kind]) == level.id:
            changes: dict[str, Any] = {HELD_AS[kind]: other}
            trash[issue.id] = replace(issue, **changes)
    site().state.index.hurry()
    del _records(kind)[level.id]
    site().state.renamed()
    return see_task(add_task(site(), f"Delete {WORDS[kind]} {level.name}", user()))


@cloud_levels.delete("/priority/<level_id>")
@signed_in
def delete_priority(level_id: str) -> Response:
    """Delete priority; its issues get the default one."""
    require_admin()
    return _deleted(PRIORITIES, level_id, site().state.defaults.get("priority"))


@cloud_levels.delete("/resolution/<level_id>")
@signed_in
def delete_resolution(level_id: str) -> Response:
    """Delete resolution; its issues get the one that `replaceWith` names."""
    require_admin()
    if not text("replaceWith"):
        raise Invalid("The 'replaceWith' query parameter is required.")
    other = _found(RESOLUTIONS, text("replaceWith"))
    if other.id == level_id:
        raise Invalid("A resolution cannot be replaced with itself.")
    return _deleted(RESOLUTIONS, level_id, other.id)
