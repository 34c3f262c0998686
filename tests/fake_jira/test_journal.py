"""What was asked, told afterwards; and the ring that holds it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from fake_jira.client import FakeJiraClient, FakeJiraError
from fake_jira.journal import CAPACITY, Journal, without_secrets
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import Jira


@pytest.fixture
def hands(server: FakeJira, jira: Jira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(server.control_url, jira.world.name) as client:
        yield client


def note(journal: Journal, path: str, status: int = 200) -> None:
    journal.append(
        at=datetime(2026, 3, 1, tzinfo=UTC), method="GET", path=path, operation="getIssue", query="", body=b"",
        user=None, world="default", status=status, fault=None, duration_ms=0.1, unread=(),
    )  # fmt: skip


def test_an_entry_says_who_asked_what_and_what_came_of_it(jira: Jira, hands: FakeJiraClient) -> None:
    hands.move_to(datetime(2026, 3, 1, tzinfo=UTC))
    jira.get("issue/SEC-1?fields=status")
    (entry,) = hands.journal()
    assert entry["at"].startswith("2026-03-01T00:00:0")
    assert (entry["method"], entry["path"], entry["query"]) == ("GET", "/rest/api/3/issue/SEC-1", "fields=status")
    assert (entry["operation"], entry["status"], entry["user"]) == ("getIssue", 404, "admin@example.com")
    assert (entry["world"], entry["fault"], entry["body"]) == (jira.world.name, None, None)


def test_bodies_are_kept_as_json_where_they_are_json(jira: Jira, hands: FakeJiraClient) -> None:
    jira.post("search/jql", {"jql": "project = SEC"})
    jira.call("POST", "search/jql", data="{", headers={"Content-Type": "application/json"})
    assert [entry["body"] for entry in hands.journal()] == [{"jql": "project = SEC"}, "{"]


def test_fields_of_the_request_that_nobody_read_are_named(jira: Jira, hands: FakeJiraClient) -> None:
    jira.get("myself?expnd=groups")
    fields = {"project": {"key": "SEC"}, "summary": "A ticket", "issuetype": {"name": "Task"}}
    jira.post("issue", {"fields": fields, "updat": {}})
    jira.get("issue/SEC-1?fields=status")
    assert [entry["unread"] for entry in hands.journal()] == [["?expnd"], ["updat"], []]


def test_entries_are_filtered(jira: Jira, hands: FakeJiraClient) -> None:
    jira.get("myself")
    jira.get("myself", auth=("viewer@example.com", "viewer-token"))
    jira.get("serverInfo", auth=None)
    assert len(hands.journal(operation="getCurrentUser")) == 2
    assert [entry["path"] for entry in hands.journal(user="viewer@example.com")] == ["/rest/api/3/myself"]
    last = hands.journal()[-1]["id"]
    assert [entry["id"] for entry in hands.journal(since_id=last - 1)] == [last]
    assert [entry["id"] for entry in hands.journal(limit=1)] == [last]


def test_a_filter_that_is_none_is_refused(hands: FakeJiraClient) -> None:
    with pytest.raises(FakeJiraError, match="The parameter 'opration' is unknown"):
        hands.journal(opration="getIssue")


def test_the_control_api_is_not_in_the_journal(hands: FakeJiraClient) -> None:
    hands.issues()
    assert hands.journal() == []


def test_an_expectation_that_holds_says_how_many(jira: Jira, hands: FakeJiraClient) -> None:
    jira.get("myself")
    assert hands.expect(operation="getCurrentUser", times=1) == 1
    assert hands.expect(method="GET", path="/rest/api/3/myself") == 1
    assert hands.expect(operation="getIssue", times=0) == 0


def test_an_expectation_that_fails_names_the_nearest(jira: Jira, hands: FakeJiraClient) -> None:
    jira.get("issue/SEC-1")
    with pytest.raises(FakeJiraError) as failed:
        hands.expect(method="POST", path="/rest/api/3/search/jql", times=1)
    assert str(failed.value).startswith("expected 1 POST /rest/api/3/search/jql, saw 0; nearest: #")
    assert "GET /rest/api/3/issue/SEC-1 -> 404 (getIssue)" in str(failed.value)
    assert failed.value.status == 409
    assert [entry["operation"] for entry in failed.value.body["nearest"]] == ["getIssue"]


def test_the_nearest_come_first(jira: Jira, hands: FakeJiraClient) -> None:
    for path in ("myself", "issue/SEC-1", "serverInfo"):
        jira.get(path)
    with pytest.raises(FakeJiraError) as failed:
        hands.expect(method="GET", path="/rest/api/3/issue/SEC-2")
    assert failed.value.body["nearest"][0]["path"] == "/rest/api/3/issue/SEC-1"


def test_an_expectation_of_nothing_is_refused(hands: FakeJiraClient) -> None:
    with pytest.raises(FakeJiraError, match="Say what is expected"):
        hands.expect(times=1)


def test_a_cleared_journal_is_empty_and_its_ids_go_on(jira: Jira, hands: FakeJiraClient) -> None:
    jira.get("myself")
    before = hands.journal()[-1]["id"]
    hands.clear_journal()
    jira.get("myself")
    assert [entry["id"] for entry in hands.journal()] == [before + 1]


def test_an_expectation_about_what_was_evicted_fails_and_says_so(jira: Jira, hands: FakeJiraClient) -> None:
    for number in range(CAPACITY + 1):
        note(jira.world.journal, f"/{number}")
    with pytest.raises(FakeJiraError, match="The journal has dropped 1 requests"):
        hands.expect(path="/0", times=0)
    assert hands.expect(path="/10000", since_id=1, times=1) == 1


def test_the_ring_stays_flat_and_counts_what_left_it() -> None:
    journal = Journal(capacity=3)
    for number in range(5):
        note(journal, f"/{number}")
    assert [entry.path for entry in journal.entries({})] == ["/2", "/3", "/4"]
    assert (journal.total, journal.evicted) == (5, 2)
    assert (journal.has_forgotten_after(0), journal.has_forgotten_after(2)) == (True, False)


def test_a_body_beyond_the_bound_is_cut(jira: Jira, hands: FakeJiraClient) -> None:
    requests.post(f"{jira.url}/rest/api/3/search/jql", json={"jql": "x" * 20_000}, timeout=10)
    assert len(hands.journal()[0]["body"]) == 8192


@pytest.mark.parametrize(
    ("path", "sent", "kept"),
    [
        ("/oauth/token", b'{"client_id":"a","client_secret": "s\\"e","code":"c"}',
         b'{"client_id":"a","client_secret": "***","code":"***"}'),
        ("/login", b"email=a%40b&password=p%26q&continue=", b"email=a%40b&password=***&continue="),
        ("/rest/api/2/user", b'{"name": "x", "password": 12}', b'{"name": "x", "password": "***"}'),
        ("/rest/api/2/issue", b'{"token": "t", "code": "c"}', b'{"token": "t", "code": "c"}'),
        ("/rest/api/2/issue", b'{"text": "&password=seen"}', b'{"text": "&password=seen"}'),
        ("/oauth/token", b'{"refresh_token": "cut of', b'{"refresh_token": "***"'),
        ("/oauth/token", b'{"refresh_token": "cut of\\', b'{"refresh_token": "***"'),
    ],
)  # fmt: skip
def test_passwords_and_secrets_are_not_written_down(path: str, sent: bytes, kept: bytes) -> None:
    assert without_secrets(path, sent) == kept


def test_a_form_is_kept_without_its_secrets_whoever_has_read_it(jira: Jira, hands: FakeJiraClient) -> None:
    form = {"email": "admin@example.com", "password": "admin-token"}
    for path in ("/login", "/no/such/page"):
        jira.session.post(f"{jira.url}{path}?os_password=seen", data=form, allow_redirects=False, timeout=10)
    assert {(entry["body"], entry["query"]) for entry in hands.journal()} == {
        ("email=admin%40example.com&password=***", "os_password=***")
    }
