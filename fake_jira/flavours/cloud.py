"""Jira Cloud: how it says no, what it sends along with every answer, and what it shows its own way [jira 2.1, 6.4]."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import uuid4

from flask import Request, Response, g, request

from fake_jira import errors
from fake_jira.auth import basic, gateway, logins
from fake_jira.auth.caller import GATEWAY_SITE, Caller
from fake_jira.edge import tomcat_page
from fake_jira.errors import JiraError
from fake_jira.flavours.base import Flavour, Json, Scene, Teller, as_json, body_type
from fake_jira.flavours.cloud_people import CloudPeople
from fake_jira.flavours.limits import CloudLimits
from fake_jira.model.access import Group
from fake_jira.model.field_records import Option
from fake_jira.model.filter_records import Filter, Share
from fake_jira.model.records import (
    Attachment,
    Change,
    Comment,
    Issue,
    IssueType,
    Project,
    StatusCategory,
    Transition,
    User,
    Visibility,
    Workflow,
)
from fake_jira.model.state import CLOUD
from fake_jira.worlds import World

PROBLEM = "application/problem+json;charset=UTF-8"
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
NEEDS_CREDENTIAL = "Client must be authenticated to access this resource."
NO_PASSWORDS = (
    "Basic authentication with passwords is deprecated.  "
    "For more information, see: https://confluence.atlassian.com/cloud/deprecation-of-basic-authentication-972355348.html"
)
BUILT = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
EDGE_PAGE = "<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>"
DENIED: Mapping[str, type[JiraError]] = {  # as Atlassian's document has it for each operation; others are 403
    "deleteProject": errors.NotThere,
    "deleteProjectAsynchronously": errors.NotThere,
    "restore": errors.NotThere,
    "createVersion": errors.NotThere,
    "updateVersion": errors.Invalid,
    "deleteVersion": errors.NotAuthorised,
    "mergeVersions": errors.NotAuthorised,
    "deleteAndReplaceVersion": errors.NotThere,
    "moveVersion": errors.NotAuthorised,
    "getNotificationSchemeForProject": errors.NotThere,
}
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


def _at_the_gateway(status: int, message: str) -> Response:
    return as_json({"code": status, "message": message}, status, "application/json")


def _dead(error: JiraError) -> tuple[int, str]:
    status = error.status if isinstance(error, errors.DeadToken) else 401
    return status, HTTPStatus(status).phrase


def _unsupported_media(_: JiraError) -> Response:
    given = request.headers.get("Content-Type") or "null"
    detail = f"Content-Type '{given}' is not supported."
    return _problem(415, "Unsupported Media Type", detail, {"Accept": "application/json"})


class Cloud(CloudPeople, Flavour):
    """Jira Cloud, as its sites and Atlassian's gateway answer."""

    name = CLOUD
    api_versions = ("2", "3", "latest")
    limits = CloudLimits()
    empty_type = "text/html;charset=UTF-8"
    jql_user = "account_id"
    lead_names = ("leadAccountId",)
    project_expand = "description,lead,issueTypes,url,projectKeys,permissions,insight"
    version_usage = "customFieldUsage"
    comments_per_page = 100
    pages_worklogs = True
    watcher_parameters = ("accountId",)
    caps_issues = True
    tellers: ClassVar[Mapping[type[JiraError], Teller]] = {
        errors.Invalid: lambda error: classic(error, 400),
        errors.NotThere: lambda error: classic(error, 404),
        errors.NoIssue: lambda _: classic(JiraError(NO_ISSUE), 404),
        errors.EmptyNotFound: lambda _: Response(b"", 404),
        errors.NoWork: lambda error: classic(error, 400),
        errors.Forbidden: lambda error: classic(error, 403),
        errors.NotAuthorised: lambda error: classic(error, 401),
        errors.Taken: lambda error: classic(error, 409),
        errors.NotYours: lambda error: classic(error, 401),
        errors.CredentialNeeded: _credential_needed,
        errors.BadBearer: lambda _: as_json(
            {"error": "Failed to parse Connect Session Auth Token"}, 403, "application/json"
        ),
        errors.PasswordsDeprecated: lambda _: Response(NO_PASSWORDS, 401, content_type="text/plain;charset=UTF-8"),
        errors.BulkRefused: lambda error: as_json(
            {"errors": [{"message": str(error)}]}, error.status if isinstance(error, errors.BulkRefused) else 400
        ),
        errors.Gone: lambda error: classic(error, 410),
        errors.Conflict: lambda error: classic(error, 409),
        errors.TooMuch: lambda error: classic(error, 413),
        errors.XsrfBlocked: lambda _: Response("XSRF check failed", 404, content_type="text/html;charset=UTF-8"),
        errors.Conversion: lambda error: _problem(400, "Bad Request", str(error)),
        errors.UnsupportedMedia: _unsupported_media,
        errors.ServerTrouble: lambda error: as_json(
            {"message": str(error), "status-code": 500, "stack-trace": ""}, 500
        ),
        errors.NotImitated: lambda error: classic(error, 501),
        errors.DeadToken: lambda error: _at_the_gateway(*_dead(error)),
        errors.ScopeMismatch: lambda _: _at_the_gateway(401, "Unauthorized; scope does not match"),
        errors.NoSuchSite: lambda _: _at_the_gateway(404, "Not Found"),
        errors.HeaderTooLarge: lambda _: tomcat_page(400, "Bad Request", "Request header is too large"),
    }

    def authenticate(self, world: World, request: Request) -> Caller:
        if GATEWAY_SITE in request.environ:
            return gateway.authenticate(world, request)
        if request.blueprint in logins.PAGES:
            return logins.authenticate(world, request)
        return basic.authenticate(world, request)

    def admit(self, world: World, caller: Caller, request: Request) -> Response | None:
        if caller.scopes is not None:
            gateway.admit(caller, request)
        return None

    def denied(self, operation: str, sentence: str) -> JiraError:
        return DENIED.get(operation, errors.Forbidden)(sentence)

    def no_alternative(self, sentence: str) -> JiraError:
        return errors.Taken(sentence)

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

    def server_info(self, scene: Scene, now: datetime, *, signed_in: bool) -> Json:
        """Anybody may ask; serverTime has the account's offset whatever serverTimeZone says [jira 5.1].

        The addresses are the site's own at the gateway too: links for people are built from them [jira 2.4].
        """
        at_the_gateway = GATEWAY_SITE in request.environ
        home = gateway.site_url(g.world, request) if at_the_gateway else scene.site
        return {
            "baseUrl": home,
            "displayUrl": home,
            "displayUrlServicedeskHelpCenter": home,
            "displayUrlConfluence": home,
            "displayUrlCSMHelpSeeker": home,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100290,
            "buildDate": scene.stamp(BUILT),
            "serverTime": scene.stamp(now),
            "scmInfo": "8451df32bdad635dfce164a737dc2fcfc95e6977",
            "serverTitle": "Jira",
            "defaultLocale": {"locale": "en_US"},
            "serverTimeZone": "Etc/UTC",
        }

    def screen(self, request: Request) -> Response | None:
        """PATCH ends at the edge; a body of another type than JSON before authentication [jira 2.1]."""
        if request.method == "PATCH":
            return Response(EDGE_PAGE, 400, content_type="text/html")
        if request.method in ("POST", "PUT") and body_type(request) not in (None, request.mimetype):
            return _unsupported_media(errors.UnsupportedMedia())
        return None

    def user(self, scene: Scene, who: User) -> Json:
        """Of who is deleted only the account id is left, and that there was somebody."""
        known = {} if who.deleted else {"emailAddress": who.email}
        return {
            "self": f"{scene.api}/user?accountId={quote(who.account_id)}",
            "accountId": who.account_id,
            **known,
            "avatarUrls": self.avatars(scene, "user", 10300),
            "displayName": who.display_name,
            "active": who.active,
            "timeZone": who.time_zone,
            "accountType": "atlassian",
        }

    def full_user(self, scene: Scene, who: User, expand: Collection[str] = ()) -> Json:
        return self.user(scene, who) | {"locale": who.locale} | self.memberships(scene, who, expand)

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

    def transition(self, each: Transition, *, available: bool) -> Json:
        return {
            "hasScreen": each.screen_id is not None,
            "isGlobal": not each.sources,
            "isInitial": False,
            "isAvailable": available,
            "isConditional": bool(each.conditions),
            "looped": False,
        }

    def not_offered(self, issue: Issue, transition_id: str, known: Transition | None) -> JiraError:
        return errors.Invalid(f"Transition id '{transition_id}' is not valid for this issue.")

    def workflow(self, each: Workflow, *, default: bool) -> Json:
        return {"name": each.name, "description": each.description, "steps": len(each.status_ids), "default": default}

    def no_old_createmeta(self) -> JiraError | None:
        return None

    def no_create_project(self, project_id_or_key: str) -> JiraError:
        kind = "id" if project_id_or_key.isdecimal() else "key"
        return errors.NotThere(f"No project could be found with {kind} '{project_id_or_key}'.")

    def option(self, each: Option) -> Json:
        return {}

    def custom_field_option(self, scene: Scene, each: Option, children: Sequence[Option]) -> Json:
        return {"self": f"{scene.api}/customFieldOption/{each.id}", "value": each.value}

    def group(self, scene: Scene, each: Group) -> Json:
        return {"name": each.name, "groupId": each.id, "self": f"{scene.api}/group?groupId={each.id}"}

    def saved_filter(self, each: Filter, editors: list[Json], *, changeable: bool) -> Json:
        return {"favouritedCount": len(each.favourites), "editPermissions": editors}

    def share(self, each: Share) -> Json:
        return {}

    def automatic(self, value: Any) -> bool:
        return isinstance(value, dict) and "-1" in (value.get("accountId"), value.get("id"))

    def unknown_user(self, named: str, field: str) -> str:
        return f"Specify a valid value for {field}"

    def comment(self, each: Comment) -> Json:
        return {"jsdPublic": True}

    def attachment(self, scene: Scene, each: Attachment, *, pictured: bool) -> Json:
        content = {"content": f"{scene.api}/attachment/content/{each.id}"}
        return content | ({"thumbnail": f"{scene.api}/attachment/thumbnail/{each.id}"} if pictured else {})

    def visibility(self, each: Visibility) -> Json:
        return {"type": each.kind, "value": each.name, "identifier": each.id}

    def history(self, changes: Sequence[Change]) -> Sequence[Change]:
        return tuple(reversed(changes))

    def change_item(self, scene: Scene, item: Json) -> Json:
        return item

    def field_page(self, name: str, shown: Sequence[Json], start: int, size: int, total: int) -> Json:
        return {"startAt": start, "maxResults": size, "total": total, name: list(shown)}
