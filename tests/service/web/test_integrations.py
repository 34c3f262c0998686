"""The REST of integrations, in the documented and the observed form. [xray.md 9]"""

from typing import Any

import pytest

from fake_jira.client import FakeJiraClient
from tests.service.web.conftest import API, INTEGRATIONS, Service

REFUSED = (
    "We were not able to connect to your Jira based on the credentials you provided, "
    "please check all the values and try again."
)


def test_create_read_update_delete_say_what_is_documented(service: Service) -> None:
    made = service.call("POST", INTEGRATIONS, json=service.connection())
    assert (made.status_code, made.json()) == (200, {"info": "Integration has been successfully created"})
    details = {key: value for key, value in service.connection().items() if key != "password"} | {"skip_proxy": False}
    assert service.call("GET", f"{INTEGRATIONS}/jira-1/details").json() == details
    assert service.call("GET", f"{INTEGRATIONS}/jira-1").json() == details
    updated = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-1", "skip_proxy": True})
    assert (updated.status_code, updated.json()) == (200, {"info": "Integration has been successfully updated"})
    again = service.call("PUT", INTEGRATIONS, json={"connection_name": "jira-1", "password": "admin-token"})
    assert again.status_code == 200
    gone = service.call("DELETE", f"{INTEGRATIONS}/jira-1")
    assert (gone.status_code, gone.json()) == (200, {"info": "Integration has been successfully deleted"})
    missing = service.call("GET", f"{INTEGRATIONS}/jira-1/details")
    assert (missing.status_code, missing.json()) == (404, {"error": "Integration not found"})
    unknown = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-1"})
    assert (unknown.status_code, unknown.json()) == (
        404,
        {"error": "No integration found with the given connection name"},
    )


def test_the_slip_auth_type_of_the_documents_is_understood(service: Service) -> None:
    given = service.connection(authType="basic")
    del given["auth_type"]
    assert service.call("POST", INTEGRATIONS, json=given).status_code == 200


def test_what_cannot_connect_is_refused_and_nothing_is_stored(service: Service) -> None:
    answer = service.call("POST", INTEGRATIONS, json=service.connection(password="wrong"))
    assert (answer.status_code, answer.json()) == (400, {"error": REFUSED})
    assert service.call("GET", INTEGRATIONS).json() == {"integrations": []}


def test_an_update_that_cannot_connect_changes_nothing(service: Service) -> None:
    service.connect()
    answer = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "new", "password": "wrong"})
    assert (answer.status_code, answer.json()) == (400, {"error": REFUSED})
    listed = service.call("GET", INTEGRATIONS).json()["integrations"]
    assert [(one["connection_name"], one["health"]) for one in listed] == [("jira-1", "HEALTHY_INTEGRATION")]


def test_an_update_renames_to_a_free_name_only(service: Service) -> None:
    service.connect()
    service.connect(connection_name="jira-2")
    taken = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-2"})
    assert taken.status_code == 409
    assert service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-3"}).status_code == 200
    names = [one["connection_name"] for one in service.call("GET", INTEGRATIONS).json()["integrations"]]
    assert names == ["jira-2", "jira-3"]


def test_a_name_that_is_taken_is_409(service: Service) -> None:
    service.connect()
    assert service.call("POST", INTEGRATIONS, json=service.connection()).status_code == 409


