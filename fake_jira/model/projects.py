"""What can be done to a project: a new key, archive, trash, restore, delete for good; and who looked at it.

Issues of a project in the trash stay where they are: nobody may see them (`State.may`), so that they look deleted and
come back with the project. Of an archived one they are read but not searched (`State.is_searched`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.model.permissions import work_out
from fake_jira.model.records import Issue, Project, User
from fake_jira.model.state import Site, State

KEY = re.compile("[A-Z][A-Z0-9_]+")
LONGEST_KEY = 10
LONGEST_NAME = 80
RECENT = 20  # projects that are remembered as looked at [Atlassian's document: getRecent]
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}


def live(state: State) -> list[Project]:
    """The projects that are neither archived nor in the trash."""
    return [each for each in state.projects.values() if not each.archived_at and not each.trashed_at]


def issues_of(state: State, project_id: str) -> Iterator[Issue]:
    return (issue for issue in list(state.issues.values()) if issue.project_id == project_id)


def keys_of(state: State, project: Project) -> list[str]:
    """Every key that leads to the project, the present one first."""
    older = [key for key, project_id in state.project_keys.items() if project_id == project.id and key != project.key]
    return [project.key, *older]


def key_trouble(state: State, key: str, own: Project | None = None) -> str | None:
    """Why a project cannot get this key, in Jira's words; None if it can. `own` is the project that asks."""
    if not KEY.fullmatch(key):
        return (
            "Project keys must start with an uppercase letter, "
            "followed by one or more uppercase alphanumeric characters."
        )
    if len(key) > LONGEST_KEY:
        return f"The project key must not exceed {LONGEST_KEY} characters in length."
    if key in RESERVED:
        return "This keyword is invalid as it is a reserved word on this operating system."
    holder = state.project(key) if key in state.project_keys else None
    if holder is not None and holder != own:
        return f"Project '{holder.name}' uses this project key."
    return None


def name_trouble(state: State, name: str, own: Project | None = None) -> str | None:
    """Why a project cannot get this name, in Jira's words; None if it can."""
    if not name.strip():
        return "You must specify a valid project name."
    if len(name) > LONGEST_NAME:
        return f"The project name must not exceed {LONGEST_NAME} characters in length."
    if any(each.name.lower() == name.lower() and each != own for each in state.projects.values()):
        return "A project with that name already exists."
    return None


def change(site: Site, project: Project, actor: User | None, **values: Any) -> Project:
    """Set fields of the record; a new `key` goes on to every issue, and the old ones keep leading there."""
    changed = replace(site.state.projects[project.id], **values)
    site.state.projects[project.id] = changed
    if changed.key != project.key:
        site.state.project_keys[changed.key] = project.id
        site.put_many([replace(each, key=_key_in(changed, each)) for each in issues_of(site.state, project.id)])
        for issue in site.state.trash.values():
            if issue.project_id == project.id:
                site.state.trash[issue.id] = replace(issue, key=_key_in(changed, issue))
    work_out(site.state, [project.id])
    site.state.renamed()
    site.tell("project_updated", actor, project=changed)
    return changed


def _key_in(project: Project, issue: Issue) -> str:
    return f"{project.key}-{issue.key.rpartition('-')[2]}"


def release_keys(site: Site, project: Project, keys: list[str]) -> None:
    """Give up older keys of the project; Invalid if one is not such a key."""
    for key in keys:
        if site.state.project_keys.get(key) != project.id or key == project.key:
            raise Invalid(f"The key '{key}' is not a previous key of the project.")
    for key in keys:
        del site.state.project_keys[key]


def archive(site: Site, project: Project, actor: User | None) -> Project:
    """Issues stay readable; nobody may change them, and searches do not find them."""
    by = actor.account_id if actor else None
    archived = replace(project, archived_at=site.now(), archived_by=by)
    return _moved_away(site, archived, actor, "project_archived")


def trash(site: Site, project: Project, actor: User | None) -> Project:
    """For everybody the project and its issues are gone, until it is restored."""
    by = actor.account_id if actor else None
    trashed = replace(project, trashed_at=site.now(), trashed_by=by)
    return _moved_away(site, trashed, actor, "project_soft_deleted")


def restore(site: Site, project: Project, actor: User | None) -> Project:
    """Out of the trash, or out of the archive."""
    if project.trashed_at:
        back = replace(project, trashed_at=None, trashed_by=None)
        return _moved_away(site, back, actor, "project_restored_deleted")
    back = replace(project, archived_at=None, archived_by=None)
    return _moved_away(site, back, actor, "project_restored_archived")


def _moved_away(site: Site, project: Project, actor: User | None, told: str) -> Project:
    site.state.projects[project.id] = project
    site.put_many(issues_of(site.state, project.id))  # the index takes them up or drops them
    site.state.renamed()
    site.tell(told, actor, project=project)
    return project


def delete(site: Site, project: Project, actor: User | None) -> None:
    """For good, with its issues, versions, components and keys. No event tells of the issues [jira 5.11]."""
    state = site.state
    for issue in issues_of(state, project.id):
        _forget(site, issue)
    state.trash = {each.id: each for each in state.trash.values() if each.project_id != project.id}
    state.keys = {
        key: issue_id for key, issue_id in state.keys.items() if issue_id in state.issues or issue_id in state.trash
    }
    state.versions = {each.id: each for each in state.versions.values() if each.project_id != project.id}
    state.components = {each.id: each for each in state.components.values() if each.project_id != project.id}
    state.project_keys = {key: owner for key, owner in state.project_keys.items() if owner != project.id}
    state.visited = {who: tuple(x for x in seen if x != project.id) for who, seen in state.visited.items()}
    state.grants = {pair: held for pair, held in state.grants.items() if pair[0] != project.id}
    state.overrides = {pair: held for pair, held in state.overrides.items() if pair.split("/")[0] != project.id}
    state.by_issue.pop(project.id, None)
    del state.projects[project.id]
    state.renamed()
    site.tell("project_deleted", actor, project=project)


def _forget(site: Site, issue: Issue) -> None:
    """An issue is gone with its project, and nothing brings it back."""
    state = site.state
    for child_id in state.children.pop(issue.id, ()):
        child = state.issues.get(child_id)
        if child is not None and child.project_id != issue.project_id:
            site.put(replace(child, parent_id=None))
    for link in issue.links:
        other = state.issues.get(link.target if link.source == issue.id else link.source)
        if other is not None and other.project_id != issue.project_id:
            site.put(replace(other, links=tuple(each for each in other.links if each.id != link.id)))
    if issue.parent_id in state.children:
        state.children[issue.parent_id] = tuple(x for x in state.children[issue.parent_id] if x != issue.id)
    for file in issue.attachments:
        state.blobs.pop(file.id, None)
    del state.issues[issue.id]
    state.index.feed(issue.id, None, site.clock.now(), site.index_delay)


def visit(site: Site, project: Project, user: User | None) -> None:
    """Remember that `user` looked at the project."""
    if user is not None:
        others = [each for each in site.state.visited.get(user.account_id, ()) if each != project.id]
        site.state.visited[user.account_id] = (project.id, *others[: RECENT - 1])
