"""A verification finds what is wrong with a connection, in bounded time, and its verdict counts."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from service import clock
from service.errors import IntegrationNotFound
from service.jira.access import Access
from service.rules.health import CANNOT_CONNECT, HEALTHY_REASON, Health, Outcome, verdict
from service.rules.tickets import EpochCause
from service.store import integrations
from service.store.integrations import Change
from service.store.runs import RunCause, RunState
from tests.service.conftest import MYSELF, PROJECTS, SERVER_INFO, Setup
from tests.service.jira.raw_server import answer, raw_server


def basic(url: str, username: str, token: str) -> Access:
    return Access("cloud", "basic", url, token, username, skip_proxy=True)


def test_a_good_connection_is_healthy_and_remembered(setup: Setup) -> None:
    found = setup.verification.verify(setup.integration.id)
    assert (found.health, found.reason) == (Health.HEALTHY, HEALTHY_REASON)
    stored = setup.integration
    assert (stored.health, stored.health_reason, stored.checked_at) == (found.health, found.reason, found.at)


def test_reachability_comes_before_authentication_and_that_before_configuration(setup: Setup) -> None:
    setup.tickets(1)
    setup.verification.verify(setup.integration.id)
    asked = [entry["operation"] for entry in setup.jira.journal()]
    assert asked == [SERVER_INFO, MYSELF, PROJECTS]


@dataclass(frozen=True)
class Trouble:
    fault: str
    fields: dict[str, Any]
    says: str


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("expired_token", {"user": "admin@example.com"}, "API token"),
        Trouble("login_page", {}, "web page"),
        Trouble("rate_limit", {}, "rate limit"),
        Trouble("unavailable", {}, CANNOT_CONNECT),
        Trouble("reset", {}, CANNOT_CONNECT),
        Trouble("timeout", {}, CANNOT_CONNECT),
        Trouble("lost_permission", {"user": "admin@example.com", "project": "TEST"}, "cannot browse TEST"),
    ],
    ids=lambda trouble: trouble.fault,
)
def test_every_trouble_has_its_sentence(setup: Setup, trouble: Trouble) -> None:
    setup.ticket()
    setup.jira.fault(trouble.fault, **trouble.fields)
    found = setup.verification.verify(setup.integration.id)
    assert found.health is Health.FAULTY
    assert trouble.says in found.reason
    assert setup.integration.broken_since is not None


def test_a_project_without_tickets_that_are_refreshed_is_not_missed(setup: Setup) -> None:
    setup.ticket(created=clock.now() - timedelta(days=400))
    setup.jira.fault("lost_permission", user="admin@example.com", project="TEST")
    assert setup.verification.verify(setup.integration.id).health is Health.HEALTHY


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b'{"hello": "world"}', "application/json", "not as a Jira does"),
        (b'["not", "a", "jira"]', "application/json", "not as a Jira does"),
        (b"<html>welcome</html>", "text/html", "web page"),
    ],
)
def test_an_address_that_is_no_jira_is_found_out(setup: Setup, body: bytes, kind: str, says: str) -> None:
    with raw_server(answer("200 OK", body, Content_Type=kind)) as url:
        found = setup.verification.try_out(basic(url, "a@example.com", "token"))
    assert found.health is Health.FAULTY
    assert says in found.reason


def test_a_server_without_a_rest_api_is_found_out(setup: Setup) -> None:
    with raw_server(answer("404 Not Found", b"<html></html>", Content_Type="text/html")) as url:
        found = setup.verification.try_out(basic(url, "a@example.com", "token"))
    assert "no Jira REST API" in found.reason


def test_it_is_bounded_in_all_however_patient_each_request_is(setup: Setup) -> None:
    setup.jira.fault("timeout")
    slow = setup.process(read_seconds=60.0, check_seconds=0.3)
    began = time.monotonic()
    assert slow.verification.verify(setup.integration.id).reason == CANNOT_CONNECT
    assert time.monotonic() - began < 5
    setup.jira.clear()


def test_calls_that_overlap_share_one_verification(setup: Setup) -> None:
    hold = threading.Event()
    entered = threading.Event()
    asked: list[int] = []

    def wait_for_both(connection: Any) -> None:
        asked.append(1)
        entered.set()
        hold.wait(10)
        connection.sendall(answer("503 Service Unavailable"))

    with raw_server(wait_for_both) as url, ThreadPoolExecutor(3) as callers:
        integration = setup.connect(name="slow", url=url)
        patient = setup.process(read_seconds=10.0, check_seconds=10.0).verification
        first = callers.submit(patient.verify, integration.id)
        entered.wait(10)
        others = [callers.submit(patient.verify, integration.id) for _ in range(2)]
        while not all(other.running() for other in others):
            pass
        hold.set()
        assert {call.result() for call in others} == {first.result()}
    assert len(asked) == 1


def test_an_integration_that_is_not_there_cannot_be_verified(setup: Setup) -> None:
    with pytest.raises(IntegrationNotFound):
        setup.verification.verify(99)
    removed = setup.integration.id
    with setup.store.begin() as c:
        integrations.remove(c, removed, clock.now())
    with pytest.raises(IntegrationNotFound):
        setup.verification.verify(removed)


def test_a_break_and_a_recovery_change_the_epoch_once_and_have_a_run_follow(setup_on_both: Setup) -> None:
    setup = setup_on_both
    setup.expire_token()
    for _ in range(2):
        setup.verification.verify(setup.integration.id)
    assert (setup.integration.epoch, setup.integration.epoch_cause) == (2, EpochCause.BROKEN)
    setup.jira.clear()
    for _ in range(2):
        setup.verification.verify(setup.integration.id)
    assert (setup.integration.epoch, setup.integration.broken_since) == (2, None)
    assert [run.cause for run in setup.history()] == [RunCause.RECOVERED]
    assert setup.recoveries == 1


def test_a_recovery_while_retrieval_is_off_has_no_run_follow(setup: Setup) -> None:
    setup.expire_token()
    setup.verification.verify(setup.integration.id)
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
    setup.jira.clear()
    setup.verification.verify(setup.integration.id)
    assert (setup.history(), setup.recoveries) == ([], 0)


def test_trying_out_stores_nothing(setup: Setup) -> None:
    bad = setup.verification.try_out(basic(setup.url, "admin@example.com", "wrong"))
    good = setup.verification.try_out(basic(setup.url, "admin@example.com", "admin-token"))
    assert (bad.health, good.health) == (Health.FAULTY, Health.HEALTHY)
    assert setup.integration.health is None


def test_new_values_must_see_the_projects_of_the_tickets_too(setup: Setup) -> None:
    setup.ticket(project="SEC")
    setup.jira.fault("lost_permission", user="viewer@example.com", project="SEC")
    found = setup.verification.try_out(basic(setup.url, "viewer@example.com", "viewer-token"), setup.integration.id)
    assert "SEC" in found.reason


def test_a_verdict_of_somebody_else_counts_as_well(setup: Setup) -> None:
    broke = setup.verification.record(setup.integration.id, verdict(Outcome.TIMEOUT, clock.now()))
    mended = setup.verification.record(setup.integration.id, verdict(Outcome.OK, clock.now()))
    assert (broke, mended) == (Change.BROKE, Change.RECOVERED)


def test_a_break_is_logged_by_name_and_without_the_secret(
    setup: Setup, logged: list[tuple[str, dict[str, Any]]]
) -> None:
    setup.expire_token()
    setup.verification.verify(setup.integration.id)
    fields = dict(logged)["integration.broke"]
    assert fields["integration"] == "jira-1"
    assert "admin-token" not in str(logged)


def test_a_project_that_its_tickets_have_left_breaks_nothing(setup: Setup) -> None:
    """R7: they were moved, and their old project was closed, before any run saw them elsewhere."""
    moved = setup.tickets(3)
    setup.retrieve()
    setup.jira.fault("lost_permission", user="admin@example.com", project="TEST")
    assert "cannot browse TEST" in setup.verification.verify(setup.integration.id).reason
    for ticket in moved[:2]:
        setup.jira.move(ticket.key, "SEC")
    assert "cannot browse TEST" in setup.verification.verify(setup.integration.id).reason, "one is there still"
    setup.jira.move(moved[2].key, "SEC")
    assert setup.verification.verify(setup.integration.id).health is Health.HEALTHY
    assert setup.retrieve().state is RunState.COMPLETE
    assert [(setup.again(ticket).key, setup.status(ticket)) for ticket in moved] == [
        ("SEC-1", "To Do"),
        ("SEC-2", "To Do"),
        ("SEC-3", "To Do"),
    ]
