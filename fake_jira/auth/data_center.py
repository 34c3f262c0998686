"""Who calls at Data Center: Basic with name and password, refused with a page when it is wrong [jira 2.8]."""

from flask import Request

from fake_jira.auth.basic import pair_of
from fake_jira.auth.caller import ANONYMOUS, Caller
from fake_jira.errors import BadPassword
from fake_jira.worlds import World


def authenticate(world: World, request: Request) -> Caller:
    """Who calls. BadPassword for a Basic credential that is wrong."""
    pair = pair_of(request.headers.get("Authorization", ""))
    if pair is None:
        return ANONYMOUS
    name, secret = pair
    with world.lock:
        who = world.state.user(name)
        right = who is not None and world.state.passwords.get(who.account_id) == secret
    if who is None or not right or not who.active:
        raise BadPassword
    return Caller(who, "OK")
