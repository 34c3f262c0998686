"""Sessions by REST, for clients that sign in once and then send a cookie [jira 4.7]."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, request

from fake_jira.auth import sessions
from fake_jira.auth.caller import Caller
from fake_jira.doors.page import here
from fake_jira.errors import NotSignedIn
from fake_jira.flavours.base import Scene, as_json
from fake_jira.flavours.cloud import classic
from fake_jira.flavours.data_center_doors import DENIED, FAILED, captcha_header
from fake_jira.model.records import User

session = Blueprint("session", __name__, url_prefix="/rest/auth/<any('1', 'latest'):version>/session")
NOBODY = "You are not authenticated. Authentication required to perform this operation."


@session.url_value_preprocessor
def forget_version(_: str | None, values: dict[str, Any] | None) -> None:
    (values or {}).pop("version", None)


@session.post("")
def login() -> Response:
    """Create new user session."""
    if request.mimetype != "application/json":
        return Response(b"", 415)
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    name, password = (given[each] if isinstance(given.get(each), str) else "" for each in ("username", "password"))
    world, asked = here(), sessions.signer(here(), name)
    if asked is not None and sessions.is_denied(world, asked):
        return _refused(403, "Login denied", DENIED, captcha_header())
    who = sessions.user_with_password(world, name, password)
    if who is None:
        sessions.note_failure(world, asked)
        return _refused(401, "Login failed", FAILED, {})
    shown = _login_info(who)
    sessions.note_login(world, who)
    opened = sessions.open_session(world, who)
    g.caller = Caller(who, "OK", sends=sessions.cookies_of(opened, request))
    return as_json({"session": {"name": sessions.COOKIE, "value": opened.id}, "loginInfo": shown}, 200)


@session.get("")
def current_user() -> Response:
    """Get current user session information."""
    who = _signed_in()
    address = f"{request.root_url.rstrip('/')}/rest/api/latest/user?username={who.name}"
    return as_json({"self": address, "name": who.name, "loginInfo": _login_info(who)}, 200)


@session.delete("")
def logout() -> Response:
    """Delete current user session."""
    _signed_in()
    found = sessions.session_of(here(), request)
    if found is not None:
        sessions.end_session(here(), found.id)
    return Response(b"", 204, content_type=g.flavour.empty_type)


def _signed_in() -> User:
    who: User | None = g.caller.user
    if who is None:
        raise NotSignedIn(NOBODY)
    return who


def _refused(status: int, sentence: str, reason: str, headers: dict[str, str]) -> Response:
    answer = classic(NotSignedIn(sentence), status)
    answer.headers.update({"X-Seraph-LoginReason": reason, **headers})
    return answer


def _login_info(who: User) -> dict[str, Any]:
    """How often, and when; what never happened is left out."""
    known = sessions.sign_ins(here(), who)
    scene = Scene(g.flavour, here().state, "", "2", "latest", ZoneInfo(who.time_zone))
    times = {"lastFailedLoginTime": known.last_failure, "previousLoginTime": known.last_login}
    return {
        "failedLoginCount": known.all_failures,
        "loginCount": known.logins,
        **{name: scene.stamp(instant) for name, instant in times.items() if instant},
    }
