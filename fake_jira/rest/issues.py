"""Issues: create, read, edit, delete, assign, changelog [jira 5.4, 5.9]."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from fake_jira.errors import Forbidden, Invalid, ServerTrouble
from fake_jira.flavours import Scene
from fake_jira.model import issues as verbs
from fake_jira.model.components import automatic_assignee
from fake_jira.model.fields import default_values
from fake_jira.model.projects import visit
from fake_jira.model.records import Issue, IssueType
from fake_jira.rest.createmeta_view import edit_fields
from fake_jira.rest.field_readers import account, grants, named_in, project_of, type_of
from fake_jira.rest.issue_input import ONE_REQUIRED, Input, default_screen, metadata_in, object_in, properties_in
from fake_jira.rest.issue_view import View, chosen_fields, footing, rendered
from fake_jira.rest.scene import flavour, may, may_on, scene, site, user, visible_issue
from fake_jira.rest.transitions import take
from fake_jira.rest.wire import answer, body, chapter, done, flag, listed

issues = chapter("issues")
PLACE = {"project", "issuetype"}  # what a new issue is made from before its other fields are looked at


def require(permission: str, issue: Issue, deed: str) -> None:
    """Forbidden unless the caller holds the permission in the issue's project."""
    if not may_on(permission, issue):
        raise Forbidden(f"You do not have permission to {deed} issues in this project.")


def created(version: str, given: Mapping[str, Any]) -> Issue:
    """Make the issue that a request describes, or raise what is wrong with it."""
    fields, update = object_in(given, "fields"), object_in(given, "update")
    project = project_of(fields)
    if not may("CREATE_ISSUES", project.id):
        raise Forbidden("You do not have permission to create issues in this project.")
    kind = type_of(fields, project)
    wanted = Input(version, project, kind, default_screen(), None)
    if not fields.get("summary"):
        wanted.errors["summary"] = "You must specify a summary of the issue."
    if kind.subtask and not fields.get("parent"):
        wanted.errors["parent"] = "Issue type is a sub-task but parent issue key or id not specified."
    for name in PLACE & update.keys():
        wanted.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
    beside, changes = ({name: value for name, value in part.items() if name not in PLACE} for part in (fields, update))
    _start_with_defaults(wanted)
    wanted.read(beside, changes)
    if "assignee" not in wanted.values:
        components = wanted.values.get("component_ids", ())
        wanted.values["assignee"] = automatic_assignee(site().state, project, components)
    _check_parent(kind, wanted.values.get("parent_id"))
    values: dict[str, Any] = {"type_id": kind.id, "properties": tuple(properties_in(given).items())} | wanted.values
    return wanted.finish(verbs.create_issue(site(), project, user(), **values))


def _start_with_defaults(wanted: Input) -> None:
    """What a new issue has before the request is looked at: the defaults of custom fields."""
    for name, value in default_values(site().state, wanted.project.id, wanted.kind.id):
        wanted.keep(name, value)


def reference(here: Scene, issue: Issue) -> dict[str, Any]:
    return {"id": issue.id, "key": issue.key, "self": f"{here.site}/rest/api/{here.asked}/issue/{issue.id}"}


@issues.post("/issue")
def create_issue() -> Response:
    """Create issue, and take it along a transition if one is asked for."""
    here, given = scene(), body()
    noted = flag("updateHistory")
    issue = created(here.version, given)
    if noted:
        visit(site(), site().state.projects[issue.project_id], user())
    return answer(reference(here, issue) | moved_on(issue, given), 201)


def moved_on(issue: Issue, given: Mapping[str, Any]) -> dict[str, Any]:
    """How the transition went that a new issue was to take; the issue stays, whatever became of it."""
    if not given.get("transition"):
        return {}
    try:
        take(scene(), issue, {"transition": given["transition"]})
    except (Invalid, ServerTrouble) as error:
        fields = dict(error.fields) if isinstance(error, Invalid) else {}
        failed = {"errorMessages": list(error.args), "errors": fields}
        return {"transition": {"status": 400, "errorCollection": failed}}
    return {"transition": {"status": 200, "errorCollection": {"errorMessages": [], "errors": {}}}}


