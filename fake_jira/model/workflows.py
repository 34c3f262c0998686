"""Workflows: the two stock ones, what a transition asks of an issue, and what it does to it on the way.

The simplified one lets everything go everywhere; the classic one is Jira's old default: sourced transitions with
conditions, and a resolution that is asked for on a screen.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fake_jira.model.records import Issue, Project, Rule, Status, Transition, User, Workflow
from fake_jira.model.screens import RESOLVE_SCREEN, WORKFLOW_SCREEN
from fake_jira.model.state import Site, State
from fake_jira.model.visibility import in_role

DONE = 3  # the category of statuses in which nothing is left to do
RESOLVE, CLEAR = Rule("set_resolution"), Rule("clear_resolution")
SIMPLIFIED = Workflow(
    "Software Simplified Workflow",
    "10000",
    (
        Transition("11", "To Do", "10000", functions=(CLEAR,)),
        Transition("21", "In Progress", "10001", functions=(CLEAR,)),
        Transition("31", "In Review", "10002", functions=(CLEAR,)),
        Transition("41", "Done", "10003", functions=(RESOLVE,)),
    ),
)
OPEN, IN_PROGRESS, REOPENED, RESOLVED, CLOSED = "1", "10001", "4", "5", "6"
CLASSIC_STATUSES = (
    Status(OPEN, "Open", 2, "The issue is open and ready for the assignee to start work on it."),
    Status(REOPENED, "Reopened", 2, "This issue was once resolved, but the resolution was deemed incorrect."),
    Status(RESOLVED, "Resolved", 3, "A resolution has been taken, and it is awaiting verification by reporter."),
    Status(CLOSED, "Closed", 3, "The issue is considered finished, the resolution is correct."),
)
UNRESOLVED = frozenset({OPEN, IN_PROGRESS, REOPENED})
_MAY_RESOLVE, _MAY_CLOSE = Rule("permission", "RESOLVE_ISSUES"), Rule("permission", "CLOSE_ISSUES")
CLASSIC = Workflow(
    "classic default workflow",
    OPEN,
    (
        Transition(
            "4", "Start Progress", IN_PROGRESS, frozenset({OPEN, REOPENED}), None, (Rule("assignee"),), (), (CLEAR,), 20
        ),
        Transition("301", "Stop Progress", OPEN, frozenset({IN_PROGRESS}), None, (Rule("assignee"),), (), (CLEAR,), 20),
        Transition("5", "Resolve Issue", RESOLVED, UNRESOLVED, RESOLVE_SCREEN, (_MAY_RESOLVE,), sequence=40),
        Transition("2", "Close Issue", CLOSED, UNRESOLVED, RESOLVE_SCREEN, (_MAY_RESOLVE, _MAY_CLOSE), sequence=60),
        Transition("701", "Close Issue", CLOSED, frozenset({RESOLVED}), WORKFLOW_SCREEN, (_MAY_CLOSE,), sequence=60),
        Transition(
            "3",
            "Reopen Issue",
            REOPENED,
            frozenset({RESOLVED, CLOSED}),
            WORKFLOW_SCREEN,
            (_MAY_RESOLVE,),
            functions=(CLEAR,),
            sequence=80,
        ),
    ),
    "The default Jira workflow.",
)
_NAMESPACE = uuid.UUID("8d1f7a52-3d0e-4d39-9a4c-3a0e5f6b2c44")
STOCK = {"simplified": SIMPLIFIED, "classic": CLASSIC}


def install(site: Site, workflow: Workflow) -> Workflow:
    """Make a workflow one of the site's, with the statuses of the classic one where it needs them."""
    for status in CLASSIC_STATUSES:
        if status.id in workflow.status_ids:
            site.state.statuses.setdefault(status.id, status)
    site.state.workflows.setdefault(workflow.name, workflow)
    site.state.renamed()
    return workflow


def entity_id(workflow: Workflow) -> str:
    """The id that Cloud shows for a workflow."""
    return str(uuid.uuid5(_NAMESPACE, workflow.name))


def workflow_of(project: Project, type_id: str) -> Workflow:
    """The workflow that issues of a type follow in a project."""
    return dict(project.type_workflows).get(type_id, project.workflow)


def statuses_of(project: Project, type_id: str) -> tuple[str, ...]:
    """The ids of the statuses that an issue of the type can be in."""
    return workflow_of(project, type_id).status_ids


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition as it stands for one issue and one person."""

    transition: Transition
    available: bool


def offers(state: State, issue: Issue, user: User | None) -> list[Offer]:
    """The transitions from the present status, and for which of them all conditions hold."""
    workflow = workflow_of(state.projects[issue.project_id], issue.type_id)
    return [
        Offer(each, all(holds(state, issue, user, rule) for rule in each.conditions))
        for each in workflow.transitions
        if not each.sources or issue.status_id in each.sources
    ]


def holds(state: State, issue: Issue, user: User | None, rule: Rule) -> bool:
    """Whether a condition lets this user through."""
    return CONDITIONS[rule.kind](state, issue, user, rule.value)


def _subtasks_done(state: State, issue: Issue, _: User | None, __: str) -> bool:
    children = [state.issues[each] for each in state.children.get(issue.id, ())]
    subtasks = [each for each in children if state.types[each.type_id].subtask]
    return all(state.statuses[each.status_id].category_id == DONE for each in subtasks)


def _in_role(state: State, issue: Issue, user: User | None, role_id: str) -> bool:
    return user is not None and in_role(state, role_id, state.projects[issue.project_id], user)


Condition = Callable[[State, Issue, User | None, str], bool]
CONDITIONS: dict[str, Condition] = {
    "assignee": lambda _, issue, user, __: user is not None and issue.assignee == user.account_id,
    "reporter": lambda _, issue, user, __: user is not None and issue.reporter == user.account_id,
    "permission": lambda state, issue, user, name: state.may(user, name, issue.project_id),
    "role": _in_role,
    "subtasks_done": _subtasks_done,
}


def missing(issue: Issue, transition: Transition, values: dict[str, Any]) -> Iterable[str]:
    """The fields of the record that a validator wants and neither the issue nor the request has."""
    for rule in transition.validators:
        if rule.kind == "required" and not values.get(rule.value, getattr(issue, rule.value)):
            yield rule.value


def carried_out(state: State, issue: Issue, transition: Transition, values: dict[str, Any]) -> dict[str, Any]:
    """The fields that a transition sets: what was asked for on its screen, its status, and its post functions."""
    changes = dict(values) | {"status_id": transition.to_status}
    for rule in transition.functions:
        if rule.kind == "set_resolution":
            first = rule.value or state.defaults.get("resolution") or next(iter(state.resolutions))
            changes.setdefault("resolution_id", issue.resolution_id or first)
        elif rule.kind == "clear_resolution":
            changes["resolution_id"] = None
    return changes
