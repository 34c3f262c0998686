"""Many rows at once: what is imported is compared with what is there, and only the difference is written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any]
CHUNK = 5000  # ids per statement: well below what either database takes
MANY = 1000  # new rows after which a plan made for a nearly empty table is a bad one


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of rows that were handed in."""

    created: int
    updated: int
    unchanged: int


def put(
    c: Connection, table: Table, rows: Sequence[Row], details: Sequence[str], defaults: Row
) -> tuple[dict[str, int], Counted]:
    """Makes sure that `rows` are in `table`, told apart by their `public_id`. Returns public id -> id, and the counts.

    `details` are the columns that may change. A detail that is None was not given: what is stored stays, and a new row
    takes it from `defaults`.
    """
    if c.dialect.name == "postgresql":  # two imports take turns, as they do on SQLite anyway
        c.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
    columns = [table.c[name] for name in ("id", "public_id", *details)]
    known: dict[str, Any] = {}
    for ids in chunks([row["public_id"] for row in rows]):
        known |= {found.public_id: found for found in c.execute(select(*columns).where(table.c.public_id.in_(ids)))}
    new = [_with_defaults(row, defaults) for row in rows if row["public_id"] not in known]
    ids_by_public_id = {public_id: found.id for public_id, found in known.items()}
    if new:
        made = c.execute(insert(table).returning(table.c.id, table.c.public_id), new)
        ids_by_public_id |= {row.public_id: row.id for row in made}
    if len(new) >= MANY:
        analyse(c, table)
    changed = [
        after
        for row in rows
        if (before := known.get(row["public_id"])) is not None
        and (after := _after(before, row, details)) != _after(before, {}, details)
    ]
    if changed:
        values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in details}
        c.execute(update(table).where(table.c.id == bindparam("of_id")).values(values), changed)
    return ids_by_public_id, Counted(len(new), len(changed), len(rows) - len(new) - len(changed))


def analyse(c: Connection, table: Table) -> None:
    """Tells PostgreSQL's planner about rows that came in bulk; by itself it would only learn of them later."""
    if c.dialect.name == "postgresql":
        c.execute(text(f"ANALYZE {table.name}"))


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """`values` in parts that fit into one statement."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _with_defaults(row: Row, defaults: Row) -> dict[str, Any]:
    return {name: defaults.get(name) if value is None else value for name, value in row.items()}


def _after(before: Any, row: Row, details: Sequence[str]) -> dict[str, Any]:
    given = {name: row.get(name) for name in details}
    stored = {name: getattr(before, name) for name in details}
    values = {f"new_{name}": stored[name] if given[name] is None else given[name] for name in details}
    return {"of_id": before.id, **values}


def among(c: Connection, column: Column[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """That `column` is one of `ids`, as one parameter: hundreds of them cost more than what is asked."""
    if c.dialect.name == "postgresql":
        return column == any_(literal(list(ids), postgresql.ARRAY(Integer)))
    listed = func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(select(listed.c.value))
