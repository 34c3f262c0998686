"""The site itself: serverInfo, mypermissions, and the tenant's id at the edge [jira 2.2, 5.1]."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from fake_jira.errors import Invalid, NoIssue
from fake_jira.model.people import PROJECT_PERMISSIONS
from fake_jira.rest.scene import may, scene, user, visible_issue, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, listed, text

server = chapter("server")
edge = Blueprint("edge", __name__)
BUILT = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
GLOBAL_PERMISSIONS = (
    "ADMINISTER", "SYSTEM_ADMIN", "CREATE_PROJECT", "USER_PICKER", "BULK_CHANGE", "CREATE_SHARED_OBJECTS",
    "MANAGE_GROUP_FILTER_SUBSCRIPTIONS",
)  # fmt: skip
FOR_ADMINS = {"ADMINISTER", "SYSTEM_ADMIN", "CREATE_PROJECT"}


@server.get("/serverInfo")
def get_server_info() -> Response:
    """Get Jira instance info; anybody may ask, and serverTime has the account's offset."""
    here = scene()
    return answer(
        {
            "baseUrl": here.site,
            "displayUrl": here.site,
            "displayUrlServicedeskHelpCenter": here.site,
            "displayUrlConfluence": here.site,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100290,
            "buildDate": here.stamp(BUILT),
            "serverTime": here.stamp(world().now()),
            "scmInfo": "8451df32bdad635dfce164a737dc2fcfc95e6977",
            "serverTitle": "Jira",
            "defaultLocale": {"locale": "en_US"},
            "serverTimeZone": "Etc/UTC",
        }
    )


@server.get("/mypermissions")
def get_my_permissions() -> Response:
    """Get my permissions: one unknown name and the whole call fails [jira 2.7]."""
    asked = listed("permissions")
    project_id = _context()
    if not asked:
        raise Invalid("The 'permissions' query parameter is required.")
    unknown = [name for name in asked if name not in PROJECT_PERMISSIONS and name not in GLOBAL_PERMISSIONS]
    if unknown:
        raise Invalid(fields=dict.fromkeys(unknown, "Unrecognized permission"))
    return answer({"permissions": {name: _permission(name, project_id) for name in asked}})


def _context() -> str | None:
    """The project that is asked about, by itself, by an issue or by a comment; None = any."""
    named, issue = text("projectKey") or text("projectId"), text("issueKey") or text("issueId")
    comment = text("commentId")
    if named:
        return visible_project(named).id
    if comment:
        for each in world().state.issues.values():
            if any(own.id == comment for own in each.comments):
                return visible_issue(each.id).project_id
        raise NoIssue
    return visible_issue(issue).project_id if issue else None


def _permission(name: str, project_id: str | None) -> dict[str, object]:
    everywhere = name in GLOBAL_PERMISSIONS
    who = user()
    if everywhere:
        held = who is not None and (who.admin or name not in FOR_ADMINS)
    else:
        held = any(may(name, each) for each in ([project_id] if project_id else visible_projects()))
    words = name.replace("_", " ").capitalize()
    return {
        "id": str(sorted((*PROJECT_PERMISSIONS, *GLOBAL_PERMISSIONS)).index(name)),
        "key": name,
        "name": words,
        "type": "GLOBAL" if everywhere else "PROJECT",
        "description": f"{words}.",
        "havePermission": held,
    }


@edge.get("/_edge/tenant_info")
def tenant_info() -> Response:
    """The site's cloud id, to anybody [jira 2.2]."""
    return answer({"cloudId": world().cloud_id})
