"""Who is signed in to the pages of Jira Cloud, by a cookie; programs' credentials mean nothing there."""

from flask import Request

from fake_jira.auth.caller import ANONYMOUS, Caller
from fake_jira.model.app_records import Login
from fake_jira.worlds import World

PAGES = frozenset({"identity", "consent", "tokens", "console", "account"})  # the doors that look at it
COOKIE = "cloud.session.token"


def authenticate(world: World, request: Request) -> Caller:
    """The person behind the cookie, or nobody."""
    login = login_of(world, request)
    return Caller(world.state.users[login.account_id]) if login else ANONYMOUS


def login_of(world: World, request: Request) -> Login | None:
    """The login that the request's cookie stands for; None if there is none or it is over."""
    login = world.state.logins.get(request.cookies.get(COOKIE, ""))
    user = world.state.users.get(login.account_id) if login else None
    if login is None or user is None or not user.active or world.now() >= login.expires_at:
        return None
    return login
