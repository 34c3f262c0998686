"""The process ends while Jira is silent: nobody waits for Jira, and nothing false is concluded from its silence."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from service import server
from service.errors import ServiceStopping
from service.store import integrations
from service.store.runs import RunState
from tests.service.conftest import SEARCH, SERVER_INFO, Setup
from tests.service.web.conftest import API, CHECK, INTEGRATIONS, Service, settings_for

SOON = 6.0  # seconds: two of grace, and what a busy machine adds
PATIENT: dict[str, Any] = {"read_seconds": 60.0, "check_seconds": 60.0}


def meanwhile(work: Callable[[], Any]) -> Future[Any]:
    """`work`, begun on a thread of its own."""
    pool = ThreadPoolExecutor(1)
    begun = pool.submit(work)
    pool.shutdown(wait=False)
    return begun


def until_jira_was_asked(setup: Setup, operation: str, times: int = 1) -> None:
    while setup.asked(operation) < times:
        pass


@pytest.mark.parametrize("silent", [SEARCH, "getIssue"])
def test_a_run_whose_jira_is_silent_is_given_back_soon(setup: Setup, silent: str) -> None:
    for ticket in setup.tickets(120):
        setup.jira.delete(ticket.issue_id)
    setup.jira.fault("timeout", operation=silent)
    process = setup.process(**PATIENT)
    run = setup.enqueue()
    played = meanwhile(lambda: process.retrieval.run(run.id))
    until_jira_was_asked(setup, silent)
    process.work.stop()
    assert played.result(SOON).state is RunState.WAITING
    assert setup.integration.broken_since is None


def test_a_verification_cut_short_by_the_end_breaks_nothing(setup: Setup) -> None:
    setup.jira.fault("timeout", operation=SERVER_INFO)
    process = setup.process(**PATIENT)
    verified = meanwhile(lambda: process.verification.verify(setup.integration.id))
    until_jira_was_asked(setup, SERVER_INFO)
    process.work.stop()
    with pytest.raises(ServiceStopping):
        verified.result(SOON)
    assert setup.integration.health is None


def test_a_run_that_was_verifying_its_broken_integration_goes_on_with_the_next_process(setup: Setup) -> None:
    setup.jira.fault("reset")
    setup.verification.verify(setup.integration.id)
    setup.jira.clear()
    setup.jira.fault("timeout", operation=SERVER_INFO)
    process = setup.process(**PATIENT)
    run, asked = setup.enqueue(), setup.asked(SERVER_INFO)
    played = meanwhile(lambda: process.retrieval.run(run.id))
    until_jira_was_asked(setup, SERVER_INFO, asked + 1)
    process.work.stop()
    assert played.result(SOON).state is RunState.WAITING

    setup.jira.clear()
    done = setup.process().retrieval.run(run.id)
    assert done is not None
    assert done.state is RunState.COMPLETE


def test_a_service_ends_soon_though_requests_of_people_wait_for_jira(
    sqlite_url: str, jira_url: str, setup: Setup
) -> None:
    running = server.start(settings_for(sqlite_url, **PATIENT))
    assert running.admin_token is not None
    service = Service(running, running.admin_token, jira_url)
    service.call("DELETE", f"{INTEGRATIONS}/jira-1")
    service.connect()
    violation = service.violation()
    service.create_ticket(violation)
    setup.jira.fault("timeout")
    before = setup.asked()
    check = meanwhile(lambda: service.call("GET", f"{CHECK}?integrationName=jira-1"))
    other = Service(running, running.admin_token, jira_url)
    refresh = meanwhile(lambda: other.call("POST", f"{API}/violations/{violation}/tickets/refresh"))
    while setup.asked() < before + 2:
        pass

    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < SOON
    assert check.result(SOON).json()["status"] == "INTERNAL_SERVER_ERROR"
    refused = refresh.result(SOON)
    assert (refused.status_code, refused.json()["error"]) == (
        500,
        "The service is being stopped. Please try again later.",
    )
    with setup.store.read() as c:
        healthy = integrations.by_name(c, "jira-1")
    assert healthy is not None
    assert healthy.broken_since is None, "its silence was cut short and says nothing"
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("run-")]
