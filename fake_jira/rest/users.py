"""Users of both flavours: oneself, one by one, their groups and properties [jira 5.1, 5.12]."""

from typing import Any

from flask import Response, request

from fake_jira.errors import NotThere
from fake_jira.model.records import User
from fake_jira.rest import properties
from fake_jira.rest.asking import NO_USER, asked_user, caller_or_asked, expansions, signed_in_unless_open
from fake_jira.rest.scene import flavour, scene, user, world
from fake_jira.rest.wire import answer, chapter, done, flag, signed_in

users = chapter("users")
KEY = "userKey"  # what properties call a user's key


def shown(who: User) -> dict[str, Any]:
    """A user with what `expand` asks for."""
    return flavour().full_user(scene(), who, expansions())


@users.get("/myself")
@signed_in
def get_current_user() -> Response:
    """Get current user: the honest way to ask whether a credential is good."""
    who = user()
    if who is None:
        raise NotThere
    return answer(shown(who))


@users.get("/user")
@signed_in_unless_open
def get_user() -> Response:
    """Get user; Data Center shows admins deleted ones too, if asked to."""
    who = user()
    if who is None:
        raise NotThere(NO_USER)
    if flag("includeDeleted") and who.admin:
        for each in world().state.users.values():
            if each.deleted and (request.args.get("username") == each.name or request.args.get("key") == each.key):
                return answer(shown(each))
    return answer(shown(asked_user()))


@users.get("/user/properties")
@signed_in
def get_user_property_keys() -> Response:
    """Get user property keys."""
    who = caller_or_asked(key=KEY)
    return answer(properties.listing(f"{scene().api}/user/properties", _kept(who)))


@users.get("/user/properties/<path:property_key>")
@signed_in
def get_user_property(property_key: str) -> Response:
    """Get user property."""
    return answer(properties.one(_kept(caller_or_asked(key=KEY)), property_key))


@users.put("/user/properties/<path:property_key>")
@signed_in
def set_user_property(property_key: str) -> Response:
    """Set user property: 201 if it is new."""
    who = caller_or_asked(key=KEY)
    value, before = properties.written(property_key), _kept(who)
    world().state.user_properties[who.account_id] = properties.with_one(before, property_key, value)
    return done(200 if property_key in dict(before) else 201)


@users.delete("/user/properties/<path:property_key>")
@signed_in
def delete_user_property(property_key: str) -> Response:
    """Delete user property."""
    who = caller_or_asked(key=KEY)
    properties.one(_kept(who), property_key)
    left = tuple(each for each in _kept(who) if each[0] != property_key)
    world().state.user_properties[who.account_id] = left
    return done()


def _kept(who: User) -> tuple[tuple[str, bytes], ...]:
    return world().state.user_properties.get(who.account_id, ())
