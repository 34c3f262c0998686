"""Data Center as an OAuth 2.0 provider: codes, PKCE, tokens, and how far a scope reaches [jira 4.5].

Whoever calls holds the world's lock. https is not insisted on, as if the system properties that relax it were set.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from fake_jira.errors import BadClient, BadCode, BadRefreshToken, BadTokenRequest, UnsupportedGrantType
from fake_jira.model.application_links import SCOPES
from fake_jira.model.data_center_doors import Client, Code, TokenPair
from fake_jira.model.records import User
from fake_jira.worlds import World

CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(seconds=7200)
REFRESH_LIFE = timedelta(days=90)
CHALLENGES = ("plain", "S256")


def scopes_within(scope: str) -> frozenset[str]:
    """The scope and those that it holds."""
    return frozenset(SCOPES[: SCOPES.index(scope) + 1])


def as_far_as(scope: str, user: User) -> User:
    """The user as the scope lets them act: without ADMIN an administrator is a user like others."""
    return user if not user.admin or "ADMIN" in scopes_within(scope) else replace(user, role="member")


def issue_code(
    world: World, client: Client, user: User, *, redirect_uri: str, scope: str, challenge: str | None, method: str
) -> Code:
    """What the application is sent back with."""
    code = Code(secrets.token_hex(16), client.id, user.account_id, redirect_uri, scope, world.now(), challenge, method)
    world.state.doors.codes[code.code] = code
    return code


def exchange(world: World, form: Mapping[str, str]) -> TokenPair:
    """The token endpoint: a pair for a code, or for the refresh token of an older pair, which is over then."""
    kind = form.get("grant_type")
    if not kind:
        raise BadTokenRequest("The parameter grant_type is required")
    if kind not in ("authorization_code", "refresh_token"):
        raise UnsupportedGrantType(kind)
    client = world.state.doors.clients.get(form.get("client_id", ""))
    if client is None or not secrets.compare_digest(client.secret.encode(), form.get("client_secret", "").encode()):
        raise BadClient("Invalid client")
    if kind == "authorization_code":
        return _for_code(world, client, form)
    return _for_refresh_token(world, client, form)


def _for_code(world: World, client: Client, form: Mapping[str, str]) -> TokenPair:
    for needed in ("code", "redirect_uri"):
        if not form.get(needed):
            raise BadTokenRequest(f"The parameter {needed} is required")
    code = world.state.doors.codes.pop(form["code"], None)
    who = _active(world, code)
    if (
        code is None
        or who is None
        or code.client_id != client.id
        or code.redirect_uri != form["redirect_uri"]
        or world.now() - code.created >= CODE_LIFE
    ):
        raise BadCode("The provided authorization code is invalid")
    if not _proves(form.get("code_verifier"), code):
        raise BadCode("The provided code_verifier does not match the code_challenge")
    return grant(world, client, who, code.scope)


def _for_refresh_token(world: World, client: Client, form: Mapping[str, str]) -> TokenPair:
    if not form.get("refresh_token"):
        raise BadTokenRequest("The parameter refresh_token is required")
    old = next((each for each in world.state.doors.pairs.values() if each.refresh == form["refresh_token"]), None)
    who = _active(world, old)
    if old is None or who is None or old.client_id != client.id or world.now() - old.created >= REFRESH_LIFE:
        raise BadRefreshToken("The provided refresh_token is invalid")
    del world.state.doors.pairs[old.access]
    return grant(world, client, who, old.scope)


def revoke(world: World, form: Mapping[str, str]) -> None:
    """Ends a pair by either of its tokens; a token that nobody knows is as good as revoked."""
    client = world.state.doors.clients.get(form.get("client_id", ""))
    if client is None or not secrets.compare_digest(client.secret.encode(), form.get("client_secret", "").encode()):
        raise BadClient("Invalid client")
    token = form.get("token")
    if not token:
        raise BadTokenRequest("The parameter token is required")
    for each in list(world.state.doors.pairs.values()):
        if token in (each.access, each.refresh) and each.client_id == client.id:
            del world.state.doors.pairs[each.access]


def pair_behind(world: World, access: str) -> TokenPair | None:
    """The pair that an access token is good for now."""
    found = world.state.doors.pairs.get(access)
    if found is None or found.client_id not in world.state.doors.clients:
        return None
    return found if world.now() - found.created < ACCESS_LIFE else None


def grant(world: World, client: Client, user: User, scope: str) -> TokenPair:
    """A new pair of tokens."""
    pair = TokenPair(secrets.token_hex(32), secrets.token_hex(32), client.id, user.account_id, scope, world.now())
    world.state.doors.pairs[pair.access] = pair
    return pair


def _active(world: World, given: Code | TokenPair | None) -> User | None:
    """Who gave it, if they are still let in."""
    who = world.state.users.get(given.account_id) if given else None
    return who if who is not None and who.active else None


def _proves(verifier: str | None, code: Code) -> bool:
    """Whether the verifier is the challenge's; neither is good alone, or PKCE could be taken off."""
    if verifier is None or code.challenge is None:
        return verifier is None and code.challenge is None
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    shown = digest if code.method == "S256" else verifier
    return secrets.compare_digest(shown.encode(), code.challenge.encode())
