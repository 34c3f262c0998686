"""The stage: both apps in this process, over real loopback HTTP, under one frozen clock.

The one module of this package that knows the apps. It starts and stops them and hands out their two URLs; what a story
does and looks at goes over these, and time moves only when the story says so. The demo's apps, in real time, come from
here too.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import freezegun
import requests
from cryptography.fernet import Fernet

import fake_jira.server
import service.server
from fake_jira.client import FakeJiraClient, FakeJiraError
from service.errors import ServiceError
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered: `body` is the decoded JSON, or the text where it is none."""

    code: int
    body: Any


class Stage:
    """Two running apps. `jira` is the fake's control client; `call` speaks to the service as an admin."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        self.clock = clock
        self._settings = Settings(
            port=0,
            database=f"sqlite:///{folder / 'service.db'}",
            key=Fernet.generate_key().decode(),
            allow_time_travel=True,  # the schedule stands still; due work is done when the clock is moved
            check_seconds=6.0,
            connect_seconds=2.0,
            read_seconds=2.0,
            patience=0.0,  # a run that has to wait gives itself back, and the clock is moved on
            jitter_seed=1,
            threads=4,
        )
        self._http = requests.Session()
        self._http.trust_env = False
        self._token = ""
        self._service: service.server.RunningService | None = None
        self._fake = fake_jira.server.start(port=0, control_port=0)
        self.jira = FakeJiraClient(self._fake.control_url)
        self.jira_url = self._fake.url
        self.start_service()

    @property
    def is_serving(self) -> bool:
        """Whether the service is running."""
        return self._service is not None

    def start_service(self) -> None:
        """Starts the service on the same database as before."""
        self._service = service.server.start(self._settings)
        self._token = self._service.admin_token or self._token

    def stop_service(self) -> None:
        """Ends the service; its database stays."""
        if self._service is not None:
            self._service.close()
            self._service = None

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
        self.stop_service()
        self._http.close()
        self.jira.close()
        self._fake.close()

    def _request(self, method: str, path: str, json: Any = None, params: dict[str, Any] | None = None) -> Answer:
        if self._service is None:
            raise StageBroken("the service is stopped and cannot be asked")
        try:
            response = self._http.request(
                method,
                self._service.url + path,
                json=json,
                params=params,
                headers={"Authorization": f"Bearer {self._token}"},
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
    try:
        running = service.server.start(Settings(port=port, database=f"sqlite:///{folder / 'service.db'}"))
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
