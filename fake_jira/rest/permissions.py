"""Permissions: which there are, and who holds them [jira 2.7, 5.1]."""

from collections.abc import Collection
from typing import Any

from flask import Response

from fake_jira.errors import CredentialNeeded, Forbidden, Invalid, NoIssue, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model.permissions import GLOBAL, PROJECT, PROJECT_PERMISSIONS, Permission, holds_globally
from fake_jira.model.records import Issue, User
from fake_jira.rest.asking import FOR_ADMINS, NO_USER, signed_in_unless_open, strings
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import flavour, may_on, user, visible_issue, visible_project, visible_projects, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, listed, text

permissions = chapter("permissions")
cloud_permissions = chapter("cloud_permissions", CLOUD)
ALL = {each.key: each for each in (*PROJECT, *GLOBAL)}
GLOBAL_KEYS = frozenset(each.key for each in GLOBAL)


@permissions.get("/mypermissions")
@signed_in_unless_open
def get_my_permissions() -> Response:
    """Get my permissions: one unknown name and the whole call fails; Data Center answers all, asked or not."""
    asked = listed("permissions")
    held = _held_here()
    if flavour().all_permissions:
        asked = list(ALL)
    elif not asked:
        raise Invalid("The 'permissions' query parameter is required.")
    if unknown := [name for name in asked if name not in ALL]:
        raise Invalid(fields=dict.fromkeys(unknown, "Unrecognized permission"))
    shown: dict[str, Any] = {}
    for name in asked:
        shown |= _shown(ALL[name], {"havePermission": name in held})
    return answer({"permissions": shown})


def _held_here() -> Collection[str]:
    """What the caller holds in the issue or project that is asked about, or in any project."""
    who, state = user(), world().state
    held = {name for name in GLOBAL_KEYS if holds_globally(who, name)}
    issue = _issue_asked()
    if issue is not None:
        return held | {name for name in PROJECT_PERMISSIONS if may_on(name, issue)}
    named = text("projectId") or text("projectKey")
    places = [visible_project(named).id] if named else visible_projects()
    return held | {name for name in PROJECT_PERMISSIONS if any(state.may(who, name, each) for each in places)}


def _issue_asked() -> Issue | None:
    """The issue by itself or by one of its comments; projects win over both."""
    if text("projectId") or text("projectKey"):
        return None
    named, comment = text("issueId") or text("issueKey"), text("commentId")
    if comment:
        for each in world().state.issues.values():
            if any(own.id == comment for own in each.comments):
                return visible_issue(each.id)
        raise NoIssue
    return visible_issue(named) if named else None


def _shown(each: Permission, more: dict[str, Any]) -> dict[str, Any]:
    described = {
        "id": str(each.old),
        "name": each.name,
        "type": "GLOBAL" if each.key in GLOBAL_KEYS else "PROJECT",
        "description": each.description,
        **more,
    }
    return {key: {"key": key, **described, **mark} for key, mark in flavour().permission(each).items()}


@permissions.get("/permissions")
@signed_in_unless_open
def get_all_permissions() -> Response:
    """Get all permissions. Data Center shows them to admins alone."""
    who = user()
    if not flavour().open and not (who and who.admin):
        raise Forbidden(FOR_ADMINS)
    shown: dict[str, Any] = {}
    for each in ALL.values():
        shown |= {key: about for key, about in _shown(each, {}).items() if key == each.key}
    return answer({"permissions": shown})


@cloud_permissions.post("/permissions/check")
def get_bulk_permissions() -> Response:
    """Get bulk permissions: in which of these projects and issues who holds what; the unknown is left out."""
    given = body()
    who = _whose(text_in(given, "accountId"))
    wanted = strings(given, "globalPermissions")
    if unknown := [name for name in wanted if name not in GLOBAL_KEYS]:
        raise Invalid(f"Unrecognized permission: {unknown[0]}")
    entries = given.get("projectPermissions") or []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise Invalid(BAD_PAYLOAD)
    held = [name for name in wanted if holds_globally(who, name)]
    return answer(
        {"globalPermissions": held, "projectPermissions": [each for one in entries for each in _by(who, one)]}
    )


def _whose(account_id: str | None) -> User | None:
    """Whose permissions are asked about: the caller's own, or for admins anybody's."""
    who = user()
    if account_id is None or (who is not None and account_id == who.account_id):
        return who
    if who is None:
        raise CredentialNeeded
    if not who.admin:
        raise Forbidden(FOR_ADMINS)
    if account_id not in world().state.users:
        raise NotThere(NO_USER)
    return world().state.users[account_id]


def _by(who: User | None, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """For each permission of an entry the places where it is held."""
    state, names = world().state, strings(entry, "permissions")
    if unknown := [name for name in names if name not in PROJECT_PERMISSIONS]:
        raise Invalid(f"Unrecognized permission: {unknown[0]}")
    projects = [each for each in strings(entry, "projects") if each in state.projects]
    issues = [state.issues[each] for each in strings(entry, "issues") if each in state.issues]
    return [
        {
            "permission": name,
            "projects": [int(each) for each in projects if state.may(who, name, each)],
            "issues": [int(each.id) for each in issues if state.sees(who, each) and state.may_on(who, name, each)],
        }
        for name in names
    ]


@cloud_permissions.post("/permissions/project")
def get_permitted_projects() -> Response:
    """Get permitted projects: where the caller holds all of these."""
    names, state, who = strings(body(), "permissions"), world().state, user()
    if not names or any(name not in PROJECT_PERMISSIONS for name in names):
        raise Invalid("At least one project permission must be given, and no other.")
    found = [each for each in state.projects.values() if all(state.may(who, name, each.id) for name in names)]
    return answer({"projects": [{"id": int(each.id), "key": each.key} for each in found]})
