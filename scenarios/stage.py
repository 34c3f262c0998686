"""The stage: both apps in this process, over real loopback HTTP, under one frozen clock.

The one module of this package that knows the apps. It starts and stops them and hands out their two URLs; what a story
does and looks at goes over these, and time moves only when the story says so. The demo's apps, in real time, come from
here too.
"""

import logging
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import freezegun
import requests
from cryptography.fernet import Fernet

import fake_jira.server
import service.server
from fake_jira.client import FakeJiraClient, FakeJiraError
from service.errors import ServiceError
from service.server import RunningService
from service.settings import Settings

# Their idea of the time is about sockets, threads and caches, which go on in real time.
REAL_TIME = (
    "cheroot", "urllib3", "requests", "sqlalchemy", "apscheduler", "http", "concurrent", "queue", "threading", "socket",
    "selectors",
)  # fmt: skip
DOORS = ("service.clock", "fake_jira.clock")
STOPWATCHES = ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
API = "/xray/api/v1"

logging.getLogger("ticket-service").addHandler(logging.NullHandler())  # a story's outages are no news for a terminal

JiraRefused = FakeJiraError
"""The fake would not do what a story asks of it, and says why."""


class StageBroken(Exception):
    """The stage itself does not work: an app does not start or does not answer. Not the story's fault."""


class Clock:
    """The frozen time that both apps read."""

    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def now(self) -> datetime:
        return datetime.now(UTC)

    def move_to(self, instant: datetime) -> None:
        self._factory.move_to(instant)


@contextmanager
def frozen_clock() -> Iterator[Clock]:
    """Freezes the time of day at the apps' two doors; stopwatches go on, for deadlines of sockets stand on them."""
    real = {name: getattr(time, name) for name in STOPWATCHES}
    apps = [name for name in sys.modules if name.startswith(("service.", "fake_jira.")) and name not in DOORS]
    freezegun.configure(extend_ignore_list=[*REAL_TIME, *apps])
    with freezegun.freeze_time(datetime(2026, 1, 1, tzinfo=UTC)) as factory:
        for name, stopwatch in real.items():
            setattr(time, name, stopwatch)
        yield Clock(factory)


