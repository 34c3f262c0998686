"""Versions of projects."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from werkzeug.exceptions import MethodNotAllowed

from fake_jira.errors import Invalid, NotImitated, NotThere
from fake_jira.model import versions as verbs
from fake_jira.model.project_records import Version
from fake_jira.model.records import Project
from fake_jira.model.state import DATA_CENTER
from fake_jira.rest.given import day_in, flag_in, id_in, one_of, text_in
from fake_jira.rest.project_access import administered
from fake_jira.rest.project_view import version as shown
from fake_jira.rest.scene import flavour, may, scene, site, user, visible_project, world
from fake_jira.rest.wire import answer, body, chapter, done, listed, number, page, takes, text

versions = chapter("versions")
data_center_versions = chapter("data_center_versions", DATA_CENTER)
PER_PAGE = 50
LONGEST_NAME = 255
LONGEST_DESCRIPTION = 16_384
PLACES = ("Earlier", "Later", "First", "Last")


def found_version(version_id: str) -> Version:
    """The version, if the caller may browse its project."""
    found = world().state.versions.get(version_id)
    if found is None or not may("BROWSE_PROJECTS", found.project_id):
        raise NotThere(f"Could not find version for id '{version_id}'")
    return found


def _changeable(version_id: str, operation: str) -> Version:
    version = found_version(version_id)
    administered(version.project_id, operation)
    return version


def _wanted(given: Mapping[str, Any], project: Project, own: Version | None) -> dict[str, Any]:
    """What a body wants a version to be; Invalid names all fields that cannot be. `own` is the one that is changed."""
    if given.get("approvers"):
        raise NotImitated("Approvers of versions are outside of what this fake Jira imitates, see LIMITS.md.")
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    name = text_in(given, "name")
    if name is not None or own is None:
        values["name"] = (name or "").strip()
        errors |= _name_trouble(values["name"], project, own)
    description = text_in(given, "description")
    if description is not None:
        values["description"] = description
        if len(description.encode()) > LONGEST_DESCRIPTION:
            errors["description"] = f"The version description must not exceed {LONGEST_DESCRIPTION} bytes."
    for field, attribute in (("startDate", "start"), ("releaseDate", "release")):
        if field in given:
            values[attribute] = day_in(given, field)
    for field in ("released", "archived"):
        value = flag_in(given, field)
        if value is not None:
            values[field] = value
    driver = text_in(given, "driver")
    if driver is not None:
        values["driver"] = driver or None
        if driver and driver not in world().state.users:
            errors["driver"] = f"The user {driver} does not exist."
    start, release = (values.get(each, getattr(own, each, None)) for each in ("start", "release"))
    if start and release and start > release:
        errors["startDate"] = "The start date cannot be after the release date."
    if errors:
        raise Invalid(fields=errors)
    return values


def _name_trouble(name: str, project: Project, own: Version | None) -> dict[str, str]:
    if not name:
        return {"name": "You must specify a valid version name"}
    if len(name) > LONGEST_NAME:
        return {"name": f"The version name must not exceed {LONGEST_NAME} characters in length."}
    if verbs.version_named(world().state, project.id, name) not in (None, own):
        return {"name": "A version with this name already exists in this project."}
    return {}


@versions.post("/version")
def create_version() -> Response:
    """Create version, as the last one of its project."""
    given = body()
    named = text_in(given, "projectId") or text_in(given, "project")
    if not named:
        raise Invalid(fields={"project": "Project must be specified to create a version."})
    project = administered(named, "createVersion")
    made = verbs.add_version(site(), project, user(), **_wanted(given, project, None))
    return answer(shown(scene(), made), 201)


@versions.get("/version/<version_id>")
def get_version(version_id: str) -> Response:
    """Get version."""
    return answer(shown(scene(), found_version(version_id), listed("expand") or ()))


@versions.put("/version/<version_id>")
def update_version(version_id: str) -> Response:
    """Update version; with `moveUnfixedIssuesTo` what is unresolved goes on to another one."""
    given, version = body(), _changeable(version_id, "updateVersion")
    values = _wanted(given, world().state.projects[version.project_id], version)
    target = text_in(given, "moveUnfixedIssuesTo")
    if target:
        other = _other(version, target.rstrip("/").rpartition("/")[2])
        verbs.move_unfixed(site(), version, user(), other)
    changed = verbs.change_version(site(), version, user(), **values)
    return answer(shown(scene(), changed, listed("expand") or ()))


def _other(version: Version, version_id: str) -> Version:
    """Another version of the same project, that takes a version's place."""
    other = world().state.versions.get(version_id)
    if other is None or other.project_id != version.project_id or other.id == version.id:
        raise Invalid(f"The version with id '{version_id}' is not another version of the same project.")
    return other


def _other_or_none(version: Version, version_id: str | None) -> Version | None:
    return _other(version, version_id) if version_id else None


@versions.delete("/version/<version_id>")
def delete_version(version_id: str) -> Response:
    """Delete version; its issues get the ones named for it, or none."""
    if not flavour().keeps_deprecated():
        raise MethodNotAllowed(["GET", "HEAD", "OPTIONS", "PUT"])
    version = _changeable(version_id, "deleteVersion")
    fix, affected = (_other_or_none(version, text(name)) for name in ("moveFixIssuesTo", "moveAffectedIssuesTo"))
    verbs.delete_version(site(), version, user(), fix, affected)
    return done()


