"""Searching for issues."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

GET, POST = "searchAndReconsileIssuesUsingJql", "searchAndReconsileIssuesUsingJqlPost"


@drives("cloud", GET, POST)
def a_search_is_followed_page_by_page(jira: Jira) -> None:
    keys = [jira.create() for _ in range(3)]
    first = jira.post("search/jql", {"jql": "project = SEC ORDER BY key", "fields": ["*all"], "maxResults": 2}).json()
    second = jira.get(
        "search/jql",
        params={
            "jql": "project = SEC ORDER BY key",
            "nextPageToken": first["nextPageToken"],
            "maxResults": 2,
            "fields": "*all",
            "expand": "names,schema,changelog,transitions,editmeta",
        },
    ).json()
    assert [each["key"] for each in first["issues"] + second["issues"]] == keys
    assert second["isLast"]
    assert jira.get("search/jql?jql=project%20project").status_code == 400


@drives("cloud", "countIssues", "matchIssues")
def issues_are_counted_and_matched(jira: Jira) -> None:
    key = jira.create()
    assert jira.post("search/approximate-count", {"jql": "project = SEC"}).json() == {"count": 1}
    number = int(jira.get(f"issue/{key}").json()["id"])
    told = jira.post("jql/match", {"jqls": ["project = SEC", "="], "issueIds": [number]}).json()["matches"]
    assert (told[0]["matchedIssues"], bool(told[1]["errors"])) == ([number], True)


@drives("data-center", "searchForIssuesUsingJql", "searchForIssuesUsingJqlPost")
def a_classic_search_is_followed_page_by_page(jira: Jira) -> None:
    keys = [jira.create() for _ in range(3)]
    asked = {"jql": "project = SEC ORDER BY key", "startAt": 0, "maxResults": 2}
    first = jira.post("search", {**asked, "fields": ["*all"]}).json()
    second = jira.get("search", params={**asked, "startAt": 2, "expand": "names,schema,changelog"}).json()
    assert [each["key"] for each in first["issues"] + second["issues"]] == keys
    assert second["total"] == 3
