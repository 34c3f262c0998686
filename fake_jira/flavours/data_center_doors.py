"""Data Center's threshold: who is let in, how a refusal reads, what every answer carries [jira 2.8, 4.4-4.7, 6.4]."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Request, Response, g, request

from fake_jira import errors
from fake_jira.auth import data_center as doors
from fake_jira.auth.caller import Caller
from fake_jira.edge import tomcat_page
from fake_jira.errors import CredentialNeeded, Invalid, JiraError, ScopeExceeded, XsrfBlocked
from fake_jira.flavours.base import Scene, Teller, as_json, body_type
from fake_jira.flavours.cloud import classic
from fake_jira.flavours.tomcat import error_page, refusal_page
from fake_jira.worlds import World

VERSIONS = {"8.17.1": (8, 17, 1), "9.12": (9, 12, 24), "10.3": (10, 3, 24)}
NEWEST = "10.3"
BUILDS = {8: 817001, 9: 9120024, 10: 10030024}
BUILT = {
    8: datetime(2021, 5, 19, tzinfo=UTC),
    9: datetime(2025, 6, 11, tzinfo=UTC),
    10: datetime(2026, 8, 12, tzinfo=UTC),
}
SOURCES = "b1d0a5a4c6d92f3e8a7f4b0c5d6e1f2a3b4c5d6e"  # the commit that serverInfo names
NEEDS_CREDENTIAL = "Client must be authenticated to access this resource."
NO_SIGHT = "You do not have the permission to see the specified issue."
BUSY = "The server is currently unable to handle the request, due to a temporary overload or scheduled maintenance."
NO_BASIC = "Basic Authentication has been disabled on this instance."
NO_REACH = "The scope of the access token does not allow this request."
TEXT = "text/plain;charset=UTF-8"
ANSWERS_NOBODY = re.compile(r"/rest/api/[^/]+/search")  # with what nobody may see: nothing [jira 2.8]
BROWSERS = ("Mozilla", "Opera")
UNCHECKED = ("no-check", "nocheck")
READING = ("GET", "HEAD", "OPTIONS")


def _realm(more: str = "") -> dict[str, str]:
    return {"WWW-Authenticate": f'OAuth realm="{quote(request.host_url.rstrip("/"), safe="")}"{more}'}


def _hidden(_: JiraError) -> Response:
    """Data Center tells that an issue exists; to anonymous callers it adds that they could sign in [jira 2.8]."""
    if g.caller.user is None:
        return classic(JiraError(NO_SIGHT, "Login Required"), 401)
    return classic(JiraError(NO_SIGHT), 403)


def _credential_needed(_: JiraError) -> Response:
    answer = as_json({"message": NEEDS_CREDENTIAL, "status-code": 401}, 401)
    answer.headers.update(_realm())
    return answer


def _captcha_needed(_: JiraError) -> Response:
    return refusal_page(403, "Forbidden", DENIED, captcha_header())


def captcha_header() -> dict[str, str]:
    """Where a browser may sign in that a program may not [jira 2.8]."""
    return {"X-Authentication-Denied-Reason": f"CAPTCHA_CHALLENGE; login-url={request.root_url}login.jsp"}


def _signature_refused(error: JiraError) -> Response:
    """OAuth's problem report, in the body and in the header [jira 4.4]."""
    if not isinstance(error, errors.SignatureRefused):
        raise error
    answer = Response(urlencode(error.details | {"oauth_problem": error.problem}), 401, content_type=TEXT)
    answer.headers.update(_realm(f',oauth_problem="{error.problem}"'))
    return answer


def _token_refused(code: str, status: int = 400) -> Teller:
    """The answer of the token endpoint of OAuth 2.0."""
    return lambda error: as_json({"error": code, "error_description": str(error)}, status)


FAILED, DENIED = "AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"
TELLERS: dict[type[JiraError], Teller] = {
    errors.HiddenIssue: _hidden,
    errors.CredentialNeeded: _credential_needed,
    errors.BadPassword: lambda _: refusal_page(401, "Unauthorized", FAILED, _realm()),
    errors.SignInDenied: _captcha_needed,
    errors.BasicDisabled: lambda _: as_json({"message": NO_BASIC}, 403),
    errors.NotSignedIn: lambda error: classic(error, 401),
    errors.SignatureRefused: _signature_refused,
    errors.ScopeExceeded: lambda _: classic(JiraError(NO_REACH), 403),
    errors.BadClient: _token_refused("invalid_client", 401),
    errors.BadCode: _token_refused("invalid_grant"),
    errors.BadRefreshToken: _token_refused("invalid_grant"),
    errors.BadTokenRequest: _token_refused("invalid_request"),
    errors.UnsupportedGrantType: _token_refused("unsupported_grant_type"),
    errors.XsrfBlocked: lambda _: Response("XSRF check failed", 403, content_type="text/html;charset=UTF-8"),
    errors.Conversion: lambda _: Response(b"", 404),
    errors.UnsupportedMedia: lambda _: Response(b"", 415),
}


