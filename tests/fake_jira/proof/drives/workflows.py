"""Statuses, workflows, priorities and resolutions as they are managed; archiving."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

LEVELS = (
    ("priority", {"name": "Someday", "statusColor": "#abcdef"}, "isDefault"),
    ("resolution", {"name": "Someday"}, "default"),
)


@drives(
    "cloud", "getStatusesById", "getStatusesByName", "search", "createStatuses", "updateStatuses", "deleteStatusesById"
)
def a_status_is_made_found_renamed_and_deleted(jira: Jira) -> None:
    given = {"name": "Blocked", "statusCategory": "IN_PROGRESS", "description": ""}
    made = jira.post("statuses", {"scope": {"type": "GLOBAL"}, "statuses": [given]}).json()[0]["id"]
    assert jira.get(f"statuses?id={made}").json()[0]["name"] == "Blocked"
    assert jira.put("statuses", {"statuses": [given | {"id": made, "name": "Stuck"}]}).status_code == 204
    assert [each["id"] for each in jira.get("statuses/byNames?name=Stuck").json()] == [made]
    found = jira.get("statuses/search?searchString=stu&statusCategory=IN_PROGRESS").json()
    assert [each["id"] for each in found["values"]] == [made]
    assert jira.delete(f"statuses?id={made}").status_code == 204


@drives(
    "cloud",
    "getProjectUsagesForStatus",
    "getProjectIssueTypeUsagesForStatus",
    "getWorkflowUsagesForStatus",
    "getWorkflowsPaginated",
    "getProjectUsagesForWorkflow",
)
def a_status_tells_where_it_is_used(jira: Jira) -> None:
    used = jira.get("statuses/10001/projectUsages").json()["projects"]["values"]
    assert {"id": "10001"} in used
    assert jira.get("statuses/10001/project/10001/issueTypeUsages").json()["issueTypes"]["values"]
    (workflow,) = jira.get("statuses/10001/workflowUsages").json()["workflows"]["values"]
    expand = "transitions,transitions.rules,transitions.properties,statuses,default,projects,operations"
    page = jira.get(f"workflow/search?isActive=true&expand={expand}").json()
    assert [each["id"]["entityId"] for each in page["values"]] == [workflow["id"]]
    assert jira.get(f"workflow/{workflow['id']}/projectUsages").json()["projects"]["values"] == used


@drives("cloud", "data-center", "getAllWorkflows")
def the_workflows_are_listed(jira: Jira) -> None:
    assert "Software Simplified Workflow" in [each["name"] for each in jira.get("workflow").json()]


@drives("data-center", "getPaginatedStatuses", "getPriorities", "getPaginatedResolutions")
def the_lists_have_pages(jira: Jira) -> None:
    statuses = jira.get("status/page?projectIds=10002&query=open&maxResults=2").json()
    assert [each["name"] for each in statuses["values"]] == ["Open", "Reopened"]
    assert jira.get("priority/page?startAt=1&maxResults=1").json()["values"][0]["name"] == "High"
    assert jira.get("resolution/page?query=dupl").json()["total"] == 1


@drives(
    "cloud",
    *(f"create{each}" for each in ("Priority", "Resolution")),
    *(f"update{each}" for each in ("Priority", "Resolution")),
    *(f"delete{each}" for each in ("Priority", "Resolution")),
    *(f"setDefault{each}" for each in ("Priority", "Resolution")),
    *(f"{verb}{each}" for verb in ("search", "move") for each in ("Priorities", "Resolutions")),
)
def priorities_and_resolutions_are_made_ordered_and_deleted(jira: Jira) -> None:
    for chapter, given, default in LEVELS:
        old = jira.get(chapter).json()[0]["id"]
        made = jira.post(chapter, given).json()["id"]
        assert jira.put(f"{chapter}/{made}", given | {"description": "Not now"}).status_code == 204
        assert jira.put(f"{chapter}/move", {"ids": [made], "position": "First"}).status_code == 204
        assert jira.put(f"{chapter}/default", {"id": made}).status_code == 204
        first = jira.get(f"{chapter}/search?onlyDefault=true").json()["values"]
        assert [(each["id"], each[default]) for each in first] == [(made, True)]
        assert jira.get(chapter).json()[0]["id"] == made
        assert jira.delete(f"{chapter}/{old}?replaceWith={made}", allow_redirects=False).status_code == 303
        assert old not in {each["id"] for each in jira.get(chapter).json()}


@drives("cloud", "archiveIssues", "unarchiveIssues", "archiveIssuesAsync")
def issues_are_archived_and_taken_back(jira: Jira) -> None:
    key, below = jira.create(), ""
    below = jira.create(kind="Sub-task", parent={"key": key})
    told = jira.put("issue/archive", {"issueIdsOrKeys": [key, below, "SEC-99"]}).json()
    assert (told["numberOfIssuesUpdated"], told["errors"]["issuesNotFound"]["count"]) == (2, 1)
    assert jira.search("project = SEC") == []
    assert jira.get(f"issue/{key}").status_code == 200
    assert jira.put("issue/unarchive", {"issueIdsOrKeys": [key]}).json()["numberOfIssuesUpdated"] == 2
    assert jira.search("project = SEC ORDER BY key") == [key, below]
    assert "/task/" in jira.post("issue/archive", {"jql": "project = SEC"}).json()
    assert jira.search("project = SEC") == []


@drives("data-center", "archiveIssue", "restoreIssue", "archiveIssues")
def an_issue_is_archived_and_restored(jira: Jira) -> None:
    key = jira.create()
    assert jira.put(f"issue/{key}/archive", None).status_code == 204
    assert jira.search("project = SEC") == []
    assert jira.put(f"issue/{key}/restore", None).status_code == 204
    assert jira.search("project = SEC") == [key]
    told = jira.call("POST", "issue/archive", data=f"{key}\nSEC-99", headers={"Content-Type": "text/plain"})
    assert told.text.splitlines()[0] == f"{key}: archived"
