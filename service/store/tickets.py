"""Jira issues made for violations: adding them, finding them, and which of them a run is to check.

What Jira said about them is written in `retrieved.py`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from service.rules.tickets import JiraStatus, Ticket
from service.store import bulk
from service.store.tables import tickets

_t = tickets.c
_COLUMNS = tuple(column for column in _t if column.name != "run_id")
_EXISTS = _t.deleted_at.is_(None)
_project_of_key = func.rtrim(_t.key, "0123456789")  # the key of its project, and the hyphen


class Due(NamedTuple):
    """What asking Jira about a ticket takes."""

    id: int
    issue_id: str
    key: str
    project_id: str | None
    is_guarded: bool


LAST_ID = 2**31 - 1  # no ticket has a larger one


def insert(
    c: Connection,
    *,
    violation_id: int,
    integration_id: int,
    issue_id: str,
    key: str,
    created_at: datetime,
    project_id: str | None = None,
) -> Ticket:
    """Records a ticket, or hands back the one that this issue already is: recording twice is harmless (R6)."""
    made = _insert_ignoring_known(c).values(
        violation_id=violation_id,
        integration_id=integration_id,
        issue_id=issue_id,
        key=key,
        project_id=project_id,
        created_at=created_at,
        epoch=0,
    )
    c.execute(made)
    is_it = select(*_COLUMNS).where(_t.integration_id == integration_id, _t.issue_id == issue_id)
    return _ticket(c.execute(is_it).one())


def insert_many(c: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Records tickets in bulk, given as dicts of the arguments of `insert`. Returns how many are new.

    Those whose issue is known are left as they are.
    """
    if not rows:
        return 0
    made = c.execute(_insert_ignoring_known(c).returning(_t.id), [{**row, "epoch": 0} for row in rows]).all()
    if len(made) >= bulk.MANY:
        bulk.analyse(c, tickets)
    return len(made)


def by_issue_ids(c: Connection, integration_id: int, issue_ids: Iterable[str]) -> dict[str, Ticket]:
    """The tickets of an integration that are one of those issues, by issue id."""
    of_it = select(*_COLUMNS).where(_t.integration_id == integration_id)
    return {
        row.issue_id: _ticket(row)
        for part in bulk.chunks(list(issue_ids))
        for row in c.execute(of_it.where(_t.issue_id.in_(part)))
    }


def by_id(c: Connection, ticket_id: int) -> Ticket | None:
    """The ticket with this id."""
    row = c.execute(select(*_COLUMNS).where(_t.id == ticket_id)).one_or_none()
    return None if row is None else _ticket(row)


def by_ids(c: Connection, ids: Iterable[int]) -> list[Ticket]:
    """Those tickets, by id."""
    return [_ticket(row) for row in c.execute(select(*_COLUMNS).where(_t.id.in_(set(ids))).order_by(_t.id))]


def by_violation(c: Connection, violation_id: int) -> list[Ticket]:
    """The tickets of a violation, the leading one (the latest created) first."""
    found = select(*_COLUMNS).where(_t.violation_id == violation_id).order_by(*_LATEST_FIRST)
    return [_ticket(row) for row in c.execute(found)]


def leading(c: Connection, violation_ids: Iterable[int]) -> dict[int, Ticket]:
    """The latest created ticket of each of those violations that has one, in one query."""
    rank = func.row_number().over(partition_by=_t.violation_id, order_by=_LATEST_FIRST).label("rank")
    ranked = select(*_COLUMNS, rank).where(_t.violation_id.in_(set(violation_ids))).subquery()
    found = select(*(ranked.c[column.name] for column in _COLUMNS)).where(ranked.c.rank == 1)
    return {row.violation_id: _ticket(row) for row in c.execute(found)}


def by_integration(c: Connection, integration_id: int, limit: int, offset: int) -> tuple[int, list[Ticket]]:
    """How many tickets an integration has, and `limit` of them after the first `offset`, the newest first."""
    of_it = _t.integration_id == integration_id
    total = c.execute(select(func.count()).select_from(tickets).where(of_it)).scalar_one()
    page = select(*_COLUMNS).where(of_it).order_by(_t.id.desc()).limit(limit).offset(offset)
    return total, [_ticket(row) for row in c.execute(page)]


def totals(c: Connection, integration_ids: Iterable[int]) -> dict[int, int]:
    """How many tickets each of those integrations has that has any."""
    of_them = select(_t.integration_id, func.count()).where(_t.integration_id.in_(set(integration_ids)))
    return {row[0]: row[1] for row in c.execute(of_them.group_by(_t.integration_id))}


_BATCH = (  # built once, as a run executes it over and over
    select(_t.id, _t.issue_id, _t.key, _t.project_id, _t.is_guarded)
    .where(
        _t.integration_id == bindparam("of_integration"),
        _t.id > bindparam("after"),
        _t.id <= bindparam("last"),
        _EXISTS,
        _t.created_at >= bindparam("earliest"),
        or_(_t.run_id.is_(None), _t.run_id != bindparam("of_run")),
    )
    .order_by(_t.id)
    .limit(bindparam("most"))
)


def batch_due(
    c: Connection,
    integration_id: int,
    run_id: int,
    *,
    cutoff: datetime,
    after_id: int,
    last_id: int = LAST_ID,
    limit: int = 100,
) -> list[Due]:
    """The next tickets that a run is to check, by id, above `after_id` and up to `last_id`.

    Not the deleted ones, nor those created before `cutoff` [safeguards 1, 2], nor those it has checked already (R10).
    """
    given = {
        "of_integration": integration_id,
        "of_run": run_id,
        "earliest": cutoff,
        "after": after_id,
        "last": last_id,
        "most": limit,
    }
    return [Due._make(row) for row in c.execute(_BATCH, given).all()]


def projects_refreshed(c: Connection, integration_id: int, cutoff: datetime) -> list[tuple[str | None, str]]:
    """The projects of the tickets that are still refreshed: (id, key). The id is None until an answer has named it."""
    found = (
        select(_t.project_id, _project_of_key)
        .where(_t.integration_id == integration_id, _EXISTS, _t.created_at >= cutoff)
        .distinct()
    )
    return [(project_id, key.removesuffix("-")) for project_id, key in c.execute(found)]


def issues_in_project(c: Connection, integration_id: int, project_key: str, cutoff: datetime, limit: int) -> list[str]:
    """The issue ids of at most `limit` tickets that are still refreshed and were last seen in that project."""
    found = (
        select(_t.issue_id)
        .where(
            _t.integration_id == integration_id, _EXISTS, _t.created_at >= cutoff, _project_of_key == f"{project_key}-"
        )
        .order_by(_t.id.desc())
        .limit(limit)
    )
    return list(c.execute(found).scalars())


_LATEST_FIRST = (_t.created_at.desc(), _t.id.desc())


def _insert_ignoring_known(c: Connection) -> Any:
    insert_into = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    return insert_into(tickets).on_conflict_do_nothing(index_elements=["integration_id", "issue_id"])


def _ticket(row: Any) -> Ticket:
    """The ticket in a row of `_COLUMNS`. By position: a batch of a hundred has no time for names."""
    *first, status_id, name, category, epoch, refreshed_at, issue_updated_at, deleted_at, hidden_at, is_guarded = row
    status = None if status_id is None else JiraStatus(status_id, name, category)
    values = (*first, status, epoch, refreshed_at, issue_updated_at, deleted_at, hidden_at, is_guarded)
    return Ticket(*values)
