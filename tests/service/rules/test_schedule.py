"""[ticket-status] Every 8 hours; R8: catching up once, without drift. R15: a probe every five minutes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.rules.schedule import RETRIEVAL_PERIOD, first_run, next_probe, next_run

DUE = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
LATENESS = st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=1000))


def test_statuses_are_retrieved_every_eight_hours() -> None:
    assert timedelta(hours=8) == RETRIEVAL_PERIOD
    assert first_run(DUE) == DUE + timedelta(hours=8)


def test_a_run_taken_up_in_time_or_late_is_followed_eight_hours_after_it_was_due() -> None:
    assert next_run(DUE, DUE) == DUE + timedelta(hours=8)
    assert next_run(DUE, DUE + timedelta(minutes=17)) == DUE + timedelta(hours=8)
    assert next_run(DUE, DUE + timedelta(hours=8) - timedelta(microseconds=1)) == DUE + timedelta(hours=8)


def test_after_a_downtime_the_next_run_lies_ahead_and_on_the_old_beat() -> None:
    assert next_run(DUE, DUE + timedelta(hours=8)) == DUE + timedelta(hours=16)
    assert next_run(DUE, DUE + timedelta(hours=30)) == DUE + timedelta(hours=32)


@given(LATENESS)
def test_the_next_run_is_the_first_of_the_beat_that_lies_ahead(lateness: timedelta) -> None:
    now = DUE + lateness
    following = next_run(DUE, now)
    assert (following - DUE) % RETRIEVAL_PERIOD == timedelta(0)
    assert following > max(now, DUE)
    assert following - max(now, DUE) <= RETRIEVAL_PERIOD


def test_a_broken_jira_is_tried_again_in_five_minutes() -> None:
    assert next_probe(DUE) == DUE + timedelta(minutes=5)
