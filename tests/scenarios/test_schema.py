"""The shape of a story names what the fake Jira and the service really have, no more and no less."""

from dataclasses import fields
from typing import Any

import pytest

from fake_jira.app import create_app
from fake_jira.control import Fake
from fake_jira.faults.base import json_name
from fake_jira.faults.catalogue import FAULTS
from fake_jira.worlds import Switches, Worlds
from scenarios import actions, checking, deeds, expectations, loading, signing_in
from service.retrieval import RefreshOutcome
from service.rules.authentication import OFFERED, STATUS_SCOPES, TICKET_SCOPES, Auth, Installation
from service.rules.display import Because
from service.store.runs import RunCause, RunState


def part(name: str) -> dict[str, Any]:
    found: dict[str, Any] = checking.schema()["$defs"][name]
    return found


def test_its_faults_are_those_of_the_fake() -> None:
    assert set(part("fault_name")["enum"]) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_the_fields_of_a_fault_are_those_of_the_fake(name: str) -> None:
    (rule,) = [rule for rule in part("fault")["allOf"] if name in rule["if"]["properties"]["fault"]["enum"]]
    assert set(rule["then"]["propertyNames"]["enum"]) == {
        "fault",
        *(json_name(one.name) for one in fields(FAULTS[name])),
    }


def test_its_operations_are_those_of_the_fake() -> None:
    state = Fake(Worlds(), "cloud")
    create_app(state)
    assert set(part("operation")["enum"]) == set(state.operations)


def test_its_settings_are_those_of_the_fake() -> None:
    assert set(part("settings")["properties"]) == {one.name for one in fields(Switches)}


def test_its_words_are_those_of_the_service() -> None:
    expect = part("expect")["properties"]
    assert set(part("because")["enum"]) == set(Because)
    assert set(expect["outcomes"]["additionalProperties"]["enum"]) == set(RefreshOutcome)
    run = expect["runs"]["items"]["properties"]
    assert set(run["cause"]["enum"]) == set(RunCause)
    assert set(run["state"]["enum"]) == set(RunState)


def test_its_deeds_in_jira_and_its_words_for_a_person_are_played() -> None:
    branches = [branch for branch in part("jira_action")["oneOf"] if "required" in branch]
    in_line = {"transition", "move"}
    assert {branch["required"][0] for branch in branches} - in_line == set(deeds.VERBS)
    words = [branch["enum"] for branch in part("service")["oneOf"] if "enum" in branch]
    assert [set(each) for each in words] == [set(actions.WORDS)]


def test_it_offers_what_the_service_offers() -> None:
    installations = {"cloud": Installation.CLOUD, "data-center": Installation.SERVER}
    assert {name: set(ways) for name, ways in loading.OFFERED.items()} == {
        name: set(OFFERED[installation]) for name, installation in installations.items()
    }
    assert set(part("given")["properties"]["jira"]["enum"]) == set(loading.OFFERED)
    assert set(part("given")["properties"]["authentication"]["enum"]) == set(Auth)


def test_an_app_is_given_the_scopes_that_the_documents_list() -> None:
    assert (signing_in.CLASSIC, signing_in.FOR_STATUS) == (TICKET_SCOPES, STATUS_SCOPES)


def test_every_kind_of_step_is_played_and_every_expectation_is_looked_at() -> None:
    steps = {branch["required"][0] for branch in part("step")["oneOf"]}
    assert steps == {*actions.ACTIONS, "expect"}
    assert set(part("expect")["properties"]) == set(expectations.FIELDS)
