"""[status-check] The words of a verdict; R2: every cause has a sentence that says what to do."""

from datetime import UTC, datetime

import pytest

from service.rules.health import TRANSIENT, Health, Outcome, verdict

AT = datetime(2026, 3, 1, tzinfo=UTC)
FAULTS = [outcome for outcome in Outcome if outcome is not Outcome.OK]


def test_the_statuses_are_the_documented_ones() -> None:
    documented = "HEALTHY_INTEGRATION, INTEGRATION_NOT_FOUND, INTERNAL_SERVER_ERROR, FAULTY_CONFIGURATION"
    assert {health.value for health in Health} == set(documented.split(", "))


def test_a_good_answer_is_healthy_in_the_documented_words() -> None:
    good = verdict(Outcome.OK, AT)
    assert (good.health, good.at) == (Health.HEALTHY, AT)
    assert good.reason == "Integration is healthy and operational."


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.SERVER_ERROR])
def test_trouble_with_the_connection_has_the_documented_reason(outcome: Outcome) -> None:
    assert verdict(outcome, AT).reason == "The system is unable to connect to Jira."


@pytest.mark.parametrize("outcome", FAULTS)
def test_everything_else_is_faulty_and_said_in_sentences(outcome: Outcome) -> None:
    found = verdict(outcome, AT)
    assert found.health is Health.FAULTY
    assert found.reason.endswith(".")
    assert found.reason[0].isupper()


def test_causes_that_need_different_deeds_have_different_sentences() -> None:
    connection = {Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.SERVER_ERROR}
    others = [verdict(outcome, AT).reason for outcome in FAULTS if outcome not in connection]
    assert len(set(others)) == len(others)


def test_hidden_projects_are_named() -> None:
    assert "cannot browse SEC, OPS, which" in verdict(Outcome.PROJECT_HIDDEN, AT, ("SEC", "OPS")).reason


def test_a_refused_credential_is_not_trouble_that_passes() -> None:
    assert not TRANSIENT & {Outcome.OK, Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN, Outcome.PROJECT_HIDDEN}
