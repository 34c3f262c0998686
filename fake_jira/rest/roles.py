"""Project roles, who is in them in each project, and who is by default."""

from collections.abc import Iterable
from typing import Any

from flask import Response, request

from fake_jira.errors import Invalid, NotThere, NotYours, Taken
from fake_jira.flavours import CLOUD
from fake_jira.model import roles as verbs
from fake_jira.model.access import ProjectRole
from fake_jira.model.records import Project, RoleActor
from fake_jira.model.visibility import in_role
from fake_jira.rest.asking import for_admins, strings
from fake_jira.rest.given import text_in
from fake_jira.rest.project_access import NOT_YOURS, administers
from fake_jira.rest.scene import flavour, scene, site, user, visible_project, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, text

roles = chapter("roles")
cloud_roles = chapter("cloud_roles", CLOUD)
KINDS = ("user", "group", "groupId")
CATEGORIES = {"atlassian-user-role-actor": "user", "atlassian-group-role-actor": "group",
              "atlassian-group-role-actor-id": "groupId"}  # fmt: skip


def _role(role_id: str) -> ProjectRole:
    role = world().state.roles.get(role_id)
    if role is None:
        raise NotThere(f"Can not retrieve a role actor for a null project role; there is no role with id {role_id}.")
    return role


def _shown(role: ProjectRole, address: str = "", actors: Iterable[RoleActor] | None = None) -> dict[str, Any]:
    here = scene()
    about: dict[str, Any] = {
        "self": address or f"{here.api}/role/{role.id}",
        "name": role.name,
        "id": int(role.id),
        "description": role.description,
    }
    return about | ({} if actors is None else _actors(actors))


def _actors(actors: Iterable[RoleActor]) -> dict[str, Any]:
    here = scene()
    return {"actors": [flavour().actor(here, each, 10240 + number) for number, each in enumerate(actors)]}


@roles.get("/role")
@for_admins
def get_all_project_roles() -> Response:
    """Get all project roles."""
    return answer([_shown(each, actors=each.default_actors) for each in world().state.roles.values()])


@roles.post("/role")
@for_admins
def create_project_role() -> Response:
    """Create project role."""
    given = body()
    role = verbs.add_role(site(), text_in(given, "name") or "", text_in(given, "description") or "")
    return answer(_shown(role, actors=()))


@roles.get("/role/<int:role_id>")
@for_admins
def get_project_role_by_id(role_id: int) -> Response:
    """Get project role by ID."""
    role = _role(str(role_id))
    return answer(_shown(role, actors=role.default_actors))


@roles.post("/role/<int:role_id>")
@for_admins
def partial_update_project_role(role_id: int) -> Response:
    """Partial update project role: the name or the description."""
    role, given = _role(str(role_id)), body()
    name, description = text_in(given, "name"), text_in(given, "description")
    if name is None and description is None:
        raise Invalid("The name or the description of the role must be given.")
    return _changed(role, role.name if name is None else name, description or role.description)


@roles.put("/role/<int:role_id>")
@for_admins
def fully_update_project_role(role_id: int) -> Response:
    """Fully update project role: the name and the description."""
    role, given = _role(str(role_id)), body()
    name, description = text_in(given, "name"), text_in(given, "description")
    if name is None or description is None:
        raise Invalid("The name and the description of the role must be given.")
    return _changed(role, name, description)


def _changed(role: ProjectRole, name: str, description: str) -> Response:
    changed = verbs.change_role(site(), role, name=name, description=description)
    return answer(_shown(changed, actors=changed.default_actors))


@roles.delete("/role/<int:role_id>")
@for_admins
def delete_project_role(role_id: int) -> Response:
    """Delete project role; one that schemes name needs another in its place."""
    role, named = _role(str(role_id)), text("swap")
    heir = world().state.roles.get(named) if named else None
    if named and (heir is None or heir.id == role.id):
        raise Invalid(f"There is no role with id {named} to swap with.")
    if heir is None and verbs.is_used(world().state, role):
        raise Taken(f"The role '{role.name}' is used in schemes; name another one to swap with.")
    verbs.delete_role(site(), role, heir)
    return done()


@roles.get("/role/<int:role_id>/actors")
@for_admins
def get_project_role_actors_for_role(role_id: int) -> Response:
    """Get default actors for project role."""
    return _defaults(_role(str(role_id)))


def _defaults(role: ProjectRole) -> Response:
    if flavour().open:
        return answer(_shown(role, actors=role.default_actors))
    return answer(_actors(role.default_actors))


@roles.post("/role/<int:role_id>/actors")
@for_admins
def add_project_role_actors_to_role(role_id: int) -> Response:
    """Add default actors to project role."""
    role = _role(str(role_id))
    named = _named(role, body())
    if not named:
        raise Invalid("Users or groups must be given.")
    return _defaults(verbs.set_default_actors(site(), role, (*role.default_actors, *named)))


