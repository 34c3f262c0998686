"""What waits for a person's browser to come back: sealed, found by the hash of a secret that only the browser has.

A row is answered at most once, by a conditional UPDATE; it is swept when it has expired.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from service.store.tables import consents

_k = consents.c


@dataclass(frozen=True, slots=True)
class Consent:
    """A row of the consents."""

    state_hash: str
    user_name: str  # only who began may go on
    integration_id: int | None  # None: for a new one
    sealed: bytes
    expires_at: datetime
    answered_at: datetime | None


def add(
    c: Connection,
    state_hash: str,
    *,
    user_name: str,
    integration_id: int | None,
    sealed: bytes,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keeps a new one, and sweeps those that have expired."""
    c.execute(delete(consents).where(_k.expires_at <= now))
    row = {"state_hash": state_hash, "user_name": user_name, "integration_id": integration_id}
    c.execute(insert(consents).values(row | {"sealed": sealed, "expires_at": expires_at}))


def of(c: Connection, state_hash: str) -> Consent | None:
    """The one that belongs to a state, answered, expired or not."""
    row = c.execute(select(*_k).where(_k.state_hash == state_hash)).one_or_none()
    return None if row is None else Consent(**row._asdict())


def answer(c: Connection, state_hash: str, now: datetime) -> bool:
    """Marks it as answered. False: it was, or is gone."""
    is_open = update(consents).where(_k.state_hash == state_hash, _k.answered_at.is_(None), _k.expires_at > now)
    return c.execute(is_open.values(answered_at=now)).rowcount == 1
