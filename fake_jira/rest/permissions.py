"""Permissions: which there are, and who holds them [jira 2.7, 5.1]."""

from flask import Response

from fake_jira.errors import Invalid, NoIssue
from fake_jira.model.permissions import PROJECT_PERMISSIONS
from fake_jira.rest.scene import may, user, visible_issue, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, listed, text

permissions = chapter("permissions")
GLOBAL_PERMISSIONS = (
    "ADMINISTER", "SYSTEM_ADMIN", "CREATE_PROJECT", "USER_PICKER", "BULK_CHANGE", "CREATE_SHARED_OBJECTS",
    "MANAGE_GROUP_FILTER_SUBSCRIPTIONS",
)  # fmt: skip
FOR_ADMINS = {"ADMINISTER", "SYSTEM_ADMIN", "CREATE_PROJECT"}


@permissions.get("/mypermissions")
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
