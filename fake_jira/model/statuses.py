"""Statuses: made, renamed and deleted. A new name shows in every issue at once; the changelog keeps the old one."""

from dataclasses import replace

from fake_jira.errors import Invalid
from fake_jira.model.records import Project, Status, Workflow
from fake_jira.model.state import Site, State


def add_status(
    site: Site, name: str, category_id: int, *, description: str = "", project_id: str | None = None
) -> Status:
    """A status more. Invalid if its name is taken in the same scope."""
    check_name(site.state, name, project_id)
    status = Status(_next_id(site), name, category_id, description, project_id)
    site.state.statuses[status.id] = status
    site.state.renamed()
    return status


def _next_id(site: Site) -> str:
    """The stock statuses have their ids from elsewhere, so that some numbers are taken."""
    while True:
        status_id = site.state.next_id("status")
        if status_id not in site.state.statuses:
            return status_id


def check_name(state: State, name: str, project_id: str | None, but: str = "") -> None:
    """Invalid if another status of the same scope has this name."""
    for each in state.statuses.values():
        if each.id != but and each.project_id == project_id and each.name.lower() == name.lower():
            raise Invalid(f"A status with the name '{name}' already exists.")


def change_status(site: Site, status: Status, name: str, category_id: int, description: str) -> Status:
    """Another name, category or description."""
    check_name(site.state, name, status.project_id, status.id)
    changed = replace(status, name=name, category_id=category_id, description=description)
    site.state.statuses[status.id] = changed
    site.state.renamed()
    return changed


def delete_status(site: Site, status: Status) -> None:
    """Without the status. Invalid while a workflow has it, or issues are in it."""
    if workflows_with(site.state, status.id) or status.id in {each.status_id for each in site.state.issues.values()}:
        raise Invalid(f"The status '{status.name}' is used by a workflow or by issues.")
    site.state.index.hurry()
    del site.state.statuses[status.id]
    site.state.renamed()


def workflows_with(state: State, status_id: str) -> list[Workflow]:
    """The workflows that have the status, by name."""
    found = [each for each in state.workflows.values() if status_id in each.status_ids]
    return sorted(found, key=lambda each: each.name)


def followers(state: State, workflow: Workflow) -> list[Project]:
    """The projects whose issues follow the workflow."""
    return [
        each
        for each in state.projects.values()
        if workflow.name in {each.workflow.name, *(own.name for _, own in each.type_workflows)}
    ]
