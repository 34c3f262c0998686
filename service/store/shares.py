"""Shares of a large run: ranges of ticket ids, so that several hands, in processes anywhere, can go through it (R10).

A hand holds a share for the length of a lease, as an owner holds a run; a share whose hand fell silent is free again.
Who joins a run begins when the run's owner has made room among the requests in flight: it is then admitted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from service.store.tables import runs, shares, tickets
from service.store.tickets import LAST_ID

_s = shares.c
_COLUMNS = (_s.run_id, _s.number, _s.after_id, _s.last_id, _s.owner, _s.is_admitted)


@dataclass(frozen=True, slots=True)
class Share:
    """The tickets of a run above `after_id` and up to `last_id`, held by the hand `owner`."""

    run_id: int
    number: int
    after_id: int
    last_id: int
    owner: str
    is_admitted: bool


def cut(c: Connection, run_id: int, integration_id: int, size: int) -> None:
    """Cuts a run into shares of at most `size` tickets, unless it is cut already.

    It reads an index and no ticket. The last share is open, so that tickets made meanwhile are in it.
    """
    if exist(c, run_id):
        return
    rows: list[dict[str, int]] = []
    after: int | None = 0
    while after is not None:
        end = (
            select(tickets.c.id)
            .where(tickets.c.integration_id == integration_id, tickets.c.id > after)
            .order_by(tickets.c.id)
            .offset(size - 1)
            .limit(1)
        )
        last = c.execute(end).scalar_one_or_none()
        rows.append(
            {
                "run_id": run_id,
                "number": len(rows),
                "after_id": after,
                "last_id": LAST_ID if last is None else last,
            }
        )
        after = last
    c.execute(insert(shares), rows)


def exist(c: Connection, run_id: int) -> bool:
    """Whether a run is cut into shares."""
    return c.execute(select(exists().where(_s.run_id == run_id))).scalar_one()


_DROP = delete(shares).where(_s.run_id == bindparam("of_run"))  # built once, as every run ends with it


def drop(c: Connection, run_id: int) -> None:
    """Forgets the shares of a run that has ended."""
    c.execute(_DROP, {"of_run": run_id})


def claim(c: Connection, run_id: int, hand: str, lease_until: datetime, now: datetime) -> Share | None:
    """The next free share for a hand that is at work on the run, or whose run it is. None: there is none."""
    return _take(c, run_id, hand, lease_until, now, is_admitted=True)


def join(c: Connection, run_id: int, hand: str, lease_until: datetime, now: datetime, *, most: int) -> Share | None:
    """A free share for another hand, which is not admitted yet. None: none is free, or `most` helpers are there.

    Only a run that somebody has in hand is joined: nobody else could make room.
    """
    in_hand = select(runs.c.owner).where(runs.c.id == run_id, runs.c.lease_until > now).with_for_update()
    owner = c.execute(in_hand).scalar_one_or_none()  # the lock has those who want to join take turns
    if owner is None or len(_held(c, run_id, owner, now)) >= most:
        return None
    return _take(c, run_id, hand, lease_until, now, is_admitted=False)


def helpers(c: Connection, run_id: int, owner: str, now: datetime) -> list[bool]:
    """The hands but its owner's on a run: whether each was admitted."""
    return _held(c, run_id, owner, now)


def admit(c: Connection, run_id: int, owner: str, most: int, now: datetime) -> None:
    """Lets those begin that have joined, unless there are more than `most` by now."""
    c.execute(select(runs.c.id).where(runs.c.id == run_id).with_for_update())  # nobody joins meanwhile
    if len(_held(c, run_id, owner, now)) <= most:
        c.execute(update(shares).where(_s.run_id == run_id, _s.owner.is_not(None)).values(is_admitted=True))


def admitted(c: Connection, share: Share) -> bool | None:
    """Whether the hand that holds `share` may begin; None when it holds it no more."""
    return c.execute(select(_s.is_admitted).where(_is_held(share))).scalar_one_or_none()


def renew(c: Connection, share: Share, lease_until: datetime) -> None:
    """A sign of life of the hand that holds a share."""
    c.execute(update(shares).where(_is_held(share)).values(lease_until=lease_until))


def end(c: Connection, share: Share, now: datetime) -> None:
    """Every ticket of the share is checked."""
    c.execute(update(shares).where(_is_held(share)).values(done_at=now, owner=None, lease_until=None))


def release(c: Connection, share: Share) -> None:
    """Gives a share back, to be gone on with by whoever comes."""
    c.execute(update(shares).where(_is_held(share)).values(owner=None, lease_until=None))


def left(c: Connection, run_id: int) -> int:
    """How many shares of a run are not done, in somebody's hands or free."""
    return c.execute(select(func.count()).where(_s.run_id == run_id, _s.done_at.is_(None))).scalar_one()


def _take(
    c: Connection, run_id: int, hand: str, lease_until: datetime, now: datetime, *, is_admitted: bool
) -> Share | None:
    free = and_(_s.run_id == run_id, _s.done_at.is_(None), or_(_s.owner.is_(None), _s.lease_until <= now))
    first = select(_s.number).where(free).order_by(_s.number).limit(1).with_for_update(skip_locked=True)
    taken: Update = update(shares).where(_s.run_id == run_id, _s.number == first.scalar_subquery())
    values: dict[str, Any] = {"owner": hand, "lease_until": lease_until, "is_admitted": is_admitted}
    row = c.execute(taken.values(values).returning(*_COLUMNS)).one_or_none()
    return None if row is None else Share(*row)


def _held(c: Connection, run_id: int, owner: str, now: datetime) -> list[bool]:
    held = and_(_s.run_id == run_id, _s.done_at.is_(None), _s.owner != owner, _s.lease_until > now)
    return list(c.execute(select(_s.is_admitted).where(held)).scalars())


def _is_held(share: Share) -> ColumnElement[bool]:
    is_it = and_(_s.run_id == share.run_id, _s.number == share.number)
    return and_(is_it, _s.owner == share.owner, _s.done_at.is_(None))
