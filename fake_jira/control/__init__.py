"""`/_control`: a test's hands inside the fake. Worlds, clock, faults, journal, settings, issues without permissions.

JSON in, JSON out; an error is `{"error": "one clear sentence"}` with 400, 404 or 409 and leaves nothing half done.
Requests here are not journalled, and no fault touches them. Browsers of another origin are refused, because the API
asks for no credential.
"""

from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from fake_jira.control import (
    access,
    application_links,
    apps,
    clock,
    faults,
    issues,
    journal,
    settings,
    tokens,
    webhooks,
    worlds,
)
from fake_jira.control.fake import Fake, chosen_world, fake
from fake_jira.control.reading import Conflict, Refused, answer
from fake_jira.errors import Invalid, NotThere
from fake_jira.faults import FaultRefused

__all__ = ["Fake", "chosen_world", "create_control_app", "install"]

ROOMS = (worlds, clock, faults, journal, settings, issues, access, apps, tokens, application_links, webhooks)
HTTP_STATUS: dict[type[Exception], int] = {Invalid: 400, Refused: 400, FaultRefused: 400, NotThere: 404, Conflict: 409}


def install(app: Flask, state: Fake) -> None:
    """Adds the control routes to `app`; they work on `state`."""
    app.extensions["fake_jira"] = state
    control = Blueprint("control", __name__, url_prefix="/_control")
    for room in ROOMS:
        for method, path, route in room.ROUTES:
            control.add_url_rule(path, f"{room.__name__.rpartition('.')[2]}.{route.__name__}".replace(".", "_"), route,
                                 methods=[method])  # fmt: skip
    control.before_request(_refuse_foreign_browsers)
    control.after_request(_settle)
    for path in ("/", "/<path:rest>"):
        control.add_url_rule(path, view_func=_unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    for kind, status in HTTP_STATUS.items():
        control.register_error_handler(kind, _teller(status))
    app.register_blueprint(control)


def create_control_app(state: Fake) -> Flask:
    """The control API alone, for a port of its own that stays up while the site is down."""
    app = Flask("fake_jira.control")
    app.url_map.strict_slashes = False
    install(app, state)
    app.register_error_handler(NotFound, lambda _: _unknown())
    return app


def _refuse_foreign_browsers() -> Response | None:
    """A page from elsewhere, open in the same browser, must not rearrange somebody's tests."""
    origin = request.headers.get("Origin")
    if origin is None or origin.partition("://")[2] == request.headers.get("Host"):
        return None
    return answer({"error": f"The control API does not answer pages of another origin ({origin})."}, 403)


def _settle(response: Response) -> Response:
    """The site's door follows its outages before the caller hears that the change was made."""
    if fake().door is not None:
        fake().settle_door()
    return response


def _teller(status: int) -> Any:
    return lambda error: answer({"error": str(error)}, status)


def _unknown(rest: str = "") -> Response:  # noqa: ARG001 - the path, which the request has too
    return answer({"error": f"There is no {request.method} {request.path} in the control API."}, 404)
