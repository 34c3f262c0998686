"""Every secret that lies sealed in the store, wherever it is kept: for sealing it anew.

Credentials of integrations, grants, and what waits for a consent. Opens nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, select, update

from service.store.tables import consents, grants, integrations

Place = tuple[Column[Any], Column[Any]]  # what identifies a row, and what is sealed in it

PLACES: Sequence[Place] = (
    (integrations.c.id, integrations.c.credential),
    (grants.c.integration_id, grants.c.sealed),
    (consents.c.state_hash, consents.c.sealed),
)


def some(c: Connection, place: Place, after: Any, limit: int) -> list[tuple[Any, bytes]]:
    """At most `limit` pairs of key and sealed bytes, in the order of their keys; those above `after` unless None.

    Nobody else changes them before this transaction ends.
    """
    key, secret = place
    found = select(key, secret).where(secret.is_not(None)).order_by(key).limit(limit).with_for_update()
    rows = c.execute(found if after is None else found.where(key > after))
    return [(row[0], row[1]) for row in rows]


def replace(c: Connection, place: Place, key: Any, sealed: bytes) -> None:
    """Writes `sealed` to the row of `key`."""
    column, secret = place
    c.execute(update(column.table).where(column == key).values({secret.name: sealed}))
