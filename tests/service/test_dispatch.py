"""What is due is done once, at its time, whoever asks (R8, R15)."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service import logs
from service.dispatch.embedded import Embedded
from service.dispatch.work import Job, Kind, Work
from service.rules.health import Health
from service.store import integrations, runs
from service.store.database import Store
from service.store.runs import RunCause, RunState
from tests.service.conftest import MYSELF, SEARCH, SERVER_INFO, FrozenTime, Setup, frozen

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def at(world: object) -> Iterator[FrozenTime]:
    with frozen(MARCH) as time:
        yield time


def test_a_run_is_due_eight_hours_after_the_integration_was_made(at: FrozenTime, setup: Setup) -> None:
    ticket = setup.ticket()
    at.move_to(MARCH + timedelta(hours=7, minutes=59, seconds=59))
    assert setup.work.work_off() == 0
    assert setup.asked() == 0
    at.move_to(MARCH + 8 * HOUR)
    assert setup.work.next_due() == MARCH + 8 * HOUR
    setup.work.work_off()
    assert [(run.cause, run.state) for run in setup.history()] == [(RunCause.SCHEDULE, RunState.COMPLETE)]
    assert setup.status(ticket) == "To Do"
    assert setup.work.next_due() == MARCH + 16 * HOUR


def test_a_service_that_was_down_catches_up_once_and_keeps_its_anchor(at: FrozenTime, setup: Setup) -> None:
    at.move_to(MARCH + 50 * HOUR)
    setup.work.work_off()
    assert len(setup.history()) == 1
    assert setup.work.next_due() == MARCH + 56 * HOUR


def test_of_many_workers_one_makes_the_scheduled_run(
    store: Store, world: object, jira_url: str, setup_on_both: Setup
) -> None:
    setup = setup_on_both
    due = setup.integration.next_run_at
    barrier = threading.Barrier(4)

    def look() -> None:
        barrier.wait(10)
        setup.process().work.due(due)

    with ThreadPoolExecutor(4) as workers:
        for looked in [workers.submit(look) for _ in range(4)]:
            looked.result()
    assert len(setup.history()) == 1
    assert setup.integration.next_run_at == due + 8 * HOUR


def test_switched_off_the_hour_passes_unused_and_the_anchor_stays(at: FrozenTime, setup: Setup) -> None:
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
    at.move_to(MARCH + 8 * HOUR)
    setup.work.work_off()
    assert (setup.history(), setup.asked()) == ([], 0)
    assert setup.work.next_due() == MARCH + 16 * HOUR


def test_a_broken_jira_is_probed_every_five_minutes_and_its_recovery_has_a_run_follow(
    at: FrozenTime, setup: Setup
) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    setup.expire_token()
    setup.verification.verify(setup.integration.id)
    setup.jira.clear_journal()
    at.advance(minutes=4, seconds=59)
    setup.work.work_off()
    assert setup.asked() == 0
    at.advance(seconds=1)
    setup.work.work_off()
    assert setup.asked(SERVER_INFO) == 1
    assert setup.status(ticket) == "Unknown"
    setup.jira.clear()
    at.advance(minutes=5)
    setup.work.work_off()
    assert setup.integration.health == Health.HEALTHY
    assert setup.status(ticket) == "To Do"
    assert setup.history()[0].cause is RunCause.RECOVERED
    setup.jira.clear_journal()
    at.advance(minutes=5)
    setup.work.work_off()
    assert setup.asked() == 0


def test_while_broken_the_schedule_asks_for_no_statuses(at: FrozenTime, setup: Setup) -> None:
    setup.ticket()
    setup.expire_token()
    setup.verification.verify(setup.integration.id)
    at.move_to(MARCH + 8 * HOUR)
    setup.work.work_off()
    assert setup.asked(SEARCH) == 0
    assert setup.history() == []
    assert setup.integration.next_run_at == MARCH + 16 * HOUR


def test_a_run_that_waits_is_due_when_its_wait_is_over(at: FrozenTime, setup: Setup) -> None:
    setup.ticket()
    setup.jira.fault("rate_limit", retry_after=120, times=1)
    waiting = setup.retrieve()
    assert setup.work.next_due() == waiting.resume_at
    at.move_to(waiting.resume_at)
    setup.work.work_off()
    assert setup.history()[0].state is RunState.COMPLETE


def test_one_job_that_fails_hurts_no_other(at: FrozenTime, setup: Setup) -> None:
    ticket = setup.ticket()
    broken = setup.connect(name="broken")
    with setup.store.begin() as c:
        integrations.set_credential(c, broken.id, b"sealed with another key")
    at.move_to(MARCH + 8 * HOUR)
    setup.work.work_off()
    assert setup.status(ticket) == "To Do"


def test_after_stop_nothing_is_begun(at: FrozenTime, setup: Setup) -> None:
    setup.enqueue()
    setup.work.stop()
    assert setup.work.work_off() == 0
    assert setup.asked() == 0


def test_before_ticket_status_no_run_is_due(at: FrozenTime, setup: Setup) -> None:
    """R16: a product version that does not retrieve statuses; what an admin has stored waits for one that does."""
    older = Work(setup.store, setup.verification, setup.retrieval, setup.creation, retrieves=False)
    setup.ticket()
    waiting = setup.enqueue()
    at.move_to(MARCH + 8 * HOUR)
    assert older.work_off() == 0
    assert (setup.asked(), setup.history()) == (0, [waiting])
    assert older.next_due() == MARCH + 16 * HOUR
    assert not older.do(Job(Kind.RUN, waiting.id)), "the queue may hold it still"
    assert setup.asked() == 0


# embedded, in real time


def wait_for(condition: threading.Event) -> None:
    assert condition.wait(20), "it did not happen within 20 s"


class RunEnded(logging.Handler):
    """Notices the log line of a run's end."""

    def __init__(self) -> None:
        super().__init__()
        self.happened = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "run.finished":
            self.happened.set()


