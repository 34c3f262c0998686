"""Violations of watches, and the search that `POST /violations` documents a useful part of. [xray.md 10]"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Text, and_, case, func, or_, select, true, type_coerce

from service.rules.tickets import Ticket
from service.store import bulk, resources, tickets
from service.store.resources import Resource, ResourceType
from service.store.tables import resources as resource_table
from service.store.tables import violations

_v = violations.c


class ViolationType(StrEnum):
    """[xray.md 10]"""

    SECURITY = "Security"
    LICENSE = "License"
    OPERATIONAL_RISK = "Operational_Risk"


class Severity(StrEnum):
    """The least severe first. [xray.md 10]"""

    UNKNOWN = "Unknown"
    INFORMATION = "Information"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


@dataclass(frozen=True, slots=True)
class Violation:
    """A watch's finding in one component of one resource."""

    id: int
    public_id: str  # opaque, and the same whenever and wherever the violation is imported: `violation_id` to callers
    resource_id: int
    issue_id: str
    type: ViolationType
    severity: Severity
    watch_name: str
    component: str  # the first of the infected ones
    infected_components: tuple[str, ...]
    cves: tuple[str, ...]
    summary: str
    description: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A violation where it was found, with its leading ticket."""

    violation: Violation
    resource: Resource
    leading: Ticket | None


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """One entry of the filter `resources`: what is None matches anything."""

    type: ResourceType
    name: str | None = None
    path: str | None = None
    repo: str | None = None
    number: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a violation must be; what is None or empty is not asked for."""

    name_contains: str | None = None  # in summary, issue id, component or resource name, whatever the case
    violation_type: ViolationType | None = None
    watch_name: str | None = None
    min_severity: Severity | None = None
    created_from: datetime | None = None  # itself included
    created_until: datetime | None = None  # itself included
    issue_id: str | None = None
    cve_id: str | None = None
    resources: tuple[ResourceFilter, ...] = ()  # any of them
    resource_id: int | None = None  # ours: the violations of one resource


_SEVERITIES = tuple(Severity)
_ORDERS: dict[str, ColumnElement[Any]] = {
    "created": _v.created_at,
    "summary": _v.summary,
    "severity": case({severity.value: rank for rank, severity in enumerate(_SEVERITIES)}, value=_v.severity),
    "type": _v.type,
    "watcher_name": _v.watch_name,
    "issue_id": _v.issue_id,
}
ORDERS = tuple(_ORDERS)
"""What `order_by` may be. [xray.md 10]"""


def search(
    c: Connection,
    filters: Filters,
    *,
    limit: int = 25,
    page: int = 1,
    order_by: str = "created",
    direction: Literal["asc", "desc"] = "asc",
) -> tuple[int, list[Found]]:
    """How many violations there are of that kind, and the `page`-th `limit` of them. Pages count from 1. [xray.md 3]"""
    joined = violations.join(resource_table, resource_table.c.id == _v.resource_id)
    wanted = and_(true(), *_conditions(filters))
    total = c.execute(select(func.count()).select_from(joined).where(wanted)).scalar_one()
    order = _ORDERS[order_by]
    order, tie = (order.desc(), _v.id.desc()) if direction == "desc" else (order.asc(), _v.id.asc())
    found = (
        select(*resource_table.c, *_v)
        .select_from(joined)
        .where(wanted)
        .order_by(order, tie)
        .limit(limit)
        .offset((page - 1) * limit)
    )
    rows = [(resources.resource(row), _violation(tuple(row)[len(resource_table.c) :])) for row in c.execute(found)]
    leading = tickets.leading(c, (violation.id for _, violation in rows))
    return total, [Found(violation, where, leading.get(violation.id)) for where, violation in rows]


def by_public_id(c: Connection, public_id: str) -> Found | None:
    """The violation with this public id."""
    return _one(c, _v.public_id == public_id)


def by_id(c: Connection, violation_id: int) -> Found | None:
    """The violation with this id, as tickets name it."""
    return _one(c, _v.id == violation_id)


def public_ids(c: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The public ids of those violations: what a list of tickets names them by."""
    return {row.id: row.public_id for row in c.execute(select(_v.id, _v.public_id).where(_v.id.in_(set(ids))))}


def public_id(resource_public_id: str, watch_name: str, issue_id: str, component: str) -> str:
    """The id of the violation that these identify."""
    return resources.short_hash(resource_public_id, watch_name, issue_id, component)


def put_many(c: Connection, rows: Sequence[bulk.Row], now: datetime) -> tuple[dict[str, int], bulk.Counted]:
    """Makes sure that these violations are known: dicts of all columns but the id. See bulk.put."""
    details = ("type", "severity", "infected_components", "cves", "summary", "description", "created_at")
    defaults = {"cves": (), "summary": "", "description": "", "created_at": now}
    return bulk.put(c, violations, rows, details, defaults)


def _one(c: Connection, condition: ColumnElement[bool]) -> Found | None:
    joined = violations.join(resource_table, resource_table.c.id == _v.resource_id)
    row = c.execute(select(*resource_table.c, *_v).select_from(joined).where(condition)).one_or_none()
    if row is None:
        return None
    violation = _violation(tuple(row)[len(resource_table.c) :])
    return Found(violation, resources.resource(row), tickets.leading(c, [violation.id]).get(violation.id))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    exact = {
        _v.type: filters.violation_type,
        _v.watch_name: filters.watch_name,
        _v.issue_id: filters.issue_id,
        _v.resource_id: filters.resource_id,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
    if filters.name_contains:
        columns = (_v.summary, _v.issue_id, _v.component, resource_table.c.name)
        conditions.append(or_(*(column.icontains(filters.name_contains, autoescape=True) for column in columns)))
    if filters.min_severity is not None:
        conditions.append(_v.severity.in_(_SEVERITIES[_SEVERITIES.index(filters.min_severity) :]))
    if filters.created_from is not None:
        conditions.append(_v.created_at >= filters.created_from)
    if filters.created_until is not None:
        conditions.append(_v.created_at <= filters.created_until)
    if filters.cve_id is not None:
        conditions.append(_holds(_v.cves, filters.cve_id))
    if filters.resources:
        conditions.append(or_(*(_is_of(one) for one in filters.resources)))
    return conditions


def _holds(column: ColumnElement[Any], element: str) -> ColumnElement[bool]:
    return type_coerce(column, Text).icontains(json.dumps(element), autoescape=True)


def _is_of(wanted: ResourceFilter) -> ColumnElement[bool]:
    named = {name: getattr(wanted, name) for name in resources.IDENTITY}
    return and_(*(resource_table.c[name] == value for name, value in named.items() if value is not None))


def _violation(values: tuple[Any, ...]) -> Violation:
    number, public, resource_id, issue_id, kind, severity, *rest = values
    return Violation(number, public, resource_id, issue_id, ViolationType(kind), Severity(severity), *rest)
