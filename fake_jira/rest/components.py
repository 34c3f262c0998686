"""Components of projects."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import Scene
from fake_jira.model import components as verbs
from fake_jira.model.project_records import Component
from fake_jira.model.records import Project
from fake_jira.model.state import CLOUD, DATA_CENTER
from fake_jira.rest.given import one_of, text_in
from fake_jira.rest.project_access import administered
from fake_jira.rest.project_view import component as shown
from fake_jira.rest.scene import flavour, may, scene, site, user, visible_project, world
from fake_jira.rest.wire import answer, body, chapter, done, listed, number, page, text

components = chapter("components")
cloud_components = chapter("cloud_components", CLOUD)
data_center_components = chapter("data_center_components", DATA_CENTER)
PER_PAGE = 50
LONGEST = 255
SOURCES = ("jira", "auto")  # of Compass there is nothing here, so that both are the same
Order = Callable[[Component], Any]


def found_component(component_id: str) -> Component:
    """The component, if the caller may browse its project."""
    found = world().state.components.get(component_id)
    if found is None or not may("BROWSE_PROJECTS", found.project_id):
        raise NotThere(f"The component with id {component_id} does not exist.")
    return found


class Wanted:
    """What a body wants a component to be; gathers the errors of all fields. `own` is the one that is changed."""

    def __init__(self, given: Mapping[str, Any], project: Project, own: Component | None) -> None:
        self.errors: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self._name(text_in(given, "name"), project, own)
        description = text_in(given, "description")
        if description is not None:
            self.values["description"] = description
        kind = one_of(given, "assigneeType", verbs.ASSIGNEE_TYPES)
        if kind is not None:
            self.values["assignee_type"] = kind
        self._lead(given)
        if self.errors:
            raise Invalid(fields=self.errors)

    def _name(self, name: str | None, project: Project, own: Component | None) -> None:
        if name is None and own is not None:
            return
        if not (name or "").strip():
            self.errors["name"] = "The component name specified is invalid - cannot be an empty string."
        elif len(str(name)) > LONGEST:
            self.errors["name"] = f"The component name must not exceed {LONGEST} characters in length."
        elif verbs.component_named(world().state, project.id, str(name).strip()) not in (None, own):
            self.errors["name"] = f"A component with the name {name} already exists in this project."
        self.values["name"] = str(name).strip()

    def _lead(self, given: Mapping[str, Any]) -> None:
        """By the flavour's name; an empty one takes the lead away."""
        for field in flavour().lead_names:
            value = given.get(field)
            if value is None:
                continue
            named = value if isinstance(value, dict) else {"accountId": value, "name": value}
            who = flavour().user_in(world().state, named) if value else None
            if value and who is None:
                self.errors[field] = f"The user {value} does not exist."
            self.values["lead"] = who.account_id if who else None


@components.post("/component")
def create_component() -> Response:
    """Create component."""
    given = body()
    named = text_in(given, "project") or text_in(given, "projectId")
    if not named:
        raise Invalid(fields={"project": "The project is required."})
    project = administered(named)
    made = verbs.add_component(site(), project, **Wanted(given, project, None).values)
    return answer(shown(scene(), made), 201)


@components.get("/component/<component_id>")
def get_component(component_id: str) -> Response:
    """Get component."""
    return answer(shown(scene(), found_component(component_id)))


@components.put("/component/<component_id>")
def update_component(component_id: str) -> Response:
    """Update component: what the body does not name stays."""
    component = found_component(component_id)
    project = administered(component.project_id)
    values = Wanted(body(), project, component).values
    return answer(shown(scene(), verbs.change_component(site(), component, **values)))


@components.delete("/component/<component_id>")
def delete_component(component_id: str) -> Response:
    """Delete component; its issues get the one named by moveIssuesTo, or none."""
    component, other = found_component(component_id), text("moveIssuesTo")
    administered(component.project_id)
    instead = found_component(other) if other else None
    if instead is not None and (instead.project_id != component.project_id or instead == component):
        raise NotThere(f"The component with id {other} does not exist in this project.")
    verbs.delete_component(site(), component, user(), instead)
    return done()


@components.get("/component/<component_id>/relatedIssueCounts")
def get_component_related_issues(component_id: str) -> Response:
    """Get component issues count."""
    component, here = found_component(component_id), scene()
    count = len(verbs.issues_with(world().state, component.id))
    return answer({"self": f"{here.api}/component/{component.id}", "issueCount": count})


@components.get("/project/<project_id_or_key>/components")
def get_project_components(project_id_or_key: str) -> Response:
    """Get project components: all of them."""
    _check_source()
    project, here = visible_project(project_id_or_key), scene()
    return answer([shown(here, each) for each in verbs.components_of(world().state, project.id)])


@cloud_components.get("/project/<project_id_or_key>/component")
def get_project_components_paginated(project_id_or_key: str) -> Response:
    """Get project components paginated, with the number of their issues."""
    _check_source()
    project, here, state = visible_project(project_id_or_key), scene(), world().state
    counts = {each.id: len(verbs.issues_with(state, each.id)) for each in verbs.components_of(state, project.id)}
    orders: dict[str, Order] = {
        "name": lambda each: each.name.lower(),
        "description": lambda each: each.description.lower(),
        "issueCount": lambda each: counts[each.id],
        "lead": lambda each: state.users[each.lead].key if each.lead else "",
    }
    found = _ordered(_matching(verbs.components_of(state, project.id)), orders)
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    return answer(page(found, lambda each: shown(here, each) | {"issueCount": counts[each.id]}, start, size))


@cloud_components.get("/component")
def find_components_for_projects() -> Response:
    """Find components for projects."""
    here, state = scene(), world().state
    named = listed("projectIdsOrKeys") or []
    found = [one for each in named for one in verbs.components_of(state, visible_project(each).id)]
    orders: dict[str, Order] = {"name": lambda each: each.name.lower(), "description": lambda each: each.description}
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    return answer(page(_ordered(_matching(found), orders), lambda each: _brief(here, each), start, size))


@data_center_components.get("/component/page")
def get_paginated_components() -> Response:
    """Components page by page, of all projects or of some."""
    here, ids = scene(), listed("projectIds")
    every = world().state.components.values()
    seen = [each for each in every if may("BROWSE_PROJECTS", each.project_id) and (not ids or each.project_id in ids)]
    found = sorted(_matching(seen), key=lambda each: each.name.lower())
    start, size = number("startAt", 0), number("maxResults", PER_PAGE * 2)
    return answer(page(found, lambda each: shown(here, each), start, size))


def _brief(here: Scene, each: Component) -> dict[str, Any]:
    address = f"{here.api}/component/{each.id}"
    return {"self": address, "id": each.id, "name": each.name, "description": each.description}


def _check_source() -> None:
    if text("componentSource", "jira") not in SOURCES:
        raise Invalid("Components from Compass are not available for this project.")


def _matching(found: list[Component]) -> list[Component]:
    words = text("query").lower()
    return [each for each in found if words in each.name.lower() or words in each.description.lower()]


def _ordered(found: list[Component], orders: Mapping[str, Order]) -> list[Component]:
    order = text("orderBy", "name")
    name = order.lstrip("+- ")
    if name not in orders:
        raise Invalid(f"The orderBy value '{order}' is not valid.")
    return sorted(found, key=orders[name], reverse=order.startswith("-"))
