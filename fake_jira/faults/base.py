"""What all faults have in common: a selector, a trigger, and fields that are their JSON.

A fault is a frozen dataclass; each field is a property of the JSON that arms it, checked here against the field's type
and here against the world (a rule that names nothing that exists is refused). Makes no answer itself.
"""

import types
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, Union, get_args, get_origin, get_type_hints

from fake_jira.faults.names import FaultRefused, issue_named, project_named, user_named

if TYPE_CHECKING:
    from flask import Response

    from fake_jira.faults.hit import Hit
    from fake_jira.worlds import World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST_WAIT = 365 * 86_400  # seconds
Body = Literal["html", "json", "empty"]


@dataclass(frozen=True)
class Asked:
    """What a selector looks at in one request; `issue` and `project` are the ids that the path names, if any."""

    operation: str | None
    method: str
    path: str
    user: str | None
    issue: str | None
    project: str | None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A way to misbehave. `name` is what it is called in JSON; `from` and `until` are instants of the world's clock."""

    name: ClassVar[str]
    is_silent: ClassVar[bool] = False  # sends no answer at all

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """The fault from its JSON fields. Raises FaultRefused with a sentence that names the field."""
        hints = get_type_hints(cls)
        known = {json_name(field.name): field for field in fields(cls)}
        for key in given:
            if key not in known:
                raise FaultRefused(
                    f"The fault {cls.name} has no field {key!r}; it has {', '.join(known) or 'no fields'}."
                )
        values = {known[key].name: _typed(cls.name, key, value, hints[known[key].name]) for key, value in given.items()}
        for key, field in known.items():
            if field.default is MISSING and key not in given:
                raise FaultRefused(f"The fault {cls.name} needs the field {key!r}.")
        fault = cls(**values)
        fault.check()
        return fault

    def check(self) -> None:
        """Raises FaultRefused when the fields contradict each other or are out of range."""

    def check_names(self, world: "World", operations: Collection[str]) -> None:
        """Raises FaultRefused when a field names an operation, issue, project or user that does not exist."""

    def as_json(self) -> dict[str, Any]:
        """The fields that differ from their defaults."""
        shown = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                shown[json_name(field.name)] = _instant(value) if isinstance(value, datetime) else value
        return shown


@dataclass(frozen=True, kw_only=True)
class Windowed(Fault):
    """A fault that may be bound to a window of the world's clock: `from` included, `until` not."""

    from_: datetime | None = None
    until: datetime | None = None

    def check(self) -> None:
        if self.from_ and self.until and self.until <= self.from_:
            raise FaultRefused(f"The fault {self.name} would never act: 'until' is not after 'from'.")

    def in_window(self, now: datetime) -> bool:
        return (self.from_ is None or self.from_ <= now) and (self.until is None or now < self.until)


@dataclass(frozen=True, kw_only=True)
class RequestFault(Windowed, ABC):
    """A fault that acts on requests. Selector: which ones match. Trigger: which of the matching ones are hit."""

    operation: str | None = None
    method: str | None = None
    path: str | None = None  # a glob: /rest/api/*/issue/*
    project: str | None = None  # id or key; requests whose path names it or one of its issues
    issue: str | None = None  # id or key; requests whose path names it
    user: str | None = None  # e-mail address or account id of the caller
    times: int | None = None  # only the next so many
    after: int = 0  # so many matching requests pass first
    every: int = 1  # then every so-manieth is hit

    def check(self) -> None:
        super().check()
        for name, least in (("times", 1), ("after", 0), ("every", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise FaultRefused(f"The fault {self.name}: {name!r} must be at least {least}, not {value}.")
        if self.method is not None and self.method not in METHODS:
            raise FaultRefused(f"The fault {self.name}: {self.method!r} is not one of {', '.join(METHODS)}.")
        if self.path is not None and not self.path.startswith(("/", "*")):
            raise FaultRefused(
                f"The fault {self.name}: 'path' is a glob that starts with / or *, such as /rest/api/*/issue/*; "
                f"{self.path!r} can match nothing."
            )

    def check_names(self, world: "World", operations: Collection[str]) -> None:
        if self.operation is not None and self.operation not in operations:
            raise FaultRefused(
                f"The fault {self.name}: there is no operation {self.operation!r}; "
                f"there are {', '.join(sorted(operations))}."
            )
        if self.project is not None:
            project_named(world, self.name, self.project)
        if self.issue is not None:
            issue_named(world, self.name, self.issue)
        if self.user is not None:
            user_named(world, self.name, self.user)

    def fires(self, matched: int, hits: int) -> bool:
        """Whether the `matched`-th matching request (1 = the first) is hit after `hits` hits before it."""
        if self.times is not None and hits >= self.times:
            return False
        return matched > self.after and (matched - self.after) % self.every == 0

    def takes_the_answer(self) -> bool:
        """Whether the request is carried out and only its answer is taken away."""
        return False

    @abstractmethod
    def answer(self, hit: "Hit") -> "Response":
        """The answer in Jira's place."""


@dataclass(frozen=True, kw_only=True)
class WorldFault(Fault, ABC):
    """A fault that changes the world as it is armed and heals it as it is cleared."""

    @abstractmethod
    def strike(self, world: "World") -> Any:
        """Changes the world; gives back what `heal` needs."""

    @abstractmethod
    def heal(self, world: "World", before: Any) -> None:
        """Undoes `strike`; what has changed since then by other hands stays."""


def matches(fault: RequestFault, asked: Asked, targets: Mapping[str, str]) -> bool:
    """Whether a request is one the selector means. `targets`: ids of its issue, project and user, looked up once."""
    return (
        (fault.operation is None or fault.operation == asked.operation)
        and (fault.method is None or fault.method == asked.method)
        and (fault.path is None or fnmatchcase(asked.path, fault.path))
        and (fault.issue is None or targets["issue"] == asked.issue)
        and (fault.project is None or targets["project"] == asked.project)
        and (fault.user is None or targets["user"] == asked.user)
    )


def check_retry_after(fault: str, seconds: int) -> None:
    """Raises FaultRefused unless a client could be told to wait that long."""
    if not 0 <= seconds <= LONGEST_WAIT:
        raise FaultRefused(
            f"The fault {fault}: 'retry_after' must be at least 0 and at most {LONGEST_WAIT} (a year), not {seconds}."
        )


def json_name(field_name: str) -> str:
    return field_name.removesuffix("_")


def _typed(fault: str, key: str, value: Any, hint: Any) -> Any:
    """`value` if it is of the hinted type; instants are read from RFC 3339."""
    if get_origin(hint) in (Union, types.UnionType):
        if value is None:
            return None
        hint = next(choice for choice in get_args(hint) if choice is not types.NoneType)
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
        raise FaultRefused(f"The fault {fault}: {key!r} must be one of {', '.join(get_args(hint))}, not {value!r}.")
    if hint is datetime:
        return _read_instant(fault, key, value)
    if type(value) is hint:  # a bool is no int here
        return value
    words = {str: "a text", int: "a whole number", bool: "true or false"}
    raise FaultRefused(f"The fault {fault}: {key!r} must be {words[hint]}, not {value!r}.")


def _read_instant(fault: str, key: str, value: Any) -> datetime:
    try:
        read = datetime.fromisoformat(value)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise FaultRefused(
        f"The fault {fault}: {key!r} must be an instant with its offset such as 2026-03-01T00:00:00Z, not {value!r}."
    )


def _instant(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
