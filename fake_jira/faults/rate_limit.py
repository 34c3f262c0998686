"""429 with every header that Jira Cloud sends along. [jira 2.9, 7.1]"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from flask import Response
from werkzeug.http import http_date

from fake_jira.faults.base import Body, RequestFault, check_retry_after
from fake_jira.faults.hit import Hit
from fake_jira.faults.pages import body_of

SENTENCE = "The request has been rate-limited. Please try again later."  # [jira 2.9]
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
        answer = body_of(body, 429, "Oops - an error has occurred", SENTENCE, {"status": 429})
        again = hit.now + timedelta(seconds=self.retry_after)
        wait = str(self.retry_after) if self.retry_after_as == "seconds" else http_date(again)
        answer.headers.update(
            {
                "Retry-After": wait,
                "X-RateLimit-Limit": str(LIMIT),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": again.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "X-RateLimit-NearLimit": "true",
                "RateLimit-Reason": self.reason,
            }
        )
        if self.reason == "jira-burst-based":
            answer.headers["RateLimit-Policy"] = f'"{self.reason}";q={LIMIT};w=1'
            answer.headers["RateLimit"] = f'"{self.reason}";r=0;t={self.retry_after}'
        elif self.reason.startswith("jira-quota"):
            pool = "global-app-quota" if self.reason == "jira-quota-global-based" else "tenant-app-quota"
            answer.headers["Beta-RateLimit-Policy"] = f'"{pool}";q=65000;w=3600'
            answer.headers["Beta-RateLimit"] = f'"{pool}";r=0;t={self.retry_after}'
            answer.headers["Beta-Retry-After"] = str(self.retry_after)
        return answer
