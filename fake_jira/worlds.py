"""Worlds: each is all state of one Jira behind one lock, with its clock, faults, journal and switches.

Made, forked, snapshotted and restored by copying dicts, so tests run side by side on one server without meeting.
"""

import re
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock, RLock
from typing import Any

from fake_jira.clock import Clock
from fake_jira.errors import Invalid, NotThere
from fake_jira.faults import FaultBook
from fake_jira.journal import Journal
from fake_jira.model.catalogue import fresh_state
from fake_jira.model.events import Event
from fake_jira.model.sample import sow
from fake_jira.model.state import CLOUD, Site, State

DEFAULT = "default"
PREFIX_WORLD = "fake_jira.world"  # where the prefix /worlds/NAME is kept in the WSGI environment
_NAMESPACE = uuid.UUID("5b5d8f0e-0c2f-4f43-8e8c-5d7a4e1b7a10")
_NAME = re.compile("[A-Za-z0-9_.-]{1,100}")  # as can stand in a path and in a header
_CHOICES = {
    "enhanced_missing_key": ("omit", "reject"),
    "search_pages": ("whole", "short", "doubled"),
    "bad_basic": ("anonymous", "refuse"),
    "rate_limit_body": ("json", "html", "empty"),
    "unavailable_body": ("html", "json", "empty", "tomcat"),
    "gateway_dead_token": (401, 403, 404),
    "bad_auth_code": (403, 400),
    "basic_auth": ("on", "off"),
    "anonymous_access": ("closed", "open"),
    "points_pool": ("global", "tenant"),
    "data_center_retry_after": ("seconds", "zero"),
    "server_state": ("RUNNING", "STARTING", "MAINTENANCE", "ERROR"),
}

_SECONDS = ("index_delay", "refresh_leeway", "task_seconds")
_COUNTS = {f"{kind}_per_issue" for kind in ("comments", "worklogs", "attachments", "links", "remote_links")} | {
    "upload_limit",
    "captcha_after",
    "burst_limit",
    "issue_writes_in_2s",
    "issue_writes_in_30s",
    "points_per_hour",
    "bucket_limit",
    "bucket_fill",
    "bucket_seconds",
}
_FROM_ONE = {"points_per_hour", "bucket_limit", "bucket_fill", "bucket_seconds"}
_TEXTS = {"rate_limit_exempt"}


@dataclass(frozen=True, slots=True)
class Switches:
    """What differs between live sites, or where the evidence is thin [jira 8]. `index_delay` in seconds.

    `refresh_leeway`: seconds for which a refresh token that was used can be used again [jira 4.2]. `gateway_dead_token`
    and `bad_auth_code` are statuses. `..._per_issue`: how much Cloud lets one issue hold [jira 7.1]; `upload_limit`:
    bytes of a file.
    `task_seconds`: how long a bulk operation looks unfinished. `rate_limits` turns the limits of [jira 7] on: on Cloud
    `burst_limit` requests a second for every endpoint (0 = as documented), writes per issue (0 = without end), points
    per hour for apps; on Data Center a bucket per user that holds `bucket_limit` and gets `bucket_fill` every
    `bucket_seconds`, but for the names in `rate_limit_exempt`. `unavailable_body` is `tomcat` at first on Data Center.
    Of Data Center: `captcha_after` so many wrong passwords, 0 = never; while `server_state` is not RUNNING all is 503.
    """

    index_delay: float = 0.0
    enhanced_missing_key: str = "omit"
    search_pages: str = "whole"
    bulkfetch_errors: bool = False
    bad_basic: str = "anonymous"
    rate_limit_body: str = "json"
    unavailable_body: str = "html"
    comments_per_issue: int = 5000
    worklogs_per_issue: int = 10_000
    attachments_per_issue: int = 2000
    links_per_issue: int = 2000
    remote_links_per_issue: int = 2000
    upload_limit: int = 10_485_760
    gateway_dead_token: int = 401
    bad_auth_code: int = 403
    refresh_leeway: float = 600.0
    refresh_ends_after_a_year: bool = True
    captcha_after: int = 3
    basic_auth: str = "on"
    anonymous_access: str = "closed"
    server_state: str = "RUNNING"
    task_seconds: float = 0.0
    rate_limits: bool = False
    burst_limit: int = 0
    issue_writes_in_2s: int = 20
    issue_writes_in_30s: int = 100
    points_per_hour: int = 65_000
    points_pool: str = "global"
    bucket_limit: int = 5
    bucket_fill: int = 5
    bucket_seconds: int = 1
    data_center_retry_after: str = "seconds"
    rate_limit_exempt: str = ""

    def changed(self, **values: Any) -> "Switches":
        """The same with some switches set otherwise; Invalid names the one that cannot be."""
        for name, value in values.items():
            if name not in self.__dataclass_fields__:
                raise Invalid(f"There is no setting '{name}'; there are: {', '.join(self.__dataclass_fields__)}.")
            _check(name, value)
        return replace(self, **values)


