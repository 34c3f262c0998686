"""Data Center's incoming application links, what they were granted, and personal access tokens."""

from typing import Any

from flask import Response

from fake_jira.auth import oauth1, provider
from fake_jira.control.fake import here
from fake_jira.control.reading import Conflict, Refused, answer, given, needed, shown, texts
from fake_jira.errors import NotThere
from fake_jira.model.application_links import SCOPES, add_client, add_consumer, remove_link
from fake_jira.model.data_center_doors import Client, Consumer, PersonalToken
from fake_jira.model.personal_tokens import make_token, revoke_token
from fake_jira.model.records import User
from fake_jira.model.state import DATA_CENTER
from fake_jira.worlds import World


def data_center() -> World:
    """The world that is meant, if it is of Data Center."""
    world = here()
    if world.state.flavour != DATA_CENTER:
        raise Refused("This fake is a Jira Cloud; application links and personal access tokens are Data Center's.")
    return world


def listing() -> Response:
    """Consumers of OAuth 1.0a and clients of OAuth 2.0."""
    world = data_center()
    with world.lock:
        doors = world.state.doors
        links = [*map(_link, doors.consumers.values()), *map(_link, doors.clients.values())]
        return answer({"links": links})


def create() -> Response:
    """A consumer by `consumer_key` and `public_key`, or a client by `redirect_uris`, id and secret if chosen."""
    consumer = {"consumer_key": str, "public_key": str, "callback": str}
    client = {"redirect_uris": list, "scope": str, "client_id": str, "client_secret": str}
    body = given(name=str, **consumer, **client)
    world = data_center()
    with world.lock:
        if "consumer_key" in body:
            needed(body, "public_key")
            if body["consumer_key"] in world.state.doors.consumers:
                raise Conflict(f"There is already a consumer {body['consumer_key']}.")
            name = body.get("name", "")
            made: Consumer | Client = add_consumer(
                world.site, body["consumer_key"], name, body["public_key"], body.get("callback")
            )
        else:
            needed(body, "name", "redirect_uris")
            if body.get("client_id") in world.state.doors.clients:
                raise Conflict(f"There is already a client {body['client_id']}.")
            made = add_client(
                world.site,
                body["name"],
                texts(body, "redirect_uris"),
                body.get("scope", "WRITE"),
                client_id=body.get("client_id", ""),
                secret=body.get("client_secret", ""),
            )
        return answer(_link(made), 201)


def delete(link: str) -> Response:
    """A consumer by its key or a client by its id, with all that it was granted."""
    world = data_center()
    with world.lock:
        remove_link(world.site, link)
    return answer(None, 204)


def grant(link: str) -> Response:
    """What the link would have got had `user` said yes at the page: a token and its secret, or a pair of tokens."""
    body = given(user=str, scope=str)
    needed(body, "user")
    world = data_center()
    with world.lock:
        who, doors = _user(world, body["user"]), world.state.doors
        if link in doors.consumers:
            token = oauth1.grant(world, doors.consumers[link], who)
            return answer({"oauth_token": token.token, "oauth_token_secret": token.secret}, 201)
        client = doors.clients.get(link)
        if client is None:
            raise NotThere(f"There is no application link {link}.")
        scope = body.get("scope", client.scope)
        if scope not in SCOPES or scope not in provider.scopes_within(client.scope):
            raise Refused(f"The scope of this client reaches as far as {client.scope}; {scope} is not within it.")
        pair = provider.grant(world, client, who, scope)
        return answer({"access_token": pair.access, "refresh_token": pair.refresh, "scope": pair.scope}, 201)


def personal_tokens() -> Response:
    """Everybody's personal access tokens."""
    world = data_center()
    with world.lock:
        return answer({"tokens": [_token(world, each) for each in world.state.doors.personal_tokens.values()]})


def create_personal_token() -> Response:
    """A token of `user` that is good for `days`, or for ever."""
    body = given(user=str, name=str, days=int)
    needed(body, "user")
    world = data_center()
    with world.lock:
        made = make_token(world.site, _user(world, body["user"]), body.get("name", "Made by a test"), body.get("days"))
        return answer(_token(world, made), 201)


def delete_personal_token(token: int) -> Response:
    world = data_center()
    with world.lock:
        found = next((each for each in world.state.doors.personal_tokens.values() if each.id == token), None)
        if found is None:
            raise NotThere(f"There is no personal access token {token}.")
        revoke_token(world.site, found)
    return answer(None, 204)


def _link(link: Consumer | Client) -> dict[str, Any]:
    if isinstance(link, Consumer):
        return {"id": link.key, "name": link.name, "oauth": "1.0a", "callback": link.callback}
    told = {"id": link.id, "name": link.name, "oauth": "2.0", "client_id": link.id, "client_secret": link.secret}
    return told | {"redirect_uris": list(link.redirect_uris), "scope": link.scope}


def _token(world: World, token: PersonalToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "user": world.state.users[token.account_id].name,
        "name": token.name,
        "token": token.secret,
        "expires": token.expires and shown(token.expires),
    }


def _user(world: World, name: str) -> User:
    who = world.state.user(name)
    if who is None:
        names = ", ".join(each.name for each in world.state.users.values())
        raise NotThere(f"There is no user {name!r}; there are {names}.")
    return who


ROUTES = (
    ("GET", "/application-links", listing),
    ("POST", "/application-links", create),
    ("DELETE", "/application-links/<path:link>", delete),
    ("POST", "/application-links/<path:link>/grant", grant),
    ("GET", "/personal-tokens", personal_tokens),
    ("POST", "/personal-tokens", create_personal_token),
    ("DELETE", "/personal-tokens/<int:token>", delete_personal_token),
)
