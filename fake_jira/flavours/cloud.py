"""Jira Cloud: how it says no, what it sends along with every answer, and what it shows its own way [jira 2.1, 6.4]."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import uuid4

from flask import Request, Response, request

from fake_jira import errors
from fake_jira.auth import basic
from fake_jira.auth.caller import Caller
from fake_jira.errors import JiraError
from fake_jira.flavours.base import Flavour, Json, Scene, Teller, as_json, body_type
from fake_jira.model.records import Change, Comment, IssueType, Project, StatusCategory, Transition, User, Visibility
from fake_jira.model.state import CLOUD, State
from fake_jira.worlds import World

PROBLEM = "application/problem+json;charset=UTF-8"
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
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


def classic(error: JiraError, status: int) -> Response:
    """The error collection that both flavours have used since version 2 of the API."""
    fields = dict(error.fields) if isinstance(error, errors.Invalid) else {}
    return as_json({"errorMessages": [str(each) for each in error.args], "errors": fields}, status)


def _problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": request.path}
    answer = as_json(body, status, PROBLEM)
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


class Cloud(Flavour):
    """Jira Cloud, as its sites and Atlassian's gateway answer."""

    name = CLOUD
    api_versions = ("2", "3", "latest")
    empty_type = "text/html;charset=UTF-8"
    comments_per_page = 100
    caps_issues = True
    tellers: ClassVar[Mapping[type[JiraError], Teller]] = {
        errors.Invalid: lambda error: classic(error, 400),
        errors.NotThere: lambda error: classic(error, 404),
        errors.NoIssue: lambda _: classic(JiraError(NO_ISSUE), 404),
        errors.EmptyNotFound: lambda _: Response(b"", 404),
        errors.NoWork: lambda error: classic(error, 400),
        errors.Forbidden: lambda error: classic(error, 403),
        errors.Taken: lambda error: classic(error, 409),
        errors.NotYours: lambda error: classic(error, 401),
        errors.CredentialNeeded: _credential_needed,
        errors.BadBearer: lambda _: as_json(
            {"error": "Failed to parse Connect Session Auth Token"}, 403, "application/json"
        ),
        errors.PasswordsDeprecated: lambda _: Response(NO_PASSWORDS, 401, content_type="text/plain;charset=UTF-8"),
        errors.Gone: lambda error: classic(error, 410),
        errors.TooMuch: lambda error: classic(error, 413),
        errors.XsrfBlocked: lambda _: Response("XSRF check failed", 404, content_type="text/html;charset=UTF-8"),
        errors.Conversion: lambda error: _problem(400, "Bad Request", str(error)),
        errors.UnsupportedMedia: _unsupported_media,
        errors.ServerTrouble: lambda error: as_json(
            {"message": str(error), "status-code": 500, "stack-trace": ""}, 500
        ),
        errors.NotImitated: lambda error: classic(error, 501),
    }

    def authenticate(self, world: World, request: Request) -> Caller:
        return basic.authenticate(world, request)

    def no_endpoint(self, request: Request) -> Response:
        """An unknown route [jira 2.1]."""
        return _problem(404, "Not Found", f"No endpoint {request.method} {request.path}.")

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """A known route by a method that it does not have."""
        detail = f"Method '{request.method}' is not supported."
        return _problem(405, "Method Not Allowed", detail, {"Allow": ", ".join(allowed)})

    def headers(self, world: World, caller: Caller) -> dict[str, str]:
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

    def screen(self, request: Request) -> Response | None:
        """PATCH ends at the edge; a body of another type than JSON before authentication [jira 2.1]."""
        if request.method == "PATCH":
            return Response(EDGE_PAGE, 400, content_type="text/html")
        if request.method in ("POST", "PUT") and body_type(request) not in (None, request.mimetype):
            return _unsupported_media(errors.UnsupportedMedia())
        return None

    def user(self, scene: Scene, who: User) -> Json:
        return {
            "self": f"{scene.api}/user?accountId={quote(who.account_id)}",
            "accountId": who.account_id,
            "emailAddress": who.email,
            "avatarUrls": self.avatars(scene, "user", 10300),
            "displayName": who.display_name,
            "active": who.active,
            "timeZone": who.time_zone,
            "accountType": "atlassian",
        }

    def full_user(self, scene: Scene, who: User) -> Json:
        empty = {"size": 0, "items": []}
        return self.user(scene, who) | {
            "locale": who.locale,
            "groups": empty,
            "applicationRoles": empty,
            "expand": "groups,applicationRoles",
        }

    def user_in(self, state: State, value: Any) -> User | None:
        named = value.get("accountId", value.get("id")) if isinstance(value, dict) else None
        return state.users.get(named) if isinstance(named, str) else None

    def user_id(self, who: User) -> str:
        return who.account_id

    def color_name(self, category: StatusCategory) -> str:
        return category.color_name

    def avatar(self, scene: Scene, kind: str, avatar_id: str | int, size: str) -> str:
        return f"{scene.api}/universal_avatar/view/type/{kind}/avatar/{avatar_id}?size={size}"

    def issue_type(self, each: IssueType) -> Json:
        return {"hierarchyLevel": each.hierarchy_level}

    def project(self, each: Project) -> Json:
        return {"simplified": False}

    def listed_project(self, each: Project) -> Json:
        return {"style": "classic", "isPrivate": False, "properties": {}}

    def transition(self, each: Transition) -> Json:
        return {
            "hasScreen": False,
            "isGlobal": not each.sources,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "looped": False,
        }

    def comment(self, each: Comment) -> Json:
        return {"jsdPublic": True}

    def visibility(self, each: Visibility) -> Json:
        return {"type": each.kind, "value": each.name, "identifier": each.id}

    def history(self, changes: Sequence[Change]) -> Sequence[Change]:
        return tuple(reversed(changes))

    def change_item(self, scene: Scene, item: Json) -> Json:
        return item

    def field_page(self, name: str, shown: Sequence[Json], start: int, size: int, total: int) -> Json:
        return {"startAt": start, "maxResults": size, "total": total, name: list(shown)}
