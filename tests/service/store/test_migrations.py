"""The tables that migrations make are those of tables.py, however and however often they are run."""

import subprocess
import sys

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service.errors import SettingInvalid, StoreUnavailable
from service.store import meta
from service.store.database import Store, open_store
from service.store.tables import metadata

OPEN = "import sys; from service.store.database import open_store; open_store(sys.argv[1]).close()"


def test_migrations_end_at_the_tables_of_the_code(bare_url: str) -> None:
    open_store(bare_url).close()
    engine = sqlalchemy.create_engine(bare_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        indexes = {
            index["name"]: index
            for table in metadata.tables
            for index in sqlalchemy.inspect(connection).get_indexes(table)
        }
    engine.dispose()
    for table in metadata.tables.values():  # alembic does not compare the condition of a partial index
        for index in table.indexes:
            condition = index.dialect_options["sqlite"]["where"]
            found = indexes[index.name].get("dialect_options", {})
            where = str(found.get("sqlite_where", found.get("postgresql_where", "None"))).strip("()")
            assert where == str(condition), index.name


def test_opening_again_changes_nothing(bare_url: str) -> None:
    first = open_store(bare_url)
    with first.begin() as c:
        meta.put(c, "a", "1")
    first.close()
    second = open_store(bare_url)
    with second.read() as c:
        assert meta.get(c, "a") == "1"
    second.close()


def test_processes_that_start_at_once_migrate_once(bare_url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", OPEN, bare_url], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    store = open_store(bare_url)
    with store.begin() as c:
        meta.put(c, "a", "1")
    store.close()


def test_the_database_of_a_newer_version_is_refused_with_a_sentence(store: Store, database_url: str) -> None:
    with store.begin() as c:
        c.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = 'v9999'"))
    with pytest.raises(SettingInvalid, match="newer version"):
        open_store(database_url)


def test_a_database_of_somebody_else_is_refused_with_a_sentence(bare_url: str) -> None:
    engine = sqlalchemy.create_engine(bare_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE users (a INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="already exists"):
        open_store(bare_url)
