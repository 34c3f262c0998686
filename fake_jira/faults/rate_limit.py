"""429 with every header that Jira Cloud sends along. [jira 2.9, 7.1]"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from flask import Response
from werkzeug.http import http_date

from fake_jira.edge import rate_limited
from fake_jira.faults.base import Body, RequestFault, check_retry_after
from fake_jira.faults.hit import Hit

LIMIT = 100  # requests a second, the usual burst limit [jira 7.1]


@dataclass(frozen=True, kw_only=True)
class RateLimit(RequestFault):
    """429 with Retry-After once `after` matching requests have passed.

    `retry_after` is in seconds of the world's clock; `retry_after_as: date` sends it as an HTTP date, which HTTP allows
    and Jira does not do. `body` unset: the world's setting rate_limit_body.
    """

    name = "rate_limit"
    retry_after: int = 60
    retry_after_as: Literal["seconds", "date"] = "seconds"
    reason: Literal[
        "jira-burst-based", "jira-quota-global-based", "jira-quota-tenant-based", "jira-per-issue-on-write"
    ] = "jira-burst-based"
    body: Body | None = None

    def check(self) -> None:
        super().check()
        check_retry_after(self.name, self.retry_after)

    def answer(self, hit: Hit) -> Response:
        body = self.body or hit.world.settings.rate_limit_body
        limit = hit.world.settings.points_per_hour if self.reason.startswith("jira-quota") else LIMIT
        answer = rate_limited(self.reason, limit, self.retry_after, hit.now, body)
        if self.retry_after_as == "date":
            answer.headers["Retry-After"] = http_date(hit.now + timedelta(seconds=self.retry_after))
        return answer
