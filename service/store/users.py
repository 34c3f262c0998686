"""Who may call: users with a role and the hash of their one token."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from service.errors import NameTaken
from service.store.tables import users

_COLUMNS = (users.c.id, users.c.name, users.c.role, users.c.created_at)


class Role(StrEnum):
    """What a user may do: a viewer reads and refreshes, an admin does everything."""

    ADMIN = "admin"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class User:
    """A user; the token is known to nobody but its owner."""

    id: int
    name: str
    role: Role
    created_at: datetime


def add(c: Connection, name: str, role: Role, token_hash: str, now: datetime) -> User:
    """A new user, known by the token that hashes to `token_hash`. Raises NameTaken."""
    values = {"name": name, "role": role.value, "token_hash": token_hash, "created_at": now}
    try:
        return _user(c.execute(insert(users).values(values).returning(*_COLUMNS)).one())
    except IntegrityError:
        raise NameTaken(f"There is a user {name!r}, or one with this token, already.") from None


def by_token_hash(c: Connection, token_hash: str) -> User | None:
    """The user whose token hashes to `token_hash`."""
    row = c.execute(select(*_COLUMNS).where(users.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _user(row)


def by_name(c: Connection, name: str) -> User | None:
    """The user called `name`."""
    row = c.execute(select(*_COLUMNS).where(users.c.name == name)).one_or_none()
    return None if row is None else _user(row)


def names(c: Connection) -> list[str]:
    """The names of all users, in order."""
    return list(c.execute(select(users.c.name).order_by(users.c.name)).scalars())


def _user(row: Any) -> User:
    return User(row.id, row.name, Role(row.role), row.created_at)
