"""Jira Cloud: how it says no, and what it sends along with every answer [jira 2.1, 6.4]."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import orjson
from flask import Request, Response, request

from fake_jira import errors
from fake_jira.auth.basic import Caller
from fake_jira.errors import JiraError

JSON = "application/json;charset=UTF-8"
PROBLEM = "application/problem+json;charset=UTF-8"
NEEDS_CREDENTIAL = "Client must be authenticated to access this resource."
NO_PASSWORDS = (
    "Basic authentication with passwords is deprecated.  "
    "For more information, see: https://confluence.atlassian.com/cloud/deprecation-of-basic-authentication-972355348.html"
)
EDGE_PAGE = "<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>"
ALWAYS = {
    "Cache-Control": "no-cache, no-store, no-transform",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "Vary": "Accept-Encoding",
    "Server": "AtlassianEdge",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "Timing-Allow-Origin": "*",
}


def _classic(error: JiraError, status: int) -> Response:
    fields = dict(error.fields) if isinstance(error, errors.Invalid) else {}
    return _json({"errorMessages": [str(each) for each in error.args], "errors": fields}, status)


def _json(body: Any, status: int, content_type: str = JSON) -> Response:
    return Response(orjson.dumps(body), status, content_type=content_type)


def _problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": request.path}
    answer = _json(body, status, PROBLEM)
    answer.headers.update(headers or {})
    return answer


def _credential_needed(_: JiraError) -> Response:
    """A bare sentence whatever is asked for; only its type follows Accept [jira 2.2]."""
    accept = request.headers.get("Accept")
    kind = "text/plain" if accept is None else "application/json" if "json" in accept else "text/html;charset=UTF-8"
    answer = Response(NEEDS_CREDENTIAL, 401, content_type=kind)
    realm = quote(request.host_url.rstrip("/"), safe="")
    answer.headers.update({"WWW-Authenticate": f'OAuth realm="{realm}"', "X-Frame-Options": "SAMEORIGIN"})
    return answer


def _unsupported_media(_: JiraError) -> Response:
    given = request.headers.get("Content-Type") or "null"
    detail = f"Content-Type '{given}' is not supported."
    return _problem(415, "Unsupported Media Type", detail, {"Accept": "application/json"})


ANSWERS: dict[type[JiraError], Callable[[JiraError], Response]] = {
    errors.Invalid: lambda error: _classic(error, 400),
    errors.NotThere: lambda error: _classic(error, 404),
    errors.EmptyNotFound: lambda _: Response(b"", 404),
    errors.Forbidden: lambda error: _classic(error, 403),
    errors.CredentialNeeded: _credential_needed,
    errors.BadBearer: lambda _: _json({"error": "Failed to parse Connect Session Auth Token"}, 403, "application/json"),
    errors.PasswordsDeprecated: lambda _: Response(NO_PASSWORDS, 401, content_type="text/plain;charset=UTF-8"),
    errors.Gone: lambda error: _classic(error, 410),
    errors.Conversion: lambda error: _problem(400, "Bad Request", str(error)),
    errors.UnsupportedMedia: _unsupported_media,
    errors.ServerTrouble: lambda error: _json({"message": str(error), "status-code": 500, "stack-trace": ""}, 500),
    errors.NotImitated: lambda error: _classic(error, 501),
}


def failure(error: JiraError) -> Response:
    """The answer for an error of ours: its own row of the table, or that of the kind it is."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind](error)
    raise error


def no_endpoint(asked: Request) -> Response:
    """An unknown route [jira 2.1]."""
    return _problem(404, "Not Found", f"No endpoint {asked.method} {asked.path}.")


def wrong_method(asked: Request, allowed: list[str]) -> Response:
    """A known route by a method that it does not have."""
    detail = f"Method '{asked.method}' is not supported."
    return _problem(405, "Method Not Allowed", detail, {"Allow": ", ".join(allowed)})


def headers(caller: Caller) -> dict[str, str]:
    """Request ids, who was recognised, and what the edge adds."""
    trace = str(uuid4())
    sent = ALWAYS | {
        "Atl-Request-Id": trace,
        "Atl-Traceid": trace.replace("-", ""),
        "X-Arequestid": uuid4().hex,
        "Server-Timing": "atl-edge;dur=12,atl-edge-internal;dur=2,atl-edge-upstream;dur=10",
    }
    if caller.user:
        sent["X-Aaccountid"] = quote(caller.user.account_id, safe="")
    if caller.login_reason:
        sent["X-Seraph-LoginReason"] = caller.login_reason
    return sent


def screen(asked: Request) -> Response | None:
    """PATCH ends at the edge; a body of another type than JSON before authentication [jira 2.1]."""
    if asked.method == "PATCH":
        return Response(EDGE_PAGE, 400, content_type="text/html")
    if asked.method in ("POST", "PUT") and asked.url_rule is not None and asked.mimetype != "application/json":
        return _unsupported_media(errors.UnsupportedMedia())
    return None
