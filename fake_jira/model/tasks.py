"""Long-running tasks: what was set off by one request and is asked about by others.

The work is done at once, under the world's lock; only its telling takes time, if the task is given some `seconds`.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson

from fake_jira.model.project_records import Task
from fake_jira.model.records import User
from fake_jira.model.state import Site

KEPT = timedelta(days=14)  # how long a task can be asked about [Atlassian's document: getTask]


def add_task(
    site: Site,
    description: str,
    actor: User | None,
    *,
    result: Any = None,
    message: str = "",
    failed: bool = False,
    seconds: float = 0,
) -> Task:
    """Note that work was done (or `failed`, with a `message`); it looks unfinished for `seconds`."""
    now = site.now()
    site.state.tasks = {each.id: each for each in site.state.tasks.values() if now - each.submitted < KEPT}
    task = Task(
        site.state.next_id("task"),
        description,
        actor.account_id if actor else None,
        now,
        now + timedelta(seconds=seconds),
        orjson.dumps(result),
        message,
        failed,
    )
    site.state.tasks[task.id] = task
    return task


def find_task(site: Site, task_id: str) -> Task | None:
    """The task, unless it is unknown or too old."""
    task = site.state.tasks.get(task_id)
    return task if task is not None and site.now() - task.submitted < KEPT else None


def cancel_task(site: Site, task: Task) -> Task:
    """Stop it; only one that is still running can be."""
    site.state.tasks[task.id] = cancelled = replace(task, cancelled=site.now())
    return cancelled
