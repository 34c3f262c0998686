"""What is Jira Cloud's own: the gateway, its sites and scopes, guarded issues. [jira 2.3, 2.4, 4.3]"""

import json
from dataclasses import replace
from typing import Any

import pytest
import requests

from service.connections import Connections
from service.jira.access import Tokens
from service.jira.answers import JiraAnswer
from service.jira.auth import Bearer
from service.jira.client import JiraClient, Target
from service.jira.cloud import JiraCloud
from service.jira.data_center import JiraDataCenter
from service.jira.wire import Wire
from service.rules.authentication import STATUS_SCOPES, TICKET_SCOPES
from service.rules.health import Outcome
from service.settings import Settings
from tests.service.jira.doors import Door, open_door
from tests.service.jira.raw_server import answer, raw_server

ADMINISTRATORS = {"type": "projectRole", "parameter": "10002"}


def granted_with(door: Door, scopes: list[str]) -> Door:
    """The door after a consent for these scopes only."""
    given = door.jira.grant(door.access.client_id, scopes=scopes)
    return replace(door, access=replace(door.access, tokens=Tokens(given["access_token"])))


def test_a_missing_scope_is_refused_like_a_dead_token_and_the_grant_tells_which(
    gateway_door: Door, connections: Connections
) -> None:
    door = granted_with(gateway_door, [*TICKET_SCOPES, "offline_access"])
    with connections.open_access(door.access) as jira:
        assert jira.myself().ok
        assert jira.search_by_ids(["10000"]).outcome is Outcome.UNAUTHENTICATED
        granted = jira.granted()
    assert granted is not None
    assert granted.payload is not None
    assert set(TICKET_SCOPES) <= granted.payload
    assert not granted.payload & set(STATUS_SCOPES)


def test_with_a_dead_token_the_grant_cannot_be_asked_for(gateway_door: Door, connections: Connections) -> None:
    with connections.open_access(gateway_door.with_dead_credential()) as jira:
        granted = jira.granted()
    assert granted is not None
    assert granted.outcome is Outcome.UNAUTHENTICATED


def test_a_site_that_the_grant_does_not_reach_is_gone_whatever_is_asked(
    gateway_door: Door, connections: Connections
) -> None:
    access = replace(gateway_door.access, cloud_id="11111111-2222-3333-4444-555555555555")
    with connections.open_access(access) as jira:
        granted = jira.granted()
        assert granted is not None
        assert granted.outcome is Outcome.SITE_GONE
        for found in (jira.server_info(), jira.myself(), jira.search_by_ids(["10000"]), jira.issue("10000")):
            assert found.outcome is Outcome.SITE_GONE


def test_without_a_site_there_is_nothing_to_ask(gateway_door: Door, connections: Connections) -> None:
    with connections.open_access(replace(gateway_door.access, cloud_id=None)) as jira:
        found = jira.myself()
    assert (found.outcome, found.was_sent) == (Outcome.CONSENT_AGAIN, False)


def granted_by(listed: Any) -> tuple[Outcome, frozenset[str] | None]:
    with raw_server(answer("200 OK", json.dumps(listed).encode())) as url:
        client = JiraClient(Target(url, skip_proxy=True), Bearer("t"), Wire(Settings()))
        found = JiraCloud(client, "site-1").granted()
    assert found is not None
    return found.outcome, found.payload


def test_a_site_has_the_scopes_of_all_its_entries_that_are_jiras() -> None:
    entry = {"id": "site-1", "name": "One", "url": "https://one.atlassian.net"}
    wiki = entry | {"scopes": ["read:confluence-content.all"]}
    jira, more = entry | {"scopes": ["read:issue:jira"]}, entry | {"scopes": ["read:board-scope:jira-software"]}
    other = entry | {"id": "site-2", "scopes": ["read:status:jira"]}
    assert granted_by([wiki, jira, other, more]) == (
        Outcome.OK,
        frozenset({"read:issue:jira", "read:board-scope:jira-software"}),
    )
    assert granted_by([wiki, other]) == (Outcome.SITE_GONE, None)
    assert granted_by([]) == (Outcome.SITE_GONE, None)
    assert granted_by({"error": "?"}) == (Outcome.NOT_JIRA, None)