def _check(name: str, value: Any) -> None:
    if name in _CHOICES:
        if value not in _CHOICES[name] or type(value) is not type(_CHOICES[name][0]):
            raise Invalid(f"The setting '{name}' is one of: {', '.join(map(str, _CHOICES[name]))}.")
    elif name in _SECONDS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
            raise Invalid(f"The setting '{name}' is a number of seconds from 0 to 86400.")
    elif name in _COUNTS:
        least = 1 if name in _FROM_ONE else 0
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise Invalid(f"The setting '{name}' is a whole number from {least} on.")
    elif name in _TEXTS:
        if not isinstance(value, str):
            raise Invalid(f"The setting '{name}' is a text.")
    elif not isinstance(value, bool):
        raise Invalid(f"The setting '{name}' is true or false.")


@dataclass(frozen=True, slots=True)
class Footing:
    """What an answer rests on: as long as all of this is still there, the same question has the same answer.

    `records` are (dict of the state, key, what stood there); records are never changed, only replaced.
    """

    state: State
    settings: Switches
    edition: int
    records: tuple[tuple[Mapping[Any, Any], Any, Any], ...]

    def holds(self, world: "World") -> bool:
        state = self.state
        if world.state is not state or world.settings is not self.settings or state.edition != self.edition:
            return False
        for holder, key, record in self.records:  # noqa: SIM110 - a generator costs a microsecond
            if holder.get(key) is not record:
                return False
        return True


@dataclass
class World:
    """One Jira. Whoever reads or writes `state` holds `lock`; `findings` are the result lists of searches under way."""

    name: str
    clock: Clock
    state: State
    settings: Switches = field(default_factory=Switches)
    faults: FaultBook = field(default_factory=FaultBook)
    journal: Journal = field(default_factory=Journal)
    lock: RLock = field(default_factory=RLock)
    findings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    limits: dict[Any, Any] = field(default_factory=dict)  # what rate limits remember
    limits_lock: Lock = field(default_factory=Lock)
    snapshots: dict[str, tuple[State, Switches, Clock]] = field(default_factory=dict)
    outbox: deque[Event] = field(default_factory=lambda: deque(maxlen=10_000))  # what webhooks have not been told yet
    deliveries: deque[Any] = field(default_factory=deque)  # what is on its way to them (`webhooks/`)

    def __post_init__(self) -> None:
        self.made = self._picture()
        self.cloud_id = str(uuid.uuid5(_NAMESPACE, self.name))  # the id of the site at Atlassian's gateway

    def now(self) -> datetime:
        """The present instant of this world, aware, in UTC."""
        return self.clock.now()

    @property
    def site(self) -> Site:
        """What the verbs of `model/` work on."""
        listened_to = self.state.webhooks or self.state.admin_webhooks
        delay = timedelta(seconds=self.settings.index_delay)
        return Site(self.state, self.clock, delay, self.outbox if listened_to else None)

    def footing(self, *records: tuple[Mapping[Any, Any], Any, Any]) -> Footing:
        """What an answer made now of these records rests on. Whoever asks holds `lock`."""
        return Footing(self.state, self.settings, self.state.edition, records)

    def settle(self) -> None:
        """What the world holds now is what a reset goes back to (after seeding or loading)."""
        with self.lock:
            self.made = self._picture()

    def _picture(self) -> tuple[State, Switches, Clock]:
        return self.state.copy(), self.settings, self.clock.copy()

    def _hang(self, picture: tuple[State, Switches, Clock]) -> None:
        state, self.settings, clock = picture
        self.state = state.copy()
        self.clock.offset = clock.offset
        self.findings.clear()
        self.limits.clear()
        self.outbox.clear()
        self.deliveries.clear()


