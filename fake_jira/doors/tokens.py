"""Jira Cloud's token endpoint, and which sites an access token is good for [jira 4.2, 4.3]."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from fake_jira.auth.caller import Caller
from fake_jira.auth.gateway import bearer_of, home_of, reaches, site_url
from fake_jira.auth.scopes import by_product
from fake_jira.doors.page import here, worlds
from fake_jira.errors import (
    BadClient,
    BadCode,
    BadRefreshToken,
    BadTokenRequest,
    DeadToken,
    JiraError,
    OAuthRefusal,
    UnsupportedGrantType,
)
from fake_jira.model.app_records import App, Grant
from fake_jira.model.app_tokens import ACCESS_LASTS, Pair, exchange, grant_behind, refresh
from fake_jira.model.apps import HERE
from fake_jira.worlds import DEFAULT, World

tokens = Blueprint("tokens", __name__)
TOLD: Mapping[type[JiraError], tuple[int, str, str]] = {  # an empty sentence: the error's own
    BadClient: (401, "access_denied", "Unauthorized"),
    BadCode: (403, "invalid_grant", "Invalid authorization code"),
    BadRefreshToken: (403, "invalid_grant", "Unknown or invalid refresh token."),
    BadTokenRequest: (400, "invalid_request", ""),
    UnsupportedGrantType: (403, "unsupported_grant_type", ""),
}


@tokens.post("/oauth/token")
def token() -> Response:
    """Tokens for a code or for a refresh token; JSON and forms are read alike."""
    given = _given()
    kind = _needed(given, "grant_type")
    world = here()
    app = world.state.apps.get(str(given.get("client_id")))
    if app is None or given.get("client_secret") != app.secret:
        raise BadClient
    pair = _pair(world, app, kind, given)
    g.caller = Caller(world.state.users[pair.grant.account_id], app=app.client_id)
    answer: dict[str, Any] = {
        "access_token": pair.access.secret,
        "expires_in": int(ACCESS_LASTS.total_seconds()),
        "scope": " ".join(pair.grant.scopes),
        "token_type": "Bearer",
    }
    if pair.refresh is not None:
        answer["refresh_token"] = pair.refresh.secret
    return _json(answer)


@tokens.get("/oauth/token/accessible-resources")
def accessible_resources() -> Response:
    """The sites of the grant behind a token, each once per product; none once the grant was removed."""
    chosen, secret = here(), bearer_of(request) or ""
    home = home_of(worlds(), secret, chosen)
    found = home.state.access_tokens.get(secret) if home is not None else None
    if home is None or found is None or home.now() >= found.expires_at:
        raise DeadToken(chosen.settings.gateway_dead_token if secret else 401)
    g.world, user = home, home.state.users.get(found.account_id)
    g.caller = Caller(user, app=found.client_id, scopes=found.scopes)
    grant = grant_behind(home.state, found)
    return _json([] if grant is None else _resources(home, grant))


def tell(error: JiraError) -> Response:
    """What the token endpoint says no with."""
    status, word, sentence = TOLD[type(error)]
    if isinstance(error, BadCode):
        status = here().settings.bad_auth_code
    return _json({"error": word, "error_description": sentence or str(error)}, status)


tokens.register_error_handler(OAuthRefusal, tell)


def _pair(world: World, app: App, kind: str, given: Mapping[str, str]) -> Pair:
    if kind == "authorization_code":
        return exchange(world.site, app, _needed(given, "code"), _needed(given, "redirect_uri"))
    if kind == "refresh_token":
        leeway = timedelta(seconds=world.settings.refresh_leeway)
        ends = world.settings.refresh_ends_after_a_year
        return refresh(world.site, app, _needed(given, "refresh_token"), leeway, ends_after_a_year=ends)
    raise UnsupportedGrantType(f"Unsupported grant type: {kind}")


def _given() -> dict[str, str]:
    if request.mimetype == "application/x-www-form-urlencoded":
        return dict(request.form.items())
    read = request.get_json(force=True, silent=True)
    if not isinstance(read, dict):
        raise BadTokenRequest("The body is neither a JSON object nor a form.")
    return read


def _needed(given: Mapping[str, str], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadTokenRequest(f"Missing required parameter: {name}")
    return value


def _resources(home: World, grant: Grant) -> list[dict[str, Any]]:
    found = []
    for name in grant.sites:
        world = home if name == HERE else next((each for each in worlds() if each.name == name), None)
        if world is None or not reaches(home, grant, world):
            continue
        url, called = site_url(world, request), "fake-jira" if world.name == DEFAULT else world.name
        further = home.state.further_sites.get(name)
        for product, scopes in by_product(grant.scopes).items():
            found.append(
                {
                    "id": world.cloud_id,
                    "url": url,
                    "name": further.name if further else called,
                    "scopes": scopes,
                    "avatarUrl": f"{url}/rest/api/3/universal_avatar/view/type/project/avatar/10400?product={product}",
                }
            )
    return found


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
