"""Permission schemes and security schemes: made, changed, given to projects. What follows is worked out at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from fake_jira.errors import Invalid
from fake_jira.model.access import Grant, Holder, LevelMember, PermissionScheme, SecurityLevel, SecurityScheme
from fake_jira.model.permissions import work_out
from fake_jira.model.records import Project
from fake_jira.model.state import Site, State

Granted = tuple[str, Holder]  # a permission and who holds it


def add_permission_scheme(site: Site, name: str, description: str, granted: Iterable[Granted]) -> PermissionScheme:
    """A new permission scheme that no project has yet."""
    scheme = PermissionScheme(site.state.next_id("scheme"), name, description, _grants(site, granted))
    site.state.permission_schemes[scheme.id] = scheme
    return scheme


def _grants(site: Site, granted: Iterable[Granted]) -> tuple[Grant, ...]:
    return tuple(Grant(site.state.next_id("grant"), permission, holder) for permission, holder in granted)


def change_permission_scheme(
    site: Site, scheme: PermissionScheme, *, name: str, description: str, granted: Iterable[Granted] | None = None
) -> PermissionScheme:
    """Rename, describe and, unless `granted` is None, fill the scheme anew."""
    grants = scheme.grants if granted is None else _grants(site, granted)
    return _kept(site, replace(scheme, name=name, description=description, grants=grants))


def add_grant(site: Site, scheme: PermissionScheme, permission: str, holder: Holder) -> Grant:
    """Grant one permission more. Invalid if the scheme grants it already."""
    if any((each.permission, each.holder) == (permission, holder) for each in scheme.grants):
        raise Invalid("The permission is granted to this holder by the scheme already.")
    (grant,) = _grants(site, [(permission, holder)])
    _kept(site, replace(scheme, grants=(*scheme.grants, grant)))
    return grant


def remove_grant(site: Site, scheme: PermissionScheme, grant: Grant) -> None:
    _kept(site, replace(scheme, grants=tuple(each for each in scheme.grants if each.id != grant.id)))


def delete_permission_scheme(site: Site, scheme: PermissionScheme) -> None:
    """Delete the scheme. Invalid while projects have it."""
    if any(project.permission_scheme_id == scheme.id for project in site.state.projects.values()):
        raise Invalid("A permission scheme that projects use cannot be deleted.")
    del site.state.permission_schemes[scheme.id]


def _kept(site: Site, scheme: PermissionScheme) -> PermissionScheme:
    site.state.permission_schemes[scheme.id] = scheme
    _settle(site, lambda project: project.permission_scheme_id == scheme.id)
    return scheme


def _settle(site: Site, has_it: Callable[[Project], bool]) -> None:
    work_out(site.state, [project.id for project in site.state.projects.values() if has_it(project)])
    site.state.renamed()


def assign_permission_scheme(site: Site, project: Project, scheme: PermissionScheme) -> Project:
    """Let the scheme decide who may what in the project."""
    changed = site.state.projects[project.id] = replace(project, permission_scheme_id=scheme.id)
    _settle(site, lambda each: each.id == project.id)
    return changed


def add_security_scheme(site: Site, name: str, description: str = "") -> SecurityScheme:
    """A new security scheme without levels. Invalid if the name is taken."""
    _check_name(name, (each.name for each in site.state.security_schemes.values()))
    scheme = SecurityScheme(site.state.next_id("scheme"), name, description)
    return _secured(site, scheme)


def _check_name(name: str, taken: Iterable[str]) -> None:
    if not name.strip():
        raise Invalid("The name must not be empty.")
    if name.lower() in {each.lower() for each in taken}:
        raise Invalid(f"The name '{name}' is used already.")


def change_security_scheme(site: Site, scheme: SecurityScheme, *, name: str, description: str) -> SecurityScheme:
    if name != scheme.name:
        _check_name(name, (each.name for each in site.state.security_schemes.values()))
    return _secured(site, replace(scheme, name=name, description=description))


def delete_security_scheme(site: Site, scheme: SecurityScheme) -> None:
    """Delete the scheme. Invalid while projects have it."""
    if any(project.security_scheme_id == scheme.id for project in site.state.projects.values()):
        raise Invalid("An issue security scheme that projects use cannot be deleted.")
    del site.state.security_schemes[scheme.id]


def add_level(
    site: Site,
    scheme: SecurityScheme,
    name: str,
    description: str = "",
    members: Sequence[Holder] = (),
    *,
    default: bool = False,
) -> SecurityScheme:
    """A further level, whose issues its members alone see."""
    _check_name(name, (each.name for each in scheme.levels))
    level = SecurityLevel(site.state.next_id("security"), name, description, level_members(site, members))
    default_level = level.id if default else scheme.default_level
    return _secured(site, replace(scheme, levels=(*scheme.levels, level), default_level=default_level))


def level_members(site: Site, holders: Iterable[Holder]) -> tuple[LevelMember, ...]:
    """New members of a level."""
    return tuple(LevelMember(site.state.next_id("level_member"), holder) for holder in dict.fromkeys(holders))


def change_level(site: Site, scheme: SecurityScheme, level: SecurityLevel) -> SecurityScheme:
    """Put `level` in the place of the one with its id."""
    return _secured(
        site, replace(scheme, levels=tuple(level if each.id == level.id else each for each in scheme.levels))
    )


def set_default_level(site: Site, scheme: SecurityScheme, level_id: str | None) -> SecurityScheme:
    return _secured(site, replace(scheme, default_level=level_id))


def remove_level(site: Site, scheme: SecurityScheme, level: SecurityLevel, heir: str | None = None) -> SecurityScheme:
    """Remove a level; its issues get the heir's, or none and are open again."""
    default_level = heir if scheme.default_level == level.id else scheme.default_level
    levels = tuple(each for each in scheme.levels if each.id != level.id)
    changed = _secured(site, replace(scheme, levels=levels, default_level=default_level))
    _relevel(site, {level.id: heir}, lambda _: True)
    return changed


