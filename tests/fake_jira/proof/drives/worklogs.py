"""Work that is logged on an issue."""

from datetime import timedelta

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives, rich

NINE = "2026-05-01T09:00:00.000+0000"
BOTH = ("getIssueWorklog", "getWorklog", "addWorklog", "updateWorklog", "deleteWorklog")
FEEDS = ("getWorklogsForIds", "getIdsOfWorklogsModifiedSince", "getIdsOfWorklogsDeletedSince")


def _log(jira: Jira, key: str, seconds: int) -> str:
    body = {"timeSpentSeconds": seconds, "started": NINE, "comment": rich(jira, "Dug")}
    written = jira.post(f"issue/{key}/worklog", body)
    assert written.status_code == 201, written.text
    return str(written.json()["id"])


@drives("cloud", "data-center", *BOTH)
def work_is_logged_corrected_and_taken_back(jira: Jira) -> None:
    key = jira.create()
    mine = f"issue/{key}/worklog/{_log(jira, key, 7200)}"
    assert jira.put(mine, {"timeSpent": "1h"}).status_code == 200
    assert jira.get(mine).json()["timeSpentSeconds"] == 3600
    assert jira.get(f"issue/{key}/worklog").json()["total"] == 1
    assert jira.delete(mine).status_code == 204
    assert jira.get(mine).status_code == 404


@drives("cloud", "data-center", *FEEDS)
def changes_of_worklogs_are_followed(jira: Jira) -> None:
    key = jira.create()
    kept, lost = _log(jira, key, 60), _log(jira, key, 120)
    assert jira.delete(f"issue/{key}/worklog/{lost}").status_code == 204
    jira.world.clock.advance(timedelta(minutes=2))  # what was changed in the last minute is not told of
    updated = jira.get("worklog/updated?since=0").json()["values"]
    assert int(kept) in [each["worklogId"] for each in updated]
    assert [each["worklogId"] for each in jira.get("worklog/deleted?since=0").json()["values"]] == [int(lost)]
    assert [each["id"] for each in jira.post("worklog/list", {"ids": [int(kept)]}).json()] == [kept]


@drives("cloud", "bulkDeleteWorklogs", "bulkMoveWorklogs")
def many_worklogs_are_moved_and_deleted_at_once(jira: Jira) -> None:
    key, other = jira.create(), jira.create()
    ids = [int(_log(jira, key, 60)), int(_log(jira, key, 120))]
    assert jira.post(f"issue/{key}/worklog/move", {"ids": ids, "issueIdOrKey": other}).status_code < 300
    assert jira.get(f"issue/{other}/worklog").json()["total"] == 2
    assert jira.call("DELETE", f"issue/{other}/worklog", json={"ids": ids}).status_code < 300
    assert jira.get(f"issue/{other}/worklog").json()["total"] == 0


@drives("cloud", "getWorklogPropertyKeys", "getWorklogProperty", "setWorklogProperty", "deleteWorklogProperty")
def a_worklog_has_properties(jira: Jira) -> None:
    key = jira.create()
    properties = f"issue/{key}/worklog/{_log(jira, key, 60)}/properties"
    assert jira.put(f"{properties}/mood", {"good": True}).status_code == 201
    assert [each["key"] for each in jira.get(properties).json()["keys"]] == ["mood"]
    assert jira.get(f"{properties}/mood").json()["value"] == {"good": True}
    assert jira.delete(f"{properties}/mood").status_code == 204
