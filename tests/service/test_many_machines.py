"""Two workers and a web process on one PostgreSQL, real processes all; workers are killed, and nothing is lost (3.9).

Each integration has a Jira of its own (a world of the fake), so that what was asked for it stands in a journal of its
own. Workers say in their logs when they take a run up and when they let go of it; killed ones let go when they die.
With TICKET_SERVICE_TEST_SCALE=full it is 100 integrations, 200,000 tickets and ten kills, and prints what it measured.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

import fake_jira.server
from fake_jira.client import FakeJiraClient
from service.rules.display import shown
from service.store import integrations, runs, tickets
from service.store.database import Store, open_store
from service.store.runs import Run, RunState
from tests.service.conftest import KEY, SEARCH, Setup

WORLD = "many"
STATUSES = ("To Do", "In Progress", "Done")
HELD_BACK = timedelta(seconds=1)  # by which a log line may come after the deed that it tells of
ON_ITS_WAY = timedelta(seconds=1)  # a Jira reads a little later what a worker had sent when it was killed
LETS_GO = {"run.finished", "run.postponed", "run.lost", "run.abandoned"}
API = "/xray/api/v1/ticketing/jira-integrations"


@dataclass(frozen=True)
class Scale:
    """How large the test is: `tickets` for each integration; `changes` for each kill."""

    integrations: int
    tickets: int
    kills: int
    changes: int


SCALES = {"small": Scale(12, 100, 3, 30), "full": Scale(100, 2000, 10, 300)}
SCALE = SCALES[os.environ.get("TICKET_SERVICE_TEST_SCALE", "small")]


@dataclass(frozen=True)
class Process:
    """A process of the service; `died` is None while it lives."""

    popen: subprocess.Popen[str]
    ready: dict[str, Any]
    log: Path
    died: list[datetime] = field(default_factory=list)

    def end(self, how: int) -> int:
        self.popen.send_signal(how)
        code = self.popen.wait(30)
        self.died.append(datetime.now(UTC))
        return code

    def logged(self) -> list[dict[str, Any]]:
        """What it said, the last line left out when it died in the middle of it."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


class Fleet:
    """Processes on one PostgreSQL; at the end none is left."""

    def __init__(self, database: str, folder: Path) -> None:
        self._folder = folder
        self._started = 0
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TICKET_SERVICE_DATABASE": database,
            "TICKET_SERVICE_KEY": KEY,
            "TICKET_SERVICE_LEASE": "2",
            "TICKET_SERVICE_READ_SECONDS": "5",
        }
        self.all: list[Process] = []

    def start(self, *arguments: str) -> Process:
        self._started += 1
        log = self._folder / f"{self._started}.log"
        with log.open("w") as stream:
            popen = subprocess.Popen(
                [sys.executable, "-m", "service", *arguments, "--json"],
                env=self._environment, stdout=subprocess.PIPE, stderr=stream, text=True,
            )  # fmt: skip
        assert popen.stdout is not None
        line = popen.stdout.readline()
        assert line, log.read_text()
        made = Process(popen, json.loads(line), log)
        self.all.append(made)
        return made

    def worker(self) -> Process:
        return self.start("worker", "--runs", "4")

    def close(self) -> None:
        for process in self.all:
            process.popen.kill()
            process.popen.communicate()


@dataclass(frozen=True)
class Claim:
    """A worker had the run of an integration from `since` to `until`."""

    integration: str
    run: int
    since: datetime
    until: datetime


