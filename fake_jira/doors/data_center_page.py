"""What the pages of Data Center's doors have in common: who is signed in, and the token that each form carries.

Signed in are people, by a cookie or by Basic: were an application's token as good here, it could consent to itself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import g, redirect, request
from werkzeug.wrappers import Response

from fake_jira.auth.sessions import implied_session, session_of
from fake_jira.doors.page import dressed, here
from fake_jira.flavours.data_center_doors import UNCHECKED
from fake_jira.model.data_center_doors import Session
from fake_jira.model.records import User

LOGIN = "/login.jsp"
STALE = "XSRF Security Token Missing: this form was not made for your present session. Go back and load it anew."


def show(template: str, code: int = 200, *, sends_to: str = "", **words: Any) -> Response:
    """A page. `sends_to` is an address that one of its forms leads to in the end, besides the fake itself."""
    session = present_session()
    known = {"who": g.caller.user, "token": session.xsrf if session else ""}
    return dressed(f"data_center/{template}", code, sends_to=sends_to, **known, **words)


def for_people(view: Callable[..., Response]) -> Callable[..., Response]:
    """A page for whoever is signed in, who is passed first; others are sent to the login page and come back."""

    @wraps(view)
    def guarded(**values: str) -> Response:
        who: User | None = g.caller.user
        if who is None or not is_person():
            back = request.full_path.rstrip("?") if request.method == "GET" else ""
            query = {"permissionViolation": "true", **({"os_destination": back} if back else {})}
            return redirect(f"{request.script_root}{LOGIN}?{urlencode(query)}", 302)
        if request.method == "POST" and not _is_vouched_for():
            return show("refused.html", 403, sentence=STALE)
        return view(who, **values)

    return guarded


def is_person() -> bool:
    """Whether no token speaks for the caller."""
    return g.caller.app is None and not request.headers.get("Authorization", "").startswith("Bearer ")


def present_session() -> Session | None:
    """The session of whoever is signed in, by a cookie or by Basic authentication."""
    if g.caller.user is None or not is_person():
        return None
    return session_of(here(), request) or implied_session(here(), g.caller.user)


def _is_vouched_for() -> bool:
    session = present_session()
    by_header = request.headers.get("X-Atlassian-Token", "").lower() in UNCHECKED
    return by_header or (session is not None and request.form.get("atl_token") == session.xsrf)
