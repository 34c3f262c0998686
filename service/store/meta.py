"""Facts about the store itself, such as the product version that last used it (R16)."""

from sqlalchemy import Connection, insert, select, update

from service.store.tables import meta

PRODUCT_VERSION = "product_version"  # the last one that was started on this store


def get(c: Connection, name: str) -> str | None:
    """The fact called `name`, or None."""
    return c.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()


def put(c: Connection, name: str, value: str) -> None:
    """Keeps `value` under `name`, in place of what was there."""
    if c.execute(update(meta).where(meta.c.name == name).values(value=value)).rowcount == 0:
        c.execute(insert(meta).values(name=name, value=value))
