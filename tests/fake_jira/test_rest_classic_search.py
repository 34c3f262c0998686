"""Data Center's search: its pages, and everything it refuses a query for [jira 2.6, 5.8]."""

import pytest

from fake_jira.model.issues import create_issue, move_issue
from tests.fake_jira.conftest import DC_VIEWER, Jira

NO_KEY = "An issue with key '{}' does not exist for field 'key'."


def fill(jira: Jira, count: int) -> list[str]:
    project = jira.world.state.projects["10001"]
    return [create_issue(jira.site, project, jira.admin, type_id="10002", summary=f"n {n}").key for n in range(count)]


def complaints(jira: Jira, jql: str, **more: object) -> list[str]:
    answer = jira.post("search", {"jql": jql}, **more)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"] == {}
    return list(answer.json()["errorMessages"])


def test_pages_go_by_offset_and_say_how_many_there_are(data_center: Jira) -> None:
    keys = fill(data_center, 5)
    asked = {"jql": "project = SEC order by key", "startAt": 3, "maxResults": 2}
    page = data_center.post("search", asked).json()
    assert [issue["key"] for issue in page["issues"]] == keys[3:]
    assert (page["startAt"], page["maxResults"], page["total"], page["expand"]) == (3, 2, 5, "names,schema")
    assert page["issues"] == data_center.get("search", params=asked).json()["issues"]


def test_too_large_a_page_is_lowered_and_the_lowered_size_said(data_center: Jira) -> None:
    fill(data_center, 2)
    assert data_center.get("search?maxResults=5000").json()["maxResults"] == 1000
    counted = data_center.post("search", {"jql": "project = SEC", "maxResults": 0}).json()
    assert (counted["total"], counted["issues"]) == (2, [])
    beyond = data_center.get("search?startAt=7").json()
    assert (beyond["total"], beyond["issues"]) == (2, [])


def test_pages_may_be_short_or_tell_each_hit_twice(data_center: Jira) -> None:
    keys = fill(data_center, 4)
    for pages, told in (("short", keys[:2]), ("doubled", [keys[0], keys[0], keys[1], keys[1]])):
        data_center.world.settings = data_center.world.settings.changed(search_pages=pages)
        page = data_center.post("search", {"jql": "project = SEC order by key", "maxResults": 4}).json()
        assert ([issue["key"] for issue in page["issues"]], page["maxResults"], page["total"]) == (told, 4, 4)


def test_without_a_query_every_issue_is_found(data_center: Jira) -> None:
    keys = fill(data_center, 3)
    assert [issue["key"] for issue in data_center.get("search").json()["issues"]] == keys[::-1]


def test_by_default_the_navigable_fields_come_and_names_and_schema_when_asked_for(data_center: Jira) -> None:
    fill(data_center, 1)
    page = data_center.get("search?expand=names,schema").json()
    assert "status" in page["issues"][0]["fields"]
    assert "comment" not in page["issues"][0]["fields"]
    assert page["names"]["status"] == "Status"
    assert page["schema"]["status"]["type"] == "status"
    listed = data_center.post("search", {"jql": "", "fields": ["summary"], "expand": ["changelog"]}).json()["issues"][0]
    assert set(listed["fields"]) == {"summary"}
    assert "histories" in listed["changelog"]


def test_every_bad_key_of_a_query_is_told_and_the_query_fails(data_center: Jira) -> None:
    kept, gone = fill(data_center, 2)
    data_center.delete(f"issue/{gone}")
    found = complaints(data_center, f"key in ({kept}, {gone}, MISSING-9, 0.0)")
    assert found == [NO_KEY.format(gone), NO_KEY.format("MISSING-9"), "The issue key '0.0' for field 'key' is invalid."]


def test_a_key_that_the_caller_may_not_see_is_a_bad_one(data_center: Jira) -> None:
    (key,) = fill(data_center, 1)
    viewer = data_center.world.state.user("viewer@example.com")
    assert viewer is not None
    data_center.world.state.grants["10001", viewer.account_id] = frozenset()
    assert complaints(data_center, f"key = {key}", auth=DC_VIEWER) == [NO_KEY.format(key)]


