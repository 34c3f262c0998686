"""OAuth 2.0 at both Jiras: where a person consents, and what the token endpoint gives or refuses. [jira 4.1-4.3, 4.5]

Cloud speaks JSON at Atlassian's authorisation server, Data Center forms at the Jira itself. Stores nothing and never
raises for what they answer. A refusal counts only when the endpoint itself says it, in its JSON: a login page or a
proxy's 403 says nothing about a grant.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from service import clock
from service.jira.access import Access, Tokens
from service.jira.answers import JiraAnswer
from service.jira.exchange import Exchanges, Reply
from service.rules.authentication import Installation
from service.rules.health import Outcome
from service.settings import Settings

AUDIENCE = "api.atlassian.com"
DATA_CENTER_SCOPE = "WRITE"  # [xray.md 5] "Permission = Write"; it holds READ
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
GRANT_ENDED = frozenset({"invalid_grant", "unauthorized_client"})  # the second: an older wording [jira 4.2]
SHORTEST_LIFE = timedelta(minutes=5)  # ours: what says it lives less would be renewed all the time; a 401 tells too


@dataclass(frozen=True, slots=True)
class Site:
    """A Jira Cloud site that a grant reaches."""

    cloud_id: str
    name: str
    url: str  # without a trailing slash
    scopes: tuple[str, ...]


def challenge_of(verifier: str) -> str:
    """The S256 challenge of PKCE for `verifier`."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def authorize_url(
    settings: Settings, access: Access, *, callback_url: str, state: str, scopes: Iterable[str], verifier: str
) -> str:
    """Where a person's browser is sent to consent.

    `scopes` are Cloud's; at Data Center the one is WRITE. `verifier` is that of PKCE, of which only Data Center makes
    use.
    """
    asked = {"client_id": access.client_id, "redirect_uri": callback_url, "state": state, "response_type": "code"}
    if access.installation_type == Installation.CLOUD:
        asked |= {"audience": AUDIENCE, "prompt": "consent", "scope": " ".join(scopes)}
        return f"{settings.atlassian_auth_url}/authorize?{urlencode(asked, quote_via=quote)}"
    pkce = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    query = urlencode(asked | {"scope": DATA_CENTER_SCOPE} | pkce, quote_via=quote)
    return f"{access.url}/rest/oauth2/latest/authorize?{query}"


class TokenEndpoint:
    """The token endpoint of whichever Jira an `Access` names."""

    def __init__(self, settings: Settings, exchanges: Exchanges) -> None:
        self._settings = settings
        self._exchanges = exchanges

    def exchange_code(self, access: Access, code: str, callback_url: str, verifier: str) -> JiraAnswer[Tokens]:
        """Tokens for the code that a callback brought."""
        wish = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback_url}
        if access.installation_type != Installation.CLOUD:
            wish["code_verifier"] = verifier
        return self._ask("oauthExchangeCode", access, wish)

    def refresh(self, access: Access, refresh_token: str) -> JiraAnswer[Tokens]:
        """New tokens for a refresh token, which is good once (Cloud: for ten minutes more)."""
        return self._ask("oauthRefresh", access, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def accessible_resources(self, access: Access, token: str) -> JiraAnswer[tuple[Site, ...]]:
        """The Jira sites that Cloud's `token` is good for; empty when the grant was removed. [jira 4.3]"""
        url = f"{self._settings.atlassian_api_url}/oauth/token/accessible-resources"
        headers = {"Authorization": f"Bearer {token}"}
        reply = self._exchanges.send("accessibleResources", "GET", url, headers, skip_proxy=access.skip_proxy)
        if reply.outcome is not Outcome.OK:
            return _without(reply, reply.outcome)
        if reply.status == 401:
            return _without(reply, Outcome.UNAUTHENTICATED)
        listed = reply.json()
        if reply.status != 200 or listed is None:
            return _without(reply, Outcome.NOT_JSON)
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            return _without(reply, Outcome.NOT_JIRA)
        return JiraAnswer(Outcome.OK, jira_sites(listed), reply.status)

    def _ask(self, operation: str, access: Access, wish: dict[str, str]) -> JiraAnswer[Tokens]:
        given = {"client_id": access.client_id, "client_secret": access.secret, **wish}
        if access.installation_type == Installation.CLOUD:
            url, kind, body = f"{self._settings.atlassian_auth_url}/oauth/token", JSON, orjson.dumps(given)
        else:
            url, kind, body = f"{access.url}/rest/oauth2/latest/token", FORM, urlencode(given).encode()
        headers = {"Content-Type": kind}
        reply = self._exchanges.send(operation, "POST", url, headers, body, skip_proxy=access.skip_proxy)
        return _tokens_of(reply, clock.now())


def jira_sites(listed: Iterable[Mapping[str, Any]]) -> tuple[Site, ...]:
    """The Jira sites among accessible resources, in their order.

    The same cloud id comes once per product, with that product's scopes; only entries with a scope of Jira's count.
    """
    found: dict[str, Site] = {}
    for one in listed:
        cloud_id, url, given = one.get("id"), one.get("url"), one.get("scopes")
        scopes = tuple(scope for scope in given if isinstance(scope, str)) if isinstance(given, list) else ()
        if not isinstance(cloud_id, str) or not isinstance(url, str) or not any("jira" in scope for scope in scopes):
            continue
        if not url.startswith(("https://", "http://")):
            continue
        before = found[cloud_id].scopes if cloud_id in found else ()
        name = str(one.get("name") or url)
        found[cloud_id] = Site(cloud_id, name, url.rstrip("/"), tuple(dict.fromkeys((*before, *scopes))))
    return tuple(found.values())


def _tokens_of(reply: Reply, now: datetime) -> JiraAnswer[Tokens]:
    if reply.outcome is not Outcome.OK:
        return _without(reply, reply.outcome)
    said = reply.json()
    if not isinstance(said, dict):
        return _without(reply, Outcome.NOT_JSON if said is None else Outcome.NOT_JIRA)
    if reply.status != 200:
        return _without(reply, _refusal(reply.status or 0, said.get("error")))
    access, refresh, lives, scope = (said.get(key) for key in ("access_token", "refresh_token", "expires_in", "scope"))
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        return _without(reply, Outcome.NOT_JIRA)
    tokens = Tokens(
        access=access,
        refresh=refresh if isinstance(refresh, str) and refresh else None,
        expires_at=_expiry(lives, now),
        scopes=tuple(scope.split()) if isinstance(scope, str) else (),
    )
    return JiraAnswer(Outcome.OK, tokens, reply.status)


def _refusal(status: int, error: object) -> Outcome:
    """What the endpoint's own word of refusal means. [jira 4.2: 403 where RFC 6749 has 400]"""
    if not isinstance(error, str):  # the envelope of something in between
        return Outcome.NOT_JSON
    if 400 <= status < 500 and error in GRANT_ENDED:
        return Outcome.CONSENT_AGAIN
    if error == "invalid_client" or (status == 401 and error == "access_denied"):
        return Outcome.CLIENT_REFUSED
    return Outcome.REFUSED


def _expiry(lives: object, now: datetime) -> datetime | None:
    """When an access token ends by our clock; None when `lives` (seconds) does not tell."""
    if isinstance(lives, bool) or not isinstance(lives, int | float) or not 0 < lives < 10**9:
        return None
    return now + max(timedelta(seconds=lives), SHORTEST_LIFE)


def _without(reply: Reply, outcome: Outcome) -> JiraAnswer[Any]:
    return JiraAnswer(outcome, status=reply.status, retry_after=reply.retry_after)
