"""Search over the wire: paging, the lagging index, and what is refused in which order [jira 2.5, 5.7]."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fake_jira.model.issues import create_issue, transition_to
from tests.fake_jira.conftest import VIEWER, WRONG, Jira

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
TOO_MANY = "The max results parameter has to be between 1 and 5,000."
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."


def fill(jira: Jira, count: int) -> list[str]:
    project = jira.world.state.projects["10001"]
    return [create_issue(jira.site, project, jira.admin, type_id="10002", summary=f"n {n}").key for n in range(count)]


def message(jira: Jira, body: dict[str, object]) -> str:
    answer = jira.post("search/jql", body)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["errorMessages"][0])


def test_by_default_an_issue_is_its_id_and_there_is_no_total(jira: Jira) -> None:
    fill(jira, 2)
    assert jira.post("search/jql", {"jql": "project = SEC"}).json() == {
        "issues": [{"id": "10001"}, {"id": "10000"}],
        "isLast": True,
    }
    with_key = jira.post("search/jql", {"jql": "project = SEC", "fields": ["key"]}).json()["issues"][0]
    assert with_key["key"] == "SEC-2"
    assert "fields" not in with_key


def test_pages_follow_each_other_by_token_and_the_last_has_none(jira: Jira) -> None:
    keys = fill(jira, 5)
    found, body = [], {"jql": "project = SEC order by key", "fields": ["key"], "maxResults": 2}
    for last in (False, False, True):
        page = jira.post("search/jql", body).json()
        found += [issue["key"] for issue in page["issues"]]
        assert page["isLast"] is last
        assert ("nextPageToken" in page) is not last
        body["nextPageToken"] = page.get("nextPageToken", "")
    assert found == keys


def test_pages_neither_repeat_nor_skip_while_issues_come_go_and_change(jira: Jira) -> None:
    keys = fill(jira, 6)
    query = "project = SEC order by updated desc"
    first = jira.post("search/jql", {"jql": query, "fields": ["key"], "maxResults": 3}).json()
    transition_to(jira.site, jira.site.issue(keys[0]), jira.admin, "Done")
    fill(jira, 2)
    jira.delete(f"issue/{keys[1]}")
    rest = jira.post("search/jql", {"jql": query, "fields": ["key"], "nextPageToken": first["nextPageToken"]}).json()
    seen = [issue["key"] for page in (first, rest) for issue in page["issues"]]
    assert sorted(seen) == sorted(set(keys) - {keys[1]})


def test_pages_do_not_skip_when_the_same_is_searched_anew_between_them(jira: Jira) -> None:
    keys = [jira.create() for _ in range(6)]
    asked = {"jql": "project = SEC ORDER BY updated DESC", "maxResults": 2, "fields": ["key"]}
    seen: list[str] = []
    page = jira.post("search/jql", asked).json()
    jira.world.clock.advance(timedelta(minutes=1))
    transition_to(jira.site, jira.site.issue(keys[2]), None, "Done")
    jira.post("search/jql", asked)
    while True:
        seen += [issue["key"] for issue in page["issues"]]
        if page["isLast"]:
            break
        page = jira.post("search/jql", {**asked, "nextPageToken": page["nextPageToken"]}).json()
    assert sorted(seen) == keys


def test_with_fields_a_page_is_cut_to_a_hundred(jira: Jira) -> None:
    fill(jira, 120)
    assert len(jira.post("search/jql", {"jql": "project = SEC", "maxResults": 5000}).json()["issues"]) == 120
    cut = jira.post("search/jql", {"jql": "project = SEC", "maxResults": 5000, "fields": ["status"]}).json()
    assert (len(cut["issues"]), cut["isLast"]) == (100, False)


def test_get_and_post_answer_alike(jira: Jira) -> None:
    fill(jira, 3)
    by_get = jira.get("search/jql", params={"jql": "project = SEC", "fields": "status,summary", "maxResults": 2}).json()
    by_post = jira.post("search/jql", {"jql": "project = SEC", "fields": ["status", "summary"], "maxResults": 2}).json()
    assert by_get["issues"] == by_post["issues"]


@pytest.mark.parametrize("jql", ["", "   ", "order by key", None])
def test_an_unbounded_query_is_refused(jira: Jira, jql: str | None) -> None:
    assert message(jira, {"jql": jql}) == UNBOUNDED


def test_a_bad_token_comes_before_the_size_and_the_size_before_the_query(jira: Jira) -> None:
    assert "token" in message(jira, {"jql": "", "maxResults": 0, "nextPageToken": "nonsense"})
    assert message(jira, {"jql": "", "maxResults": 0}) == TOO_MANY
    assert message(jira, {"jql": "", "maxResults": 5001}) == TOO_MANY
    assert message(jira, {"jql": ""}) == UNBOUNDED


def test_a_token_is_bound_to_its_query_and_lives_seven_days(jira: Jira) -> None:
    fill(jira, 3)
    token = jira.post("search/jql", {"jql": "project = SEC", "maxResults": 1}).json()["nextPageToken"]
    assert "token" in message(jira, {"jql": "project = sec", "nextPageToken": token})
    other_fields = {"jql": "project = SEC", "nextPageToken": token, "fields": ["status"]}
    assert jira.post("search/jql", other_fields).status_code == 200
    jira.world.clock.advance(timedelta(days=8))
    assert "token" in message(jira, {"jql": "project = SEC", "nextPageToken": token})


@pytest.mark.parametrize("property_", ["startAt", "validateQuery", "failFast"])
def test_a_property_of_the_old_search_is_refused(jira: Jira, property_: str) -> None:
    assert message(jira, {"jql": "project = SEC", property_: 0}) == BAD_PAYLOAD


def test_bodies_that_are_no_search_are_refused_in_jiras_words(jira: Jira) -> None:
    def sent(data: str) -> str:
        answer = jira.call("POST", "search/jql", data=data, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        return str(answer.json()["errorMessages"][0])

    assert sent("") == sent("null") == "No content to map to Object due to end of input"
    assert sent("{") == "There was an error parsing JSON. Check that your request body is valid."
    assert sent("[]") == sent('{"jql": 1}') == BAD_PAYLOAD
    assert sent('{"jql": "project = SEC", "fieldsByKeys": [1]}') == BAD_PAYLOAD
    assert sent('{"jql": "project = SEC", "maxResults": NaN}')[:35] == "There was an error parsing JSON. Ch"
    coerced = jira.post("search/jql", {"jql": "project = SEC", "maxResults": "5"})
    assert coerced.status_code == 200


def test_reconcile_issues_null_trips_jira_up(jira: Jira) -> None:
    answer = jira.post("search/jql", {"jql": "project = SEC", "reconcileIssues": None})
    assert answer.status_code == 500
    assert answer.json()["status-code"] == 500


def test_an_index_that_lags_shows_nothing_that_is_gone(either: Jira) -> None:
    component = either.post("component", {"name": "Core", "project": "SEC"}).json()["id"]
    version = either.post("version", {"name": "1.0", "projectId": 10001}).json()["id"]
    kind = either.post("issueLinkType", {"name": "Eats", "inward": "eaten by", "outward": "eats"}).json()["id"]
    risk = either.post("issuetype", {"name": "Risk", "description": "", "type": "standard"}).json()["id"]
    project = either.world.state.projects["10001"]
    either.world.state.projects["10001"] = replace(project, type_ids=(*project.type_ids, risk))
    held = [{"id": version}]
    key = either.create(kind="Risk", components=[{"id": component}], fixVersions=held, versions=held)
    ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": either.create()}}
    assert either.post("issueLink", {"type": {"id": kind}, **ends}).status_code == 201
    either.world.settings = either.world.settings.changed(index_delay=60)
    for gone in (f"component/{component}", f"issueLinkType/{kind}"):
        assert either.delete(gone).status_code == 204
    assert either.post(f"version/{version}/removeAndSwap", {}).status_code == 204
    fields = found(either, key)
    assert [fields[name] for name in ("components", "fixVersions", "versions", "issuelinks")] == [[], [], [], []]
    assert either.delete(f"issuetype/{risk}?alternativeIssueTypeId=10002").status_code == 204
    assert found(either, key)["issuetype"]["name"] == "Task"


def found(jira: Jira, key: str) -> dict[str, Any]:
    """What a search shows of the issue."""
    path = "search/jql" if jira.flavour == "cloud" else "search"
    answer = jira.post(path, {"jql": f"key = {key}", "fields": ["*all"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["issues"][0]["fields"])


def test_a_page_goes_on_where_a_project_was_that_the_lagging_index_still_has(jira: Jira) -> None:
    for project in ("TEST", "SEC", "SEC"):
        jira.create(project=project)
    asked = {"jql": "created >= -1d", "maxResults": 1}
    token = jira.post("search/jql", asked).json()["nextPageToken"]
    jira.world.settings = jira.world.settings.changed(index_delay=60)
    assert jira.delete("project/SEC").status_code == 204
    told = jira.post("search/jql", asked | {"nextPageToken": token})
    assert (told.status_code, told.json()["issues"]) == (200, [])


def test_the_index_lags_and_reconciled_issues_do_not(jira: Jira) -> None:
    key = jira.create()
    jira.world.settings = jira.world.settings.changed(index_delay=60)
    jira.post(f"issue/{key}/transitions", {"transition": {"id": "41"}})
    assert jira.get(f"issue/{key}").json()["fields"]["status"]["name"] == "Done"
    assert jira.search("status = Done") == []
    assert jira.search("status = Done", reconcileIssues=[10000]) == [key]
    found = jira.post("search/jql", {"jql": f"key = {key}", "fields": ["status"]}).json()["issues"][0]
    assert found["fields"]["status"]["name"] == "To Do"
    jira.world.clock.advance(timedelta(seconds=61))
    assert jira.search("status = Done") == [key]


def test_a_new_issue_is_searched_in_vain_until_the_index_has_it(jira: Jira) -> None:
    jira.world.settings = jira.world.settings.changed(index_delay=5)
    jira.create()
    count = {"jql": "project = SEC"}
    assert jira.post("search/approximate-count", count).json() == {"count": 0}
    jira.world.clock.advance(timedelta(seconds=6))
    assert jira.post("search/approximate-count", count).json() == {"count": 1}


def test_missing_keys_are_left_out_unless_the_site_rejects_them(jira: Jira) -> None:
    key = jira.create()
    assert jira.search(f"key in ({key}, MISSING-9)") == [key]
    jira.world.settings = jira.world.settings.changed(enhanced_missing_key="reject")
    sentence = "An issue with key 'MISSING-9' does not exist for field 'key'."
    assert message(jira, {"jql": f"key in ({key}, MISSING-9)"}) == sentence


def test_pages_may_be_short_or_tell_each_hit_twice(jira: Jira) -> None:
    keys = sorted(jira.create() for _ in range(4))
    asked = {"jql": "project = SEC order by key", "maxResults": 4, "fields": ["key"]}

    def told(pages: str) -> list[list[str]]:
        jira.world.settings = jira.world.settings.changed(search_pages=pages)
        first = jira.post("search/jql", asked).json()
        assert first["isLast"] is False
        second = jira.post("search/jql", asked | {"nextPageToken": first["nextPageToken"]}).json()
        assert second["isLast"] is True
        return [[issue["key"] for issue in page["issues"]] for page in (first, second)]

    assert told("short") == [keys[:2], keys[2:]]
    assert told("doubled") == [[keys[0], keys[0], keys[1], keys[1]], [keys[2], keys[2], keys[3], keys[3]]]


def test_rejecting_sites_name_every_key_that_is_missing_or_hidden(jira: Jira) -> None:
    key = jira.create()
    jira.world.settings = jira.world.settings.changed(enhanced_missing_key="reject")
    body = {"user": VIEWER[0], "project": "SEC", "permission": "BROWSE_PROJECTS", "held": False}
    jira.session.put(f"{jira.url}/_control/permissions", json=body, timeout=10)
    answer = jira.post("search/jql", {"jql": f"key in ({key}, MISSING-9)"}, auth=VIEWER)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "errorMessages": [
                f"An issue with key '{missing}' does not exist for field 'key'." for missing in (key, "MISSING-9")
            ],
            "errors": {},
        },
    )


def test_a_bad_credential_finds_nothing_and_a_header_tells(jira: Jira) -> None:
    jira.create()
    answer = jira.post("search/jql", {"jql": "project = SEC"}, auth=WRONG)
    assert (answer.status_code, answer.json()["issues"]) == (200, [])
    assert answer.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
    assert "x-seraph-loginreason" not in jira.post("search/jql", {"jql": "project = SEC"}).headers


@pytest.mark.parametrize("version", ["2", "3", "latest"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_removed_search_says_where_to_go(jira: Jira, version: str, method: str) -> None:
    answer = jira.call(method, "search", version=version, json={})
    assert answer.status_code == 410
    assert "Please migrate to the /rest/api/3/search/jql API" in answer.json()["errorMessages"][0]


def test_names_and_schema_come_beside_the_issues_and_a_changelog_within(jira: Jira) -> None:
    jira.create()
    body = {"jql": "project = SEC", "fields": ["status"], "expand": "names,schema,changelog"}
    page = jira.post("search/jql", body).json()
    assert page["names"] == {"status": "Status"}
    assert page["schema"]["status"]["type"] == "status"
    assert page["issues"][0]["changelog"]["total"] == 0


def test_a_parents_new_status_shows_in_its_child_although_the_child_did_not_change(jira: Jira) -> None:
    key = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": key})
    for status in ("To Do", "Done"):
        transition_to(jira.site, jira.site.issue(key), jira.admin, status)
        page = jira.post("search/jql", {"jql": f"key = {child}", "fields": ["parent"]}).json()
        assert page["issues"][0]["fields"]["parent"]["fields"]["status"]["name"] == status


def test_match_tells_what_is_wrong_with_each_query_in_its_own_entry(jira: Jira) -> None:
    jira.create()
    answer = jira.post("jql/match", {"jqls": ["project = SEC", "project ="], "issueIds": [10000, 10001]})
    assert answer.status_code == 200
    good, bad = answer.json()["matches"]
    assert good == {"matchedIssues": [10000], "errors": []}
    assert "Expecting" in bad["errors"][0]


def test_what_the_fake_does_not_know_of_jql_is_refused_aloud(jira: Jira) -> None:
    for jql in ("sprint = 1", "issue in issueHistory()", "summary ~ 'fix~'", "lastViewed > -1d"):
        answer = jira.post("search/jql", {"jql": jql})
        assert answer.status_code == 501
        assert "LIMITS.md" in answer.json()["errorMessages"][0]
