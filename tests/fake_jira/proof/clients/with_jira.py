"""The client `jira` (pycontribs)."""

import pytest
from jira import JIRA, JIRAError

from tests.fake_jira.conftest import ADMIN, DC_ADMIN, Jira
from tests.fake_jira.proof.clients import session


def _client(jira: Jira) -> JIRA:
    return JIRA(server=jira.url, basic_auth=ADMIN if jira.flavour == "cloud" else DC_ADMIN, max_retries=0)


@session("jira", "cloud", "data-center")
def an_issue_is_created_read_transitioned_searched_and_deleted(jira: Jira) -> None:
    client = _client(jira)
    issue = client.create_issue(project="SEC", summary="Leak", description="Plain text", issuetype={"name": "Bug"})
    assert issue.key == "SEC-1"
    read = client.issue(issue.key)
    assert (read.fields.status.name, read.fields.description) == ("To Do", "Plain text")

    client.transition_issue(issue, "Done")
    assert client.issue(issue.id, fields="status").fields.status.statusCategory.key == "done"
    issue.update(fields={"summary": "Leak, mended", "labels": ["security"]})
    client.add_comment(issue, "All good")
    assert [comment.body for comment in client.comments(issue)] == ["All good"]
    client.assign_issue(issue, "admin@example.com" if jira.flavour == "cloud" else "admin")

    found = client.search_issues("project = SEC AND status = Done ORDER BY created", fields="summary,assignee")
    assert [(each.key, each.fields.summary) for each in found] == [("SEC-1", "Leak, mended")]
    assert found[0].fields.assignee.displayName == "Ada Admin"
    assert {"TEST", "SEC"} <= {project.key for project in client.projects()}

    issue.delete()
    with pytest.raises(JIRAError) as gone:
        client.issue("SEC-1")
    assert gone.value.status_code == 404


@session("jira", "cloud")
def pages_are_followed_to_the_end(jira: Jira) -> None:
    client = _client(jira)
    made = client.create_issues(
        [{"project": "SEC", "summary": f"n {n}", "issuetype": {"name": "Task"}} for n in range(12)]
    )
    assert all(each["status"] == "Success" for each in made)
    found = client.enhanced_search_issues("project = SEC ORDER BY key", maxResults=0, fields="summary")
    assert [each.fields.summary for each in found] == [f"n {n}" for n in range(12)]
