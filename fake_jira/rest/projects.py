"""Projects and their statuses [jira 5.2]."""

from typing import Any

from flask import Response

from fake_jira.errors import Invalid
from fake_jira.model.records import Project
from fake_jira.rest import shapes
from fake_jira.rest.scene import scene, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, listed, number, numbers, page, text

projects = chapter("projects")
PER_PAGE = 50
MOST = 100
NAMED = 50  # ids or keys in one search
ORDERS = {"category", "issueCount", "key", "lastIssueUpdatedTime", "name", "owner", "archivedDate", "deletedDate"}


def _expanded(project: Project) -> dict[str, Any]:
    """A project as lists show it, with what `expand` asks for."""
    here, wanted = scene(), set(listed("expand") or ())
    shown = shapes.listed_project(here, project)
    if not wanted.isdisjoint({"description", "lead", "issueTypes"}):
        full = shapes.full_project(here, project)
        shown |= {name: full[name] for name in ("description", "lead", "issueTypes") if name in wanted}
    return shown


@projects.get("/project")
def get_all_projects() -> Response:
    """Get all projects (deprecated and alive)."""
    return answer([_expanded(each) for each in sorted(visible_projects().values(), key=lambda each: each.name)])


@projects.get("/project/search")
def search_projects() -> Response:
    """Get projects paginated: what the caller may not browse is left out without a word."""
    start, size = number("startAt", 0), min(number("maxResults", PER_PAGE), MOST)
    ids, keys, query = numbers("id"), listed("keys"), text("query").lower()
    for name, named in (("id", ids), ("keys", keys)):
        if named is not None and len(named) > NAMED:
            raise Invalid(f"The number of values of '{name}' must not exceed {NAMED}.")
    found = [
        each
        for each in visible_projects().values()
        if (ids is None or each.id in ids)
        and (keys is None or each.key in {key.upper() for key in keys})
        and (not query or query in each.key.lower() or query in each.name.lower())
        and "software" in (listed("typeKey") or ("software",))
    ]
    return answer(page(_sorted(found), _expanded, start, size))


def _sorted(found: list[Project]) -> list[Project]:
    order = text("orderBy", "key")
    name = order.lstrip("+- ")
    if name not in ORDERS:
        raise Invalid(f"The orderBy value '{order}' is not valid.")
    by_name = name == "name"
    return sorted(found, key=lambda each: each.name if by_name else each.key, reverse=order.startswith("-"))


@projects.get("/project/<project_id_or_key>")
def get_project(project_id_or_key: str) -> Response:
    """Get project."""
    project = visible_project(project_id_or_key)
    return answer(shapes.full_project(scene(), project))


@projects.get("/project/<project_id_or_key>/statuses")
def get_all_statuses(project_id_or_key: str) -> Response:
    """Get all statuses for project, by issue type."""
    project, here, state = visible_project(project_id_or_key), scene(), world().state
    statuses = [shapes.status(here, state.statuses[each.to_status]) for each in project.workflow.transitions]
    kinds = [state.types[type_id] for type_id in project.type_ids]
    return answer(
        [
            {
                "self": f"{here.api}/issuetype/{kind.id}",
                "id": kind.id,
                "name": kind.name,
                "subtask": kind.subtask,
                "statuses": statuses,
            }
            for kind in kinds
        ]
    )
