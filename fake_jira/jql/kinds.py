"""What a field of JQL is: which values it takes, how issues hold them, how they are ordered, who may ask.

A field turns a written value into the keys that issues are compared by; a value nobody knows has none, and so finds
nothing [jira 2.5].
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from fake_jira.model.records import Issue, User
from fake_jira.model.state import State

EQUALS = ("=", "!=")
AMONG = ("IN", "NOT IN")
EMPTINESS = ("IS", "IS NOT")
ORDERED = ("<", "<=", ">", ">=")
TEXTUAL = ("~", "!~")
PAST = ("WAS", "WAS NOT", "WAS IN", "WAS NOT IN", "CHANGED")
PLAIN = EQUALS + AMONG
USUAL = PLAIN + EMPTINESS
COMPARED = USUAL + ORDERED


@dataclass(frozen=True)
class Asker:
    """Who asks, when and where: what currentUser(), now() and plain dates mean. `strict`: refuse unknown keys."""

    state: State
    user: User | None
    now: datetime
    zone: tzinfo = UTC
    strict: bool = False


def nothing(_: Asker, __: str) -> set[Any]:
    """For fields whose values are not looked up."""
    return set()


@dataclass(frozen=True, eq=False)
class Field:
    """`held`: what an issue has of it (none = empty). `meant`: the keys a written value stands for.

    `kind`: "keys", "instant", "day", "text", "number" or "duration" (in seconds). `of`: what the values are ("user",
    "project", ...), which decides what functions may stand for them. `rank` puts keys in order, where the field has <
    and >; `sort` orders issues. `past`: what the changelog calls it, where it has WAS and CHANGED. `hideable`: a field
    that configurations of fields can hide, so that an anonymous caller who sees no project does not see it either.
    """

    name: str
    kind: str
    held: Callable[[Asker, Issue], tuple[Any, ...]]
    operators: tuple[str, ...]
    meant: Callable[[Asker, str], set[Any]] = nothing
    sort: Callable[[Asker, Issue], Any] | None = None
    rank: Callable[[Asker, Any], Any] | None = None
    of: str = "text"
    past: str | None = None
    hideable: bool = False
    custom_id: str | None = None
