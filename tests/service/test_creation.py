"""A ticket is made once, whatever is interrupted (R6)."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service import clock
from service.errors import (
    IntegrationNotFound,
    JiraRefused,
    JiraUnavailable,
    StoreUnavailable,
    TicketPending,
    ViolationNotFound,
)
from service.jira.access import Tokens
from service.rules.tickets import Ticket
from service.store import integrations, intents, tickets
from tests.service.conftest import CREATE, KEY, SEARCH, Setup, frozen
from tests.service.jira import raw_server as raw

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stored(setup: Setup, violation: int) -> list[Ticket]:
    with setup.store.read() as c:
        return tickets.by_violation(c, violation)


def is_open(setup: Setup, violation: int) -> bool:
    with setup.store.read() as c:
        return intents.open_of(c, violation) is not None


def test_a_ticket_is_made_recorded_and_retrieved_at_once(setup: Setup) -> None:
    wish = setup.wish(comment="please")
    ticket = setup.creation.create(wish)
    made = setup.jira.issues()
    assert [issue["key"] for issue in made] == [ticket.key]
    assert made[0]["summary"] == "CVE-2019-17571 | log4j-1.2.17.jar has a security violation in app.war"
    assert setup.status(ticket) == "To Do"
    assert not is_open(setup, wish.violation_id)


def test_a_title_of_ones_own_is_taken_as_one_line_that_jira_accepts(setup: Setup) -> None:
    setup.creation.create(setup.wish(summary="  two\nlines " + "x" * 400))
    summary = setup.jira.issues()[0]["summary"]
    assert summary.startswith("two lines xxx")
    assert len(summary) == 255


def test_what_jira_refuses_is_told_in_its_own_words_and_leaves_nothing_open(setup: Setup) -> None:
    wish = setup.wish(project="NOPE")
    with pytest.raises(JiraRefused, match="project"):
        setup.creation.create(wish)
    assert (stored(setup, wish.violation_id), is_open(setup, wish.violation_id)) == ([], False)


def test_a_dead_token_makes_nothing_and_says_so(setup: Setup) -> None:
    setup.expire_token()
    wish = setup.wish()
    with pytest.raises(JiraUnavailable, match="API token"):
        setup.creation.create(wish)
    assert (setup.jira.issues(), is_open(setup, wish.violation_id)) == ([], False)
    assert setup.integration.broken_since is not None


def test_a_refused_connection_is_known_to_have_made_nothing(setup: Setup) -> None:
    wish = setup.wish()
    with setup.store.begin() as c:
        elsewhere = integrations.create(
            c,
            name="gone",
            installation_type="cloud",
            auth_type="basic",
            username="a",
            credential=setup.vault.seal("b"),
            url="http://127.0.0.1:1",
            skip_proxy=True,
            retrieve_tickets=True,
            created_version="3.140.0",
            now=clock.now(),
        )
    with pytest.raises(JiraUnavailable):
        setup.creation.create(type(wish)(wish.violation_id, elsewhere.id, "TEST"))
    assert not is_open(setup, wish.violation_id)


@pytest.mark.parametrize(
    "refusal",
    [
        raw.answer("401 Unauthorized", b"oauth_problem=timestamp_refused", Content_Type="text/plain"),
        raw.answer("404 Not Found", b'{"code":404,"message":"No such site"}', Content_Type="application/json"),
    ],
)
def test_a_refusal_at_the_door_is_known_to_have_made_nothing(setup: Setup, refusal: bytes) -> None:
    """Clocks that differ, or a gateway that knows no such site: nobody has to wait until that is looked up."""
    with raw.raw_server(refusal) as url:
        process = setup.process(atlassian_api_url=url)
        elsewhere = process.connect(name="elsewhere", url=url, auth_type="oauth2", client_id="app", cloud_id="site")
        with setup.store.begin() as c:
            process.connections.grants.put(c, elsewhere.id, Tokens("access"), clock.now())
        wish = replace(process.wish(), integration_id=elsewhere.id)
        with pytest.raises(JiraUnavailable):
            process.creation.create(wish)
    assert not is_open(setup, wish.violation_id)


def test_before_ticket_status_a_new_ticket_is_not_asked_for(setup: Setup) -> None:
    """R16: a product version that does not retrieve statuses, though the toggle is on from a newer one."""
    ticket = setup.process(product_version="3.111.0").creation.create(setup.wish())
    assert (ticket.status, setup.asked(SEARCH)) == (None, 0)


def test_unknown_violations_and_integrations_are_refused(setup: Setup) -> None:
    wish = setup.wish()
    with pytest.raises(ViolationNotFound):
        setup.creation.create(type(wish)(99_999, wish.integration_id, "TEST"))
    with pytest.raises(IntegrationNotFound):
        setup.creation.create(type(wish)(wish.violation_id, 99_999, "TEST"))


def test_a_failed_retrieval_does_not_fail_the_creation(setup: Setup) -> None:
    setup.jira.fault("reset", operation=SEARCH)
    ticket = setup.creation.create(setup.wish())
    assert ticket.key == "TEST-1"
    assert setup.again(ticket).status is None


@pytest.mark.parametrize("lost", ["timeout", "reset"])
def test_an_answer_that_was_lost_is_made_good_at_once_when_the_index_is_quick(setup: Setup, lost: str) -> None:
    setup.jira.fault(lost, operation=CREATE, after_work=True, times=1)
    wish = setup.wish()
    ticket = setup.creation.create(wish)
    assert len(setup.jira.issues()) == 1
    assert [one.id for one in stored(setup, wish.violation_id)] == [ticket.id]


@pytest.mark.parametrize("lost", ["timeout", "reset"])
def test_an_answer_that_was_lost_is_found_when_the_index_has_it(setup: Setup, lost: str) -> None:
    with frozen(MARCH) as time:
        setup.jira.settings(index_delay=90)
        setup.jira.fault(lost, operation=CREATE, after_work=True, times=1)
        wish = setup.wish()
        for _ in range(2):
            with pytest.raises(TicketPending):
                setup.creation.create(wish)
        time.advance(seconds=60)
        setup.work.work_off()
        assert stored(setup, wish.violation_id) == []
        time.advance(seconds=60)
        setup.work.work_off()
    found = stored(setup, wish.violation_id)
    assert [(ticket.key, ticket.created_at) for ticket in found] == [("TEST-1", MARCH)]
    assert found[0].status is not None
    assert len(setup.jira.issues()) == 1


def test_a_second_try_after_a_lost_answer_hands_out_the_first_ticket(setup: Setup) -> None:
    with frozen(MARCH) as time:
        setup.jira.settings(index_delay=5)
        setup.jira.fault("reset", operation=CREATE, after_work=True, times=1)
        wish = setup.wish()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        time.advance(seconds=10)
        assert setup.creation.create(wish).key == "TEST-1"
    assert len(setup.jira.issues()) == 1


def test_a_request_that_was_lost_is_given_up_when_the_index_must_have_it(setup: Setup) -> None:
    with frozen(MARCH) as time:
        setup.jira.fault("reset", operation=CREATE, times=1)
        wish = setup.wish()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        for _ in range(9):
            time.advance(seconds=60)
            setup.work.work_off()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        time.advance(seconds=60)
        setup.work.work_off()
        assert not is_open(setup, wish.violation_id)
        assert setup.creation.create(wish).key == "TEST-1"


def test_while_jira_cannot_be_asked_nothing_is_given_up(setup: Setup) -> None:
    with frozen(MARCH) as time:
        setup.jira.fault("reset", operation=CREATE, times=1)
        wish = setup.wish()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        setup.expire_token()
        time.advance(minutes=30)
        setup.work.work_off()
        assert is_open(setup, wish.violation_id)


@pytest.mark.parametrize("lost", ["timeout", "reset"])
def test_a_ticket_that_cannot_be_seen_because_its_project_is_hidden_is_not_given_up(setup: Setup, lost: str) -> None:
    with frozen(MARCH) as time:
        setup.jira.settings(index_delay=90)
        setup.jira.fault(lost, operation=CREATE, after_work=True, times=1)
        wish = setup.wish()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        hidden = setup.jira.fault("lost_permission", user="admin@example.com", project="TEST")
        time.advance(minutes=30)
        setup.work.work_off()
        assert is_open(setup, wish.violation_id)
        with pytest.raises(TicketPending, match="browse TEST"):
            setup.creation.create(wish)
        setup.jira.clear(hidden)
        time.advance(seconds=60)
        setup.work.work_off()
    assert [(ticket.key, ticket.created_at) for ticket in stored(setup, wish.violation_id)] == [("TEST-1", MARCH)]
    assert (len(setup.jira.issues()), is_open(setup, wish.violation_id)) == (1, False)


def test_another_project_that_is_hidden_keeps_no_intention_open(setup: Setup) -> None:
    with frozen(MARCH) as time:
        setup.jira.fault("reset", operation=CREATE, times=1)
        wish = setup.wish()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        setup.jira.fault("lost_permission", user="admin@example.com", project="SEC")
        time.advance(minutes=10)
        setup.work.work_off()
    assert not is_open(setup, wish.violation_id)


def test_a_removed_integration_leaves_no_intention_behind(setup: Setup) -> None:
    with frozen(MARCH) as time:
        setup.jira.fault("reset", operation=CREATE, times=1)
        wish = setup.wish()
        with pytest.raises(TicketPending):
            setup.creation.create(wish)
        with setup.store.begin() as c:
            integrations.remove(c, setup.integration.id, clock.now())
        time.advance(minutes=2)
        setup.work.work_off()
    assert not is_open(setup, wish.violation_id)


def test_of_two_who_create_at_once_one_is_told_to_wait(setup_on_both: Setup) -> None:
    setup = setup_on_both
    wish = setup.wish()
    barrier = threading.Barrier(2)

    def create() -> object:
        barrier.wait(10)
        try:
            return setup.creation.create(wish).key
        except TicketPending:
            return TicketPending

    with ThreadPoolExecutor(2) as callers:
        results = [call.result() for call in [callers.submit(create) for _ in range(2)]]
    assert "TEST-1" in results
    made = {issue["key"] for issue in setup.jira.issues()}
    assert {ticket.key for ticket in stored(setup, wish.violation_id)} == made


CRASHES_BEFORE_RECORDING = """
import os, sys
from cryptography.fernet import Fernet
from service.creation import Creation, Wish
from service.connections import Connections
from service.jira.cloud import JiraCloud
from service.retrieval import Retrieval
from service.settings import Settings
from service.store.database import open_store
from service.vault import Vault
from service.verification import Verification

