"""What the Ticket Status column says: the safeguards and the toggle, sentence by sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.display import UNKNOWN, Because, Shown, shown
from service.rules.tickets import EpochCause, Integration, JiraStatus, Ticket

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
YEAR_AGO = datetime(2025, 3, 1, 12, 0, 0, tzinfo=UTC)
REFRESHED = NOW - timedelta(hours=1)
DONE = JiraStatus("10003", "Done", "done")

INTEGRATION = Integration(
    id=1,
    name="jira-1",
    installation_type="cloud",
    auth_type="basic",
    username="admin@example.com",
    client_id="",
    cloud_id=None,
    url="https://jira.example.com",
    skip_proxy=False,
    retrieve_tickets=True,
    epoch=1,
    epoch_cause=EpochCause.CREATED,
    settled_epoch=0,
    health=None,
    health_reason=None,
    checked_at=None,
    broken_since=None,
    next_run_at=NOW,
    next_probe_at=None,
    created_at=YEAR_AGO,
    created_version="3.140.0",
    removed_at=None,
)
TICKET = Ticket(
    id=1,
    violation_id=1,
    integration_id=1,
    issue_id="10001",
    key="SEC-1",
    project_id="10001",
    created_at=NOW - timedelta(days=30),
    status=DONE,
    epoch=1,
    refreshed_at=REFRESHED,
    issue_updated_at=REFRESHED,
    deleted_at=None,
)
NEVER = replace(TICKET, status=None, epoch=0, refreshed_at=None, issue_updated_at=None)
OLD = replace(TICKET, created_at=YEAR_AGO - timedelta(seconds=1))

BROKEN = replace(INTEGRATION, epoch=2, epoch_cause=EpochCause.BROKEN, broken_since=NOW, settled_epoch=1)
RECOVERED = replace(BROKEN, broken_since=None)
SETTLED = replace(RECOVERED, settled_epoch=2)
OFF = replace(INTEGRATION, retrieve_tickets=False)
ON_AGAIN = replace(INTEGRATION, epoch=2, epoch_cause=EpochCause.ENABLED, settled_epoch=1)
REMOVED = replace(INTEGRATION, removed_at=NOW)

IN_USE = st.sampled_from([INTEGRATION, BROKEN, RECOVERED, SETTLED, OFF, ON_AGAIN])
ANY = st.one_of(IN_USE, st.just(REMOVED))
TICKETS = st.sampled_from([replace(t, deleted_at=d) for t in (TICKET, NEVER, OLD) for d in (None, NOW)])


def says(ticket: Ticket, integration: Integration, now: datetime = NOW) -> tuple[str | None, Because]:
    found = shown(ticket, integration, now)
    return found.status, found.because


def test_a_retrieved_status_is_shown_with_its_category_and_time() -> None:
    assert shown(TICKET, INTEGRATION, NOW) == Shown("Done", "done", Because.CURRENT, REFRESHED)


def test_a_ticket_that_was_never_retrieved_shows_nothing_yet() -> None:
    assert shown(NEVER, INTEGRATION, NOW) == Shown(None, None, Because.AWAITING, None)


def test_a_ticket_older_than_a_year_keeps_its_last_known_status() -> None:
    edge = replace(TICKET, created_at=YEAR_AGO)
    assert says(edge, INTEGRATION) == ("Done", Because.CURRENT)
    assert says(edge, INTEGRATION, NOW + timedelta(seconds=1)) == ("Done", Because.LAST_KNOWN)
    assert says(OLD, INTEGRATION) == ("Done", Because.LAST_KNOWN)


def test_a_ticket_deleted_from_jira_is_unknown() -> None:
    deleted = replace(TICKET, deleted_at=NOW)
    assert shown(deleted, INTEGRATION, NOW) == Shown(UNKNOWN, None, Because.DELETED, REFRESHED)


@pytest.mark.parametrize("ticket", [TICKET, NEVER, OLD])
def test_while_the_integration_is_broken_every_ticket_is_unknown(ticket: Ticket) -> None:
    assert says(ticket, BROKEN) == (UNKNOWN, Because.BROKEN)


def test_after_the_recovery_each_ticket_is_unknown_until_it_is_refreshed() -> None:
    assert says(TICKET, RECOVERED) == (UNKNOWN, Because.BROKEN)
    assert says(replace(TICKET, epoch=2), RECOVERED) == ("Done", Because.CURRENT)
    assert says(TICKET, SETTLED) == (UNKNOWN, Because.BROKEN)


def test_tickets_refreshed_no_more_come_back_once_the_run_has_ended() -> None:
    assert says(OLD, RECOVERED) == (UNKNOWN, Because.BROKEN)
    assert says(OLD, SETTLED) == ("Done", Because.LAST_KNOWN)
    assert says(replace(NEVER, created_at=OLD.created_at), SETTLED) == (None, Because.LAST_KNOWN)


@given(TICKETS)
def test_a_removed_integration_is_a_broken_one_for_its_tickets(ticket: Ticket) -> None:
    assert says(ticket, REMOVED) == (UNKNOWN, Because.REMOVED)
    assert says(ticket, replace(REMOVED, retrieve_tickets=False)) == (UNKNOWN, Because.REMOVED)


@given(TICKETS)
def test_switched_off_nothing_is_shown(ticket: Ticket) -> None:
    assert shown(ticket, OFF, NOW) == Shown(None, None, Because.DISABLED, None)
    assert says(ticket, replace(BROKEN, retrieve_tickets=False)) == (None, Because.DISABLED)


def test_switched_on_again_a_status_is_shown_only_once_it_was_retrieved_anew() -> None:
    assert says(TICKET, ON_AGAIN) == (None, Because.AWAITING)
    assert says(OLD, ON_AGAIN) == (None, Because.AWAITING)
    assert says(replace(TICKET, epoch=2), ON_AGAIN) == ("Done", Because.CURRENT)
    assert says(OLD, replace(ON_AGAIN, settled_epoch=2)) == ("Done", Because.LAST_KNOWN)


@given(TICKETS, IN_USE)
def test_a_name_is_shown_only_with_its_category_and_never_for_a_deleted_ticket(
    ticket: Ticket, integration: Integration
) -> None:
    found = shown(ticket, integration, NOW)
    assert (found.category is not None) == (found.status not in (None, UNKNOWN))
    if ticket.deleted_at is not None:
        assert found.status in (None, UNKNOWN)


@given(TICKETS, ANY)
def test_what_is_shown_never_depends_on_the_verdict_word_only_on_the_break(
    ticket: Ticket, integration: Integration
) -> None:
    reworded = replace(integration, health="FAULTY_CONFIGURATION", health_reason="x", checked_at=NOW)
    assert shown(ticket, integration, NOW) == shown(ticket, reworded, NOW)