class Worlds:
    """All worlds of one server, by name. Whoever resets one clears its faults first, which heals what they did."""

    def __init__(self, flavour: str = CLOUD, settings: Mapping[str, Any] | None = None) -> None:
        self.flavour = flavour
        usual = Switches() if flavour == CLOUD else Switches(unavailable_body="tomcat")  # [jira 2.10]
        self.settings = usual.changed(**(settings or {}))  # of every world that is made anew
        self._worlds: dict[str, World] = {}
        self._lock = RLock()
        self.make(DEFAULT)

    def __iter__(self) -> Iterator[World]:
        return iter(list(self._worlds.values()))

    def names(self) -> list[str]:
        return list(self._worlds)

    def get(self, name: str) -> World:
        """The world, or NotThere."""
        world = self._worlds.get(name)
        if world is None:
            raise NotThere(f"There is no world '{name}'; there are: {', '.join(self._worlds)}.")
        return world

    def holds(self, world: World) -> bool:
        """Whether this very world is one of them."""
        return self._worlds.get(world.name) is world

    def by_cloud_id(self, cloud_id: str) -> World | None:
        """The world that Atlassian's gateway knows by this id."""
        return next((world for world in self if world.cloud_id == cloud_id), None)

    def by_token(self, secret: str) -> World | None:
        """The one world besides the default that knows this token; None if none or several do."""
        owners = [world for world in self if world.name != DEFAULT and secret in world.state.tokens]
        return owners[0] if len(owners) == 1 else None

    def make(self, name: str, *, seed: int | None = None, issues: int = 0) -> World:
        """A fresh world, with sample issues if asked for. Invalid if the name is taken or odd."""
        clock = Clock()
        world = World(name, clock, fresh_state(clock, self.flavour), self.settings)
        if issues:
            sow(world.site, seed or 0, issues)
            world.settle()
        return self._add(world)

    def fork(self, name: str, new: str) -> World:
        """A new world with the state, settings and time of another, without its faults and journal."""
        world = self.get(name)
        with world.lock:
            state, settings, clock = world._picture()
        return self._add(World(new, clock, state, settings))

    def snapshot(self, name: str, snapshot: str) -> None:
        """Remember the world under a name; one of the same name is replaced."""
        world = self.get(name)
        with world.lock:
            world.snapshots[snapshot] = world._picture()

    def restore(self, name: str, snapshot: str) -> None:
        """Back to what was remembered; NotThere if nothing was."""
        world = self.get(name)
        with world.lock:
            picture = world.snapshots.get(snapshot)
            if picture is None:
                raise NotThere(f"The world '{name}' has no snapshot '{snapshot}'.")
            world._hang(picture)

    def reset(self, name: str) -> None:
        """Back to the world as it was made, with an empty journal and no faults."""
        world = self.get(name)
        with world.lock:
            world._hang(world.made)
            world.faults, world.journal = FaultBook(), Journal()

    def drop(self, name: str) -> None:
        """Forget a world; the default one stays."""
        if name == DEFAULT:
            raise Invalid("The default world cannot be dropped; reset it instead.")
        self.get(name)
        with self._lock:
            del self._worlds[name]

    def _add(self, world: World) -> World:
        if not _NAME.fullmatch(world.name):
            raise Invalid("A world's name has 1 to 100 letters (a to z), digits, '-', '_' and '.'.")
        with self._lock:
            if world.name in self._worlds:
                raise Invalid(f"There is already a world '{world.name}'.")
            self._worlds[world.name] = world
        return world
