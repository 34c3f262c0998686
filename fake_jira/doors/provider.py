"""OAuth 2.0 at Data Center: the consent page, the token endpoint, revocation [jira 4.5]. Since 8.22."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fake_jira.auth import provider as verbs
from fake_jira.doors.data_center_page import for_people, show
from fake_jira.doors.page import here
from fake_jira.errors import ServerTrouble
from fake_jira.flavours.base import as_json
from fake_jira.model.application_links import SCOPES, with_query
from fake_jira.model.data_center_doors import Client, TokenPair
from fake_jira.model.records import User

provider = Blueprint(
    "provider", __name__, url_prefix="/rest/oauth2/<any('latest', '1.0'):version>", template_folder="templates"
)
FORM = "application/x-www-form-urlencoded"
NO_FORM = "The @FormParam is utilized when the content type of the request entity is not " + FORM
KEPT = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
RIGHTS = {
    "READ": "read everything that you can see",
    "WRITE": "change and create whatever you may",
    "ADMIN": "administer Jira in your name, if you may",
    "SYSTEM_ADMIN": "administer the system in your name, if you may",
}


@provider.url_value_preprocessor
def forget_version(_: str | None, values: dict[str, Any] | None) -> None:
    (values or {}).pop("version", None)


@provider.before_request
def since_then() -> Response | None:
    """Older servers do not have it."""
    older: Response | None = None if g.flavour.since(8, 22) else g.flavour.no_endpoint(request)
    return older


@provider.get("/authorize")
@for_people
def authorize_client(who: User) -> AnyResponse:
    """Asks the person who is signed in."""
    client = _client(request.args)
    if client is None:
        return _wrong_address()
    wrong = _wrong(client, request.args)
    if wrong is not None:
        return _back(request.args, error=wrong)
    scope = _scope(client, request.args)
    return show(
        "authorize.html",
        name=client.name,
        action=request.path,
        hidden={name: request.args[name] for name in KEPT if name in request.args},
        rights=[RIGHTS[each] for each in SCOPES if each in verbs.scopes_within(scope)],
        goes_to=request.args["redirect_uri"],
        sends_to=request.args["redirect_uri"],
        person=who,
    )


@provider.post("/authorize")
@for_people
def decide_on_client(who: User) -> AnyResponse:
    """Sends the person back, with a code or without."""
    client = _client(request.form)
    if client is None:
        return _wrong_address()
    wrong = _wrong(client, request.form)
    if wrong is not None:
        return _back(request.form, error=wrong)
    if "approve" not in request.form:
        return _back(request.form, error="access_denied")
    code = verbs.issue_code(
        here(),
        client,
        who,
        redirect_uri=request.form["redirect_uri"],
        scope=_scope(client, request.form),
        challenge=request.form.get("code_challenge") or None,
        method=request.form.get("code_challenge_method") or "plain",
    )
    return _back(request.form, code=code.code)


@provider.post("/token")
def token() -> Response:
    """A pair of tokens for a code, or for an older pair's refresh token."""
    return _told(verbs.exchange(here(), _form()))


@provider.post("/revoke")
def revoke_token() -> Response:
    """Ends a pair by either of its tokens."""
    verbs.revoke(here(), _form())
    return Response(b"", 200, content_type=g.flavour.empty_type)


def _form() -> Mapping[str, str]:
    """What was sent as a form; the real one trips over anything else."""
    if request.mimetype != FORM:
        raise ServerTrouble(NO_FORM)
    return request.form


def _client(asked: Mapping[str, str]) -> Client | None:
    """Who asks; None also if the address to go back to is none of its own, for nobody is sent there."""
    client = here().state.doors.clients.get(asked.get("client_id", ""))
    return client if client is not None and asked.get("redirect_uri") in client.redirect_uris else None


def _scope(client: Client, asked: Mapping[str, str]) -> str:
    """The widest that is asked for; without any, all that the client may have."""
    named = asked.get("scope", "").split()
    return max(named, key=SCOPES.index) if named else client.scope


def _wrong(client: Client, asked: Mapping[str, str]) -> str | None:
    """What the client is told in place of a code."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if not set(asked.get("scope", "").split()) <= verbs.scopes_within(client.scope):
        return "invalid_scope"
    if (asked.get("code_challenge_method") or "plain") not in verbs.CHALLENGES:
        return "invalid_request"
    if asked.get("code_challenge_method") and not asked.get("code_challenge"):
        return "invalid_request"
    return None


def _back(asked: Mapping[str, str], **told: str) -> AnyResponse:
    state = {"state": asked["state"]} if asked.get("state") else {}
    return redirect(with_query(asked["redirect_uri"], told | state), 302)


def _wrong_address() -> AnyResponse:
    sentence = "No application link has this client id with this redirect URL."
    return show("refused.html", 400, sentence=sentence, problem="invalid_client")


def _told(pair: TokenPair) -> Response:
    told = {
        "access_token": pair.access,
        "token_type": "bearer",
        "expires_in": int(verbs.ACCESS_LIFE.total_seconds()),
        "refresh_token": pair.refresh,
        "scope": pair.scope,
        "created_at": int(pair.created.timestamp()),
    }
    answer = as_json(told, 200)
    answer.headers["Pragma"] = "no-cache"
    return answer
