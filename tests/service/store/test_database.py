"""The promises of a transaction, the same on both databases."""

import socket
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url

from service import clock
from service.errors import SettingInvalid, StoreUnavailable
from service.store import database, meta
from service.store.database import Store, open_store, sqlite_file
from service.store.tables import users, violations
from tests.conftest import Postgresql
from tests.service.store.shelf import at_once, in_transactions

INSTANTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.timezones())  # noqa: DTZ001


def stored(store: Store, *instants: datetime) -> list[datetime]:
    """`instants`, written and read again in the order in which the database sorts them."""
    with store.begin() as c:
        for number, instant in enumerate(instants):
            values = {"name": f"{number}", "role": "viewer", "token_hash": f"{number}", "created_at": instant}
            c.execute(insert(users).values(values))
        found = list(c.execute(select(users.c.created_at).order_by(users.c.created_at)).scalars())
        c.execute(users.delete())
    return found


@given(first=INSTANTS, second=INSTANTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_instants_come_back_to_the_microsecond_in_utc_and_in_order(
    store: Store, first: datetime, second: datetime
) -> None:
    found = stored(store, first, second)
    assert found == sorted(instant.astimezone(UTC) for instant in (first, second))
    assert all(instant.tzinfo is UTC for instant in found)


def test_an_instant_without_a_timezone_is_refused(store: Store) -> None:
    with pytest.raises(sqlalchemy.exc.StatementError, match="no timezone"), store.begin() as c:
        c.execute(insert(users).values(name="a", role="viewer", token_hash="h", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


@freeze_time("2028-02-29 12:00:00.123456", ignore=["sqlalchemy"])
def test_a_frozen_clock_is_stored_as_any_other(store: Store) -> None:
    assert stored(store, clock.now()) == [datetime(2028, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)]


def test_another_offset_is_the_same_instant(store: Store) -> None:
    east = datetime(2026, 3, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert stored(store, east) == [datetime(2026, 3, 1, tzinfo=UTC)]


def test_an_exception_takes_back_what_was_written(store: Store) -> None:
    def fail_halfway() -> None:
        with store.begin() as c:
            meta.put(c, "a", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with store.read() as c:
        assert meta.get(c, "a") is None


def test_a_reader_sees_one_moment_while_a_writer_goes_on(store: Store) -> None:
    with store.read() as reading:
        assert meta.get(reading, "a") is None
        with store.begin() as writing:
            meta.put(writing, "a", "1")
        assert meta.get(reading, "a") is None
    with store.read() as reading:
        assert meta.get(reading, "a") == "1"


def test_writers_in_many_threads_lose_nothing(store: Store) -> None:
    with store.begin() as c:
        meta.put(c, "count", "0")

    def add_ten(_number: int) -> None:
        for _ in range(10):
            with store.begin() as c:
                if store.is_postgresql:  # a row lock does there what BEGIN IMMEDIATE does on SQLite
                    c.execute(sqlalchemy.text("SELECT 1 FROM meta WHERE name = 'count' FOR UPDATE"))
                meta.put(c, "count", str(int(meta.get(c, "count") or 0) + 1))

    at_once(add_ten, times=8)
    with store.read() as c:
        assert meta.get(c, "count") == "80"


def test_a_foreign_key_must_lead_somewhere(store: Store) -> None:
    nobody = {"resource_id": 404, "public_id": "v", "issue_id": "i", "type": "Security", "severity": "High"}
    rest = {"watch_name": "w", "component": "c", "infected_components": ("c",), "cves": (), "summary": ""}
    orphan = insert(violations).values(**nobody, **rest, description="", created_at=clock.now())
    with pytest.raises(sqlalchemy.exc.IntegrityError), store.begin() as c:
        c.execute(orphan)


def test_what_is_stored_stays_out_of_error_texts(store: Store) -> None:
    twins = [{"name": name, "role": "viewer", "token_hash": "hush", "created_at": clock.now()} for name in ("a", "a")]
    with pytest.raises(sqlalchemy.exc.IntegrityError) as caught, store.begin() as c:
        c.execute(insert(users), twins)
    assert "hush" not in str(caught.value)


def test_a_connection_lost_in_the_middle_is_a_store_that_is_unavailable(
    postgresql: Postgresql, postgresql_url: str
) -> None:
    store = open_store(postgresql_url, migrate=False)

    def lose_it() -> None:
        with store.begin() as c:
            pid = c.execute(sqlalchemy.text("SELECT pg_backend_pid()")).scalar_one()
            postgresql.run(sql.SQL("SELECT pg_terminate_backend({})").format(pid))
            meta.put(c, "a", "1")

    with pytest.raises(StoreUnavailable, match="does not answer"):
        lose_it()
    store.ping()  # and it is there again with the next connection
    store.close()


def test_a_restarted_server_is_not_noticed_between_transactions(postgresql: Postgresql, postgresql_url: str) -> None:
    store = open_store(postgresql_url, migrate=False)
    store.ping()
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}"
    postgresql.run(sql.SQL(others).format(str(sqlalchemy.make_url(postgresql_url).database)))
    store.ping()
    store.close()


def test_a_server_that_is_not_there_is_a_store_that_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    with pytest.raises(StoreUnavailable, match="does not answer"):
        open_store(f"postgresql://user:pass@127.0.0.1:{port}/name")


def test_a_writer_that_waits_too_long_is_told_that_the_store_is_unavailable(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    store = open_store(database_url)
    with store.begin() as c:
        meta.put(c, "a", "1")

    def write_beside_it() -> None:
        with store.begin() as second:
            meta.put(second, "a", "2")

    with store.begin() as first:
        meta.put(first, "a", "3")
        with pytest.raises(StoreUnavailable):
            write_beside_it()
    with store.read() as c:
        assert meta.get(c, "a") == "3"
    store.close()


def test_a_damaged_file_is_a_store_that_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "damaged.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        open_store(f"sqlite:///{tmp_path / 'damaged.db'}")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://host/name", "cannot be mysql"),
        ("no url at all", "cannot be read"),
        ("postgresql://user:hush@host:port/name", "cannot be read"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///a.db?mode=ro", "nothing behind it"),
        ("sqlite:////no/such/folder/a.db", "/no/such/folder for the database does not exist"),
    ],
)
def test_a_url_that_names_no_usable_database_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(SettingInvalid, match=sentence) as caught:
        open_store(url)
    assert "hush" not in str(caught.value)


def test_only_sqlite_has_a_file() -> None:
    assert sqlite_file("sqlite:///ticket-service.db") == Path("ticket-service.db")
    assert sqlite_file("postgresql://host/name") is None


def test_processes_that_start_together_may_keep_the_same_fact(store: Store) -> None:
    for name in "abcdefghij":
        in_transactions(store, lambda c, name=name: meta.put(c, name, "1"), times=8)  # type: ignore[misc]
        with store.read() as c:
            assert meta.get(c, name) == "1"


def test_the_zone_of_the_server_does_not_matter(postgresql: Postgresql, postgresql_url: str) -> None:
    name = sql.Identifier(str(make_url(postgresql_url).database))
    postgresql.run(sql.SQL("ALTER DATABASE {} SET timezone = 'America/New_York'").format(name))
    store = open_store(postgresql_url)
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert stored(store, first) == [first]
    store.close()
