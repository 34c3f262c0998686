"""How much one caller may ask: Cloud's burst, per-issue and hourly limits, Data Center's token bucket [jira 7].

Everything counts by the world's clock and is remembered in the world, so that a test that moves the clock refills the
buckets. Knows no HTTP: what a refusal looks like is the flavours' business. Off unless the switch `rate_limits` is on.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from typing import Any

from fake_jira.edge import BURST, PER_ISSUE, QUOTAS
from fake_jira.worlds import World

A_SECOND = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}  # refilled a second, per tenant, endpoint and method
EXCEPTIONS = {"getIssue": 150, "getChangeLogs": 200, "getUser": 150, "countIssues": 150, "getProjectRole": 200}
CAPACITY = {50: 300, 100: 350, 150: 400, 200: 500}  # the bucket that goes with a rate, as measured [jira 7.1]
SMALL = {"createIssue": 200, "doTransition": 200}  # recorded with less
NEAR = 0.2  # from here on the headers warn
WRITES = ("POST", "PUT", "DELETE")
READ_BY_POST = ("search", "bulkFetch", "count", "match", "get", "parse")  # how the names of such operations begin
LISTS = ("issues", "values", "users", "groups", "comments", "worklogs", "permissions", "permissionSchemes")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit; `wait`: seconds until one more is allowed, 0 while there is some."""

    reason: str
    limit: int
    remaining: int
    a_second: int
    wait: float = 0.0

    @property
    def spent(self) -> bool:
        return self.wait > 0

    @property
    def retry_after(self) -> int:
        """Whole seconds, never less than has to be waited."""
        return max(1, ceil(self.wait))

    @property
    def near(self) -> bool:
        return self.remaining < self.limit * NEAR


def burst(world: World, operation: str, method: str, now: datetime) -> Allowance:
    """Cloud: a token bucket per tenant, endpoint and method; takes one token."""
    everywhere = world.settings.burst_limit
    rate = everywhere or EXCEPTIONS.get(operation, A_SECOND.get(method, 100))
    capacity = everywhere or SMALL.get(operation, CAPACITY[rate])
    return _taken(world, ("burst", operation, method), reason=BURST, capacity=capacity, rate=rate, now=now)


def writes(operation: str, method: str) -> bool:
    """Whether the operation changes something; some read by POST."""
    return method in WRITES and not operation.startswith(READ_BY_POST)


def per_issue(world: World, issue_id: str, now: datetime) -> list[Allowance]:
    """Cloud: so many writes to one issue within 2 and within 30 seconds; notes this one if both allow it."""
    settings = world.settings
    spans = ((settings.issue_writes_in_2s, 2), (settings.issue_writes_in_30s, 30))
    with world.limits_lock:
        written: deque[datetime] = world.limits.setdefault(("issue", issue_id), deque())
        while written and written[0] <= now - timedelta(seconds=30):
            written.popleft()
        found = [_within(written, limit, seconds, now) for limit, seconds in spans if limit]
        if not any(each.spent for each in found):
            written.append(now)
    return found


def _within(written: Sequence[datetime], limit: int, seconds: int, now: datetime) -> Allowance:
    span = timedelta(seconds=seconds)
    lately = [at for at in written if at > now - span]
    if len(lately) < limit:
        return Allowance(PER_ISSUE, limit, limit - len(lately) - 1, limit // seconds)
    return Allowance(PER_ISSUE, limit, 0, limit // seconds, (lately[-limit] + span - now).total_seconds())


def quota(world: World, app: str, now: datetime, points: int = 0) -> Allowance:
    """Cloud: the points that an app has in the present hour; spends `points` of them. Resets at the top of the hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    limit = world.settings.points_per_hour
    with world.limits_lock:
        since, spent = world.limits.get(("points", app), (hour, 0))
        spent = (spent if since == hour else 0) + points
        world.limits["points", app] = (hour, spent)
    wait = (hour + timedelta(hours=1) - now).total_seconds() if spent >= limit else 0.0
    return Allowance(QUOTAS[world.settings.points_pool], limit, max(0, limit - spent), limit // 3600, wait)


def bucket(world: World, account_id: str, now: datetime) -> Allowance:
    """Data Center: a token bucket per user; takes one token."""
    settings = world.settings
    rate = settings.bucket_fill / settings.bucket_seconds
    return _taken(world, ("user", account_id), reason="", capacity=settings.bucket_limit, rate=rate, now=now)


def cost(operation: str, method: str, body: Any, identities: frozenset[str]) -> int:
    """The points of an answered call: 1, and per object in the answer 1, or 2 where objects are people and rights."""
    if writes(operation, method):
        return 1
    each = 2 if operation in identities else 1
    return 1 + each * _objects(body)


def _objects(body: Any) -> int:
    if isinstance(body, list):
        return len(body)
    if isinstance(body, Mapping):
        held = [count for name in LISTS if (count := _held(body.get(name), name)) is not None]
        return sum(held) if held else 1
    return 0


def _held(value: Any, name: str) -> int | None:
    """How many there are in a list, in the list of the same name in a picker's part, or of permissions by name."""
    if isinstance(value, Mapping):
        value = value if name == "permissions" else value.get(name)
    return len(value) if isinstance(value, list | Mapping) else None


def _taken(world: World, key: tuple[str, ...], *, reason: str, capacity: int, rate: float, now: datetime) -> Allowance:
    """One token of a bucket that holds `capacity` and is refilled by `rate` a second."""
    with world.limits_lock:
        tokens, at = world.limits.get(key, (float(capacity), now))
        tokens = min(float(capacity), tokens + max(0.0, (now - at).total_seconds()) * rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
        world.limits[key] = (tokens if wait else tokens - 1, now)
    left = 0 if wait else floor(tokens - 1)
    return Allowance(reason, capacity, left, int(rate), wait)
