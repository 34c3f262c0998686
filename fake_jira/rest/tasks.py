"""Long-running tasks: asking about them, and stopping one."""

import re
from datetime import datetime
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import Forbidden, NotThere
from fake_jira.model import tasks as verbs
from fake_jira.model.project_records import Task
from fake_jira.model.state import CLOUD
from fake_jira.rest.project_access import is_admin
from fake_jira.rest.scene import scene, site, user
from fake_jira.rest.wire import answer, chapter, done, signed_in, takes

tasks = chapter("tasks", CLOUD)


def _found(task_id: str) -> Task:
    """The task, for who made it and for admins."""
    task, who = verbs.find_task(site(), task_id), user()
    if task is None:
        raise NotThere(f"The task with id '{task_id}' was not found.")
    if not is_admin() and (who is None or who.account_id != task.actor):
        raise Forbidden("You do not have permission to see this task.")
    return task


@tasks.get("/task/<task_id>")
@signed_in
def get_task(task_id: str) -> Response:
    """Get task."""
    return answer(task_json(_found(task_id)))


def task_json(task: Task) -> dict[str, Any]:
    """A task as its own address shows it."""
    here, now = scene(), site().now()
    status, end = task.status(now), min(task.cancelled or now, task.finished)
    over = {"finished": millis(end)} if status != "RUNNING" else {}
    result = {"result": orjson.Fragment(task.result)} if status == "COMPLETE" else {}
    who = here.state.users.get(task.actor or "")
    return {
        "self": f"{here.site}/rest/api/{here.asked}/task/{task.id}",
        "id": task.id,
        "description": task.description,
        "status": status,
        **({"message": task.message} if task.message and over else {}),
        **result,
        "submittedBy": int(re.sub("[^0-9]", "", who.key) or 0) if who else 0,
        "progress": task.progress(now),
        "elapsedRuntime": millis(end) - millis(task.submitted),
        "submitted": millis(task.submitted),
        "started": millis(task.submitted),
        **over,
        "lastUpdate": millis(end),
    }


def millis(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def see_task(task: Task) -> Response:
    """The answer of an operation that has set off a task: where to ask about it."""
    shown = task_json(task)
    return answer(shown, 303, Location=shown["self"])


@tasks.post("/task/<task_id>/cancel")
@takes(None)
@signed_in
def cancel_task(task_id: str) -> Response:
    """Cancel task; only one that is still running can be, and the refusal is a list as in no other operation."""
    task = _found(task_id)
    if task.status(site().now()) != "RUNNING":
        return answer(["The task cannot be cancelled: it is over."], 400)
    verbs.cancel_task(site(), task)
    return done(202)
