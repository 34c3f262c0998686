"""Connections to a Jira: their record and sealed credential, what was last concluded about them, when they are due.

Every change of health or toggle is a conditional UPDATE whose row count says who was first, so two workers cannot both
break or recover one integration. [safeguard 3, 3.7]
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.errors import NameTaken
from service.rules import schedule
from service.rules.health import Health, Verdict
from service.rules.tickets import EpochCause, Integration
from service.store import grants, runs
from service.store.tables import integrations

_i = integrations.c
_COLUMNS = tuple(column for column in _i if column.name != "credential")
_IN_USE = _i.removed_at.is_(None)


class Change(StrEnum):
    """What a verdict did to an integration."""

    BROKE = "broke"
    RECOVERED = "recovered"
    NONE = "none"


def create(
    c: Connection,
    *,
    name: str,
    installation_type: str,
    auth_type: str,
    username: str = "",
    client_id: str = "",
    cloud_id: str | None = None,
    credential: bytes,
    url: str,
    skip_proxy: bool,
    retrieve_tickets: bool,
    created_version: str,
    now: datetime,
) -> Integration:
    """A new integration in its first epoch, never verified; `credential` is sealed. Raises NameTaken."""
    try:
        row = c.execute(
            insert(integrations)
            .values(
                connection_name=name,
                installation_type=installation_type,
                auth_type=auth_type,
                username=username,
                client_id=client_id,
                cloud_id=cloud_id,
                credential=credential,
                url=url,
                skip_proxy=skip_proxy,
                retrieve_tickets=retrieve_tickets,
                epoch=1,
                epoch_cause=EpochCause.CREATED.value,
                settled_epoch=0,
                next_run_at=schedule.first_run(now),
                created_at=now,
                created_version=created_version,
            )
            .returning(*_COLUMNS)
        ).one()
    except IntegrityError:
        raise _taken(name) from None
    return _integration(row)


def by_name(c: Connection, name: str) -> Integration | None:
    """The integration in use under `name`."""
    return _one(c, and_(_i.connection_name == name, _IN_USE))


_BY_ID = select(*_COLUMNS).where(_i.id == bindparam("of_integration"))  # built once: every run reads it


def by_id(c: Connection, integration_id: int) -> Integration | None:
    """The integration with this id, removed or not."""
    row = c.execute(_BY_ID, {"of_integration": integration_id}).one_or_none()
    return None if row is None else _integration(row)


def by_ids(c: Connection, ids: Iterable[int]) -> dict[int, Integration]:
    """Those integrations, removed or not, by id: what the tickets of a page need."""
    return {row.id: _integration(row) for row in c.execute(select(*_COLUMNS).where(_i.id.in_(set(ids))))}


def all(c: Connection) -> list[Integration]:
    """Every integration in use, by name."""
    return [_integration(row) for row in c.execute(select(*_COLUMNS).where(_IN_USE).order_by(_i.connection_name))]


def update_settings(
    c: Connection, changed: Integration, before: Integration | None = None, sealed: bytes | None = None
) -> bool:
    """Writes what an admin may edit: name, types, username, address and proxy of `changed`. False: it was removed.

    With `before`, only over these same values as they were there, and with `sealed` only beside that credential; False
    when that is not what stands there now. Raises NameTaken when another integration in use has the new name (R22).
    """
    edited = update(integrations).where(_i.id == changed.id, _IN_USE)
    if before is not None:
        edited = edited.where(*(_i[name].is_not_distinct_from(was) for name, was in _editable(before).items()))
    if sealed is not None:
        edited = edited.where(_i.credential == sealed)
    edited = edited.values(_editable(changed))
    try:
        return _wrote(c, edited)
    except IntegrityError:
        raise _taken(changed.name) from None


def _editable(integration: Integration) -> dict[str, Any]:
    return {
        "connection_name": integration.name,
        "installation_type": integration.installation_type,
        "auth_type": integration.auth_type,
        "username": integration.username,
        "client_id": integration.client_id,
        "cloud_id": integration.cloud_id,
        "url": integration.url,
        "skip_proxy": integration.skip_proxy,
    }


def remove(c: Connection, integration_id: int, now: datetime) -> bool:
    """Removes an integration: its name is free again, credential, grant and unfinished run are gone, its tickets stay.

    False: it was removed already.
    """
    removed = _wrote(
        c,
        update(integrations)
        .where(_i.id == integration_id, _IN_USE)
        .values(removed_at=now, credential=None, next_probe_at=None),
    )
    if removed:
        grants.remove(c, integration_id)
        runs.cancel(c, integration_id, "The integration was removed.", now)
    return removed


_CREDENTIAL = select(_i.credential).where(_i.id == bindparam("of_integration"))


def credential(c: Connection, integration_id: int) -> bytes | None:
    """The sealed credential; None once the integration is removed."""
    return c.execute(_CREDENTIAL, {"of_integration": integration_id}).scalar_one_or_none()


def set_credential(c: Connection, integration_id: int, sealed: bytes) -> bool:
    """Replaces the sealed credential. False: the integration was removed."""
    return _wrote(c, update(integrations).where(_i.id == integration_id, _IN_USE).values(credential=sealed))


def record_verdict(c: Connection, integration_id: int, verdict: Verdict, now: datetime) -> Change:
    """Stores what a verification concluded (R4), unless a later one was stored before.

    FAULTY on an unbroken integration breaks it: a new epoch begins, and a probe is due in five minutes (R15). HEALTHY
    on a broken one is its recovery. INTERNAL_ERROR and NOT_FOUND say nothing about a Jira and are not stored.
    """
    if verdict.health not in (Health.HEALTHY, Health.FAULTY):
        return Change.NONE
    is_faulty = verdict.health is Health.FAULTY
    said: dict[str, Any] = {
        "health": verdict.health.value,
        "health_reason": verdict.reason,
        "checked_at": verdict.at,
        "next_probe_at": schedule.next_probe(now) if is_faulty else None,
    }
    turned: dict[str, Any] = {"broken_since": None}
    if is_faulty:
        turned = {"broken_since": now, "epoch": _i.epoch + 1, "epoch_cause": EpochCause.BROKEN.value}
    is_newest = and_(_i.id == integration_id, _IN_USE, or_(_i.checked_at.is_(None), _i.checked_at <= verdict.at))
    is_broken = _i.broken_since.is_not(None)
    if _wrote(c, update(integrations).where(is_newest, is_broken != is_faulty).values(said | turned)):
        return Change.BROKE if is_faulty else Change.RECOVERED
    c.execute(update(integrations).where(is_newest, is_broken == is_faulty).values(said))
    return Change.NONE


def set_enabled(c: Connection, integration_id: int, on: bool) -> bool:
    """Sets the toggle 'Retrieve Jira Tickets' (3.7). False: it stood there already, or the integration was removed.

    Switching on begins an epoch, so nothing retrieved before is shown as current. When a break has not been made good
    by a full run yet, the break stays the cause: its tickets go on showing Unknown until they are refreshed.
    """
    values: dict[str, Any] = {"retrieve_tickets": on}
    if on:
        is_unsettled_break = and_(_i.epoch_cause == EpochCause.BROKEN.value, _i.settled_epoch < _i.epoch)
        cause = case((is_unsettled_break, EpochCause.BROKEN.value), else_=EpochCause.ENABLED.value)
        values |= {"epoch": _i.epoch + 1, "epoch_cause": cause}
    stands_otherwise = _i.retrieve_tickets.is_(not on)
    return _wrote(c, update(integrations).where(_i.id == integration_id, _IN_USE, stands_otherwise).values(values))


_DUE = (  # these are built once, as the schedule asks for them every second
    select(*_COLUMNS).where(_IN_USE, _i.next_run_at <= bindparam("now")).order_by(_i.next_run_at, _i.id)
)
_PROBES_DUE = select(*_COLUMNS).where(_IN_USE, _i.next_probe_at <= bindparam("now")).order_by(_i.next_probe_at, _i.id)
_BROKEN = select(func.count()).select_from(integrations).where(_IN_USE, _i.broken_since.is_not(None))


def broken(c: Connection) -> int:
    """How many integrations are broken."""
    count: int = c.execute(_BROKEN).scalar_one()
    return count


def due(c: Connection, now: datetime) -> list[Integration]:
    """Integrations whose scheduled run is due, the longest waiting first (R8)."""
    return [_integration(row) for row in c.execute(_DUE, {"now": now})]


_CLAIM_DUE = (
    update(integrations)
    .where(_i.id == bindparam("of_integration"), _IN_USE, _i.next_run_at == bindparam("due_at"))
    .values(next_run_at=bindparam("next_at"))
)


def claim_due(c: Connection, integration: Integration, next_run_at: datetime) -> bool:
    """Moves the due run of `integration` on to `next_run_at`. False: another worker was first."""
    given = {"of_integration": integration.id, "due_at": integration.next_run_at, "next_at": next_run_at}
    return c.execute(_CLAIM_DUE, given).rowcount == 1


def probes_due(c: Connection, now: datetime) -> list[Integration]:
    """Broken integrations that are to be tried again, the longest waiting first (R15)."""
    return [_integration(row) for row in c.execute(_PROBES_DUE, {"now": now})]


def claim_probe(c: Connection, integration: Integration, next_probe_at: datetime) -> bool:
    """Moves the due probe of `integration` on to `next_probe_at`. False: another worker was first."""
    is_still_due = and_(_i.id == integration.id, _IN_USE, _i.next_probe_at == integration.next_probe_at)
    return _wrote(c, update(integrations).where(is_still_due).values(next_probe_at=next_probe_at))


def next_due(c: Connection) -> datetime | None:
    """When the next run or probe of any integration is due."""
    row = c.execute(select(func.min(_i.next_run_at), func.min(_i.next_probe_at)).where(_IN_USE)).one()
    return min((instant for instant in row if instant is not None), default=None)


def _taken(name: str) -> NameTaken:
    return NameTaken(f"There is an integration {name!r} already. Choose another connection name.")


def _wrote(c: Connection, statement: Update) -> bool:
    return c.execute(statement).rowcount == 1


def _one(c: Connection, condition: ColumnElement[bool]) -> Integration | None:
    row = c.execute(select(*_COLUMNS).where(condition)).one_or_none()
    return None if row is None else _integration(row)


def _integration(row: Any) -> Integration:
    values = row._asdict()
    values["name"] = values.pop("connection_name")
    values["epoch_cause"] = EpochCause(values["epoch_cause"])
    return Integration(**values)
