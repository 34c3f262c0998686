"""Projects, their statuses, and the new form of createmeta [jira 5.2, 5.3]."""

from typing import Any

from flask import Response

from fake_jira.errors import EmptyNotFound, Invalid
from fake_jira.model.records import Project
from fake_jira.rest import shapes
from fake_jira.rest.createmeta_view import create_fields
from fake_jira.rest.scene import flavour, may, scene, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number, numbers, page, text

projects = chapter("projects")
PER_PAGE = 50
MOST = 100
NAMED = 50  # ids or keys in one search
META_MOST = 200
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


def _meta_page() -> tuple[int, int]:
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    if size > META_MOST:
        raise Invalid(f"Parameter 'maxResults' must not exceed the limit '{META_MOST}'")
    return max(0, start), max(0, size)


@projects.get("/issue/createmeta/<project_id_or_key>/issuetypes")
def get_create_issue_meta_issue_types(project_id_or_key: str) -> Response:
    """Get create metadata issue types for a project; none for who may not create."""
    (start, size), here = _meta_page(), scene()
    project, types = visible_project(project_id_or_key), world().state.types
    kinds = [types[type_id] for type_id in project.type_ids] if may("CREATE_ISSUES", project.id) else []
    shown = [shapes.issue_type(here, each) for each in kinds[start : start + size]]
    return answer(flavour().field_page("issueTypes", shown, start, size, len(kinds)))


@projects.get("/issue/createmeta/<project_id_or_key>/issuetypes/<type_id>")
def get_create_issue_meta_issue_type_id(project_id_or_key: str, type_id: str) -> Response:
    """Get create field metadata for a project and issue type id; an unknown type has no body."""
    start, size = _meta_page()
    project = visible_project(project_id_or_key)
    if type_id not in project.type_ids or not may("CREATE_ISSUES", project.id):
        raise EmptyNotFound
    by_id = create_fields(scene(), project, world().state.types[type_id])
    fields = [{"fieldId": name} | field for name, field in by_id.items()]
    shown = fields[start : start + size]
    return answer(flavour().field_page("fields", shown, start, size, len(fields)))


@projects.get("/issue/createmeta")
def get_create_issue_meta() -> Response:
    """Get create issue metadata, the old form: alive, and says that it is deprecated."""
    here, state = scene(), world().state
    ids, keys, kinds = listed("projectIds"), listed("projectKeys"), listed("issuetypeIds")
    names, with_fields = listed("issuetypeNames"), "projects.issuetypes.fields" in (listed("expand") or ())
    flag("failFast")
    shown = []
    for project in visible_projects().values():
        if (ids or keys) and project.id not in (ids or ()) and project.key not in (keys or ()):
            continue
        if not may("CREATE_ISSUES", project.id):
            continue
        types = [state.types[type_id] for type_id in project.type_ids]
        chosen = [each for each in types if (not kinds or each.id in kinds) and (not names or each.name in names)]
        shown.append(
            {name: value for name, value in shapes.project(here, project).items() if name in META_PROJECT}
            | {
                "issuetypes": [
                    shapes.issue_type(here, each)
                    | ({"fields": create_fields(here, project, each)} if with_fields else {})
                    for each in chosen
                ]
            }
        )
    return answer({"expand": "projects", "projects": shown}, Warning=DEPRECATED)


META_PROJECT = {"self", "id", "key", "name", "avatarUrls"}
DEPRECATED = "The issue create meta endpoint has been deprecated. (Deprecation start date: June 03, 2024)"
