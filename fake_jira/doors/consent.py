"""Jira Cloud's consent page: an app asks, a person says yes or no, its callback hears it [jira 4.1].

What the app has wrong is never told to its callback but on a page of the fake: the callback cannot be trusted yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from fake_jira.auth.gateway import knows, site_url
from fake_jira.auth.scopes import in_words
from fake_jira.doors.page import for_people, here, show, worlds
from fake_jira.model.app_records import App
from fake_jira.model.app_tokens import new_code
from fake_jira.model.apps import HERE, OFFLINE
from fake_jira.model.apps import consent as let_in
from fake_jira.model.records import User
from fake_jira.worlds import DEFAULT

consent = Blueprint("consent", __name__, template_folder="templates")
AUDIENCE = "api.atlassian.com"
ASKED = ("audience", "client_id", "scope", "redirect_uri", "state", "response_type", "prompt")
CANCELLED = "User did not authorize the request"


class Refused(Exception):
    """The app asks for what it cannot have: an OAuth error code and a sentence."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Wish:
    """What an app asks for."""

    app: App
    scopes: tuple[str, ...]
    redirect_uri: str
    state: str | None


@dataclass(frozen=True)
class Choice:
    """A site that can be granted; `value` is what a grant calls it."""

    value: str
    name: str
    url: str


@consent.get("/authorize")
@for_people
def authorize(who: User) -> Response:
    """The consent page. Only after the login is looked at what the app wants."""
    try:
        wish = _wish(request.args, who)
    except Refused as refused:
        return _refuse(refused)
    return show(
        "cloud/consent.html",
        sends_to=wish.redirect_uri,
        app=wish.app,
        goes_to=urlsplit(wish.redirect_uri).netloc,
        scopes=[(scope, in_words(scope)) for scope in wish.scopes],
        sites=sites_of(who),
        asked={name: request.args[name] for name in ASKED if name in request.args},
    )


@consent.post("/authorize", endpoint="consent")
@for_people
def decide(who: User) -> Response:
    """Accept or cancel; the form says again what the app asks for, and it is looked at again."""
    try:
        wish = _wish(request.form, who)
    except Refused as refused:
        return _refuse(refused)
    state = {} if wish.state is None else {"state": wish.state}
    if request.form.get("decision") != "accept":
        return _back(wish, {"error": "access_denied", "error_description": CANCELLED, **state})
    sites = {each.value for each in sites_of(who)}
    chosen = request.form.get("site", HERE)
    if chosen not in sites:
        return _refuse(Refused("invalid_request", "You have no account on that site."))
    grant = let_in(here().site, wish.app, who, wish.scopes, [chosen])
    return _back(wish, {**state, "code": new_code(here().site, grant, wish.redirect_uri)})


@consent.get("/error", endpoint="authorization_error")
def error() -> Response:
    """Where the person ends whose app is at fault."""
    known = {name: request.args.get(name, "") for name in ("error", "error_description")}
    return show("cloud/refused.html", 400, error=known["error"], description=known["error_description"])


def sites_of(who: User) -> list[Choice]:
    """The sites that a person has an account on: this one first."""
    world = here()
    own = "fake-jira" if world.name == DEFAULT else world.name
    found = [Choice(HERE, own, site_url(world, request))]
    for each in world.state.further_sites.values():
        other = next((known for known in worlds() if known.name == each.world), None)
        if other is not None and knows(world, who.account_id, other):
            found.append(Choice(each.world, each.name, site_url(other, request)))
    return found


def _wish(given: Mapping[str, str], who: User) -> Wish:
    app = here().state.apps.get(given.get("client_id", ""))
    if app is None:
        raise Refused("invalid_request", f"Unknown client: {given.get('client_id', '')}")
    if not app.distributed and app.owner != who.account_id:
        raise Refused("unauthorized_client", f"{app.name} is private: only its owner can let it in.")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in app.callbacks:
        sentence = f"Callback URL mismatch. {redirect_uri} is not in the list of allowed callback URLs"
        raise Refused("unauthorized_client", sentence)
    if given.get("response_type") != "code":
        raise Refused("unsupported_response_type", "The parameter response_type must be code.")
    if given.get("audience") != AUDIENCE:
        raise Refused("access_denied", f"The parameter audience must be {AUDIENCE}.")
    if given.get("prompt") != "consent":
        raise Refused("invalid_request", "The parameter prompt must be consent.")
    scopes = tuple(dict.fromkeys(given.get("scope", "").split()))
    if not scopes:
        raise Refused("invalid_scope", "The parameter scope names no scope.")
    foreign = [scope for scope in scopes if scope not in (*app.scopes, OFFLINE)]
    if foreign:
        raise Refused("invalid_scope", f"{app.name} has not been given the scope {', '.join(foreign)}.")
    return Wish(app, scopes, redirect_uri, given.get("state"))


def _refuse(refused: Refused) -> Response:
    place = url_for("consent.authorization_error", error=refused.error, error_description=str(refused))
    return redirect(place, 302)


def _back(wish: Wish, answer: Mapping[str, str]) -> Response:
    joint = "&" if urlsplit(wish.redirect_uri).query else "?"
    return redirect(f"{wish.redirect_uri}{joint}{urlencode(answer, quote_via=quote)}", 302)
