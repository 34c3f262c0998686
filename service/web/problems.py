"""Errors -> HTTP, in one table. "When do we answer 404?" is one screen to read.

An API caller gets `{"error": "one sentence"}` [xray.md 3], a person a page with the same sentence. Neither ever sees a
stack trace: what nobody foresaw is logged with one and answered without.
"""

from collections.abc import Mapping
from typing import cast

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from service import errors, logs
from service.web.answers import as_json
from service.web.consenting import CALLBACK

HTTP_STATUS: Mapping[type[errors.ServiceError], int] = {
    errors.BadInput: 400,
    errors.MissingParameter: 400,
    errors.ConsentDenied: 400,
    errors.ConnectionRefused: 400,  # [status-check's neighbours] creating documents 400 for a Jira that refuses
    errors.JiraRefused: 400,  # Jira names what is wrong with the values given
    errors.InvalidToken: 401,
    errors.PermissionDenied: 403,
    errors.IntegrationNotFound: 404,
    errors.ViolationNotFound: 404,
    errors.RunNotFound: 404,
    errors.NameTaken: 409,
    errors.EditedMeanwhile: 409,
    errors.RunEnded: 409,
    errors.TicketPending: 409,
    errors.JiraUnavailable: 502,
    errors.StoreUnavailable: 500,
    errors.ServiceStopping: 500,
    errors.SettingInvalid: 500,
}

SENTENCES: Mapping[int, str] = {  # for what Flask itself refuses
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The request body is larger than this address accepts.",
    415: "The request body must be JSON, with the header Content-Type: application/json.",
}

OWN_FAILURE = "Something went wrong on our side. It is logged; please try again later."

MACHINE_PATHS = ("/xray/", "/metrics", "/_control")  # everything else is read by people


def status_of(error: errors.ServiceError) -> int:
    """The code of `error`, or of the nearest kind above it that has a row."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def answer(error: Exception) -> Response:
    """The HTTP answer that `error` becomes, for whoever is asking."""
    if isinstance(error, errors.ServiceError):
        status, headers = status_of(error), {}
        sentence = str(error) or (type(error).__doc__ or "").strip()
        if isinstance(error, errors.StoreUnavailable):
            logs.warning("web.store_unavailable", path=request.path)
        if status == 401:  # no browser pop-up: pages have a login of their own
            headers["WWW-Authenticate"] = 'Bearer realm="ticket-service"'
    elif isinstance(error, HTTPException):
        if error.response is not None or (error.code or 500) < 400:  # a redirect, or an answer already made
            return cast(Response, Response.force_type(error.get_response(request.environ), request.environ))
        status, sentence = error.code or 500, SENTENCES.get(error.code or 500) or error.description or OWN_FAILURE
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    else:
        logs.failure("web.unforeseen", method=request.method, path=request.path)
        status, sentence, headers = 500, OWN_FAILURE, {}
    response = _for_machine(status, sentence) if is_machine() else _for_person(status, sentence)
    response.headers.update(headers)
    return response


def is_machine() -> bool:
    """Whether the present request wants JSON rather than a page; a browser that comes back from Jira wants a page."""
    is_sent_back = request.path == CALLBACK and "Authorization" not in request.headers
    return request.path.startswith(MACHINE_PATHS) and not is_sent_back


def _for_machine(status: int, sentence: str) -> Response:
    return as_json({"error": sentence}, status)


def _for_person(status: int, sentence: str) -> Response:
    return Response(render_template("problem.html", status=status, sentence=sentence), status, mimetype="text/html")


def register(app: Flask) -> None:
    """Sends every error of `app` through `answer`."""
    app.register_error_handler(Exception, answer)
