"""A large run in shares: several hands, each ticket once, never more requests in flight than are allowed (R10)."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from service import clock
from service.retrieval.hands import Owner
from service.rules.health import Health, Outcome, verdict
from service.store import integrations, runs, shares
from service.store.runs import Run, RunState
from tests.service.conftest import KEY, MYSELF, SEARCH, Setup, frozen

ALLOWED = 8


class Crew:
    """A run's owner and those who help, as processes on one store would."""

    def __init__(self, setup: Setup, helpers: int = 3) -> None:
        self.setup = setup
        self.helpers = helpers
        self.asked_for: list[tuple[int, int]] = []
        self.helped: list[Future[bool]] = []
        self.pool = ThreadPoolExecutor(8)
        self.owner = self.process(on_split=self.call)

    def process(self, **given: Any) -> Setup:
        return self.setup.process(**{"requests_in_flight": ALLOWED, "share_tickets": 50, "patience": 60.0} | given)

    def call(self, run_id: int, hands: int) -> None:
        self.asked_for.append((run_id, hands))
        self.helped += [self.pool.submit(self.process().retrieval.help, run_id) for _ in range(self.helpers)]


@pytest.fixture
def crew(setup_on_both: Setup) -> Crew:
    return Crew(setup_on_both)


def shares_of(setup: Setup) -> int:
    with setup.store.read() as c:
        return int(c.execute(text("SELECT count(*) FROM shares")).scalar_one())


def test_a_large_run_is_gone_through_by_several_hands_and_each_ticket_once(crew: Crew) -> None:
    setup = crew.setup
    found = setup.tickets(600)
    setup.jira.delete(found[300].issue_id)
    run = crew.owner.retrieve()
    assert (run.state, run.total, run.checked, run.changed, run.deleted) == (RunState.COMPLETE, 600, 600, 599, 1)
    assert crew.asked_for == [(run.id, 3)]
    assert any(help.result(10) for help in crew.helped)
    assert setup.asked(SEARCH) == 12
    assert run.requests == setup.asked(), "every request is counted, whoever sent it"
    assert [setup.status(ticket) for ticket in found[::300]] == ["To Do", "Unknown"]
    assert shares_of(setup) == 0, "they are forgotten with the run"
    assert setup.integration.settled_epoch == setup.integration.epoch


def test_a_small_run_has_no_shares_and_calls_nobody(setup: Setup) -> None:
    setup.tickets(50)
    crew = Crew(setup)
    assert crew.owner.retrieve().state is RunState.COMPLETE
    assert (crew.asked_for, shares_of(setup)) == ([], 0)


def test_without_anybody_to_call_no_run_is_cut(setup: Setup) -> None:
    setup.tickets(110)
    assert setup.process(share_tickets=100).retrieve().checked == 110
    assert shares_of(setup) == 0


def test_where_nobody_comes_the_owner_does_it_all(setup: Setup) -> None:
    setup.tickets(200)
    crew = Crew(setup, helpers=0)
    run = crew.owner.retrieve()
    assert (run.state, run.checked, setup.asked(SEARCH)) == (RunState.COMPLETE, 200, 4)


def test_nobody_helps_with_a_run_that_is_not_in_hand_or_has_ended(setup: Setup) -> None:
    setup.tickets(3)
    run = setup.enqueue()
    assert not setup.retrieval.help(run.id)
    assert not setup.retrieval.help(99)
    setup.retrieve()
    assert not setup.retrieval.help(run.id)


