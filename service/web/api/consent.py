"""Access that a person grants in Jira: where to go, and what comes back from there. Ours, in the vendor's style.

The callback is opened by the person's browser, which is told by pages; a caller with a token is told in JSON.
"""

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from service.consent import Granted
from service.web import bodies, connecting, connection, consenting
from service.web.access import require_admin
from service.web.answers import as_json
from service.web.api.integrations import UNKNOWN_TO_UPDATE
from service.web.pages import consent as pages
from service.web.parts import parts

routes = Blueprint("authorize", __name__, url_prefix="/xray/api/v1/ticketing")
callback_routes = Blueprint("oauth", __name__, url_prefix="/xray/api/v1/ticketing/oauth")  # the pages need it too


@routes.post("/jira-integrations/authorize")
def authorize() -> Response:
    """Begins the consent for a new integration."""
    user = require_admin()
    return _begun(consenting.begin(bodies.json_object(*connection.PROPERTIES), None, user.name))


@routes.post("/jira-integrations/<name>/authorize")
def authorize_again(name: str) -> Response:
    """Begins the consent for an integration that exists: of OAuth 2.0 only the secret is needed."""
    user = require_admin()
    existing = connecting.find(name, UNKNOWN_TO_UPDATE)
    return _begun(consenting.begin(bodies.json_object(*connection.PROPERTIES), existing, user.name))


@callback_routes.get("/callback")
def callback() -> AnyResponse:
    """Where Jira sends the browser back to. [jira 4.1, 4.4]"""
    if "Authorization" not in request.headers:
        return pages.come_back()
    user = require_admin()
    return _ended(parts().consents.end(request.args.to_dict(), user.name))


@routes.post("/oauth/choose")
def choose() -> Response:
    """Picks one of the sites of a grant that reaches several."""
    user = require_admin()
    given = bodies.json_object("choice", "cloud_id", required=("choice", "cloud_id"))
    choice, cloud_id = bodies.text(given, "choice"), bodies.text(given, "cloud_id")
    return _ended(parts().consents.choose(choice, cloud_id, user.name))


def _begun(authorization_url: str) -> Response:
    return as_json({"authorization_url": authorization_url, "callback_url": consenting.callback_url()})


def _ended(granted: Granted) -> Response:
    if granted.choice is not None:
        sites: list[dict[str, Any]] = [
            {"cloud_id": site.cloud_id, "name": site.name, "url": site.url} for site in granted.sites
        ]
        return as_json({"choice": granted.choice, "sites": sites})
    name = consenting.finish(granted)
    done = "updated" if granted.draft.integration_id is not None else "created"
    return as_json({"info": f"Integration has been successfully {done}", "connection_name": name})
