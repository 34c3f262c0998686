"""Workflows as they can be read: the site's, with statuses, transitions and rules. They cannot be changed here."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from fake_jira.errors import NotAuthorised, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model.records import Rule, Transition, Workflow
from fake_jira.model.statuses import followers
from fake_jira.model.workflows import SIMPLIFIED, entity_id
from fake_jira.rest import shapes
from fake_jira.rest.asking import for_admins, slice_asked
from fake_jira.rest.scene import flavour, scene, site, user
from fake_jira.rest.wire import answer, chapter, flag, listed, page, text

workflows = chapter("workflows")
cloud_workflows = chapter("cloud_workflows", CLOUD)
CONDITIONS = {  # kind of rule -> Atlassian's name of its type
    "assignee": "AllowOnlyAssignee",
    "reporter": "AllowOnlyReporter",
    "permission": "PermissionCondition",
    "role": "InProjectRoleCondition",
    "subtasks_done": "SubTaskBlockingCondition",
}
OTHERS = {
    "required": "FieldRequiredValidator",
    "set_resolution": "UpdateIssueFieldFunction",
    "clear_resolution": "ClearFieldValuePostFunction",
}


@workflows.get("/workflow")
def get_all_workflows() -> Response:
    """Get all workflows; told with 401 to who may not, as Atlassian's document has it."""
    who = user()
    if who is None or not who.admin:
        raise NotAuthorised("You must be an administrator to see the workflows.")
    wanted = text("workflowName")
    found = [each for each in site().state.workflows.values() if wanted in ("", each.name)]
    return answer([flavour().workflow(each, default=each.name == SIMPLIFIED.name) for each in found])


@cloud_workflows.get("/workflow/search")
@for_admins
def get_workflows_paginated() -> Response:
    """Get workflows paginated, with what `expand` asks for."""
    names, query = request.args.getlist("workflowName"), text("queryString").lower()
    found = [
        each
        for each in site().state.workflows.values()
        if (not names or each.name in names)
        and query in each.name.lower()
        and (not text("isActive") or flag("isActive") == bool(followers(site().state, each)))
    ]
    order = text("orderBy", "name").strip()
    found.sort(key=lambda each: each.name.lower(), reverse=order.startswith("-"))
    wanted = set(listed("expand") or ())
    start, size = slice_asked()
    return answer(page(found, lambda each: _shown(each, wanted), start, size))


def _shown(workflow: Workflow, wanted: set[str]) -> dict[str, Any]:
    state, here = site().state, scene()
    shown: dict[str, Any] = {
        "id": {"name": workflow.name, "entityId": entity_id(workflow)},
        "description": workflow.description,
    }
    if not wanted.isdisjoint({"transitions", "transitions.rules", "transitions.properties"}):
        shown["transitions"] = [_initial(workflow), *(_transition(each, wanted) for each in workflow.transitions)]
    if not wanted.isdisjoint({"statuses", "statuses.properties"}):
        shown["statuses"] = [
            {"id": each, "name": state.statuses[each].name, "properties": {"issueEditable": True}}
            for each in workflow.status_ids
        ]
    if "default" in wanted:
        shown["isDefault"] = workflow.name == SIMPLIFIED.name
    if "projects" in wanted:
        shown["projects"] = [shapes.project(here, each) for each in followers(state, workflow)]
    if "hasDraftWorkflow" in wanted:
        shown["hasDraftWorkflow"] = False
    if "operations" in wanted:
        shown["operations"] = {"canEdit": False, "canDelete": False}
    return shown


def _initial(workflow: Workflow) -> dict[str, Any]:
    """How issues get into their first status."""
    return {
        "id": "1",
        "name": "Create",
        "description": "",
        "from": [],
        "to": workflow.initial_status,
        "type": "initial",
    }


def _transition(each: Transition, wanted: set[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": each.id,
        "name": each.name,
        "description": each.description,
        "from": sorted(each.sources),
        "to": each.to_status,
        "type": "directed" if each.sources else "global",
    }
    screen = site().state.screens.get(each.screen_id or "")
    if screen is not None:
        shown["screen"] = {"id": screen.id, "name": screen.name}
    if "transitions.rules" in wanted:
        shown["rules"] = _rules(each)
    if "transitions.properties" in wanted:
        shown["properties"] = {"opsbar-sequence": str(each.sequence)}
    return shown


def _rules(each: Transition) -> dict[str, Any]:
    conditions = [{"nodeType": "simple", **_rule(rule, CONDITIONS)} for rule in each.conditions]
    tree = {"conditionsTree": {"nodeType": "compound", "operator": "AND", "conditions": conditions}}
    return {
        **(tree if conditions else {}),
        "validators": [_rule(rule, OTHERS) for rule in each.validators],
        "postFunctions": [_rule(rule, OTHERS) for rule in each.functions],
    }


def _rule(rule: Rule, names: dict[str, str]) -> dict[str, Any]:
    return {"type": names[rule.kind], **({"configuration": {"value": rule.value}} if rule.value else {})}


@cloud_workflows.get("/workflow/<workflow_id>/projectUsages")
@for_admins
def get_project_usages_for_workflow(workflow_id: str) -> Response:
    """Get projects using a given workflow."""
    for each in site().state.workflows.values():
        if entity_id(each) == workflow_id:
            return answer({"workflowId": workflow_id, "projects": {"values": _ids(followers(site().state, each))}})
    raise NotThere(f"The workflow with id '{workflow_id}' was not found.")


def _ids(records: Sequence[Any]) -> list[dict[str, str]]:
    return [{"id": each.id} for each in records]
