"""A Jira that hangs, or has us wait, holds up no other; on one machine and on many."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

import fake_jira.server
from fake_jira.client import FakeJiraClient
from service.app import assemble
from service.dispatch import Schedule
from service.dispatch.distributed import Distributed
from service.dispatch.embedded import Embedded
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import intents, runs
from service.store.intents import Intent
from service.store.runs import RunCause, RunState
from tests.service.conftest import KEY, MYSELF, NUMBERS, Setup

MORE_THAN_THREADS = 12
SOON = 20.0  # seconds, on a busy machine; the one that hangs is waited for a minute a time


@pytest.fixture
def other_url(fake: fake_jira.server.FakeJira, world: FakeJiraClient) -> Iterator[str]:
    """The address of a second Jira."""
    name = f"world-{next(NUMBERS)}"
    with world.make(name) as made:
        yield f"{fake.url}/worlds/{name}"
        made.drop()


def in_doubt(setup: Setup, integration: Integration, count: int) -> list[Intent]:
    """Tickets that were asked for long ago, and nobody knows what became of them."""
    past, opened = datetime.now(UTC) - timedelta(minutes=20), []
    for _ in range(count):
        violation = setup.violation()
        with setup.store.begin() as c:
            intent = intents.open(
                c, violation_id=violation, integration_id=integration.id, project="TEST",
                label=f"xray-{next(NUMBERS)}", next_look_at=past, now=past,
            )  # fmt: skip
        assert intent is not None
        opened.append(intent)
    return opened


def test_a_jira_that_hangs_holds_up_no_other(setup_on_both: Setup, other_url: str) -> None:
    setup = setup_on_both.process(read_seconds=60.0, check_seconds=60.0)
    in_doubt(setup, setup.integration, MORE_THAN_THREADS)
    [other] = in_doubt(setup, setup.connect(name="jira-2", url=other_url), 1)
    setup.jira.fault("timeout")
    schedule: Schedule = Embedded(setup.work, 2)
    if setup.store.is_postgresql:
        schedule = Distributed(setup.work, setup.store, setup.settings)

    def is_settled() -> bool:
        with setup.store.read() as c:
            now = intents.by_id(c, other.id)
        return now is not None and now.closed_at is not None

    schedule.start()
    happened = soon(is_settled)
    schedule.stop()
    assert happened


def test_a_run_that_waits_makes_room_for_one_that_has_no_place(setup_on_both: Setup, database_url: str) -> None:
    setup = setup_on_both
    setup.ticket()
    setup.jira.fault("rate_limit", operation=MYSELF, retry_after=900, times=1)
    waiting = setup.enqueue()
    parts = assemble(Settings(database=database_url, key=KEY, runs_at_once=1, patience=1000.0))
    parts.schedule.start()
    assert soon(lambda: setup.jira.faults()[0]["hits"] == 1)
    other = setup.connect(name="jira-2")
    with setup.store.begin() as c:
        run = runs.enqueue(c, other.id, RunCause.MANUAL, datetime.now(UTC))
    parts.schedule.wake()

    happened = soon(lambda: state(setup, run.id) is RunState.COMPLETE)
    parts.schedule.stop()
    parts.store.close()
    assert happened
    assert state(setup, waiting.id) is RunState.WAITING


def test_while_a_jira_says_nothing_another_run_has_its_place(setup: Setup, other_url: str, sqlite_url: str) -> None:
    setup.jira.fault("timeout", operation=MYSELF)
    silent = setup.enqueue()
    parts = assemble(Settings(database=sqlite_url, key=KEY, runs_at_once=1, read_seconds=60.0))
    parts.schedule.start()
    assert soon(lambda: setup.jira.faults()[0]["hits"] == 1)
    other = setup.connect(name="jira-2", url=other_url)
    with setup.store.begin() as c:
        run = runs.enqueue(c, other.id, RunCause.MANUAL, datetime.now(UTC))
    parts.schedule.wake()

    happened = soon(lambda: state(setup, run.id) is RunState.COMPLETE)
    meanwhile = state(setup, silent.id)
    parts.schedule.stop()
    parts.store.close()
    assert happened
    assert meanwhile is RunState.RUNNING


def state(setup: Setup, run_id: int) -> RunState:
    with setup.store.read() as c:
        found = runs.by_id(c, run_id)
    assert found is not None
    return found.state


def soon(condition: Callable[[], bool]) -> bool:
    deadline, pause = time.monotonic() + SOON, threading.Event()
    while not (is_so := condition()) and time.monotonic() < deadline:
        pause.wait(0.05)
    return is_so
