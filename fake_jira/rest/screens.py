"""Screens, their tabs and the fields on them. For admins: who may not administer the site sees none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD, DATA_CENTER
from fake_jira.model import screens as verbs
from fake_jira.model.field_records import Screen, Tab
from fake_jira.rest.asking import for_admins, slice_asked
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import site
from fake_jira.rest.wire import ID, answer, body, chapter, done, numbers, page, takes, text

screens = chapter("screens")
cloud_screens = chapter("cloud_screens", CLOUD)
data_center_screens = chapter("data_center_screens", DATA_CENTER)
TABS = "/screens/<screen_id>/tabs"


def _shown(screen: Screen) -> dict[str, Any]:
    return {"id": int(screen.id), "name": screen.name, "description": screen.description}


@cloud_screens.get("/screens")
@for_admins
def get_screens() -> Response:
    """Get screens."""
    ids, query = numbers("id"), text("queryString").lower()
    found = [
        each for each in site().state.screens.values() if (ids is None or each.id in ids) and query in each.name.lower()
    ]
    order = text("orderBy", "id").strip()
    found.sort(key=lambda each: each.name if order.endswith("name") else int(each.id), reverse=order.startswith("-"))
    start, size = slice_asked()
    return answer(page(found, _shown, start, size))


@cloud_screens.post("/screens")
@for_admins
def create_screen() -> Response:
    """Create screen."""
    given = body()
    screen = Screen(site().state.next_id("screen"), _name(given), text_in(given, "description") or "")
    site().state.screens[screen.id] = screen
    return answer(_shown(screen), 201)


def _name(given: dict[str, Any], but: str = "") -> str:
    name = (text_in(given, "name") or "").strip()
    if not name:
        raise Invalid("The name of the screen is required.")
    if any(each.name == name and each.id != but for each in site().state.screens.values()):
        raise Invalid(f"A screen with the name '{name}' already exists.")
    return name


@cloud_screens.put("/screens/<screen_id>")
@for_admins
def update_screen(screen_id: str) -> Response:
    """Update screen."""
    given, screen = body(), verbs.find_screen(site(), screen_id)
    name = screen.name if given.get("name") is None else _name(given, screen.id)
    description = text_in(given, "description")
    changed = replace(screen, name=name, description=screen.description if description is None else description)
    site().state.screens[screen.id] = changed
    return answer(_shown(changed))


@cloud_screens.delete("/screens/<screen_id>")
@for_admins
def delete_screen(screen_id: str) -> Response:
    """Delete screen; not one that is in use."""
    screen = verbs.find_screen(site(), screen_id)
    used = {each.screen_id for workflow in site().state.workflows.values() for each in workflow.transitions}
    if screen.id in used | {verbs.DEFAULT_SCREEN}:
        raise Invalid("The screen is used by a screen scheme or a workflow.")
    del site().state.screens[screen.id]
    return done()


@cloud_screens.get("/field/<field_id>/screens")
@for_admins
def get_screens_for_field(field_id: str) -> Response:
    """Get screens for a field; with expand=tab the tab that has it."""
    found = [
        (screen, tab) for screen in site().state.screens.values() for tab in screen.tabs if field_id in tab.field_ids
    ]
    with_tab = text("expand") == "tab"
    start, size = slice_asked()
    return answer(page(found, lambda each: _shown(each[0]) | ({"tab": _tab(each[1])} if with_tab else {}), start, size))


@cloud_screens.post("/screens/addToDefault/<field_id>")
@for_admins
@takes(None)
def add_field_to_default_screen(field_id: str) -> Response:
    """Add field to default screen."""
    _add_to_default(field_id)
    return answer({})


@data_center_screens.post("/screens/addToDefault/<field_id>", endpoint="add_field_to_default_screen")
@for_admins
@takes(None)
def add_to_default(field_id: str) -> Response:
    """Add field to default screen; Data Center has nothing to say about it."""
    _add_to_default(field_id)
    return done()


def _add_to_default(field_id: str) -> None:
    screen = verbs.find_screen(site(), verbs.DEFAULT_SCREEN)
    if field_id not in site().state.fields or field_id in screen.field_ids:
        raise NotThere(f"The field with id '{field_id}' was not found, or is on the screen already.")
    verbs.add_field(site(), screen, screen.tabs[0], field_id)


@screens.get("/screens/<screen_id>/availableFields")
@for_admins
def get_available_screen_fields(screen_id: str) -> Response:
    """Get available screen fields: those that the screen does not have yet."""
    screen = verbs.find_screen(site(), screen_id)
    known = [each for each in site().state.fields.values() if each.orderable and each.trashed_at is None]
    return answer([{"id": each.id, "name": each.name} for each in known if each.id not in screen.field_ids])


def _tab(tab: Tab) -> dict[str, Any]:
    return {"id": int(tab.id), "name": tab.name}


@screens.get(TABS)
@for_admins
def get_all_screen_tabs(screen_id: str) -> Response:
    """Get all screen tabs."""
    return answer([_tab(each) for each in verbs.find_screen(site(), screen_id).tabs])


@cloud_screens.get("/screens/tabs")
@for_admins
def get_bulk_screen_tabs() -> Response:
    """Get bulk screen tabs, of the screens and with the ids that are named."""
    ids, tabs = numbers("screenId"), numbers("tabId")
    found = [
        {"screenId": int(screen.id), "tabs": [_tab(tab) for tab in screen.tabs if tabs is None or tab.id in tabs]}
        for screen in site().state.screens.values()
        if ids is None or screen.id in ids
    ]
    return answer([each for each in found if each["tabs"]])


@screens.post(TABS)
@for_admins
def add_screen_tab(screen_id: str) -> Response:
    """Create screen tab, the last one."""
    screen, name = verbs.find_screen(site(), screen_id), _tab_name(body())
    if any(each.name == name for each in screen.tabs):
        raise Invalid(f"The tab '{name}' already exists on the screen.")
    tab = Tab(site().state.next_id("tab of a screen"), name)
    verbs.put_tabs(site(), screen, (*screen.tabs, tab))
    return answer(_tab(tab))


def _tab_name(given: dict[str, Any]) -> str:
    name = (text_in(given, "name") or "").strip()
    if not name:
        raise Invalid("The name of the tab is required.")
    return name


def _named(screen_id: str, tab_id: str) -> tuple[Screen, Tab]:
    screen = verbs.find_screen(site(), screen_id)
    return screen, verbs.find_tab(screen, tab_id)


@screens.put(TABS + "/<tab_id>")
@for_admins
def rename_screen_tab(screen_id: str, tab_id: str) -> Response:
    """Update screen tab: its name."""
    screen, tab = _named(screen_id, tab_id)
    renamed = replace(tab, name=_tab_name(body()))
    verbs.put_tab(site(), screen, renamed)
    return answer(_tab(renamed))


@screens.delete(TABS + "/<tab_id>")
@for_admins
def delete_screen_tab(screen_id: str, tab_id: str) -> Response:
    """Delete screen tab, with the fields that are on it."""
    screen, tab = _named(screen_id, tab_id)
    verbs.put_tabs(site(), screen, tuple(each for each in screen.tabs if each is not tab))
    return done()


@screens.post(TABS + "/<tab_id>/move/<place>")
@for_admins
@takes(None)
def move_screen_tab(screen_id: str, tab_id: str, place: str) -> Response:
    """Move screen tab to a place, counted from 0."""
    screen, tab = _named(screen_id, tab_id)
    rest = [each for each in screen.tabs if each is not tab]
    if not ID.fullmatch(place) or int(place) > len(rest):
        raise Invalid(f"The position '{place}' is not one of the screen's.")
    verbs.put_tabs(site(), screen, (*rest[: int(place)], tab, *rest[int(place) :]))
    return done()


@screens.get(TABS + "/<tab_id>/fields")
@for_admins
def get_all_screen_tab_fields(screen_id: str, tab_id: str) -> Response:
    """Get all screen tab fields."""
    _, tab = _named(screen_id, tab_id)
    known = site().state.fields
    return answer([_field(each) for each in tab.field_ids if each in known])


def _field(field_id: str) -> dict[str, Any]:
    return {"id": field_id, "name": site().state.fields[field_id].name}


@screens.post(TABS + "/<tab_id>/fields")
@for_admins
def add_screen_tab_field(screen_id: str, tab_id: str) -> Response:
    """Add screen tab field."""
    given = body()
    screen, tab = _named(screen_id, tab_id)
    field_id = text_in(given, "fieldId") or ""
    verbs.add_field(site(), screen, tab, field_id)
    return answer(_field(field_id))


@screens.delete(TABS + "/<tab_id>/fields/<field_id>")
@for_admins
def remove_screen_tab_field(screen_id: str, tab_id: str, field_id: str) -> Response:
    """Remove screen tab field."""
    screen, tab = _named(screen_id, tab_id)
    verbs.remove_field(site(), screen, tab, field_id)
    return done()


@screens.post(TABS + "/<tab_id>/fields/<field_id>/move")
@for_admins
def move_screen_tab_field(screen_id: str, tab_id: str, field_id: str) -> Response:
    """Move screen tab field: to a position, or after another field (its id or address)."""
    given = body()
    screen, tab = _named(screen_id, tab_id)
    if field_id not in tab.field_ids:
        raise NotThere(f"Field with id {field_id} does not exist on the tab")
    after, position = text_in(given, "after"), text_in(given, "position")
    order = _moved(tab.field_ids, field_id, after.rstrip("/").rpartition("/")[2] if after else None, position)
    verbs.put_tab(site(), screen, replace(tab, field_ids=tuple(order)))
    return done()


def _moved(order: Sequence[str], field_id: str, after: str | None, position: str | None) -> list[str]:
    place, rest = order.index(field_id), [each for each in order if each != field_id]
    places = {"First": 0, "Last": len(rest), "Earlier": max(0, place - 1), "Later": min(len(rest), place + 1)}
    if after is not None and after in rest:
        where = rest.index(after) + 1
    elif after is None and position in places:
        where = places[position]
    else:
        raise Invalid("Name the position (First, Last, Earlier, Later) or the field that it comes after.")
    return [*rest[:where], field_id, *rest[where:]]