@pytest.fixture
def fleet(postgresql_url: str, tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(postgresql_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def pg_store(postgresql_url: str) -> Iterator[Store]:
    opened = open_store(postgresql_url, migrate=False)
    yield opened
    opened.close()


@contextmanager
def worlds(fake: fake_jira.server.FakeJira) -> Iterator[dict[str, FakeJiraClient]]:
    """A Jira for each integration, by name, all with the same issues."""
    with ExitStack() as open_clients:
        client = open_clients.enter_context(FakeJiraClient(fake.control_url))
        first = open_clients.enter_context(client.make(f"{WORLD}-0"))
        first.create_issues([{"project": "TEST", "summary": f"{n}"} for n in range(SCALE.tickets)])
        made = {"jira-0": first}
        for n in range(1, SCALE.integrations):
            made[f"jira-{n}"] = open_clients.enter_context(first.fork(f"{WORLD}-{n}"))
        yield made
        for world in made.values():
            world.drop()


def connect(setup: Setup, fake: fake_jira.server.FakeJira, jiras: dict[str, FakeJiraClient]) -> None:
    """An integration to each, and a ticket for each of its issues."""
    violation, now = setup.violation(), datetime.now(UTC)
    for name, jira in jiras.items():
        made = setup.connect(name=name, url=f"{fake.url}/worlds/{jira._world}")
        rows = [
            {"violation_id": violation, "integration_id": made.id, "issue_id": issue["id"], "key": issue["key"],
             "created_at": now}
            for issue in jira.issues()
        ]  # fmt: skip
        with setup.store.begin() as c:
            tickets.insert_many(c, rows)


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"{what} within {seconds:g} s"
        pause.wait(0.05)


class Story:
    """What happens: runs are asked for, Jiras change, workers die."""

    def __init__(self, fleet: Fleet, store: Store, jiras: dict[str, FakeJiraClient]) -> None:
        self._fleet = fleet
        self._store = store
        self._jiras = jiras
        self._random = random.Random(5)  # noqa: S311 - chaos that can be had again
        self._gone: set[tuple[str, str]] = set()
        self._web = fleet.start("serve", "--port", "0", "--no-work")
        self.workers = [fleet.worker(), fleet.worker()]
        with store.read() as c:
            self._ids = {one.name: one.id for one in integrations.all(c)}

    def ask_for_runs(self) -> None:
        with requests.Session() as session:
            session.auth = ("admin", self._web.ready["token"])
            for name in self._jiras:
                answer = session.post(f"{self._web.ready['url']}{API}/{name}/retrievals", timeout=30)
                assert answer.status_code in (200, 201, 202), answer.text

    def newest(self) -> dict[str, Run]:
        with self._store.read() as c:
            found = runs.last(c, self._ids.values())
        return {name: found[of] for name, of in self._ids.items() if of in found}

    def is_quiet(self) -> bool:
        return all(run.ended_at is not None for run in self.newest().values())

    def keep_some_waiting(self) -> None:
        """A search gets no answer here and there, so that there is a run to be killed in."""
        for name in self._random.sample(sorted(self._jiras), 2):
            self._jiras[name].fault("timeout", operation=SEARCH, times=1)

    def change(self) -> None:
        """Issues move on, and some are deleted."""
        for _ in range(SCALE.changes):
            name = self._random.choice(sorted(self._jiras))
            issue = str(10_000 + self._random.randrange(SCALE.tickets))
            if (name, issue) in self._gone:
                continue
            if self._random.random() < 0.2:
                self._jiras[name].delete(issue)
                self._gone.add((name, issue))
            else:
                self._jiras[name].transition(issue, self._random.choice(STATUSES))

    def kill_one(self) -> None:
        if self.is_quiet():
            self.keep_some_waiting()
            self.ask_for_runs()
        until(lambda: any(run.state is RunState.RUNNING for run in self.newest().values()), 30, "no run began")
        victim = self._random.randrange(len(self.workers))
        self.workers[victim].end(signal.SIGKILL)
        self.workers[victim] = self._fleet.worker()

    def end(self) -> None:
        for process in (*self.workers, self._web):
            assert process.end(signal.SIGTERM) == 0, process.log.read_text()


def test_workers_are_killed_and_every_status_is_right_in_the_end(
    fleet: Fleet, pg_store: Store, fake: fake_jira.server.FakeJira
) -> None:
    with worlds(fake) as jiras:
        connect(Setup(pg_store, jiras["jira-0"], fake.url), fake, jiras)
        began = time.monotonic()
        story = Story(fleet, pg_store, jiras)
        story.ask_for_runs()
        until(story.is_quiet, 300, "the first runs did not end")
        first = time.monotonic() - began
        for _ in range(SCALE.kills):
            story.keep_some_waiting()
            story.ask_for_runs()
            story.change()
            story.kill_one()
        until(story.is_quiet, 300, "what was killed did not go on")
        asked_last = time.monotonic()
        story.ask_for_runs()
        until(story.is_quiet, 300, "the last runs did not end")
        last = time.monotonic() - asked_last
        story.end()

        assert {run.state for run in story.newest().values()} == {RunState.COMPLETE}
        check_statuses(pg_store, jiras)
        claims = claims_of(fleet, pg_store)
        check_that_no_two_runs_met(claims)
        journals = {name: jira.journal(limit=10_000) for name, jira in jiras.items()}
        for name, journal in journals.items():
            check_journal(journal, [claim for claim in claims if claim.integration == name])
            check_that_the_dead_rest(pg_store, name, journal)
    resumed = len(claims) - len({claim.run for claim in claims})
    print(
        f"\n{SCALE.integrations} integrations, {SCALE.integrations * SCALE.tickets:,} tickets, {SCALE.kills} kills: "
        f"first runs {first:.1f} s, last runs {last:.1f} s, {len(claims)} claims, {resumed} of them taken up again"
    )
    assert resumed > 0, "no worker was killed in the middle of a run"


def check_statuses(store: Store, jiras: dict[str, FakeJiraClient]) -> None:
    now = datetime.now(UTC)
    for name, jira in jiras.items():
        is_so = {issue["id"]: "Unknown" if issue["deleted"] else issue["status"] for issue in jira.issues()}
        with store.read() as c:
            integration = integrations.by_name(c, name)
            assert integration is not None
            _, stored = tickets.by_integration(c, integration.id, SCALE.tickets, 0)
        assert {ticket.issue_id: shown(ticket, integration, now).status for ticket in stored} == is_so, name


def claims_of(fleet: Fleet, store: Store) -> list[Claim]:
    """Who had which run and how long, as the workers' logs tell."""
    with store.read() as c:
        names = {one.id: one.name for one in integrations.all(c)}
        of_runs = {run.id: names[i] for i in names for run in runs.history(c, i, 1000)}
    found = []
    for process in fleet.all:
        held: dict[int, datetime] = {}
        for line in process.logged():
            at = datetime.fromisoformat(line["time"])
            if line["event"] == "run.started":
                held[line["run"]] = at
            elif line["event"] in LETS_GO and line["run"] in held:
                found.append(Claim(of_runs[line["run"]], line["run"], held.pop(line["run"]), at))
        found += [Claim(of_runs[run], run, since, process.died[0]) for run, since in held.items()]
    return sorted(found, key=lambda claim: claim.since)


def check_that_no_two_runs_met(claims: list[Claim]) -> None:
    before: dict[str, Claim] = {}
    for claim in claims:
        earlier = before.get(claim.integration)
        assert earlier is None or earlier.until - HELD_BACK <= claim.since, (earlier, claim)
        before[claim.integration] = claim


def check_journal(journal: list[dict[str, Any]], claims: list[Claim]) -> None:
    """Every search belongs to a claim, and none got the answer about a ticket twice: two at once would have."""
    answered: dict[Claim, Counter[str]] = defaultdict(Counter)
    for entry in journal:
        if entry["operation"] != SEARCH:
            continue
        at = begun(entry)
        claim = next((one for one in reversed(claims) if one.since <= at), None)
        assert claim is not None, entry
        assert at <= claim.until + ON_ITS_WAY, f"nobody had the run at {at}: {entry}"
        if entry["status"] == 200:
            answered[claim].update(asked_in(entry))
    for claim, times in answered.items():
        assert max(times.values()) == 1, (claim, times.most_common(3))


def check_that_the_dead_rest(store: Store, name: str, journal: list[dict[str, Any]]) -> None:
    with store.read() as c:
        integration = integrations.by_name(c, name)
        assert integration is not None
        _, stored = tickets.by_integration(c, integration.id, SCALE.tickets, 0)
    gone = {ticket.issue_id: ticket.deleted_at for ticket in stored if ticket.deleted_at is not None}
    for entry in journal:
        late = [one for one in asked_in(entry) if one in gone and begun(entry) > gone[one]]
        assert not late, f"asked for {late} after their deletion was known: {entry}"


def begun(entry: dict[str, Any]) -> datetime:
    """When a request came in; the journal notes it when its answer went out."""
    return datetime.fromisoformat(entry["at"]) - timedelta(milliseconds=entry["duration_ms"])


def asked_in(entry: dict[str, Any]) -> list[str]:
    """The ids of issues that a request asks for."""
    if entry["operation"] == SEARCH:
        body = entry["body"] or {"jql": ""}  # none of what was cut off as a worker was killed
        return re.findall(r"\d+", body["jql"])
    single = re.fullmatch(r".*/rest/api/3/issue/(\d+)", entry["path"])
    return [single[1]] if single else []
