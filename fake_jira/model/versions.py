"""Versions of projects: their order, their release, and what becomes of issues when one goes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fake_jira.model.issues import edit_issue
from fake_jira.model.project_records import Version
from fake_jira.model.records import Issue, Project, User
from fake_jira.model.state import Site, State


def versions_of(state: State, project_id: str) -> list[Version]:
    """In the project's order."""
    own = [each for each in state.versions.values() if each.project_id == project_id]
    return sorted(own, key=lambda each: each.sequence)


def version_named(state: State, project_id: str, name: str) -> Version | None:
    wanted = name.lower()
    return next((each for each in versions_of(state, project_id) if each.name.lower() == wanted), None)


def fixed_in(state: State, version_id: str) -> list[Issue]:
    return [issue for issue in state.issues.values() if version_id in issue.fix_version_ids]


def affected_by(state: State, version_id: str) -> list[Issue]:
    return [issue for issue in state.issues.values() if version_id in issue.affects_version_ids]


def add_version(site: Site, project: Project, actor: User | None, name: str, **values: Any) -> Version:
    """A new version, the last one."""
    last = max((each.sequence for each in versions_of(site.state, project.id)), default=0)
    version = Version(site.state.next_id("version"), project.id, name, last + 1, **values)
    site.state.versions[version.id] = version
    site.state.renamed()
    site.tell("jira:version_created", actor, version=version)
    return version


def change_version(site: Site, version: Version, actor: User | None, **values: Any) -> Version:
    """Set fields, and tell of a release or an archiving as such."""
    site.state.versions[version.id] = changed = replace(version, **values)
    if changed == version:
        return version
    site.state.renamed()
    kinds = [
        name
        for name, told in (
            ("jira:version_released", changed.released and not version.released),
            ("jira:version_unreleased", version.released and not changed.released),
        )
        if told
    ]
    for kind in (*kinds, "jira:version_updated"):
        site.tell(kind, actor, version=changed)
    return changed


def move_unfixed(site: Site, version: Version, actor: User | None, target: Version) -> None:
    """Give the unresolved issues of a version that is released to another one."""
    for issue in fixed_in(site.state, version.id):
        if issue.resolution_id is None:
            edit_issue(site, issue, actor, {"fix_version_ids": _swapped(issue.fix_version_ids, version.id, target)})


def delete_version(
    site: Site, version: Version, actor: User | None, fix: Version | None, affected: Version | None
) -> None:
    """Delete it; its issues get `fix` and `affected` in its place, or nothing."""
    state = site.state
    for issue in {each.id: each for each in (*fixed_in(state, version.id), *affected_by(state, version.id))}.values():
        values = {
            "fix_version_ids": _swapped(issue.fix_version_ids, version.id, fix),
            "affects_version_ids": _swapped(issue.affects_version_ids, version.id, affected),
        }
        edit_issue(site, issue, actor, values)
    del state.versions[version.id]
    state.renamed()
    site.tell("jira:version_deleted", actor, version=version)


def _swapped(ids: Sequence[str], old: str, new: Version | None) -> tuple[str, ...]:
    if old not in ids:
        return tuple(ids)
    kept = [each for each in ids if each != old]
    if new is not None and new.id not in kept:
        kept.append(new.id)
    return tuple(kept)


def move_version(site: Site, version: Version, actor: User | None, place: int) -> Version:
    """Put it at this place of its project's order, 0 = first."""
    others = [each for each in versions_of(site.state, version.project_id) if each.id != version.id]
    others.insert(max(0, min(place, len(others))), version)
    for sequence, each in enumerate(others, 1):
        if each.sequence != sequence:
            site.state.versions[each.id] = replace(each, sequence=sequence)
    site.state.renamed()
    moved = site.state.versions[version.id]
    site.tell("jira:version_moved", actor, version=moved)
    return moved
