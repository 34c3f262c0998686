"""What the tests of the store put on its shelves, and the instant they happen at."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from service.rules.health import Outcome, Verdict, verdict
from service.rules.tickets import Integration, JiraStatus, Ticket
from service.store import integrations, resources, runs, tickets, violations
from service.store.database import Store
from service.store.retrieved import Answer
from service.store.runs import Run, RunCause

Result = TypeVar("Result")
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = NOW + 30 * SECOND
TO_DO = JiraStatus("10000", "To Do", "new")
DONE = JiraStatus("10003", "Done", "done")


def add_integration(c: Connection, name: str = "jira-1", now: datetime = NOW, **fields: Any) -> Integration:
    values: dict[str, Any] = {
        "installation_type": "cloud",
        "auth_type": "basic",
        "username": "admin@example.com",
        "credential": b"sealed",
        "url": "https://jira.example.com",
        "skip_proxy": False,
        "retrieve_tickets": True,
        "created_version": "3.140.0",
    }
    return integrations.create(c, name=name, now=now, **(values | fields))


def reread(c: Connection, integration: Integration) -> Integration:
    found = integrations.by_id(c, integration.id)
    assert found is not None
    return found


def faulty(at: datetime = NOW) -> Verdict:
    return verdict(Outcome.UNREACHABLE, at)


def healthy(at: datetime = NOW) -> Verdict:
    return verdict(Outcome.OK, at)


def add_resource(c: Connection, name: str = "app.jar", type: str = "artifact", **fields: Any) -> int:
    identity = dict.fromkeys(resources.IDENTITY) | {"name": name, "type": type} | fields
    public_id = resources.public_id(identity)
    ids, _ = resources.put_many(c, [{"public_id": public_id, "package_type": None, **identity}])
    return ids[public_id]


def add_violation(c: Connection, resource_id: int, issue_id: str = "XRAY-1", now: datetime = NOW, **fields: Any) -> int:
    values = {
        "public_id": violations.public_id(str(resource_id), "watch-1", issue_id, "gav://org:app:1"),
        "resource_id": resource_id,
        "issue_id": issue_id,
        "type": "Security",
        "severity": "High",
        "watch_name": "watch-1",
        "component": "gav://org:app:1",
        "infected_components": ("gav://org:app:1",),
        "cves": None,
        "summary": None,
        "description": None,
        "created_at": None,
    }
    row = values | fields
    ids, _ = violations.put_many(c, [row], now)
    return ids[str(row["public_id"])]


def add_ticket(c: Connection, integration: Integration, number: int, created_at: datetime = NOW) -> Ticket:
    """Ticket SEC-`number`, of a violation that all tickets made here share."""
    violation_id = add_violation(c, add_resource(c))
    return tickets.insert(
        c,
        violation_id=violation_id,
        integration_id=integration.id,
        issue_id=str(10000 + number),
        key=f"SEC-{number}",
        created_at=created_at,
    )


def add_run(c: Connection, integration: Integration, owner: str = "worker-1", now: datetime = NOW) -> Run:
    """A run that `owner` has claimed."""
    waiting = runs.enqueue(c, integration.id, RunCause.MANUAL, now)
    claimed = runs.claim(c, waiting.id, owner, now + 30 * SECOND, now)
    assert claimed is not None
    return claimed


def answer(ticket: Ticket, status: JiraStatus = TO_DO, updated: datetime = NOW, **fields: Any) -> Answer:
    values: dict[str, Any] = {"issue_id": ticket.issue_id, "key": ticket.key, "project_id": "10001"}
    return Answer(ticket_id=ticket.id, status=status, updated=updated, **(values | fields))


def at_once(act: Callable[[int], Result], times: int) -> list[Result]:
    """What `act` returns for 0, 1, ... in that many threads that start together; what one of them raises is raised."""
    together = threading.Barrier(times)

    def start(number: int) -> Result:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(start, range(times)))


def in_transactions(store: Store, act: Callable[[Connection], Result], times: int = 4) -> list[Result]:
    """What `act` returns in that many write transactions that begin together."""

    def write(_number: int) -> Result:
        with store.begin() as c:
            return act(c)

    return at_once(write, times)
