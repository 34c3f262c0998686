"""What is Data Center's own: its lies, its pages, its projects, its doors that close. [jira 2.6, 2.8, 5.2, 5.8]"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

import fake_jira.server
from fake_jira.client import FakeJiraClient
from service.connections import Connections
from service.jira.answers import JiraAnswer
from service.jira.auth import Bearer
from service.jira.base import Issue
from service.jira.client import JiraClient, Target
from service.jira.data_center import JiraDataCenter
from service.jira.wire import Wire
from service.rules.health import Outcome
from service.settings import Settings
from tests.service.jira.doors import Door, key_pair, open_door
from tests.service.jira.raw_server import answer, raw_server


def issue(number: int) -> dict[str, Any]:
    status = {"id": "3", "name": "Done", "statusCategory": {"key": "done"}}
    fields = {"status": status, "updated": "2026-03-01T12:00:00.000+0000", "project": {"id": "10000"}}
    return {"id": str(number), "key": f"TEST-{number}", "fields": fields}


def page(numbers: list[int], total: int) -> bytes:
    said = {"startAt": 0, "maxResults": 50, "total": total, "issues": [issue(number) for number in numbers]}
    return answer("200 OK", json.dumps(said).encode())


def search(ids: list[int], *pages: bytes) -> tuple[JiraAnswer[dict[str, Issue]], int]:
    """What a search for `ids` finds in these pages, and how many were asked for."""
    heard: list[bytes] = []
    with raw_server(*pages, heard=heard) as url:
        jira = JiraDataCenter(JiraClient(Target(url, skip_proxy=True), Bearer("t"), Wire(Settings())))
        found = jira.search_by_ids([str(each) for each in ids])
    return found, len(heard)


@pytest.mark.parametrize(
    ("pages", "found", "asked"),
    [
        ([([1, 2, 3], 3)], {1, 2, 3}, 1),
        ([([1, 2], 3), ([3], 3)], {1, 2, 3}, 2),  # an admin lowered the page
        ([([1], 3), ([2], 3), ([3], 3)], {1, 2, 3}, 3),
        ([([1, 1, 2], 3)], {1, 2}, 1),  # what the page repeats is missing: read singly by whoever asked
        ([([1, 2], 3), ([1, 2], 3)], {1, 2}, 2),  # the same page again, for ever
        ([([1], 9), ([], 9)], {1}, 2),  # a total that is not there
        ([([1], 9), ([2], 9), ([2], 9)], {1, 2}, 3),
        ([([], 0)], set(), 1),
        ([([], 3)], set(), 1),
    ],
)
def test_short_and_repeated_pages_neither_loop_nor_lose(
    pages: list[tuple[list[int], int]], found: set[int], asked: int
) -> None:
    answered, requests_sent = search([1, 2, 3], *(page(*each) for each in pages))
    assert answered.payload is not None
    assert set(answered.payload) == {str(each) for each in found}
    assert requests_sent == asked


def test_a_page_that_fails_fails_the_search() -> None:
    answered, _ = search([1, 2, 3], page([1], 3), answer("503 Service Unavailable"))
    assert answered.outcome is Outcome.SERVER_ERROR
    assert answered.payload is None


def test_what_lacks_a_searchs_shape_is_no_jira() -> None:
    assert search([1], answer("200 OK", b'{"issues": []}'))[0].outcome is Outcome.NOT_JIRA


def test_an_issue_that_cannot_be_read_is_as_if_it_was_not_there() -> None:
    odd = answer("200 OK", json.dumps({"total": 2, "issues": [{"id": "1"}, issue(2)]}).encode())
    answered, _ = search([1, 2], odd)
    assert answered.payload is not None
    assert set(answered.payload) == {"2"}


def test_the_right_password_is_refused_with_a_captcha_until_a_person_logs_in(
    server_door: Door, connections: Connections
) -> None:
    with connections.open_access(replace(server_door.access, secret="wrong")) as jira:
        for _ in range(3):
            assert jira.server_info().outcome is Outcome.UNAUTHENTICATED
    with connections.open_access(server_door.access) as jira:
        assert jira.server_info().outcome is Outcome.CAPTCHA


def test_basic_switched_off_is_about_the_account_and_about_no_issue(
    server_door: Door, connections: Connections
) -> None:
    one = server_door.jira.issue("TEST", summary="x")
    server_door.jira.settings(basic_auth="off")
    with connections.open_access(server_door.access) as jira:
        found = jira.myself()
        assert (found.outcome, len(found.complaints)) == (Outcome.FORBIDDEN, 1)
        assert jira.issue(one["id"]).outcome is Outcome.UNAUTHENTICATED


def test_a_revoked_personal_token_is_refused_though_its_search_answers_200(
    data_center_world: Any, data_center_url: str, connections: Connections
) -> None:
    door = open_door("server pat", data_center_world, data_center_url)
    one = data_center_world.issue("TEST", summary="x")
    with connections.open_access(door.access) as jira:
        assert jira.search_by_ids([one["id"]]).payload
        data_center_world.revoke_personal_token(data_center_world.personal_tokens()[0]["id"])
        refused = jira.search_by_ids([one["id"]])
    assert (refused.outcome, refused.status) == (Outcome.UNAUTHENTICATED, 200)


def test_an_archived_project_is_none_to_browse_asked_for_by_itself_or_among_many(
    server_door: Door, connections: Connections
) -> None:
    keys = ["TEST", *(f"P{number}" for number in range(11))]
    for key in keys[1:]:
        server_door.jira.create_project(key, key)
    url = f"{server_door.access.url}/rest/api/2/project/P1/archive"
    assert requests.put(url, auth=("admin", "admin"), timeout=10).status_code == 204
    with connections.open_access(server_door.access) as jira:
        assert jira.browsable_projects(keys=["P1"]).payload == frozenset()
        many = jira.browsable_projects(keys=keys)
    assert many.payload is not None
    assert set(keys) - many.payload == {"P1"}


@pytest.mark.parametrize("version", ["8.17.1", "9.12"])
def test_older_servers_are_asked_the_same(version: str, connections: Connections) -> None:
    with (
        fake_jira.server.start(flavour="data-center", server_version=version, port=0, control_port=0) as fake,
        FakeJiraClient(fake.control_url) as hands,
        connections.open_access(open_door("server pat", hands, fake.url).access) as jira,
    ):
        info, made = jira.server_info(), jira.create_issue("TEST", "Task", "log4j", ["First."], ["xray-1"])
        assert info.payload is not None
        assert info.payload.startswith(version)
        assert jira.myself().ok
        assert made.payload is not None
        for found in (jira.search_by_ids([made.payload.id, "987654"]), jira.find_by_label("xray-1")):
            assert found.payload is not None
            assert set(found.payload) == {made.payload.id}
        assert jira.issue(made.payload.id).ok
        assert jira.issue("987654").outcome is Outcome.NOT_FOUND
        browsable = jira.browsable_projects(keys=["TEST", "NONE"]).payload
        assert browsable is not None
        assert "TEST" in browsable
        assert "NONE" not in browsable


def oauth1(world: Any, url: str) -> Door:
    return open_door("server oauth1", world, url)


REFUSED: dict[str, tuple[Callable[[Door], Door], Outcome]] = {
    "another private key": (
        lambda door: replace(door, access=replace(door.access, secret=key_pair.__wrapped__()[0])),
        Outcome.CLIENT_REFUSED,
    ),
    "an unknown consumer": (
        lambda door: replace(door, access=replace(door.access, client_id="nobody")),
        Outcome.CLIENT_REFUSED,
    ),
    "a token that was never given": (
        lambda door: replace(door, access=door.with_dead_credential()),
        Outcome.CONSENT_AGAIN,
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_wrong_with_a_signature_is_told_apart(
    data_center_world: Any, data_center_url: str, connections: Connections, kind: str
) -> None:
    change, outcome = REFUSED[kind]
    door = change(oauth1(data_center_world, data_center_url))
    with connections.open_access(door.access) as jira:
        assert jira.myself().outcome is outcome
        assert jira.search_by_ids(["10000"]).outcome is outcome


def test_a_clock_that_is_off_is_named(data_center_world: Any, data_center_url: str, connections: Connections) -> None:
    door = oauth1(data_center_world, data_center_url)
    data_center_world.advance(timedelta(hours=1))
    with connections.open_access(door.access) as jira:
        assert jira.myself().outcome is Outcome.CLOCKS_DIFFER


def test_a_signature_covers_queries_and_odd_characters(
    data_center_world: Any, data_center_url: str, connections: Connections
) -> None:
    with connections.open_access(oauth1(data_center_world, data_center_url).access) as jira:
        assert jira.issue("TEST-1 ü&=~*%").outcome is Outcome.NOT_FOUND
        assert jira.browsable_projects(keys=["Ü +?"]).payload == frozenset()
