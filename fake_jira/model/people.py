"""Users, their API tokens, and what they may do in which project."""

import uuid
from dataclasses import replace

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.records import Project, Token, User
from fake_jira.model.state import CLOUD, Site

WORK = frozenset(
    {
        "BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ASSIGN_ISSUES", "ASSIGNABLE_USER",
        "ADD_COMMENTS", "EDIT_OWN_COMMENTS", "DELETE_OWN_COMMENTS", "LINK_ISSUES", "SCHEDULE_ISSUES", "MOVE_ISSUES",
        "RESOLVE_ISSUES", "CLOSE_ISSUES", "DELETE_ISSUES", "MODIFY_REPORTER", "SET_ISSUE_SECURITY",
        "MANAGE_WATCHERS", "VIEW_VOTERS_AND_WATCHERS", "CREATE_ATTACHMENTS", "DELETE_OWN_ATTACHMENTS",
        "WORK_ON_ISSUES", "EDIT_OWN_WORKLOGS", "DELETE_OWN_WORKLOGS", "MANAGE_SPRINTS_PERMISSION", "SERVICEDESK_AGENT",
        "VIEW_DEV_TOOLS", "VIEW_READONLY_WORKFLOW",
    }
)  # fmt: skip
ROLES = {
    "viewer": frozenset({"BROWSE_PROJECTS"}),
    "member": WORK,
    "admin": WORK
    | {
        "ADMINISTER_PROJECTS",
        "EDIT_WORKFLOW",
        "EDIT_ISSUE_LAYOUT",
        "EDIT_ALL_COMMENTS",
        "DELETE_ALL_COMMENTS",
        "DELETE_ALL_ATTACHMENTS",
        "EDIT_ALL_WORKLOGS",
        "DELETE_ALL_WORKLOGS",
    },
}
PROJECT_PERMISSIONS = ROLES["admin"]
_NAMESPACE = uuid.UUID("7f0c5c5e-4a1b-4f6e-9c53-0a6f2f3f1c11")


def add_user(
    site: Site,
    email: str,
    display_name: str,
    secret: str,
    *,
    role: str = "member",
    time_zone: str = "Etc/UTC",
    name: str = "",
) -> User:
    """A new user with the grants of `role` in every project. Invalid if the address or the name is taken.

    `secret` is the password, and on Cloud the first API token too. `name` is by default what stands before the @,
    or the whole address where somebody has that name.
    """
    for taken in (email, name):
        if taken and site.state.user(taken) is not None:
            raise Invalid(f"There is already a user {taken}.")
    if not name:
        name = email.partition("@")[0]
        name = email if site.state.user(name) else name
    user = User(
        f"712020:{uuid.uuid5(_NAMESPACE, email.lower())}",
        email,
        display_name,
        role,
        time_zone=time_zone,
        name=name.lower(),
        key=f"JIRAUSER{site.state.next_id('user')}",
    )
    site.state.users[user.account_id] = user
    site.state.passwords[user.account_id] = secret
    if site.state.flavour == CLOUD:
        add_token(site, user, secret)
    for project in site.state.projects.values():
        welcome(site, project, user)
    site.state.renamed()
    return user


def add_token(site: Site, user: User, secret: str) -> Token:
    """A further API token of `user`, without an end. Invalid if somebody has it."""
    if secret in site.state.tokens:
        raise Invalid("There is already a user with this token.")
    site.state.tokens[secret] = token = Token(secret, user.account_id, id=site.state.next_id("token"))
    return token


def set_tokens_revoked(site: Site, user: User, *, revoked: bool) -> None:
    """Make every API token of `user` bad, or good again."""
    for secret, token in site.state.tokens.items():
        if token.account_id == user.account_id:
            site.state.tokens[secret] = replace(token, revoked=revoked)


def welcome(site: Site, project: Project, user: User) -> None:
    """Give `user` what the role holds in `project`."""
    site.state.grants[project.id, user.account_id] = ROLES[user.role]


def grant(site: Site, project: Project, user: User, permission: str) -> None:
    """Add one permission, e.g. "BROWSE_PROJECTS"."""
    key = (project.id, user.account_id)
    site.state.grants[key] = site.state.grants.get(key, frozenset()) | {_known(permission)}


def revoke(site: Site, project: Project, user: User, permission: str) -> bool:
    """Take one permission away; False if `user` did not hold it."""
    key = (project.id, user.account_id)
    held = site.state.grants.get(key, frozenset())
    site.state.grants[key] = held - {_known(permission)}
    return permission in held


def _known(permission: str) -> str:
    if permission not in PROJECT_PERMISSIONS:
        raise NotThere(f"There is no project permission {permission}.")
    return permission
