"""Runs of the retrieval: one unfinished at a time per integration, held by an owner for the length of a lease (R10).

Whoever writes about a run must still own it: each write is conditional, and False or None means that the run has gone
on elsewhere and the writer is to stop.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from service.rules import age
from service.store import shares
from service.store.shares import Share
from service.store.tables import UtcDateTime, integrations, runs, tickets
from service.store.tables import shares as shares_table

_r = runs.c
_UNFINISHED = _r.ended_at.is_(None)


class RunCause(StrEnum):
    """Why a run was made."""

    SCHEDULE = "schedule"
    CREATED = "created"
    ENABLED = "enabled"
    RECOVERED = "recovered"
    MANUAL = "manual"


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"  # to be taken up at `resume_at`
    RUNNING = "running"  # by `owner`, until `lease_until` at most without a sign of life
    COMPLETE = "complete"
    FAILED = "failed"
    SUPERSEDED = "superseded"  # a newer epoch began
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over the tickets of an integration that are still refreshed."""

    id: int
    integration_id: int
    epoch: int  # of the integration, when the run was made: its answers count in this one
    cause: RunCause
    state: RunState
    enqueued_at: datetime
    resume_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    failures: int  # transient ones in a row, so far
    owner: str | None
    lease_until: datetime | None
    cutoff: datetime | None  # R13, fixed when the run starts: tickets created before it are not refreshed
    total: int  # tickets to check, counted when the run started
    checked: int
    changed: int
    deleted: int
    requests: int
    reason: str | None


_EPOCH = (  # what every run executes is built once, here and below: building takes longer than executing
    select(integrations.c.epoch).where(integrations.c.id == bindparam("of_integration")).with_for_update()
)
_INSERT = insert(runs).returning(*_r)


def enqueue(c: Connection, integration_id: int, cause: RunCause, now: datetime) -> Run:
    """The one unfinished run of the integration's present epoch: the one there is, cause and all, or a new one.

    An unfinished run of an older epoch ends as superseded.
    """
    # on PostgreSQL the row lock makes two callers take turns; on SQLite a writer is alone anyway
    epoch = c.execute(_EPOCH, {"of_integration": integration_id}).scalar_one()
    waiting = unfinished(c, integration_id)
    if waiting is not None and waiting.epoch == epoch:
        return waiting
    if waiting is not None:
        reason = "The integration broke or was switched on again meanwhile."
        _end(c, waiting.id, RunState.SUPERSEDED, reason, now)
    made = {
        "integration_id": integration_id,
        "epoch": epoch,
        "cause": cause.value,
        "state": RunState.WAITING.value,
        "enqueued_at": now,
        "resume_at": now,
        **dict.fromkeys(("failures", "total", "checked", "changed", "deleted", "requests"), 0),
    }
    return _run(c.execute(_INSERT, made).one())


_AT = bindparam("at", type_=UtcDateTime())
_CLAIMABLE = or_(
    and_(_r.state == RunState.WAITING.value, _r.resume_at <= _AT),
    and_(_r.state == RunState.RUNNING.value, _r.lease_until <= _AT),
)
_CUTOFF = func.coalesce(_r.cutoff, bindparam("earliest", type_=UtcDateTime()))
_TO_CHECK = (
    select(func.count())
    .select_from(tickets)
    .where(
        tickets.c.integration_id == _r.integration_id,
        tickets.c.deleted_at.is_(None),
        tickets.c.created_at >= _CUTOFF,
    )
)
_CLAIM = (
    update(runs)
    .where(_r.id == bindparam("of_run"), _CLAIMABLE)
    .values(
        state=RunState.RUNNING.value,
        owner=bindparam("by"),
        lease_until=bindparam("until"),
        started_at=func.coalesce(_r.started_at, _AT),
        cutoff=_CUTOFF,
        total=case((_r.started_at.is_(None), _TO_CHECK.scalar_subquery()), else_=_r.total),
    )
    .returning(*_r)
)


def claim(c: Connection, run_id: int, owner: str, lease_until: datetime, now: datetime) -> Run | None:
    """Takes a run up: one whose wait is over, or whose owner has not been heard of. None: it is not to be had.

    `owner` is a name that no other claim uses. The first claim fixes the one-year instant and counts the tickets.
    """
    given = {"of_run": run_id, "by": owner, "until": lease_until, "at": now, "earliest": age.cutoff(now)}
    row = c.execute(_CLAIM, given).one_or_none()
    return None if row is None else _run(row)


