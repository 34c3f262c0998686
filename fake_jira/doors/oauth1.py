"""The three stations of OAuth 1.0a: a request token, the page where a person decides, an access token [jira 4.4]."""

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fake_jira.auth import oauth1
from fake_jira.doors.data_center_page import for_people, show
from fake_jira.doors.page import here
from fake_jira.errors import SignatureRefused
from fake_jira.flavours.data_center_doors import TEXT
from fake_jira.model.application_links import with_query
from fake_jira.model.records import User

signatures = Blueprint("signatures", __name__, url_prefix="/plugins/servlet/oauth", template_folder="templates")
DENIED = "denied"
SENTENCES = {
    "token_rejected": "This request for access is not known here, or somebody has decided about it already.",
    "token_expired": "This request for access is too old. Go back to the application and start again.",
}


@signatures.route("/request-token", methods=["GET", "POST"])
def request_token() -> Response:
    """For a consumer that can sign."""
    token = oauth1.issue_request_token(here(), request)
    return _form(oauth_token=token.token, oauth_token_secret=token.secret)


@signatures.get("/authorize")
@for_people
def authorize(who: User) -> AnyResponse:
    """Asks the person who is signed in."""
    try:
        token = oauth1.open_request(here(), request.args.get("oauth_token", ""))
    except SignatureRefused as error:
        return _refused(error)
    consumer = here().state.doors.consumers[token.consumer_key]
    return show(
        "authorize.html",
        name=consumer.name,
        action=request.path,
        hidden={"oauth_token": token.token},
        rights=("read everything that you can see", "change and create whatever you may"),
        goes_to=token.callback,
        sends_to=token.callback or "",
        person=who,
    )


@signatures.post("/authorize")
@for_people
def decide(who: User) -> AnyResponse:
    """What the person said; the consumer learns it by its callback, or from the person."""
    try:
        token = oauth1.open_request(here(), request.form.get("oauth_token", ""))
    except SignatureRefused as error:
        return _refused(error)
    decided = oauth1.decide(here(), token, who, allow="approve" in request.form)
    if decided.callback is None:
        consumer = here().state.doors.consumers[token.consumer_key]
        return show("code.html", name=consumer.name, verifier=decided.verifier)
    told = {"oauth_token": decided.token, "oauth_verifier": decided.verifier or DENIED}
    return redirect(with_query(decided.callback, told), 302)


@signatures.route("/access-token", methods=["GET", "POST"])
def access_token() -> Response:
    """For a request token that was allowed."""
    token = oauth1.issue_access_token(here(), request)
    return _form(
        oauth_token=token.token,
        oauth_token_secret=token.secret,
        oauth_expires_in=str(int(oauth1.ACCESS_TOKEN_LIFE.total_seconds())),
        oauth_session_handle=token.handle,
        oauth_authorization_expires_in=str(int(oauth1.GRANT_LIFE.total_seconds())),
    )


def _form(**told: str) -> Response:
    return Response(urlencode(told), 200, content_type=TEXT)


def _refused(error: SignatureRefused) -> AnyResponse:
    return show("refused.html", 401, sentence=SENTENCES[error.problem], problem=f"oauth_problem={error.problem}")
