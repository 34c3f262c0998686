"""Issue types: made, changed, deleted; their properties."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

BOTH = ("cloud", "data-center")


@drives(*BOTH, "createIssueType", "updateIssueType", "getAlternativeIssueTypes", "deleteIssueType")
def a_type_is_made_used_and_deleted(jira: Jira) -> None:
    made = jira.post("issuetype", {"name": "Risk", "description": "What may happen", "type": "standard"}).json()
    key = jira.create(kind="Risk")
    assert jira.put(f"issuetype/{made['id']}", {"name": "Danger"}).json()["name"] == "Danger"
    assert jira.get(f"issue/{key}").json()["fields"]["issuetype"]["name"] == "Danger"
    others = {each["name"]: each["id"] for each in jira.get(f"issuetype/{made['id']}/alternatives").json()}
    assert jira.delete(f"issuetype/{made['id']}").status_code == 404
    assert jira.delete(f"issuetype/{made['id']}?alternativeIssueTypeId={others['Task']}").status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["issuetype"]["name"] == "Task"


@drives(*BOTH, "getIssueTypePropertyKeys", "setIssueTypeProperty", "getIssueTypeProperty", "deleteIssueTypeProperty")
def a_type_keeps_properties(jira: Jira) -> None:
    here = "issuetype/10002/properties"
    assert jira.put(f"{here}/color", "blue").status_code == 201
    assert jira.get(f"{here}/color").json()["value"] == "blue"
    assert [each["key"] for each in jira.get(here).json()["keys"]] == ["color"]
    assert jira.delete(f"{here}/color").status_code == 204
    assert jira.get(f"{here}/color").status_code == 404


@drives("data-center", "getPaginatedIssueTypes")
def types_are_searched_page_by_page(jira: Jira) -> None:
    page = jira.get("issuetype/page?query=s&projectIds=10001&maxResults=1").json()
    assert (page["total"], len(page["values"])) == (3, 1)
