"""Queries read, checked, cleaned and completed."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives


@drives("cloud", "parseJqlQueries")
def queries_are_taken_apart(jira: Jira) -> None:
    asked = [
        "project = SEC AND (labels in (urgent, 'two words') OR assignee = currentUser()) ORDER BY updated DESC",
        "NOT status CHANGED FROM 'To Do' AFTER -5d AND issue.property[a].b is EMPTY AND status WAS Done BY (a, b)",
        "invalid query",
        "universe = 42",
    ]
    first, second, third, fourth = jira.post("jql/parse?validation=strict", {"queries": asked}).json()["queries"]
    assert first["structure"]["orderBy"]["fields"][0]["direction"] == "desc"
    assert "Expecting operator but got 'query'." in third["errors"][0]
    assert fourth["errors"] == ["Field 'universe' does not exist or you do not have permission to view it."]
    assert second["structure"]["where"]["operator"] == "and"
    loose = jira.post("jql/parse?validation=warn", {"queries": asked[3:]}).json()["queries"][0]
    assert loose["structure"]["where"]["field"]["name"] == "universe"


@drives("cloud", "migrateQueries")
def names_of_people_give_way_to_account_ids(jira: Jira) -> None:
    found = jira.post(
        "jql/pdcleaner", {"queryStrings": ["assignee = admin AND project = SEC", "reporter = mia"]}
    ).json()
    assert found["queryStrings"] == [f"assignee = {jira.admin.account_id} AND project = SEC"]
    assert found["queriesWithUnknownUsers"] == [
        {"originalQuery": "reporter = mia", "convertedQuery": "reporter = unknown"}
    ]


@drives("cloud", "sanitiseJqlQueries")
def what_a_user_may_not_see_is_named_by_its_id(jira: Jira) -> None:
    asked = [{"query": "project = Security"}, {"query": "project = SEC", "accountId": jira.admin.account_id}]
    queries = jira.post("jql/sanitize", {"queries": asked}).json()["queries"]
    assert [each["sanitizedQuery"] for each in queries] == ["project = 10001", "project = SEC"]


@drives("cloud", "data-center", "getAutoComplete", "getFieldAutoCompleteForQueryString")
def editors_complete_what_is_typed(jira: Jira) -> None:
    data = jira.get("jql/autocompletedata").json()
    assert "empty" in data["jqlReservedWords"]
    assert {"status", "fixVersion"} <= {each["value"] for each in data["visibleFieldNames"]}
    found = jira.get("jql/autocompletedata/suggestions?fieldName=status&fieldValue=in").json()["results"]
    assert {"value": '"In Progress"', "displayName": "<b>In</b> Progress"} in found
    by = jira.get("jql/autocompletedata/suggestions?fieldName=status&predicateName=by&predicateValue=ada").json()
    assert len(by["results"]) == 1


@drives("cloud", "getAutoCompletePost")
def fields_of_some_projects_are_listed(jira: Jira) -> None:
    data = jira.post("jql/autocompletedata", {"projectIds": [10001], "includeCollapsedFields": False}).json()
    assert any(each["value"] == "summary" for each in data["visibleFieldNames"])