def _secured(site: Site, scheme: SecurityScheme) -> SecurityScheme:
    site.state.security_schemes[scheme.id] = scheme
    _settle(site, lambda project: project.security_scheme_id == scheme.id)
    return scheme


def assign_security_scheme(
    site: Site, project: Project, scheme: SecurityScheme | None, new_levels: dict[str, str] | None = None
) -> Project:
    """Give the project a security scheme, or none; `new_levels`: level -> its successor. Others' issues open up."""
    changed = site.state.projects[project.id] = replace(project, security_scheme_id=scheme.id if scheme else None)
    kept = {level.id for level in scheme.levels} if scheme else set()
    old = {issue.security_level_id for issue in site.state.issues.values() if issue.project_id == project.id}
    successors = {each: (new_levels or {}).get(each) for each in old if each is not None and each not in kept}
    _relevel(site, successors, lambda project_id: project_id == project.id)
    _settle(site, lambda each: each.id == project.id)
    return changed


def _relevel(site: Site, successors: dict[str, str | None], where: Callable[[str], bool]) -> None:
    for issue in list(site.state.issues.values()):
        if issue.security_level_id in successors and where(issue.project_id):
            site.put(replace(issue, security_level_id=successors[issue.security_level_id]))


def security_levels(state: State, project: Project) -> tuple[SecurityLevel, ...]:
    """The levels that the project's issues can have."""
    scheme = state.security_schemes.get(project.security_scheme_id or "")
    return scheme.levels if scheme else ()


def security_level(state: State, level_id: str) -> tuple[SecurityScheme, SecurityLevel] | None:
    """The level with this id, and its scheme."""
    for scheme in state.security_schemes.values():
        for level in scheme.levels:
            if level.id == level_id:
                return scheme, level
    return None


def first_level(state: State, project: Project, parent_id: str | None) -> str | None:
    """The level that a new issue gets where nobody says otherwise: its parent's, or the scheme's default."""
    if parent_id in state.issues:
        return state.issues[parent_id].security_level_id
    scheme = state.security_schemes.get(project.security_scheme_id or "")
    return scheme.default_level if scheme else None
