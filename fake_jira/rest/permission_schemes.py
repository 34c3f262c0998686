"""Permission schemes: which permission is granted to whom, and which scheme a project has."""

from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.model import schemes as verbs
from fake_jira.model.access import Grant, Holder, PermissionScheme
from fake_jira.model.permissions import PROJECT_PERMISSIONS
from fake_jira.rest.asking import expansions, for_admins
from fake_jira.rest.given import id_in, text_in
from fake_jira.rest.holders import holder_in, shown_holder
from fake_jira.rest.project_access import administered, require_admin
from fake_jira.rest.scene import scene, site, visible_project, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, signed_in

permission_schemes = chapter("permission_schemes")
EXPAND = "permissions,user,group,projectRole,field,all"
INTO_GRANTS = {"permissions", "user", "group", "projectRole", "field", "all"}


def _scheme(scheme_id: str) -> PermissionScheme:
    found = world().state.permission_schemes.get(scheme_id)
    if found is None:
        raise NotThere(f"The permission scheme with id '{scheme_id}' does not exist.")
    return found


def _shown(scheme: PermissionScheme, *, whole: bool = False) -> dict[str, Any]:
    """A scheme; its grants where `expand` asks for them or for anything in them."""
    shown: dict[str, Any] = {
        "expand": EXPAND,
        "id": int(scheme.id),
        "self": f"{scene().api}/permissionscheme/{scheme.id}",
        "name": scheme.name,
        "description": scheme.description,
    }
    if whole or not INTO_GRANTS.isdisjoint(expansions()):
        shown["permissions"] = [_grant(scheme, each) for each in scheme.grants]
    return shown


def _grant(scheme: PermissionScheme, grant: Grant) -> dict[str, Any]:
    return {
        "id": int(grant.id),
        "self": f"{scene().api}/permissionscheme/{scheme.id}/permission/{grant.id}",
        "holder": shown_holder(grant.holder, expansions()),
        "permission": grant.permission,
    }


def _granted(value: Any) -> tuple[str, Holder]:
    """One grant of a body."""
    if not isinstance(value, dict):
        raise Invalid(BAD_PAYLOAD)
    permission = text_in(value, "permission")
    if permission not in PROJECT_PERMISSIONS:
        raise Invalid(f"Unrecognized permission: {permission}")
    return permission, holder_in(value.get("holder"))


def _given() -> tuple[str, str | None, list[tuple[str, Holder]] | None]:
    """Name, description and grants of a body; None for what it leaves out."""
    given = body()
    name, grants = (text_in(given, "name") or "").strip(), given.get("permissions")
    if not name:
        raise Invalid(fields={"name": "The name of the permission scheme must not be empty."})
    if grants is not None and not isinstance(grants, list):
        raise Invalid(BAD_PAYLOAD)
    return name, text_in(given, "description"), None if grants is None else [_granted(each) for each in grants]


@permission_schemes.get("/permissionscheme")
@signed_in
def get_all_permission_schemes() -> Response:
    """Get all permission schemes."""
    return answer({"permissionSchemes": [_shown(each) for each in world().state.permission_schemes.values()]})


@permission_schemes.post("/permissionscheme")
@for_admins
def create_permission_scheme() -> Response:
    """Create permission scheme."""
    name, description, grants = _given()
    made = verbs.add_permission_scheme(site(), name, description or "", grants or ())
    return answer(_shown(made, whole=True), 201)


@permission_schemes.get("/permissionscheme/<int:scheme_id>")
@signed_in
def get_permission_scheme(scheme_id: int) -> Response:
    """Get permission scheme."""
    return answer(_shown(_scheme(str(scheme_id))))


@permission_schemes.put("/permissionscheme/<int:scheme_id>")
@for_admins
def update_permission_scheme(scheme_id: int) -> Response:
    """Update permission scheme; grants, where given, take the place of the old ones."""
    scheme, (name, description, grants) = _scheme(str(scheme_id)), _given()
    words = scheme.description if description is None else description
    changed = verbs.change_permission_scheme(site(), scheme, name=name, description=words, granted=grants)
    return answer(_shown(changed, whole=True))


@permission_schemes.delete("/permissionscheme/<int:scheme_id>")
@for_admins
def delete_permission_scheme(scheme_id: int) -> Response:
    """Delete permission scheme."""
    verbs.delete_permission_scheme(site(), _scheme(str(scheme_id)))
    return done()


@permission_schemes.get("/permissionscheme/<int:scheme_id>/permission")
@signed_in
def get_permission_scheme_grants(scheme_id: int) -> Response:
    """Get permission scheme grants."""
    scheme = _scheme(str(scheme_id))
    return answer({"permissions": [_grant(scheme, each) for each in scheme.grants], "expand": EXPAND})


@permission_schemes.post("/permissionscheme/<int:scheme_id>/permission")
@for_admins
def create_permission_grant(scheme_id: int) -> Response:
    """Create permission grant: it holds in every project of the scheme at once."""
    scheme, (permission, holder) = _scheme(str(scheme_id)), _granted(body())
    return answer(_grant(scheme, verbs.add_grant(site(), scheme, permission, holder)), 201)


@permission_schemes.get("/permissionscheme/<int:scheme_id>/permission/<int:permission_id>")
@signed_in
def get_permission_scheme_grant(scheme_id: int, permission_id: int) -> Response:
    """Get permission scheme grant."""
    scheme = _scheme(str(scheme_id))
    return answer(_grant(scheme, _grant_of(scheme, str(permission_id))))


def _grant_of(scheme: PermissionScheme, grant_id: str) -> Grant:
    for each in scheme.grants:
        if each.id == grant_id:
            return each
    raise NotThere(f"The permission grant with id '{grant_id}' does not exist in the scheme.")


@permission_schemes.delete("/permissionscheme/<int:scheme_id>/permission/<int:permission_id>")
@for_admins
def delete_permission_scheme_entity(scheme_id: int, permission_id: int) -> Response:
    """Delete permission scheme grant."""
    scheme = _scheme(str(scheme_id))
    verbs.remove_grant(site(), scheme, _grant_of(scheme, str(permission_id)))
    return done()


@permission_schemes.get("/project/<project_key_or_id>/permissionscheme")
@signed_in
def get_assigned_permission_scheme(project_key_or_id: str) -> Response:
    """Get assigned permission scheme."""
    return answer(_shown(_scheme(administered(project_key_or_id).permission_scheme_id)))


@permission_schemes.put("/project/<project_key_or_id>/permissionscheme")
@signed_in
def assign_permission_scheme(project_key_or_id: str) -> Response:
    """Assign permission scheme; for admins of the site."""
    project = visible_project(project_key_or_id)
    require_admin()
    scheme = _scheme(id_in(body(), "id") or "")
    verbs.assign_permission_scheme(site(), project, scheme)
    return answer(_shown(scheme))
