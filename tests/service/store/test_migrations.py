"""The tables that migrations make are those of tables.py, however and however often they are run."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, insert

from service.errors import SettingInvalid, StoreUnavailable
from service.rules.age import cutoff
from service.rules.display import shown
from service.store import integrations, intents, meta, migrations, retrieved, runs, shares, tickets
from service.store.database import Store, open_store
from service.store.runs import RunState
from service.store.tables import UtcDateTime, metadata
from tests.service.store.shelf import LEASE, NOW, SECOND

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


def test_a_store_of_the_first_version_is_brought_up_to_date_with_everything_in_it(bare_url: str) -> None:
    """As a service left it that was killed in the middle of a run and of a creation."""
    engine = sqlalchemy.create_engine(bare_url.replace("postgresql://", "postgresql+psycopg://"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = MetaData()
        tables.reflect(connection)
        for name, row in FIRST_VERSION.items():
            connection.execute(insert(tables.tables[name]), {**row, **instants(connection, row)})
    engine.dispose()
    store = open_store(bare_url)
    with store.begin() as c:
        [integration] = integrations.all(c)
        assert (integration.client_id, integration.cloud_id, integrations.credential(c, 1)) == ("", None, b"sealed")
        ticket = tickets.by_id(c, 1)
        assert ticket is not None
        assert (ticket.hidden_at, ticket.is_guarded, shown(ticket, integration, NOW).status) == (None, False, "To Do")
        [run] = runs.due(c, NOW)
        assert not shares.exist(c, run.id)
        claimed = runs.claim(c, run.id, "worker-1", LEASE, NOW)
        assert claimed is not None
        assert [due.id for due in tickets.batch_due(c, 1, run.id, cutoff=cutoff(NOW), after_id=0)] == [1]
        assert [intent.label for intent in intents.due(c, NOW)] == ["xray-1"]
        retrieved.hide(c, [1], NOW)
        assert runs.finish(c, claimed, RunState.COMPLETE, None, NOW) is not None
    store.close()


PAST = NOW - 60 * SECOND
FIRST_VERSION: dict[str, dict[str, Any]] = {
    "integrations": {
        "id": 1, "connection_name": "jira-1", "installation_type": "cloud", "auth_type": "basic", "username": "a",
        "credential": b"sealed", "url": "https://jira.example.com", "skip_proxy": False, "retrieve_tickets": True,
        "epoch": 2, "epoch_cause": "enabled", "settled_epoch": 1, "next_run_at": PAST, "created_at": PAST,
        "created_version": "3.140.0",
    },
    "resources": {"id": 1, "public_id": "r", "type": "artifact", "name": "app.jar"},
    "violations": {
        "id": 1, "public_id": "v", "resource_id": 1, "issue_id": "XRAY-1", "type": "Security", "severity": "High",
        "watch_name": "w", "component": "c", "infected_components": "[]", "cves": "[]", "summary": "",
        "description": "", "created_at": PAST,
    },
    "tickets": {
        "id": 1, "violation_id": 1, "integration_id": 1, "issue_id": "10001", "key": "SEC-1", "created_at": PAST,
        "status_id": "1", "status_name": "To Do", "status_category": "new", "epoch": 2, "refreshed_at": PAST,
    },
    "runs": {
        "id": 1, "integration_id": 1, "epoch": 2, "cause": "schedule", "state": "running", "enqueued_at": PAST,
        "resume_at": PAST, "started_at": PAST, "owner": "killed", "lease_until": PAST, "cutoff": cutoff(PAST),
        **dict.fromkeys(("failures", "total", "checked", "changed", "deleted", "requests"), 0),
    },
    "intents": {
        "id": 1, "violation_id": 1, "integration_id": 1, "project": "SEC", "label": "xray-1", "opened_at": PAST,
        "next_look_at": PAST,
    },
}  # fmt: skip


def instants(connection: sqlalchemy.Connection, row: dict[str, Any]) -> dict[str, Any]:
    """The instants among the values, as the database keeps them."""
    kept = UtcDateTime()
    return {
        name: kept.process_bind_param(value, connection.dialect)
        for name, value in row.items()
        if isinstance(value, datetime)
    }
