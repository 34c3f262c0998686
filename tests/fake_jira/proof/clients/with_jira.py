"""The client `jira` (pycontribs)."""

import io

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


@session("jira", "cloud", "data-center")
def an_issue_gets_all_that_belongs_to_one(jira: Jira) -> None:
    client = _client(jira)
    issue = client.create_issue(project="SEC", summary="Leak", issuetype={"name": "Bug"})
    other = client.create_issue(project="SEC", summary="Flood", issuetype={"name": "Bug"})

    work = client.add_worklog(issue, timeSpent="2h", comment="Dug")
    assert [each.timeSpentSeconds for each in client.worklogs(issue.key)] == [7200]
    work.delete()
    attached = client.add_attachment(issue, attachment=io.BytesIO(b"Some notes"), filename="notes.txt")
    assert client.attachment(attached.id).filename == "notes.txt"
    assert attached.get() == b"Some notes"
    attached.delete()

    client.create_issue_link("Blocks", issue, other)
    (link,) = client.issue(issue.key).fields.issuelinks
    assert {each.name for each in client.issue_link_types()} >= {"Blocks"}
    client.delete_issue_link(link.id)
    client.add_simple_link(issue, {"url": "https://example.com/pump", "title": "The pump"})
    assert [each.object.title for each in client.remote_links(issue)] == ["The pump"]

    client.add_watcher(issue, _the_admin(jira))
    assert client.watchers(issue).isWatching
    client.remove_watcher(issue, _the_admin(jira))
    assert client.votes(issue).votes == 0
    client.add_issue_property(issue.key, "mood", {"good": True})
    assert client.issue_property(issue.key, "mood").value.good


@session("jira", "cloud", "data-center")
def a_project_has_parts(jira: Jira) -> None:
    client = _client(jira)
    pump = client.create_component("Pump", "SEC", description="It pumps")
    one = client.create_version("1.0", "SEC")
    issue = client.create_issue(
        project="SEC",
        summary="In parts",
        issuetype={"name": "Task"},
        components=[{"name": "Pump"}],
        fixVersions=[{"name": "1.0"}],
    )
    assert client.component_count_related_issues(pump.id) == 1
    assert client.version_count_related_issues(one.id)["issuesFixedCount"] == 1
    assert [each.name for each in client.project_components("SEC")] == ["Pump"]
    assert [each.name for each in client.project_versions("SEC")] == ["1.0"]
    issue.delete()
    pump.delete()
    if jira.flavour == "cloud":  # Data Center's newest versions have removeAndSwap alone
        one.delete()
    assert "Administrators" in client.project_roles("SEC")


@session("jira", "cloud", "data-center")
def the_site_tells_its_lists(jira: Jira) -> None:
    client = _client(jira)
    assert client.myself()["displayName"] == "Ada Admin"
    for listed, name in (
        (client.issue_types(), "Task"),
        (client.priorities(), "Highest"),
        (client.resolutions(), "Done"),
        (client.statuses(), "Done"),
    ):
        assert name in [each.name for each in listed]
    mine = client.my_permissions("SEC", permissions="BROWSE_PROJECTS")["permissions"]
    assert mine["BROWSE_PROJECTS"]["havePermission"]
    kept = client.create_filter("Mine", jql="project = SEC", favourite=True)
    assert [each.name for each in client.favourite_filters()] == ["Mine"]
    assert client.filter(kept.id).jql == "project = SEC"


def _the_admin(jira: Jira) -> str:
    """What the client looks the user up by."""
    return ADMIN[0] if jira.flavour == "cloud" else DC_ADMIN[0]
