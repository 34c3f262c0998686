"""Projects and the metadata for creating issues in them."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives


@drives("cloud", "data-center", "getAllProjects", "getProject")
def a_project_is_found_in_the_list_and_by_key(jira: Jira) -> None:
    listed = {each["key"]: each for each in jira.get("project").json()}
    assert {"TEST", "SEC"} <= set(listed)
    assert jira.get("project/SEC").json()["id"] == listed["SEC"]["id"]
    assert jira.get("project?expand=lead,issueTypes,description").status_code == 200


@drives("cloud", "searchProjects")
def projects_are_searched_page_by_page(jira: Jira) -> None:
    first = jira.get("project/search?maxResults=1&expand=lead,issueTypes").json()
    assert (first["total"], first["isLast"], len(first["values"])) == (2, False, 1)
    second = jira.session.get(first["nextPage"], auth=("admin@example.com", "admin-token"), timeout=10).json()
    assert second["isLast"]


@drives("cloud", "data-center", "getAllStatuses")
def a_project_says_which_statuses_its_types_have(jira: Jira) -> None:
    types = jira.get("project/SEC/statuses").json()
    assert "Done" in [status["name"] for status in types[0]["statuses"]]


@drives("cloud", "getCreateIssueMetaIssueTypes", "getCreateIssueMetaIssueTypeId")
def the_metadata_of_a_type_say_what_an_issue_needs(jira: Jira) -> None:
    types = jira.get("issue/createmeta/SEC/issuetypes").json()["issueTypes"]
    task = next(each for each in types if each["name"] == "Task")
    fields = jira.get(f"issue/createmeta/SEC/issuetypes/{task['id']}").json()["fields"]
    assert next(each for each in fields if each["fieldId"] == "summary")["required"]


@drives("cloud", "getCreateIssueMeta")
def the_old_metadata_are_still_there(jira: Jira) -> None:
    told = jira.get("issue/createmeta?projectKeys=SEC&expand=projects.issuetypes.fields").json()
    assert told["projects"][0]["issuetypes"][0]["fields"]["summary"]["required"]