class CountingJira:
    """Answers everything that a run asks, and counts the searches that are in flight at the same time."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.most = 0
        self._lock = threading.Lock()
        jira = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer({"accountId": "a", "version": "1", "baseUrl": "x"})

            def do_POST(self) -> None:
                body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with jira.counted():
                    time.sleep(0.02)  # how long this Jira takes: requests that may overlap do
                    ids = re.findall(r"\d+", body["jql"])
                    self._answer({"issues": [issue(one) for one in ids], "isLast": True})

            def _answer(self, payload: Any) -> None:
                body = orjson.dumps(payload)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
        yield
        with self._lock:
            self.in_flight -= 1

    def __enter__(self) -> "CountingJira":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def issue(issue_id: str) -> dict[str, Any]:
    status = {"id": "1", "name": "To Do", "statusCategory": {"key": "new"}}
    fields = {"status": status, "updated": "2026-03-01T00:00:00.000+0000", "project": {"id": "10000"}}
    return {"id": issue_id, "key": f"TEST-{issue_id}", "fields": fields}


def test_together_they_never_have_more_in_flight_than_is_allowed(setup: Setup) -> None:
    setup.tickets(1500)
    with CountingJira() as jira:
        with setup.store.begin() as c:
            integrations.update_settings(c, replace(setup.integration, url=jira.url))
        crew = Crew(setup)
        run = crew.owner.retrieve()
    assert (run.state, run.checked) == (RunState.COMPLETE, 1500)
    assert any(help.result(10) for help in crew.helped)
    assert 2 < jira.most <= ALLOWED


@pytest.mark.parametrize("event", ["cancelled", "off", "removed", "broken"])
def test_every_hand_stops_when_nobody_waits_for_the_run_any_more(
    setup: Setup, event: str, logged: list[tuple[str, dict[str, Any]]]
) -> None:
    setup.tickets(600)
    crew = Crew(setup)
    setup.jira.fault("timeout", operation=SEARCH, after=4)
    run = setup.enqueue()
    played = crew.pool.submit(crew.process(on_split=crew.call, read_seconds=0.5).retrieval.run, run.id)
    until(lambda: setup.history()[0].checked == 200)
    with setup.store.begin() as c:
        if event == "cancelled":
            runs.cancel(c, setup.integration.id, "It was cancelled.", clock.now())
        elif event == "off":
            integrations.set_enabled(c, setup.integration.id, False)
        elif event == "removed":
            integrations.remove(c, setup.integration.id, clock.now())
        else:
            integrations.record_verdict(c, setup.integration.id, verdict(Outcome.TIMEOUT, clock.now()), clock.now())
    ended = played.result(20)
    assert ended is not None
    assert ended.state is (RunState.SUPERSEDED if event == "broken" else RunState.CANCELLED)
    for help in crew.helped:
        help.result(20)
    assert ended.checked == 200
    assert "run.lost" not in dict(logged)


def test_what_a_helper_finds_broken_ends_the_run(setup: Setup) -> None:
    tickets = setup.tickets(300)
    run = cut_by_another(setup, size=100)
    setup.expire_token()
    with ThreadPoolExecutor(1) as pool:
        helped = pool.submit(Crew(setup).process().retrieval.help, run.id)
        admit(setup, run)
        assert helped.result(20)
    assert (setup.history()[0].state, setup.integration.health) == (RunState.FAILED, Health.FAULTY)
    assert {setup.status(ticket) for ticket in tickets} == {"Unknown"}


HELPS = """
import sys
from service.connections import Connections
from service.retrieval import Retrieval
from service.settings import Settings
from service.store.database import open_store
from service.vault import Vault
from service.verification import Verification

