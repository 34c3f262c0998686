"""Tickets: what an answer may overwrite, what a run still has to check, and what pages list."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from service.rules.age import cutoff
from service.rules.tickets import JiraStatus, Ticket
from service.store import integrations, retrieved, runs, tickets
from service.store.database import Store, open_store
from service.store.retrieved import Answer, Applied
from service.store.runs import Run
from tests.service.store.shelf import (
    DONE,
    LEASE,
    NOW,
    SECOND,
    TO_DO,
    add_integration,
    add_resource,
    add_run,
    add_ticket,
    add_violation,
    answer,
    at_once,
    faulty,
    healthy,
)

LATER = NOW + timedelta(minutes=10)
YEAR_AGO = cutoff(NOW)


def found(c: Connection, ticket: Ticket) -> Ticket:
    again = tickets.by_id(c, ticket.id)
    assert again is not None
    return again


def due(c: Connection, run: Run, after_id: int = 0, limit: int = 100) -> list[str]:
    assert run.cutoff is not None
    page = tickets.batch_due(c, run.integration_id, run.id, cutoff=run.cutoff, after_id=after_id, limit=limit)
    return [ticket.key for ticket in page]


def apply_batch(c: Connection, run: Run, answers: Iterable[Answer], asked_at: datetime = NOW) -> Applied | None:
    return retrieved.apply_batch(c, run, list(answers), asked_at=asked_at, lease_until=LEASE)


def test_a_new_ticket_has_no_status_yet(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
    with store.read() as c:
        assert found(c, made) == made
    assert (made.key, made.status, made.epoch, made.refreshed_at, made.deleted_at) == ("SEC-1", None, 0, None, None)


def test_recording_an_issue_twice_hands_back_the_first_ticket(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        again = tickets.insert(
            c,
            violation_id=made.violation_id,
            integration_id=made.integration_id,
            issue_id="10001",
            key="X-1",
            created_at=LATER,
        )
    assert again == made


def test_the_same_issue_id_may_exist_in_two_jiras(store: Store) -> None:
    with store.begin() as c:
        first = add_ticket(c, add_integration(c, name="a"), 1)
        second = add_ticket(c, add_integration(c, name="b"), 1)
        assert first.id != second.id
        assert tickets.by_ids(c, [second.id, first.id]) == [first, second]
        assert tickets.by_issue_ids(c, first.integration_id, ["10001", "10002"]) == {"10001": first}


def test_an_answer_brings_status_key_project_and_times(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        moved = answer(made, DONE, updated=NOW - SECOND, key="TEST-9", project_id="10000")
        assert retrieved.apply(c, [moved], LATER, epoch=1) == Applied(checked=1, changed=1, stale=())
        assert found(c, made) == replace(
            made,
            key="TEST-9",
            project_id="10000",
            status=DONE,
            epoch=1,
            refreshed_at=LATER,
            issue_updated_at=NOW - SECOND,
        )


def test_the_same_answer_again_changes_only_when_it_was_asked_for(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        retrieved.apply(c, [answer(made)], NOW, epoch=1)
        before = found(c, made)
        assert retrieved.apply(c, [answer(made)], LATER, epoch=2) == Applied(checked=1, changed=0, stale=())
        assert found(c, made) == replace(before, refreshed_at=LATER, epoch=2)


def test_a_renamed_status_is_a_change_and_a_comment_is_none(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        retrieved.apply(c, [answer(made)], NOW, epoch=1)
        commented = answer(made, updated=NOW + SECOND)
        renamed = answer(made, replace(TO_DO, name="Zu erledigen"), updated=NOW + SECOND)
        assert retrieved.apply(c, [commented], LATER, epoch=1).changed == 0
        assert retrieved.apply(c, [renamed], LATER, epoch=1).changed == 1


@pytest.mark.parametrize(
    ("updated", "asked_at", "is_strong", "wins"),
    [
        (NOW + SECOND, NOW + SECOND, False, True),
        (NOW + SECOND, NOW - SECOND, False, True),  # asked earlier, but Jira says it is the newer state
        (NOW, NOW, False, True),
        (NOW, NOW + SECOND, False, True),
        (NOW, NOW - SECOND, False, False),
        (NOW - SECOND, NOW + SECOND, False, False),  # the index lags
        (NOW - SECOND, NOW + SECOND, True, True),  # a Jira restored from a backup
        (NOW - SECOND, NOW - SECOND, True, False),
    ],
)
def test_an_older_answer_never_overwrites_a_newer_one(
    store: Store, updated: datetime, asked_at: datetime, is_strong: bool, wins: bool
) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        retrieved.apply(c, [answer(made, TO_DO)], NOW, epoch=1)
        before = found(c, made)
        second = answer(made, DONE, updated=updated, is_strong=is_strong)
        retrieved.apply(c, [second], asked_at, epoch=1)
        after = found(c, made)
    assert (after.status, after.refreshed_at) == ((DONE, asked_at) if wins else (before.status, before.refreshed_at))


def test_a_late_answer_of_an_older_epoch_takes_no_ticket_back_into_it(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        retrieved.apply(c, [answer(made)], NOW, epoch=2)
        retrieved.apply(c, [answer(made, DONE, updated=LATER)], LATER, epoch=1)
        assert (found(c, made).epoch, found(c, made).status) == (2, DONE)


def test_a_deleted_ticket_is_never_written_to_again(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        assert retrieved.delete(c, [made.id], NOW) == [made.id]
        assert retrieved.delete(c, [made.id], LATER) == []
        assert retrieved.apply(c, [answer(made)], LATER, epoch=1) == Applied(checked=0, changed=0, stale=())
        assert found(c, made) == replace(made, deleted_at=NOW)


def test_refreshes_that_cross_keep_the_newest_answer(store: Store) -> None:
    with store.begin() as c:
        made = [add_ticket(c, integration, number) for integration in [add_integration(c)] for number in range(1, 11)]
    versions = [JiraStatus(str(number), f"Status {number}", "new") for number in range(8)]

    def refresh(number: int) -> None:
        at = NOW + number * SECOND
        answers = [answer(ticket, versions[number], updated=at) for ticket in made]
        with store.begin() as c:
            retrieved.apply(c, answers[:: 1 if number % 2 else -1], at, epoch=1)

    at_once(refresh, times=len(versions))
    with store.read() as c:
        assert {ticket.status for ticket in tickets.by_ids(c, [one.id for one in made])} == {versions[-1]}


def test_a_run_is_handed_what_it_has_not_checked_and_nothing_else(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        listed = [add_ticket(c, made, number) for number in range(1, 7)]
        add_ticket(c, made, 7, created_at=YEAR_AGO - timedelta(microseconds=1))
        add_ticket(c, made, 8, created_at=YEAR_AGO)
        add_ticket(c, add_integration(c, name="another"), 9)
        retrieved.delete(c, [listed[0].id], NOW)
        run = add_run(c, made)
        assert run.total == 6
        assert due(c, run, limit=3) == ["SEC-2", "SEC-3", "SEC-4"]
        assert due(c, run, after_id=listed[3].id) == ["SEC-5", "SEC-6", "SEC-8"]
        apply_batch(c, run, [answer(listed[2])])
        assert due(c, run) == ["SEC-2", "SEC-4", "SEC-5", "SEC-6", "SEC-8"]
        runs.finish(c, run, runs.RunState.COMPLETE, None, NOW)
        assert due(c, add_run(c, made)) == ["SEC-2", "SEC-3", "SEC-4", "SEC-5", "SEC-6", "SEC-8"]


def test_a_batch_is_counted_with_its_tickets_and_no_answer_twice(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        listed = [add_ticket(c, made, number) for number in range(1, 4)]
        run = add_run(c, made)
        first = apply_batch(c, run, [answer(listed[0]), answer(listed[1], DONE), answer(listed[0])])
        assert first == Applied(checked=2, changed=2, stale=())
        assert apply_batch(c, run, [answer(ticket) for ticket in listed]) == Applied(checked=1, changed=1, stale=())
        counted = runs.by_id(c, run.id)
    assert counted is not None
    assert (counted.checked, counted.changed, counted.requests) == (3, 3, 2)


def test_a_run_sees_a_status_that_was_renamed_although_the_issue_was_not_updated(store: Store) -> None:
    with store.begin() as c:
        made = add_ticket(c, add_integration(c), 1)
        retrieved.apply(c, [answer(made)], NOW, epoch=1)
        run = add_run(c, integrations.all(c)[0])
        renamed = replace(TO_DO, name="Backlog")
        assert apply_batch(c, run, [answer(made, renamed)], LATER) == Applied(checked=1, changed=1, stale=())
        assert found(c, made).status == renamed


def test_a_run_that_is_told_what_is_known_notes_the_time_unless_a_later_one_is_known(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        listed = [add_ticket(c, made, number) for number in (1, 2)]
        retrieved.apply(c, [answer(listed[0])], NOW, epoch=1)
        retrieved.apply(c, [answer(listed[1])], LATER, epoch=1)
        asked_at = NOW + SECOND
        told = [answer(ticket) for ticket in listed]
        assert apply_batch(c, add_run(c, made), told, asked_at) == Applied(checked=2, changed=0, stale=())
        assert [found(c, ticket).refreshed_at for ticket in listed] == [asked_at, LATER]


def test_a_run_writes_nothing_to_a_ticket_that_was_deleted_meanwhile(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        ticket = add_ticket(c, made, 1)
        retrieved.apply(c, [answer(ticket)], NOW, epoch=1)
        run = add_run(c, made)
        retrieved.delete(c, [ticket.id], NOW)
        assert apply_batch(c, run, [answer(ticket)], LATER) == Applied(checked=0, changed=0, stale=())
        assert found(c, ticket).refreshed_at == NOW


def test_a_lagging_answer_is_handed_back_unless_a_newer_one_came_in_this_epoch(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        listed = [add_ticket(c, made, number) for number in (1, 2)]
        retrieved.apply(c, [answer(ticket, DONE) for ticket in listed], NOW, epoch=1)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        integrations.record_verdict(c, made.id, healthy(), NOW)
        run = add_run(c, made)
        retrieved.apply(c, [answer(listed[1], DONE, updated=NOW + SECOND)], NOW, epoch=2)
        lagging = [answer(ticket, TO_DO, updated=NOW - SECOND) for ticket in listed]
        assert apply_batch(c, run, lagging, LATER) == Applied(checked=1, changed=0, stale=(listed[0].id,))
        assert due(c, run) == ["SEC-1"]
        assert found(c, listed[1]).status == DONE


def test_a_run_that_is_to_stop_writes_nothing(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        ticket = add_ticket(c, made, 1)
        run = add_run(c, made)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        assert apply_batch(c, run, [answer(ticket)]) is None
        assert retrieved.delete_batch(c, run, [ticket.id], now=NOW, lease_until=LEASE) is None
        assert found(c, ticket) == ticket


def test_a_run_counts_what_it_found_deleted(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        listed = [add_ticket(c, made, number) for number in (1, 2)]
        run = add_run(c, made)
        gone = retrieved.delete_batch(c, run, [listed[0].id], now=LATER, lease_until=LEASE, requests=3)
        counted = runs.by_id(c, run.id)
        assert gone == [listed[0].id]
        assert found(c, listed[0]).deleted_at == LATER
        assert due(c, run) == ["SEC-2"]
    assert counted is not None
    assert (counted.checked, counted.deleted, counted.requests) == (1, 1, 3)


def test_the_projects_that_must_be_browsable_are_those_of_tickets_still_refreshed(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        listed = [add_ticket(c, made, number) for number in range(1, 5)]  # the last one's project is not named yet
        old = add_ticket(c, made, 5, created_at=YEAR_AGO - SECOND)
        retrieved.apply(c, [answer(listed[0]), answer(listed[1], key="OPS-7", project_id="10002")], NOW, epoch=1)
        retrieved.apply(c, [answer(listed[2], project_id="10003"), answer(old, project_id="10004")], NOW, epoch=1)
        retrieved.delete(c, [listed[2].id], NOW)
        projects = tickets.projects_refreshed(c, made.id, YEAR_AGO)
    assert sorted(projects, key=str) == [("10001", "SEC"), ("10002", "OPS"), (None, "SEC")]


def test_the_leading_ticket_is_the_latest_created(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        latest = add_ticket(c, made, 1, created_at=NOW)
        twin = add_ticket(c, made, 2, created_at=NOW)
        older = add_ticket(c, made, 3, created_at=NOW - SECOND)
        without = add_violation(c, add_resource(c), issue_id="XRAY-2")
        assert tickets.by_violation(c, latest.violation_id) == [twin, latest, older]
        assert tickets.leading(c, [latest.violation_id, without]) == {latest.violation_id: twin}


def test_the_tickets_of_an_integration_come_in_pages_the_newest_first(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        for number in range(1, 6):
            add_ticket(c, made, number)
        add_ticket(c, add_integration(c, name="another"), 6)
        total, page = tickets.by_integration(c, made.id, limit=2, offset=1)
    assert (total, [ticket.key for ticket in page]) == (5, ["SEC-4", "SEC-3"])


def test_the_tickets_of_many_integrations_are_counted_at_once(store: Store) -> None:
    with store.begin() as c:
        first, second, empty = (add_integration(c, name=name) for name in ("jira-1", "jira-2", "jira-3"))
        for number in range(3):
            add_ticket(c, first, number)
        deleted = add_ticket(c, second, 9)
        retrieved.delete(c, [deleted.id], NOW)
        assert tickets.totals(c, [first.id, second.id, empty.id]) == {first.id: 3, second.id: 1}


def test_the_instants_of_a_ticket_are_in_utc(store: Store) -> None:
    with store.begin() as c:
        assert add_ticket(c, add_integration(c), 1).created_at.tzinfo is UTC


def test_a_hidden_ticket_keeps_what_is_known_and_comes_back_with_the_next_sight(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        seen, told = (add_ticket(c, made, number) for number in (1, 2))
        retrieved.apply(c, [answer(seen), answer(told)], NOW, epoch=1)
        run = add_run(c, made)
        both = [seen.id, told.id]
        assert retrieved.hide_batch(c, run, both, asked_at=NOW + SECOND, lease_until=LEASE, requests=2) == 2
        counted = runs.by_id(c, run.id)
        assert (found(c, seen).hidden_at, found(c, seen).status) == (NOW + SECOND, TO_DO)
        assert due(c, run) == []
        runs.finish(c, run, runs.RunState.COMPLETE, None, NOW)

        again = add_run(c, made)
        assert due(c, again) == ["SEC-1", "SEC-2"], "it is asked for with each run"
        answers = [answer(seen), answer(told, DONE, updated=LATER)]
        assert apply_batch(c, again, answers, asked_at=LATER) == Applied(checked=2, changed=1, stale=())
        assert [found(c, one).hidden_at for one in (seen, told)] == [None, None]
    assert counted is not None
    assert (counted.checked, counted.deleted, counted.requests) == (2, 0, 2)


def test_the_later_look_decides_whether_a_ticket_is_hidden(store: Store) -> None:
    with store.begin() as c:
        ticket = add_ticket(c, add_integration(c), 1)
        retrieved.apply(c, [answer(ticket)], LATER, epoch=1)
        retrieved.hide(c, [ticket.id], NOW)
        assert found(c, ticket).hidden_at is None
        retrieved.hide(c, [ticket.id], LATER + SECOND)
        assert retrieved.apply(c, [answer(ticket)], LATER, epoch=1).stale == ()
        assert found(c, ticket).hidden_at == LATER + SECOND
        retrieved.hide(c, [ticket.id], LATER)
        assert found(c, ticket).hidden_at == LATER + SECOND
        retrieved.apply(c, [answer(ticket)], LATER + 2 * SECOND, epoch=1)
        assert found(c, ticket).hidden_at is None


def test_a_lagging_answer_does_not_bring_a_hidden_ticket_back(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        ticket = add_ticket(c, made, 1)
        retrieved.apply(c, [answer(ticket, DONE)], NOW, epoch=1)
        retrieved.hide(c, [ticket.id], NOW)
        lagging = answer(ticket, TO_DO, updated=NOW - SECOND)
        assert apply_batch(c, add_run(c, made), [lagging], LATER) == Applied(checked=0, changed=0, stale=(ticket.id,))


def test_a_deleted_ticket_is_never_hidden(store: Store) -> None:
    with store.begin() as c:
        ticket = add_ticket(c, add_integration(c), 1)
        retrieved.delete(c, [ticket.id], NOW)
        retrieved.hide(c, [ticket.id], LATER)
        assert found(c, ticket).hidden_at is None


def test_whether_an_issue_carries_a_level_follows_each_answer(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        ticket = add_ticket(c, made, 1)
        retrieved.apply(c, [answer(ticket)], NOW, epoch=1)
        guarded = answer(ticket, is_guarded=True)
        for expected, told in ((True, guarded), (True, guarded), (False, answer(ticket))):
            run = add_run(c, made)
            assert apply_batch(c, run, [told], LATER) == Applied(checked=1, changed=0, stale=())
            assert found(c, ticket).is_guarded is expected
            runs.finish(c, run, runs.RunState.COMPLETE, None, NOW)


@pytest.mark.parametrize("mark", ["hidden", "deleted"])
def test_marking_tickets_takes_them_in_the_order_in_which_answers_do(postgresql_url: str, mark: str) -> None:
    """Or a run and a refresh that mark the same tickets would each wait for the other until one is refused."""
    store = open_store(postgresql_url, migrate=False)
    with store.begin() as c:
        made = add_integration(c)
        first, second = add_ticket(c, made, 1), add_ticket(c, made, 2)
        retrieved.apply(c, [answer(first)], NOW, 1)  # the first now lies behind the second
        c.execute(text("ANALYZE tickets"))  # so small a table is read as it lies

    def marks() -> None:
        with store.begin() as other:
            ids = [first.id, second.id]
            retrieved.hide(other, ids, LATER) if mark == "hidden" else retrieved.delete(other, ids, LATER)

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as c:
            retrieved.apply(c, [answer(first, DONE, LATER)], LATER, 1)
            marked = pool.submit(marks)
            while not c.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                assert not marked.done()
            retrieved.apply(c, [answer(second, DONE, LATER)], LATER, 1)
        marked.result(10)
    store.close()
