"""How each flavour tells of its rate limits: headers of every answer while they are on, and the 429 [jira 2.9, 7].

What is left of a limit is worked out in `auth/rate_limits.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from flask import Request, Response

from fake_jira.auth import rate_limits
from fake_jira.auth.caller import Caller
from fake_jira.auth.rate_limits import WRITES, Allowance
from fake_jira.documented import documented
from fake_jira.edge import BURST, POOLS, rate_limited
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
        if issue_id is not None and method in WRITES and not found[0].spent:
            found.append(rate_limits.per_issue(world, issue_id, now))
        if caller.app is not None:
            found.append(rate_limits.quota(world, caller.app, now))
        return found

    def refusal(self, world: World, asked: Request, spent: Allowance) -> Response:
        body = world.settings.rate_limit_body
        limit = spent.a_second if spent.reason == BURST else spent.limit
        return rate_limited(spent.reason, limit, spent.retry_after, world.now(), body)

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
        if any(each.near for each in allowances):
            sent["X-RateLimit-NearLimit"] = "true"
        if caller.app is not None:
            points = allowances[-1]
            pool, left = POOLS[world.settings.points_pool], 3600 - world.now().minute * 60 - world.now().second
            sent["Beta-RateLimit-Policy"] = f'"{pool}";q={points.limit};w=3600'
            sent["Beta-RateLimit"] = f'"{pool}";r={points.remaining};t={left}'
        return sent

    def charge(self, world: World, caller: Caller, operation: str, method: str, answer: Response) -> None:
        if caller.app is not None:
            body: Any = None
            if answer.mimetype == "application/json" and answer.status_code < 400:
                body = orjson.loads(answer.get_data() or b"null")
            points = rate_limits.cost(operation, method, body, _people_and_rights())
            rate_limits.quota(world, caller.app, world.now(), points)


class DataCenterLimits(Limits):
    """A token bucket per user; `rate_limit_exempt` names who has none."""

    def allowances(
        self, world: World, caller: Caller, operation: str, method: str, issue_id: str | None
    ) -> Sequence[Allowance]:
        if caller.user is None or self._is_exempt(world, caller):
            return ()
        return (rate_limits.bucket(world, caller.user.account_id, world.now()),)

    def refusal(self, world: World, asked: Request, spent: Allowance) -> Response:
        if "application/json" in asked.headers.get("Accept", ""):
            message = orjson.dumps({"message": "Rate limit exceeded."})
            return Response(message, 429, content_type="application/json;charset=UTF-8")
        return Response(TOMCAT, 429, content_type="text/html;charset=utf-8")

    def headers(self, world: World, caller: Caller, allowances: Sequence[Allowance]) -> Mapping[str, str]:
        settings = world.settings
        if caller.user is None:
            return {}
        if not allowances:
            return {
                "X-RateLimit-Limit": "-1",
                "X-RateLimit-Remaining": str(ENDLESS),
                "X-RateLimit-FillRate": "-1",
                "X-RateLimit-Interval-Seconds": "-1",
                "Retry-After": "-1",
            }
        (left,) = allowances
        waits = left.spent and settings.data_center_retry_after == "seconds"
        return {
            "X-RateLimit-Limit": str(left.limit),
            "X-RateLimit-Remaining": str(left.remaining),
            "X-RateLimit-FillRate": str(settings.bucket_fill),
            "X-RateLimit-Interval-Seconds": str(settings.bucket_seconds),
            "Retry-After": str(left.retry_after) if waits else "0",
        }

    def charge(self, world: World, caller: Caller, operation: str, method: str, answer: Response) -> None:
        """A request is a token, whatever it brings."""

    def _is_exempt(self, world: World, caller: Caller) -> bool:
        names = {name.strip() for name in world.settings.rate_limit_exempt.split(",")}
        return caller.user is not None and caller.user.name in names


@cache
def _people_and_rights() -> frozenset[str]:
    """The operations whose answers hold people and rights: they cost twice as much."""
    return frozenset(each.operation for each in documented("cloud") if each.chapter in PEOPLE_AND_RIGHTS)
