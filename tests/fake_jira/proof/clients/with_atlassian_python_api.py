"""The client `atlassian-python-api`."""

import pytest
from atlassian import Jira as Client
from requests import HTTPError

from tests.fake_jira.conftest import ADMIN, DC_ADMIN, Jira
from tests.fake_jira.proof.clients import session


@session("atlassian-python-api", "cloud")
def an_issue_is_created_read_transitioned_searched_and_deleted(jira: Jira) -> None:
    client = Client(url=jira.url, username=ADMIN[0], password=ADMIN[1], cloud=True)
    key = _a_ticket_that_is_worked_on(client)
    found = client.enhanced_jql("project = TEST AND statusCategory = indeterminate", fields="summary")
    assert [(each["key"], each["fields"]["summary"]) for each in found["issues"]] == [(key, "Leak, mended")]
    assert client.approximate_issue_count("project = TEST") == {"count": 1}
    _and_its_end(client, key)


@session("atlassian-python-api", "data-center")
def an_issue_is_found_by_the_classic_search(jira: Jira) -> None:
    client = Client(url=jira.url, username=DC_ADMIN[0], password=DC_ADMIN[1])
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
