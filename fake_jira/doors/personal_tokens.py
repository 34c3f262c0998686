"""Personal access tokens by REST: made, listed, revoked by their own user [jira 4.6]."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, request

from fake_jira.doors.page import here
from fake_jira.errors import CredentialNeeded, Invalid, ScopeExceeded
from fake_jira.flavours.base import as_json
from fake_jira.model.data_center_doors import PersonalToken
from fake_jira.model.personal_tokens import make_token, revoke_token, token_of, tokens_of
from fake_jira.model.records import User

personal_tokens = Blueprint("personal_tokens", __name__, url_prefix="/rest/pat/<any('latest', '1.0'):version>/tokens")


@personal_tokens.url_value_preprocessor
def forget_version(_: str | None, values: dict[str, Any] | None) -> None:
    (values or {}).pop("version", None)


@personal_tokens.post("")
def create_personal_access_token() -> Response:
    """A new token; the only time that it is shown. It would reach further than an application's, which gets none."""
    who = _signed_in()
    if g.caller.app is not None:
        raise ScopeExceeded
    if request.mimetype != "application/json":
        return Response(b"", 415)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("name"), str):
        raise Invalid("The token's name is required.")
    days = body.get("expirationDuration")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int)):
        raise Invalid("expirationDuration is a number of days.")
    token = make_token(here().site, who, body["name"], days)
    return as_json(_shown(token) | {"rawToken": token.secret}, 201)


@personal_tokens.get("")
def get_personal_access_tokens() -> Response:
    """The caller's tokens, without what they are."""
    return as_json([_shown(each) for each in tokens_of(here().site, _signed_in())], 200)


@personal_tokens.get("/<int:token_id>")
def get_personal_access_token(token_id: int) -> Response:
    """One of them."""
    return as_json(_shown(token_of(here().site, _signed_in(), token_id)), 200)


@personal_tokens.delete("/<int:token_id>")
def revoke_personal_access_token(token_id: int) -> Response:
    """Ends one of them."""
    site = here().site
    revoke_token(site, token_of(site, _signed_in(), token_id))
    return Response(b"", 204, content_type=g.flavour.empty_type)


def _signed_in() -> User:
    who: User | None = g.caller.user
    if who is None:
        raise CredentialNeeded
    return who


def _shown(token: PersonalToken) -> dict[str, Any]:
    times = {"createdAt": token.created, "expiringAt": token.expires, "lastAccessedAt": token.used}
    return {"id": token.id, "name": token.name, **{name: _stamp(each) for name, each in times.items()}}


def _stamp(instant: datetime | None) -> str | None:
    """This part of Jira has a form of its own for timestamps [jira 6.1]."""
    return None if instant is None else f"{instant.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
