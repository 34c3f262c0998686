"""The REST API: one file per chapter of Jira's manual. `register` hangs all of them into an application.

Routes read `flask.g.world` and `flask.g.caller`, find, decide and answer; they raise errors in our words. Faults,
journal, authentication and headers are wrapped around them by `app.py`.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from fake_jira.errors import JiraError
from fake_jira.flavours import Flavour
from fake_jira.flavours.base import locked
from fake_jira.rest.bulk_operations import bulk_operations
from fake_jira.rest.classic_search import classic_search
from fake_jira.rest.conversions import converted
from fake_jira.rest.field_chapters import FIELDS
from fake_jira.rest.files import FILES
from fake_jira.rest.filters import cloud_filters, filters
from fake_jira.rest.jql import cloud_jql, jql
from fake_jira.rest.people import PEOPLE
from fake_jira.rest.project_chapters import PROJECTS
from fake_jira.rest.rule import QuickRule
from fake_jira.rest.satellites import SATELLITES
from fake_jira.rest.search import search
from fake_jira.rest.server import edge, server
from fake_jira.rest.unserved import Unserved
from fake_jira.rest.webhooks import admin_webhooks, webhooks
from fake_jira.rest.wire import Json

CHAPTERS = (
    server,
    *PEOPLE,
    *PROJECTS,
    *FIELDS,
    *SATELLITES,
    search,
    classic_search,
    filters,
    cloud_filters,
    jql,
    cloud_jql,
    webhooks,
    bulk_operations,
)
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def register(app: Flask, flavour: Flavour) -> None:
    """Hang the routes into `app`, with their errors told as `flavour` tells them.

    Every view runs under its world's lock. The endpoint of a route is its chapter and Atlassian's name of the
    operation in snake case: `issues.get_issue`.
    """
    app.url_rule_class = QuickRule
    app.url_map.strict_slashes = False
    app.json = Json(app)
    words = ",".join(f"'{word}'" for word in flavour.api_versions)
    chapters = [each for each in CHAPTERS if flavour.lets_in(each.only)]
    for each in chapters:
        app.register_blueprint(each, url_prefix=f"/rest/api/<any({words}):version>")
    app.register_blueprint(edge)
    app.register_blueprint(admin_webhooks, url_prefix=flavour.webhook_path)
    for each in FILES:
        if flavour.lets_in(each.only):
            app.register_blueprint(each)
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in {each.name for each in (*chapters, admin_webhooks)}:
            app.view_functions[endpoint] = locked(converted(view))
    app.wsgi_app = _tidied(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.register_error_handler(JiraError, flavour.failure)

    unserved = Unserved(app, flavour)

    @app.errorhandler(NotFound)
    def not_found(_: NotFound) -> Response:
        return unserved.answer(request)

    @app.errorhandler(MethodNotAllowed)
    def wrong_method(error: MethodNotAllowed) -> Response:
        return unserved.answer(request, error.valid_methods or ())


def _tidied(app: Wsgi) -> Wsgi:
    """Double and trailing slashes do not matter to Jira [jira 2.1]."""

    def tidy(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/rest/") and ("//" in path or path.endswith("/")):
            environ["PATH_INFO"] = re.sub("/+", "/", path).rstrip("/")
        return app(environ, start_response)

    return tidy