def test_the_password_is_in_no_answer(service: Service) -> None:
    secret = "admin-token"
    service.connect()
    for path in ("", "/jira-1", "/jira-1/details", "/jira-1/settings", "/jira-1/retrievals", "/jira-1/tickets"):
        assert secret not in service.call("GET", INTEGRATIONS + path).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"jira_server_url": "ftp://x"}, "http://"),
        ({"jira_server_url": "http://"}, "name a host"),
        ({"jira_server_url": "http://user:pass@host"}, "user or password"),
        ({"jira_server_url": "http://host/?a=b"}, "query"),
        ({"jira_server_url": "http://host:99999"}, "valid address"),
        ({"jira_server_url": "http://ho st"}, "name a host"),
        ({"jira_server_url": 5}, "must be a string"),
        ({"installation_type": "moon"}, "cloud or server"),
        ({"installation_type": 1}, "installation_type must be a string"),
        ({"auth_type": "kerberos"}, "auth_type must be basic or oauth1 or oauth2 or pat, not 'kerberos'"),
        ({"connection_name": ""}, "must not be empty"),
        ({"connection_name": "a/b"}, "slashes"),
        ({"connection_name": "x" * 256}, "at most 255"),
        ({"connection_name": "a\u0000b"}, "control characters"),
        ({"username": "a:b"}, "colon"),
        ({"skip_proxy": "yes"}, "true or false"),
        ({"passwort": "x", "colour": 1}, "'colour', 'passwort'"),
        ({"authType": "basic"}, "given twice"),
    ],
)
def test_a_bad_value_is_400_with_its_name(service: Service, changes: dict[str, Any], said: str) -> None:
    answer = service.call("POST", INTEGRATIONS, json=service.connection(**changes))
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_missing_property_is_named(service: Service) -> None:
    answer = service.call("POST", INTEGRATIONS, json={"connection_name": "x", "auth_type": "basic"})
    assert answer.status_code == 400
    assert "username, password, installation_type, jira_server_url" in answer.json()["error"]


def test_only_an_admin_changes_a_viewer_reads_the_list(service: Service) -> None:
    service.connect()
    viewer = service.add_viewer()
    for method, path in (
        ("POST", ""),
        ("PUT", ""),
        ("PUT", "/jira-1"),
        ("DELETE", "/jira-1"),
        ("GET", "/jira-1"),
        ("PUT", "/jira-1/settings"),
        ("POST", "/jira-1/test"),
        ("POST", "/jira-1/retrievals"),
    ):
        assert service.call(method, INTEGRATIONS + path, token=viewer, json={}).status_code == 403, (method, path)
    for path in ("", "/jira-1/settings", "/jira-1/tickets", "/jira-1/retrievals"):
        assert service.call("GET", INTEGRATIONS + path, token=viewer).status_code == 200, path


def test_the_toggle_hides_statuses_and_starts_a_run_when_switched_on(service: Service) -> None:
    service.connect()
    violation = service.violation()
    assert service.create_ticket(violation)["status"] == "To Do"
    off = service.call("PUT", f"{INTEGRATIONS}/jira-1/settings", json={"retrieve_jira_tickets": False})
    assert off.json() == {"retrieve_jira_tickets": False}
    tickets = service.call("GET", f"{INTEGRATIONS}/jira-1/tickets").json()["tickets"]
    assert [(one["status"], one["shown_because"]) for one in tickets] == [(None, "disabled")]
    assert service.call("POST", f"{INTEGRATIONS}/jira-1/retrievals").status_code == 400
    service.call("PUT", f"{INTEGRATIONS}/jira-1/settings", json={"retrieve_jira_tickets": True})
    service.call("POST", "/_control/work")
    runs = service.call("GET", f"{INTEGRATIONS}/jira-1/retrievals").json()["retrievals"]
    assert [(run["cause"], run["state"], run["checked"]) for run in runs] == [("enabled", "complete", 1)]
    tickets = service.call("GET", f"{INTEGRATIONS}/jira-1/tickets").json()["tickets"]
    assert [(one["status"], one["shown_because"]) for one in tickets] == [("To Do", "current")]


def test_a_broken_integration_shows_unknown_and_recovers_by_an_update(service: Service, world: FakeJiraClient) -> None:
    service.connect()
    violation = service.violation()
    service.create_ticket(violation)
    world.fault("expired_token", user="admin@example.com")
    assert service.call("POST", f"{INTEGRATIONS}/jira-1/test").json()["status"] == "FAULTY_CONFIGURATION"
    ticket = service.call("GET", f"{API}/violations/{violation}/tickets").json()["tickets"][0]
    assert (ticket["status"], ticket["shown_because"]) == ("Unknown", "broken")
    world.clear()
    service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-1", "password": "admin-token"})
    service.call("POST", "/_control/work")
    ticket = service.call("GET", f"{API}/violations/{violation}/tickets").json()["tickets"][0]
    assert (ticket["status"], ticket["shown_because"]) == ("To Do", "current")
