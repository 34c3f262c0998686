"""Statuses, issue types, priorities, resolutions, fields."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives


@drives("cloud", "data-center", "getStatuses", "getStatus")
def a_status_is_found_in_the_list_and_by_name(jira: Jira) -> None:
    listed = {each["name"]: each for each in jira.get("status").json()}
    assert jira.get("status/Done").json() == listed["Done"]
    assert jira.get(f"status/{listed['Done']['id']}").json() == listed["Done"]


@drives("cloud", "data-center", "getStatusCategories", "getStatusCategory")
def a_category_is_found_in_the_list_and_by_key(jira: Jira) -> None:
    listed = jira.get("statuscategory").json()
    assert [each["key"] for each in listed] == ["undefined", "new", "indeterminate", "done"]
    assert jira.get("statuscategory/done").json() == listed[3]


@drives("cloud", "data-center", "getIssueAllTypes", "getIssueType")
def a_type_is_found_in_the_list_and_by_id(jira: Jira) -> None:
    listed = jira.get("issuetype").json()
    assert jira.get(f"issuetype/{listed[0]['id']}").json()["name"] == listed[0]["name"]


@drives("cloud", "getIssueTypesForProject")
def a_project_says_which_types_it_has(jira: Jira) -> None:
    assert "Sub-task" in [each["name"] for each in jira.get("issuetype/project?projectId=10000").json()]


@drives("cloud", "data-center", "getPriorities", "getPriority")
def a_priority_is_found_in_the_list_and_by_id(jira: Jira) -> None:
    listed = jira.get("priority").json()
    assert jira.get(f"priority/{listed[0]['id']}").json()["name"] == listed[0]["name"] == "Highest"


@drives("cloud", "data-center", "getResolutions", "getResolution")
def a_resolution_is_found_in_the_list_and_by_id(jira: Jira) -> None:
    listed = jira.get("resolution").json()
    assert jira.get(f"resolution/{listed[0]['id']}").json()["name"] == listed[0]["name"]


@drives("cloud", "data-center", "getFields")
def the_fields_are_listed(jira: Jira) -> None:
    assert {"summary", "status", "issuetype"} <= {each["id"] for each in jira.get("field").json()}
