"""Bulk move, transition, delete, watch and unwatch: set off by one request, asked about by another [jira 5.4].

Everything is done at once, under the world's lock; how long the telling takes is the setting `task_seconds`. What one
caller cannot see or does not exist is only counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import BulkRefused, Invalid, JiraError
from fake_jira.flavours import CLOUD, Scene
from fake_jira.model.issues import (
    delete_issue,
    edit_issue,
    fits_below,
    keeps_children,
    move_issue,
    subtasks_of,
)
from fake_jira.model.permissions import holds_globally
from fake_jira.model.project_records import Task
from fake_jira.model.records import Issue, IssueType, Project
from fake_jira.model.tasks import add_task, find_task
from fake_jira.model.watching import unwatch, watch
from fake_jira.model.workflows import offers, statuses_of, workflow_of
from fake_jira.rest.scene import may, may_on, scene, site, user, world
from fake_jira.rest.tasks import millis
from fake_jira.rest.transitions import take
from fake_jira.rest.wire import answer, body, chapter, listed, signed_in, text

bulk_operations = chapter("bulk_operations", CLOUD)
MOST = 1000  # issues of one operation
PAGE = 50
NAME = "Bulk operation"  # how its tasks are told from others

Work = Callable[[Issue], object]


@dataclass
class Outcome:
    """What became of the issues of one operation."""

    processed: list[int] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    inaccessible: int = 0
    total: int = 0

    def take(self, wanted: list[str], work: Work) -> None:
        """Does the work on each issue that can be seen; one that fails does not keep the others back."""
        for each in dict.fromkeys(wanted):
            self.total += 1
            issue = world().state.issue(each)
            if issue is None or not world().state.sees(user(), issue):
                self.inaccessible += 1
                continue
            try:
                work(issue)
            except JiraError as error:
                self.failed[issue.id] = [str(error)]
            else:
                self.processed.append(int(issue.id))

    def submitted(self) -> Response:
        result = {"processed": self.processed, "failed": self.failed, "gone": self.inaccessible, "total": self.total}
        task = add_task(site(), NAME, user(), result=result, seconds=world().settings.task_seconds)
        return answer({"taskId": task.id}, 201)


def _given(*known: str) -> Mapping[str, Any]:
    """The body, for who may change in bulk; BulkRefused says what is wrong with it."""
    if not holds_globally(user(), "BULK_CHANGE"):
        raise BulkRefused("You do not have the permission to make bulk changes.", status=403)
    try:
        given = body()
    except Invalid as error:
        raise BulkRefused(str(error)) from error
    for name in given:
        if name not in (*known, "sendBulkNotification"):
            raise BulkRefused(f"Unrecognized property '{name}'.")
    return given


def _issues(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise BulkRefused(f"'{name}' must name at least one issue by its id or key.")
    if len(value) > MOST:
        raise BulkRefused(f"At most {MOST} issues can be selected, not {len(value)}.")
    return value


@bulk_operations.post("/bulk/issues/delete")
@signed_in
def submit_bulk_delete() -> Response:
    """Bulk delete issues; sub-tasks that are not selected go with their parents."""
    wanted = _issues(_given("selectedIssueIdsOrKeys").get("selectedIssueIdsOrKeys"), "selectedIssueIdsOrKeys")
    outcome = Outcome()
    outcome.take(wanted, _delete)
    return outcome.submitted()


def _delete(issue: Issue) -> None:
    if not may_on("DELETE_ISSUES", issue):
        raise Invalid("You do not have permission to delete issues in this project.")
    delete_issue(site(), issue, user())


@bulk_operations.post("/bulk/issues/watch")
@signed_in
def submit_bulk_watch() -> Response:
    """Bulk watch issues."""
    return _followed(watch)


@bulk_operations.post("/bulk/issues/unwatch")
@signed_in
def submit_bulk_unwatch() -> Response:
    """Bulk unwatch issues."""
    return _followed(unwatch)


def _followed(change: Callable[..., Issue]) -> Response:
    wanted = _issues(_given("selectedIssueIdsOrKeys").get("selectedIssueIdsOrKeys"), "selectedIssueIdsOrKeys")
    outcome, who = Outcome(), user()
    if who is not None:
        outcome.take(wanted, lambda issue: change(site(), issue, who))
    return outcome.submitted()


@bulk_operations.get("/bulk/issues/transition")
@signed_in
def get_available_transitions() -> Response:
    """Get available transitions, for the issues of each workflow and status together."""
    named = _issues(listed("issueIdsOrKeys"), "issueIdsOrKeys")
    state, groups = world().state, dict[tuple[str, str], list[Issue]]()
    for each in named:
        issue = state.issue(each)
        if issue is None or not world().state.sees(user(), issue):
            raise BulkRefused(f"The issue '{each}' does not exist or cannot be seen.")
        workflow = workflow_of(state.projects[issue.project_id], issue.type_id)
        groups.setdefault((workflow.name, issue.status_id), []).append(issue)
    start = int(text("startingAfter") or 0) if text("startingAfter").isdecimal() else 0
    found = list(groups.values())
    page: dict[str, Any] = {"availableTransitions": [_available(each) for each in found[start : start + PAGE]]}
    if start + PAGE < len(found):
        page["startingAfter"] = str(start + PAGE)
    return answer(page)


def _available(issues: list[Issue]) -> dict[str, Any]:
    """What can be done to all of these; a transition with required fields on its screen is filtered out."""
    state = world().state
    offered = [each for each in offers(state, issues[0], user()) if each.available]
    plain = [each.transition for each in offered if each.transition.screen_id is None]
    return {
        "issues": [each.key for each in issues],
        "isTransitionsFiltered": len(plain) < len(offered),
        "transitions": [
            {
                "transitionId": int(each.id),
                "transitionName": each.name,
                "to": {"statusId": int(each.to_status), "statusName": state.statuses[each.to_status].name},
            }
            for each in plain
        ],
    }


@bulk_operations.post("/bulk/issues/transition")
@signed_in
def submit_bulk_transition() -> Response:
    """Bulk transition issue statuses."""
    inputs = _given("bulkTransitionInputs").get("bulkTransitionInputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(each, dict) for each in inputs):
        raise BulkRefused("'bulkTransitionInputs' must hold at least one transition with its issues.")
    here, outcome = scene(), Outcome()
    chosen = []
    for each in inputs:
        transition_id = each.get("transitionId")
        if not isinstance(transition_id, str | int) or isinstance(transition_id, bool):
            raise BulkRefused("'transitionId' is required.")
        chosen.append((_issues(each.get("selectedIssueIdsOrKeys"), "selectedIssueIdsOrKeys"), str(transition_id)))
    for named, transition_id in chosen:
        outcome.take(named, partial(_transition, here, transition_id))
    return outcome.submitted()


def _transition(here: Scene, transition_id: str, issue: Issue) -> None:
    take(here, issue, {"transition": {"id": transition_id}})


@dataclass(frozen=True)
class Target:
    """Where issues are moved: `parent` is set for sub-tasks; `statuses` are (status before, status there)."""

    project: Project
    kind: IssueType
    parent: Issue | None
    statuses: Mapping[str, str]
    infers_status: bool


@bulk_operations.post("/bulk/issues/move")
@signed_in
def submit_bulk_move() -> Response:
    """Bulk move issues: each target is PROJECT,ISSUE_TYPE[,PARENT], with the issues that go there."""
    mapping = _given("targetToSourcesMapping").get("targetToSourcesMapping")
    if not isinstance(mapping, dict) or not mapping or not all(isinstance(each, dict) for each in mapping.values()):
        raise BulkRefused("'targetToSourcesMapping' must name at least one target with its issues.")
    moves = [
        (_target(name, source), _issues(source.get("issueIdsOrKeys"), "issueIdsOrKeys"))
        for name, source in mapping.items()
    ]
    if sum(len(named) for _, named in moves) > MOST:
        raise BulkRefused(f"At most {MOST} issues can be moved at once.")
    outcome = Outcome()
    for target, named in moves:
        outcome.take(named, partial(_move, target))
    return outcome.submitted()


def _target(name: str, source: Mapping[str, Any]) -> Target:
    state = world().state
    words = [each.strip() for each in name.split(",")]
    if len(words) not in (2, 3):
        raise BulkRefused(f"The target '{name}' is not of the form PROJECT,ISSUE_TYPE[,PARENT].")
    project, kind = state.project(words[0]), state.types.get(words[1])
    if project is None or not may("BROWSE_PROJECTS", project.id):
        raise BulkRefused(f"The project '{words[0]}' does not exist or cannot be seen.")
    if kind is None or kind.id not in project.type_ids:
        raise BulkRefused(f"The issue type '{words[1]}' is not one of the project {project.key}.")
    parent = state.issue(words[2]) if len(words) == 3 else None
    if len(words) == 3 and (parent is None or parent.project_id != project.id):
        raise BulkRefused(f"The parent '{words[2]}' is not an issue of the project {project.key}.")
    if kind.subtask and parent is None:
        raise BulkRefused(f"The issue type {kind.name} needs a parent in the target.")
    if not may("CREATE_ISSUES", project.id):
        raise BulkRefused(f"You do not have permission to create issues in the project {project.key}.")
    return Target(project, kind, parent, _statuses(source), bool(source.get("inferStatusDefaults", False)))


def _statuses(source: Mapping[str, Any]) -> dict[str, str]:
    """Status there by the status before, out of `targetStatus`."""
    found: dict[str, str] = {}
    for each in source.get("targetStatus") or []:
        statuses = each.get("statuses") if isinstance(each, dict) else None
        if not isinstance(statuses, dict):
            raise BulkRefused("'targetStatus' must hold 'statuses'.")
        found |= {str(old): str(there) for there, olds in statuses.items() for old in olds}
    return found


def _move(target: Target, issue: Issue) -> None:
    """Project first, then type, parent and status, each with its own entry in the changelog as Jira writes them."""
    state = site().state
    if not may_on("MOVE_ISSUES", issue):
        raise Invalid("You do not have permission to move issues in this project.")
    if issue.archived_at is not None:
        raise Invalid("The issue is archived and cannot be moved.")
    parent, status = _parent_there(issue, target), _status_there(issue, target)
    if not keeps_children(state, issue, target.kind.id):
        raise Invalid(f"What stands below {issue.key} cannot stand below the issue type {target.kind.name}.")
    if issue.project_id != target.project.id:
        for child in subtasks_of(state, issue):
            if child.type_id not in target.project.type_ids:
                raise Invalid(f"The issue type of the sub-task {child.key} is not one of the target project.")
        issue = move_issue(site(), issue, user(), state.projects[target.project.id], status)
    values = {"type_id": target.kind.id, "status_id": status, "parent_id": parent.id if parent else None}
    edit_issue(site(), issue, user(), values)


def _parent_there(issue: Issue, target: Target) -> Issue | None:
    """The parent that the target names, else the present one where the new type can stand below it."""
    state, wanted = site().state, target.parent
    if wanted is None:
        present = state.issues.get(issue.parent_id or "")
        return present if present is not None and fits_below(state, target.kind.id, present) else None
    if wanted.id == issue.id or not fits_below(state, target.kind.id, wanted):
        raise Invalid(f"{issue.key} cannot stand below {wanted.key} as a {target.kind.name}.")
    return wanted


def _status_there(issue: Issue, target: Target) -> str:
    """The status that the target's workflow has the issue in; Invalid if that cannot be said."""
    there = statuses_of(target.project, target.kind.id)
    mapped = target.statuses.get(issue.status_id)
    if mapped is not None:
        if mapped not in there:
            raise Invalid(f"The status '{mapped}' is not one of the target workflow.")
        return mapped
    if issue.status_id in there:
        return issue.status_id
    if target.infers_status:
        return workflow_of(target.project, target.kind.id).initial_status
    raise Invalid("The status of the issue is not one of the target workflow, and no other is named for it.")


