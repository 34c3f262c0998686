"""Projects, their components and their versions -> JSON [jira 5.2]."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

import orjson

from fake_jira.flavours import Scene
from fake_jira.model.components import assignable, components_of, real_assignee
from fake_jira.model.project_records import Component, Version
from fake_jira.model.projects import issues_of, keys_of
from fake_jira.model.records import Issue, Project
from fake_jira.model.versions import fixed_in, versions_of
from fake_jira.rest import shapes
from fake_jira.rest.project_access import administers
from fake_jira.rest.scene import world

Json = dict[str, Any]
COUNTED = {"new": "toDo", "indeterminate": "inProgress", "done": "done"}  # category -> its count in a version


def listed(scene: Scene, each: Project, expand: Collection[str] = (), properties: Collection[str] = ()) -> Json:
    """A project as lists show it, with what `expand` and `properties` ask for."""
    shown = shapes.project(scene, each) | {"expand": scene.flavour.project_expand} | scene.flavour.listed_project(each)
    if properties:
        kept = dict(each.properties)
        names = kept if "*all" in properties else [name for name in properties if name in kept]
        shown["properties"] = {name: orjson.Fragment(kept[name]) for name in names}
    if each.archived_at:
        shown |= {"archived": True, "archivedDate": scene.stamp(each.archived_at)}
        shown |= _by(scene, "archivedBy", each.archived_by)
    if each.trashed_at:
        until = each.trashed_at + scene.flavour.trash_keeps
        shown |= {"deleted": True, "deletedDate": scene.stamp(each.trashed_at)}
        shown |= {"retentionTillDate": scene.stamp(until)} | _by(scene, "deletedBy", each.trashed_by)
    return shown | {name: EXPANSIONS[name](scene, each) for name in EXPANSIONS if name in expand}


def _by(scene: Scene, name: str, account_id: str | None) -> Json:
    who = shapes.user_by_id(scene, account_id)
    return {name: who} if who else {}


def full(scene: Scene, each: Project, expand: Collection[str] = (), properties: Collection[str] = ()) -> Json:
    """A project as its own address shows it."""
    state = scene.state
    beside: Json = {"url": each.url} if each.url else {}
    if each.sender:
        beside["email"] = each.sender
    if "issueTypeHierarchy" in expand:
        beside["issueTypeHierarchy"] = _hierarchy(scene, each)
    return listed(scene, each, {*expand, "description", "lead", "issueTypes"}, properties) | {
        "components": [component(scene, one) for one in components_of(state, each.id)],
        "assigneeType": each.assignee_type,
        "versions": [version(scene, one) for one in versions_of(state, each.id)],
        "roles": {role.name: f"{scene.api}/project/{each.id}/role/{role.id}" for role in state.roles.values()},
        **beside,
    }


def _insight(scene: Scene, each: Project) -> Json:
    updated = [issue.updated for issue in issues_of(scene.state, each.id)]
    latest = {"lastIssueUpdateTime": scene.stamp(max(updated))} if updated else {}
    return {"totalIssueCount": len(updated)} | latest


LEVELS = {1: "Epic", 0: "Base", -1: "Subtask"}


def _hierarchy(scene: Scene, each: Project) -> Json:
    """The levels of the project's issue types, the lowest last."""
    levels = [
        {
            "id": level,
            "level": level,
            "hierarchyLevelNumber": level,
            "name": name,
            "issueTypeIds": [int(one) for one in each.type_ids if scene.state.types[one].hierarchy_level == level],
        }
        for level, name in LEVELS.items()
    ]
    return {"baseLevelId": 0, "levels": levels}


EXPANSIONS: dict[str, Any] = {
    "description": lambda _, each: each.description,
    "lead": lambda scene, each: shapes.user_by_id(scene, each.lead),
    "issueTypes": lambda scene, each: [shapes.issue_type(scene, scene.state.types[one]) for one in each.type_ids],
    "url": lambda _, each: each.url,
    "projectKeys": lambda scene, each: keys_of(scene.state, each),
    "insight": _insight,
    "permissions": lambda _, each: {"canEdit": administers(each)},
}