_IS_AS_IT_WAS = and_(
    integrations.c.id == bindparam("of_integration"),
    integrations.c.epoch == bindparam("of_epoch"),
    integrations.c.retrieve_tickets,
    integrations.c.broken_since.is_(None),
    integrations.c.removed_at.is_(None),
)
_GOES_ON = exists().where(_IS_AS_IT_WAS)
_AS_IT_WAS = select(integrations.c.settled_epoch).where(_IS_AS_IT_WAS).with_for_update()
_COUNTED = (  # built once: a run executes these with each batch, and building them takes longer than executing them
    update(runs)
    .where(_r.id == bindparam("of_run"), _GOES_ON)
    .values(
        checked=_r.checked + bindparam("more_checked"),
        changed=_r.changed + bindparam("more_changed"),
        deleted=_r.deleted + bindparam("more_deleted"),
        requests=_r.requests + bindparam("more_requests"),
    )
)
_IS_OURS = _r.owner == bindparam("of_owner")
_PROGRESS = _COUNTED.where(_IS_OURS, _r.state == RunState.RUNNING.value).values(lease_until=bindparam("until"))
_HAS_SHARE = exists().where(
    shares_table.c.run_id == bindparam("of_run"),
    shares_table.c.number == bindparam("of_share"),
    shares_table.c.owner == bindparam("of_owner"),
    shares_table.c.done_at.is_(None),
)
_PROGRESS_OF_SHARE = _COUNTED.where(_UNFINISHED, or_(_IS_OURS, bindparam("helps", type_=Boolean())), _HAS_SHARE).values(
    lease_until=case((_IS_OURS, bindparam("until", type_=UtcDateTime())), else_=_r.lease_until)
)


def renew(c: Connection, run: Run, lease_until: datetime, requests: int = 0, share: Share | None = None) -> bool:
    """A sign of life while nothing else is written; `requests` sent meanwhile are counted. False: the run is lost."""
    goes_on = progress(c, run, lease_until, requests=requests, share=share)
    if goes_on and share is not None:  # first the run, then the share: the order of whoever lets others join
        shares.renew(c, share, lease_until)
    return goes_on


def goes_on(c: Connection, run: Run) -> bool:
    """Whether a run has not ended and its integration is as it was when the run was made."""
    of_it = {"of_integration": run.integration_id, "of_epoch": run.epoch}
    return c.execute(select(exists().where(_r.id == run.id, _UNFINISHED, _GOES_ON)), of_it).scalar_one()


def progress(
    c: Connection,
    run: Run,
    lease_until: datetime,
    *,
    checked: int = 0,
    changed: int = 0,
    deleted: int = 0,
    requests: int = 0,
    share: Share | None = None,
) -> bool:
    """Adds to the counts of a run and renews its lease.

    False: nothing was written and the run is to stop. It is owned by another, has ended, or its integration has broken,
    was switched off or removed, or has begun another epoch. Whoever holds a `share` need not own the run.
    """
    given = {
        "of_run": run.id,
        "of_owner": run.owner if share is None else share.owner,
        "of_integration": run.integration_id,
        "of_epoch": run.epoch,
        "more_checked": checked,
        "more_changed": changed,
        "more_deleted": deleted,
        "more_requests": requests,
        "until": lease_until,
    }
    if share is None:
        return c.execute(_PROGRESS, given).rowcount == 1
    given |= {"of_share": share.number, "helps": share.owner != run.owner}
    return c.execute(_PROGRESS_OF_SHARE, given).rowcount == 1


def wait(c: Connection, run: Run, resume_at: datetime, failures: int) -> bool:
    """Gives a run back until `resume_at`, with its failures in a row so far. False: it is owned by another."""
    waiting = update(runs).where(_is_held(run))
    values = {"state": RunState.WAITING.value, "owner": None, "lease_until": None}
    return c.execute(waiting.values(resume_at=resume_at, failures=failures, **values)).rowcount == 1


_HELD = and_(_r.id == bindparam("of_run"), _r.owner == bindparam("of_owner"), _r.state == RunState.RUNNING.value)
_FINISH = (
    update(runs)
    .where(_HELD)
    .values(
        state=bindparam("as"),
        reason=bindparam("because"),
        ended_at=_AT,
        owner=null(),
        lease_until=null(),
        requests=_r.requests + bindparam("more_requests"),
    )
    .returning(*_r)
)
_SETTLE = (
    update(integrations)
    .where(integrations.c.id == bindparam("of_integration"))
    .values(settled_epoch=bindparam("of_epoch"))
)


