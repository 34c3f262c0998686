"""Apps of Jira Cloud's developer console, what people granted them, and the further sites of those people."""

from typing import Any

from flask import Response

from fake_jira.auth.gateway import knows
from fake_jira.auth.scopes import checked as known_scopes
from fake_jira.control.fake import fake, here
from fake_jira.control.reading import Conflict, Refused, answer, given, needed, shown, texts
from fake_jira.errors import NotThere
from fake_jira.model.app_records import App, FurtherSite, Grant
from fake_jira.model.app_tokens import ACCESS_LASTS, Pair, issue
from fake_jira.model.apps import (
    HERE,
    OFFLINE,
    app_named,
    change_app,
    change_password,
    consent,
    create_app,
    delete_app,
    remove_grant,
    uninstall,
)
from fake_jira.model.records import User
from fake_jira.model.state import CLOUD
from fake_jira.worlds import World


def listing() -> Response:
    world = cloud()
    return answer({"apps": [_app(world, each) for each in world.state.apps.values()]})


def create() -> Response:
    """An app, private and of the first admin unless told otherwise; id and secret can be chosen."""
    body = given(name=str, owner=str, scopes=list, callbacks=list, distributed=bool, client_id=str, client_secret=str)
    needed(body, "name")
    world = cloud()
    with world.lock:
        if body.get("client_id") in world.state.apps:
            raise Conflict(f"There is already an app with the client id {body['client_id']}.")
        app = create_app(
            world.site,
            user_named(world, body["owner"]) if "owner" in body else _admin(world),
            body["name"],
            scopes=known_scopes(texts(body, "scopes")),
            callbacks=texts(body, "callbacks"),
            distributed=body.get("distributed", False),
            client_id=body.get("client_id", ""),
            secret=body.get("client_secret", ""),
        )
        return answer(_app(world, app), 201)


def show(name: str) -> Response:
    world = cloud()
    return answer(_app(world, app_named(world.state, name)))


def change(name: str) -> Response:
    """What is given is set; what has been granted stays as it is until people consent again."""
    body = given(name=str, scopes=list, callbacks=list, distributed=bool)
    world = cloud()
    with world.lock:
        app = change_app(
            world.site,
            app_named(world.state, name),
            name=body.get("name"),
            scopes=known_scopes(texts(body, "scopes")) if "scopes" in body else None,
            callbacks=texts(body, "callbacks") if "callbacks" in body else None,
            distributed=body.get("distributed"),
        )
        return answer(_app(world, app))


def delete(name: str) -> Response:
    """The app goes with all that was granted to it."""
    world = cloud()
    with world.lock:
        delete_app(world.site, app_named(world.state, name))
    return answer(None, 204)


def uninstall_app(name: str) -> Response:
    """What an admin of the site does: every grant of the app for this site goes; the app stays."""
    given()
    world = cloud()
    with world.lock:
        uninstall(world.site, app_named(world.state, name))
    return answer(None, 204)


def grants() -> Response:
    world = cloud()
    return answer({"grants": [_grant(world, each) for each in world.state.app_grants.values()]})


def grant() -> Response:
    """What a consent in the browser and the exchange of its code would do; answers with the tokens."""
    body = given(app=str, user=str, scopes=list, sites=list)
    needed(body, "app")
    world = cloud()
    with world.lock:
        app = app_named(world.state, body["app"])
        user = user_named(world, body["user"]) if "user" in body else world.state.users[app.owner]
        scopes = texts(body, "scopes") or [*app.scopes, OFFLINE]
        foreign = [scope for scope in scopes if scope not in (*app.scopes, OFFLINE)]
        if foreign:
            raise Refused(f"The app {app.name!r} has not been given the scope {', '.join(foreign)}; give it first.")
        sites = [_site_of(world, user, name) for name in texts(body, "sites") or [world.name]]
        pair = issue(world.site, app, consent(world.site, app, user, scopes, sites))
        return answer(_grant(world, pair.grant) | _tokens(pair), 201)


def remove(id_: str) -> Response:
    """What the user does with 'Remove' on the page of connected apps."""
    world = cloud()
    with world.lock:
        found = world.state.app_grants.get(id_)
        if found is None:
            raise NotThere(f"There is no grant {id_!r}; there are {', '.join(world.state.app_grants) or 'none'}.")
        remove_grant(world.site, found)
    return answer(None, 204)