def component(scene: Scene, each: Component) -> Json:
    """A component as its own address shows it."""
    state, project = scene.state, scene.state.projects[each.project_id]
    kind, real = real_assignee(state, project, each)
    nominal = {"COMPONENT_LEAD": each.lead, "PROJECT_LEAD": project.lead, "PROJECT_DEFAULT": real}
    meant = nominal.get(each.assignee_type)
    valid = each.assignee_type in ("PROJECT_DEFAULT", "UNASSIGNED") or assignable(state, project, meant)
    return (
        {
            "self": f"{scene.api}/component/{each.id}",
            "id": each.id,
            "name": each.name,
            "description": each.description,
            "assigneeType": each.assignee_type,
            "realAssigneeType": kind,
            "isAssigneeTypeValid": valid,
            "project": project.key,
            "projectId": int(project.id),
        }
        | _by(scene, "lead", each.lead)
        | _by(scene, "assignee", meant if valid else None)
        | _by(scene, "realAssignee", real)
        | scene.flavour.component()
    )


def version(scene: Scene, each: Version, expand: Iterable[str] = ()) -> Json:
    """A version as its own address shows it."""
    shown = shapes.version(scene, each) | {"projectId": int(each.project_id)}
    if each.start:
        shown |= {"startDate": each.start.isoformat(), "userStartDate": _day(each.start)}
    if each.release:
        shown |= {"userReleaseDate": _day(each.release)}
        if not each.released:
            shown["overdue"] = each.overdue(world().now().astimezone(scene.zone).date())
    return shown | {name: value for word in expand if word in MORE for name, value in MORE[word](scene, each).items()}


def _day(day: date) -> str:
    return day.strftime("%-d/%b/%y")


def _operations(scene: Scene, each: Version) -> Json:
    """What the caller can do with the version on the project's page."""
    project = scene.state.projects[each.project_id]
    deeds = ["Edit", "Unrelease" if each.released else "Release", "Unarchive" if each.archived else "Archive", "Delete"]
    address = f"{scene.site}/projects/{project.key}/versions/{each.id}"
    links = [
        {"id": f"version-{deed.lower()}", "label": deed, "href": address, "weight": 10 * place}
        for place, deed in enumerate(deeds, 1)
    ]
    return {"operations": links if administers(project) else []}


def _issues_status(scene: Scene, each: Version) -> Json:
    counts = {"unmapped": 0, "toDo": 0, "inProgress": 0, "done": 0}
    for issue in fixed_in(scene.state, each.id):
        key = scene.state.categories[scene.state.statuses[issue.status_id].category_id].key
        counts[COUNTED.get(key, "unmapped")] += 1
    return {"issuesStatusForFixVersion": counts}


MORE: dict[str, Any] = {
    "operations": _operations,
    "issuesstatus": _issues_status,
    "driver": lambda _, each: {"driver": each.driver} if each.driver else {},
    "approvers": lambda *_: {"approvers": []},
}


def _components(scene: Scene, issue: Issue) -> list[Json]:
    """The index may still have an issue as it was when it had a component that is gone by now; versions likewise."""
    held = scene.state.components
    return [shapes.component(scene, held[each]) for each in issue.component_ids if each in held]


def _versions(scene: Scene, ids: Iterable[str]) -> list[Json]:
    held = scene.state.versions
    return [shapes.version(scene, held[each]) for each in ids if each in held]


FIELDS: dict[str, Callable[[Scene, Issue], Any]] = {  # what issues show of all this
    "components": _components,
    "fixVersions": lambda scene, issue: _versions(scene, issue.fix_version_ids),
    "versions": lambda scene, issue: _versions(scene, issue.affects_version_ids),
}
