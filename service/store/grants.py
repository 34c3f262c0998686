"""What consents gave to integrations: sealed tokens, and who renews them at present.

A grant changes with every renewal; its generation counts. All writes are conditional on the generation that was read,
so that of two who renew at once one is first, and what a new consent gave is never overwritten by what an old one led
to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.store.tables import grants

_g = grants.c
_FREE: dict[str, Any] = {"refresher": None, "refresher_until": None}


@dataclass(frozen=True, slots=True)
class Grant:
    """A row of the grants; the times are those of the machine that wrote them."""

    integration_id: int
    sealed: bytes
    generation: int  # 1, 2, ... of this integration
    expires_at: datetime | None  # of the access token; None: it does not tell
    scopes: tuple[str, ...]
    granted_at: datetime
    refresher: str | None  # who is at the token endpoint, until `refresher_until` at most
    refresher_until: datetime | None
    refusal: str | None  # an Outcome: how the last attempt to renew this generation failed
    refused_until: datetime | None  # nobody asks again before then


def of(c: Connection, integration_id: int) -> Grant | None:
    """The grant of an integration, if it has one."""
    row = c.execute(select(*_g).where(_g.integration_id == integration_id)).one_or_none()
    return None if row is None else Grant(**row._asdict())


def put(
    c: Connection,
    integration_id: int,
    sealed: bytes,
    *,
    expires_at: datetime | None,
    scopes: Iterable[str],
    now: datetime,
) -> None:
    """What a consent gave, in place of whatever was there; whoever renews the old tokens does so in vain."""
    new: dict[str, Any] = {"sealed": sealed, "expires_at": expires_at, "scopes": tuple(scopes), "granted_at": now}
    replaced = update(grants).where(_g.integration_id == integration_id)
    replaced = replaced.values(new | _FREE | {"generation": _g.generation + 1, "refusal": None, "refused_until": None})
    if c.execute(replaced).rowcount == 1:
        return
    try:
        with c.begin_nested():
            c.execute(insert(grants).values(integration_id=integration_id, generation=1, **new))
    except IntegrityError:  # another consent for it was stored in between
        c.execute(replaced)


def claim(
    c: Connection, seen: Grant, refresher: str, *, until: datetime, now: datetime, overdue: str | None = None
) -> bool:
    """Makes `refresher` the one who renews `seen`. False: somebody else does, or has done so.

    Free is a grant that nobody renews, whose lease is over, or whose refresher is `overdue`.
    """
    is_free = or_(_g.refresher.is_(None), _g.refresher_until <= now)
    if overdue is not None:
        is_free = or_(is_free, _g.refresher == overdue)
    return _wrote(c, seen, {"refresher": refresher, "refresher_until": until}, is_free)


def renew(
    c: Connection, seen: Grant, sealed: bytes, *, expires_at: datetime | None, scopes: Iterable[str]
) -> Grant | None:
    """The next generation of `seen`. None, and nothing is written, when there is another one already."""
    next_one: dict[str, Any] = {"sealed": sealed, "expires_at": expires_at, "scopes": tuple(scopes)}
    next_one |= {"generation": seen.generation + 1, "refusal": None, "refused_until": None}
    return of(c, seen.integration_id) if _wrote(c, seen, next_one | _FREE) else None


def refuse(c: Connection, seen: Grant, refusal: str, until: datetime | None) -> bool:
    """Records how renewing `seen` failed, and frees it.

    False, and nothing is written, when there is another generation already, or somebody else is at it by now.
    """
    return _wrote(c, seen, {"refusal": refusal, "refused_until": until} | _FREE, _g.refresher == seen.refresher)


def remove(c: Connection, integration_id: int) -> None:
    """Takes the grant of an integration away."""
    c.execute(delete(grants).where(_g.integration_id == integration_id))


def _wrote(c: Connection, seen: Grant, values: dict[str, Any], *conditions: ColumnElement[bool]) -> bool:
    # granted_at as well: after a removal generations begin anew
    is_seen = and_(
        _g.integration_id == seen.integration_id,
        _g.generation == seen.generation,
        _g.granted_at == seen.granted_at,
        *conditions,
    )
    return c.execute(update(grants).where(is_seen).values(values)).rowcount == 1