class DataCenterDoors:
    """One of the imitated versions. Invalid for any other version."""

    webhook_path = "/rest/webhooks/1.0/webhook"

    def __init__(self, server_version: str | None = None) -> None:
        named = server_version or NEWEST
        if named not in VERSIONS:
            raise Invalid(f"The server version is one of: {', '.join(VERSIONS)}; not {named}.")
        self.version = VERSIONS[named]
        if self.since(10):  # [jira 5.14]
            self.webhook_path = "/rest/jira-webhook/1.0/webhooks"
        self.webhook_agent = f"{'.'.join(map(str, self.version))} ({BUILDS[self.version[0]]})"
        self.webhook_retries = 5 if self.since(10) else 0

    def since(self, *version: int) -> bool:
        """Whether this server has what came with `version`, e.g. since(8, 14)."""
        return self.version >= version

    def authenticate(self, world: World, request: Request) -> Caller:
        return doors.authenticate(world, request)

    def screen(self, request: Request) -> Response | None:
        """While Jira is not up the container answers for it [jira 2.10]."""
        if g.world.settings.server_state != "RUNNING" and request.path != "/status":
            return tomcat_page(503, "Service Unavailable", BUSY)
        return None

    def admit(self, world: World, caller: Caller, request: Request) -> Response | None:
        """A wrong type of body, anonymous callers of a closed site, forgeries, and scopes, in this order."""
        if not request.path.startswith("/rest/"):
            return None
        if request.method in ("POST", "PUT") and body_type(request) not in (None, request.mimetype):
            return Response(b"", 415)
        if caller.user is None and world.settings.anonymous_access == "closed" and _is_closed(request):
            raise CredentialNeeded
        if _looks_forged(request):
            raise XsrfBlocked
        if caller.scopes is not None and not _is_reading(request) and "WRITE" not in caller.scopes:
            raise ScopeExceeded
        return None

    def no_endpoint(self, request: Request) -> Response:
        """An unknown route below /rest is told in XML, or in JSON where that is asked for; elsewhere by a page."""
        if not request.path.startswith("/rest/"):
            return error_page(404, "Not Found", title="Oops, you've found a dead link.")
        sentence = "HTTP 404 Not Found" if self.since(10) else f"null for uri: {request.url}"
        if "json" in request.headers.get("Accept", ""):
            return as_json({"message": sentence, "status-code": 404}, 404)
        body = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status><status-code>404</status-code>'
            f"<message>{escape(sentence)}</message></status>"
        )
        return Response(body, 404, content_type="application/xml;charset=UTF-8")

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        answer = Response(b"", 405, content_type="text/html;charset=UTF-8")
        answer.headers["Allow"] = ",".join(allowed)
        return answer

    def headers(self, world: World, caller: Caller) -> Mapping[str, str]:
        now = world.now()
        sent = {
            "X-AREQUESTID": f"{now.hour * 60 + now.minute}x{world.journal.total + 1}x1",
            "X-ANODEID": "node1",
            "X-AUSERNAME": quote(caller.user.name) if caller.user else "anonymous",
            "Cache-Control": "no-cache, no-store, no-transform",
            "X-Content-Type-Options": "nosniff",
            "X-XSS-Protection": "1; mode=block",
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Security-Policy": "frame-ancestors 'self'",
            "Vary": "User-Agent",
        }
        if not self.since(9):
            sent["X-ASEN"] = "SEN-2000001"
        if caller.login_reason:
            sent["X-Seraph-LoginReason"] = caller.login_reason
        return sent

    def server_state(self, world: World) -> str:
        return world.settings.server_state

    def server_info(self, scene: Scene, now: datetime, *, signed_in: bool) -> dict[str, Any]:
        """`Server` also on Data Center; the time only for those who are signed in [jira 5.1]."""
        major = self.version[0]
        told = {
            "baseUrl": scene.site,
            "version": ".".join(map(str, self.version)),
            "versionNumbers": list(self.version),
            "deploymentType": "Server",
            "buildNumber": BUILDS[major],
            "buildDate": scene.stamp(BUILT[major]),
            "scmInfo": SOURCES,
            "serverTitle": "Jira",
        }
        return told | ({"serverTime": scene.stamp(now)} if signed_in else {})


def _is_closed(request: Request) -> bool:
    """Whether the route answers nobody on a site that is closed to them: all but search, and issues by themselves."""
    if not request.path.startswith("/rest/api/") or request.endpoint is None:
        return False
    names_issue = any("issue" in name.lower() for name in request.view_args or ())
    return not ANSWERS_NOBODY.fullmatch(request.path) and not names_issue


def _looks_forged(request: Request) -> bool:
    """A write by a browser, from a page of another site as far as it says, and without the header that vouches."""
    if request.method in READING or request.headers.get("X-Atlassian-Token", "").lower() in UNCHECKED:
        return False
    if not request.headers.get("User-Agent", "").startswith(BROWSERS):
        return False
    page = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        return urlsplit(page).netloc != request.host
    except ValueError:  # an Origin that is no address
        return True


def _is_reading(request: Request) -> bool:
    return request.method in READING or ANSWERS_NOBODY.fullmatch(request.path) is not None
