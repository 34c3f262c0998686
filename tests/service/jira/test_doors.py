"""What every Jira is asked, at every door: the same questions have the same answers."""

from typing import Any

import pytest
import requests

from service.connections import Connections
from service.jira.base import Jira
from service.rules.authentication import STATUS_SCOPES
from service.rules.health import Outcome
from tests.service.jira.doors import Door


def made(door: Door, count: int = 1, project: str = "TEST", **issue: Any) -> list[dict[str, Any]]:
    return door.jira.create_issues([{"project": project, "summary": str(n), **issue} for n in range(count)])


def test_a_jira_says_which_it_is_and_who_we_are(jira: Jira) -> None:
    assert jira.server_info().ok
    assert jira.server_info().payload
    assert jira.myself().ok


def test_issues_are_found_by_their_ids_with_status_and_project(door: Door, jira: Jira) -> None:
    one, other = made(door, 2)
    door.jira.transition(one["key"], "Done")
    answer = jira.search_by_ids([one["id"], other["id"]])
    assert answer.payload is not None
    found = answer.payload[one["id"]]
    assert (found.key, found.status.name, found.status.category) == (one["key"], "Done", "done")
    assert answer.payload[other["id"]].status.category == "new"
    assert found.project_id == next(each["id"] for each in door.jira.projects() if each["key"] == "TEST")


def test_a_deleted_issue_fails_no_search_and_is_just_not_there(door: Door, jira: Jira) -> None:
    one, gone = made(door, 2)
    door.jira.delete(gone["key"])
    answer = jira.search_by_ids([one["id"], gone["id"], "987654"])
    assert answer.payload is not None
    assert set(answer.payload) == {one["id"]}


def test_a_hundred_issues_are_one_request(door: Door, jira: Jira) -> None:
    ids = [each["id"] for each in made(door, 100)]
    before = jira.sent
    answer = jira.search_by_ids(ids)
    assert answer.payload is not None
    assert set(answer.payload) == set(ids)
    assert jira.sent - before == 1


def test_one_issue_is_read_by_its_id_also_after_it_moved(door: Door, jira: Jira) -> None:
    one = made(door)[0]
    key = door.jira.move(one["key"], "SEC")
    answer = jira.issue(one["id"])
    assert answer.payload is not None
    assert (answer.payload.id, answer.payload.key) == (one["id"], key)


def test_a_deleted_issue_is_not_found(door: Door, jira: Jira) -> None:
    one = made(door)[0]
    door.jira.delete(one["key"])
    assert jira.issue(one["id"]).outcome is Outcome.NOT_FOUND


def test_an_issue_that_may_not_be_seen_is_told_from_a_deleted_one_where_the_jira_tells(door: Door, jira: Jira) -> None:
    one = made(door)[0]
    door.jira.permit("admin@example.com" if door.is_cloud else "admin", "TEST", "BROWSE_PROJECTS", held=False)
    told = Outcome.NOT_FOUND if door.is_cloud else Outcome.FORBIDDEN
    assert jira.issue(one["id"]).outcome is told
    assert jira.search_by_ids([one["id"]]).payload == {}


def test_projects_that_can_be_browsed_are_named_by_id_and_key(door: Door, jira: Jira) -> None:
    ids = {each["key"]: each["id"] for each in door.jira.projects()}
    assert jira.browsable_projects(ids=[ids["TEST"], "99999"], keys=["SEC", "NONE"]).payload == {
        "TEST",
        ids["TEST"],
        "SEC",
        ids["SEC"],
    }
    assert jira.browsable_projects().payload == frozenset()


def test_many_projects_are_told_apart_as_well(door: Door, jira: Jira) -> None:
    for number in range(12):
        door.jira.create_project(f"P{number}", f"Project {number}")
    keys = [f"P{number}" for number in range(12)]
    before = jira.sent
    answer = jira.browsable_projects(keys=[*keys, "NONE"])
    assert answer.payload is not None
    assert set(keys) <= answer.payload
    assert "NONE" not in answer.payload
    assert jira.sent - before == 1


def test_an_issue_is_made_with_its_label_and_found_again_by_it(door: Door, jira: Jira) -> None:
    answer = jira.create_issue("TEST", "Task", "log4j", ["First.", "", "Second."], ["xray-1"])
    assert answer.payload is not None
    found = jira.find_by_label("xray-1")
    assert found.payload is not None
    assert set(found.payload) == {answer.payload.id}
    assert jira.find_by_label("xray-2").payload == {}
    auth = ("admin@example.com", "admin-token") if door.is_cloud else ("admin", "admin")
    read = requests.get(f"{door.access.url}/rest/api/2/issue/{answer.payload.id}", auth=auth, timeout=10)
    assert read.json()["fields"]["description"] == "First.\n\nSecond."


def test_what_jira_refuses_to_make_is_told_in_its_own_words(jira: Jira) -> None:
    answer = jira.create_issue("NONE", "Task", "log4j", [], [])
    assert answer.outcome is Outcome.REFUSED
    assert answer.complaints


def test_a_dead_credential_is_refused_by_every_question_that_counts(door: Door, connections: Connections) -> None:
    ids = [each["id"] for each in made(door, 2)]
    refused = Outcome.CONSENT_AGAIN if door.access.auth_type == "oauth1" else Outcome.UNAUTHENTICATED
    with connections.open_access(door.with_dead_credential()) as jira:
        questions = [
            lambda: jira.search_by_ids(ids),  # the lie: 200, and nothing in it [jira 2.2, 2.8]
            lambda: jira.issue(ids[0]),
            jira.myself,
            lambda: jira.browsable_projects(keys=["TEST"]),
            lambda: jira.find_by_label("xray-1"),
            lambda: jira.create_issue("TEST", "Task", "log4j", [], []),
        ]
        outcomes = [question().outcome for question in questions]
    if (door.access.installation_type, door.access.auth_type) == ("server", "basic"):  # three guesses, then a CAPTCHA
        assert outcomes == [refused] * 3 + [Outcome.CAPTCHA] * 3
    else:
        assert outcomes == [refused] * 6


def test_only_the_gateway_knows_scopes(door: Door, jira: Jira) -> None:
    granted = jira.granted()
    if (door.access.installation_type, door.access.auth_type) != ("cloud", "oauth2"):
        assert granted is None
        return
    assert granted is not None
    assert granted.payload is not None
    assert set(STATUS_SCOPES) <= granted.payload


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("unavailable", Outcome.SERVER_ERROR),
        ("login_page", Outcome.NOT_JSON),
        ("rate_limit", Outcome.RATE_LIMITED),
        ("reset", Outcome.UNREACHABLE),
    ],
)
def test_trouble_is_trouble_at_every_door(door: Door, jira: Jira, fault: str, outcome: Outcome) -> None:
    door.jira.fault(fault)
    assert jira.search_by_ids(["10000"]).outcome is outcome
