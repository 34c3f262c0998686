"""The one place where an answer of Jira becomes the status of a ticket, or its end.

What an older answer must never do (R10) is decided under the lock of the rows it would overwrite, so it holds however
many runs and refreshes go on at once. A deleted ticket is never written to again [safeguard 2].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    JSON,
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Integer,
    Update,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    update,
)

from service.rules.tickets import JiraStatus
from service.store import runs
from service.store.bulk import among
from service.store.runs import Run
from service.store.shares import Share
from service.store.tables import UtcDateTime, tickets

_t = tickets.c
_EXISTS = _t.deleted_at.is_(None)


class Answer(NamedTuple):
    """What Jira said about one issue."""

    ticket_id: int
    issue_id: str
    key: str
    project_id: str
    status: JiraStatus
    updated: datetime  # Jira's own; the index may be behind it
    is_strong: bool = False  # read by id or reconciled, not from the search index: `updated` cannot lag
    is_guarded: bool = False  # it carries a security level


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch of answers."""

    checked: int
    changed: int  # status differs from the one known before
    stale: tuple[int, ...]  # tickets whose answer is older than what we know, and which are still to be checked


_STATUS = 3  # columns
_JUDGED = (
    *(_t.id, _t.run_id, _t.epoch, _t.refreshed_at, _t.hidden_at),
    *(_t.status_id, _t.status_name, _t.status_category, _t.key, _t.project_id, _t.is_guarded, _t.issue_updated_at),
)
_PARAMETERS = (
    *("ticket_id", "status_id", "status_name", "status_category", "key", "project_id"),
    *("is_guarded", "updated"),
    *("asked_at", "epoch", "run_id"),
)


def apply(c: Connection, answers: Sequence[Answer], asked_at: datetime, epoch: int) -> Applied:
    """Takes over answers that were asked for at `asked_at`, in `epoch` of the integration, outside a run."""
    return _write(c, _judge(c, answers, asked_at, epoch, None), asked_at, epoch, None)


def apply_batch(
    c: Connection,
    run: Run,
    answers: Sequence[Answer],
    *,
    asked_at: datetime,
    lease_until: datetime,
    requests: int = 1,
    share: Share | None = None,
) -> Applied | None:
    """Takes over a batch of a run, counts it and renews the lease, all in the one transaction `c`.

    None: nothing was written and the run is to stop (see runs.progress).
    """
    if not runs.progress(c, run, lease_until, checked=len(answers), requests=requests, share=share):
        return None
    repeated = _repeat(c, answers, asked_at, run)
    if repeated == len(answers):
        return Applied(repeated, 0, ())
    rest = _write(c, _judge(c, answers, asked_at, run.epoch, run.id), asked_at, run.epoch, run.id)
    checked = repeated + rest.checked
    runs.progress(c, run, lease_until, checked=checked - len(answers), changed=rest.changed, share=share)
    return Applied(checked, rest.changed, rest.stale)


def delete(c: Connection, ticket_ids: Iterable[int], now: datetime) -> list[int]:
    """Marks tickets as deleted in Jira, for ever [safeguard 2, R14]. Returns those that were not marked yet."""
    return _delete(c, ticket_ids, now, None)


def delete_batch(
    c: Connection,
    run: Run,
    ticket_ids: Iterable[int],
    *,
    now: datetime,
    lease_until: datetime,
    requests: int = 0,
    share: Share | None = None,
) -> list[int] | None:
    """`delete` for a run: counts the deletions as checked and renews the lease. None: nothing was written; stop."""
    if not runs.progress(c, run, lease_until, requests=requests, share=share):
        return None
    gone = _delete(c, ticket_ids, now, run.id)
    runs.progress(c, run, lease_until, checked=len(gone), deleted=len(gone), share=share)
    return gone


def hide(c: Connection, ticket_ids: Iterable[int], asked_at: datetime) -> None:
    """Notes that Jira was asked for tickets at `asked_at` and did not show them, without having deleted them (R14).

    What is known of them stays, and the next answer that shows one of them brings it back. One that was shown later
    than `asked_at` is not hidden.
    """
    _hide(c, ticket_ids, asked_at, None)


def hide_batch(
    c: Connection,
    run: Run,
    ticket_ids: Iterable[int],
    *,
    asked_at: datetime,
    lease_until: datetime,
    requests: int = 0,
    share: Share | None = None,
) -> int | None:
    """`hide` for a run: counts them as checked, returns how many, renews the lease. None: nothing was written; stop."""
    if not runs.progress(c, run, lease_until, requests=requests, share=share):
        return None
    checked = _hide(c, ticket_ids, asked_at, run.id)
    runs.progress(c, run, lease_until, checked=checked, share=share)
    return checked