def finish(
    c: Connection,
    run: Run,
    state: RunState,
    reason: str | None,
    now: datetime,
    *,
    requests: int = 0,
    was_cut: bool = True,
) -> Run | None:
    """Ends a run as complete, failed or superseded, counting the last `requests`; the run as it then stands.

    `was_cut=False`: it surely has no shares, of which nothing is to be left.

    None: it is owned by another, or has ended; or it cannot be complete, as its integration has moved on.
    A complete one settles its epoch: [safeguard 3] tickets that are refreshed no more are shown again (R15).
    """
    settled: int | None = run.epoch  # no other end settles anything
    if state is RunState.COMPLETE:  # first its integration, then the run: the order of whoever switches or breaks it
        is_as_it_was = {"of_integration": run.integration_id, "of_epoch": run.epoch}
        settled = c.execute(_AS_IT_WAS, is_as_it_was).scalar_one_or_none()
        if settled is None:
            return None
    of_it = {"of_run": run.id, "of_owner": run.owner}
    given = of_it | {"as": state.value, "because": reason, "at": now, "more_requests": requests}
    row = c.execute(_FINISH, given).one_or_none()
    if row is None:
        return None
    if was_cut:
        shares.drop(c, run.id)
    if settled != run.epoch:
        c.execute(_SETTLE, {"of_integration": run.integration_id, "of_epoch": run.epoch})
    return _run(row)


def cancel(c: Connection, integration_id: int, reason: str, now: datetime) -> bool:
    """Ends the unfinished run of an integration, whoever owns it. False: there is none.

    Whoever is at work on it stops at the next write.
    """
    run = unfinished(c, integration_id)
    return run is not None and _end(c, run.id, RunState.CANCELLED, reason, now)


def fail(c: Connection, run_id: int, reason: str, now: datetime) -> bool:
    """Ends a run as failed, whoever owns it: one of its helpers found out what is wrong. False: it has ended."""
    return _end(c, run_id, RunState.FAILED, reason, now)


_BY_ID = select(*_r).where(_r.id == bindparam("of_run"))
_OF_INTEGRATION = select(*_r).where(_r.integration_id == bindparam("of_integration"), _UNFINISHED)
_DUE = select(*_r).where(_UNFINISHED, _CLAIMABLE).order_by(_r.resume_at, _r.id)


def by_id(c: Connection, run_id: int) -> Run | None:
    """The run with this id."""
    row = c.execute(_BY_ID, {"of_run": run_id}).one_or_none()
    return None if row is None else _run(row)


def unfinished(c: Connection, integration_id: int) -> Run | None:
    """The run of an integration that waits or is under way."""
    row = c.execute(_OF_INTEGRATION, {"of_integration": integration_id}).one_or_none()
    return None if row is None else _run(row)


def due(c: Connection, now: datetime) -> list[Run]:
    """Runs that can be claimed at `now`, the longest waiting first."""
    return [_run(row) for row in c.execute(_DUE, {"at": now})]


def next_due(c: Connection) -> datetime | None:
    """When the next run can be claimed: its wait ends, or the lease of its owner."""
    claimable_at = func.coalesce(_r.lease_until, _r.resume_at)
    instant: datetime | None = c.execute(select(func.min(claimable_at)).where(_UNFINISHED)).scalar_one()
    return instant


def history(c: Connection, integration_id: int, limit: int) -> list[Run]:
    """The last `limit` runs of an integration, the newest first."""
    found = select(*_r).where(_r.integration_id == integration_id).order_by(_r.id.desc()).limit(limit)
    return [_run(row) for row in c.execute(found)]


def last(c: Connection, integration_ids: Iterable[int]) -> dict[int, Run]:
    """The newest run of each of those integrations that has one."""
    newest = select(func.max(_r.id)).where(_r.integration_id.in_(set(integration_ids))).group_by(_r.integration_id)
    return {row.integration_id: _run(row) for row in c.execute(select(*_r).where(_r.id.in_(newest)))}


def _is_held(run: Run) -> ColumnElement[bool]:
    return and_(_r.id == run.id, _r.owner == run.owner, _r.state == RunState.RUNNING.value)


def _end(c: Connection, run_id: int, state: RunState, reason: str, now: datetime) -> bool:
    values = {"state": state.value, "reason": reason, "ended_at": now, "owner": None, "lease_until": None}
    has_ended = c.execute(update(runs).where(_r.id == run_id, _UNFINISHED).values(values)).rowcount == 1
    if has_ended:
        shares.drop(c, run_id)
    return has_ended


def _run(row: Any) -> Run:
    values = row._asdict()
    values["cause"], values["state"] = RunCause(values["cause"]), RunState(values["state"])
    return Run(**values)
