"""429 with every header that the flavour sends along. [jira 2.9, 7]"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from flask import Response
from werkzeug.http import http_date

from fake_jira.faults.base import Body, RequestFault, check_retry_after
from fake_jira.faults.hit import Hit


@dataclass(frozen=True, kw_only=True)
class RateLimit(RequestFault):
    """429 with Retry-After once `after` matching requests have passed.

    `retry_after` is in seconds of the world's clock; `retry_after_as: date` sends it as an HTTP date, which HTTP allows
    and Jira does not do. `body` unset: the world's setting rate_limit_body, on Data Center as Accept asks for it.
    `reason` is Cloud's: Data Center has no other limit than each user's bucket.
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
        answer = hit.flavour.limits.fault(hit.world, hit.request, self.reason, self.retry_after, self.body)
        if self.retry_after_as == "date":
            answer.headers["Retry-After"] = http_date(hit.now + timedelta(seconds=self.retry_after))
        return answer
