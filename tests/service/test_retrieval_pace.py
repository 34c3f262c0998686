"""How many requests are in flight: fewer when Jira groans, more again when it is calm (R11)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from service.jira.answers import JiraAnswer, is_near_limit
from service.retrieval.pace import Pace
from service.rules.health import Outcome
from service.store.runs import RunState
from tests.service.conftest import SEARCH, Setup, frozen

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def hear(pace: Pace, *answers: JiraAnswer[Any]) -> int:
    for answer in answers:
        pace.keep(lambda answer=answer: answer)  # type: ignore[misc]
    return pace.limit


GOOD: JiraAnswer[Any] = JiraAnswer(Outcome.OK)
NEAR: JiraAnswer[Any] = JiraAnswer(Outcome.OK, is_near_limit=True)


@pytest.mark.parametrize("groan", [JiraAnswer(Outcome.RATE_LIMITED), JiraAnswer(Outcome.TIMEOUT), NEAR])
def test_it_is_halved_and_never_less_than_one(groan: JiraAnswer[Any]) -> None:
    pace = Pace(8)
    assert [hear(pace, groan) for _ in range(5)] == [4, 2, 1, 1, 1]


def test_it_grows_one_by_one_and_not_beyond_what_is_allowed() -> None:
    pace = Pace(4)
    hear(pace, JiraAnswer(Outcome.RATE_LIMITED), JiraAnswer(Outcome.RATE_LIMITED))
    assert [hear(pace, GOOD) for _ in range(8)] == [2, 2, 3, 3, 3, 4, 4, 4]


def test_other_trouble_changes_nothing() -> None:
    assert hear(Pace(4), JiraAnswer(Outcome.SERVER_ERROR), JiraAnswer(Outcome.UNREACHABLE)) == 4


def test_what_was_in_flight_together_groans_once() -> None:
    pace = Pace(8)

    def while_another(ask: Callable[[], JiraAnswer[Any]]) -> JiraAnswer[Any]:
        pace.keep(ask)
        return JiraAnswer(Outcome.RATE_LIMITED)

    pace.keep(lambda: while_another(lambda: JiraAnswer(Outcome.RATE_LIMITED)))
    assert pace.limit == 4


def test_a_run_that_goes_on_after_trouble_begins_with_fewer() -> None:
    assert [Pace(4, failures).limit for failures in range(4)] == [4, 2, 1, 1]


def test_after_trouble_a_run_sends_fewer_at_a_time(setup: Setup) -> None:
    setup.tickets(600)
    setup.jira.fault("timeout", operation=SEARCH)  # so that the journal shows what is in flight together
    hasty = setup.process(read_seconds=0.3)
    in_flight = []
    with frozen(MARCH) as time:
        for _ in range(3):
            run = hasty.retrieve()
            in_flight.append(setup.asked(SEARCH))
            setup.jira.clear_journal()
            time.move_to(run.resume_at)
        setup.jira.clear()
        run = hasty.retrieve()
    assert in_flight == [4, 2, 1]
    assert (run.state, run.checked) == (RunState.COMPLETE, 600)


@pytest.mark.parametrize(
    ("headers", "is_near"),
    [
        ({}, False),
        ({"X-RateLimit-NearLimit": "true"}, True),
        ({"X-RateLimit-NearLimit": "false"}, False),
        ({"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "70"}, False),
        ({"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "69"}, True),
        ({"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0"}, True),
        ({"X-RateLimit-Limit": "-1", "X-RateLimit-Remaining": "9223372036854775807"}, False),
        ({"X-RateLimit-Remaining": "0"}, False),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "none"}, False),
        ({"X-RateLimit-Limit": "5²", "X-RateLimit-Remaining": "²"}, False),
    ],
)
def test_a_jira_tells_when_little_is_left(headers: dict[str, str], is_near: bool) -> None:
    """[jira 7.1, 7.2]"""
    assert is_near_limit(headers) is is_near
