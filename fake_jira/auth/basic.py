"""Basic authentication with an e-mail address and an API token, as the Cloud site's own host does it [jira 2.2].

A bad credential is not refused: the request goes on as anonymous, and only a response header tells. That is the
lie that makes naive synchronisers forget every ticket.
"""

import base64
import re

from flask import Request

from fake_jira.auth.caller import ANONYMOUS, Caller
from fake_jira.errors import BadBearer, CredentialNeeded, PasswordsDeprecated
from fake_jira.worlds import World

FAILED = "AUTHENTICATED_FAILED"
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")


def secret_of(header: str | None) -> str | None:
    """The API token in an Authorization header, for finding its world; None if there is none."""
    pair = pair_of(header or "")
    return pair[1] if pair else None


def authenticate(world: World, request: Request) -> Caller:
    """Who calls. BadBearer and CredentialNeeded for bearer tokens, which the site's own host does not take."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer ") and not header.startswith("Bearer  "):
        if _JWT.fullmatch(header.removeprefix("Bearer ")):
            raise CredentialNeeded
        raise BadBearer
    pair = pair_of(header)
    if pair is None or not pair[0]:
        return ANONYMOUS
    with world.lock:
        token = world.state.tokens.get(pair[1])
        user = world.state.user(pair[0])
        user = user if user is not None and user.email.lower() == pair[0].lower() else None
    if token and token.scopes is not None:
        token = None  # good at the gateway alone
    if token and user and user.active and token.account_id == user.account_id and token.good(world.now()):
        rests_on = ((world.state.tokens, pair[1], token), (world.state.users, user.account_id, user))
        return Caller(user, rests_on=rests_on, good_until=token.expires_at)
    if world.settings.bad_basic == "refuse":
        raise PasswordsDeprecated
    return Caller(None, FAILED)


def pair_of(header: str) -> tuple[str, str] | None:
    """User and secret of a Basic header; None without a colon or where the scheme is misspelt."""
    if not header.startswith("Basic ") or header.startswith("Basic  "):
        return None
    try:
        text = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except ValueError:  # no base64, not even ASCII, or no text inside
        return None
    name, colon, secret = text.partition(":")
    return (name, secret) if colon else None
