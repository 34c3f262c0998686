"""A process that wants an access token: what the tests of grants start ten times, and kill.

They are forked from a server that has imported this module once, so that ten of them begin within a moment.
"""

import multiprocessing
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from service.grants import Grants
from service.jira.wire import Ending
from service.store import integrations
from service.store.database import open_store
from service.vault import Vault
from tests.service.granted import Granting

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


class Task(NamedTuple):
    """What a process is told; it finds everything else in the store."""

    database: str
    key: str
    settings: Any
    access: Any
    integration_id: int


def fetch(task: Task, together: Barrier, results: Any) -> None:
    """Puts the access token that it gets, or what hinders it, into `results`."""
    store = open_store(task.database, migrate=False)
    grants = Grants(store, Vault([task.key]), task.settings, Ending())
    with store.read() as c:
        integration = integrations.by_id(c, task.integration_id)
    assert integration is not None
    together.wait(30)
    try:
        results.put(grants.source(integration, task.access).token())
    except Exception as error:  # said by its name: a traceback would be lost with the process
        results.put(f"{type(error).__name__}: {error}")
    store.close()


def task_of(granting: Granting, database: str, key: str) -> Task:
    return Task(database, key, granting.settings, granting.access, granting.integration.id)
