"""What every address has in common: bodies, methods, unknown routes, errors; and the violations with their tickets."""

import socket
from urllib.parse import urlsplit

import pytest

from fake_jira.client import FakeJiraClient
from service import errors
from service.web.problems import HTTP_STATUS
from tests.service.web.conftest import API, INTEGRATIONS, Service


def test_every_error_of_the_service_has_a_row_in_the_table() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ServiceError) and kind is not errors.ServiceError
    }
    assert set(HTTP_STATUS) == kinds


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "not valid JSON"),
        ("", "is empty"),
        ("[]", "must be a JSON object"),
        ('{"a": "\\ud800"}', "not valid JSON"),
    ],
)
def test_a_malformed_body_is_400(service: Service, body: str, said: str) -> None:
    answer = service.call("POST", INTEGRATIONS, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_body_that_is_not_json_is_415(service: Service) -> None:
    assert service.call("POST", INTEGRATIONS, data="a=b", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_body_over_a_megabyte_is_413(service: Service) -> None:
    assert service.call("POST", INTEGRATIONS, json={"connection_name": "x" * 1_100_000}).status_code == 413


def test_an_import_may_be_larger_than_a_megabyte(service: Service) -> None:
    rows = [{"type": "artifact", "name": f"{'n' * 400}-{number}"} for number in range(3000)]
    answer = service.call("POST", f"{API}/import", json={"resources": rows})
    assert answer.status_code == 200
    assert answer.json()["resources"]["created"] == 3000


def test_a_body_may_come_in_chunks(service: Service) -> None:
    chunks = iter([b'{"resources": ', b"[]}"])
    answer = service.call("POST", f"{API}/import", data=chunks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


def test_an_import_with_one_bad_row_names_it_and_stores_nothing(service: Service) -> None:
    rows = [{"type": "artifact", "name": "good"}, {"type": "planet", "name": "bad"}]
    answer = service.call("POST", f"{API}/import", json={"resources": rows})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("resources[1].type")
    assert service.call("GET", f"{API}/resources").json()["total"] == 0


def test_an_unknown_route_and_a_wrong_method_are_json(service: Service) -> None:
    unknown = service.call("GET", f"{API}/nothing")
    assert (unknown.status_code, list(unknown.json())) == (404, ["error"])
    wrong = service.call("DELETE", f"{API}/system/ping")
    assert (wrong.status_code, list(wrong.json())) == (405, ["error"])
    assert "GET" in wrong.headers["Allow"]


def test_system_routes_need_no_user(service: Service) -> None:
    for path, key in (("ping", "status"), ("version", "xray_version"), ("liveness", "status"), ("readiness", "status")):
        answer = service.session.get(f"{service.url}{API}/system/{path}", timeout=10)
        assert answer.status_code == 200
        assert key in answer.json()
    metrics = service.session.get(f"{service.url}/metrics", timeout=10)
    assert "ticket_service_jira_requests" in metrics.text


def test_a_request_that_is_no_http_does_not_end_the_server(service: Service) -> None:
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as raw:
        raw.sendall(b"\x00\xff nonsense\r\n\r\n")
        assert b"400" in raw.recv(1000)
    assert service.call("GET", f"{API}/system/ping").status_code == 200


def test_violations_are_found_by_the_documented_filters(service: Service) -> None:
    service.violation("XRAY-1", severity="Low")
    service.violation("XRAY-2", severity="Critical")

    def found(**filters: object) -> list[str]:
        answer = service.call("POST", f"{API}/violations", json={"filters": filters})
        assert answer.status_code == 200, answer.text
        return sorted(one["issue_id"] for one in answer.json()["violations"])

    assert found() == ["XRAY-1", "XRAY-2"]
    assert found(min_severity="High") == ["XRAY-2"]
    assert found(issue_id="XRAY-1") == ["XRAY-1"]
    assert found(cve_id="CVE-2019-17571") == ["XRAY-1", "XRAY-2"]
    assert found(created_until="2020-01-01T00:00:00Z") == []
    assert found(resources={"artifacts": [{"repo": "libs"}]}) == ["XRAY-1", "XRAY-2"]
    assert found(resources={"builds": [{"name": "x"}]}) == []


@pytest.mark.parametrize(
    "body",
    [
        {"filters": {"colour": "red"}},
        {"filters": {"created_from": "yesterday"}},
        {"filters": {"created_from": "2020-01-01"}},
        {"filters": {"min_severity": "Awful"}},
        {"pagination": {"limit": 0}},
        {"pagination": {"limit": True}},
        {"pagination": {"order_by": "luck"}},
        {"filters": []},
    ],
)
def test_a_filter_that_does_not_exist_is_400(service: Service, body: dict[str, object]) -> None:
    assert service.call("POST", f"{API}/violations", json=body).status_code == 400


def test_a_refresh_answers_with_one_outcome_a_ticket(service: Service, stock: str, world: FakeJiraClient) -> None:
    second = service.create_ticket(stock)
    world.transition(second["key"], "Done")
    viewer = service.add_viewer()  # any signed-in user may refresh
    answer = service.call("POST", f"{API}/violations/{stock}/tickets/refresh", token=viewer)
    assert answer.status_code == 200
    shown = [(one["key"], one["status"], one["leading"], one["outcome"]) for one in answer.json()["tickets"]]
    assert shown == [(second["key"], "Done", True, "refreshed"), ("SEC-1", "To Do", False, "refreshed")]


def test_a_ticket_that_jira_does_not_make_is_400_in_jiras_words(service: Service, stock: str) -> None:
    body = {"integration": "jira-1", "project": "NOPE"}
    answer = service.call("POST", f"{API}/violations/{stock}/tickets", json=body)
    assert answer.status_code == 400
    assert "project" in answer.json()["error"]


def test_an_unknown_violation_is_404(service: Service) -> None:
    for path in ("nothing", "a%00b", "9" * 40):
        assert service.call("GET", f"{API}/violations/{path}").status_code == 404


@pytest.mark.parametrize(
    ("start", "code"), [(b"GET /", b"414"), (b"GET /xray/api/v1/system/ping HTTP/1.1\r\nHost: a\r\nX-Long: ", b"413")]
)
def test_a_request_whose_head_never_ends_is_cut_off(service: Service, start: bytes, code: bytes) -> None:
    address = urlsplit(service.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as connection:
        connection.sendall(start + b"a" * 100_000)
        assert connection.recv(100).split()[1] == code


def test_a_long_body_is_no_long_head(service: Service) -> None:
    violations = [
        {
            "issue_id": f"XRAY-{number}",
            "type": "Security",
            "severity": "High",
            "watch_name": "watch",
            "infected_components": ["gav://log4j:log4j:1.2.17"],
        }
        for number in range(2000)
    ]
    document = {"resources": [{"type": "artifact", "name": "app.war", "violations": violations}]}
    assert service.call("POST", f"{API}/import", json=document).json()["violations"]["created"] == 2000
