"""How each flavour tells of its rate limits: headers of every answer while they are on, and the 429 [jira 2.9, 7].

What is left of a limit is worked out in `auth/rate_limits.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from flask import Request, Response, request

from fake_jira.auth import rate_limits
from fake_jira.auth.caller import Caller
from fake_jira.auth.gateway import HOME
from fake_jira.auth.rate_limits import A_SECOND, CAPACITY, Allowance
from fake_jira.documented import documented
from fake_jira.edge import BURST, PER_ISSUE, POOLS, rate_limited
from fake_jira.worlds import World

PEOPLE_AND_RIGHTS = ("Users", "User search", "Groups", "Group and user picker", "Myself", "Permissions",
                     "Project roles", "Project role actors", "Permission schemes")  # fmt: skip
TOMCAT = (
    "<!doctype html><html><head><title>HTTP Status 429 - Too Many Requests</title></head>"
    "<body><h1>HTTP Status 429 - Too Many Requests</h1><p>Rate limit exceeded.</p></body></html>"
)
ENDLESS = 2**63 - 1


class Limits(ABC):
    """The limits of one flavour."""

    @abstractmethod
    def allowances(
        self, world: World, caller: Caller, operation: str, method: str, issue_id: str | None
    ) -> Sequence[Allowance]:
        """What is left of each limit that this request counts against; it is counted."""

    @abstractmethod
    def refusal(self, world: World, asked: Request, spent: Allowance) -> Response:
        """The 429."""

    @abstractmethod
    def fault(self, world: World, asked: Request, reason: str, wait: int, body: str | None) -> Response:
        """A 429 that nobody has earned; `wait` in seconds, `body` is json, html or empty, None = as usual."""

    @abstractmethod
    def headers(self, world: World, caller: Caller, allowances: Sequence[Allowance]) -> Mapping[str, str]:
        """What an answer says of the limits."""

    @abstractmethod
    def charge(self, world: World, caller: Caller, operation: str, method: str, answer: Response) -> None:
        """Counts what an answer has cost, where that shows only afterwards."""


class CloudLimits(Limits):
    """Burst for everybody, writes per issue, points per hour for apps."""

    def allowances(
        self, world: World, caller: Caller, operation: str, method: str, issue_id: str | None
    ) -> Sequence[Allowance]:
        now = world.now()
        found = [rate_limits.burst(world, operation, method, now)]
        if issue_id is not None and rate_limits.writes(operation, method) and not found[0].spent:
            found.extend(rate_limits.per_issue(world, issue_id, now))
        if caller.app is not None:
            found.append(rate_limits.quota(_of_the_pool(world), caller.app, now))
        return found

    def refusal(self, world: World, asked: Request, spent: Allowance) -> Response:
        wait, body = spent.retry_after, world.settings.rate_limit_body
        return rate_limited(spent.reason, spent.limit, wait, world.now(), body, a_second=spent.a_second)

    def fault(self, world: World, asked: Request, reason: str, wait: int, body: str | None) -> Response:
        settings = world.settings
        a_second = A_SECOND["GET"]
        limits = {BURST: CAPACITY[a_second], PER_ISSUE: settings.issue_writes_in_2s}
        limit = limits.get(reason, settings.points_per_hour)
        return rate_limited(reason, limit, wait, world.now(), body or settings.rate_limit_body, a_second=a_second)

    def headers(self, world: World, caller: Caller, allowances: Sequence[Allowance]) -> Mapping[str, str]:
        """None for anonymous callers [jira 7.1]."""
        if caller.user is None:
            return {}
        first = allowances[0]
        sent = {
            "RateLimit-Policy": f'"{first.reason}";q={first.a_second};w=1',
            "RateLimit": f'"{first.reason}";r={first.remaining};t=1',
            "X-RateLimit-Limit": str(first.limit),
            "X-RateLimit-Remaining": str(first.remaining),
        }
        points = None
        if caller.app is not None:
            points = rate_limits.quota(_of_the_pool(world), caller.app, world.now())  # with what this answer has cost
            pool, left = POOLS[world.settings.points_pool], 3600 - world.now().minute * 60 - world.now().second
            sent["Beta-RateLimit-Policy"] = f'"{pool}";q={points.limit};w=3600'
            sent["Beta-RateLimit"] = f'"{pool}";r={points.remaining};t={left}'
        if any(each.near for each in (*allowances, points) if each):
            sent["X-RateLimit-NearLimit"] = "true"
        return sent

    def charge(self, world: World, caller: Caller, operation: str, method: str, answer: Response) -> None:
        if caller.app is not None:
            body: Any = None
            if answer.mimetype == "application/json" and answer.status_code < 400:
                body = orjson.loads(answer.get_data() or b"null")
            points = rate_limits.cost(operation, method, body, _people_and_rights())
            rate_limits.quota(_of_the_pool(world), caller.app, world.now(), points)


class DataCenterLimits(Limits):
    """A token bucket per user; `rate_limit_exempt` names who has none."""

    def allowances(
        self, world: World, caller: Caller, operation: str, method: str, issue_id: str | None
    ) -> Sequence[Allowance]:
        if caller.user is None or self._is_exempt(world, caller):
            return ()
        return (rate_limits.bucket(world, caller.user.account_id, world.now()),)

    def refusal(self, world: World, asked: Request, spent: Allowance) -> Response:
        return self.fault(world, asked, spent.reason, spent.retry_after, None)

    def fault(self, world: World, asked: Request, reason: str, wait: int, body: str | None) -> Response:
        """JSON for who asks for it, else the container's page, unless `body` says otherwise."""
        kind = body or ("json" if "application/json" in asked.headers.get("Accept", "") else "html")
        if kind == "json":
            message = orjson.dumps({"message": "Rate limit exceeded."})
            answer = Response(message, 429, content_type="application/json;charset=UTF-8")
        else:
            answer = Response(TOMCAT if kind == "html" else "", 429, content_type="text/html;charset=utf-8")
        answer.headers.update(_of_the_bucket(world, world.settings.bucket_limit, 0, wait))
        return answer

    def headers(self, world: World, caller: Caller, allowances: Sequence[Allowance]) -> Mapping[str, str]:
        if caller.user is None:
            return {}
        if not allowances:
            return {
                "X-RateLimit-Limit": "-1",
                "X-RateLimit-Remaining": str(ENDLESS),
                "X-RateLimit-FillRate": "-1",
                "X-RateLimit-Interval-Seconds": "-1",
                "Retry-After": "0",
            }
        (left,) = allowances
        return _of_the_bucket(world, left.limit, left.remaining, left.retry_after if left.spent else 0)

    def charge(self, world: World, caller: Caller, operation: str, method: str, answer: Response) -> None:
        """A request is a token, whatever it brings."""

    def _is_exempt(self, world: World, caller: Caller) -> bool:
        names = {name.strip() for name in world.settings.rate_limit_exempt.split(",")}
        return caller.user is not None and caller.user.name in names


def _of_the_pool(world: World) -> World:
    """Where an app's points are counted: a global pool is one for all sites that know its token [jira 7.1]."""
    home: World | None = request.environ.get(HOME)
    return home if home is not None and world.settings.points_pool == "global" else world


def _of_the_bucket(world: World, limit: int, remaining: int, wait: int) -> dict[str, str]:
    """Data Center's headers [jira 7.2]."""
    settings = world.settings
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-FillRate": str(settings.bucket_fill),
        "X-RateLimit-Interval-Seconds": str(settings.bucket_seconds),
        "Retry-After": str(wait) if settings.data_center_retry_after == "seconds" else "0",
    }


@cache
def _people_and_rights() -> frozenset[str]:
    """The operations whose answers hold people and rights: they cost twice as much."""
    return frozenset(each.operation for each in documented("cloud") if each.chapter in PEOPLE_AND_RIGHTS)
