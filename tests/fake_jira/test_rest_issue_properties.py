"""Properties of issues, one at a time and in bulk."""

from typing import Any

import pytest

from tests.fake_jira.conftest import VIEWER, Jira
from tests.fake_jira.people import viewer


def number(jira: Jira, key: str) -> int:
    return int(jira.get(f"issue/{key}").json()["id"])


def result(jira: Jira, method: str, path: str, body: Any) -> dict[str, Any]:
    """What the task says that the request leads to."""
    answer = jira.call(method, path, json=body, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    told: dict[str, Any] = jira.get(f"task/{answer.headers['Location'].rpartition('/')[2]}").json()["result"]
    return told


def test_a_property_is_new_changed_and_gone(either: Jira) -> None:
    path = f"issue/{either.create()}/properties"
    assert either.put(f"{path}/a", {"n": 1}).status_code == 201
    assert either.put(f"{path}/a", {"n": 2}).status_code == 200
    assert either.get(f"{path}/a").json() == {"key": "a", "value": {"n": 2}}
    (listed,) = either.get(path).json()["keys"]
    assert (listed["key"], listed["self"].endswith("/properties/a")) == ("a", True)
    assert either.delete(f"{path}/a").status_code == 204
    assert either.delete(f"{path}/a").status_code == 404
    assert either.put(f"{path}/a", 1, auth=viewer(either)).status_code == 403


def test_a_property_makes_an_issue_no_newer_and_is_shown_when_asked_for(either: Jira) -> None:
    key = either.create()
    before = either.get(f"issue/{key}").json()["fields"]["updated"]
    either.put(f"issue/{key}/properties/a", [1])
    shown = either.get(f"issue/{key}?properties=a").json()
    assert (shown["properties"], shown["fields"]["updated"]) == ({"a": [1]}, before)


def test_one_list_of_properties_is_for_all_of_the_issues_or_for_none(jira: Jira) -> None:
    keys = [jira.create(), jira.create()]
    ids = [number(jira, key) for key in keys]
    values = {"a": {"n": 1}, "b": {"n": 2}}
    assert jira.post("issue/properties", {"entitiesIds": [*ids, 99], "properties": values}).status_code == 400
    assert jira.get(f"issue/{keys[0]}/properties").json() == {"keys": []}
    assert result(jira, "POST", "issue/properties", {"entitiesIds": ids, "properties": values})["updatedIssues"] == 2
    assert jira.get(f"issue/{keys[1]}/properties/b").json()["value"] == {"n": 2}
    assert jira.post("issue/properties", {"entitiesIds": ids, "properties": values}, auth=VIEWER).status_code == 400


def test_where_an_issue_cannot_be_changed_the_task_says_so(jira: Jira) -> None:
    key = jira.create()
    given = [{"issueID": each, "properties": {"a": {"n": 1}}} for each in (number(jira, key), 99)]
    told = result(jira, "POST", "issue/properties/multi", {"issues": given})
    assert (told["updatedIssues"], list(told["errors"])) == (1, ["99"])


def test_a_filter_chooses_whose_property_is_set_or_deleted(jira: Jira) -> None:
    with_one, without = jira.create(), jira.create()
    jira.put(f"issue/{with_one}/properties/a", "old")
    path = "issue/properties/a"
    assert result(jira, "PUT", path, {"value": "new", "filter": {"hasProperty": False}})["updatedIssues"] == 1
    assert jira.get(f"issue/{with_one}/properties/a").json()["value"] == "old"
    assert result(jira, "DELETE", path, {"currentValue": "old"})["updatedIssues"] == 1
    assert [jira.get(f"issue/{key}/properties/a").status_code for key in (with_one, without)] == [404, 200]
    jira.put(f"issue/{without}/properties/a", "kept")
    answer = jira.call("PUT", path, json={"value": "lost"}, auth=VIEWER, allow_redirects=False)
    assert answer.status_code == 303
    assert jira.get(f"issue/{without}/properties/a").json()["value"] == "kept"
    wrong = {"value": 1, "filter": {"currentValue": 2, "hasProperty": False}}
    assert jira.put(path, wrong).status_code == 400
    assert jira.put(path, {"expression": "issue.id"}).status_code == 501


@pytest.mark.parametrize("body", [{}, {"entitiesIds": []}, {"entitiesIds": ["x"]}])
def test_a_bulk_request_without_issues_is_refused(jira: Jira, body: dict[str, Any]) -> None:
    assert jira.post("issue/properties", body | {"properties": {"a": 1}}).status_code == 400


def test_bulk_requests_need_a_credential(jira: Jira) -> None:
    assert jira.put("issue/properties/a", {"value": 1}, auth=None).status_code == 401
