"""Bulk move, transition, delete and watch: done at once, told of by a queue, one failure keeps nobody back."""

from typing import Any

import pytest

from fake_jira.client import FakeJiraClient
from fake_jira.model.permissions import revoke
from tests.fake_jira.conftest import VIEWER, Jira


def submitted(jira: Jira, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The operation's progress, right after it was submitted."""
    answer = jira.post(f"bulk/issues/{path}", body)
    assert answer.status_code == 201, answer.text
    return dict(jira.get(f"bulk/queue/{answer.json()['taskId']}").json())


def selected(*keys: str) -> dict[str, Any]:
    return {"selectedIssueIdsOrKeys": list(keys)}


def test_an_operation_is_running_until_the_clock_has_moved_on(jira: Jira) -> None:
    key = jira.create()
    control = FakeJiraClient(jira.url)
    control.settings(task_seconds=60)
    task = jira.post("bulk/issues/delete", selected(key)).json()["taskId"]
    running = jira.get(f"bulk/queue/{task}").json()
    assert (running["status"], running["processedAccessibleIssues"]) == ("RUNNING", [])
    control.advance("1m")
    over = jira.get(f"bulk/queue/{task}").json()
    assert (over["status"], over["processedAccessibleIssues"]) == ("COMPLETE", [10000])
    control.advance("15d")
    assert jira.get(f"bulk/queue/{task}").status_code == 400


def test_what_one_issue_refuses_keeps_the_others_not_back(jira: Jira) -> None:
    first, second = jira.create(), jira.create()
    wanted = [{"selectedIssueIdsOrKeys": [first, second, "SEC-77"], "transitionId": "41"}]
    jira.post(f"issue/{second}/transitions", {"transition": {"id": "21"}})
    done = submitted(jira, "transition", {"bulkTransitionInputs": wanted})
    assert (done["processedAccessibleIssues"], done["totalIssueCount"]) == ([10000, 10001], 3)
    assert done["invalidOrInaccessibleIssueCount"] == 1
    bad = submitted(jira, "transition", {"bulkTransitionInputs": [wanted[0] | {"transitionId": "999"}]})
    assert set(bad["failedAccessibleIssues"]) == {"10000", "10001"}
    assert "999" in bad["failedAccessibleIssues"]["10000"][0]


def test_a_moved_issue_keeps_its_id_and_takes_its_sub_tasks_along(jira: Jira) -> None:
    key = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": key})
    before = jira.get(f"issue/{key}").json()["id"]
    source = {"issueIdsOrKeys": [key], "inferStatusDefaults": True}
    submitted(jira, "move", {"targetToSourcesMapping": {"TEST,10002": source}})
    moved = jira.get(f"issue/{key}").json()
    assert (moved["id"], moved["key"]) == (before, "TEST-1")
    assert jira.get(f"issue/{child}").json()["key"] == "TEST-2"
    items = [item["field"] for each in jira.get(f"issue/{key}/changelog").json()["values"] for item in each["items"]]
    assert {"Key", "project"} <= set(items)


def test_an_issue_can_become_a_sub_task_of_another(jira: Jira) -> None:
    key = jira.create()
    parent = jira.create(project="TEST")
    source = {"issueIdsOrKeys": [key]}
    submitted(jira, "move", {"targetToSourcesMapping": {f"TEST,10004,{parent}": source}})
    fields = jira.get(f"issue/{key}").json()["fields"]
    assert (fields["issuetype"]["subtask"], fields["parent"]["key"]) == (True, parent)
    assert [each["id"] for each in jira.get(f"issue/{parent}").json()["fields"]["subtasks"]] == ["10000"]


def test_a_move_leaves_no_family_in_disorder(jira: Jira) -> None:
    epic = jira.create(kind="Epic")
    story = jira.create(kind="Story", parent={"key": epic})
    jira.create(kind="Sub-task", parent={"key": story})
    for key, target in (
        (story, f"SEC,10004,{story}"),
        (story, "SEC,10000"),
        (epic, "SEC,10001"),
        (epic, f"SEC,10000,{epic}"),
    ):
        done = submitted(jira, "move", {"targetToSourcesMapping": {target: {"issueIdsOrKeys": [key]}}})
        assert (done["processedAccessibleIssues"], len(done["failedAccessibleIssues"])) == ([], 1)
    assert [jira.get(f"issue/{each}?expand=changelog").json()["changelog"]["total"] for each in (epic, story)] == [0, 0]


def test_who_becomes_an_epic_has_no_epic_above(jira: Jira) -> None:
    story = jira.create(kind="Story", parent={"key": jira.create(kind="Epic")})
    submitted(jira, "move", {"targetToSourcesMapping": {"SEC,10000": {"issueIdsOrKeys": [story]}}})
    assert "parent" not in jira.get(f"issue/{story}").json()["fields"]


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("delete", {}, "'selectedIssueIdsOrKeys' must name at least one issue by its id or key."),
        ("delete", {"selectedIssueIdsOrKeys": ["A-1"] * 1001}, "At most 1000 issues can be selected, not 1001."),
        ("delete", {"nonsense": 1}, "Unrecognized property 'nonsense'."),
        ("transition", {"bulkTransitionInputs": [selected("SEC-1")]}, "'transitionId' is required."),
        ("move", {}, "'targetToSourcesMapping' must name at least one target with its issues."),
        ("move", {"targetToSourcesMapping": {"TEST": {}}}, "The target 'TEST' is not of the form"),
        ("move", {"targetToSourcesMapping": {"NO,10002": {}}}, "The project 'NO' does not exist or cannot be seen."),
        ("move", {"targetToSourcesMapping": {"TEST,9": {}}}, "The issue type '9' is not one of the project TEST."),
        ("move", {"targetToSourcesMapping": {"TEST,10004": {}}}, "The issue type Sub-task needs a parent"),
    ],
)
def test_what_cannot_be_is_refused_in_the_envelope_of_bulk_operations(
    jira: Jira, path: str, body: dict[str, Any], sentence: str
) -> None:
    answer = jira.post(f"bulk/issues/{path}", body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["message"].startswith(sentence)


def test_who_may_not_delete_is_told_for_each_issue(jira: Jira) -> None:
    key = jira.create()
    answer = jira.post("bulk/issues/delete", selected(key), auth=VIEWER)
    task = answer.json()["taskId"]
    progress = jira.get(f"bulk/queue/{task}", auth=VIEWER).json()
    assert list(progress["failedAccessibleIssues"]) == ["10000"]
    assert jira.get(f"issue/{key}").status_code == 200
    assert jira.get(f"bulk/queue/{task}").status_code == 400, "the queue tells only who submitted"


def test_data_center_has_no_bulk_operations(data_center: Jira) -> None:
    assert data_center.post("bulk/issues/delete", selected("SEC-1")).status_code == 404


def test_an_issue_that_the_caller_may_not_see_is_only_counted(jira: Jira) -> None:
    key = jira.create()
    viewer = jira.world.state.user(VIEWER[0])
    project = jira.world.state.project("SEC")
    assert viewer is not None
    assert project is not None
    with jira.world.lock:
        revoke(jira.site, project, viewer, "BROWSE_PROJECTS")
    task = jira.post("bulk/issues/watch", selected(key), auth=VIEWER).json()["taskId"]
    progress = jira.get(f"bulk/queue/{task}", auth=VIEWER).json()
    assert (progress["processedAccessibleIssues"], progress["invalidOrInaccessibleIssueCount"]) == ([], 1)
    offered = jira.get(f"bulk/issues/transition?issueIdsOrKeys={key}", auth=VIEWER)
    assert offered.status_code == 400


def test_the_queue_knows_bulk_operations_and_no_other_tasks(jira: Jira) -> None:
    jira.post("project", {"key": "GONE", "name": "Gone", "projectTypeKey": "software", "lead": jira.admin.name,
                          "leadAccountId": jira.admin.account_id})  # fmt: skip
    place = jira.post("project/GONE/delete", {}, allow_redirects=False).headers["Location"]
    task = place.rpartition("/")[2]
    assert jira.get(f"task/{task}").status_code == 200
    assert jira.get(f"bulk/queue/{task}").status_code == 400


def test_who_may_not_move_issues_moves_none(jira: Jira) -> None:
    key = jira.create()
    project = jira.world.state.project("SEC")
    assert project is not None
    with jira.world.lock:
        revoke(jira.site, project, jira.admin, "MOVE_ISSUES")
    done = submitted(jira, "move", {"targetToSourcesMapping": {"TEST,10002": {"issueIdsOrKeys": [key]}}})
    assert "permission to move" in done["failedAccessibleIssues"]["10000"][0]
    assert jira.get(f"issue/{key}").json()["key"] == key


def test_bulk_changes_need_their_permission(jira: Jira) -> None:
    answer = jira.post("bulk/issues/delete", selected("SEC-1"), auth=None)
    assert answer.status_code == 401


def test_a_status_that_the_target_lacks_is_named_or_inferred(jira: Jira) -> None:
    FakeJiraClient(jira.url).create_project("CLA", "Classic", workflow="classic")
    key = jira.create()
    jira.post(f"issue/{key}/transitions", {"transition": {"id": "31"}})  # In Review, which a classic workflow lacks
    kind = jira.get(f"issue/{key}").json()["fields"]["issuetype"]["id"]
    target = f"CLA,{kind}"

    def moved(**source: Any) -> dict[str, Any]:
        return submitted(jira, "move", {"targetToSourcesMapping": {target: {"issueIdsOrKeys": [key], **source}}})

    assert "no other is named" in moved()["failedAccessibleIssues"]["10000"][0]
    bad = moved(targetStatus=[{"statuses": {"10000": ["10002"]}}])
    assert "not one of the target workflow" in bad["failedAccessibleIssues"]["10000"][0]
    assert moved(inferStatusDefaults=True)["processedAccessibleIssues"] == [10000]
    fields = jira.get("issue/10000").json()["fields"]
    assert (fields["project"]["key"], fields["status"]["name"]) == ("CLA", "Open")


def test_a_status_there_can_be_named(jira: Jira) -> None:
    client = FakeJiraClient(jira.url)
    client.create_project("CLA", "Classic", workflow="classic")
    key = jira.create()
    there = {each["name"]: each["id"] for each in jira.get("status").json()}
    source = {"issueIdsOrKeys": [key], "targetStatus": [{"statuses": {there["Resolved"]: ["10000"]}}]}
    kind = jira.get(f"issue/{key}").json()["fields"]["issuetype"]["id"]
    submitted(jira, "move", {"targetToSourcesMapping": {f"CLA,{kind}": source}})
    assert jira.get(f"issue/{key}").json()["fields"]["status"]["name"] == "Resolved"
