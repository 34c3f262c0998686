"""Issues: create, read, edit, delete, assign, bulk forms, changelog [jira 5.4, 5.6, 5.9]."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, g

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import Scene
from fake_jira.flavours.cloud import NO_ISSUE
from fake_jira.model import issues as verbs
from fake_jira.model.comments import add_comment
from fake_jira.model.records import Issue, IssueType
from fake_jira.rest.createmeta_view import edit_fields
from fake_jira.rest.issue_input import ONE_REQUIRED, Input, account, grants, project_of, type_of
from fake_jira.rest.issue_view import View, change, chosen_fields, footing, rendered
from fake_jira.rest.scene import may, scene, site, user, visible_issue, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, listed, number, page

issues = chapter("issues")
PLACE = {"project", "issuetype"}  # what a new issue is made from before its other fields are looked at
BULK_CREATE = 50
BULK_FETCH = 100
CHANGES_PER_PAGE = 100
CHANGES_IN_BULK = 40  # entries of the changelog that a bulk fetch expands to


def require(permission: str, issue: Issue, deed: str) -> None:
    """Forbidden unless the caller holds the permission in the issue's project."""
    if not may(permission, issue.project_id):
        raise Forbidden(f"You do not have permission to {deed} issues in this project.")


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(BAD_PAYLOAD)
    return value


def _created(version: str, given: Mapping[str, Any]) -> Issue:
    """Make the issue that a request describes, or raise what is wrong with it."""
    fields, update = _object(given, "fields"), _object(given, "update")
    project = project_of(fields)
    if not may("CREATE_ISSUES", project.id):
        raise Forbidden("You do not have permission to create issues in this project.")
    kind = type_of(fields, project)
    wanted = Input(version, project)
    if not fields.get("summary"):
        wanted.errors["summary"] = "You must specify a summary of the issue."
    if kind.subtask and not fields.get("parent"):
        wanted.errors["parent"] = "Issue type is a sub-task but parent issue key or id not specified."
    for name in PLACE & update.keys():
        wanted.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
    beside, changes = ({name: value for name, value in part.items() if name not in PLACE} for part in (fields, update))
    wanted.read(beside, changes)
    _check_parent(kind, wanted.values.get("parent_id"))
    values: dict[str, Any] = {"type_id": kind.id, "properties": tuple(_properties(given).items())} | wanted.values
    issue = verbs.create_issue(site(), project, user(), **values)
    for comment in wanted.comments:
        add_comment(site(), site().issue(issue.id), user(), comment)
    return issue


def _properties(given: Mapping[str, Any]) -> dict[str, bytes]:
    """The issue's own properties in a request, each as JSON."""
    value = given.get("properties") or []
    if not isinstance(value, list) or not all(
        isinstance(each, dict) and each.keys() >= {"key", "value"} for each in value
    ):
        raise Invalid(BAD_PAYLOAD)
    try:
        return {str(each["key"]): orjson.dumps(each["value"]) for each in value}
    except orjson.JSONEncodeError as error:  # deeper than could be sent back
        raise Invalid(BAD_PAYLOAD) from error


def _reference(here: Scene, issue: Issue) -> dict[str, Any]:
    return {"id": issue.id, "key": issue.key, "self": f"{here.site}/rest/api/{here.asked}/issue/{issue.id}"}


@issues.post("/issue")
def create_issue() -> Response:
    """Create issue."""
    here = scene()
    return answer(_reference(here, _created(here.version, body())), 201)


@issues.post("/issue/bulk")
def create_issues() -> Response:
    """Bulk create: what can be made is made, and the rest is listed; 400 only if nothing could be."""
    here, updates = scene(), body().get("issueUpdates")
    if not isinstance(updates, list) or not all(isinstance(each, dict) for each in updates) or not updates:
        raise Invalid(BAD_PAYLOAD)
    if len(updates) > BULK_CREATE:
        raise Invalid(f"At most {BULK_CREATE} issues can be created at once.")
    made: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for number_, each in enumerate(updates):
        try:
            made.append(_reference(here, _created(here.version, each)))
        except (Invalid, Forbidden) as error:
            fields = dict(error.fields) if isinstance(error, Invalid) else {}
            elements = {"errorMessages": list(error.args), "errors": fields}
            failed.append({"status": 400, "elementErrors": elements, "failedElementNumber": number_})
    return answer({"issues": made, "errors": failed}, 201 if made else 400)


@issues.get("/issue/<issue_id_or_key>")
def get_issue(issue_id_or_key: str) -> Response:
    """Get issue, by id, key or the key it had before it was moved."""
    here = scene()
    flag("fieldsByKeys"), flag("updateHistory"), flag("failFast")
    fields = chosen_fields(here, listed("fields"), "*all")
    expand = frozenset(listed("expand") or ())
    properties = tuple(listed("properties") or ())
    issue = visible_issue(issue_id_or_key)
    g.footing = footing(issue, issue_id_or_key)
    return _one(View(here, fields, expand, properties), issue)


def _one(view: View, issue: Issue, status: int = 200) -> Response:
    (fragment,) = rendered(view, [issue])
    return answer(fragment, status)


