"""What can be set on a new issue: createmeta, in its new forms and in the old one [jira 5.3]."""

from flask import Response

from fake_jira.errors import EmptyNotFound, Invalid, NotThere
from fake_jira.model.records import Project
from fake_jira.rest import shapes
from fake_jira.rest.createmeta_view import create_fields
from fake_jira.rest.scene import flavour, may, scene, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number

createmeta = chapter("createmeta")
PER_PAGE = 50
META_MOST = 200


def _meta_page() -> tuple[int, int]:
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    if size > META_MOST:
        raise Invalid(f"Parameter 'maxResults' must not exceed the limit '{META_MOST}'")
    return max(0, start), max(0, size)


def _project(project_id_or_key: str) -> Project:
    """The project, or what the flavour says about one that is not there."""
    try:
        return visible_project(project_id_or_key)
    except NotThere:
        raise flavour().no_create_project(project_id_or_key) from None


@createmeta.get("/issue/createmeta/<project_id_or_key>/issuetypes")
def get_create_issue_meta_issue_types(project_id_or_key: str) -> Response:
    """Get create metadata issue types for a project; none for who may not create."""
    (start, size), here = _meta_page(), scene()
    project, types = _project(project_id_or_key), world().state.types
    kinds = [types[type_id] for type_id in project.type_ids] if may("CREATE_ISSUES", project.id) else []
    shown = [shapes.issue_type(here, each) for each in kinds[start : start + size]]
    return answer(flavour().field_page("issueTypes", shown, start, size, len(kinds)))


@createmeta.get("/issue/createmeta/<project_id_or_key>/issuetypes/<type_id>")
def get_create_issue_meta_issue_type_id(project_id_or_key: str, type_id: str) -> Response:
    """Get create field metadata for a project and issue type id; an unknown type has no body."""
    start, size = _meta_page()
    project = _project(project_id_or_key)
    if type_id not in project.type_ids or not may("CREATE_ISSUES", project.id):
        raise EmptyNotFound
    by_id = create_fields(scene(), project, world().state.types[type_id])
    fields = [{"fieldId": name} | field for name, field in by_id.items()]
    shown = fields[start : start + size]
    return answer(flavour().field_page("fields", shown, start, size, len(fields)))


@createmeta.get("/issue/createmeta")
def get_create_issue_meta() -> Response:
    """Get create issue metadata, the old form: alive, and says that it is deprecated."""
    gone = flavour().no_old_createmeta()
    if gone is not None:
        raise gone
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
