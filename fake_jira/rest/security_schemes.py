"""Issue security schemes: the levels that hide issues, who is in them, and which projects have them."""

from collections.abc import Iterable
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model.access import SecurityLevel, SecurityScheme
from fake_jira.model.records import Project
from fake_jira.model.schemes import security_level, security_levels
from fake_jira.rest.asking import FOR_ADMINS, for_admins, signed_in_unless_open
from fake_jira.rest.holders import shown_holder
from fake_jira.rest.project_access import administered, administers, is_admin
from fake_jira.rest.scene import flavour, may, scene, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number, page, signed_in

security_schemes = chapter("security_schemes")
cloud_security_schemes = chapter("cloud_security_schemes", CLOUD)
PER_PAGE = 50


def scheme_with(scheme_id: str) -> SecurityScheme:
    """The scheme, or NotThere."""
    found = world().state.security_schemes.get(scheme_id)
    if found is None:
        raise NotThere(f"The issue security scheme with id '{scheme_id}' does not exist.")
    return found


def shown_level(scheme: SecurityScheme, level: SecurityLevel) -> dict[str, Any]:
    return {
        "self": f"{scene().api}/securitylevel/{level.id}",
        "id": level.id,
        "description": level.description,
        "name": level.name,
        **flavour().security_level(scheme, level),
    }


def shown_scheme(scheme: SecurityScheme, *, whole: bool = True) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "self": f"{scene().api}/issuesecurityschemes/{scheme.id}",
        "id": int(scheme.id),
        "name": scheme.name,
        "description": scheme.description,
    }
    if scheme.default_level:
        shown["defaultSecurityLevelId"] = int(scheme.default_level)
    return shown | ({"levels": [shown_level(scheme, each) for each in scheme.levels]} if whole else {})


def projects_of(scheme_id: str) -> list[Project]:
    return [each for each in world().state.projects.values() if each.security_scheme_id == scheme_id]


@security_schemes.get("/issuesecurityschemes")
@for_admins
def get_issue_security_schemes() -> Response:
    """Get issue security schemes, without their levels."""
    schemes = world().state.security_schemes.values()
    return answer({"issueSecuritySchemes": [shown_scheme(each, whole=False) for each in schemes]})


@security_schemes.get("/issuesecurityschemes/<int:scheme_id>")
@signed_in
def get_issue_security_scheme(scheme_id: int) -> Response:
    """Get issue security scheme; for admins, and for who administers a project that has it."""
    if not is_admin() and not any(administers(each) for each in projects_of(str(scheme_id))):
        raise Forbidden(FOR_ADMINS)
    return answer(shown_scheme(scheme_with(str(scheme_id))))


@security_schemes.get("/project/<project_key_or_id>/issuesecuritylevelscheme")
@signed_in
def get_project_issue_security_scheme(project_key_or_id: str) -> Response:
    """Get project issue security scheme."""
    project = administered(project_key_or_id)
    if project.security_scheme_id is None:
        raise NotThere("The project has no issue security scheme.")
    return answer(shown_scheme(scheme_with(project.security_scheme_id)))


@security_schemes.get("/project/<project_key_or_id>/securitylevel")
@signed_in_unless_open
def get_security_levels_for_project(project_key_or_id: str) -> Response:
    """Get project issue security levels: those that the caller is in and may set."""
    project = visible_project(project_key_or_id)
    levels = [each for each in security_levels(world().state, project) if may(f"level:{each.id}", project.id)]
    if not levels or not may("SET_ISSUE_SECURITY", project.id):
        return answer({"levels": []})
    scheme = scheme_with(str(project.security_scheme_id))
    return answer({"levels": [shown_level(scheme, each) for each in levels]})


@security_schemes.get("/securitylevel/<level_id>")
@signed_in_unless_open
def get_issue_security_level(level_id: str) -> Response:
    """Get issue security level, of a scheme of a project that the caller may browse."""
    found = security_level(world().state, level_id)
    if found is None or not any(each.security_scheme_id == found[0].id for each in visible_projects().values()):
        raise NotThere(f"The issue security level with id '{level_id}' does not exist.")
    return answer(shown_level(*found))


def _paged(found: list[dict[str, Any]]) -> Response:
    start, size = max(0, number("startAt", 0)), min(number("maxResults", PER_PAGE), PER_PAGE)
    return answer(page(found, lambda each: each, start, size))


def _among(name: str, value: str) -> bool:
    """Whether a filter of the query lets the value pass."""
    wanted = listed(name)
    return wanted is None or value in wanted


def _all_levels() -> Iterable[tuple[SecurityScheme, SecurityLevel]]:
    return ((scheme, level) for scheme in world().state.security_schemes.values() for level in scheme.levels)


@cloud_security_schemes.get("/issuesecurityschemes/level")
@for_admins
def get_security_levels() -> Response:
    """Get issue security levels."""
    return _paged(
        [
            shown_level(scheme, level)
            for scheme, level in _all_levels()
            if _among("id", level.id)
            and _among("schemeId", scheme.id)
            and (not flag("onlyDefault") or scheme.default_level == level.id)
        ]
    )


@cloud_security_schemes.get("/issuesecurityschemes/level/member")
@for_admins
def get_security_level_members() -> Response:
    """Get issue security level members."""
    return _paged(
        [
            {
                "id": member.id,
                "issueSecurityLevelId": level.id,
                "issueSecuritySchemeId": scheme.id,
                "holder": shown_holder(member.holder),
                "managed": False,
            }
            for scheme, level in _all_levels()
            for member in level.members
            if _among("id", member.id) and _among("schemeId", scheme.id) and _among("levelId", level.id)
        ]
    )


@cloud_security_schemes.get("/issuesecurityschemes/<int:scheme_id>/members")
@for_admins
def get_issue_security_level_members(scheme_id: int) -> Response:
    """Get issue security level members by issue security scheme."""
    scheme = scheme_with(str(scheme_id))
    return _paged(
        [
            {"id": int(member.id), "issueSecurityLevelId": int(level.id), "holder": shown_holder(member.holder)}
            for level in scheme.levels
            for member in level.members
            if _among("issueSecurityLevelId", level.id)
        ]
    )


@cloud_security_schemes.get("/issuesecurityschemes/project")
@for_admins
def search_projects_using_security_schemes() -> Response:
    """Get projects using issue security schemes."""
    return _paged(
        [
            {"issueSecuritySchemeId": each.security_scheme_id, "projectId": each.id}
            for each in world().state.projects.values()
            if each.security_scheme_id
            and _among("issueSecuritySchemeId", each.security_scheme_id)
            and _among("projectId", each.id)
        ]
    )


@cloud_security_schemes.get("/issuesecurityschemes/search")
@for_admins
def search_security_schemes() -> Response:
    """Search issue security schemes."""
    found = []
    for scheme in world().state.security_schemes.values():
        project_ids = [each.id for each in projects_of(scheme.id)]
        of_project = listed("projectId") is None or any(_among("projectId", each) for each in project_ids)
        if not _among("id", scheme.id) or not of_project:
            continue
        shown = shown_scheme(scheme, whole=False)
        default = shown.pop("defaultSecurityLevelId", None)
        shown |= {"projectIds": [int(each) for each in project_ids]}
        found.append(shown | ({"defaultLevel": default} if default else {}))
    return _paged(found)