@pytest.mark.parametrize("kind", ["cloud basic", "cloud oauth2"])
def test_an_issue_with_a_security_level_is_guarded_and_so_is_its_project(
    world: Any, jira_url: str, connections: Connections, kind: str
) -> None:
    door = open_door(kind, world, jira_url)
    ids = {each["key"]: each["id"] for each in world.projects()}
    plain = world.issue("TEST", summary="plain")
    world.security_level("SEC", "Staff", ADMINISTRATORS, default=True)
    guarded = world.issue("SEC", summary="guarded")
    with connections.open_access(door.access) as jira:
        found = jira.search_by_ids([plain["id"], guarded["id"]])
        assert found.payload is not None
        assert {each.id: each.is_guarded for each in found.payload.values()} == {
            plain["id"]: False,
            guarded["id"]: True,
        }
        single = jira.issue(guarded["id"])
        assert single.payload is not None
        assert single.payload.is_guarded
        assert jira.guarding_projects(ids.values()).payload == {ids["SEC"]}


def test_a_level_that_the_account_is_not_in_is_known_to_who_administers_the_project(
    world: Any, jira_url: str, connections: Connections
) -> None:
    viewer = ("viewer@example.com", "viewer-token")
    account = requests.get(f"{jira_url}/rest/api/3/myself", auth=viewer, timeout=10).json()["accountId"]
    world.security_level("SEC", "Others", {"type": "user", "parameter": account}, default=True)
    ids = {each["key"]: each["id"] for each in world.projects()}
    with connections.open_access(open_door("cloud basic", world, jira_url).access) as jira:
        assert jira.guarding_projects(ids.values()).payload == {ids["SEC"]}
    with connections.open_access(open_door("cloud oauth2", world, jira_url).access) as jira:
        assert jira.guarding_projects(ids.values()).payload == frozenset()
        assert jira.sent == len(ids)  # nothing that its scopes do not cover


def levels(*answers: bytes) -> JiraAnswer[frozenset[str]]:
    with raw_server(*answers) as url:
        jira = JiraCloud(JiraClient(Target(url, skip_proxy=True), Bearer("t"), Wire(Settings())))
        return jira.guarding_projects(["1", "2"])


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_a_project_that_does_not_tell_its_levels_counts_as_one_without(status: str) -> None:
    no = answer(status, b'{"errorMessages":["no"],"errors":{}}')
    assert levels(no, no, answer("200 OK", b'{"levels":[{"id":"1"}]}')).payload == {"2"}


def test_trouble_while_asking_for_levels_is_trouble() -> None:
    down, none = answer("503 Service Unavailable"), answer("200 OK", b'{"levels":[]}')
    for answers in ((down,), (none, down)):
        found = levels(*answers)
        assert (found.outcome, found.payload) == (Outcome.SERVER_ERROR, None)


@pytest.mark.parametrize(
    "updated", ["2026-03-01T12:00:00.000", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-1200"]
)
def test_an_instant_that_nobody_can_tell_makes_an_issue_unreadable(updated: str) -> None:
    """It could not be stored, and the whole of its run with it."""
    status = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}
    issue = {"id": "1", "key": "A-1", "fields": {"status": status, "project": {"id": "1"}, "updated": updated}}
    with (
        raw_server(answer("200 OK", json.dumps({"issues": [issue]}).encode())) as url,
        JiraClient(Target(url, skip_proxy=True), Bearer("t"), Wire(Settings())) as client,
    ):
        found = JiraCloud(client).search_by_ids(["1"])
    assert found.ok
    assert found.payload == {}


@pytest.mark.parametrize("issue_id", ["", "10000) OR (id > 0", "²", None])
def test_a_created_issue_without_an_id_of_jira_is_none(issue_id: str | None) -> None:
    """It could not be asked for afterwards."""
    with (
        raw_server(answer("201 Created", json.dumps({"id": issue_id, "key": "A-1"}).encode())) as url,
        JiraClient(Target(url, skip_proxy=True), Bearer("t"), Wire(Settings())) as client,
    ):
        for jira in (JiraCloud(client), JiraDataCenter(client)):
            assert jira.create_issue("A", "Bug", "s", [], []).outcome is Outcome.NOT_JIRA


def test_what_a_search_was_not_asked_for_is_not_kept() -> None:
    """However much of it comes, page after page: it could be more than there is memory."""
    status = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}
    fields = {"status": status, "project": {"id": "1"}, "updated": "2026-03-01T12:00:00.000+0000"}
    issues = [{"id": str(number), "key": f"A-{number}", "fields": fields} for number in range(1, 50)]
    page = {"issues": issues, "nextPageToken": "more"}
    with (
        raw_server(answer("200 OK", json.dumps(page).encode()), answer("200 OK", b'{"issues": []}')) as url,
        JiraClient(Target(url, skip_proxy=True), Bearer("t"), Wire(Settings())) as client,
    ):
        found = JiraCloud(client).search_by_ids(["7", "99"])
    assert found.payload is not None
    assert set(found.payload) == {"7"}
