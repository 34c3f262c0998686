"""Clients that others wrote, unmodified: they must not notice that this Jira is fake."""

import pytest
from atlassian import Jira as AtlassianClient
from jira import JIRA, JIRAError
from requests import HTTPError

from tests.fake_jira.conftest import ADMIN, Jira


def test_the_client_jira_creates_reads_transitions_searches_and_deletes(jira: Jira) -> None:
    client = JIRA(server=jira.url, basic_auth=ADMIN, max_retries=0)
    issue = client.create_issue(project="SEC", summary="Leak", description="Plain text", issuetype={"name": "Bug"})
    assert issue.key == "SEC-1"
    read = client.issue(issue.key)
    assert (read.fields.status.name, read.fields.description) == ("To Do", "Plain text")

    client.transition_issue(issue, "Done")
    assert client.issue(issue.id, fields="status").fields.status.statusCategory.key == "done"
    issue.update(fields={"summary": "Leak, mended", "labels": ["security"]})
    client.add_comment(issue, "All good")
    assert [comment.body for comment in client.comments(issue)] == ["All good"]
    client.assign_issue(issue, "admin@example.com")

    found = client.search_issues("project = SEC AND status = Done ORDER BY created", fields="summary,assignee")
    assert [(each.key, each.fields.summary) for each in found] == [("SEC-1", "Leak, mended")]
    assert found[0].fields.assignee.displayName == "Ada Admin"
    assert {project.key for project in client.projects()} == {"TEST", "SEC"}

    issue.delete()
    with pytest.raises(JIRAError) as gone:
        client.issue("SEC-1")
    assert gone.value.status_code == 404


def test_the_client_jira_follows_pages_to_the_end(jira: Jira) -> None:
    client = JIRA(server=jira.url, basic_auth=ADMIN, max_retries=0)
    made = client.create_issues(
        [{"project": "SEC", "summary": f"n {n}", "issuetype": {"name": "Task"}} for n in range(12)]
    )
    assert all(each["status"] == "Success" for each in made)
    found = client.enhanced_search_issues("project = SEC ORDER BY key", maxResults=0, fields="summary")
    assert [each.fields.summary for each in found] == [f"n {n}" for n in range(12)]


def test_the_client_atlassian_python_api_creates_reads_transitions_searches_and_deletes(jira: Jira) -> None:
    client = AtlassianClient(url=jira.url, username=ADMIN[0], password=ADMIN[1], cloud=True)
    made = client.issue_create({"project": {"key": "TEST"}, "summary": "Leak", "issuetype": {"name": "Task"}})
    key = made["key"]
    assert client.issue(key)["fields"]["summary"] == "Leak"
    assert client.get_issue_status(key) == "To Do"

    client.set_issue_status(key, "In Progress")
    assert client.get_issue_status(key) == "In Progress"
    client.update_issue_field(key, {"summary": "Leak, mended"})
    client.issue_add_comment(key, "On it")

    found = client.enhanced_jql("project = TEST AND statusCategory = indeterminate", fields="summary")
    assert [(each["key"], each["fields"]["summary"]) for each in found["issues"]] == [(key, "Leak, mended")]
    assert client.approximate_issue_count("project = TEST") == {"count": 1}
    assert client.get_project("TEST")["name"] == "Test"

    client.delete_issue(key)
    with pytest.raises(HTTPError):
        client.issue(key)
