"""Bulk operations and the queue that tells of them."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives


def finished(jira: Jira, task_id: str) -> list[int]:
    """The issues that the operation has done, once it is over."""
    progress = jira.get(f"bulk/queue/{task_id}").json()
    assert (progress["status"], progress["progressPercent"]) == ("COMPLETE", 100)
    return [int(each) for each in progress["processedAccessibleIssues"]]


@drives("cloud", "submitBulkMove", "submitBulkTransition", "getAvailableTransitions", "getBulkOperationProgress")
def issues_are_transitioned_and_moved_in_bulk(jira: Jira) -> None:
    first, second = jira.create(), jira.create()
    offered = jira.get(f"bulk/issues/transition?issueIdsOrKeys={first},{second}").json()["availableTransitions"]
    assert [each["issues"] for each in offered] == [[first, second]]
    wanted = {"bulkTransitionInputs": [{"selectedIssueIdsOrKeys": [first, second], "transitionId": "41"}]}
    done = jira.post("bulk/issues/transition", wanted)
    assert len(finished(jira, done.json()["taskId"])) == 2
    inferred = ("Classification", "Field", "Status")
    source = {"issueIdsOrKeys": [first], **{f"infer{each}Defaults": True for each in inferred}}
    source["inferSubtaskTypeDefault"] = True
    moved = jira.post("bulk/issues/move", {"targetToSourcesMapping": {"TEST,10003": source}})
    assert len(finished(jira, moved.json()["taskId"])) == 1
    issue = jira.get(f"issue/{first}").json()
    assert (issue["key"], issue["fields"]["issuetype"]["name"]) == ("TEST-1", "Bug")
    assert issue["fields"]["status"]["name"] == "Done"


@drives("cloud", "submitBulkDelete", "submitBulkWatch", "submitBulkUnwatch", "getBulkOperationProgress")
def issues_are_watched_and_deleted_in_bulk(jira: Jira) -> None:
    key = jira.create()
    selected = {"selectedIssueIdsOrKeys": [key, "SEC-99"]}
    for path, watched in (("unwatch", False), ("watch", True)):
        task = jira.post(f"bulk/issues/{path}", selected).json()["taskId"]
        assert finished(jira, task) == [10000]
        assert jira.get(f"issue/{key}/watchers").json()["isWatching"] is watched
    task = jira.post("bulk/issues/delete", selected | {"sendBulkNotification": False}).json()["taskId"]
    assert jira.get(f"bulk/queue/{task}").json()["invalidOrInaccessibleIssueCount"] == 1
    assert jira.get(f"issue/{key}").status_code == 404
