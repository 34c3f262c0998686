"""The login page of Jira Cloud's people: an e-mail address and a password, remembered by a cookie."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from fake_jira.auth.logins import COOKIE
from fake_jira.doors.page import here, is_from_elsewhere, show
from fake_jira.model.apps import LOGIN_LASTS, sign_in

identity = Blueprint("identity", __name__, template_folder="templates")
WRONG = "That e-mail address and password do not belong together."


@identity.get("/login")
def login_page() -> Response:
    """`continue` is where to go on to: an address of this fake."""
    return show("cloud/login.html", back=request.args.get("continue", ""), email="", problem="")


@identity.post("/login")
def login() -> Response:
    if is_from_elsewhere():
        return _forged()
    email, back = request.form.get("email", ""), request.form.get("continue", "")
    cookie = sign_in(here().site, email, request.form.get("password", ""))
    if cookie is None:
        return show("cloud/login.html", 401, back=back, email=email, problem=WRONG)
    answer = redirect(_own(back), 302)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=LOGIN_LASTS,
        path=request.script_root or "/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return answer


@identity.post("/logout")
def logout() -> Response:
    if is_from_elsewhere():
        return _forged()
    here().state.logins.pop(request.cookies.get(COOKIE, ""), None)
    answer = redirect(url_for("identity.login_page"), 302)
    answer.delete_cookie(COOKIE, path=request.script_root or "/")
    return answer


def _forged() -> Response:
    return show("cloud/refused.html", 403, error="stale_form", description="This form is of another site's page.")


def _own(address: str) -> str:
    """The address if it is one of this site, else that of the account page: a login leads to no stranger."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.netloc not in ("", request.host) or not parts.path.startswith(f"{request.script_root}/"):
        return url_for("account.account")
    return f"{request.host_url.rstrip('/')}{parts.path}{'?' if parts.query else ''}{parts.query}"
