"""Runs: one unfinished at a time, leases, counts, endings."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.store import integrations, runs
from service.store.database import Store, open_store
from service.store.runs import Run, RunCause, RunState
from tests.service.store.shelf import (
    LEASE,
    NOW,
    SECOND,
    add_integration,
    add_run,
    add_ticket,
    at_once,
    faulty,
    healthy,
    in_transactions,
    reread,
)

LATER = NOW + timedelta(minutes=10)


def test_an_unfinished_run_of_the_same_epoch_is_used_again_with_its_cause(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        first = runs.enqueue(c, made.id, RunCause.SCHEDULE, NOW)
        assert runs.enqueue(c, made.id, RunCause.MANUAL, LATER) == first
        assert (first.cause, first.state, first.epoch, first.resume_at) == (RunCause.SCHEDULE, RunState.WAITING, 1, NOW)
        assert runs.unfinished(c, made.id) == first


def test_an_unfinished_run_of_an_older_epoch_is_superseded(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        old = runs.enqueue(c, made.id, RunCause.SCHEDULE, NOW)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        integrations.record_verdict(c, made.id, healthy(), NOW)
        new = runs.enqueue(c, made.id, RunCause.RECOVERED, LATER)
        ended = runs.by_id(c, old.id)
        assert (new.epoch, new.cause) == (2, RunCause.RECOVERED)
        assert runs.history(c, made.id, 5) == [new, ended]
        assert runs.last(c, [made.id]) == {made.id: new}
    assert ended is not None
    assert (ended.state, ended.ended_at) == (RunState.SUPERSEDED, LATER)


def test_many_callers_enqueue_one_run(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
    found = in_transactions(store, lambda c: runs.enqueue(c, made.id, RunCause.SCHEDULE, NOW), times=8)
    assert len(set(found)) == 1


def test_of_many_workers_one_claims_a_run(store: Store) -> None:
    with store.begin() as c:
        run = runs.enqueue(c, add_integration(c).id, RunCause.SCHEDULE, NOW)
    claims = at_once(lambda number: claim_as(store, run, f"worker-{number}"), times=8)
    assert len([claim for claim in claims if claim is not None]) == 1


def claim_as(store: Store, run: Run, owner: str) -> Run | None:
    with store.begin() as c:
        return runs.claim(c, run.id, owner, LEASE, NOW)


def test_a_finished_run_makes_room_for_another(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        run = add_run(c, made)
        assert runs.finish(c, run, RunState.FAILED, "Jira is away.", LATER)
        ended = runs.by_id(c, run.id)
        assert runs.enqueue(c, made.id, RunCause.MANUAL, LATER).id != run.id
    assert ended is not None
    assert (ended.state, ended.reason, ended.ended_at, ended.owner) == (RunState.FAILED, "Jira is away.", LATER, None)


def test_a_claimed_run_is_not_to_be_had_until_its_lease_ends(store: Store) -> None:
    with store.begin() as c:
        run = add_run(c, add_integration(c))
        assert (run.owner, run.lease_until, run.started_at) == ("worker-1", LEASE, NOW)
        assert runs.claim(c, run.id, "worker-2", LATER, LEASE - SECOND) is None
        assert runs.due(c, LEASE - SECOND) == []
        assert runs.next_due(c) == LEASE
        assert [one.id for one in runs.due(c, LEASE)] == [run.id]
        taken = runs.claim(c, run.id, "worker-2", LATER, LEASE)
        assert taken is not None
        assert (taken.owner, taken.started_at, taken.cutoff) == ("worker-2", NOW, run.cutoff)
        assert not runs.renew(c, run, LATER)
        assert not runs.wait(c, run, LATER, 1)
        assert not runs.finish(c, run, RunState.COMPLETE, None, LATER)
        assert runs.renew(c, taken, LATER)


def test_the_first_claim_fixes_the_year_and_counts_the_tickets(store: Store) -> None:
    leap_day = datetime(2028, 2, 29, 12, 0, 0, tzinfo=UTC)
    edge = datetime(2027, 2, 28, 12, 0, 0, tzinfo=UTC)
    with store.begin() as c:
        made = add_integration(c)
        add_ticket(c, made, 1, created_at=edge - SECOND)
        add_ticket(c, made, 2, created_at=edge)
        run = add_run(c, made, now=leap_day)
        assert (run.cutoff, run.total) == (edge, 1)
        add_ticket(c, made, 3, created_at=leap_day)
        runs.wait(c, run, leap_day + SECOND, 1)
        again = runs.claim(c, run.id, "worker-2", LATER, leap_day + SECOND)
    assert again is not None
    assert (again.cutoff, again.total, again.failures) == (edge, 1, 1)


def test_a_waiting_run_is_due_when_its_wait_is_over(store: Store) -> None:
    with store.begin() as c:
        run = add_run(c, add_integration(c))
        assert runs.wait(c, run, LATER, 3)
        assert runs.next_due(c) == LATER
        assert runs.claim(c, run.id, "worker-2", LATER, LATER - SECOND) is None
        taken = runs.claim(c, run.id, "worker-2", LATER + 30 * SECOND, LATER)
    assert taken is not None
    assert taken.failures == 3


def test_counts_add_up(store: Store) -> None:
    with store.begin() as c:
        run = add_run(c, add_integration(c))
        assert runs.progress(c, run, LATER, checked=100, changed=7, requests=1)
        assert runs.progress(c, run, LATER, checked=3, deleted=1, requests=4)
        found = runs.by_id(c, run.id)
    assert found is not None
    assert (found.checked, found.changed, found.deleted, found.requests, found.lease_until) == (103, 7, 1, 5, LATER)


@pytest.mark.parametrize("event", ["broken", "off", "off and on", "removed"])
def test_a_run_is_to_stop_when_its_integration_has_moved_on(store: Store, event: str) -> None:
    with store.begin() as c:
        made = add_integration(c)
        run = add_run(c, made)
        if event == "broken":
            integrations.record_verdict(c, made.id, faulty(), NOW)
        elif event == "removed":
            integrations.remove(c, made.id, NOW)
        else:
            integrations.set_enabled(c, made.id, on=False)
        if event == "off and on":
            integrations.set_enabled(c, made.id, on=True)
        assert not runs.progress(c, run, LATER, checked=1)
        assert not runs.renew(c, run, LATER)


def test_only_a_complete_run_settles_its_epoch(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        runs.finish(c, add_run(c, made), RunState.FAILED, "x", LATER)
        assert reread(c, made).settled_epoch == 0
        runs.finish(c, add_run(c, made), RunState.COMPLETE, None, LATER)
        assert reread(c, made).settled_epoch == 1


def test_a_run_cannot_be_complete_after_a_break_and_settles_nothing(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        run = add_run(c, made)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        assert runs.finish(c, run, RunState.COMPLETE, None, LATER) is None
        assert reread(c, made).settled_epoch == 0


def test_nothing_is_due_without_runs(store: Store) -> None:
    with store.begin() as c:
        assert (runs.next_due(c), runs.due(c, LATER), runs.last(c, [1]), runs.unfinished(c, 1)) == (None, [], {}, None)
        assert not runs.cancel(c, 1, "x", NOW)


def test_a_run_that_ends_while_its_integration_is_switched_off_holds_nobody_up(postgresql_url: str) -> None:
    """Both want the integration and the run: in one order, or each would wait for the other until one is refused."""
    store = open_store(postgresql_url, migrate=False)
    with store.begin() as c:
        made = add_integration(c)
        run = add_run(c, made)

    def finish() -> Run | None:
        with store.begin() as other:
            return runs.finish(other, run, RunState.COMPLETE, None, NOW)

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as c:
            assert integrations.set_enabled(c, made.id, False)
            finished = pool.submit(finish)
            while not c.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                pass
            assert runs.cancel(c, made.id, "Retrieval was switched off.", NOW)
        assert finished.result(10) is None
    store.close()