@issues.put("/issue/<issue_id_or_key>")
def edit_issue(issue_id_or_key: str) -> Response:
    """Edit issue."""
    here, given = scene(), body()
    returned, notify = flag("returnIssue"), flag("notifyUsers", default=True)
    issue = visible_issue(issue_id_or_key)
    require("EDIT_ISSUES", issue, "edit")
    who = user()
    if not notify and not (who and who.admin):
        raise Forbidden("You do not have permission to edit issues without notifying others.")
    fields, update = _object(given, "fields"), _object(given, "update")
    if not fields and not update and not given.get("properties"):
        raise Invalid(ONE_REQUIRED)
    project = site().state.projects[issue.project_id]
    wanted = Input(here.version, project).read(fields, update, issue)
    _keep_the_levels(issue, wanted)
    set_properties = dict(issue.properties) | _properties(given)
    values = wanted.values | {"properties": tuple(set_properties.items())}
    edited = verbs.edit_issue(site(), issue, who, values)
    for comment in wanted.comments:
        add_comment(site(), edited, who, comment)
        edited = site().issue(issue.id)
    if returned:
        return _one(View(here, chosen_fields(here, None, "*all"), frozenset(listed("expand") or ())), edited)
    return done()


def _keep_the_levels(issue: Issue, wanted: Input) -> None:
    """A sub-task stays one and keeps a parent; no other issue becomes one by an edit."""
    types = site().state.types
    kind = types[wanted.values.get("type_id", issue.type_id)]
    if kind.subtask != types[issue.type_id].subtask:
        raise Invalid(fields={"issuetype": "The issue type selected is invalid."})
    parent_id = wanted.values.get("parent_id", issue.parent_id)
    if kind.subtask and parent_id is None:
        raise Invalid(fields={"parent": "Issue type is a sub-task but parent issue key or id not specified."})
    _check_parent(kind, parent_id)


def _check_parent(kind: IssueType, parent_id: str | None) -> None:
    """A parent stands one level above: an epic for a story, a story for a sub-task."""
    state = site().state
    parent = state.issues.get(parent_id or "")
    if parent is not None and state.types[parent.type_id].hierarchy_level != kind.hierarchy_level + 1:
        raise Invalid(fields={"parentId": "Given parent work item does not belong to appropriate hierarchy."})


@issues.delete("/issue/<issue_id_or_key>")
def delete_issue(issue_id_or_key: str) -> Response:
    """Delete issue; with its sub-tasks only if asked to [jira 2.7]."""
    with_subtasks = flag("deleteSubtasks")
    issue = visible_issue(issue_id_or_key)
    require("DELETE_ISSUES", issue, "delete")
    state = site().state
    children = [state.issues[each] for each in state.children.get(issue.id, ())]
    if not with_subtasks and any(state.types[child.type_id].subtask for child in children):
        raise Invalid(
            f"The issue '{issue.key}' has subtasks.  "
            "You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks."
        )
    verbs.delete_issue(site(), issue)
    return done()


@issues.put("/issue/<issue_id_or_key>/assignee")
def assign_issue(issue_id_or_key: str) -> Response:
    """Assign issue; accountId null = nobody."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    require("ASSIGN_ISSUES", issue, "assign")
    try:
        account_id = account({"accountId": given.get("accountId")}, "assignee")
    except Invalid:
        account_id = ""
    project = site().state.projects[issue.project_id]
    if account_id is not None and "ASSIGNABLE_USER" not in grants(project, account_id):
        raise Invalid(fields={"assignee": f"User '{given.get('accountId')}' cannot be assigned issues."})
    verbs.edit_issue(site(), issue, user(), {"assignee": account_id})
    return done()


@issues.get("/issue/<issue_id_or_key>/editmeta")
def get_edit_issue_meta(issue_id_or_key: str) -> Response:
    """Get edit issue metadata: nothing can be set by who may not edit."""
    issue = visible_issue(issue_id_or_key)
    editable = may("EDIT_ISSUES", issue.project_id)
    return answer({"fields": edit_fields(scene(), issue) if editable else {}})


@issues.get("/issue/<issue_id_or_key>/changelog")
def get_change_logs(issue_id_or_key: str) -> Response:
    """Get changelogs, the oldest first."""
    start, size = number("startAt", 0), number("maxResults", CHANGES_PER_PAGE)
    here, issue = scene(), visible_issue(issue_id_or_key)
    return answer(page(issue.history, lambda each: change(here, each), start, min(size, CHANGES_PER_PAGE)))


@issues.post("/issue/bulkfetch")
def bulk_fetch_issues() -> Response:
    """Bulk fetch: ascending by id, each issue once, and what cannot be seen is not mentioned [jira 5.6]."""
    here, given = scene(), body()
    wanted = given.get("issueIdsOrKeys")
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(wanted) <= BULK_FETCH:
        raise Invalid(f"The number of issues to fetch must be between 1 and {BULK_FETCH}.")
    view = View(
        here,
        chosen_fields(here, strings(given, "fields"), "*navigable"),
        frozenset(strings(given, "expand") or ()),
        tuple(strings(given, "properties") or ()),
        changes=CHANGES_IN_BULK,
    )
    given.get("fieldsByKeys")
    found: dict[int, Issue] = {}
    errors: list[dict[str, str]] = []
    for each in wanted:
        issue = site().state.issue(each)
        if issue is not None and may("BROWSE_PROJECTS", issue.project_id):
            found[int(issue.id)] = issue
        elif world().settings.bulkfetch_errors:
            errors.append({"id": each, "errorMessage": NO_ISSUE})
    shown = rendered(view, [found[each] for each in sorted(found)])
    return answer({"expand": "names,schema", "issues": shown, "issueErrors": errors})


def strings(given: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of strings in a body; None if absent."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return value
