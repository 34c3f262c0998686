"""What a client sees of the faults that answer in Jira's place or change the world."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import requests

from fake_jira.client import FakeJiraClient
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import Jira

VIEWER = ("viewer@example.com", "viewer-token")


@pytest.fixture
def hands(server: FakeJira, jira: Jira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(server.control_url, jira.world.name) as client:
        yield client


def test_a_site_that_is_unavailable_shows_the_page_of_the_edge(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("unavailable")
    answer = jira.get("myself")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")
    assert "Page Unavailable" in answer.text


@pytest.mark.parametrize(("body", "kind"), [("json", "application/json;charset=UTF-8"), ("empty", None)])
def test_the_body_of_an_unavailable_site_can_be_chosen(
    jira: Jira, hands: FakeJiraClient, body: str, kind: str | None
) -> None:
    hands.fault("unavailable", body=body, retry_after=7)
    answer = jira.get("myself")
    assert (answer.headers.get("Content-Type"), answer.headers["Retry-After"]) == (kind, "7")
    assert bool(answer.content) == (kind is not None)


def test_a_setting_chooses_the_body_where_the_fault_does_not(jira: Jira, hands: FakeJiraClient) -> None:
    hands.settings(unavailable_body="empty", rate_limit_body="html")
    hands.fault("unavailable", times=1)
    hands.fault("rate_limit")
    assert jira.get("myself").content == b""
    assert "error-page error429" in jira.get("myself").text


def test_a_rate_limit_sends_all_the_headers_of_the_cloud(jira: Jira, hands: FakeJiraClient) -> None:
    hands.move_to(datetime.fromisoformat("2030-01-01T00:00:00Z"))
    hands.fault("rate_limit", retry_after=30)
    answer = jira.get("myself")
    assert answer.status_code == 429
    assert answer.json()["errorMessages"] == ["The request has been rate-limited. Please try again later."]
    sent = answer.headers
    assert (sent["Retry-After"], sent["X-RateLimit-Limit"], sent["X-RateLimit-Remaining"]) == ("30", "350", "0")
    assert sent["X-RateLimit-Reset"].startswith("2030-01-01T00:00:3")
    assert (sent["RateLimit-Policy"], sent["RateLimit"]) == (
        '"jira-burst-based";q=100;w=1',
        '"jira-burst-based";r=0;t=30',
    )
    assert (sent["RateLimit-Reason"], sent["X-RateLimit-NearLimit"]) == ("jira-burst-based", "true")


def test_a_quota_says_so_in_its_own_headers(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("rate_limit", reason="jira-quota-tenant-based", retry_after=5)
    sent = jira.get("myself").headers
    assert sent["Beta-RateLimit-Policy"].startswith('"tenant-app-quota"')
    assert sent["Beta-Retry-After"] == "5"


def test_a_rate_limit_of_data_center_speaks_as_data_center(data_center: Jira) -> None:
    hands = FakeJiraClient(data_center.url.partition("/worlds/")[0], data_center.world.name)
    hands.fault("rate_limit", retry_after=30)
    answer = data_center.get("myself", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (429, {"message": "Rate limit exceeded."})
    sent = answer.headers
    assert (sent["Retry-After"], sent["X-RateLimit-Remaining"], sent["X-RateLimit-FillRate"]) == ("30", "0", "5")
    assert "RateLimit-Reason" not in sent
    assert "HTTP Status 429 - Too Many Requests" in data_center.get("myself").text
    hands.clear()
    hands.fault("rate_limit", body="empty")
    assert data_center.get("myself", headers={"Accept": "application/json"}).text == ""
    hands.clear()
    hands.settings(data_center_retry_after="zero")
    hands.fault("rate_limit", retry_after=30)
    assert data_center.get("myself").headers["Retry-After"] == "0"


def test_a_data_center_that_is_unavailable_shows_the_page_of_its_container(data_center: Jira) -> None:
    hands = FakeJiraClient(data_center.url.partition("/worlds/")[0], data_center.world.name)
    assert hands.settings()["unavailable_body"] == "tomcat"
    hands.fault("unavailable")
    answer = data_center.get("myself")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")
    assert "<title>HTTP Status 503 \N{EN DASH} Service Unavailable</title>" in answer.text


def test_retry_after_can_be_a_date_of_the_worlds_clock(jira: Jira, hands: FakeJiraClient) -> None:
    hands.move_to(datetime.fromisoformat("2030-01-01T00:00:00Z"))
    hands.fault("rate_limit", retry_after=3600, retry_after_as="date")
    assert jira.get("myself").headers["Retry-After"].startswith("Tue, 01 Jan 2030 01:00:0")


def test_a_rate_limit_lets_the_first_ones_pass(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("rate_limit", after=2)
    assert [jira.get("myself").status_code for _ in range(4)] == [200, 200, 429, 429]


def test_a_login_page_is_html_with_200(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("login_page")
    answer = jira.get("search/jql?jql=project=SEC")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")


def test_a_fault_in_front_of_jira_does_not_mind_who_is_calling(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("unavailable")
    assert (
        requests.get(f"{jira.url}/rest/api/3/myself", headers={"Authorization": "Bearer x"}, timeout=10).status_code
        == 503
    )


def test_an_expired_token_is_not_refused_but_sees_nothing(jira: Jira, hands: FakeJiraClient) -> None:
    key = jira.create()
    hands.fault("expired_token", user="admin@example.com")
    assert jira.get(f"issue/{key}").status_code == 404
    search = jira.post("search/jql", {"jql": "project = SEC"})
    assert (search.status_code, search.json()["issues"]) == (200, [])
    assert search.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
    assert jira.get("myself").status_code == 401
    assert jira.get("myself", auth=VIEWER).status_code == 200


def test_an_expired_token_works_again_once_healed(jira: Jira, hands: FakeJiraClient) -> None:
    armed = hands.fault("expired_token", user="admin@example.com")
    hands.clear(armed)
    assert jira.get("myself").status_code == 200


def test_a_deleted_issue_is_missing_and_comes_back_whole(jira: Jira, hands: FakeJiraClient) -> None:
    parent = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": parent})
    hands.fault("deleted_issue", issue=parent)
    assert [jira.get(f"issue/{key}").status_code for key in (parent, child)] == [404, 404]
    assert jira.search("project = SEC") == []
    hands.clear("deleted_issue")
    back = jira.get(f"issue/{parent}").json()["fields"]
    assert [each["key"] for each in back["subtasks"]] == [child]
    assert jira.search("project = SEC ORDER BY key") == [parent, child]


def test_the_stories_of_a_deleted_epic_get_their_parent_back(jira: Jira, hands: FakeJiraClient) -> None:
    epic = jira.create(kind="Epic")
    story = jira.create(kind="Story", parent={"key": epic})
    hands.fault("deleted_issue", issue=epic)
    assert jira.get(f"issue/{story}").json()["fields"].get("parent") is None
    hands.clear()
    assert jira.get(f"issue/{story}").json()["fields"]["parent"]["key"] == epic


def test_an_issue_restored_by_hand_stays_when_the_fault_is_cleared(jira: Jira, hands: FakeJiraClient) -> None:
    key = jira.create()
    hands.fault("deleted_issue", issue=key)
    hands.restore_issue(key)
    hands.clear()
    assert jira.get(f"issue/{key}").status_code == 200


def test_a_lost_permission_hides_the_project_and_is_no_deletion(jira: Jira, hands: FakeJiraClient) -> None:
    key = jira.create()
    hands.fault("lost_permission", user="admin@example.com", project="SEC")
    assert jira.get(f"issue/{key}").status_code == 404
    assert jira.get("project/SEC").status_code == 404
    assert jira.get(f"issue/{key}", auth=VIEWER).status_code == 200
    assert hands.issues()[0]["deleted"] is False
    hands.clear("lost_permission")
    assert jira.get(f"issue/{key}").status_code == 200


def test_healing_gives_no_permission_that_was_not_held(jira: Jira, hands: FakeJiraClient) -> None:
    key = jira.create()
    armed = hands.fault("lost_permission", user="viewer@example.com", project="SEC", permission="DELETE_ISSUES")
    hands.clear(armed)
    assert jira.delete(f"issue/{key}", auth=VIEWER).status_code == 403


def test_a_fault_is_off_outside_its_window(jira: Jira, hands: FakeJiraClient) -> None:
    hands.fault("unavailable", from_=hands.now() + timedelta(hours=1), until=hands.now() + timedelta(hours=2))
    assert jira.get("myself").status_code == 200
    hands.advance("90m")
    assert jira.get("myself").status_code == 503
    hands.advance("1h")
    assert jira.get("myself").status_code == 200
    assert hands.faults()[0]["active"] is False