@versions.post("/version/<version_id>/removeAndSwap")
def delete_and_replace_version(version_id: str) -> Response:
    """Delete and replace version."""
    version, given = _changeable(version_id, "deleteAndReplaceVersion"), body()
    if given.get("customFieldReplacementList"):
        raise NotImitated("Swapping versions in custom fields is outside of what this fake imitates, see LIMITS.md.")
    fix, affected = (
        _other_or_none(version, id_in(given, name)) for name in ("moveFixIssuesTo", "moveAffectedIssuesTo")
    )
    verbs.delete_version(site(), version, user(), fix, affected)
    return done()


@versions.put("/version/<version_id>/mergeto/<move_issues_to>")
@takes(None)
def merge_versions(version_id: str, move_issues_to: str) -> Response:
    """Merge versions: the first goes, and the second takes its place everywhere."""
    version = _changeable(version_id, "mergeVersions")
    found_version(move_issues_to)
    other = _other(version, move_issues_to)
    verbs.delete_version(site(), version, user(), other, other)
    return done()


@versions.post("/version/<version_id>/move")
def move_version(version_id: str) -> Response:
    """Move version within its project's order: to a place, or behind another one."""
    version, given = _changeable(version_id, "moveVersion"), body()
    position, after = one_of(given, "position", PLACES), text_in(given, "after")
    if (position is None) == (after is None):
        raise Invalid("One of 'position' and 'after' must be given.")
    order = verbs.versions_of(world().state, version.project_id)
    here = order.index(version)
    if after is not None:
        other = found_version(after.rstrip("/").rpartition("/")[2])
        rest = [each for each in order if each.id != version.id]
        place = rest.index(_other(version, other.id)) + 1
    else:
        place = {"First": 0, "Earlier": here - 1, "Later": here + 1, "Last": len(order)}[str(position)]
    return answer(shown(scene(), verbs.move_version(site(), version, user(), place)))


@versions.get("/version/<version_id>/relatedIssueCounts")
def get_version_related_issues(version_id: str) -> Response:
    """Get version's related issues count."""
    version, here, state = found_version(version_id), scene(), world().state
    return answer(
        {
            "self": f"{here.api}/version/{version.id}",
            "issuesFixedCount": len(verbs.fixed_in(state, version.id)),
            "issuesAffectedCount": len(verbs.affected_by(state, version.id)),
            "issueCountWithCustomFieldsShowingVersion": 0,
            flavour().version_usage: [],
        }
    )


@versions.get("/version/<version_id>/unresolvedIssueCount")
def get_version_unresolved_issues(version_id: str) -> Response:
    """Get version's unresolved issues count."""
    version, here = found_version(version_id), scene()
    fixed = verbs.fixed_in(world().state, version.id)
    return answer(
        {
            "self": f"{here.api}/version/{version.id}",
            "issuesUnresolvedCount": sum(issue.resolution_id is None for issue in fixed),
            "issuesCount": len(fixed),
        }
    )


@versions.get("/project/<project_id_or_key>/versions")
def get_project_versions(project_id_or_key: str) -> Response:
    """Get project versions: all of them, in the project's order."""
    project, here, expand = visible_project(project_id_or_key), scene(), listed("expand") or ()
    return answer([shown(here, each, expand) for each in verbs.versions_of(world().state, project.id)])


ORDERS: dict[str, Callable[[Version], Any]] = {
    "sequence": lambda each: each.sequence,
    "name": lambda each: each.name.lower(),
    "description": lambda each: each.description.lower(),
    "startDate": lambda each: each.start,
    "releaseDate": lambda each: each.release,
}


@versions.get("/project/<project_id_or_key>/version")
def get_project_versions_paginated(project_id_or_key: str) -> Response:
    """Get project versions paginated."""
    project, expand, here = visible_project(project_id_or_key), listed("expand") or (), scene()
    found, statuses = _matching(verbs.versions_of(world().state, project.id)), listed("status")
    if statuses:
        found = [each for each in found if _status(each) in statuses]
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    return answer(page(_ordered(found), lambda each: shown(here, each, expand), start, size))


def _status(each: Version) -> str:
    return "archived" if each.archived else "released" if each.released else "unreleased"


def _matching(found: list[Version]) -> list[Version]:
    words = text("query").lower()
    return [each for each in found if words in each.name.lower() or words in each.description.lower()]


def _ordered(found: list[Version]) -> list[Version]:
    """In the order asked for; a version without the date comes last."""
    order = text("orderBy", "sequence")
    value = ORDERS.get(order.lstrip("+- "))
    if value is None:
        raise Invalid(f"The orderBy value '{order}' is not valid.")
    full_ones = sorted((x for x in found if value(x) is not None), key=value, reverse=order.startswith("-"))
    return full_ones + [each for each in found if value(each) is None]


@data_center_versions.get("/version")
def get_paginated_versions() -> Response:
    """Versions page by page, of all projects or of some."""
    here, ids = scene(), listed("projectIds")
    every = world().state.versions.values()
    seen = [each for each in every if may("BROWSE_PROJECTS", each.project_id) and (not ids or each.project_id in ids)]
    start, size = number("startAt", 0), number("maxResults", PER_PAGE * 2)
    return answer(page(sorted(_matching(seen), key=ORDERS["name"]), lambda each: shown(here, each), start, size))
