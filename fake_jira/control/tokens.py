"""Every token of Jira Cloud: people's API tokens, and the access and refresh tokens of apps."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from fake_jira.auth.scopes import checked as known_scopes
from fake_jira.control.apps import cloud, user_named
from fake_jira.control.reading import Conflict, answer, given, instant, needed, shown, texts
from fake_jira.errors import NotThere
from fake_jira.model.api_tokens import api_token, new_api_token, revoke_api_token, set_api_token_expiry
from fake_jira.model.app_tokens import grant_behind, revoke, set_expiry
from fake_jira.worlds import World


def listing() -> Response:
    """All of them, with what they are good for; `good` is told for this moment."""
    world = cloud()
    with world.lock:
        return answer({"tokens": [*_api(world), *_access(world), *_refresh(world)]})


def create() -> Response:
    """An API token of a user. It ends at `expires`, within a year; `scopes` make it good at the gateway alone."""
    body = given(user=str, token=str, label=str, expires=str, scopes=list)
    needed(body, "user")
    world = cloud()
    with world.lock:
        if body.get("token") in world.state.tokens:
            raise Conflict("Somebody has this API token already.")
        made = new_api_token(
            world.site,
            user_named(world, body["user"]),
            body.get("label", ""),
            secret=body.get("token", ""),
            expires_at=instant("expires", body["expires"]) if "expires" in body else None,
            scopes=known_scopes(texts(body, "scopes")) if "scopes" in body else None,
        )
        return answer(next(each for each in _api(world) if each["id"] == made.id), 201)


def change(token: str) -> Response:
    """Another end for an API token or an access token, by id or by itself. A refresh token has none to set."""
    body = given(expires=str)
    needed(body, "expires")
    ends, world = instant("expires", body["expires"]), cloud()
    with world.lock:
        known = api_token(world.state, token)
        if known is not None:
            set_api_token_expiry(world.site, known, ends)
        elif set_expiry(world.site, token, ends) is None:
            raise NotThere(f"There is no API token or access token {token!r}.")
        found = next(each for each in (*_api(world), *_access(world)) if token in (each["id"], each["token"]))
        return answer(found)


def delete(token: str) -> Response:
    """Revokes any token, by id or by itself."""
    world = cloud()
    with world.lock:
        known = api_token(world.state, token)
        if known is not None:
            revoke_api_token(world.site, known)
        elif not revoke(world.site, token):
            raise NotThere(f"There is no token {token!r}.")
    return answer(None, 204)


def _api(world: World) -> Iterator[dict[str, Any]]:
    for each in world.state.tokens.values():
        yield {
            "id": each.id,
            "kind": "api",
            "token": each.secret,
            "label": each.label,
            "user": _email(world, each.account_id),
            "scopes": None if each.scopes is None else sorted(each.scopes),
            "expires": _end(each.expires_at),
            "good": each.good(world.now()),
        }


def _access(world: World) -> Iterator[dict[str, Any]]:
    for each in world.state.access_tokens.values():
        yield {
            "id": each.id,
            "kind": "access",
            "token": each.secret,
            "app": each.client_id,
            "user": _email(world, each.account_id),
            "scopes": sorted(each.scopes),
            "expires": shown(each.expires_at),
            "good": world.now() < each.expires_at and grant_behind(world.state, each) is not None,
        }


def _refresh(world: World) -> Iterator[dict[str, Any]]:
    leeway, ends = timedelta(seconds=world.settings.refresh_leeway), world.settings.refresh_ends_after_a_year
    for each in world.state.refresh_tokens.values():
        grant = world.state.app_grants[each.grant_id]
        yield {
            "id": each.id,
            "kind": "refresh",
            "token": each.secret,
            "app": grant.client_id,
            "user": _email(world, grant.account_id),
            "scopes": list(grant.scopes),
            "issued": shown(each.issued),
            "used": _end(each.replaced_at),
            "good": each.good(world.now(), leeway, ends_after_a_year=ends),
        }


def _email(world: World, account_id: str) -> str | None:
    user = world.state.users.get(account_id)
    return user.email if user else None


def _end(moment: datetime | None) -> str | None:
    return None if moment is None else shown(moment)


ROUTES = (
    ("GET", "/tokens", listing),
    ("POST", "/tokens", create),
    ("PATCH", "/tokens/<token>", change),
    ("DELETE", "/tokens/<token>", delete),
)
