"""The tables of Procrastinate: beside ours in the same PostgreSQL, made and changed by its own scripts, not by Alembic.

Which of its scripts was the last one is kept in `meta`, as Procrastinate itself does not write that down.
"""

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

from service.errors import SettingInvalid
from service.store import meta
from service.store.database import Store

ADVISORY_LOCK = 7_243_113  # any number, but always the same one: who holds it installs
LAST_SCRIPT = "queue_script"

FOREIGN = (
    "The database already has tables of Procrastinate that this service did not make. Give the service a database of "
    "its own."
)
NEWER = "The job queue in the database belongs to a newer version of this service. Start that version."


def install(store: Store) -> None:
    """Makes the tables of the queue, or brings those of an older Procrastinate up to date.

    Of several processes that start at once one does it, and the others wait. Raises SettingInvalid for tables that are
    newer than the Procrastinate installed here, or not ours; StoreUnavailable.
    """
    with store.begin() as c:
        if meta.get(c, LAST_SCRIPT) == scripts()[-1].stem:
            return
    while _take_a_step(store):
        pass


def scripts() -> list[Path]:
    """Procrastinate's migrations, the oldest first."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _take_a_step(store: Store) -> bool:
    """One script in a transaction of its own, as some cannot use what an earlier one of the same transaction made.

    False: there is none left.
    """
    known = scripts()
    newest = known[-1].stem
    with store.begin() as c:
        c.execute(text("SET LOCAL lock_timeout = 0"))  # however long the other one takes
        c.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        present = meta.get(c, LAST_SCRIPT)
        if present is None:
            if c.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar_one() is not None:
                raise SettingInvalid(FOREIGN)
            _execute(c, SchemaManager.get_schema())
            meta.put(c, LAST_SCRIPT, newest)
            return False
        if present > newest:
            raise SettingInvalid(NEWER)
        ahead = [script for script in known if script.stem > present]
        if ahead:
            _execute(c, ahead[0].read_text())
            meta.put(c, LAST_SCRIPT, ahead[0].stem)
        return len(ahead) > 1


def _execute(c: Connection, script: str) -> None:
    c.execution_options(no_parameters=True).exec_driver_sql(script)  # a % in it is a %
