"""Work logged on issues, and what it does to the estimates."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fake_jira.conftest import VIEWER, Jira
from tests.fake_jira.people import admin, member, viewer
from tests.fake_jira.proof.drives import rich

HOUR = 3600


def estimated(jira: Jira, original: str = "4h") -> str:
    return jira.create(timetracking={"originalEstimate": original})


def log(jira: Jira, key: str, spent: str = "1h", query: str = "", **more: Any) -> Any:
    answer = jira.post(f"issue/{key}/worklog{query}", {"timeSpent": spent, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def times(jira: Jira, key: str) -> dict[str, Any]:
    fields: dict[str, Any] = jira.get(f"issue/{key}").json()["fields"]
    return fields


def test_time_is_said_in_words_and_in_seconds(either: Jira) -> None:
    key = estimated(either, "2d")
    made = log(either, key, "3h 20m", comment=rich(either, "Dug"))
    assert (made["timeSpent"], made["timeSpentSeconds"]) == ("3h 20m", 12_000)
    assert made["comment"] == rich(either, "Dug")
    assert times(either, key)["timetracking"] == {
        "originalEstimate": "2d",
        "remainingEstimate": "1d 4h 40m",
        "timeSpent": "3h 20m",
        "originalEstimateSeconds": 57_600,
        "remainingEstimateSeconds": 45_600,
        "timeSpentSeconds": 12_000,
    }


def test_the_fields_of_an_issue_follow_and_sum_up_its_sub_tasks(either: Jira) -> None:
    key = estimated(either)
    child = either.create(kind="Sub-task", parent={"key": key}, timetracking={"originalEstimate": "2h"})
    log(either, key), log(either, child)
    fields = times(either, key)
    assert (fields["timespent"], fields["timeestimate"], fields["timeoriginalestimate"]) == (HOUR, 3 * HOUR, 4 * HOUR)
    assert (fields["aggregatetimespent"], fields["aggregatetimeestimate"]) == (2 * HOUR, 4 * HOUR)
    assert fields["aggregatetimeoriginalestimate"] == 6 * HOUR
    assert fields["progress"] == {"progress": HOUR, "total": 4 * HOUR, "percent": 25}
    assert fields["aggregateprogress"] == {"progress": 2 * HOUR, "total": 6 * HOUR, "percent": 33}
    assert fields["workratio"] == 25
    assert (fields["worklog"]["total"], fields["worklog"]["maxResults"]) == (1, 20)


def test_an_issue_without_estimates_shows_none(either: Jira) -> None:
    fields = times(either, either.create())
    assert (fields["timetracking"], fields["timespent"], fields["workratio"]) == ({}, None, -1)
    assert fields["progress"] == {"progress": 0, "total": 0}


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", 3),
        ("?adjustEstimate=auto", 3),
        ("?adjustEstimate=leave", 4),
        ("?adjustEstimate=new&newEstimate=9h", 9),
        ("?adjustEstimate=manual&reduceBy=2h", 2),
        ("?adjustEstimate=manual&reduceBy=9h", 0),
    ],
)
def test_what_remains_is_adjusted_as_asked_for(either: Jira, query: str, left: int) -> None:
    key = estimated(either)
    log(either, key, query=query)
    assert times(either, key)["timeestimate"] == left * HOUR


@pytest.mark.parametrize(
    ("query", "left"), [("", 4), ("?adjustEstimate=leave", 3), ("?adjustEstimate=manual&increaseBy=30m", 3.5)]
)
def test_work_taken_back_remains_to_be_done(either: Jira, query: str, left: float) -> None:
    key = estimated(either)
    made = log(either, key)
    assert either.delete(f"issue/{key}/worklog/{made['id']}{query}").status_code == 204
    assert times(either, key)["timeestimate"] == left * HOUR
    assert times(either, key)["timespent"] is None


def test_more_work_than_was_estimated_leaves_nothing_to_do(either: Jira) -> None:
    key = estimated(either)
    log(either, key, "9h")
    assert times(either, key)["timeestimate"] == 0


def test_more_work_than_said_at_first_leaves_less_to_do(either: Jira) -> None:
    key = estimated(either)
    made = log(either, key, comment=rich(either, "Dug"))
    changed = either.put(f"issue/{key}/worklog/{made['id']}", {"timeSpentSeconds": 2 * HOUR}).json()
    assert (changed["timeSpent"], changed["comment"]) == ("2h", rich(either, "Dug"))
    assert times(either, key)["timeestimate"] == 2 * HOUR


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "timeLogged"),
        ({"timeSpent": "soon"}, "timeLogged"),
        ({"timeSpentSeconds": -5}, "timeLogged"),
        ({"timeSpentSeconds": 2**62}, "timeLogged"),
        ({"timeSpent": "1h", "started": "0001-01-01T00:00:00+14:00"}, "started"),
        ({"timeSpent": "1h", "started": "yesterday"}, "started"),
    ],
)
def test_work_that_cannot_be_understood_is_refused(either: Jira, body: dict[str, Any], field: str) -> None:
    answer = either.post(f"issue/{either.create()}/worklog", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("query", ["adjustEstimate=new", "adjustEstimate=manual&reduceBy=x", "adjustEstimate=somehow"])
def test_an_adjustment_without_its_value_is_refused(either: Jira, query: str) -> None:
    key = estimated(either)
    assert either.post(f"issue/{key}/worklog?{query}", {"timeSpent": "1h"}).status_code == 400
    assert times(either, key)["timespent"] is None


def test_the_changelog_tells_of_time_and_of_worklogs_that_went(jira: Jira) -> None:
    key = estimated(jira)
    made = log(jira, key)
    jira.delete(f"issue/{key}/worklog/{made['id']}")
    logged, taken = jira.get(f"issue/{key}/changelog").json()["values"]
    assert [(each["field"], each["from"], each["to"]) for each in logged["items"]] == [
        ("timeestimate", "14400", "10800"),
        ("timespent", None, "3600"),
    ]
    assert [(each["field"], each["from"], each["to"]) for each in taken["items"]] == [
        ("timeestimate", "10800", "14400"),
        ("timespent", "3600", "0"),
        ("WorklogId", made["id"], None),
        ("WorklogTimeSpent", "3600", None),
    ]


def test_estimates_are_edited_with_the_issue(either: Jira) -> None:
    key = either.create()
    path = f"issue/{key}"
    assert either.put(path, {"fields": {"timetracking": {"originalEstimate": "3h"}}}).status_code == 204
    assert times(either, key)["timetracking"]["remainingEstimate"] == "3h"
    update = {"update": {"timetracking": [{"edit": {"remainingEstimate": "1h"}}]}}
    assert either.put(path, update).status_code == 204
    fields = times(either, key)
    assert (fields["timeoriginalestimate"], fields["timeestimate"]) == (3 * HOUR, HOUR)
    wrong = either.put(path, {"fields": {"timetracking": {"originalEstimate": "long"}}})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["timetracking_originalestimate"])


def test_who_may_not_work_logs_nothing_and_members_change_only_their_own(either: Jira) -> None:
    key = either.create()
    auth, _ = member(either)
    refused = 400 if either.flavour == "cloud" else 403
    body = {"timeSpent": "1h"}
    assert either.post(f"issue/{key}/worklog", body, auth=viewer(either)).status_code == refused
    foreign, own = log(either, key)["id"], either.post(f"issue/{key}/worklog", body, auth=auth).json()["id"]
    assert either.put(f"issue/{key}/worklog/{foreign}", body, auth=auth).status_code == refused
    assert either.delete(f"issue/{key}/worklog/{foreign}", auth=auth).status_code == refused
    assert either.put(f"issue/{key}/worklog/{own}", {"timeSpent": "2h"}, auth=auth).status_code == 200
    assert either.delete(f"issue/{key}/worklog/{own}", auth=auth).status_code == 204


def test_a_worklog_for_a_role_is_hidden_from_everybody_else_but_its_time_counts(either: Jira) -> None:
    key = either.create()
    name = next(each["name"] for each in either.get("role").json() if each["name"].startswith("Admin"))
    made = log(either, key, visibility={"type": "role", "value": name})
    for auth, shown in ((viewer(either), 0), (admin(either), 1)):
        more = {"auth": auth}
        assert either.get(f"issue/{key}/worklog", **more).json()["total"] == shown
        assert either.get(f"issue/{key}", **more).json()["fields"]["worklog"]["total"] == shown
        assert either.get(f"issue/{key}/worklog/{made['id']}", **more).status_code == (200 if shown else 404)
        told = either.post("worklog/list", {"ids": [int(made["id"])]}, **more).json()
        assert len(told) == shown
        assert either.get(f"issue/{key}", **more).json()["fields"]["timespent"] == HOUR


def test_worklogs_are_chosen_by_when_the_work_began_on_cloud(jira: Jira) -> None:
    key = jira.create()
    for day in (1, 2, 3):
        log(jira, key, started=f"2026-03-0{day}T00:00:00.000+0000")
    second = 1_772_409_600_000
    shown = jira.get(f"issue/{key}/worklog?startedAfter={second - 1}&startedBefore={second + 1}").json()["worklogs"]
    assert [each["started"] for each in shown] == ["2026-03-02T00:00:00.000+0000"]
    assert jira.get(f"issue/{key}/worklog?maxResults=1").json()["total"] == 3


def test_changed_and_deleted_worklogs_are_told_of_after_a_minute(either: Jira) -> None:
    key = either.create()
    kept, gone = log(either, key)["id"], log(either, key)["id"]
    either.delete(f"issue/{key}/worklog/{gone}")
    assert either.get("worklog/updated").json()["values"] == []
    either.world.clock.advance(timedelta(seconds=61))
    updated, deleted = either.get("worklog/updated").json(), either.get("worklog/deleted").json()
    assert [each["worklogId"] for each in updated["values"]] == [int(kept)]
    assert [each["worklogId"] for each in deleted["values"]] == [int(gone)]
    assert updated["lastPage"] is True
    assert either.get(f"worklog/updated?since={updated['until'] + 1}").json()["values"] == []


def test_worklogs_in_bulk_are_all_there_or_nothing_happens(jira: Jira) -> None:
    key, other = estimated(jira), estimated(jira)
    ids = [int(log(jira, key)["id"]), int(log(jira, key)["id"])]
    assert jira.delete(f"issue/{key}/worklog", json={"ids": [*ids, 99]}).status_code == 404
    assert jira.post(f"issue/{key}/worklog/move", {"ids": ids, "issueIdOrKey": key}).status_code == 400
    assert jira.post(f"issue/{key}/worklog/move", {"ids": ids[:1], "issueIdOrKey": other}).status_code == 204
    assert (times(jira, key)["timeestimate"], times(jira, other)["timeestimate"]) == (3 * HOUR, 3 * HOUR)
    assert jira.delete(f"issue/{key}/worklog?adjustEstimate=leave", json={"ids": ids[1:]}).status_code == 204
    assert (times(jira, key)["timespent"], times(jira, key)["timeestimate"]) == (None, 3 * HOUR)
    assert jira.delete(f"issue/{other}/worklog", json={"ids": ids[:1]}, auth=VIEWER).status_code == 400
    moved = jira.post(f"issue/{other}/worklog/move", {"ids": ids[:1], "issueIdOrKey": key}, auth=member(jira)[0])
    assert (moved.status_code, "delete all worklogs" in moved.text) == (400, True)


def test_an_issue_that_is_full_takes_no_more_work(jira: Jira) -> None:
    key = jira.create()
    jira.world.settings = jira.world.settings.changed(worklogs_per_issue=0)
    assert jira.post(f"issue/{key}/worklog", {"timeSpent": "1h"}).status_code == 413