database, key, violation, integration = sys.argv[1:]
create_issue = JiraCloud.create_issue

def create_and_die(*args):
    assert create_issue(*args).ok
    os.kill(os.getpid(), 9)

JiraCloud.create_issue = create_and_die
store, settings = open_store(database, migrate=False), Settings()
connections = Connections(store, settings, Vault([key]))
verification = Verification(store, settings, connections)
retrieval = Retrieval(store, settings, connections, verification)
Creation(store, connections, verification, retrieval).create(Wish(int(violation), int(integration), "TEST"))
"""


def test_a_kill_between_jiras_answer_and_our_record_loses_and_doubles_nothing(setup: Setup, sqlite_url: str) -> None:
    wish = setup.wish()
    given = [sqlite_url, KEY, str(wish.violation_id), str(wish.integration_id)]
    killed = subprocess.run([sys.executable, "-c", CRASHES_BEFORE_RECORDING, *given], check=False, timeout=60)
    assert killed.returncode == -9
    assert (len(setup.jira.issues()), stored(setup, wish.violation_id)) == (1, [])
    assert setup.creation.create(wish).key == "TEST-1"
    assert len(setup.jira.issues()) == 1


def test_a_store_that_fails_after_jiras_answer_loses_and_doubles_nothing(setup: Setup) -> None:
    wish = setup.wish()
    broken = setup.process()
    begin = broken.store.begin
    calls: list[int] = []

    class Failing:
        """The same store, whose second write fails."""

        def __getattr__(self, name: str) -> object:
            return getattr(setup.store, name)

        def begin(self) -> object:
            calls.append(1)
            if len(calls) == 2:
                raise StoreUnavailable("The database does not answer.")
            return begin()

    broken.creation._store = Failing()  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable):
        broken.creation.create(wish)
    assert setup.creation.create(wish).key == "TEST-1"
    assert len(setup.jira.issues()) == 1