@bulk_operations.get("/bulk/queue/<task_id>")
@signed_in
def get_bulk_operation_progress(task_id: str) -> Response:
    """Get bulk issue operation progress; asked about for fourteen days, by who submitted it."""
    task, who = find_task(site(), task_id), user()
    if task is None or task.description != NAME or who is None or task.actor != who.account_id:
        raise BulkRefused(f"There is no bulk operation '{task_id}', or it is not yours.")
    return answer(_progress(task))


def _progress(task: Task) -> dict[str, Any]:
    here, now = scene(), site().now()
    found, status = orjson.loads(task.result), task.status(now)
    who = here.state.users.get(task.actor or "")
    shown: dict[str, Any] = {
        "taskId": task.id,
        "status": status,
        "submittedBy": {"accountId": who.account_id} if who else {},
        "created": millis(task.submitted),
        "started": millis(task.submitted),
        "updated": millis(min(now, task.finished)),
        "progressPercent": task.progress(now),
        "totalIssueCount": found["total"],
        "invalidOrInaccessibleIssueCount": found["gone"],
        "processedAccessibleIssues": found["processed"] if status == "COMPLETE" else [],
    }
    return shown | ({"failedAccessibleIssues": found["failed"]} if found["failed"] and status == "COMPLETE" else {})