database, key, run_id = sys.argv[1:]
store, settings = open_store(database, migrate=False), Settings(requests_in_flight=4)
connections = Connections(store, settings, Vault([key]))
Retrieval(store, settings, connections, Verification(store, settings, connections)).help(int(run_id))
"""


def test_a_killed_helper_loses_and_doubles_nothing(setup: Setup, sqlite_url: str) -> None:
    found = setup.tickets(600)
    run = cut_by_another(setup, size=300)
    setup.jira.fault("timeout", operation=SEARCH, after=2)  # the third batch and all after it get no answer
    killed = subprocess.Popen([sys.executable, "-c", HELPS, sqlite_url, KEY, str(run.id)])
    admit(setup, run)
    until(lambda: setup.history()[0].checked == 200)
    killed.kill()
    assert killed.wait(10) == -9
    setup.jira.clear()
    setup.jira.clear_journal()
    with frozen(datetime.now(UTC) + timedelta(seconds=31)):
        ended = setup.retrieval.run(run.id)
    assert ended is not None
    assert (ended.state, ended.checked, ended.changed) == (RunState.COMPLETE, 600, 600)
    assert setup.asked(SEARCH) == 4
    assert {setup.status(ticket) for ticket in found[::100]} == {"To Do"}


def test_a_helper_whose_jira_hangs_keeps_its_share_and_not_the_owner_of_the_run(setup: Setup) -> None:
    setup.tickets(300)
    run = cut_by_another(setup, size=100)
    setup.jira.fault("timeout", operation=MYSELF, times=1)
    with ThreadPoolExecutor(1) as pool:
        helped = pool.submit(Crew(setup).process(lease=2.0, read_seconds=4.0).retrieval.help, run.id)
        admit(setup, run)
        until(lambda: setup.jira.faults()[0]["hits"] == 1)
        [joined] = leases(setup)
        until(lambda: leases(setup) > [joined])
        assert setup.history()[0].lease_until == run.resume_at + timedelta(seconds=30)
        assert helped.result(20)


def leases(setup: Setup) -> list[int]:
    with setup.store.read() as c:
        held = text("SELECT lease_until FROM shares WHERE owner LIKE 'helper-%'")
        return [int(lease) for lease in c.execute(held).scalars()]


def test_an_owner_always_has_room_for_one_request(setup: Setup) -> None:
    """However many helpers hold shares: one that was taken for dead may have come back beside those who took over."""
    setup.tickets(500)
    run = cut_by_another(setup, size=100)
    now = clock.now()
    with setup.store.begin() as c:
        for number in range(5):
            assert shares.claim(c, run.id, f"helper-{number}", now + timedelta(seconds=30), now) is not None
    crew = Crew(setup)
    owner = Owner(crew.owner.retrieval._around, replace(run, owner="another"))
    assert owner.room(0) == 1


def cut_by_another(setup: Setup, size: int) -> Run:
    """A run that another process has in hand, and has cut."""
    run = setup.enqueue()
    now = run.resume_at
    with setup.store.begin() as c:
        runs.claim(c, run.id, "another", now + timedelta(seconds=30), now)
        shares.cut(c, run.id, run.integration_id, size)
    return run


def admit(setup: Setup, run: Run) -> None:
    """What its owner does for a helper who has joined."""
    until(lambda: held_by_a_helper(setup) == 1)
    with setup.store.begin() as c:
        shares.admit(c, run.id, "another", 1, clock.now())


def held_by_a_helper(setup: Setup) -> int:
    with setup.store.read() as c:
        return int(c.execute(text("SELECT count(*) FROM shares WHERE owner LIKE 'helper-%'")).scalar_one())


def test_a_run_whose_owner_fell_silent_goes_on_with_the_shares_that_are_left(setup_on_both: Setup) -> None:
    setup = setup_on_both
    setup.tickets(1000)
    run = setup.enqueue()
    start = clock.now()
    with setup.store.begin() as c:
        dead = runs.claim(c, run.id, "dead", start + timedelta(seconds=30), start)
        assert dead is not None
        shares.cut(c, run.id, run.integration_id, 300)
        first = shares.claim(c, run.id, "dead", start + timedelta(seconds=30), start)
        assert first is not None
        shares.end(c, first, start)
        shares.claim(c, run.id, "dead", start + timedelta(seconds=30), start)
    with frozen(datetime.now(UTC) + timedelta(seconds=31)):
        played = setup.retrieval.run(run.id)
    assert played is not None
    assert (played.state, played.checked) == (RunState.COMPLETE, 700)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        threading.Event().wait(0.01)