class Backstage:
    """What outlives a story: a running fake for each flavour, and services that are on their way out.

    A story gets a fresh world of a fake that runs already, and does not wait for its service to end: both would cost
    more than most stories take.
    """

    def __init__(self) -> None:
        self._fakes: dict[str, fake_jira.server.FakeJira] = {}
        self._leaving: list[threading.Thread] = []
        self._worlds = 0

    def world(self, flavour: str) -> tuple[FakeJiraClient, str]:
        """A fresh Jira: its control client, and the address of its site."""
        if flavour not in self._fakes:
            self._fakes[flavour] = fake_jira.server.start(port=0, control_port=0, flavour=flavour)
        fake = self._fakes[flavour]
        self._worlds += 1
        name = f"story-{self._worlds}"
        with FakeJiraClient(fake.control_url) as control:
            return control.make(name), f"{fake.url}/worlds/{name}"

    def let_go(self, running: RunningService) -> None:
        """Ends a service by and by."""
        self._leaving.append(threading.Thread(target=running.close))
        self._leaving[-1].start()

    def close(self) -> None:
        for thread in self._leaving:
            thread.join()
        for fake in self._fakes.values():
            fake.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered: `body` is the decoded JSON, or the text where it is none."""

    code: int
    body: Any


class Stage:
    """Two running apps. `jira` is the fake's control client; `call` speaks to the service as an admin.

    `product_version` is the service's; empty is the newest.
    """

    def __init__(
        self,
        clock: Clock,
        folder: Path,
        backstage: Backstage,
        *,
        flavour: str = "cloud",
        product_version: str = "",
        read_seconds: float = 2.0,  # real ones, for an answer of Jira
    ) -> None:
        self.clock = clock
        self._backstage = backstage
        self._flavour = flavour
        self._database = folder / "service.db"
        self.jira, self.jira_url = backstage.world(flavour)
        self._settings = Settings(
            port=0,
            database=f"sqlite:///{self._database}",
            key=Fernet.generate_key().decode(),
            product_version=product_version or Settings().product_version,
            atlassian_auth_url=self.jira_url,
            atlassian_api_url=self.jira_url,
            allow_time_travel=True,  # the schedule stands still; due work is done when the clock is moved
            check_seconds=3 * read_seconds,
            connect_seconds=2.0,
            read_seconds=read_seconds,
            patience=0.0,  # a run that has to wait gives itself back, and the clock is moved on
            jitter_seed=1,
            threads=4,
        )
        self._http = requests.Session()
        self._http.trust_env = False
        self.token = ""  # of the user admin
        self._service: RunningService | None = None
        self.start_service()

    @property
    def is_serving(self) -> bool:
        """Whether the service is running."""
        return self._service is not None

    @property
    def service_url(self) -> str:
        """Where the service is, also while it is stopped."""
        return f"http://{self._settings.host}:{self._settings.port}"

    @property
    def product_version(self) -> str:
        """Of the service that runs, or that ran last."""
        return self._settings.product_version

    def start_service(self, product_version: str = "") -> None:
        """Starts the service on the same database and at the same address as before, or as another version."""
        settings = replace(self._settings, product_version=product_version or self.product_version)
        try:
            self._service = service.server.start(settings)
        except ServiceError as error:
            raise StageBroken(f"the service does not start: {error}") from None
        self._settings = replace(settings, port=urlsplit(self._service.url).port or 0)
        self.token = self._service.admin_token or self.token

    def stop_service(self) -> None:
        """Ends the service; its database stays."""
        self._http.close()  # whoever hangs up first keeps the port busy for a minute; the next service needs it again
        if self._service is not None:
            self._service.close()
            self._service = None

    def kill_service(self, let_go: Callable[[], None] = lambda: None) -> None:
        """The service dies where it stands: what it has stored by now is all that is left, and the next finds that.

        What the one that dies still says to its database, goodbyes and leases given back, goes to a file that nobody
        reads any more. `let_go` frees it from what it waits for, once that is so, and sees that it is done with it.
        """
        left, self._database = self._database, self._database.with_suffix(".next.db")
        with closing(sqlite3.connect(left)) as disk, closing(sqlite3.connect(self._database)) as copy:
            disk.backup(copy)
        self._settings = replace(self._settings, database=f"sqlite:///{self._database}")
        let_go()
        self.stop_service()

    def another_world(self) -> str:
        """The name of a further Jira beside that of the story."""
        client, url = self._backstage.world(self._flavour)
        client.close()
        return url.rpartition("/")[2]

    def call(self, method: str, path: str, json: Any = None, params: dict[str, Any] | None = None) -> Answer:
        """One request to the service; `path` is below /xray/api/v1. Raises StageBroken when nobody answers."""
        return self._request(method, API + path, json, params)

    def work(self) -> datetime | None:
        """Has the service do everything that is due; when something is due next."""
        return self._next_due(self._request("POST", "/_control/work"))

    def next_due(self) -> datetime | None:
        """When the service has something to do next."""
        return self._next_due(self._request("GET", "/_control/clock"))

    def close(self) -> None:
        self.jira.clear()
        self.jira.drop()
        self.jira.close()
        self._http.close()
        if self._service is not None:
            self._backstage.let_go(self._service)
            self._service = None

    def _request(self, method: str, path: str, json: Any = None, params: dict[str, Any] | None = None) -> Answer:
        if self._service is None:
            raise StageBroken("the service is stopped and cannot be asked")
        try:
            response = self._http.request(
                method,
                self.service_url + path,
                json=json,
                params=params,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=60,
            )
        except requests.RequestException as error:
            raise StageBroken(f"the service does not answer {method} {path}: {type(error).__name__}") from None
        try:
            return Answer(response.status_code, response.json())
        except ValueError:
            return Answer(response.status_code, response.text)

    @staticmethod
    def _next_due(answer: Answer) -> datetime | None:
        if answer.code != 200:
            raise StageBroken(f"the service failed at its due work: {answer.code} {answer.body}")
        due = answer.body["next_due"]
        return None if due is None else datetime.fromisoformat(due)


@dataclass(frozen=True, slots=True)
class Apps:
    """Both apps in this process and in real time. `admin_token` is None when the service had users before."""

    url: str
    jira: FakeJiraClient
    jira_url: str
    control_url: str
    admin_token: str | None
    close: Callable[[], None]


def start_apps(folder: Path, *, port: int, jira_port: int, control_port: int, issues: int, seed: int) -> Apps:
    """Starts both apps on what `folder` holds, or afresh. Raises StageBroken with a sentence; then nothing runs."""
    try:
        fake = fake_jira.server.start(
            port=jira_port, control_port=control_port, issues=issues, seed=seed, state=folder / "jira.json"
        )
    except (fake_jira.server.CannotListen, fake_jira.server.StateFileBroken) as error:
        raise StageBroken(str(error)) from None
    settings = Settings(
        port=port,
        database=f"sqlite:///{folder / 'service.db'}",
        atlassian_auth_url=fake.url,  # the fake is all of Atlassian
        atlassian_api_url=fake.url,
    )
    try:
        running = service.server.start(settings)
    except BaseException as error:
        fake.close()
        if isinstance(error, ServiceError):
            raise StageBroken(str(error)) from None
        raise
    jira = FakeJiraClient(fake.control_url)

    def close() -> None:
        running.close()
        jira.close()
        fake.close()

    return Apps(running.url, jira, fake.url, fake.control_url, running.admin_token, close)
