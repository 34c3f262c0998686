"""What every page shares: the blueprint, who may see it, how forms are guarded, and what is told to the browser."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.errors import ServiceError
from service.rules.versions import Feature
from service.store.users import User
from service.web import access
from service.web.parts import has

P = ParamSpec("P")
R = TypeVar("R")

routes = Blueprint("pages", __name__)
status_routes = Blueprint("status_pages", __name__)  # those that came with ticket status (R16)

PAGE_SIZE = 50  # rows
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@routes.before_request
@status_routes.before_request
def log_in_first() -> AnyResponse | None:
    """No page without a user; a form without its token does nothing."""
    g.user = access.by_session()
    if g.user is None and request.endpoint != "pages.log_in":
        wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("pages.log_in", next=None if wanted == "/" else wanted))
    if request.method == "POST":
        access.check_csrf()
    return None


def admin_only(page: Callable[P, R]) -> Callable[P, R]:
    """The page is for admins. Others: PermissionDenied."""

    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        access.insist_on_admin(g.user)
        return page(*args, **kwargs)

    return guarded


def say(sentence: str) -> None:
    """Shows `sentence` at the top of the next page, as good news."""
    flash(sentence, "good")


def complain(error: ServiceError | str) -> None:
    """Shows what went wrong at the top of the next page, with the reason where there is one."""
    notes = getattr(error, "__notes__", [])
    flash(" ".join([str(error), *(f"Reason: {note}" for note in notes)]), "bad")


def page_number() -> int:
    """Which page of a long list is asked for, from 1; anything odd is the first."""
    given = request.args.get("page", "1")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 7 and int(given) > 0 else 1


def context() -> dict[str, Any]:
    """What every template knows: who is logged in, which room of the navigation this is, and what there is already."""
    user: User | None = g.get("user")
    in_scans = request.path.startswith(("/scans", "/violations"))
    in_administration = request.path.startswith("/administration")
    return {
        "user": user,
        "room": "scans" if in_scans else "administration" if in_administration else None,
        "has_ticket_status": has(Feature.TICKET_STATUS),
    }


def utc(at: datetime) -> str:
    """A time for people; the script turns it into the reader's own zone."""
    return at.astimezone(UTC).strftime("%d %b %Y %H:%M UTC")


def words(name: str) -> str:
    """`release_bundle` as a person writes it."""
    return name.replace("_", " ").capitalize()


def with_headers(response: Response) -> Response:
    """What every answer tells a browser: no guessing of types, no frames, nothing from elsewhere, no stale copies."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-cache" if request.endpoint == "static" else "no-store"
    return response
