"""The express lane: an answer that was made before is never sent when anything that it says has changed.

A request with a cookie never takes the lane, so the same question with and without one must have the same answer.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import requests

from fake_jira.model.people import set_tokens_revoked
from fake_jira.model.permissions import grant, revoke
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import VIEWER, Jira

ASIDE = {"Cookie": "a=b"}


def read(jira: Jira, address: str = "issue/SEC-1", **more: object) -> requests.Response:
    """The answer by the lane (asked twice, so that it was kept), which must be what is said beside the lane."""
    jira.get(address, **more)
    by_lane, beside = jira.get(address, **more), jira.get(address, headers=ASIDE, **more)
    assert (by_lane.status_code, by_lane.content) == (beside.status_code, beside.content)
    assert by_lane.headers["Content-Type"] == beside.headers["Content-Type"]
    assert by_lane.headers.keys() == beside.headers.keys()
    return by_lane


def test_the_second_reading_takes_the_lane_and_says_the_same(jira: Jira, server: FakeJira) -> None:
    jira.create()
    before = server.lane.sent
    assert read(jira).json()["key"] == "SEC-1"
    assert server.lane.sent == before + 1


CHANGES: dict[str, Callable[[Jira], object]] = {
    "an edit": lambda jira: jira.put("issue/SEC-1", {"fields": {"summary": "Changed"}}),
    "a transition": lambda jira: jira.post("issue/SEC-1/transitions", {"transition": {"id": "41"}}),
    "a comment": lambda jira: jira.post("issue/SEC-1/comment", {"body": "Said"}, version="2"),
    "an edit of its parent": lambda jira: jira.put("issue/SEC-2", {"fields": {"summary": "Changed"}}),
    "an edit of its sub-task": lambda jira: jira.put("issue/SEC-3", {"fields": {"summary": "Changed"}}),
    "a new sub-task": lambda jira: jira.create(kind="Sub-task", parent={"key": "SEC-1"}),
    "a sub-task's deletion": lambda jira: jira.delete("issue/SEC-3"),
    "a move": lambda jira: jira.move("SEC-1", "TEST"),
    "its deletion": lambda jira: jira.delete("issue/SEC-1?deleteSubtasks=true"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_an_issue_is_seen_at_once(jira: Jira, change: Callable[[Jira], object]) -> None:
    jira.create()
    jira.create(kind="Epic", summary="The parent")
    jira.put("issue/SEC-1", {"fields": {"parent": {"key": "SEC-2"}}})
    jira.create(kind="Sub-task", parent={"key": "SEC-1"})
    before = read(jira)
    change(jira)
    assert read(jira).content != before.content


def test_who_may_not_see_the_issue_any_more_does_not(jira: Jira) -> None:
    jira.create()
    viewer = jira.world.state.user(VIEWER[0])
    project = jira.world.state.project("SEC")
    assert viewer is not None
    assert project is not None
    assert read(jira, auth=VIEWER).status_code == 200
    with jira.world.lock:
        revoke(jira.site, project, viewer, "BROWSE_PROJECTS")
    assert read(jira, auth=VIEWER).status_code == 404
    assert read(jira).status_code == 200
    with jira.world.lock:
        grant(jira.site, project, viewer, "BROWSE_PROJECTS")
    assert read(jira, auth=VIEWER).status_code == 200


def test_a_revoked_token_is_anonymous_at_once(jira: Jira) -> None:
    jira.create()
    assert read(jira).status_code == 200
    with jira.world.lock:
        set_tokens_revoked(jira.site, jira.admin, revoked=True)
    answer = read(jira)
    assert (answer.status_code, answer.headers["x-seraph-loginreason"]) == (404, "AUTHENTICATED_FAILED")


def test_an_armed_fault_stops_what_was_kept(jira: Jira) -> None:
    jira.create()
    assert read(jira).status_code == 200
    control = f"{jira.url}/_control/faults"
    jira.session.post(control, json={"fault": "unavailable", "operation": "getIssue"}, timeout=10)
    assert read(jira).status_code == 503
    jira.session.delete(control, timeout=10)
    assert read(jira).status_code == 200


def test_a_reset_world_has_forgotten_what_was_kept(jira: Jira) -> None:
    jira.create(summary="Before")
    assert read(jira).status_code == 200
    jira.session.post(f"{jira.url}/_control/reset", json={}, timeout=10)
    assert read(jira).status_code == 404
    jira.create(summary="After")
    assert read(jira).json()["fields"]["summary"] == "After"


def test_a_renamed_status_is_seen_in_issues_that_were_kept(jira: Jira) -> None:
    jira.create()
    read(jira)
    with jira.world.lock:
        state = jira.world.state
        state.statuses["10000"] = replace(state.statuses["10000"], name="Waiting")
        state.renamed()
    assert read(jira).json()["fields"]["status"]["name"] == "Waiting"


def test_the_journal_notes_a_request_on_the_lane_like_any_other(jira: Jira) -> None:
    jira.create()
    jira.get("issue/SEC-1?fields=summary&nonsense=1")
    jira.get("issue/SEC-1?fields=summary&nonsense=1")
    first, second = jira.world.journal.entries({"operation": "getIssue"})
    assert second.id == first.id + 1
    assert second.duration_ms <= first.duration_ms
    for name in ("method", "path", "query", "user", "status", "world", "fault", "unread", "body"):
        assert getattr(first, name) == getattr(second, name)
    assert second.unread == ("?nonsense",)


def test_each_answer_has_request_ids_and_a_date_of_its_own(jira: Jira) -> None:
    jira.create()
    jira.get("issue/SEC-1")
    one, other = jira.get("issue/SEC-1"), jira.get("issue/SEC-1")
    assert one.headers["Atl-Traceid"] != other.headers["Atl-Traceid"]
    jira.session.post(f"{jira.url}/_control/clock", json={"advance": "1d"}, timeout=10)
    assert jira.get("issue/SEC-1").headers["Date"] != one.headers["Date"]
