"""Who is calling, and what they may do.

An API caller shows a token: `Authorization: Bearer TOKEN`, or Basic with the user's name and the token as password.
The pages remember who logged in by a signed cookie; it also opens the reads of the API (GET), never its changes, so
that no foreign page can make a browser change anything.
"""

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import request, session

from service import vault
from service.errors import BadInput, InvalidToken, PermissionDenied
from service.store import users
from service.store.users import Role, User
from service.web.parts import parts

P = ParamSpec("P")
R = TypeVar("R")


def signed_in(route: Callable[P, R]) -> Callable[P, R]:
    """The route is for every known user. Others: InvalidToken."""

    @wraps(route)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        caller()
        return route(*args, **kwargs)

    return guarded


def admin_only(route: Callable[P, R]) -> Callable[P, R]:
    """The route is for admins. Others: InvalidToken, PermissionDenied."""

    @wraps(route)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_admin()
        return route(*args, **kwargs)

    return guarded


def caller() -> User:
    """The user who is calling the API."""
    has_header = "Authorization" in request.headers
    user = _by_header() if has_header else None
    if not has_header and request.method == "GET":
        user = by_session()
    if user is None:
        raise InvalidToken("Found invalid token")  # [xray.md 3]
    return user


def require_admin() -> User:
    """The admin who is calling the API."""
    return insist_on_admin(caller())


def insist_on_admin(user: User) -> User:
    """`user`, who has to be an admin."""
    if user.role is not Role.ADMIN:
        raise PermissionDenied("Permission denied")  # [xray.md 3]
    return user


def _by_header() -> User | None:
    given = request.authorization
    if given is None:
        return None
    if given.type == "bearer" and given.token:
        return _by_hash(vault.hash_token(given.token))
    if given.type == "basic" and given.password:
        user = _by_hash(vault.hash_token(given.password))
        return user if user is not None and user.name == given.username else None
    return None


def _by_hash(token_hash: str) -> User | None:
    with parts().store.read() as c:
        return users.by_token_hash(c, token_hash)


def log_in(name: str, token: str) -> User | None:
    """The user whose name and token these are; the session then remembers it, under a fresh CSRF token."""
    token_hash = vault.hash_token(token)
    user = _by_hash(token_hash)
    if user is None or user.name != name:
        return None
    session.clear()
    session["token_hash"] = token_hash  # a new token of the user ends its sessions
    return user


def by_session() -> User | None:
    """The user whom the session remembers and who still exists."""
    token_hash = session.get("token_hash")
    return _by_hash(token_hash) if isinstance(token_hash, str) else None


def csrf_token() -> str:
    """The token that each form of this session carries."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def check_csrf() -> None:
    """Refuses a form that was not made for this session."""
    given, expected = request.form.get("csrf", ""), str(session.get("csrf", ""))
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise BadInput("This form is no longer valid. Go back, reload the page, and try again.")
