"""Screens: which fields are asked for. The default one serves making and editing issues, others stand on transitions.

A field that a screen does not have cannot be set there; that is why a new custom field has to be put on one.
"""

from dataclasses import replace

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.field_records import Screen, Tab
from fake_jira.model.state import Site

DEFAULT_SCREEN, WORKFLOW_SCREEN, RESOLVE_SCREEN = "1", "2", "3"
_FIELD_TAB = "Field Tab"
STOCK = (
    Screen(
        DEFAULT_SCREEN,
        "Default Screen",
        "Allows to update all system fields.",
        (
            Tab(
                "1",
                _FIELD_TAB,
                (
                    "summary", "issuetype", "security", "priority", "duedate", "components", "versions", "fixVersions",
                    "assignee", "reporter", "environment", "description", "timetracking", "attachment", "labels",
                    "issuelinks", "parent",
                ),
            ),
        ),
    ),
    Screen(
        WORKFLOW_SCREEN,
        "Workflow Screen",
        "This screen is used in the workflow and enables you to assign issues.",
        (Tab("2", _FIELD_TAB, ("assignee",)),),
    ),
    Screen(
        RESOLVE_SCREEN,
        "Resolve Issue Screen",
        "Allows to set resolution, change fix versions and assign an issue.",
        (Tab("3", _FIELD_TAB, ("resolution", "fixVersions", "assignee")),),
    ),
)  # fmt: skip


def find_screen(site: Site, screen_id: str) -> Screen:
    """The screen, or NotThere."""
    found = site.state.screens.get(screen_id)
    if found is None:
        raise NotThere(f"Screen with id {screen_id} does not exist")
    return found


def find_tab(screen: Screen, tab_id: str) -> Tab:
    """The tab, or NotThere."""
    for tab in screen.tabs:
        if tab.id == tab_id:
            return tab
    raise NotThere(f"The tab with id {tab_id} does not exist.")


def put_tabs(site: Site, screen: Screen, tabs: tuple[Tab, ...]) -> Screen:
    """The screen with other tabs."""
    changed = replace(screen, tabs=tabs)
    site.state.screens[screen.id] = changed
    site.state.renamed()
    return changed


def put_tab(site: Site, screen: Screen, tab: Tab) -> Screen:
    """The screen with this tab in the place of the one with its id."""
    return put_tabs(site, screen, tuple(tab if each.id == tab.id else each for each in screen.tabs))


def add_field(site: Site, screen: Screen, tab: Tab, field_id: str) -> Screen:
    """The screen with a field at the end of one of its tabs. Invalid if it has the field or nobody knows it."""
    if field_id not in site.state.fields:
        raise Invalid(f"Field with id {field_id} does not exist")
    if field_id in screen.field_ids:
        raise Invalid(f"The field with id '{field_id}' already exists on the screen.")
    return put_tab(site, screen, replace(tab, field_ids=(*tab.field_ids, field_id)))


def remove_field(site: Site, screen: Screen, tab: Tab, field_id: str) -> Screen:
    """The screen without a field."""
    if field_id not in tab.field_ids:
        raise NotThere(f"Field with id {field_id} does not exist on the tab")
    return put_tab(site, screen, replace(tab, field_ids=tuple(each for each in tab.field_ids if each != field_id)))
