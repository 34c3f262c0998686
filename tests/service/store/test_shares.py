"""Shares of a run: cut once, each held by one hand at a time, free again when that hand falls silent."""

import pytest
from sqlalchemy import Connection

from service.store import integrations, runs, shares, tickets
from service.store.database import Store
from service.store.runs import Run, RunCause, RunState
from service.store.shares import Share
from service.store.tickets import LAST_ID
from tests.service.store.shelf import LEASE, NOW, SECOND, add_integration, add_run, add_ticket, at_once, faulty

OVER = LEASE + SECOND
LATER = OVER + 30 * SECOND


def a_cut_run(c: Connection, count: int = 7, size: int = 3) -> Run:
    """A run over that many tickets in shares of `size`, its owner `worker-1`."""
    made = add_integration(c)
    other = add_integration(c, name="another")
    for number in range(count):
        add_ticket(c, made, number)
        add_ticket(c, other, number)
    run = add_run(c, made)
    shares.cut(c, run.id, made.id, size)
    return run


def take_all(c: Connection, run: Run) -> list[Share]:
    taken = []
    while (share := shares.claim(c, run.id, "worker-1", LEASE, NOW)) is not None:
        taken.append(share)
    return taken


def test_every_ticket_is_in_one_share_and_those_that_are_made_later_in_the_last(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        cut = take_all(c, run)
        assert run.cutoff is not None
        sizes = [
            len(
                tickets.batch_due(
                    c, run.integration_id, run.id, cutoff=run.cutoff, after_id=one.after_id, last_id=one.last_id
                )
            )
            for one in cut
        ]
    assert sizes == [3, 3, 1]
    assert [one.after_id for one in cut] == [0, *(one.last_id for one in cut[:-1])]
    assert cut[-1].last_id == LAST_ID


def test_a_run_is_cut_once(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        shares.cut(c, run.id, run.integration_id, 1)
        assert (shares.left(c, run.id), shares.exist(c, run.id)) == (3, True)
        shares.drop(c, run.id)
        assert (shares.left(c, run.id), shares.exist(c, run.id)) == (0, False)


def test_of_many_hands_each_gets_another_share(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c, count=12)

    def take(number: int) -> Share | None:
        with store.begin() as c:
            return shares.claim(c, run.id, f"hand-{number}", LEASE, NOW)

    taken = [share for share in at_once(take, times=8) if share is not None]
    assert sorted(share.number for share in taken) == [0, 1, 2, 3, 4]


def test_a_share_is_free_again_when_it_is_given_back_or_its_hand_fell_silent(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c, count=2)
        first = shares.claim(c, run.id, "hand-1", LEASE, NOW)
        assert first is not None
        assert shares.claim(c, run.id, "hand-2", LEASE, NOW) is None
        shares.release(c, first)
        second = shares.claim(c, run.id, "hand-2", LEASE, NOW)
        assert second is not None
        shares.release(c, first)  # no longer its own to give
        assert shares.claim(c, run.id, "hand-3", LEASE, NOW) is None
        shares.renew(c, second, OVER)
        assert shares.claim(c, run.id, "hand-3", LEASE, LEASE) is None
        third = shares.claim(c, run.id, "hand-3", LATER, OVER)
        assert third is not None
        assert shares.admitted(c, second) is None
        shares.end(c, second, OVER)
        assert shares.left(c, run.id) == 1
        shares.end(c, third, OVER)
        assert shares.left(c, run.id) == 0


def test_only_a_run_in_hand_is_joined_by_so_many_and_they_begin_when_they_are_let(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c, count=12)
        assert shares.claim(c, run.id, "worker-1", LEASE, NOW) is not None
        first = shares.join(c, run.id, "helper-1", LEASE, NOW, most=2)
        assert first is not None
        assert (shares.admitted(c, first), shares.helpers(c, run.id, "worker-1", NOW)) == (False, [False])
        second = shares.join(c, run.id, "helper-2", LEASE, NOW, most=2)
        assert second is not None
        shares.admit(c, run.id, "worker-1", 1, NOW)
        assert shares.admitted(c, first) is False, "room was made for one, and there are two"
        shares.admit(c, run.id, "worker-1", 2, NOW)
        assert shares.helpers(c, run.id, "worker-1", NOW) == [True, True]
        assert shares.join(c, run.id, "helper-3", LEASE, NOW, most=2) is None
        assert shares.join(c, run.id, "helper-3", LATER, OVER, most=2) is None, "its owner has not been heard of"
        runs.wait(c, run, NOW, 0)
        assert shares.join(c, run.id, "helper-3", LEASE, NOW, most=9) is None


def test_a_helper_counts_for_the_run_as_long_as_it_holds_its_share(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        share = shares.join(c, run.id, "helper-1", LEASE, NOW, most=2)
        assert share is not None
        assert runs.progress(c, run, LATER, checked=3, share=share)
        counted = runs.by_id(c, run.id)
        assert counted is not None
        assert (counted.checked, counted.lease_until) == (3, LEASE), "a helper does not keep its owner alive"
        shares.release(c, share)
        assert not runs.progress(c, run, LATER, checked=3, share=share)


def test_an_owner_that_lost_its_run_counts_nothing_for_its_share(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        share = shares.claim(c, run.id, "worker-1", LATER, NOW)
        assert share is not None
        assert runs.renew(c, run, LEASE, share=share)
        assert runs.claim(c, run.id, "worker-2", LATER, OVER) is not None
        assert not runs.progress(c, run, LATER, checked=3, share=share)


def test_a_helper_stops_when_the_run_has_ended_or_its_integration_moved_on(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        share = shares.join(c, run.id, "helper-1", LEASE, NOW, most=2)
        assert share is not None
        assert runs.goes_on(c, run)
        integrations.set_enabled(c, run.integration_id, False)
        assert (runs.goes_on(c, run), runs.progress(c, run, LEASE, share=share)) == (False, False)
        integrations.set_enabled(c, run.integration_id, True)
        assert not runs.goes_on(c, run), "another epoch"
    with store.begin() as c:
        other = add_run(c, add_integration(c, name="third"))
        shares.cut(c, other.id, other.integration_id, 3)
        share = shares.join(c, other.id, "helper-1", LEASE, NOW, most=2)
        assert share is not None
        assert runs.fail(c, other.id, "Jira is away.", NOW)
        assert not runs.fail(c, other.id, "Jira is away.", NOW)
        assert (runs.goes_on(c, other), runs.progress(c, other, LEASE, share=share)) == (False, False)


@pytest.mark.parametrize("end", ["finished", "cancelled", "failed", "superseded", "removed"])
def test_the_shares_of_a_run_are_forgotten_however_it_ends(store: Store, end: str) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        if end == "finished":
            runs.finish(c, run, RunState.COMPLETE, None, NOW)
        elif end == "cancelled":
            runs.cancel(c, run.integration_id, "It was cancelled.", NOW)
        elif end == "failed":
            runs.fail(c, run.id, "x", NOW)
        elif end == "superseded":
            integrations.record_verdict(c, run.integration_id, faulty(), NOW)
            runs.enqueue(c, run.integration_id, RunCause.MANUAL, NOW)
        else:
            integrations.remove(c, run.integration_id, NOW)
        assert not shares.exist(c, run.id)


def test_who_lost_a_run_does_not_take_its_shares_away(store: Store) -> None:
    with store.begin() as c:
        run = a_cut_run(c)
        assert runs.claim(c, run.id, "worker-2", LATER, OVER) is not None
        assert runs.finish(c, run, RunState.COMPLETE, None, OVER) is None
        assert shares.left(c, run.id) == 3
