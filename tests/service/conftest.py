"""A real fake Jira for the session; for each test a world in it, a store, and an integration between the two.

`setup` is on SQLite; `setup_on_both` has the test run on PostgreSQL as well, for what the database decides.
"""

import itertools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import freezegun
import pytest
from cryptography.fernet import Fernet

import fake_jira.server
from fake_jira.client import FakeJiraClient
from service import clock, logs
from service.connections import Connections
from service.creation import Creation, Wish
from service.dispatch.work import Work
from service.retrieval import Retrieval
from service.rules.display import Shown, shown
from service.rules.tickets import Integration, Ticket
from service.settings import Settings
from service.store import integrations, resources, runs, tickets, violations
from service.store.database import Store, open_store
from service.store.runs import Run, RunCause
from service.vault import Vault
from service.verification import Verification
from tests.service.granted import Granting

REAL_TIME = ["cheroot", "urllib3", "requests", "sqlalchemy", "apscheduler", "http", "concurrent", "queue", "threading"]
KEY = Fernet.generate_key().decode()
NUMBERS = itertools.count()

# operations, as Atlassian's document names them
SERVER_INFO = "getServerInfo"
MYSELF = "getCurrentUser"
SEARCH = "searchAndReconsileIssuesUsingJqlPost"
PROJECTS = "searchProjects"
CREATE = "createIssue"


class FrozenTime:
    """The frozen clock that service and fake share."""

    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def move_to(self, instant: datetime) -> None:
        self._factory.move_to(instant)

    def advance(self, **by: float) -> None:
        self._factory.move_to(datetime.now(UTC) + timedelta(**by))


@contextmanager
def frozen(at: datetime) -> Iterator[FrozenTime]:
    """Time stands still at `at`; stopwatches go on, as the deadlines of sockets stand on them."""
    stopwatches = {name: getattr(time, name) for name in ("monotonic", "monotonic_ns", "perf_counter")}
    freezegun.configure(extend_ignore_list=REAL_TIME)
    with freezegun.freeze_time(at) as factory:
        for name, stopwatch in stopwatches.items():
            setattr(time, name, stopwatch)
        yield FrozenTime(factory)


class Setup:
    """A Jira with an integration to it, and the parts of the service that work on it."""

    def __init__(
        self,
        store: Store,
        jira: FakeJiraClient,
        url: str,
        *,
        jitter: Callable[[], float] | None = None,
        others_wait: Callable[[], bool] | None = None,
        on_split: Callable[[int, int], None] | None = None,
        **settings: Any,
    ) -> None:
        self.store = store
        self.jira = jira
        self.url = url
        self.settings = Settings(
            **{"connect_seconds": 1.0, "read_seconds": 1.0, "check_seconds": 3.0, "patience": 0.0} | settings
        )
        self.vault = Vault([KEY])
        self.recoveries = 0
        self.connections = Connections(store, self.settings, self.vault)
        self.verification = Verification(store, self.settings, self.connections, self._on_recovery)
        self.retrieval = Retrieval(
            store,
            self.settings,
            self.connections,
            self.verification,
            jitter,
            others_wait=others_wait,
            on_split=on_split,
        )
        self.creation = Creation(store, self.connections, self.verification, self.retrieval)
        self.work = Work(store, self.verification, self.retrieval, self.creation)

    def process(self, **given: Any) -> "Setup":
        """Another process on the same store and Jira; `given` are settings and what a retrieval is handed."""
        return Setup(self.store, self.jira, self.url, **given)

    def connect(self, token: str = "admin-token", name: str = "jira-1", **values: Any) -> Integration:
        given = {
            "installation_type": "cloud",
            "auth_type": "basic",
            "username": "admin@example.com",
            "url": self.url,
            "skip_proxy": True,
            "retrieve_tickets": True,
            "created_version": "3.140.0",
            "now": clock.now(),
        } | values
        with self.store.begin() as c:
            return integrations.create(c, name=name, credential=self.vault.seal(token), **given)

    def violation(self) -> int:
        number = str(next(NUMBERS))
        with self.store.begin() as c:
            ids, _ = resources.put_many(
                c, [{"public_id": f"r{number}", "type": "artifact", "name": "app.war", "package_type": None}]
            )
            row = {
                "public_id": f"v{number}",
                "resource_id": ids[f"r{number}"],
                "issue_id": "CVE-2019-17571",
                "type": "Security",
                "severity": "High",
                "watch_name": "watch",
                "component": "log4j-1.2.17.jar",
                "infected_components": ("gav://log4j:log4j:1.2.17",),
                "cves": ("CVE-2019-17571",),
                "summary": "Deserialization of untrusted data",
                "description": "",
                "created_at": clock.now(),
            }
            made, _ = violations.put_many(c, [row], clock.now())
        return made[f"v{number}"]

    def tickets(self, count: int, project: str = "TEST", created: datetime | None = None, **issue: Any) -> list[Ticket]:
        """Issues in Jira, and the tickets that they are, of one violation."""
        made = self.jira.create_issues([{"project": project, "summary": f"{n}", **issue} for n in range(count)])
        violation = self.violation()
        at = created or clock.now()
        rows = [
            {
                "violation_id": violation,
                "integration_id": self.integration.id,
                "issue_id": one["id"],
                "key": one["key"],
                "created_at": at,
            }
            for one in made
        ]
        with self.store.begin() as c:
            tickets.insert_many(c, rows)
            return sorted(tickets.by_violation(c, violation), key=lambda ticket: ticket.id)

    def ticket(self, **given: Any) -> Ticket:
        return self.tickets(1, **given)[0]

    @property
    def integration(self) -> Integration:
        with self.store.read() as c:
            found = integrations.by_name(c, "jira-1")
        assert found is not None
        return found

    def enqueue(self, cause: RunCause = RunCause.MANUAL) -> Run:
        with self.store.begin() as c:
            return runs.enqueue(c, self.integration.id, cause, clock.now())

    def retrieve(self) -> Run:
        """A run, as far as it goes."""
        played = self.retrieval.run(self.enqueue().id)
        assert played is not None
        return played

    def again(self, ticket: Ticket) -> Ticket:
        with self.store.read() as c:
            found = tickets.by_id(c, ticket.id)
        assert found is not None
        return found

    def shown(self, ticket: Ticket) -> Shown:
        with self.store.read() as c:
            integration = integrations.by_id(c, ticket.integration_id)
        assert integration is not None
        return shown(self.again(ticket), integration, clock.now())

    def status(self, ticket: Ticket) -> str | None:
        return self.shown(ticket).status

    def history(self) -> list[Run]:
        """The newest first."""
        with self.store.read() as c:
            return runs.history(c, self.integration.id, 100)

    def asked(self, operation: str | None = None) -> int:
        """How many requests the Jira has seen."""
        return len(self.jira.journal(**({} if operation is None else {"operation": operation})))

    def wish(self, violation: int | None = None, **values: Any) -> Wish:
        return Wish(violation or self.violation(), self.integration.id, **{"project": "TEST"} | values)

    def expire_token(self) -> None:
        self.jira.fault("expired_token", user="admin@example.com")

    def _on_recovery(self) -> None:
        self.recoveries += 1


