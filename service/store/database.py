"""Opens the store: SQLite by a file, PostgreSQL by a URL, and the same promises on both.

A write transaction sees nobody else's half-done work and is the only one at a time on SQLite; a read transaction is one
consistent picture. What a driver throws when its database is away becomes `StoreUnavailable` here and nowhere else.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.errors import SettingInvalid, StoreUnavailable
from service.store import migrations

LOCK_SECONDS = 10  # how long one transaction waits for another
CONNECT_SECONDS = 5
_POSTGRESQL = {
    "connect_timeout": CONNECT_SECONDS,
    # in UTC whatever the server's zone: west of it, an instant of the year 1 could not be read back
    "options": f"-c lock_timeout={LOCK_SECONDS}s -c timezone=UTC",
}
CONNECTIONS = 30  # threads of the web server and of the schedule together


class Store:
    """A database that is ready. Threads share one; every transaction takes a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**_reading_options(engine))
        self._writing = engine.execution_options(store_begin="IMMEDIATE")
        self._hasty = engine.execution_options(store_begin="IMMEDIATE", store_synchronous="NORMAL")

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self, durable: bool = True) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back by any exception.

        A power cut (not a crash) may take back the last ones that are not `durable`: for what would be done again
        anyway, since such a transaction does not wait for the disk.
        Raises StoreUnavailable when the database is away, or another writer keeps it for more than 10 s.
        """
        with _named_failures(), (self._writing if durable else self._hasty).begin() as connection:
            if not durable and self.is_postgresql:
                connection.execute(sqlalchemy.text("SET LOCAL synchronous_commit = off"))
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: everything read in it is of one moment, and writers are not held up."""
        with _named_failures(), self._reading.begin() as connection:
            yield connection

    def connect_arguments(self) -> dict[str, Any]:
        """What psycopg takes to connect to this PostgreSQL: for the queue, which keeps its own connections."""
        _, named = self._engine.dialect.create_connect_args(self._engine.url)
        return {**named, **_POSTGRESQL}

    def ping(self) -> None:
        """Raises StoreUnavailable unless the database answers."""
        with self.read() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))

    def close(self) -> None:
        """Gives all connections back. The store is not to be used afterwards."""
        self._engine.dispose()


def open_store(url: str, migrate: bool = True) -> Store:
    """The store at `url`: `sqlite:///file.db` or `postgresql://user:password@host/name`.

    With `migrate` its tables are brought up to date first; processes that start together wait for each other.
    Raises SettingInvalid for a URL that names no usable database, StoreUnavailable, with the database's own words, when
    it does not answer, or not as one of ours.
    """
    engine = _engine(_checked(url))
    try:
        if migrate:
            with _named_failures():
                migrations.upgrade(engine)
        store = Store(engine)
        store.ping()
    except (StoreUnavailable, DBAPIError) as error:
        engine.dispose()
        raise StoreUnavailable(f"The database does not answer{_in_its_words(error)}.") from error
    except BaseException:
        engine.dispose()
        raise
    return store


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL, or None for another kind of database."""
    parsed = _checked(url)
    return Path(str(parsed.database)) if parsed.drivername == "sqlite" else None


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the value is not repeated: it may hold a password
        raise SettingInvalid(
            "The database URL cannot be read. Use sqlite:///file.db or postgresql://user:password@host/name."
        ) from None
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise SettingInvalid(
            f"The database cannot be {parsed.drivername}. Use sqlite:///file.db or postgresql://user:password@host/name."
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.query:
        raise SettingInvalid("A SQLite database needs a file, and nothing behind it: sqlite:///file.db.")
    folder = Path(parsed.database).absolute().parent
    if not folder.is_dir():
        raise SettingInvalid(f"The folder {folder} for the database does not exist. Create it, or name another one.")
    return parsed


def _engine(url: URL) -> Engine:
    # hide_parameters: what is stored (sealed credentials, token hashes) stays out of every error text
    if url.drivername == "sqlite":
        engine = sqlalchemy.create_engine(
            url,
            hide_parameters=True,
            pool_size=CONNECTIONS,
            pool_timeout=LOCK_SECONDS,
            connect_args={"timeout": LOCK_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sqlalchemy.create_engine(
        url,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        pool_timeout=LOCK_SECONDS,
        pool_pre_ping=True,
        connect_args=_POSTGRESQL,
    )


def _reading_options(engine: Engine) -> dict[str, object]:
    if engine.dialect.name == "sqlite":  # a deferred transaction is a snapshot from its first read on
        return {"store_begin": "DEFERRED"}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other


def _begin_sqlite(connection: Connection) -> None:
    # past SQLAlchemy, whose way of saying two fixed words costs more than most of what is then asked
    options = connection.get_execution_options()
    begin = options.get("store_begin", "EXCLUSIVE")
    driver: Any = connection.connection.driver_connection
    if begin != "DEFERRED":  # FULL: a ticket's intent must survive a power cut (R6)
        driver.execute(f"PRAGMA synchronous = {options.get('store_synchronous', 'FULL')}")
    driver.execute(f"BEGIN {begin}")


def _in_its_words(error: BaseException) -> str:
    """Why, for whoever starts a service: the first line of what the driver said, which repeats no password."""
    cause = error if isinstance(error, DBAPIError) else error.__cause__
    spoken = cause.orig if isinstance(cause, DBAPIError) else cause
    said = str(spoken).strip().splitlines() if isinstance(cause, DBAPIError | sqlite3.Error) else []
    return f": {said[0].rstrip('.')}" if said else ""


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, sqlite3.Error) as error:  # the last: as a transaction begins
        raise StoreUnavailable("The database does not answer.") from error
    except DBAPIError as error:
        # a damaged file, or a connection lost in the middle, has no class of its own
        if error.connection_invalidated or type(error) is DatabaseError:
            raise StoreUnavailable("The database does not answer.") from error
        raise
