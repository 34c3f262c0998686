"""How much one caller may ask: Cloud's burst, per-issue and hourly limits, Data Center's token bucket [jira 7].

Everything counts by the world's clock and is remembered in the world, so that a test that moves the clock refills the
buckets. Knows no HTTP: what a refusal looks like is the flavours' business. Off unless the switch `rate_limits` is on.
"""

from collections import deque
from collections.abc import Mapping
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


def per_issue(world: World, issue_id: str, now: datetime) -> Allowance:
    """Cloud: so many writes to one issue within 2 and within 30 seconds; notes this one if it is allowed."""
    few, many = world.settings.issue_writes_in_2s, world.settings.issue_writes_in_30s
    with world.limits_lock:
        written: deque[datetime] = world.limits.setdefault(("issue", issue_id), deque())
        while written and written[0] <= now - timedelta(seconds=30):
            written.popleft()
        lately = [at for at in written if at > now - timedelta(seconds=2)]
        if few and len(lately) >= few:
            wait = (lately[-few] + timedelta(seconds=2) - now).total_seconds()
            return Allowance(PER_ISSUE, few, 0, few // 2, wait)
        if many and len(written) >= many:
            wait = (written[-many] + timedelta(seconds=30) - now).total_seconds()
            return Allowance(PER_ISSUE, many, 0, many // 30, wait)
        written.append(now)
        return Allowance(PER_ISSUE, few, few - len(lately) - 1, few // 2)


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
    if method != "GET" and not operation.startswith(("search", "bulkFetch", "count", "match")):
        return 1
    each = 2 if operation in identities else 1
    return 1 + each * _objects(body)


def _objects(body: Any) -> int:
    if isinstance(body, list):
        return len(body)
    if isinstance(body, Mapping):
        lists = [body[name] for name in ("issues", "values", "users", "comments") if isinstance(body.get(name), list)]
        return len(lists[0]) if lists else 1
    return 0


def _taken(world: World, key: tuple[str, ...], *, reason: str, capacity: int, rate: float, now: datetime) -> Allowance:
    """One token of a bucket that holds `capacity` and is refilled by `rate` a second."""
    with world.limits_lock:
        tokens, at = world.limits.get(key, (float(capacity), now))
        tokens = min(float(capacity), tokens + max(0.0, (now - at).total_seconds()) * rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
        world.limits[key] = (tokens if wait else tokens - 1, now)
    left = 0 if wait else floor(tokens - 1)
    return Allowance(reason, capacity, left, int(rate), wait)
