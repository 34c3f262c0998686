"""Facts about the store itself, such as the product version that last used it (R16)."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import meta

PRODUCT_VERSION = "product_version"  # the newest one that was ever started on this store


def get(c: Connection, name: str) -> str | None:
    """The fact called `name`, or None."""
    return c.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()


def put(c: Connection, name: str, value: str) -> None:
    """Keeps `value` under `name`, in place of what was there; processes that start together may all do so."""
    insert_into = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    kept = insert_into(meta).values(name=name, value=value)
    c.execute(kept.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
