"""Components and versions of projects."""

from typing import Any

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

BOTH = ("cloud", "data-center")


def component(jira: Jira, name: str, **more: Any) -> Any:
    answer = jira.post("component", {"name": name, "project": "SEC"} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def version(jira: Jira, name: str, **more: Any) -> Any:
    answer = jira.post("version", {"name": name, "projectId": 10001} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


@drives(*BOTH, "createComponent", "getComponent", "updateComponent", "getProjectComponents")
def a_component_is_made_and_changed(jira: Jira) -> None:
    made = component(jira, "Core", assigneeType="PROJECT_LEAD", description="The middle")
    assert (made["realAssigneeType"], made["isAssigneeTypeValid"]) == ("PROJECT_LEAD", True)
    assert jira.put(f"component/{made['id']}", {"name": "Heart"}).json()["description"] == "The middle"
    assert jira.get(f"component/{made['id']}").json()["name"] == "Heart"
    assert [each["name"] for each in jira.get("project/SEC/components").json()] == ["Heart"]


@drives(*BOTH, "deleteComponent", "getComponentRelatedIssues")
def a_component_goes_and_another_takes_its_issues(jira: Jira) -> None:
    old, new = component(jira, "Old"), component(jira, "New")
    key = jira.create(components=[{"name": "Old"}])
    assert jira.get(f"component/{old['id']}/relatedIssueCounts").json()["issueCount"] == 1
    assert jira.delete(f"component/{old['id']}?moveIssuesTo={new['id']}").status_code == 204
    held = jira.get(f"issue/{key}?fields=components").json()["fields"]["components"]
    assert [each["name"] for each in held] == ["New"]


@drives("cloud", "getProjectComponentsPaginated", "findComponentsForProjects")
def components_are_searched_page_by_page(jira: Jira) -> None:
    for name in ("Alpha", "Beta", "Bravo"):
        component(jira, name)
    jira.create(components=[{"name": "Beta"}])
    page = jira.get("project/SEC/component?query=b&orderBy=-issueCount&maxResults=1&componentSource=auto").json()
    assert (page["total"], page["values"][0]["name"], page["values"][0]["issueCount"]) == (2, "Beta", 1)
    found = jira.get("component?projectIdsOrKeys=SEC&orderBy=-name").json()["values"]
    assert [each["name"] for each in found] == ["Bravo", "Beta", "Alpha"]


@drives("data-center", "getPaginatedComponents", "getPaginatedVersions")
def components_and_versions_of_all_projects_are_searched(jira: Jira) -> None:
    component(jira, "Alpha"), version(jira, "1.0")
    assert jira.get("component/page?query=alp&projectIds=10001").json()["values"][0]["name"] == "Alpha"
    assert jira.get("version?query=1&projectIds=10001&maxResults=5").json()["total"] == 1


@drives(*BOTH, "createVersion", "getVersion", "updateVersion", "getProjectVersions")
def a_version_is_made_and_released(jira: Jira) -> None:
    made = version(jira, "1.0", description="First", startDate="2026-01-01", releaseDate="2026-02-01")
    assert jira.put(f"version/{made['id']}", {"released": True}).json()["released"]
    shown = jira.get(f"version/{made['id']}?expand=operations,issuesstatus,driver,approvers").json()
    assert (shown["name"], shown["releaseDate"], shown["userReleaseDate"]) == ("1.0", "2026-02-01", "1/Feb/26")
    assert [each["name"] for each in jira.get("project/SEC/versions?expand=operations").json()] == ["1.0"]


@drives(*BOTH, "getProjectVersionsPaginated", "moveVersion")
def versions_are_put_in_another_order(jira: Jira) -> None:
    one, two, three = (version(jira, name) for name in ("1", "2", "3"))
    jira.post(f"version/{three['id']}/move", {"position": "First"})
    jira.post(f"version/{one['id']}/move", {"after": two["self"]})
    page = jira.get("project/SEC/version?orderBy=sequence&maxResults=2").json()
    assert ([each["name"] for each in page["values"]], page["total"]) == (["3", "2"], 3)


@drives(*BOTH, "getVersionRelatedIssues", "getVersionUnresolvedIssues")
def the_issues_of_a_version_are_counted(jira: Jira) -> None:
    made = version(jira, "1.0")
    jira.create(fixVersions=[{"id": made["id"]}])
    jira.create(versions=[{"name": "1.0"}])
    counts = jira.get(f"version/{made['id']}/relatedIssueCounts").json()
    assert (counts["issuesFixedCount"], counts["issuesAffectedCount"]) == (1, 1)
    assert jira.get(f"version/{made['id']}/unresolvedIssueCount").json()["issuesUnresolvedCount"] == 1


@drives(*BOTH, "mergeVersions", "deleteAndReplaceVersion")
def versions_go_and_others_take_their_place(jira: Jira) -> None:
    old, older, new = version(jira, "old"), version(jira, "older"), version(jira, "new")
    key = jira.create(fixVersions=[{"name": "old"}], versions=[{"name": "older"}])
    assert jira.put(f"version/{old['id']}/mergeto/{new['id']}", None).status_code == 204
    swap = {"moveAffectedIssuesTo": int(new["id"])}
    assert jira.post(f"version/{older['id']}/removeAndSwap", swap).status_code == 204
    fields = jira.get(f"issue/{key}?fields=fixVersions,versions").json()["fields"]
    assert [each["name"] for name in ("fixVersions", "versions") for each in fields[name]] == ["new", "new"]


@drives("cloud", "deleteVersion")
def a_version_is_deleted(jira: Jira) -> None:
    old, new = version(jira, "old"), version(jira, "new")
    key = jira.create(fixVersions=[{"name": "old"}])
    assert jira.delete(f"version/{old['id']}?moveFixIssuesTo={new['id']}").status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["fixVersions"][0]["name"] == "new"