@roles.delete("/role/<int:role_id>/actors")
@for_admins
def delete_project_role_actors_from_role(role_id: int) -> Response:
    """Delete default actors from project role."""
    role = _role(str(role_id))
    gone = _asked(role)
    return _defaults(verbs.set_default_actors(site(), role, [each for each in role.default_actors if each not in gone]))


def _named(role: ProjectRole, given: dict[str, Any], unknown: type[Exception] = Invalid) -> list[RoleActor]:
    """The users and groups of a body."""
    return [_actor(role, kind, each, unknown) for kind in KINDS for each in strings(given, kind)]


def _actor(role: ProjectRole, kind: str, named: str, unknown: type[Exception]) -> RoleActor:
    who = flavour().actor_named(world().state, kind, named)
    if who is None:
        raise unknown(f"We can't find '{named}' in any accessible user directory. Check they're still active.")
    return RoleActor(role.id, who, is_group=kind != "user")


def _asked(role: ProjectRole, unknown: type[Exception] = Invalid) -> list[RoleActor]:
    """The one user or group of the query."""
    named = [(kind, request.args[kind]) for kind in KINDS if request.args.get(kind)]
    if len(named) != 1:
        raise Invalid("Either a user or a group must be given.")
    return [_actor(role, *named[0], unknown)]


def _configured(project_id_or_key: str) -> Project:
    """The project, for who may change its configuration; for others who see it Jira has a 401 [jira 2.2]."""
    project = visible_project(project_id_or_key)
    if not administers(project):
        raise NotYours(NOT_YOURS)
    return project


@roles.get("/project/<project_id_or_key>/role")
def get_project_roles(project_id_or_key: str) -> Response:
    """Get project roles for project: their names and addresses."""
    project, here = _configured(project_id_or_key), scene()
    known = world().state.roles.values()
    return answer({each.name: f"{here.api}/project/{project.id}/role/{each.id}" for each in known})


@cloud_roles.get("/project/<project_id_or_key>/roledetails")
def get_project_role_details(project_id_or_key: str) -> Response:
    """Get project role details; `currentMember` leaves those that the caller is in."""
    project, here, state = visible_project(project_id_or_key), scene(), world().state
    found = [each for each in state.roles.values() if not flag("currentMember") or _is_in(each, project)]
    details = {"admin": False, "default": False, "roleConfigurable": True, "type": "DEFAULT"}
    return answer(
        [
            _shown(each, f"{here.api}/project/{project.id}/role/{each.id}")
            | details
            | {"admin": each.name == "Administrators", "translatedName": each.name}
            for each in found
        ]
    )


def _is_in(role: ProjectRole, project: Project) -> bool:
    who = user()
    return who is not None and in_role(world().state, role.id, project, who)


@roles.get("/project/<project_id_or_key>/role/<int:role_id>")
def get_project_role(project_id_or_key: str, role_id: int) -> Response:
    """Get project role for project, with its actors."""
    return _of_project(_configured(project_id_or_key), _role(str(role_id)))


def _of_project(project: Project, role: ProjectRole) -> Response:
    here, users = scene(), world().state.users
    actors = [
        each
        for each in verbs.actors_in(world().state.projects[project.id], role.id)
        if each.is_group or users[each.who].active or not flag("excludeInactiveUsers")
    ]
    return answer(_shown(role, f"{here.api}/project/{project.id}/role/{role.id}", actors))


@roles.post("/project/<project_id_or_key>/role/<int:role_id>")
def add_actor_users(project_id_or_key: str, role_id: int) -> Response:
    """Add actors to project role; what the role may, they may from now on."""
    project, role = _configured(project_id_or_key), _role(str(role_id))
    named = _named(role, body(), NotThere)
    already = [each for each in named if each in project.actors]
    if not named or already:
        raise Invalid("At least one user or group that is not in the role yet must be given.")
    return _of_project(verbs.add_actors(site(), project, named), role)


@roles.put("/project/<project_id_or_key>/role/<int:role_id>")
def set_actors(project_id_or_key: str, role_id: int) -> Response:
    """Set actors for project role: these and no others."""
    project, role = _configured(project_id_or_key), _role(str(role_id))
    given = body().get("categorisedActors")
    if not isinstance(given, dict) or not set(given) <= set(CATEGORIES):
        raise Invalid(BAD_PAYLOAD)
    by_kind = {CATEGORIES[name]: strings(given, name) for name in given}
    wanted = [_actor(role, kind, each, NotThere) for kind, those in by_kind.items() for each in those]
    emptied = verbs.remove_actors(site(), project, verbs.actors_in(project, role.id))
    return _of_project(verbs.add_actors(site(), emptied, wanted), role)


@roles.delete("/project/<project_id_or_key>/role/<int:role_id>")
def delete_actor(project_id_or_key: str, role_id: int) -> Response:
    """Delete actors from project role."""
    project, role = _configured(project_id_or_key), _role(str(role_id))
    gone = _asked(role, NotThere)
    if gone[0] not in project.actors:
        raise NotThere("The user or group is not in the role.")
    verbs.remove_actors(site(), project, gone)
    return done()
