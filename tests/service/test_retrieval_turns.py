"""Many integrations and few places: nobody starves, and a slow Jira holds nobody up."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from service import clock
from service.store import runs
from service.store.runs import Run, RunCause, RunState
from tests.service.conftest import SEARCH, Setup, frozen
from tests.service.jira.raw_server import raw_server

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_run_that_has_had_its_turn_makes_room_and_loses_nothing(setup: Setup) -> None:
    setup.tickets(500)
    greedy = setup.process(turn_seconds=0.0, others_wait=lambda: True)
    turns = [greedy.retrieve()]
    assert (turns[0].state, turns[0].resume_at <= clock.now()) == (RunState.WAITING, True)
    while turns[-1].ended_at is None:
        turns.append(greedy.retrieve())
    assert {turn.id for turn in turns} == {turns[0].id}
    assert (turns[-1].state, turns[-1].checked) == (RunState.COMPLETE, 500)
    assert setup.asked(SEARCH) == 5, "nothing is asked for twice"
    assert len(turns) > 2


def test_a_run_goes_on_as_long_as_nobody_waits(setup: Setup) -> None:
    setup.tickets(300)
    alone = setup.process(turn_seconds=0.0, others_wait=lambda: False)
    assert alone.retrieve().state is RunState.COMPLETE


def test_a_turn_that_has_time_left_is_not_cut_short(setup: Setup) -> None:
    setup.tickets(300)
    assert setup.process(turn_seconds=60.0, others_wait=lambda: True).retrieve().state is RunState.COMPLETE


def test_deleted_tickets_are_settled_within_a_turn(setup: Setup) -> None:
    """Else a run with many doubts would begin with the same ones each time."""
    tickets = setup.tickets(250)
    for ticket in tickets:
        setup.jira.delete(ticket.issue_id)
    greedy = setup.process(turn_seconds=0.0, others_wait=lambda: True)
    turns = [greedy.retrieve()]
    while turns[-1].ended_at is None:
        turns.append(greedy.retrieve())
        assert turns[-1].deleted > turns[-2].deleted or turns[-1].ended_at is not None
    assert turns[-1].deleted == 250


def test_whoever_waits_in_place_gives_the_place_to_others_and_keeps_count(setup: Setup) -> None:
    setup.tickets(2)
    setup.jira.fault("rate_limit", retry_after=40)
    with frozen(MARCH):
        run = setup.process(patience=60.0, others_wait=lambda: True, jitter=lambda: 0.0).retrieve()
        assert (run.state, run.failures) == (RunState.WAITING, 1)
        waits = (run.resume_at - datetime.now(UTC)).total_seconds()
    assert 35 < waits <= 40


def test_the_fast_ones_complete_while_others_hang(setup: Setup) -> None:
    """Two places, thirty integrations of which six hang: two at a time hang, and the others do not wait for them."""
    setup.tickets(3)
    waiting: list[Run] = []
    let_go = threading.Event()

    def hang(connection: object) -> None:
        let_go.wait(20)

    def others_wait() -> bool:
        return bool(waiting)

    with raw_server(hang) as silent:
        process = setup.process(read_seconds=0.3, turn_seconds=0.0, patience=60.0, others_wait=others_wait)
        slow = [enqueue(setup, f"slow-{number}", silent) for number in range(6)]
        fast = [enqueue(setup, f"fast-{number}", setup.url) for number in range(24)]
        waiting += slow + fast
        ended: list[Run] = []

        def work() -> None:
            while waiting and len([run for run in ended if run in fast]) < len(fast):
                run = waiting.pop(0)
                played = process.retrieval.run(run.id)
                assert played is not None
                ended.extend([run] if played.ended_at is not None else [])

        with ThreadPoolExecutor(2) as places:
            for done in [places.submit(work) for _ in range(2)]:
                done.result(30)
        let_go.set()
    assert len(ended) == 24
    with setup.store.read() as c:
        assert {run.state for run in (runs.by_id(c, one.id) for one in slow) if run} == {RunState.WAITING}


def enqueue(setup: Setup, name: str, url: str) -> Run:
    made = setup.connect(name=name, url=url)
    with setup.store.begin() as c:
        return runs.enqueue(c, made.id, RunCause.SCHEDULE, clock.now())
