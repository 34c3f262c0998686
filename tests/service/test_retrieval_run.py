"""One run: what it asks, what it stores, and how it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

from service import clock
from service.rules.display import Because
from service.rules.health import CANNOT_CONNECT, Health, Outcome, verdict
from service.store import integrations, runs
from service.store.runs import RunState
from tests.service.conftest import MYSELF, SEARCH, Setup, frozen

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_run_brings_every_status(setup: Setup) -> None:
    todo, done = setup.tickets(2)
    setup.jira.transition(done.key, "Done")
    run = setup.retrieve()
    assert (run.state, run.total, run.checked, run.changed) == (RunState.COMPLETE, 2, 2, 2)
    assert [setup.status(todo), setup.status(done)] == ["To Do", "Done"]
    assert setup.shown(done).category == "done"


def test_a_run_asks_for_a_hundred_tickets_at_a_time_and_once_who_we_are(setup: Setup) -> None:
    setup.tickets(250)
    run = setup.retrieve()
    assert (setup.asked(), setup.asked(MYSELF), run.requests) == (4, 1, 4)
    assert setup.integration.settled_epoch == setup.integration.epoch


def test_a_run_without_tickets_is_complete(setup: Setup) -> None:
    assert setup.retrieve().state is RunState.COMPLETE


def test_the_key_follows_a_moved_issue(setup: Setup) -> None:
    ticket = setup.ticket()
    moved_to = setup.jira.move(ticket.key, "SEC")
    setup.retrieve()
    assert setup.again(ticket).key == moved_to
    assert setup.again(ticket).project_id == "10001"


def test_tickets_older_than_a_year_are_not_asked_for(setup: Setup) -> None:
    with frozen(MARCH):
        inside = setup.ticket(created=datetime(2025, 3, 1, tzinfo=UTC))
        outside = setup.ticket(created=datetime(2025, 2, 28, 23, 59, 59, tzinfo=UTC))
        run = setup.retrieve()
        assert run.total == 1
        assert setup.status(inside) == "To Do"
        assert setup.again(outside).refreshed_at is None


def test_the_year_is_counted_from_the_start_of_the_run(setup: Setup) -> None:
    with frozen(MARCH) as time:
        setup.ticket(created=datetime(2025, 3, 1, tzinfo=UTC))
        setup.jira.fault("unavailable", operation=MYSELF, times=1)
        assert setup.retrieve().state is RunState.WAITING
        time.advance(seconds=30)
        assert setup.retrieve().checked == 1


# deletion (R14)


def test_a_deleted_ticket_shows_unknown_and_is_never_asked_for_again(setup: Setup) -> None:
    kept, deleted = setup.tickets(2)
    setup.retrieve()
    setup.jira.delete(deleted.key)
    run = setup.retrieve()
    assert (run.state, run.checked, run.deleted) == (RunState.COMPLETE, 2, 1)
    assert (setup.status(kept), setup.status(deleted)) == ("To Do", "Unknown")
    assert setup.shown(deleted).because is Because.DELETED
    setup.jira.restore_issue(deleted.key)
    assert setup.retrieve().total == 1
    assert setup.status(deleted) == "Unknown"


def test_deletions_are_confirmed_together(setup: Setup) -> None:
    found = setup.tickets(300)
    for ticket in found[::50]:
        setup.jira.delete(ticket.key)
    run = setup.retrieve()
    singles, proofs, levels = 6, 4, 2
    assert (run.deleted, run.requests) == (6, 1 + 3 + singles + proofs + levels)


def test_a_dead_token_costs_no_ticket(setup: Setup) -> None:
    found = setup.tickets(3)
    setup.retrieve()
    setup.expire_token()
    run = setup.retrieve()
    assert (run.state, run.deleted) == (RunState.FAILED, 0)
    assert run.reason is not None
    assert "API token" in run.reason
    assert setup.integration.health == Health.FAULTY
    assert {setup.status(ticket) for ticket in found} == {"Unknown"}
    setup.jira.clear()
    setup.verification.verify(setup.integration.id)
    setup.work.work_off()
    assert {setup.status(ticket) for ticket in found} == {"To Do"}


def test_a_token_that_dies_during_the_confirmation_costs_no_ticket(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    setup.jira.delete(ticket.key)
    setup.jira.fault("login_page", operation=MYSELF, after=2)
    with frozen(MARCH):
        assert setup.retrieve().deleted == 0
    assert setup.again(ticket).deleted_at is None


def test_a_lost_permission_is_no_deletion_and_the_sentence_names_the_project(setup: Setup) -> None:
    seen, hidden = setup.ticket(), setup.ticket(project="SEC")
    setup.retrieve()
    setup.jira.fault("lost_permission", user="admin@example.com", project="SEC")
    run = setup.retrieve()
    assert run.state is RunState.FAILED
    assert run.reason is not None
    assert "SEC" in run.reason
    assert (setup.again(seen).deleted_at, setup.again(hidden).deleted_at) == (None, None)
    assert setup.integration.health == Health.FAULTY


def test_a_lost_permission_on_a_project_that_was_never_seen_is_no_deletion(setup: Setup) -> None:
    ticket = setup.ticket(project="SEC")
    setup.jira.fault("lost_permission", user="admin@example.com", project="SEC")
    run = setup.retrieve()
    assert run.state is RunState.FAILED
    assert "SEC" in str(run.reason)
    assert setup.again(ticket).deleted_at is None


def test_one_id_that_fails_a_whole_search_costs_the_others_nothing(setup: Setup) -> None:
    setup.jira.settings(enhanced_missing_key="reject")
    kept, deleted = setup.tickets(2)
    setup.jira.delete(deleted.key)
    run = setup.retrieve()
    assert (run.state, run.checked, run.deleted) == (RunState.COMPLETE, 2, 1)
    assert setup.status(kept) == "To Do"


def test_a_lagging_index_takes_no_status_back(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.settings(index_delay=3600)
    setup.jira.transition(ticket.key, "Done")
    setup.retrieval.refresh_ticket(ticket.id)
    assert setup.status(ticket) == "Done"
    setup.retrieve()
    assert setup.status(ticket) == "Done"


def test_an_issue_that_the_index_does_not_hold_yet_is_read_singly(setup: Setup) -> None:
    setup.jira.settings(index_delay=3600)
    ticket = setup.ticket()
    assert setup.retrieve().checked == 1
    assert setup.status(ticket) == "To Do"


def test_in_a_new_epoch_a_lagging_index_is_not_believed(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    setup.jira.settings(index_delay=3600)
    setup.jira.transition(ticket.key, "Done")
    setup.retrieval.refresh_ticket(ticket.id)
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
        integrations.set_enabled(c, setup.integration.id, True)
    run = setup.retrieve()
    assert run.checked == 1
    assert setup.status(ticket) == "Done"


# trouble (R11)


def play_until_it_ends(setup: Setup, waits: list[float]) -> None:
    """Lets time pass from wait to wait until the run has ended; notes the waits in seconds."""
    with frozen(MARCH) as time:
        run = setup.retrieve()
        while run.ended_at is None:
            now = setup.work.next_due()
            assert now is not None
            waits.append((run.resume_at - datetime.now(UTC)).total_seconds())
            time.move_to(run.resume_at)
            setup.work.work_off()
            run = setup.history()[0]


def test_trouble_is_waited_out_and_breaks_nothing(setup: Setup) -> None:
    setup.tickets(150)
    setup.jira.fault("unavailable", operation=SEARCH, times=6)  # two, two, one, one: fewer at a time after trouble
    waits: list[float] = []
    play_until_it_ends(setup, waits)
    run = setup.history()[0]
    assert (run.state, run.checked) == (RunState.COMPLETE, 150)
    assert setup.integration.broken_since is None
    for wait, doubling in zip(waits, (2, 4, 8, 16), strict=True):
        assert 0.7 * doubling <= wait <= 1.3 * doubling


def test_when_the_retries_are_spent_the_integration_is_broken(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.fault("unavailable", operation=SEARCH)
    waits: list[float] = []
    play_until_it_ends(setup, waits)
    run = setup.history()[0]
    assert len(waits) == 4
    assert (run.state, run.reason) == (RunState.FAILED, CANNOT_CONNECT)
    assert setup.integration.health == Health.FAULTY
    assert setup.status(ticket) == "Unknown"


def test_one_batch_that_never_works_does_not_hide_behind_others_that_do(setup: Setup) -> None:
    setup.tickets(500)
    setup.jira.fault("unavailable", operation=SEARCH, every=2)
    waits: list[float] = []
    play_until_it_ends(setup, waits)
    assert setup.history()[0].checked >= 200


def test_the_wait_is_never_shorter_than_retry_after(setup: Setup) -> None:
    setup.tickets(2)
    for retry_after, sent_as in ((90, "seconds"), (300, "date")):
        setup.jira.fault("rate_limit", retry_after=retry_after, retry_after_as=sent_as, times=1)
        waits: list[float] = []
        play_until_it_ends(setup, waits)
        assert len(waits) == 1
        assert retry_after <= waits[0] <= 1.1 * retry_after + 1
        assert setup.history()[0].state is RunState.COMPLETE


def test_a_login_page_is_waited_out(setup: Setup) -> None:
    setup.tickets(2)
    setup.jira.fault("login_page", times=1)
    play_until_it_ends(setup, [])
    assert setup.history()[0].state is RunState.COMPLETE


def test_a_short_wait_is_sat_out_in_place(setup: Setup) -> None:
    patient = setup.process(patience=60.0)
    setup.ticket()
    setup.jira.fault("reset", times=1)
    run = patient.retrieve()
    assert (run.state, run.checked) == (RunState.COMPLETE, 1)


def test_an_answer_that_does_not_come_is_asked_for_again(setup: Setup) -> None:
    hasty = setup.process(read_seconds=0.2)
    hasty.ticket()
    setup.jira.fault("timeout", operation=MYSELF, times=1)
    with frozen(MARCH):
        run = hasty.retrieve()
    assert (run.state, run.failures) == (RunState.WAITING, 1)


# going on (R10)


def test_a_run_that_was_given_back_goes_on_with_what_it_had_not_checked(setup: Setup) -> None:
    setup.tickets(500)
    setup.jira.fault("unavailable", operation=SEARCH, after=3, times=1)
    with frozen(MARCH) as time:
        first = setup.retrieve()
        assert first.state is RunState.WAITING
        assert 300 <= first.checked < 500
        time.move_to(first.resume_at)
        setup.jira.clear_journal()
        second = setup.retrieve()
    assert (second.id, second.state, second.checked) == (first.id, RunState.COMPLETE, 500)
    assert setup.asked(SEARCH) == (500 - first.checked) // 100


def test_a_second_worker_finds_the_run_already_claimed(setup_on_both: Setup) -> None:
    run = setup_on_both.enqueue()
    with setup_on_both.store.begin() as c:
        now = run.resume_at
        assert runs.claim(c, run.id, "another", now + timedelta(seconds=30), now) is not None
    assert setup_on_both.retrieval.run(run.id) is None
    assert setup_on_both.asked() == 0


def test_a_run_whose_owner_fell_silent_goes_on_elsewhere(setup_on_both: Setup) -> None:
    setup = setup_on_both
    setup.tickets(3)
    run = setup.enqueue()
    with setup.store.begin() as c:
        start = run.resume_at
        assert runs.claim(c, run.id, "dead", start + timedelta(seconds=30), start) is not None
    with frozen(datetime.now(UTC) + timedelta(seconds=31)):
        played = setup.retrieval.run(run.id)
    assert played is not None
    assert (played.state, played.checked) == (RunState.COMPLETE, 3)


def test_an_owner_that_lost_its_run_writes_nothing_more(setup_on_both: Setup) -> None:
    setup = setup_on_both
    setup.tickets(3)
    run = setup.enqueue()
    stolen = []

    def steal() -> float:
        with setup.store.begin() as c:
            later = run.resume_at + timedelta(hours=1)
            stolen.append(runs.claim(c, run.id, "another", later + timedelta(seconds=30), later))
        return 0.5

    setup.jira.fault("unavailable", operation=MYSELF, times=1)
    played = setup.process(patience=60.0, jitter=steal).retrieval.run(run.id)
    assert stolen[0] is not None
    assert played is not None
    assert (played.owner, played.state, played.checked) == ("another", RunState.RUNNING, 0)


def test_a_stopped_process_gives_its_run_back_at_once(setup: Setup) -> None:
    patient = setup.process(patience=1000.0)
    setup.ticket()
    setup.jira.fault("rate_limit", retry_after=900, times=1)
    patient.retrieval.stop()
    run = patient.retrieve()
    assert run.state is RunState.WAITING
    assert setup.retrieve().state is RunState.COMPLETE


# the toggle, removal, a new epoch


def test_a_run_of_an_integration_switched_off_ends_without_a_request(setup: Setup) -> None:
    setup.ticket()
    run = setup.enqueue()
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
    played = setup.retrieval.run(run.id)
    assert played is not None
    assert (played.state, setup.asked()) == (RunState.CANCELLED, 0)


def test_a_run_of_an_earlier_epoch_is_superseded_without_a_request(setup: Setup) -> None:
    run = setup.enqueue()
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
        integrations.set_enabled(c, setup.integration.id, True)
    played = setup.retrieval.run(run.id)
    assert played is not None
    assert (played.state, setup.asked()) == (RunState.SUPERSEDED, 0)


def test_a_run_notices_at_its_next_batch_that_it_was_switched_off(setup: Setup) -> None:
    setup.tickets(100)
    run = setup.enqueue()

    def switch_off() -> float:
        with setup.store.begin() as c:
            integrations.set_enabled(c, setup.integration.id, False)
        return 0.0

    setup.jira.fault("reset", operation=SEARCH, times=1)
    played = setup.process(patience=60.0, jitter=switch_off).retrieval.run(run.id)
    assert played is not None
    assert (played.state, played.checked) == (RunState.CANCELLED, 0)


def test_a_run_of_a_broken_integration_verifies_first(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.expire_token()
    setup.retrieve()
    setup.jira.clear_journal()
    assert setup.retrieve().state is RunState.FAILED
    assert setup.asked(SEARCH) == 0
    setup.jira.clear()
    assert setup.retrieve().state is RunState.COMPLETE
    assert setup.status(ticket) == "To Do"


def test_a_credential_that_cannot_be_opened_fails_the_run_and_says_why(setup: Setup) -> None:
    setup.ticket()
    with setup.store.begin() as c:
        integrations.set_credential(c, setup.integration.id, b"sealed with another key")
    run = setup.retrieve()
    assert run.state is RunState.FAILED
    assert "another key" in str(run.reason)


def test_doubts_are_not_pressed_on_a_jira_that_wants_a_rest(setup: Setup) -> None:
    """R11: one 429 ends the single reads; the others are made after the wait that it asked for."""
    for ticket in setup.tickets(60):
        setup.jira.delete(ticket.issue_id)
    setup.jira.fault("rate_limit", operation="getIssue", retry_after=600)
    assert setup.retrieve().state is RunState.WAITING
    assert setup.asked("getIssue") <= setup.settings.requests_in_flight


def test_a_run_that_is_cancelled_from_outside_stops_at_its_next_step(
    setup: Setup, logged: list[tuple[str, dict[str, Any]]]
) -> None:
    ticket = setup.ticket()
    run = setup.enqueue()

    def cancel() -> float:
        with setup.store.begin() as c:
            runs.cancel(c, setup.integration.id, "It was cancelled.", clock.now())
        return 0.0

    setup.jira.fault("reset", operation=MYSELF, times=1)
    played = setup.process(patience=60.0, jitter=cancel).retrieval.run(run.id)
    assert played is not None
    assert (played.state, played.reason, setup.asked(SEARCH)) == (RunState.CANCELLED, "It was cancelled.", 0)
    assert {event for event, _ in logged} == {"run.started", "run.waits", "run.stopped"}
    assert setup.retrieval.run(run.id) is None
    assert setup.retrieve().id != run.id
    assert setup.status(ticket) == "To Do"


def test_what_a_machine_with_a_fast_clock_has_stored_hides_no_status_after_a_recovery(setup: Setup) -> None:
    """A few seconds are allowed; the run of the new epoch must not take all that it reads for older than that."""
    ticket = setup.ticket()
    with frozen(datetime.now(UTC) + timedelta(seconds=3)):
        setup.retrieve()
    for outcome in (Outcome.UNREACHABLE, Outcome.OK):
        setup.verification.record(setup.integration.id, verdict(outcome, clock.now()))
    run = setup.retrieve()
    assert (run.state, run.checked, setup.status(ticket)) == (RunState.COMPLETE, 1, "To Do")
