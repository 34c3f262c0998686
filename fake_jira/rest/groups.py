"""Groups, their members, and the pickers that offer groups and people; application roles."""

from typing import Any

from flask import Response, request
from werkzeug.exceptions import MethodNotAllowed

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model import groups as verbs
from fake_jira.model.access import Group
from fake_jira.model.records import User
from fake_jira.rest import shapes
from fake_jira.rest.asking import NO_USER, asked_group, expansions, for_admins, signed_in_unless_open
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import flavour, scene, site, user, world
from fake_jira.rest.user_search import header, in_bold, users_to_pick
from fake_jira.rest.wire import answer, body, chapter, done, flag, listed, number, page, text

groups = chapter("groups")
cloud_groups = chapter("cloud_groups", CLOUD)
MEMBERS = 50  # a page of them
PICKED = 20
PRODUCT = "jira-software"


def _members(group: Group, *, inactive: bool) -> list[User]:
    users = world().state.users
    return [users[each] for each in group.members if inactive or users[each].active]


def _shown(group: Group) -> dict[str, Any]:
    """A group with its users as far as `expand` asks for them: all, or users[first:last]."""
    here, everybody = scene(), _members(group, inactive=False)
    wanted = next((each for each in expansions() if each.startswith("users")), "")
    first, last = 0, MEMBERS - 1 if wanted else -1
    if wanted.startswith("users[") and wanted.endswith("]"):
        bounds = wanted[len("users[") : -1].split(":")
        if len(bounds) == 2 and all(each.isdecimal() for each in bounds):
            first, last = int(bounds[0]), min(int(bounds[1]), int(bounds[0]) + MEMBERS - 1)
    shown = [shapes.user(here, each) for each in everybody[first : last + 1]]
    users = flavour().group_users(here, shown, first, MEMBERS, len(everybody))
    return flavour().group(here, group) | {"users": users, "expand": "users"}


@groups.get("/group")
@for_admins
def get_group() -> Response:
    """Get group (deprecated; Data Center has removed it in version 10)."""
    if not flavour().keeps_deprecated():
        raise MethodNotAllowed(["DELETE", "OPTIONS", "POST"])
    return answer(_shown(asked_group()))


@groups.post("/group")
@for_admins
def create_group() -> Response:
    """Create group."""
    return answer(_shown(verbs.add_group(site(), text_in(body(), "name") or "")), 201)


@groups.delete("/group")
@for_admins
def remove_group() -> Response:
    """Remove group; what only it could see goes to the swap group."""
    group, state = asked_group(), world().state
    named = text("swapGroupId") or text("swapGroup")
    heir = (state.groups.get(named) or verbs.group_named(state, named)) if named else None
    if named and (heir is None or heir.id == group.id):
        raise NotThere(f"The group '{named}' to swap with does not exist.")
    verbs.remove_group(site(), group, heir)
    return done(200)


@cloud_groups.get("/group/bulk")
@for_admins
def bulk_get_groups() -> Response:
    """Bulk get groups: of these ids and names, or of an access level or product."""
    ids, names = listed("groupId"), listed("groupName")
    level, product = text("accessType"), text("applicationKey")
    if level and level not in ("site-admin", "admin", "user"):
        raise Invalid("The accessType is one of: site-admin, admin, user.")
    found = [
        group
        for group in sorted(world().state.groups.values(), key=lambda each: each.name)
        if ((ids is None and names is None) or group.id in (ids or ()) or group.name in (names or ()))
        and (not level or (group.name == verbs.ADMINISTRATORS) == (level != "user"))
        and (not product or product == PRODUCT)
    ]
    start, size = max(0, number("startAt", 0)), min(number("maxResults", MEMBERS), MEMBERS)
    return answer(page(found, lambda group: {"name": group.name, "groupId": group.id}, start, size))


@groups.get("/group/member")
@for_admins
def get_users_from_group() -> Response:
    """Get users from group."""
    found, here = _members(asked_group(), inactive=flag("includeInactiveUsers")), scene()
    start, size = number("startAt", 0), min(number("maxResults", MEMBERS), MEMBERS)
    return answer(page(found, lambda each: shapes.user(here, each), start, size))


@groups.post("/group/user")
@for_admins
def add_user_to_group() -> Response:
    """Add user to group; what the group may, the user may from now on."""
    group, who = asked_group(), flavour().user_in(world().state, body())
    if who is None or who.deleted:
        raise NotThere(NO_USER)
    return answer(_shown(verbs.join(site(), group, who)), 201)


@groups.delete("/group/user")
@for_admins
def remove_user_from_group() -> Response:
    """Remove user from group."""
    group = asked_group()
    if not flavour().names_a_user(request.args):
        raise Invalid("The user to remove from the group must be given.")
    who = flavour().user_asked(world().state, request.args)
    if who is None:
        raise NotThere(NO_USER)
    verbs.leave(site(), group, who)
    return done(200)


@groups.get("/groups/picker")
@signed_in_unless_open
def find_groups() -> Response:
    """Find groups by a part of their name."""
    return answer(_to_pick())


def _to_pick() -> dict[str, Any]:
    query, most = text("query"), number("maxResults", PICKED)
    excluded = {*(listed("exclude") or ()), *(listed("excludeId") or ())}
    everybody = world().state.groups.values() if user() else ()
    found = [each for each in everybody if query.lower() in each.name.lower() and not {each.id, each.name} & excluded]
    here, shown = scene(), sorted(found, key=lambda each: each.name)[:most]
    return {
        "header": header(len(shown), len(found), "groups"),
        "total": len(found),
        "groups": [_picked(flavour().group(here, each), each, query) for each in shown],
    }


def _picked(known: dict[str, Any], group: Group, query: str) -> dict[str, Any]:
    admins = group.name == verbs.ADMINISTRATORS
    label = {"text": "Admin", "title": "Users in this group administer the site", "type": "ADMIN"} if admins else None
    named = {name: value for name, value in known.items() if name != "self"}
    return named | {"html": in_bold(group.name, query), "labels": [label] if label else []}


@groups.get("/groupuserpicker")
@signed_in_unless_open
def find_users_and_groups() -> Response:
    """Find users and groups."""
    return answer({"users": users_to_pick(), "groups": _to_pick()})


@groups.get("/applicationrole")
@for_admins
def get_all_application_roles() -> Response:
    """Get all application roles."""
    return answer([flavour().application_role(scene())])


@groups.get("/applicationrole/<key>")
@for_admins
def get_application_role(key: str) -> Response:
    """Get application role."""
    role = flavour().application_role(scene())
    if role["key"] != key:
        raise NotThere(f"The application role with key '{key}' does not exist.")
    return answer(role)