@pytest.mark.parametrize("value", [False, "none"])
def test_unvalidated_the_good_keys_are_found(data_center: Jira, value: object) -> None:
    (key,) = fill(data_center, 1)
    assert data_center.search(f"key in ({key}, MISSING-9)", validateQuery=value) == [key]
    by_get = data_center.get("search", params={"jql": f"key in ({key}, MISSING-9)", "validateQuery": "false"})
    assert by_get.json()["total"] == 1


def test_warned_the_caller_gets_both(data_center: Jira) -> None:
    (key,) = fill(data_center, 1)
    page = data_center.post("search", {"jql": f"key in ({key}, NONE-1)", "validateQuery": "warn"}).json()
    assert (page["total"], page["warningMessages"]) == (1, [NO_KEY.format("NONE-1")])


def test_an_old_key_finds_the_moved_issue_but_measures_nothing(data_center: Jira) -> None:
    (key,) = fill(data_center, 1)
    moved = move_issue(data_center.site, data_center.site.issue(key), None, data_center.world.state.projects["10000"])
    assert data_center.search(f"key = {key}") == data_center.search(f"key in ({key})") == [moved.key]
    sentence = f"Operator '>' cannot be applied to moved issue key '{key}'."
    assert complaints(data_center, f"key > {key}") == [sentence]


@pytest.mark.parametrize(
    ("jql", "sentence"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Nowhere", "The value 'Nowhere' does not exist for the field 'status'."),
        ("universe = 42", "Field 'universe' does not exist or you do not have permission to view it."),
        ("project = SEC order by bogus", "Not able to sort using field 'bogus'."),
        ("text = x", "The operator '=' is not supported by the 'text' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("summary CHANGED", "History searches do not support the 'summary' field."),
        ("status = currentUser()", "A value provided by the function 'currentUser' is invalid for the field 'status'."),
        ("assignee = nosuch()", "Unable to find JQL function 'nosuch()'."),
        ("votes = many", "The value 'many' for the field 'votes' is not a number."),
        ("summary in x", "Operator 'in' does not support the non-list value 'x' for field 'summary'."),
        (
            "summary ~ a/b",
            "Error in the JQL Query: The character '/' is a reserved JQL character. You must enclose it in a string "
            "or use the escape '\\u002f' instead. (line 1, character 12)",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_jiras_words(data_center: Jira, jql: str, sentence: str) -> None:
    assert complaints(data_center, jql) == [sentence]


def test_a_bad_date_is_told_with_the_forms_that_would_do(data_center: Jira) -> None:
    (sentence,) = complaints(data_center, "created > soon")
    assert sentence.startswith("Date value 'soon' for field 'created' is invalid. Valid formats include:")


def test_anonymous_callers_find_nothing_and_are_told_of_fields_in_words_of_their_own(data_center: Jira) -> None:
    (key,) = fill(data_center, 1)
    for jql in ("project = SEC", f"key = {key}", "status = Done", ""):
        answer = data_center.post("search", {"jql": jql}, auth=None)
        assert (answer.status_code, answer.json()["total"]) == (200, 0)
    sentence = "Field 'assignee' does not exist or this field cannot be viewed by anonymous users."
    assert complaints(data_center, "assignee = admin", auth=None) == [sentence]


def test_people_are_named_by_user_name(data_center: Jira) -> None:
    data_center.create(assignee={"name": "admin"})
    assert data_center.search("assignee = admin") == ["SEC-1"]
    assert complaints(data_center, "assignee = nobody") == [
        "The value 'nobody' does not exist for the field 'assignee'."
    ]


@pytest.mark.parametrize("path", ["search/jql", "search/approximate-count", "jql/match", "jql/parse"])
def test_what_only_cloud_has_is_not_there(data_center: Jira, path: str) -> None:
    assert data_center.post(path, {"jql": "project = SEC"}).status_code == 404
