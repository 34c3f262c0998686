"""Users as Data Center alone has them: with names, keys and passwords, renamed and deactivated by admins."""

from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import DATA_CENTER
from fake_jira.model import people
from fake_jira.model.records import User
from fake_jira.rest import shapes
from fake_jira.rest.asking import asked_user, for_admins
from fake_jira.rest.given import flag_in, text_in
from fake_jira.rest.scene import scene, site, user, world
from fake_jira.rest.users import shown
from fake_jira.rest.wire import answer, body, chapter, done, number, signed_in

data_center_users = chapter("data_center_users", DATA_CENTER)
MOST_LISTED = 2000
NOT_THAT_ONE = "Your current password is incorrect."


@data_center_users.post("/user")
@for_admins
def create_user() -> Response:
    """Create user: a name nobody has, an address and a full name."""
    given = body()
    name, email, full = (text_in(given, each) or "" for each in ("name", "emailAddress", "displayName"))
    taken = world().state.user(name) is not None
    faults = {
        "username": "You must specify a username." if not name else "A user with that username already exists.",
        "email": "You must specify an email address.",
        "displayName": "You must specify a full name.",
    }
    wrong = {"username": not name or taken, "email": "@" not in email, "displayName": not full}
    if any(wrong.values()):
        raise Invalid(fields={field: faults[field] for field, is_wrong in wrong.items() if is_wrong})
    password = text_in(given, "password") or f"password of {name}"
    return answer(shown(people.add_user(site(), email, full, password, name=name)), 201)


@data_center_users.put("/user")
@for_admins
def update_user_1() -> Response:
    """Update user: rename, readdress, deactivate; the key stays."""
    return answer(shown(_changed(asked_user(), body())))


def _changed(who: User, given: dict[str, Any]) -> User:
    wanted = {
        "name": text_in(given, "name"),
        "email": text_in(given, "emailAddress"),
        "display_name": text_in(given, "displayName"),
        "active": flag_in(given, "active"),
    }
    return people.change_user(site(), who, **{name: value for name, value in wanted.items() if value is not None})


@data_center_users.delete("/user")
@for_admins
def remove_user() -> Response:
    """Delete user; one whom issues or projects mention is deactivated instead."""
    who = asked_user()
    if people.is_needed(world().state, who):
        raise Invalid(f"Cannot delete user '{who.name}': issues, comments or projects refer to them.")
    people.remove_user(site(), who)
    return done()


@data_center_users.put("/user/password")
@for_admins
def change_user_password() -> Response:
    """Change a user's password, as an admin does."""
    _set_password(asked_user(), body())
    return done()


def _set_password(who: User, given: dict[str, Any]) -> None:
    password = text_in(given, "password")
    if not password:
        raise Invalid(fields={"password": "You must specify a password."})
    world().state.passwords[who.account_id] = password


@data_center_users.put("/myself")
@signed_in
def update_user() -> Response:
    """Update current user: the own address and full name, with the password."""
    given, who = body(), user()
    if who is None:
        raise NotThere
    if given.get("password") != world().state.passwords.get(who.account_id):
        raise Invalid(fields={"password": NOT_THAT_ONE})
    return answer(shown(_changed(who, {name: given.get(name) for name in ("emailAddress", "displayName")})))


@data_center_users.put("/myself/password")
@signed_in
def change_my_password() -> Response:
    """Update caller password."""
    given, who = body(), user()
    if who is None:
        raise NotThere
    if given.get("currentPassword") != world().state.passwords.get(who.account_id):
        raise Invalid(fields={"currentPassword": NOT_THAT_ONE})
    _set_password(who, given)
    return done()


@data_center_users.get("/user/list")
@for_admins
def get_user_list() -> Response:
    """Get users, from a cursor on."""
    start, size = max(0, number("cursor", 0)), min(max(1, number("maxResults", MOST_LISTED)), MOST_LISTED)
    everybody, here = list(world().state.users.values()), scene()
    listed, address = everybody[start : start + size], f"{here.api}/user/list"
    after: dict[str, Any] = {}
    if start + size < len(everybody):
        following = str(start + size)
        after = {"nextCursor": following, "nextPage": f"{address}?cursor={following}&maxResults={size}"}
    about = {"self": f"{address}?cursor={start}&maxResults={size}", "isLast": not after}
    return answer(about | after | {"values": [shapes.user(here, each) for each in listed]})
