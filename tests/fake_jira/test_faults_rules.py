"""Which requests a fault hits, and which rules are refused."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import requests

from fake_jira.client import FakeJiraClient, FakeJiraError
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import Jira

VIEWER = ("viewer@example.com", "viewer-token")


@pytest.fixture
def hands(server: FakeJira, jira: Jira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(server.control_url, jira.world.name) as client:
        yield client


@pytest.mark.parametrize(
    ("trigger", "hit"),
    [
        ({}, "XXXXXX"),
        ({"times": 2}, "XX...."),
        ({"after": 3}, "...XXX"),
        ({"every": 2}, ".X.X.X"),
        ({"after": 1, "every": 2, "times": 1}, "..X..."),
    ],
)
def test_a_trigger_is_exact(jira: Jira, hands: FakeJiraClient, trigger: dict[str, int], hit: str) -> None:
    hands.fault("unavailable", **trigger)
    seen = "".join("X" if jira.get("myself").status_code == 503 else "." for _ in hit)
    assert seen == hit
    assert hands.faults()[0]["hits"] == hit.count("X")


@pytest.mark.parametrize(
    ("selector", "hits"),
    [
        ({"operation": "getIssue"}, {"issue/SEC-1", "issue/TEST-1"}),
        ({"method": "GET"}, {"issue/SEC-1", "issue/TEST-1", "project/SEC", "myself"}),
        ({"path": "/rest/api/*/issue/SEC-*"}, {"issue/SEC-1"}),
        ({"issue": "SEC-1"}, {"issue/SEC-1"}),
        ({"project": "SEC"}, {"issue/SEC-1", "project/SEC"}),
        ({"user": "viewer@example.com"}, set()),
        ({"user": "admin@example.com", "operation": "getCurrentUser"}, {"myself"}),
    ],
)
def test_a_selector_hits_what_it_names_and_nothing_else(
    jira: Jira, hands: FakeJiraClient, selector: dict[str, str], hits: set[str]
) -> None:
    jira.create("SEC")
    jira.create("TEST")
    hands.fault("unavailable", **selector)
    asked = ("issue/SEC-1", "issue/TEST-1", "project/SEC", "myself")
    assert {path for path in asked if jira.get(path).status_code == 503} == hits


def test_a_selector_means_the_issue_and_follows_it_to_another_project(jira: Jira, hands: FakeJiraClient) -> None:
    jira.create("SEC")
    hands.fault("unavailable", issue="SEC-1")
    moved = hands.move("SEC-1", "TEST")
    assert jira.get(f"issue/{moved}").status_code == 503


def test_of_two_faults_the_first_armed_wins_and_the_second_sees_what_it_lets_pass(
    jira: Jira, hands: FakeJiraClient
) -> None:
    hands.fault("unavailable", every=2)
    hands.fault("rate_limit", times=1)
    assert [jira.get("myself").status_code for _ in range(4)] == [429, 503, 200, 503]


def test_a_cleared_fault_is_off(jira: Jira, hands: FakeJiraClient) -> None:
    first, second = hands.fault("unavailable"), hands.fault("rate_limit")
    hands.clear(first)
    assert jira.get("myself").status_code == 429
    hands.clear(second)
    assert jira.get("myself").status_code == 200
    assert hands.faults() == []


@pytest.mark.parametrize("last", [0, 1], ids=["the later first", "in the order of arming"])
@pytest.mark.parametrize("again", ["admin@example.com", "the account id"])
def test_a_user_whose_token_expired_twice_is_well_when_both_faults_are_cleared(
    jira: Jira, hands: FakeJiraClient, last: int, again: str
) -> None:
    names = ("admin@example.com", again if "@" in again else jira.admin.account_id)
    armed = [hands.fault("expired_token", user=name) for name in names]
    hands.clear(armed[1 - last])
    assert jira.get("myself").status_code == 401
    hands.clear(armed[last])
    assert jira.get("myself").status_code == 200


def test_a_permission_lost_twice_is_back_only_when_both_faults_are_cleared(jira: Jira, hands: FakeJiraClient) -> None:
    first, second = (hands.fault("lost_permission", user="admin@example.com", project="SEC") for _ in range(2))
    hands.clear(first)
    assert jira.get("project/SEC").status_code == 404
    hands.clear(second)
    assert jira.get("project/SEC").status_code == 200


def test_arming_that_waits_for_the_world_keeps_nobody_else_waiting(jira: Jira, hands: FakeJiraClient) -> None:
    arming = Thread(target=hands.fault, args=("expired_token",), kwargs={"user": "admin@example.com"})
    with jira.world.lock:
        arming.start()
        arming.join(0.3)  # long enough to get as far as it can
        listed = requests.get(f"{hands.url}/_control/faults", params={"world": jira.world.name}, timeout=5)
    arming.join()
    assert listed.json() == {"faults": []}


def test_the_control_api_is_hit_by_no_fault(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("unavailable", path="*")
    assert hands.issues() == []
    assert jira.get("myself").status_code == 503


def test_a_fault_of_one_world_leaves_the_others_alone(server: FakeJira, jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("unavailable")
    assert FakeJiraClient(server.control_url).faults() == []


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("ratelimit", {}, "There is no fault 'ratelimit'; there are outage, reset, timeout, unavailable,"),
        ("unavailable", {"tmes": 2}, "The fault unavailable has no field 'tmes'; it has from, until, operation,"),
        ("unavailable", {"times": "2"}, "'times' must be a whole number, not '2'"),
        ("unavailable", {"times": True}, "'times' must be a whole number, not True"),
        ("unavailable", {"times": 0}, "'times' must be at least 1, not 0"),
        ("unavailable", {"body": "xml"}, "'body' must be one of html, json, empty, tomcat, not 'xml'"),
        ("unavailable", {"method": "FETCH"}, "'FETCH' is not one of GET, HEAD"),
        ("unavailable", {"path": "rest/api"}, "'rest/api' can match nothing"),
        ("unavailable", {"operation": "getIsue"}, "there is no operation 'getIsue'; there are accessibleResources,"),
        ("unavailable", {"issue": "SEC-9"}, "there is no issue 'SEC-9'"),
        ("unavailable", {"project": "NOPE"}, "there is no project 'NOPE'"),
        ("unavailable", {"user": "who@example.com"}, "there is no user 'who@example.com'"),
        ("unavailable", {"from": "tomorrow"}, "'from' must be an instant with its offset such as 2026-03-01T00:00:00Z"),
        ("unavailable", {"from": "2026-03-01T00:00:00"}, "'from' must be an instant with its offset"),
        ("unavailable", {"from": "2026-03-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}, "would never act"),
        ("timeout", {"after_work": "yes"}, "'after_work' must be true or false, not 'yes'"),
        ("rate_limit", {"retry_after": -1}, "'retry_after' must be at least 0"),
        ("rate_limit", {"retry_after": 2**62}, "at most 31536000 (a year)"),
        ("unavailable", {"retry_after": -1}, "'retry_after' must be at least 0"),
        ("unavailable", {"from": "0001-01-01T00:00:00+14:00"}, "'from' must be an instant with its offset"),
        ("expired_token", {}, "The fault expired_token needs the field 'user'"),
        ("expired_token", {"user": "who@example.com"}, "there is no user 'who@example.com'"),
        ("deleted_issue", {"issue": "SEC-9"}, "there is no issue 'SEC-9'"),
        ("lost_permission", {"user": "admin@example.com", "project": "NOPE"}, "there is no project 'NOPE'"),
        (
            "lost_permission",
            {"user": "admin@example.com", "project": "SEC", "permission": "BROWSE"},
            "there is no project permission 'BROWSE'",
        ),
    ],
)
def test_a_rule_that_cannot_act_is_refused_in_a_sentence(
    hands: FakeJiraClient, name: str, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(FakeJiraError) as refused:
        hands.fault(name, **fields)
    assert sentence in str(refused.value)
    assert refused.value.status == 400
    assert hands.faults() == []


def test_clearing_what_is_not_armed_is_refused(hands: FakeJiraClient) -> None:
    with pytest.raises(FakeJiraError, match="No fault 'reset' is armed") as refused:
        hands.clear("reset")
    assert refused.value.status == 404
