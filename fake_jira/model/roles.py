"""Project roles and who is in them, in each project and by default."""

from collections.abc import Iterable
from dataclasses import replace

from fake_jira.errors import Invalid, Taken
from fake_jira.model.access import Holder, ProjectRole
from fake_jira.model.permissions import work_out
from fake_jira.model.records import Project, RoleActor
from fake_jira.model.state import Site, State


def add_role(site: Site, name: str, description: str = "") -> ProjectRole:
    """A new role without actors. Taken if another has the name."""
    _check_name(site.state, name)
    role = ProjectRole(site.state.next_id("role"), name, description)
    site.state.roles[role.id] = role
    return role


def change_role(site: Site, role: ProjectRole, *, name: str, description: str) -> ProjectRole:
    if name != role.name:
        _check_name(site.state, name)
    changed = site.state.roles[role.id] = replace(role, name=name, description=description)
    site.state.renamed()
    return changed


def _check_name(state: State, name: str) -> None:
    if not name or name != name.strip():
        raise Invalid("The role name cannot be empty or start or end with whitespace.")
    if any(each.name.lower() == name.lower() for each in state.roles.values()):
        raise Taken(f"A project role with name '{name}' already exists.")


def is_used(state: State, role: ProjectRole) -> bool:
    """Whether a permission or security scheme names the role."""
    meant = Holder("projectRole", role.id)
    granted = (grant.holder for scheme in state.permission_schemes.values() for grant in scheme.grants)
    levels = (level for scheme in state.security_schemes.values() for level in scheme.levels)
    return meant in granted or any(member.holder == meant for level in levels for member in level.members)


def delete_role(site: Site, role: ProjectRole, heir: ProjectRole | None = None) -> None:
    """Delete the role; in schemes the heir takes its place. Whoever calls has seen that an unnamed heir is no harm."""
    state = site.state
    del state.roles[role.id]

    def inherited(holder: Holder) -> Holder:
        return Holder("projectRole", heir.id) if heir and holder == Holder("projectRole", role.id) else holder

    for scheme in state.permission_schemes.values():
        grants = tuple(replace(each, holder=inherited(each.holder)) for each in scheme.grants)
        state.permission_schemes[scheme.id] = replace(scheme, grants=grants)
    for security in state.security_schemes.values():
        levels = tuple(
            replace(level, members=tuple(replace(each, holder=inherited(each.holder)) for each in level.members))
            for level in security.levels
        )
        state.security_schemes[security.id] = replace(security, levels=levels)
    for project in state.projects.values():
        left = tuple(actor for actor in project.actors if actor.role_id != role.id)
        state.projects[project.id] = replace(project, actors=left)
    work_out(state)
    state.renamed()


def open_project(site: Site, project: Project) -> Project:
    """Keep a new project, with the default actors in its roles, and let its permission scheme take effect."""
    if not project.actors:
        defaults = tuple(actor for role in site.state.roles.values() for actor in role.default_actors)
        project = replace(project, actors=defaults)
    return _kept(site, project)


def actors_in(project: Project, role_id: str) -> tuple[RoleActor, ...]:
    return tuple(actor for actor in project.actors if actor.role_id == role_id)


def add_actors(site: Site, project: Project, actors: Iterable[RoleActor]) -> Project:
    """Put users and groups into roles of the project; who is there already stays."""
    return _kept(site, replace(project, actors=tuple(dict.fromkeys((*project.actors, *actors)))))


def remove_actors(site: Site, project: Project, actors: Iterable[RoleActor]) -> Project:
    gone = set(actors)
    return _kept(site, replace(project, actors=tuple(each for each in project.actors if each not in gone)))


def _kept(site: Site, project: Project) -> Project:
    site.state.projects[project.id] = project
    work_out(site.state, [project.id])
    site.state.renamed()
    return project


def set_default_actors(site: Site, role: ProjectRole, actors: Iterable[RoleActor]) -> ProjectRole:
    """What new projects start with; projects that are there keep theirs."""
    changed = site.state.roles[role.id] = replace(role, default_actors=tuple(dict.fromkeys(actors)))
    return changed
