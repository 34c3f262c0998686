"""Apps that people let act for them by OAuth 2.0 (3LO): making them, granting, and taking back [jira 4.1].

One grant per app and account: consenting again replaces its scopes and adds its sites. Tokens are in `app_tokens.py`.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.app_records import App, Grant, Login
from fake_jira.model.records import User
from fake_jira.model.state import Site, State

HERE = ""
OFFLINE = "offline_access"  # the scope that yields a refresh token
LOGIN_LASTS = timedelta(days=30)
_SCOPE = re.compile(r"[A-Za-z][\w.:-]{0,99}", re.ASCII)
_CLIENT_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)


def create_app(
    site: Site,
    owner: User,
    name: str,
    *,
    scopes: Sequence[str] = (),
    callbacks: Sequence[str] = (),
    distributed: bool = False,
    client_id: str = "",
    secret: str = "",
) -> App:
    """A new app, private unless `distributed`. Invalid says what cannot be."""
    client_id = client_id or secrets.token_urlsafe(24)
    if client_id in site.state.apps:
        raise Invalid(f"There is already an app with the client id {client_id}.")
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid("A client id has 1 to 100 letters (a to z), digits, '-', '_' and '.'.")
    app = App(
        client_id,
        secret or f"ATOA{secrets.token_urlsafe(48)}",
        _named(name),
        owner.account_id,
        site.now(),
        _scopes(scopes),
        _callbacks(callbacks),
        distributed,
    )
    site.state.apps[client_id] = app
    return app


def change_app(
    site: Site,
    app: App,
    *,
    name: str | None = None,
    scopes: Sequence[str] | None = None,
    callbacks: Sequence[str] | None = None,
    distributed: bool | None = None,
) -> App:
    """The app with some of it set otherwise. What has been granted stays as it is until people consent again."""
    changed = replace(
        app,
        name=app.name if name is None else _named(name),
        scopes=app.scopes if scopes is None else _scopes(scopes),
        callbacks=app.callbacks if callbacks is None else _callbacks(callbacks),
        distributed=app.distributed if distributed is None else distributed,
    )
    site.state.apps[app.client_id] = changed
    return changed


def delete_app(site: Site, app: App) -> None:
    """Forget the app and all that was granted to it."""
    for grant in [each for each in site.state.app_grants.values() if each.client_id == app.client_id]:
        remove_grant(site, grant)
    del site.state.apps[app.client_id]


def app_named(state: State, name: str) -> App:
    """The app with this client id, or else the one of this name; NotThere."""
    found = state.apps.get(name)
    if found is not None:
        return found
    namesakes = [app for app in state.apps.values() if app.name == name]
    if len(namesakes) != 1:
        known = ", ".join(f"{app.name} ({app.client_id})" for app in state.apps.values()) or "none"
        raise NotThere(f"There is no app {name!r}, or several; there are: {known}.")
    return namesakes[0]


def grant_of(state: State, app: App, account_id: str) -> Grant | None:
    """What this account has granted this app."""
    wanted = (app.client_id, account_id)
    return next((each for each in state.app_grants.values() if (each.client_id, each.account_id) == wanted), None)


def consent(site: Site, app: App, user: User, scopes: Sequence[str], sites: Iterable[str] = (HERE,)) -> Grant:
    """Let the app act for `user`: the scopes replace those granted before, the sites are added [jira 4.1]."""
    before = grant_of(site.state, app, user.account_id)
    grant = Grant(
        before.id if before else site.state.next_id("app_grant"),
        app.client_id,
        user.account_id,
        tuple(dict.fromkeys(scopes)),
        tuple(dict.fromkeys([*(before.sites if before else ()), *sites])),
        site.now(),
    )
    site.state.app_grants[grant.id] = grant
    return grant


def remove_grant(site: Site, grant: Grant) -> None:
    """What a user does with 'Remove': codes and refresh tokens go; access tokens stay, and no site knows them."""
    state = site.state
    del state.app_grants[grant.id]
    forget_refreshing(site, lambda id_: id_ == grant.id)
    for code in [each for each in state.app_codes.values() if each.grant_id == grant.id]:
        del state.app_codes[code.secret]


def uninstall(site: Site, app: App) -> None:
    """What an admin of the site does: nobody's grant of the app is for this site any more [jira 4.1]."""
    for grant in [each for each in site.state.app_grants.values() if each.client_id == app.client_id]:
        others = tuple(name for name in grant.sites if name != HERE)
        if others:
            site.state.app_grants[grant.id] = replace(grant, sites=others)
        else:
            remove_grant(site, grant)


def change_password(site: Site, user: User, password: str) -> None:
    """A new password: refresh tokens of every app that acts for `user` die, and pages want a new login [jira 4.2]."""
    state = site.state
    if not password:
        raise Invalid("A password cannot be empty.")
    state.passwords[user.account_id] = password
    mine = {each.id for each in state.app_grants.values() if each.account_id == user.account_id}
    forget_refreshing(site, lambda id_: id_ in mine)
    for cookie in [cookie for cookie, login in state.logins.items() if login.account_id == user.account_id]:
        del state.logins[cookie]


def forget_refreshing(site: Site, of_grant: Callable[[str], bool]) -> None:
    """Drop the refresh tokens of some grants, by the grant's id."""
    tokens = site.state.refresh_tokens
    for token in [each for each in tokens.values() if of_grant(each.grant_id)]:
        del tokens[token.secret]


def sign_in(site: Site, email: str, password: str) -> str | None:
    """The cookie of somebody who signs in at a page; None if address or password is wrong."""
    state, now = site.state, site.now()
    user = next((each for each in state.users.values() if each.email.lower() == email.strip().lower()), None)
    if user is None or not user.active or state.passwords.get(user.account_id) != password:
        return None
    for old in [cookie for cookie, login in state.logins.items() if login.expires_at <= now]:
        del state.logins[old]
    cookie = secrets.token_urlsafe(24)
    state.logins[cookie] = Login(user.account_id, secrets.token_urlsafe(18), now + LOGIN_LASTS)
    return cookie


def _named(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise Invalid("An app's name has 1 to 100 characters.")
    return name


def _scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise Invalid(f"{scope!r} is not a scope such as read:jira-work.")
    return tuple(dict.fromkeys(scopes))


def _callbacks(addresses: Sequence[str]) -> tuple[str, ...]:
    for address in addresses:
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            parts, host = urlsplit(""), ""
        if not host or parts.fragment or not (parts.scheme == "https" or (parts.scheme == "http" and _loopback(host))):
            raise Invalid(f"The callback {address!r} must be an https:// address; http:// is for localhost alone.")
    return tuple(dict.fromkeys(addresses))


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
