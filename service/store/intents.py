"""The wish to create a ticket, written down before Jira is asked, so that a crash loses and doubles nothing (R6).

An intent is open until its ticket is recorded or it is given up; a violation has at most one open intent. While it is
open its label is looked for in Jira at `next_look_at`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.store.tables import intents

_n = intents.c
_OPEN = _n.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Intent:
    """A ticket that was asked for."""

    id: int
    violation_id: int
    integration_id: int
    project: str  # its key, in capitals
    label: str  # unique; the issue in Jira carries it
    opened_at: datetime
    next_look_at: datetime
    closed_at: datetime | None
    ticket_id: int | None  # None and closed: given up


def open(
    c: Connection,
    *,
    violation_id: int,
    integration_id: int,
    project: str,
    label: str,
    next_look_at: datetime,
    now: datetime,
) -> Intent | None:
    """A new intent for an issue in `project` (its key), or None when the violation has an open one."""
    made = insert(intents).values(
        violation_id=violation_id,
        integration_id=integration_id,
        project=project.upper(),
        label=label,
        opened_at=now,
        next_look_at=next_look_at,
    )
    try:
        with c.begin_nested():
            return _intent(c.execute(made.returning(*_n)).one())
    except IntegrityError:  # the one that was in the way may be closed by the time that it is looked for
        return None


def record(c: Connection, intent_id: int, ticket_id: int, now: datetime) -> bool:
    """Closes an intent: this ticket came of it. False: it was closed already."""
    return _wrote(c, intent_id, {"ticket_id": ticket_id, "closed_at": now})


def give_up(c: Connection, intent_id: int, now: datetime) -> bool:
    """Closes an intent: no ticket came of it. False: it was closed already."""
    return _wrote(c, intent_id, {"closed_at": now})


def by_id(c: Connection, intent_id: int) -> Intent | None:
    """The intent with this id, open or closed."""
    row = c.execute(select(*_n).where(_n.id == intent_id)).one_or_none()
    return None if row is None else _intent(row)


def open_of(c: Connection, violation_id: int) -> Intent | None:
    """The open intent of a violation."""
    row = c.execute(select(*_n).where(_n.violation_id == violation_id, _OPEN)).one_or_none()
    return None if row is None else _intent(row)


_DUE = select(*_n).where(_OPEN, _n.next_look_at <= bindparam("now")).order_by(_n.id)  # asked for every second


def due(c: Connection, now: datetime) -> list[Intent]:
    """Open intents that are to be looked for in Jira, the oldest first."""
    return [_intent(row) for row in c.execute(_DUE, {"now": now})]


def claim(c: Connection, intent: Intent, next_look_at: datetime) -> bool:
    """Moves the look that is due on to `next_look_at`. False: another worker was first."""
    return _wrote(c, intent.id, {"next_look_at": next_look_at}, _n.next_look_at == intent.next_look_at)


def next_due(c: Connection) -> datetime | None:
    """When the next open intent is to be looked for."""
    instant: datetime | None = c.execute(select(func.min(_n.next_look_at)).where(_OPEN)).scalar_one()
    return instant


def _wrote(c: Connection, intent_id: int, values: dict[str, Any], *conditions: ColumnElement[bool]) -> bool:
    is_it = and_(_n.id == intent_id, _OPEN, *conditions)
    return c.execute(update(intents).where(is_it).values(values)).rowcount == 1


def _intent(row: Any) -> Intent:
    return Intent(*row)