@pytest.fixture(scope="session")
def fake() -> Iterator[fake_jira.server.FakeJira]:
    """One fake Jira for all tests of the session; each takes a world of its own."""
    with fake_jira.server.start(port=0, control_port=0) as running:
        yield running


@pytest.fixture
def world(fake: fake_jira.server.FakeJira) -> Iterator[FakeJiraClient]:
    """A fresh Jira: projects TEST and SEC, no issues."""
    with FakeJiraClient(fake.control_url) as client:
        made = client.make(f"world-{next(NUMBERS)}")
        yield made
        made.drop()
        made.close()


@pytest.fixture
def jira_url(fake: fake_jira.server.FakeJira, world: FakeJiraClient) -> str:
    return f"{fake.url}/worlds/{world._world}"


@pytest.fixture(scope="session")
def data_center_fake() -> Iterator[fake_jira.server.FakeJira]:
    """The same of Data Center."""
    with fake_jira.server.start(flavour="data-center", port=0, control_port=0) as running:
        yield running


@pytest.fixture
def data_center_world(data_center_fake: fake_jira.server.FakeJira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(data_center_fake.control_url) as client:
        made = client.make(f"world-{next(NUMBERS)}")
        yield made
        made.drop()
        made.close()


@pytest.fixture
def data_center_url(data_center_fake: fake_jira.server.FakeJira, data_center_world: FakeJiraClient) -> str:
    return f"{data_center_fake.url}/worlds/{data_center_world._world}"


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url, migrate=False)
    yield opened
    opened.close()


@pytest.fixture
def setup(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> Setup:
    made = Setup(sqlite_store, world, jira_url)
    made.connect()
    return made


@pytest.fixture
def setup_on_both(store: Store, world: FakeJiraClient, jira_url: str) -> Setup:
    made = Setup(store, world, jira_url)
    made.connect()
    return made


@pytest.fixture
def cloud(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> Granting:
    """An integration with a grant at Jira Cloud."""
    return Granting(sqlite_store, world, jira_url)


@pytest.fixture
def data_center(sqlite_store: Store, data_center_world: FakeJiraClient, data_center_url: str) -> Granting:
    """An integration with a grant at Data Center (OAuth 2.0)."""
    return Granting(sqlite_store, data_center_world, data_center_url, "server")


@pytest.fixture(params=["cloud", "server"])
def granting(request: pytest.FixtureRequest) -> Granting:
    """Each of the two, one after the other."""
    found: Granting = request.getfixturevalue("cloud" if request.param == "cloud" else "data_center")
    return found


@pytest.fixture
def logged() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What is logged meanwhile: event names with their fields."""
    seen: list[tuple[str, dict[str, Any]]] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.getMessage(), getattr(record, "fields", {})))

    handler = Collect()
    level = logs.LOGGER.level
    logs.LOGGER.addHandler(handler)
    logs.LOGGER.setLevel(logging.INFO)
    yield seen
    logs.LOGGER.removeHandler(handler)
    logs.LOGGER.setLevel(level)
