"""A history that is not true is told as a scenario that fails when it is replayed, and for the same reason."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scenarios.loading import read
from scenarios.runner import play_all
from scenarios.stage import frozen_clock
from service.rules import display
from service.rules.display import Shown
from service.rules.tickets import Integration, Ticket
from service.web import answers
from tests.truth.histories import BEGINNINGS, DAY, SECOND, FirstTicket, History
from tests.truth.player import play
from tests.truth.stage import Theatre

HOURS = timedelta(hours=8)
TICKET = FirstTicket("In Progress", DAY, "SEC", 0)
DELETED = History(
    "cloud",
    BEGINNINGS[0],
    (TICKET, replace(TICKET, project="TEST")),
    0,
    ((("second", 0), SECOND), (("transition", 1, "Done"), SECOND), (("delete", 0), HOURS)),
)


def without_safeguard_2(ticket: Ticket, integration: Integration, now: datetime) -> Shown:
    """The rule of display, but that what was deleted goes on showing its last status."""
    return display.shown(replace(ticket, deleted_at=None, hidden_at=None), integration, now)


@pytest.fixture
def told(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """The scenario of a deletion, as told by a history that met a service without the second safeguard."""
    monkeypatch.setattr(answers, "shown", without_safeguard_2)
    folder = tmp_path_factory.mktemp("truth")
    with (
        frozen_clock() as clock,
        closing(Theatre(clock, folder)) as theatre,
        pytest.raises(AssertionError) as failed,
    ):
        play(theatre, DELETED)
    return "# yaml-language-server" + str(failed.value).partition("# yaml-language-server")[2]


def test_a_history_that_is_not_true_fails_again_as_a_scenario(told: str) -> None:
    (result,) = play_all(read(told, "found.yaml"))
    assert result.failure is not None
    assert [(found.what, found.expected, found.seen) for found in result.failure.differences] == [
        ("SEC-1: status", "Unknown", "In Progress")
    ]


def test_what_no_step_says_is_told_in_a_remark(told: str) -> None:
    assert "# viewer@example.com makes jira-connection-2, and v0 gets a ticket of it: no step says that" in told


def test_the_scenario_passes_once_the_rule_is_mended(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (result,) = play_all(read(told, "found.yaml"))
    assert result.passed, result.failure