@pytest.fixture
def run_ended(logged: object) -> Iterator[threading.Event]:
    handler = RunEnded()
    logs.LOGGER.addHandler(handler)
    yield handler.happened
    logs.LOGGER.removeHandler(handler)


def test_the_schedule_does_what_is_due_when_it_is_woken(setup: Setup, run_ended: threading.Event) -> None:
    ticket = setup.ticket()
    schedule = Embedded(setup.work, runs_at_once=2)
    schedule.wake()
    schedule.start()
    setup.enqueue()
    schedule.wake()
    wait_for(run_ended)
    schedule.stop()
    assert setup.status(ticket) == "To Do"


def test_a_run_that_waits_in_place_holds_up_no_other_and_is_given_back_at_the_end(
    setup: Setup, run_ended: threading.Event
) -> None:
    patient = setup.process(patience=1000.0)
    ticket = patient.ticket()
    patient.jira.fault("rate_limit", operation=MYSELF, retry_after=900, times=1)
    slow = patient.enqueue()
    schedule = Embedded(patient.work, runs_at_once=2)
    schedule.start()
    while not patient.jira.faults()[0]["hits"]:
        pass
    other = patient.connect(name="jira-2")
    with patient.store.begin() as c:
        runs.enqueue(c, other.id, RunCause.MANUAL, datetime.now(UTC))
    schedule.wake()
    wait_for(run_ended)
    schedule.stop()
    with patient.store.read() as c:
        stored = runs.by_id(c, slow.id)
    assert stored is not None
    assert stored.state is RunState.WAITING
    assert setup.retrieve().state is RunState.COMPLETE
    assert setup.status(ticket) == "To Do"


def test_a_schedule_that_was_never_started_can_be_stopped(setup: Setup) -> None:
    schedule = Embedded(setup.work, runs_at_once=1)
    schedule.wake()
    schedule.stop()
    schedule.wake()


def test_the_next_run_of_an_integration_begins_when_the_one_before_it_has_let_go(
    setup: Setup, logged: list[tuple[str, dict[str, Any]]], run_ended: threading.Event
) -> None:
    """One that was cancelled may still have requests in flight: two at once would ask that Jira for twice as much."""
    setup.ticket()
    setup.jira.fault("timeout", operation=MYSELF, times=1)
    schedule = Embedded(setup.work, runs_at_once=2)
    schedule.start()
    setup.enqueue()
    schedule.wake()
    while not setup.jira.faults()[0]["hits"]:
        pass
    with setup.store.begin() as c:
        runs.cancel(c, setup.integration.id, "It was cancelled.", datetime.now(UTC))
    setup.enqueue()
    schedule.wake()
    wait_for(run_ended)
    schedule.stop()
    events = [event for event, _ in logged if event.startswith("run.")]
    assert events == ["run.started", "run.waits", "run.stopped", "run.started", "run.finished"]
