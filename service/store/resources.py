"""What is scanned: artifacts, builds and release bundles."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from service.store import bulk
from service.store.tables import resources, tickets, violations

_r = resources.c


class ResourceType(StrEnum):
    """What a resource is."""

    ARTIFACT = "artifact"
    BUILD = "build"
    RELEASE_BUNDLE = "release_bundle"


@dataclass(frozen=True, slots=True)
class Resource:
    """An artifact (repo, path), a build (number) or a release bundle (version)."""

    id: int
    public_id: str  # opaque, and the same whenever and wherever the resource is imported
    type: ResourceType
    name: str
    path: str | None
    repo: str | None
    number: str | None
    version: str | None
    package_type: str | None


@dataclass(frozen=True, slots=True)
class Scanned:
    """A row of the Scans List."""

    resource: Resource
    violations: int
    tickets: int


IDENTITY = ("type", "name", "path", "repo", "number", "version")


def public_id(values: Mapping[str, Any]) -> str:
    """The id of the resource with these `IDENTITY` values; a missing one is the same as None."""
    return short_hash(*(values.get(name) for name in IDENTITY))


def short_hash(*parts: str | None) -> str:
    """Twenty characters that stand for `parts`, in this order."""
    text = "\0".join("" if part is None else f"={part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def by_public_id(c: Connection, public_id: str) -> Resource | None:
    """The resource with this public id."""
    row = c.execute(select(*_r).where(_r.public_id == public_id)).one_or_none()
    return None if row is None else resource(row)


def by_ids(c: Connection, ids: Iterable[int]) -> dict[int, Resource]:
    """Those resources by id."""
    return {row.id: resource(row) for row in c.execute(select(*_r).where(_r.id.in_(set(ids))))}


def scanned(c: Connection, limit: int, offset: int, name_contains: str = "") -> tuple[int, list[Scanned]]:
    """How many resources there are, and `limit` of them after the first `offset`, by name, with their counts."""
    named = _r.name.icontains(name_contains, autoescape=True)
    total = c.execute(select(func.count()).select_from(resources).where(named)).scalar_one()
    page = select(*_r).where(named).order_by(_r.name, _r.id).limit(limit).offset(offset)
    found = [resource(row) for row in c.execute(page)]
    counted = (
        select(
            violations.c.resource_id,
            func.count(violations.c.id.distinct()).label("violations"),
            func.count(tickets.c.id).label("tickets"),
        )
        .outerjoin_from(violations, tickets, tickets.c.violation_id == violations.c.id)
        .where(violations.c.resource_id.in_([one.id for one in found]))
        .group_by(violations.c.resource_id)
    )
    numbers = {row.resource_id: (row.violations, row.tickets) for row in c.execute(counted)}
    return total, [Scanned(one, *numbers.get(one.id, (0, 0))) for one in found]


def put_many(c: Connection, rows: Sequence[bulk.Row]) -> tuple[dict[str, int], bulk.Counted]:
    """Makes sure that these resources are known: dicts of public_id, the `IDENTITY` and package_type. See bulk.put."""
    return bulk.put(c, resources, rows, ("package_type",), {})


def resource(row: Any) -> Resource:
    """The resource in a row that holds its columns in the order of the table."""
    first, public, kind, *rest = tuple(row)[: len(_r)]
    return Resource(first, public, ResourceType(kind), *rest)
