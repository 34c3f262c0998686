"""The status check as documented, over a socket. [status-check]"""

from collections.abc import Iterator

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service import server
from tests.conftest import Postgresql
from tests.service.web.conftest import CHECK, Service, settings_for

INTERNAL_ERROR = "The system is temporarily unable to retrieve integration details. Please try again later."


def check(service: Service, name: str, **kwargs: str) -> requests.Response:
    return service.call("GET", CHECK, params={"integrationName": name}, **kwargs)


def test_a_healthy_integration_answers_the_documented_body(service: Service) -> None:
    service.connect()
    answer = check(service, "jira-1")
    assert answer.status_code == 200
    body = answer.json()
    time = body.pop("time")
    assert body == {
        "status": "HEALTHY_INTEGRATION",
        "reason": "Integration is healthy and operational.",
        "integration_name": "jira-1",
    }
    assert time.endswith("Z")
    assert len(time) == len("2024-01-01T12:00:00Z")


def test_a_jira_that_is_away_is_a_faulty_configuration_and_still_http_200(
    service: Service, world: FakeJiraClient
) -> None:
    service.connect()
    world.fault("unavailable")
    answer = check(service, "jira-1")
    assert answer.status_code == 200
    assert answer.json()["status"] == "FAULTY_CONFIGURATION"
    assert answer.json()["reason"] == "The system is unable to connect to Jira."


def test_an_expired_token_has_a_sentence_of_its_own(service: Service, world: FakeJiraClient) -> None:
    service.connect()
    world.fault("expired_token", user="admin@example.com")
    body = check(service, "jira-1").json()
    assert body["status"] == "FAULTY_CONFIGURATION"
    assert "Create a new API token" in body["reason"]


def test_an_unknown_name_is_404_and_echoed(service: Service) -> None:
    answer = check(service, "näme/?&#")
    assert answer.status_code == 404
    assert answer.json()["status"] == "INTEGRATION_NOT_FOUND"
    assert answer.json()["reason"] == "The integration does not exist or cannot be located."
    assert answer.json()["integration_name"] == "näme/?&#"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "is missing"),
        ("?integrationName=", "is empty"),
        ("?integrationName=%20%20", "is empty"),
        ("?integrationName=a&integrationName=b", "2 times"),
        (f"?integrationName={'x' * 256}", "more than 255"),
        ("?integrationName=a%00b", "control characters"),
        ("?integrationName=a%0Ab", "control characters"),
        ("?integration_name=a", "is missing"),
    ],
)
def test_a_bad_name_is_400_with_a_sentence(service: Service, query: str, said: str) -> None:
    answer = service.call("GET", CHECK + query)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert said in answer.json()["error"]


def test_a_wrong_token_is_401_a_viewer_403(service: Service) -> None:
    refused = check(service, "jira-1", token="nobody-has-this")
    assert (refused.status_code, refused.json()) == (401, {"error": "Found invalid token"})
    forbidden = check(service, "jira-1", token=service.add_viewer())
    assert (forbidden.status_code, forbidden.json()) == (403, {"error": "Permission denied"})


def test_basic_takes_the_users_name_and_its_token(service: Service) -> None:
    url = f"{service.url}{CHECK}?integrationName=nobody"
    assert requests.get(url, auth=("admin", service.token), timeout=10).status_code == 404
    assert requests.get(url, auth=("vera", service.token), timeout=10).status_code == 401
    assert requests.get(url, headers={"Authorization": "Basic !!"}, timeout=10).status_code == 401
    assert requests.get(url, timeout=10).status_code == 401


@pytest.fixture
def doomed(postgresql: Postgresql, jira_url: str) -> Iterator[tuple[Service, str]]:
    """A service on a PostgreSQL database that the test is going to take away."""
    url = postgresql.create()
    key = "JDJ5JDEyJDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU="
    running = server.start(settings_for(url, key=key))
    try:
        assert running.admin_token is not None
        yield Service(running, running.admin_token, jira_url), url
    finally:
        running.close()


def test_a_lost_database_is_500_with_the_documented_body(doomed: tuple[Service, str], postgresql: Postgresql) -> None:
    service, url = doomed
    service.connect()
    postgresql.drop(url)
    answer = check(service, "jira-1")
    assert answer.status_code == 500
    body = answer.json()
    assert body.pop("time").endswith("Z")
    assert body == {"status": "INTERNAL_SERVER_ERROR", "reason": INTERNAL_ERROR, "integration_name": "jira-1"}
    ready = service.call("GET", "/xray/api/v1/system/readiness")
    assert (ready.status_code, list(ready.json())) == (503, ["error"])
    assert service.call("GET", "/xray/api/v1/system/liveness").status_code == 200
