"""Codes, access tokens and rotating refresh tokens of the apps in `apps.py` [jira 4.2].

All of them are records of the state and all times are the site's, so a token's life can be lived in a test by moving
the clock. Knows no HTTP: what is refused is raised in our words.
"""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fake_jira.errors import BadCode, BadRefreshToken
from fake_jira.model.app_records import ABSOLUTE_LASTS, AccessToken, App, AuthorizationCode, Grant, RefreshToken
from fake_jira.model.apps import OFFLINE
from fake_jira.model.state import Site, State

CODE_LASTS = timedelta(minutes=10)
ACCESS_LASTS = timedelta(seconds=3600)
ISSUER = "https://auth.atlassian.com"


@dataclass(frozen=True, slots=True)
class Pair:
    """What an app is handed; `refresh` None without the scope offline_access."""

    access: AccessToken
    refresh: RefreshToken | None
    grant: Grant


def new_code(site: Site, grant: Grant, redirect_uri: str) -> str:
    """The code that is sent to the app's callback."""
    codes, now = site.state.app_codes, site.now()
    for old in [each for each in codes.values() if each.expires_at <= now]:
        del codes[old.secret]
    code = AuthorizationCode(secrets.token_urlsafe(32), grant.id, redirect_uri, now + CODE_LASTS)
    codes[code.secret] = code
    return code.secret


def exchange(site: Site, app: App, code: str, redirect_uri: str) -> Pair:
    """Tokens for a code. BadCode if it is unknown, used, too old, another app's, or was sent to another address."""
    state = site.state
    found = state.app_codes.get(code)
    grant = state.app_grants.get(found.grant_id) if found else None
    if found is None or grant is None or grant.client_id != app.client_id:
        raise BadCode
    if found.redirect_uri != redirect_uri or found.expires_at <= site.now() or not is_alive(state, grant):
        raise BadCode
    del state.app_codes[code]
    return issue(site, app, grant)


def refresh(site: Site, app: App, secret: str, leeway: timedelta, *, ends_after_a_year: bool) -> Pair:
    """New tokens for a refresh token, which is replaced and stays good for `leeway`. BadRefreshToken if it is not."""
    state, now = site.state, site.now()
    token = state.refresh_tokens.get(secret)
    grant = state.app_grants.get(token.grant_id) if token else None
    if token is None or grant is None or grant.client_id != app.client_id or not is_alive(state, grant):
        raise BadRefreshToken
    if not token.good(now, leeway, ends_after_a_year=ends_after_a_year):
        raise BadRefreshToken
    state.refresh_tokens[secret] = replace(token, replaced_at=token.replaced_at or now)
    return issue(site, app, grant, token.first)


def issue(site: Site, app: App, grant: Grant, first: datetime | None = None) -> Pair:
    """Tokens of the grant as it is now. `first`: when the line of refresh tokens began that they go on with."""
    state, now = site.state, site.now()
    _sweep(state, now)
    expires_at = now + ACCESS_LASTS
    claims = {
        "jti": secrets.token_hex(16),
        "iss": ISSUER,
        "aud": app.client_id,
        "sub": grant.account_id,
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "scope": " ".join(grant.scopes),
        "client_id": app.client_id,
    }
    access = AccessToken(
        state.next_id("token"),
        signed(claims, app.secret),
        grant.id,
        app.client_id,
        grant.account_id,
        frozenset(grant.scopes),
        expires_at,
    )
    state.access_tokens[access.secret] = access
    if OFFLINE not in grant.scopes:
        return Pair(access, None, grant)
    rotated = RefreshToken(state.next_id("token"), secrets.token_urlsafe(48), grant.id, now, first or now)
    state.refresh_tokens[rotated.secret] = rotated
    return Pair(access, rotated, grant)


def grant_behind(state: State, token: AccessToken) -> Grant | None:
    """The grant that the token stands for; None once it was removed or its user is gone."""
    grant = state.app_grants.get(token.grant_id)
    return grant if grant is not None and is_alive(state, grant) else None


def is_alive(state: State, grant: Grant) -> bool:
    """Whether the user who granted it is still active."""
    user = state.users.get(grant.account_id)
    return user is not None and user.active


def revoke(site: Site, id_or_secret: str) -> bool:
    """Make one access or refresh token unknown; False if none has this id or is this text."""
    state = site.state
    tokens: list[AccessToken | RefreshToken] = [*state.access_tokens.values(), *state.refresh_tokens.values()]
    found = next((each for each in tokens if id_or_secret in (each.id, each.secret)), None)
    if found is not None:
        state.access_tokens.pop(found.secret, None)
        state.refresh_tokens.pop(found.secret, None)
    return found is not None


def set_expiry(site: Site, id_or_secret: str, expires_at: datetime) -> AccessToken | None:
    """Let an access token end at another time; None if none has this id or is this text."""
    for token in site.state.access_tokens.values():
        if id_or_secret in (token.id, token.secret):
            site.state.access_tokens[token.secret] = changed = replace(token, expires_at=expires_at)
            return changed
    return None


def _sweep(state: State, now: datetime) -> None:
    """Forget what has been dead for long, so that a fake that runs for weeks stays small."""
    for access in [each for each in state.access_tokens.values() if each.expires_at + ACCESS_LASTS <= now]:
        del state.access_tokens[access.secret]
    for token in [each for each in state.refresh_tokens.values() if each.issued + ABSOLUTE_LASTS <= now]:
        del state.refresh_tokens[token.secret]


def signed(claims: dict[str, Any], key: str) -> str:
    """A JSON Web Token, signed with the app's secret."""
    parts = [
        _word(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    signature = hmac.digest(key.encode(), ".".join(parts).encode(), "sha256")
    return ".".join([*parts, _word(signature)])


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
