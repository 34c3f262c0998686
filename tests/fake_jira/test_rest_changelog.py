"""Changelogs by ids and in bulk, and the labels, suggestions and mails around issues [jira 5.9]."""

from typing import Any

import pytest

from fake_jira.model.permissions import revoke
from tests.fake_jira.conftest import VIEWER, Jira
from tests.fake_jira.people import member, named, viewer


def renamed(jira: Jira, *summaries: str) -> str:
    key = jira.create()
    for each in summaries:
        assert jira.put(f"issue/{key}", {"fields": {"summary": each}}).status_code == 204
    return key


def bulk(jira: Jira, keys: list[str], **more: Any) -> dict[str, Any]:
    answer = jira.post("changelog/bulkfetch", {"issueIdsOrKeys": keys} | more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_changes_of_many_issues_come_in_pages_in_the_order_of_time(jira: Jira) -> None:
    keys = [renamed(jira, "a", "b"), renamed(jira, "c", "d")]
    seen: list[tuple[str, str]] = []
    token: dict[str, Any] = {}
    for _ in range(2):
        page = bulk(jira, keys, maxResults=3, **token)
        seen += [(log["issueId"], each["id"]) for log in page["issueChangeLogs"] for each in log["changeHistories"]]
        token = {"nextPageToken": page.get("nextPageToken")}
    assert (len(seen), len(set(seen)), token) == (4, 4, {"nextPageToken": None})


def test_in_bulk_the_instants_are_milliseconds_since_1970(jira: Jira) -> None:
    key = renamed(jira, "a")
    (entry,) = bulk(jira, [key])["issueChangeLogs"][0]["changeHistories"]
    made = jira.site.issue(key).history[0].created
    assert entry["created"] == round(made.timestamp() * 1000)


def test_changes_are_chosen_by_field_and_hidden_issues_left_out(jira: Jira) -> None:
    key = renamed(jira, "a")
    jira.put(f"issue/{key}", {"fields": {"labels": ["x"]}})
    (log,) = bulk(jira, [key, "SEC-99"], fieldIds=["labels"])["issueChangeLogs"]
    assert [item["field"] for each in log["changeHistories"] for item in each["items"]] == ["labels"]
    vic = jira.world.state.user("viewer@example.com")
    assert vic is not None
    revoke(jira.site, jira.world.state.projects["10001"], vic, "BROWSE_PROJECTS")
    hidden = jira.post("changelog/bulkfetch", {"issueIdsOrKeys": [key]}, auth=VIEWER)
    assert hidden.json() == {"issueChangeLogs": []}


@pytest.mark.parametrize(
    "body",
    [
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": ["1"] * 1001},
        {"issueIdsOrKeys": ["1"], "fieldIds": [str(n) for n in range(11)]},
        {"issueIdsOrKeys": ["1"], "maxResults": 0},
        {"issueIdsOrKeys": ["1"], "nextPageToken": "nonsense"},
    ],
)
def test_a_bulk_request_has_bounds(jira: Jira, body: dict[str, Any]) -> None:
    assert jira.post("changelog/bulkfetch", body).status_code == 400


def test_labels_are_those_of_all_issues_in_pages(jira: Jira) -> None:
    jira.create(labels=["b", "a"])
    jira.create(labels=["c"])
    page = jira.get("label?maxResults=2").json()
    assert (page["values"], page["total"], page["isLast"]) == (["a", "b"], 3, False)
    assert jira.get("label", auth=None).status_code == 401


def test_the_picker_suggests_own_issues_and_those_of_a_query(either: Jira) -> None:
    own, other = either.create(summary="A <leaking> tap"), either.create("TEST", summary="Leaking roof")
    told = either.get("issue/picker", params={"query": "leak", "currentJQL": "project = TEST"}).json()["sections"]
    assert [each["id"] for each in told] == ["hs", "cs"]
    assert {each["key"] for each in told[0]["issues"]} == {own, other}
    assert [each["key"] for each in told[1]["issues"]] == [other]
    (marked,) = (each for each in told[0]["issues"] if each["key"] == own)
    assert (marked["summary"], marked["summaryText"]) == ("A &lt;<b>leak</b>ing&gt; tap", "A <leaking> tap")
    assert told[1]["sub"] == "Showing 1 of 1 matching issues"


def test_the_picker_leaves_out_the_present_issue_and_sub_tasks_when_told_so(either: Jira) -> None:
    parent = either.create(summary="Tap")
    child = either.create(kind="Sub-task", summary="Tap washer", parent={"key": parent})

    def suggested(**params: str) -> set[str]:
        (section,) = either.get("issue/picker", params={"query": "tap"} | params).json()["sections"]
        return {each["key"] for each in section["issues"]}

    assert suggested() == {parent, child}
    assert suggested(showSubTasks="false") == {parent}
    assert suggested(currentIssueKey=child) == {parent}
    assert suggested(currentIssueKey=child, showSubTaskParent="false") == set()
    assert suggested(currentProjectId="1") == set()
    assert either.get("issue/picker?query=tap", auth=None).status_code in (200, 401)


def test_the_picker_suggests_no_issue_that_has_been_hidden_since(jira: Jira) -> None:
    auth, mia = member(jira)
    given = {"project": {"key": "SEC"}, "summary": "Leaking tap", "issuetype": {"name": "Task"}}
    assert jira.post("issue", {"fields": given}, auth=auth).status_code == 201
    revoke(jira.site, jira.world.state.projects["10001"], mia, "BROWSE_PROJECTS")
    (section,) = jira.get("issue/picker?query=leak", auth=auth).json()["sections"]
    assert section["issues"] == []


def test_a_mail_needs_somebody_else_to_read_it(either: Jira) -> None:
    path = f"issue/{either.create()}/notify"
    vic = either.world.state.user("viewer@example.com")
    assert vic is not None
    assert either.post(path, {"textBody": "Look", "to": {"users": [named(either, vic)]}}).status_code == 204
    for recipients in ({}, {"assignee": True}, {"reporter": True}, {"users": [named(either, either.admin)]}):
        answer = either.post(path, {"textBody": "Look", "to": recipients})
        assert (answer.status_code, answer.json()["errorMessages"]) == (
            400,
            ["No recipients were defined for notification."],
        )
    assert either.post(path, {"to": {"groups": [{"name": "nobodies"}]}}).status_code == 400
    assert either.post(path, {"to": {"users": 5}}).status_code == 400


def test_events_and_limits_are_for_admins(jira: Jira) -> None:
    assert jira.get("events", auth=VIEWER).status_code == 403
    assert jira.get("issue/limit/report", auth=VIEWER).status_code == 403
    assert jira.get("events", auth=None).status_code == 401
    key = jira.create()
    jira.post(f"issue/{key}/worklog", {"timeSpent": "1h"})
    jira.world.settings = jira.world.settings.changed(worklogs_per_issue=0)
    told = jira.get("issue/limit/report?isReturningKeys=true").json()
    assert (told["issuesBreachingLimit"], told["limits"]["worklog"]) == ({"worklog": {key: 1}}, 0)


def test_sub_tasks_are_moved_within_bounds_by_who_may_edit(data_center: Jira) -> None:
    parent = data_center.create()
    children = [data_center.create(kind="Sub-task", parent={"key": parent}) for _ in range(3)]
    path = f"issue/{parent}/subtask"
    assert data_center.post(f"{path}/move", {"original": 2, "current": 0}).status_code == 204
    shown = [each["key"] for each in data_center.get(path).json()]
    assert shown == [children[2], children[0], children[1]]
    in_field = data_center.get(f"issue/{parent}").json()["fields"]["subtasks"]
    assert [each["key"] for each in in_field] == shown
    assert data_center.post(f"{path}/move", {"original": 3, "current": 0}).status_code == 400
    auth = viewer(data_center)
    assert data_center.get(f"{path}/move", auth=auth).json() is False
    assert data_center.post(f"{path}/move", {"original": 0, "current": 1}, auth=auth).status_code == 403
