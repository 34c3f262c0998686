"""How the tables came to be, step by step, and `upgrade`, which brings a database up to date.

Alembic without its own configuration file: the one who asks brings the connection. To add a step, change `tables.py`
and put a module into `versions` whose `down_revision` is the newest one; a test compares the two on both databases.
"""

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from service.errors import SettingInvalid

ADVISORY_LOCK = 7_243_112  # any number, but always the same one: who holds it migrates


def upgrade(engine: Engine) -> None:
    """Brings the tables up to date, in one transaction; of several processes that start at once, one does it.

    Raises SettingInvalid for a database of a newer version of this service, whose steps are not known here.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    steps = ScriptDirectory.from_config(config)
    with engine.execution_options(store_begin="DEFERRED").begin() as connection:
        present = _revision(connection)
    if present == steps.get_current_head():
        return
    if present is not None and present not in {step.revision for step in steps.walk_revisions()}:
        raise SettingInvalid("The database belongs to a newer version of this service. Start that version.")
    with engine.begin() as connection:  # on SQLite this is BEGIN EXCLUSIVE
        if connection.dialect.name == "postgresql":
            connection.execute(sqlalchemy.text("SET LOCAL lock_timeout = 0"))  # however long the other one takes
            connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
