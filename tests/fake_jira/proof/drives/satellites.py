"""What belongs to issues besides comments, worklogs, files and links: properties, labels, changelogs, mails, order."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives, me


@drives(
    "cloud", "data-center", "getIssuePropertyKeys", "getIssueProperty", "setIssueProperty", "deleteIssueProperty"
)  # fmt: skip
def an_issue_has_properties(jira: Jira) -> None:
    properties = f"issue/{jira.create()}/properties"
    assert jira.put(f"{properties}/mood", "good").status_code == 201
    assert jira.put(f"{properties}/mood", "better").status_code == 200
    assert [each["key"] for each in jira.get(properties).json()["keys"]] == ["mood"]
    assert jira.get(f"{properties}/mood").json() == {"key": "mood", "value": "better"}
    assert jira.delete(f"{properties}/mood").status_code == 204
    assert jira.get(f"{properties}/mood").status_code == 404


@drives("cloud", "bulkSetIssuesPropertiesList", "bulkSetIssuePropertiesByIssue", "bulkSetIssueProperty", "getTask")
def properties_of_many_issues_are_set_by_tasks(jira: Jira) -> None:
    keys = [jira.create(), jira.create()]
    ids = [int(jira.get(f"issue/{key}").json()["id"]) for key in keys]
    listed = {"entitiesIds": ids, "properties": {"mood": {"good": True}}}
    by_issue = {"issues": [{"issueID": ids[0], "properties": {"own": {"n": 1}}}]}
    for answer in (
        jira.post("issue/properties", listed, allow_redirects=False),
        jira.post("issue/properties/multi", by_issue, allow_redirects=False),
        jira.put("issue/properties/shade", {"value": "red", "filter": {"entityIds": ids}}, allow_redirects=False),
    ):
        assert answer.status_code == 303
        task = jira.get(f"task/{answer.headers['Location'].rpartition('/')[2]}").json()
        assert task["status"] == "COMPLETE"
    assert jira.get(f"issue/{keys[1]}/properties/mood").json()["value"] == {"good": True}
    assert jira.get(f"issue/{keys[1]}/properties/shade").json()["value"] == "red"
    assert {each["key"] for each in jira.get(f"issue/{keys[0]}/properties").json()["keys"]} == {"mood", "own", "shade"}


@drives("cloud", "bulkDeleteIssueProperty")
def a_property_is_taken_from_many_issues(jira: Jira) -> None:
    keys = [jira.create(), jira.create()]
    for key in keys:
        jira.put(f"issue/{key}/properties/mood", key)
    answer = jira.delete("issue/properties/mood", json={"currentValue": keys[0]}, allow_redirects=False)
    assert answer.status_code == 303
    assert [jira.get(f"issue/{key}/properties/mood").status_code for key in keys] == [404, 200]


@drives("cloud", "getAllLabels")
def labels_are_listed_once_each(jira: Jira) -> None:
    jira.create(labels=["b", "a"]), jira.create(labels=["b"])
    assert jira.get("label").json()["values"] == ["a", "b"]


@drives("cloud", "getChangeLogsByIds", "getBulkChangelogs")
def changes_are_read_by_their_ids_and_of_many_issues(jira: Jira) -> None:
    key = jira.create()
    for summary in ("One", "Two"):
        jira.put(f"issue/{key}", {"fields": {"summary": summary}})
    changes = jira.get(f"issue/{key}/changelog").json()["values"]
    told = jira.post(f"issue/{key}/changelog/list", {"changelogIds": [int(changes[1]["id"])]}).json()
    assert [each["id"] for each in told["histories"]] == [changes[1]["id"]]
    asked = {"issueIdsOrKeys": [key], "fieldIds": ["summary"], "maxResults": 1}
    first = jira.post("changelog/bulkfetch", asked).json()
    rest = jira.post("changelog/bulkfetch", asked | {"nextPageToken": first["nextPageToken"]}).json()
    found = [page["issueChangeLogs"][0]["changeHistories"][0] for page in (first, rest)]
    assert [each["id"] for each in found] == [each["id"] for each in changes]
    assert "nextPageToken" not in rest


@drives("cloud", "data-center", "getIssuePickerResource")
def an_issue_is_found_by_a_word_of_its_summary(jira: Jira) -> None:
    key = jira.create(summary="A leaking tap")
    told = jira.get("issue/picker", params={"query": "leak", "currentJQL": "project = SEC"}).json()
    assert [[each["key"] for each in section["issues"]] for section in told["sections"]] == [[key], [key]]


@drives("cloud", "data-center", "notify")
def people_are_written_to(jira: Jira) -> None:
    key = jira.create()
    viewer = jira.world.state.user("viewer@example.com")
    assert viewer is not None
    other = {name: viewer.name if name == "name" else viewer.account_id for name in me(jira)}
    assert jira.post(f"issue/{key}/notify", {"subject": "Look", "to": {"users": [other]}}).status_code == 204


@drives("cloud", "getEvents", "getIssueLimitReport")
def an_admin_sees_events_and_limits(jira: Jira) -> None:
    key = jira.create()
    jira.world.settings = jira.world.settings.changed(remote_links_per_issue=1)
    jira.post(f"issue/{key}/remotelink", {"object": {"title": "Elsewhere", "url": "https://example.com"}})
    assert {"id": 1, "name": "Issue Created"} in jira.get("events").json()
    told = jira.get("issue/limit/report?isReturningKeys=true").json()
    assert told["issuesApproachingLimit"] == {"remoteIssueLinks": {key: 1}}


@drives("data-center", "getSubTasks", "canMoveSubTask", "moveSubTasks")
def sub_tasks_are_put_in_another_order(jira: Jira) -> None:
    parent = jira.create()
    first, second = (jira.create(kind="Sub-task", parent={"key": parent}) for _ in range(2))
    assert jira.get(f"issue/{parent}/subtask/move").json() is True
    assert jira.post(f"issue/{parent}/subtask/move", {"original": 0, "current": 1}).status_code == 204
    assert [each["key"] for each in jira.get(f"issue/{parent}/subtask").json()] == [second, first]