def _repeat(c: Connection, answers: Sequence[Answer], asked_at: datetime, run: Run) -> int:
    """One statement for all answers that say what is known already, as nearly all do: only their time is new.

    Returns how many those are; they count as checked by the run. The others are left to be judged one by one.
    """
    _lock(c, (answer.ticket_id for answer in answers))
    told = _rows(c, answers)
    values = {
        "told": orjson.dumps(told, default=datetime.isoformat).decode(),
        "asked": asked_at,
        "of_epoch": run.epoch,
        "of_run": run.id,
    }
    return c.execute(_repetition(c.dialect.name), values).rowcount


@cache
def _repetition(dialect: str) -> Update:
    """The statement of `_repeat`. `told` is a JSON array of arrays: the ticket's id and the facts about it."""
    if dialect == "postgresql":
        each = func.json_array_elements(cast(bindparam("told"), JSON)).table_valued("value")
        fields: list[ColumnElement[Any]] = [each.c.value.op("->>")(position) for position in range(8)]
        ticket_id: ColumnElement[Any] = cast(fields[0], Integer)
        is_guarded: ColumnElement[Any] = cast(fields[-2], Boolean)
        updated: ColumnElement[Any] = cast(fields[-1], DateTime(timezone=True))
    else:
        each = func.json_each(bindparam("told")).table_valued("value")
        fields = [func.json_extract(each.c.value, f"$[{position}]") for position in range(8)]
        ticket_id, is_guarded, updated = fields[0], fields[-2], fields[-1]
    texts = (_t.status_id, _t.status_name, _t.status_category, _t.key, _t.project_id)
    return (
        update(tickets)
        .where(
            _t.id == ticket_id,
            *(known == said for known, said in zip(texts, fields[1:-2], strict=True)),
            type_coerce(_t.is_guarded, is_guarded.type) == is_guarded,
            type_coerce(_t.issue_updated_at, updated.type) == updated,
            _t.refreshed_at <= bindparam("asked"),
            _EXISTS,
            _t.hidden_at.is_(None),
            or_(_t.run_id.is_(None), _t.run_id != bindparam("of_run")),
        )
        .values(
            refreshed_at=bindparam("asked"),
            epoch=case((_t.epoch < bindparam("of_epoch"), bindparam("of_epoch")), else_=_t.epoch),
            run_id=bindparam("of_run"),
        )
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    same: list[int]  # only the time of the answer is new
    different: list[Answer]
    newer_known: list[int]  # somebody else has applied a newer answer in this epoch: checked all the same
    stale: tuple[int, ...]
    changed: int

    @property
    def checked(self) -> int:
        return len(self.same) + len(self.different) + len(self.newer_known)


def _judge(c: Connection, answers: Sequence[Answer], asked_at: datetime, epoch: int, run_id: int | None) -> _Judged:
    """Locks the rows and sorts the answers by what is to be done with each."""
    by_ticket = {answer.ticket_id: answer for answer in answers}  # a page may hold an issue twice
    locked = select(*_JUDGED).where(among(c, _t.id, by_ticket), _EXISTS).order_by(_t.id).with_for_update()
    same: list[int] = []
    different: list[Answer] = []
    newer_known: list[int] = []
    stale: list[int] = []
    changed = 0
    for ticket_id, checked_by, known_epoch, refreshed_at, hidden_at, *known in c.execute(locked).all():
        if run_id is not None and checked_by == run_id:
            continue
        answer = by_ticket[ticket_id]
        if hidden_at is not None and hidden_at > asked_at:
            newer_known.append(ticket_id)
            continue
        is_new_epoch = known_epoch < epoch
        if known[-1] is not None and not _is_newer(answer, asked_at, known[-1], refreshed_at, is_new_epoch):
            (stale if is_new_epoch or hidden_at is not None else newer_known).append(ticket_id)
            continue
        facts = _facts(answer)
        changed += known[:_STATUS] != facts[:_STATUS]
        if known == facts:
            same.append(ticket_id)
        else:
            different.append(answer)
    return _Judged(same, different, newer_known, tuple(stale), changed)


def _is_newer(
    answer: Answer, asked_at: datetime, known_updated: datetime, refreshed_at: datetime, is_new_epoch: bool
) -> bool:
    """Whether `answer` may overwrite what is known of its ticket (R10).

    Jira's `updated` decides; between equal ones, when we asked. A strong read of a new epoch is newer though it seems
    older: whoever asked in the former one had a clock that is ahead. Only a strong read may take `updated` back, as it
    goes when a Jira is restored from a backup.
    """
    if answer.updated > known_updated:
        return True
    if answer.updated == known_updated:
        return asked_at >= refreshed_at or (answer.is_strong and is_new_epoch)
    return answer.is_strong and asked_at > refreshed_at


def _write(c: Connection, judged: _Judged, asked_at: datetime, epoch: int, run_id: int | None) -> Applied:
    marks: dict[str, Any] = {} if run_id is None else {"run_id": run_id}
    if judged.newer_known and marks:
        c.execute(update(tickets).where(among(c, _t.id, judged.newer_known)).values(marks))
    if judged.same:
        seen = {"refreshed_at": asked_at, "epoch": _at_least(epoch), "hidden_at": None}
        c.execute(update(tickets).where(among(c, _t.id, judged.same)).values(seen | marks))
    if judged.different:
        _write_different(c, judged.different, asked_at, epoch, run_id)
    return Applied(judged.checked, judged.changed, judged.stale)


def _write_different(
    c: Connection, answers: Sequence[Answer], asked_at: datetime, epoch: int, run_id: int | None
) -> None:
    """One prepared UPDATE for all: SQLAlchemy's work per row would cost more than the database's."""
    statement, order = _update_of(c.dialect)
    common = (UtcDateTime().process_bind_param(asked_at, c.dialect), epoch, run_id)
    rows = [dict(zip(_PARAMETERS, row + common, strict=True)) for row in _rows(c, answers)]
    given = rows if order is None else [tuple(row[name] for name in order) for row in rows]
    c.exec_driver_sql(statement, given)


@cache
def _update_of(dialect: Dialect) -> tuple[str, list[str] | None]:
    """The statement in the words of `dialect`, and the order of its parameters where it has no names for them."""
    parameters: list[BindParameter[Any]] = [bindparam(name) for name in _PARAMETERS]
    ticket_id, *facts, asked_at, epoch, run_id = parameters
    columns = (_t.status_id, _t.status_name, _t.status_category, _t.key, _t.project_id, _t.is_guarded)
    values = dict(zip((*columns, _t.issue_updated_at), facts, strict=True)) | {
        _t.hidden_at: null(),
        _t.refreshed_at: asked_at,
        _t.epoch: case((_t.epoch < epoch, epoch), else_=_t.epoch),
        _t.run_id: func.coalesce(run_id, _t.run_id),
    }
    compiled = update(tickets).where(_t.id == ticket_id).values(values).compile(dialect=dialect)
    return str(compiled), compiled.positiontup


def _at_least(epoch: int) -> ColumnElement[int]:
    """A late answer of an older epoch takes no ticket back into it."""
    return case((_t.epoch < epoch, epoch), else_=_t.epoch)


def _facts(answer: Answer) -> list[Any]:
    """In the order of `_JUDGED`, from the status on."""
    status = answer.status
    about = (answer.key, answer.project_id, answer.is_guarded, answer.updated)
    return [status.id, status.name, status.category, *about]


def _rows(c: Connection, answers: Iterable[Answer]) -> list[tuple[Any, ...]]:
    """In the order of `_PARAMETERS`, as far as they are the answers', and as the database takes them."""
    stored, dialect = UtcDateTime().process_bind_param, c.dialect
    return [(answer.ticket_id, *_facts(answer)[:-1], stored(answer.updated, dialect)) for answer in answers]


def _lock(c: Connection, ticket_ids: Iterable[int]) -> None:
    """In one order everywhere, so that a refresh and a run never block each other. A writer on SQLite is alone."""
    if c.dialect.name == "postgresql":
        c.execute(select(_t.id).where(among(c, _t.id, ticket_ids)).order_by(_t.id).with_for_update())


def _delete(c: Connection, ticket_ids: Iterable[int], now: datetime, run_id: int | None) -> list[int]:
    ids = list(ticket_ids)
    _lock(c, ids)
    marks: dict[str, Any] = {} if run_id is None else {"run_id": run_id}
    gone = update(tickets).where(among(c, _t.id, ids), _EXISTS).values(deleted_at=now, **marks).returning(_t.id)
    return sorted(c.execute(gone).scalars())


def _hide(c: Connection, ticket_ids: Iterable[int], asked_at: datetime, run_id: int | None) -> int:
    ids = list(ticket_ids)
    _lock(c, ids)
    at = literal(asked_at, UtcDateTime())
    hidden_at = case((_t.refreshed_at > at, _t.hidden_at), (_t.hidden_at > at, _t.hidden_at), else_=at)
    of_them = update(tickets).where(among(c, _t.id, ids), _EXISTS)
    if run_id is None:
        return c.execute(of_them.values(hidden_at=hidden_at)).rowcount
    is_to_check = or_(_t.run_id.is_(None), _t.run_id != run_id)
    return c.execute(of_them.where(is_to_check).values(hidden_at=hidden_at, run_id=run_id)).rowcount
