"""The refresh button: the status of a second ago, and the safeguards all the same (3.5, R12)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from service import clock
from service.retrieval import RefreshOutcome, TicketOutcome
from service.retrieval.refresh import BUSY
from service.rules.health import Health
from service.store import integrations
from service.store.runs import RunCause
from tests.service.conftest import SEARCH, Setup, frozen


def refresh(setup: Setup, violation_id: int) -> dict[str, TicketOutcome]:
    return {outcome.ticket.key: outcome for outcome in setup.retrieval.refresh(violation_id)}


def test_it_sees_a_transition_that_the_index_does_not(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.settings(index_delay=3600)
    setup.jira.transition(ticket.key, "Done")
    outcome = refresh(setup, ticket.violation_id)[ticket.key]
    assert (outcome.outcome, outcome.reason) == (RefreshOutcome.REFRESHED, None)
    assert outcome.ticket.status is not None
    assert outcome.ticket.status.name == "Done"
    assert setup.asked() == 1


def test_more_tickets_than_one_search_can_reconcile_take_several(setup: Setup) -> None:
    found = setup.tickets(120)
    outcomes = refresh(setup, found[0].violation_id)
    assert {outcome.outcome for outcome in outcomes.values()} == {RefreshOutcome.REFRESHED}
    assert (len(outcomes), setup.asked()) == (120, 3)


def test_a_deleted_ticket_is_found_out_and_then_not_asked_for(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.delete(ticket.key)
    assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.DELETED
    setup.jira.clear_journal()
    setup.jira.restore_issue(ticket.key)
    again = refresh(setup, ticket.violation_id)[ticket.key]
    assert again.outcome is RefreshOutcome.DELETED
    assert again.reason is not None
    assert (setup.asked(), setup.status(ticket)) == (0, "Unknown")


def test_a_ticket_older_than_a_year_is_not_asked_for(setup: Setup) -> None:
    with frozen(datetime(2028, 2, 29, tzinfo=UTC)) as time:
        ticket = setup.ticket(created=datetime(2027, 2, 28, tzinfo=UTC))
        assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.REFRESHED
        time.advance(days=1, seconds=1)
        setup.jira.clear_journal()
        assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.OLDER_THAN_A_YEAR
    assert setup.asked() == 0


def test_while_retrieval_is_off_nothing_is_asked(setup: Setup) -> None:
    ticket = setup.ticket()
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
    assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.RETRIEVAL_DISABLED
    assert setup.asked() == 0


def test_a_ticket_of_a_removed_integration_cannot_be_refreshed(setup: Setup) -> None:
    ticket = setup.ticket()
    with setup.store.begin() as c:
        integrations.remove(c, setup.integration.id, clock.now())
    outcome = refresh(setup, ticket.violation_id)[ticket.key]
    assert outcome.outcome is RefreshOutcome.FAILED
    assert "removed" in str(outcome.reason)


def test_a_dead_token_fails_the_refresh_breaks_the_integration_and_deletes_nothing(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    setup.expire_token()
    outcome = refresh(setup, ticket.violation_id)[ticket.key]
    assert outcome.outcome is RefreshOutcome.FAILED
    assert "API token" in str(outcome.reason)
    assert outcome.ticket.deleted_at is None
    assert setup.integration.health == Health.FAULTY
    assert setup.status(ticket) == "Unknown"


def test_a_lost_permission_fails_the_refresh_and_deletes_nothing(setup: Setup) -> None:
    seen, hidden = setup.ticket(), setup.ticket(project="SEC")
    setup.jira.fault("lost_permission", user="admin@example.com", project="SEC")
    assert "SEC" in str(refresh(setup, hidden.violation_id)[hidden.key].reason)
    assert setup.integration.broken_since is not None
    assert setup.again(seen).deleted_at is None


def test_while_broken_it_verifies_first_and_a_recovery_is_seen_at_once(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.expire_token()
    setup.verification.verify(setup.integration.id)
    assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.FAILED
    assert setup.asked(SEARCH) == 0
    setup.jira.clear()
    assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.REFRESHED
    assert setup.status(ticket) == "To Do"
    assert [run.cause for run in setup.history()] == [RunCause.RECOVERED]


def test_one_lost_answer_fails_the_refresh_and_breaks_nothing(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.fault("reset", times=1)
    assert refresh(setup, ticket.violation_id)[ticket.key].outcome is RefreshOutcome.FAILED
    assert setup.integration.health == Health.HEALTHY


def test_a_rate_limit_fails_the_refresh_and_breaks_nothing(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.fault("rate_limit")
    outcome = refresh(setup, ticket.violation_id)[ticket.key]
    assert "rate limit" in str(outcome.reason)
    assert setup.integration.broken_since is None
    assert setup.asked() == 1


def test_a_violation_without_tickets_has_no_outcomes(setup: Setup) -> None:
    assert setup.retrieval.refresh(setup.violation()) == []
    assert setup.retrieval.refresh_ticket(99) is None


def test_the_leading_ticket_comes_first(setup: Setup) -> None:
    older = setup.tickets(3)
    assert [outcome.ticket.id for outcome in setup.retrieval.refresh(older[0].violation_id)] == [
        ticket.id for ticket in reversed(older)
    ]


def test_an_answer_that_was_asked_for_earlier_does_not_overwrite_it(setup_on_both: Setup) -> None:
    setup = setup_on_both
    ticket = setup.ticket()
    setup.jira.settings(index_delay=3600)
    setup.jira.transition(ticket.key, "Done")
    setup.retrieval.refresh_ticket(ticket.id)
    with frozen(datetime.now(UTC) - timedelta(hours=1)):
        setup.retrieve()
    assert setup.status(ticket) == "Done"


def test_people_who_wait_for_a_jira_that_hangs_leave_threads_to_everybody_else(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.fault("timeout", times=1)
    process = setup.process(threads=5)  # four of them are left alone
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(process.retrieval.refresh, ticket.violation_id)
        while not setup.jira.faults()[0]["hits"]:
            pass
        [refused] = process.retrieval.refresh(ticket.violation_id)
        assert (refused.outcome, refused.reason) == (RefreshOutcome.FAILED, BUSY)
        assert len(waits.result(20)) == 1
    [refreshed] = process.retrieval.refresh(ticket.violation_id)
    assert refreshed.outcome is RefreshOutcome.REFRESHED
