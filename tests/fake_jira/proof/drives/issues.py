"""The life of an issue."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives, me, rich

EVERYTHING = "changelog,renderedFields,names,schema,transitions,operations,editmeta,versionedRepresentations"


@drives("cloud", "data-center", "createIssue", "getIssue", "editIssue", "deleteIssue")
def an_issue_is_created_read_edited_and_deleted(jira: Jira) -> None:
    key = jira.create(
        description=rich(jira, "Hello"),
        environment=rich(jira, "Here"),
        labels=["a"],
        duedate="2026-05-01",
        assignee=me(jira),
    )
    assert jira.put(f"issue/{key}", {"fields": {"summary": "Changed"}}).status_code == 204
    read = jira.get(f"issue/{key}?expand={EVERYTHING}").json()
    assert (read["fields"]["summary"], read["changelog"]["total"]) == ("Changed", 1)
    assert jira.put(f"issue/{key}", {}).status_code == 400
    assert jira.delete(f"issue/{key}").status_code == 204
    assert jira.get(f"issue/{key}").status_code == 404


@drives("cloud", "editIssue")
def an_edit_may_answer_with_the_issue(jira: Jira) -> None:
    key = jira.create()
    told = jira.put(f"issue/{key}?returnIssue=true", {"fields": {"summary": "Changed"}}).json()
    assert told["fields"]["summary"] == "Changed"


@drives("cloud", "data-center", "deleteIssue")
def an_issue_with_subtasks_is_deleted_only_with_them(jira: Jira) -> None:
    key = jira.create()
    below = jira.create(kind="Sub-task", parent={"key": key})
    assert jira.delete(f"issue/{key}").status_code == 400
    assert jira.delete(f"issue/{key}?deleteSubtasks=true").status_code == 204
    assert jira.get(f"issue/{below}").status_code == 404


@drives("cloud", "data-center", "createIssues")
def of_many_issues_the_bad_ones_are_named(jira: Jira) -> None:
    good = {"fields": {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}}}
    told = jira.post("issue/bulk", {"issueUpdates": [good, {"fields": {"project": {"key": "SEC"}}}]}).json()
    assert (len(told["issues"]), told["errors"][0]["failedElementNumber"]) == (1, 1)


@drives("cloud", "data-center", "assignIssue")
def an_issue_is_assigned_and_unassigned(jira: Jira) -> None:
    key = jira.create()
    assert jira.put(f"issue/{key}/assignee", me(jira)).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["assignee"]["displayName"] == "Ada Admin"
    nobody = dict.fromkeys(me(jira))
    assert jira.put(f"issue/{key}/assignee", nobody).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["assignee"] is None


@drives("cloud", "data-center", "getEditIssueMeta")
def the_metadata_of_an_issue_say_what_can_be_edited(jira: Jira) -> None:
    assert jira.get(f"issue/{jira.create()}/editmeta").json()["fields"]["summary"]["operations"] == ["set"]


@drives("cloud", "getChangeLogs")
def an_issue_tells_its_history_page_by_page(jira: Jira) -> None:
    key = jira.create()
    for summary in ("One", "Two"):
        jira.put(f"issue/{key}", {"fields": {"summary": summary, "duedate": None}})
    page = jira.get(f"issue/{key}/changelog?startAt=1&maxResults=1").json()
    assert (page["total"], page["values"][0]["items"][0]["toString"]) == (2, "Two")


@drives("cloud", "bulkFetchIssues")
def many_issues_are_fetched_at_once(jira: Jira) -> None:
    keys = [jira.create(), jira.create()]
    told = jira.post("issue/bulkfetch", {"issueIdsOrKeys": keys, "fields": ["*all"]}).json()
    assert [each["key"] for each in told["issues"]] == keys


@drives("cloud", "data-center", "getTransitions", "doTransition")
def an_issue_is_taken_to_done(jira: Jira) -> None:
    key = jira.create()
    offered = jira.get(f"issue/{key}/transitions?expand=transitions.fields").json()["transitions"]
    done = next(each["id"] for each in offered if each["to"]["name"] == "Done")
    assert jira.post(f"issue/{key}/transitions", {"transition": {"id": done}}).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["status"]["name"] == "Done"
    assert jira.post(f"issue/{key}/transitions", {"transition": {"id": "999"}}).status_code >= 400
