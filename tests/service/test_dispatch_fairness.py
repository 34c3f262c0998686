"""A Jira that hangs holds up no other, however much is to be asked of it; on one machine and on many."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import fake_jira.server
from fake_jira.client import FakeJiraClient
from service.dispatch import Schedule
from service.dispatch.distributed import Distributed
from service.dispatch.embedded import Embedded
from service.rules.tickets import Integration
from service.store import intents
from service.store.intents import Intent
from tests.service.conftest import NUMBERS, Setup

MORE_THAN_THREADS = 12
SOON = 20.0  # seconds, on a busy machine; the one that hangs is waited for a minute a time


@pytest.fixture
def other_url(fake: fake_jira.server.FakeJira, world: FakeJiraClient) -> Iterator[str]:
    """The address of a second Jira."""
    name = f"world-{next(NUMBERS)}"
    with world.make(name) as made:
        yield f"{fake.url}/worlds/{name}"
        made.drop()


def in_doubt(setup: Setup, integration: Integration, count: int) -> list[Intent]:
    """Tickets that were asked for long ago, and nobody knows what became of them."""
    past, opened = datetime.now(UTC) - timedelta(minutes=20), []
    for _ in range(count):
        violation = setup.violation()
        with setup.store.begin() as c:
            intent = intents.open(
                c, violation_id=violation, integration_id=integration.id, project="TEST",
                label=f"xray-{next(NUMBERS)}", next_look_at=past, now=past,
            )  # fmt: skip
        assert intent is not None
        opened.append(intent)
    return opened


def test_a_jira_that_hangs_holds_up_no_other(setup_on_both: Setup, other_url: str) -> None:
    setup = setup_on_both.process(read_seconds=60.0, check_seconds=60.0)
    in_doubt(setup, setup.integration, MORE_THAN_THREADS)
    [other] = in_doubt(setup, setup.connect(name="jira-2", url=other_url), 1)
    setup.jira.fault("timeout")
    schedule: Schedule = Embedded(setup.work, 2)
    if setup.store.is_postgresql:
        schedule = Distributed(setup.work, setup.store, setup.settings)
    schedule.start()
    pause, waited = threading.Event(), 0.0
    while waited < SOON:
        with setup.store.read() as c:
            now = intents.by_id(c, other.id)
        if now is not None and now.closed_at is not None:
            break
        waited += 0.05
        pause.wait(0.05)
    schedule.stop()
    assert waited < SOON
