"""The faults of one world: armed in order, asked for each request, cleared by id or name.

With nothing armed a request pays one look at an empty list. Exact before all: the first matching fault in the order
of arming wins, and every matching request is counted, hit or not. Knows no HTTP.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, RLock
from typing import TYPE_CHECKING, Any

from fake_jira.faults.base import Asked, Fault, RequestFault, Windowed, WorldFault, matches
from fake_jira.faults.catalogue import FAULTS
from fake_jira.faults.names import FaultRefused, issue_named, project_named, user_named
from fake_jira.faults.outage import Outage

if TYPE_CHECKING:
    from fake_jira.worlds import World


@dataclass
class Armed:
    """A fault at work: what it has seen and hit, and for a world fault what healing needs."""

    id: str
    fault: Fault
    matched: int = 0
    hits: int = 0
    before: Any = None
    targets: dict[str, str] = field(default_factory=dict)  # what the selector names, as ids: keys may move
    cleared: Event = field(default_factory=Event)

    def is_active(self, now: datetime) -> bool:
        """Whether it can still hit: inside its window, and its `times` not spent."""
        if isinstance(self.fault, RequestFault) and self.fault.times is not None and self.hits >= self.fault.times:
            return False
        return not isinstance(self.fault, Windowed) or self.fault.in_window(now)

    def does_as(self, other: "Armed") -> bool:
        """Whether both are the same fault of the same issue, project and user, however these were named."""
        return type(self.fault) is type(other.fault) and self._aim() == other._aim()

    def _aim(self) -> dict[str, Any]:
        return self.fault.as_json() | self.targets

    def as_json(self, now: datetime) -> dict[str, Any]:
        """As `/_control/faults` shows it. An outage refuses in the kernel, so its hits cannot be counted: null."""
        hits = None if isinstance(self.fault, Outage) else self.hits
        name = {"id": self.id, "fault": self.fault.name, "hits": hits, "active": self.is_active(now)}
        return {**name, **self.fault.as_json()}


class FaultBook:
    """All armed faults of a world. Thread-safe: whoever needs the world's lock too takes that one first."""

    def __init__(self) -> None:
        self._armed: list[Armed] = []
        self._last_id = 0
        self._lock = RLock()

    def __bool__(self) -> bool:
        return bool(self._armed)

    def arm(
        self,
        world: "World",
        name: str,
        given: Mapping[str, Any],
        operations: Collection[str],
    ) -> Armed:
        """Arms the fault `name` with these JSON fields; a world fault strikes at once. Raises FaultRefused."""
        kind = FAULTS.get(name)
        if kind is None:
            raise FaultRefused(f"There is no fault {name!r}; there are {', '.join(FAULTS)}.")
        fault = kind.parse(given)
        with world.lock, self._lock:
            fault.check_names(world, operations)
            armed = Armed(f"fault-{self._last_id + 1}", fault, targets=_targets(world, fault))
            if isinstance(fault, WorldFault):
                armed.before = fault.strike(world)
                armed.hits = 1
            self._last_id += 1
            self._armed.append(armed)
        return armed

    def hit(self, asked: Callable[[], Asked], now: datetime) -> Armed | None:
        """The fault that hits this request, counted; None lets it pass. `asked` is called only if one may match."""
        with self._lock:
            request: Asked | None = None
            for armed in self._armed:
                fault = armed.fault
                if not isinstance(fault, RequestFault) or not fault.in_window(now):
                    continue
                request = request or asked()
                if not matches(fault, request, armed.targets):
                    continue
                armed.matched += 1
                if fault.fires(armed.matched, armed.hits):
                    armed.hits += 1
                    return armed
        return None

    def clear(self, world: "World", id_or_name: str | None = None) -> int:
        """Clears one fault by id, all of a name, or all (None); world faults heal, hanging requests end. How many.

        What a world fault changed stays changed while another does the same to the same; the last one gone heals it.
        """
        with world.lock, self._lock:
            going = [a for a in self._armed if id_or_name is None or id_or_name in (a.id, a.fault.name)]
            staying = [armed for armed in self._armed if armed not in going]
            for armed in reversed(going):  # undone in the opposite order, so that overlapping ones heal fully
                if isinstance(armed.fault, WorldFault):
                    later = self._armed[self._armed.index(armed) + 1 :]
                    heir = next((each for each in later if each in staying and each.does_as(armed)), None)
                    if heir is None:
                        armed.fault.heal(world, armed.before)
                    else:
                        heir.before = armed.before
                armed.cleared.set()
            self._armed = staying
        return len(going)

    def forget(self) -> None:
        """Drops all faults without healing, for a world whose state is replaced anyway; hanging requests end."""
        with self._lock:
            for armed in self._armed:
                armed.cleared.set()
            self._armed = []

    def copy(self) -> "FaultBook":
        """The same faults for a fork: counts go on separately, and each world heals its own state."""
        other = FaultBook()
        with self._lock:
            other._last_id = self._last_id
            other._armed = [
                Armed(a.id, a.fault, a.matched, a.hits, a.before, dict(a.targets)) for a in self._armed
            ]  # fmt: skip
        return other

    def struck(self) -> list[str]:
        """The names of the world faults that act now."""
        with self._lock:
            return [armed.fault.name for armed in self._armed if isinstance(armed.fault, WorldFault)]

    def listing(self, now: datetime) -> list[dict[str, Any]]:
        """All armed faults in order of arming, as JSON."""
        with self._lock:
            return [armed.as_json(now) for armed in self._armed]

    def has_outage(self, now: datetime) -> bool:
        """Whether the site must refuse connections now."""
        with self._lock:
            return any(isinstance(armed.fault, Outage) and armed.fault.in_window(now) for armed in self._armed)


def _targets(world: "World", fault: Fault) -> dict[str, str]:
    """The ids of the issue, project and user that a fault names, looked up once, as it is armed."""
    targets: dict[str, str] = {}
    issue, project, user = (getattr(fault, name, None) for name in ("issue", "project", "user"))
    if issue is not None:
        targets["issue"] = issue_named(world, fault.name, issue).id
    if project is not None:
        targets["project"] = project_named(world, fault.name, project).id
    if user is not None:
        targets["user"] = user_named(world, fault.name, user).account_id
    return targets
