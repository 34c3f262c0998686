"""The client `atlassian-python-api`."""

import pytest
from atlassian import Jira as Client
from requests import HTTPError

from tests.fake_jira.conftest import ADMIN, DC_ADMIN, Jira
from tests.fake_jira.proof.clients import session


@session("atlassian-python-api", "cloud")
def an_issue_is_created_read_transitioned_searched_and_deleted(jira: Jira) -> None:
    client = _client(jira)
    key = _a_ticket_that_is_worked_on(client)
    found = client.enhanced_jql("project = TEST AND statusCategory = indeterminate", fields="summary")
    assert [(each["key"], each["fields"]["summary"]) for each in found["issues"]] == [(key, "Leak, mended")]
    assert client.approximate_issue_count("project = TEST") == {"count": 1}
    _and_its_end(client, key)


@session("atlassian-python-api", "data-center")
def an_issue_is_found_by_the_classic_search(jira: Jira) -> None:
    client = _client(jira)
    key = _a_ticket_that_is_worked_on(client)
    found = client.jql("project = TEST AND statusCategory = indeterminate", fields="summary")
    assert [(each["key"], each["fields"]["summary"]) for each in found["issues"]] == [(key, "Leak, mended")]
    _and_its_end(client, key)


def _a_ticket_that_is_worked_on(client: Client) -> str:
    made = client.issue_create({"project": {"key": "TEST"}, "summary": "Leak", "issuetype": {"name": "Task"}})
    key = str(made["key"])
    assert client.issue(key)["fields"]["summary"] == "Leak"
    assert client.get_issue_status(key) == "To Do"

    client.set_issue_status(key, "In Progress")
    assert client.get_issue_status(key) == "In Progress"
    client.update_issue_field(key, {"summary": "Leak, mended"})
    client.issue_add_comment(key, "On it")
    return key


def _and_its_end(client: Client, key: str) -> None:
    assert client.get_project("TEST")["name"] == "Test"
    client.delete_issue(key)
    with pytest.raises(HTTPError):
        client.issue(key)


@session("atlassian-python-api", "cloud", "data-center")
def an_issue_gets_what_belongs_to_one(jira: Jira) -> None:
    client = _client(jira)
    one, two = (
        client.issue_create({"project": {"key": "TEST"}, "summary": words, "issuetype": {"name": "Task"}})["key"]
        for words in ("Leak", "Flood")
    )
    client.issue_worklog(one, "2026-05-01T09:00:00.000+0000", 7200, comment="Dug")
    assert client.issue_get_worklog(one)["total"] == 1
    client.create_issue_link({"type": {"name": "Blocks"}, "inwardIssue": {"key": one}, "outwardIssue": {"key": two}})
    assert client.issue_field_value(one, "issuelinks")[0]["outwardIssue"]["key"] == two
    client.create_or_update_issue_remote_links(one, "https://example.com/pump", "The pump")
    assert client.get_issue_remote_links(one)[0]["object"]["title"] == "The pump"
    client.set_issue_property(one, "mood", {"good": True})
    assert client.get_issue_property(one, "mood")["value"] == {"good": True}
    assert client.issue_get_watchers(one)["watchCount"] in (0, 1)
    assert client.get_issue_transitions(one)


@session("atlassian-python-api", "cloud", "data-center")
def a_project_is_looked_at(jira: Jira) -> None:
    client = _client(jira)
    assert {"SEC", "TEST"} <= {each["key"] for each in client.projects()}
    client.create_component({"name": "Pump", "project": "TEST"})
    assert [each["name"] for each in client.get_project_components("TEST")] == ["Pump"]
    client.add_version("TEST", client.get_project("TEST")["id"], "1.0")
    assert [each["name"] for each in client.get_project_versions("TEST")] == ["1.0"]
    assert client.myself()["displayName"] == "Ada Admin"
    assert "Done" in [each["name"] for each in client.get_all_statuses()]
    assert "Task" in [each["name"] for each in client.get_issue_types()]
    assert "summary" in [each["id"] for each in client.get_all_fields()]


def _client(jira: Jira) -> Client:
    cloud = jira.flavour == "cloud"
    name, secret = ADMIN if cloud else DC_ADMIN
    return Client(url=jira.url, username=name, password=secret, cloud=cloud)