def sites() -> Response:
    """The sites that people here may have accounts on: this one and those that were added."""
    world = cloud()
    further = world.state.further_sites.values()
    own = {"world": world.name, "name": world.name, "cloud_id": world.cloud_id}
    return answer({"sites": [own, *(_site(each) for each in further)]})


def add_site() -> Response:
    """Another world becomes a further site of the people here who have an account there by the same address."""
    body = given(world=str, name=str)
    needed(body, "world")
    world = cloud()
    other = fake().worlds.get(body["world"])
    if other is world:
        raise Conflict(f"{world.name!r} is this site itself.")
    with world.lock:
        site = FurtherSite(other.name, body.get("name", other.name))
        world.state.further_sites[other.name] = site
    return answer(_site(site), 201)


def remove_site(name: str) -> Response:
    world = cloud()
    with world.lock:
        if world.state.further_sites.pop(name, None) is None:
            raise NotThere(f"{name!r} is no further site; those are {', '.join(world.state.further_sites) or 'none'}.")
    return answer(None, 204)


def password(user: str) -> Response:
    """A new password: refresh tokens of apps and logins at pages die."""
    body = given(password=str)
    needed(body, "password")
    world = cloud()
    with world.lock:
        change_password(world.site, user_named(world, user), body["password"])
    return answer(None, 204)


def cloud() -> World:
    """The request's world; Conflict at Data Center, which has other doors."""
    if fake().flavour != CLOUD:
        raise Conflict("Apps, grants and API tokens are Jira Cloud's; this fake is a Data Center.")
    return here()


def user_named(world: World, name: str) -> User:
    """The user with this e-mail address or account id; NotThere."""
    found = world.state.user(name)
    if found is None:
        emails = ", ".join(each.email for each in world.state.users.values())
        raise NotThere(f"There is no user {name!r}; there are {emails}.")
    return found


def _admin(world: World) -> User:
    return next(user for user in world.state.users.values() if user.admin)


def _site_of(world: World, user: User, name: str) -> str:
    """What a grant calls the site; Refused if the user has no account on it."""
    other = fake().worlds.get(name)
    if not knows(world, user.account_id, other):
        raise Refused(f"{user.email} has no account on {name!r}, or it is no site of this world; see /_control/sites.")
    return HERE if other is world else name


def _app(world: World, app: App) -> dict[str, Any]:
    return {
        "client_id": app.client_id,
        "client_secret": app.secret,
        "name": app.name,
        "owner": world.state.users[app.owner].email,
        "scopes": list(app.scopes),
        "callbacks": list(app.callbacks),
        "distributed": app.distributed,
    }


def _grant(world: World, grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "app": grant.client_id,
        "user": world.state.users[grant.account_id].email,
        "scopes": list(grant.scopes),
        "sites": [world.name if name == HERE else name for name in grant.sites],
        "granted": shown(grant.granted),
    }


def _tokens(pair: Pair) -> dict[str, Any]:
    refresh = {} if pair.refresh is None else {"refresh_token": pair.refresh.secret}
    return {"access_token": pair.access.secret, "expires_in": int(ACCESS_LASTS.total_seconds())} | refresh


def _site(site: FurtherSite) -> dict[str, Any]:
    world = next((each for each in fake().worlds if each.name == site.world), None)  # it may have been dropped
    return {"world": site.world, "name": site.name, "cloud_id": world and world.cloud_id}


ROUTES = (
    ("GET", "/apps", listing),
    ("POST", "/apps", create),
    ("GET", "/apps/<name>", show),
    ("PATCH", "/apps/<name>", change),
    ("DELETE", "/apps/<name>", delete),
    ("POST", "/apps/<name>/uninstall", uninstall_app),
    ("GET", "/grants", grants),
    ("POST", "/grants", grant),
    ("DELETE", "/grants/<id_>", remove),
    ("GET", "/sites", sites),
    ("POST", "/sites", add_site),
    ("DELETE", "/sites/<name>", remove_site),
    ("POST", "/users/<user>/password", password),
)