@issues.get("/issue/<issue_id_or_key>")
def get_issue(issue_id_or_key: str) -> Response:
    """Get issue, by id, key or the key it had before it was moved."""
    here = scene()
    flag("fieldsByKeys"), flag("failFast")
    noted = flag("updateHistory")
    fields = chosen_fields(here, listed("fields"), "*all")
    expand = frozenset(listed("expand") or ())
    properties = tuple(listed("properties") or ())
    issue = visible_issue(issue_id_or_key)
    if noted:
        visit(site(), site().state.projects[issue.project_id], user())
    else:
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
    overriding = flag("overrideScreenSecurity") | flag("overrideEditableFlag")
    issue = visible_issue(issue_id_or_key)
    require("EDIT_ISSUES", issue, "edit")
    who = user()
    if not notify and not (who and who.admin):
        raise Forbidden("You do not have permission to edit issues without notifying others.")
    if overriding and not (who and who.admin):
        raise Forbidden("Only apps and administrators can override the screens.")
    fields, update = object_in(given, "fields"), object_in(given, "update")
    if not fields and not update and not given.get("properties"):
        raise Invalid(ONE_REQUIRED)
    state = site().state
    project, kind = state.projects[issue.project_id], state.types[issue.type_id]
    wanted = Input(here.version, project, kind, None if overriding else default_screen(), issue).read(fields, update)
    _keep_the_levels(issue, wanted)
    kept_properties = dict(issue.properties) | properties_in(given)
    values = wanted.values | {"properties": tuple(kept_properties.items())}
    edited = wanted.finish(verbs.edit_issue(site(), issue, who, values, metadata=metadata_in(given)))
    if returned:
        return _one(View(here, chosen_fields(here, None, "*all"), frozenset(listed("expand") or ())), edited)
    return done()


def _keep_the_levels(issue: Issue, wanted: Input) -> None:
    """A sub-task stays one and keeps a parent; no other issue becomes one by an edit. What stands below can stay."""
    types = site().state.types
    kind = types[wanted.values.get("type_id", issue.type_id)]
    if kind.subtask != types[issue.type_id].subtask or not verbs.keeps_children(site().state, issue, kind.id):
        raise Invalid(fields={"issuetype": "The issue type selected is invalid."})
    parent_id = wanted.values.get("parent_id", issue.parent_id)
    if kind.subtask and parent_id is None:
        raise Invalid(fields={"parent": "Issue type is a sub-task but parent issue key or id not specified."})
    _check_parent(kind, parent_id)


def _check_parent(kind: IssueType, parent_id: str | None) -> None:
    state = site().state
    parent = state.issues.get(parent_id or "")
    if parent is not None and not verbs.fits_below(state, kind.id, parent):
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
    verbs.delete_issue(site(), issue, user())
    return done()


@issues.put("/issue/<issue_id_or_key>/assignee")
def assign_issue(issue_id_or_key: str) -> Response:
    """Assign issue: null = nobody, "-1" = as the project has it."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    require("ASSIGN_ISSUES", issue, "assign")
    project = site().state.projects[issue.project_id]
    account_id = automatic_assignee(site().state, project, issue.component_ids)
    if not flavour().automatic(given):
        try:
            account_id = account(given, "assignee")
        except Invalid as error:
            raise Invalid(fields={"assignee": str(error)}) from error
        if account_id is not None and "ASSIGNABLE_USER" not in grants(project, account_id):
            raise Invalid(fields={"assignee": f"User '{named_in(given)}' cannot be assigned issues."})
    verbs.edit_issue(site(), issue, user(), {"assignee": account_id})
    return done()


@issues.get("/issue/<issue_id_or_key>/editmeta")
def get_edit_issue_meta(issue_id_or_key: str) -> Response:
    """Get edit issue metadata: nothing can be set by who may not edit."""
    issue = visible_issue(issue_id_or_key)
    editable = may_on("EDIT_ISSUES", issue)
    return answer({"fields": edit_fields(scene(), issue) if editable else {}})
