"""R11: waits double up to a limit, are spread, and never undercut Retry-After. [jira 7.1]"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.backoff import are_spent, wait

FAILURES = st.integers(min_value=1, max_value=200)
JITTERS = st.floats(min_value=0, max_value=1, exclude_max=True)
RETRY_AFTERS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2))


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (6, 30), (100, 30)])
def test_waits_double_from_two_seconds_up_to_thirty(failures: int, seconds: int) -> None:
    assert wait(failures, None, jitter=0.5) == timedelta(seconds=seconds)


@given(FAILURES, JITTERS)
def test_a_wait_is_spread_over_seven_to_thirteen_tenths(failures: int, jitter: float) -> None:
    middle = wait(failures, None, jitter=0.5)
    assert middle * 0.699 <= wait(failures, None, jitter) <= middle * 1.301


@given(FAILURES, RETRY_AFTERS, JITTERS)
def test_retry_after_is_never_undercut_and_jitter_goes_above_it(
    failures: int, retry_after: timedelta, jitter: float
) -> None:
    waited = wait(failures, retry_after, jitter)
    assert waited >= retry_after
    assert waited >= wait(failures, None, jitter)
    assert waited <= max(retry_after * 1.1 + timedelta(microseconds=1), wait(failures, None, jitter))


def test_after_four_retries_there_is_nothing_left_to_try() -> None:
    assert [are_spent(failures) for failures in range(1, 7)] == [False, False, False, False, True, True]
