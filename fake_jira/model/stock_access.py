"""The groups, roles and schemes that a new site has, so that admins, members and viewers may what they should."""

from fake_jira.model.access import (
    Grant,
    Holder,
    Notification,
    NotificationScheme,
    PermissionScheme,
    ProjectRole,
)
from fake_jira.model.groups import ADMINISTRATORS, DEVELOPERS, USERS, add_group
from fake_jira.model.permissions import PROJECT, PROJECT_PERMISSIONS
from fake_jira.model.records import RoleActor
from fake_jira.model.state import Site

BROWSE = frozenset({"BROWSE_PROJECTS"})
ADMINISTRATION = {
    "ADMINISTER_PROJECTS",
    "EDIT_WORKFLOW",
    "EDIT_ISSUE_LAYOUT",
    "EDIT_ALL_COMMENTS",
    "DELETE_ALL_COMMENTS",
    "DELETE_ALL_ATTACHMENTS",
    "EDIT_ALL_WORKLOGS",
    "DELETE_ALL_WORKLOGS",
}
ROLES = (
    ("10000", "Users", "Who may look at the issues of a project.", USERS, BROWSE),
    ("10001", "Developers", "Who works on the issues of a project.", DEVELOPERS, PROJECT_PERMISSIONS - ADMINISTRATION),
    ("10002", "Administrators", "Who looks after a project.", ADMINISTRATORS, PROJECT_PERMISSIONS),
)
EVENTS = (
    ("1", "Issue created", "A new issue was made."),
    ("2", "Issue updated", "Fields of an issue were changed."),
    ("3", "Issue assigned", "An issue was given to somebody."),
    ("4", "Issue resolved", "An issue was resolved."),
    ("5", "Issue closed", "An issue was closed."),
    ("6", "Issue commented", "A comment was added."),
    ("7", "Issue reopened", "An issue was opened again."),
    ("8", "Issue deleted", "An issue was deleted."),
    ("9", "Issue moved", "An issue went to another project."),
    ("10", "Work logged on issue", "Work was logged."),
    ("13", "Generic event", "An issue went through a transition without an event of its own."),
    ("14", "Issue comment edited", "A comment was changed."),
)
TOLD = ("CurrentAssignee", "Reporter", "AllWatchers")


def add_stock_access(site: Site) -> None:
    """Groups, roles and schemes, before there are users and projects."""
    state = site.state
    for role_id, name, description, group_name, _ in ROLES:
        group = add_group(site, group_name)
        state.roles[role_id] = ProjectRole(role_id, name, description, (RoleActor(role_id, group.id, is_group=True),))
    state.last_ids |= {"role": int(ROLES[-1][0]), "scheme": 10000}
    grants = tuple(
        Grant(state.next_id("grant"), each.key, Holder("projectRole", role_id))
        for each in PROJECT
        for role_id, _, _, _, held in ROLES
        if each.key in held
    )
    words = "What a project grants unless it is given another scheme."
    state.permission_schemes["0"] = PermissionScheme("0", "Default Permission Scheme", words, grants)
    told = tuple(Notification(state.next_id("notification"), event, kind) for event, _, _ in EVENTS for kind in TOLD)
    words = "Tells those who are concerned by an issue."
    state.notification_schemes["10000"] = NotificationScheme("10000", "Default Notification Scheme", words, told)
