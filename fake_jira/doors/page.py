"""What the pages of Jira Cloud's doors have in common: their look and policy, who is signed in, the key in each form.

No scripts; every page works by links and forms. A form carries the key of its login, so that no other page can send it.
"""

from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fake_jira.auth.logins import login_of
from fake_jira.model.app_records import Login
from fake_jira.model.records import User
from fake_jira.pages.issue import STYLE as STYLE_OF_ALL
from fake_jira.worlds import World, Worlds

TEMPLATES = Path(__file__).parent / "templates"
STYLE = STYLE_OF_ALL + (TEMPLATES / "cloud" / "doors.css").read_text(encoding="utf-8")
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()


def show(template: str, code: int = 200, *, sends_to: str = "", **words: Any) -> Response:
    """A page. `sends_to` is an address that one of its forms leads to in the end, besides the fake itself."""
    login = login_of(here(), request)
    return dressed(template, code, sends_to=sends_to, login=login, who=login and person(login), **words)


def dressed(template: str, code: int = 200, *, sends_to: str = "", **words: Any) -> Response:
    """A page in the look of all, of either flavour, with its policy."""
    page = make_response(render_template(template, world=here().name, style=STYLE, **words), code)
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; form-action 'self'{_source(sends_to)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    page.headers["Referrer-Policy"] = "same-origin"  # else browsers hide where a form came from, which looks forged
    return page


def for_people(view: Callable[..., Response]) -> Callable[..., Response]:
    """A page for whoever is signed in, who is passed first; others are sent to the login page and come back."""

    @wraps(view)
    def guarded(**values: str) -> Response:
        login = login_of(here(), request)
        if login is None:
            back = request.url if request.method == "GET" else url_for("account.account")
            return redirect(f"{url_for('identity.login_page')}?{urlencode({'continue': back})}", 302)
        if request.method == "POST" and request.form.get("form_key") != login.form_key:
            return show("cloud/refused.html", 403, error="stale_form", description="This form is of another login.")
        return view(person(login), **values)

    return guarded


def is_from_elsewhere() -> bool:
    """Whether a browser says that the form stood on another site's page: nobody is logged in or out by strangers."""
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host


def here() -> World:
    """The world of this request."""
    world: World = g.world
    return world


def worlds() -> Worlds:
    """All worlds of this server: each is a site that somebody may have an account on."""
    known: Worlds = current_app.extensions["fake_jira.worlds"]
    return known


def person(login: Login) -> User:
    return here().state.users[login.account_id]


def lines(name: str) -> list[str]:
    """What a form's text holds, by lines or spaces."""
    return request.form.get(name, "").split()


def _source(address: str) -> str:
    """The address as a policy names it; a host in brackets cannot be named, nor can none: then its scheme is."""
    parts = urlsplit(address)
    if not parts.scheme:
        return ""
    return f" {parts.scheme}:" if "[" in parts.netloc or not parts.netloc else f" {parts.scheme}://{parts.netloc}"
