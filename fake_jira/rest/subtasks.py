"""Data Center's sub-tasks of an issue: the list, and its order."""

from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import DATA_CENTER
from fake_jira.model.records import Issue
from fake_jira.rest.issue_view import brief
from fake_jira.rest.scene import may_on, scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done

subtasks = chapter("subtasks", DATA_CENTER)


@subtasks.get("/issue/<issue_id_or_key>/subtask")
def get_sub_tasks(issue_id_or_key: str) -> Response:
    """Get sub tasks."""
    here, state, issue = scene(), site().state, visible_issue(issue_id_or_key)
    children = (state.issues[each] for each in _children(issue))
    return answer([brief(here, each) for each in children if state.sees(user(), each)])


@subtasks.get("/issue/<issue_id_or_key>/subtask/move")
def can_move_sub_task(issue_id_or_key: str) -> Response:
    """Can move sub task: whether the caller may change the order."""
    return answer(may_on("EDIT_ISSUES", visible_issue(issue_id_or_key)))


@subtasks.post("/issue/<issue_id_or_key>/subtask/move")
def move_sub_tasks(issue_id_or_key: str) -> Response:
    """Move sub tasks: the one at `original` goes to `current`."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    if not may_on("EDIT_ISSUES", issue):
        raise Forbidden("You do not have permission to edit this issue.")
    order = _children(issue)
    source, target = (_place(given.get(name), len(order)) for name in ("original", "current"))
    order.insert(target, order.pop(source))
    others = [each for each in site().state.children.get(issue.id, ()) if each not in order]
    site().state.children[issue.id] = (*order, *others)
    return done()


def _place(value: Any, count: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(BAD_PAYLOAD)
    if not 0 <= value < count:
        raise Invalid(f"The place {value} is out of bounds: there are {count} sub-tasks.")
    return value


def _children(issue: Issue) -> list[str]:
    state = site().state
    return [each for each in state.children.get(issue.id, ()) if state.types[state.issues[each].type_id].subtask]
