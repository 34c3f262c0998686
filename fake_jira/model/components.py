"""Components of projects, and whom they give new issues to."""

from dataclasses import replace
from typing import Any

from fake_jira.model.issues import edit_issue
from fake_jira.model.project_records import Component
from fake_jira.model.records import Issue, Project, User
from fake_jira.model.state import Site, State

ASSIGNEE_TYPES = ("PROJECT_DEFAULT", "COMPONENT_LEAD", "PROJECT_LEAD", "UNASSIGNED")


def components_of(state: State, project_id: str) -> list[Component]:
    """By name, as Jira lists them."""
    own = [each for each in state.components.values() if each.project_id == project_id]
    return sorted(own, key=lambda each: each.name.lower())


def component_named(state: State, project_id: str, name: str) -> Component | None:
    wanted = name.lower()
    return next((each for each in components_of(state, project_id) if each.name.lower() == wanted), None)


def issues_with(state: State, component_id: str) -> list[Issue]:
    return [issue for issue in state.issues.values() if component_id in issue.component_ids]


def add_component(site: Site, project: Project, name: str, **values: Any) -> Component:
    component = Component(site.state.next_id("component"), project.id, name, **values)
    site.state.components[component.id] = component
    site.state.renamed()
    return component


def change_component(site: Site, component: Component, **values: Any) -> Component:
    site.state.components[component.id] = changed = replace(component, **values)
    site.state.renamed()
    return changed


def delete_component(site: Site, component: Component, actor: User | None, instead: Component | None = None) -> None:
    """Delete it; its issues get `instead` in its place, or nothing."""
    for issue in issues_with(site.state, component.id):
        kept = [each for each in issue.component_ids if each != component.id]
        if instead is not None and instead.id not in kept:
            kept.append(instead.id)
        edit_issue(site, issue, actor, {"component_ids": tuple(kept)})
    del site.state.components[component.id]
    site.state.renamed()


def real_assignee(state: State, project: Project, component: Component | None) -> tuple[str, str | None]:
    """Which kind of person really gets the issues of a component (None = of none), and the account id."""
    wanted = component.assignee_type if component else "PROJECT_DEFAULT"
    if component and wanted == "COMPONENT_LEAD" and assignable(state, project, component.lead):
        return wanted, component.lead
    if wanted == "PROJECT_LEAD" and assignable(state, project, project.lead):
        return wanted, project.lead
    if wanted == "UNASSIGNED":
        return wanted, None
    by_default = project.assignee_type if assignable(state, project, project.lead) else "UNASSIGNED"
    return "PROJECT_DEFAULT", project.lead if by_default == "PROJECT_LEAD" else None


def assignable(state: State, project: Project, account_id: str | None) -> bool:
    who = state.users.get(account_id or "")
    return who is not None and who.active and state.may(who, "ASSIGNABLE_USER", project.id)


def automatic_assignee(state: State, project: Project, component_ids: tuple[str, ...]) -> str | None:
    """Who gets a new issue when nobody is named: by the first component by name that decides, else by the project."""
    chosen = sorted((state.components[each] for each in component_ids), key=lambda each: each.name.lower())
    for component in chosen:
        if component.assignee_type != "PROJECT_DEFAULT":
            return real_assignee(state, project, component)[1]
    return real_assignee(state, project, None)[1]
