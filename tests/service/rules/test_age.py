"""[ticket-status, safeguard 1] Only tickets created within the last year are refreshed; R13 says what a year is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.age import cutoff, is_still_refreshed

INSTANTS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "year_ago"),
    [
        (datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC), datetime(2025, 3, 1, 12, 30, 15, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, 0, 0, tzinfo=UTC), datetime(2027, 2, 28, 12, 0, 0, tzinfo=UTC)),
        (datetime(2029, 2, 28, 12, 0, 0, tzinfo=UTC), datetime(2028, 2, 28, 12, 0, 0, tzinfo=UTC)),
        (datetime(2029, 3, 1, 0, 0, 0, tzinfo=UTC), datetime(2028, 3, 1, 0, 0, 0, tzinfo=UTC)),
        (datetime(2028, 3, 1, 0, 0, 0, tzinfo=UTC), datetime(2027, 3, 1, 0, 0, 0, tzinfo=UTC)),
        (datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_year_ago_is_the_same_date_that_instant_included(now: datetime, year_ago: datetime) -> None:
    assert cutoff(now) == year_ago
    assert is_still_refreshed(year_ago, now)
    assert not is_still_refreshed(year_ago - timedelta(seconds=1), now)
    assert not is_still_refreshed(year_ago - TICK, now)


def test_a_ticket_of_29_february_is_refreshed_through_28_february_to_its_second() -> None:
    created = datetime(2028, 2, 29, 12, 0, 0, tzinfo=UTC)
    assert is_still_refreshed(created, datetime(2029, 2, 28, 23, 59, 59, tzinfo=UTC))
    assert not is_still_refreshed(created, datetime(2029, 3, 1, 0, 0, 0, tzinfo=UTC))


@given(INSTANTS)
def test_a_year_has_365_or_366_days(now: datetime) -> None:
    assert now - cutoff(now) in {timedelta(days=365), timedelta(days=366)}


@given(INSTANTS, INSTANTS, INSTANTS)
def test_a_ticket_that_has_grown_too_old_stays_too_old(created: datetime, first: datetime, second: datetime) -> None:
    earlier, later = sorted([first, second])
    assert is_still_refreshed(created, earlier) or not is_still_refreshed(created, later)
