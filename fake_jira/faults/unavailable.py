"""503, as the edge in front of Jira Cloud or the container of a Data Center says it. [jira 2.10]"""

from dataclasses import dataclass
from typing import Literal

from flask import Response

from fake_jira.edge import body_of
from fake_jira.faults.base import RequestFault, check_retry_after
from fake_jira.faults.hit import Hit

SENTENCE = "The service is temporarily unavailable."


@dataclass(frozen=True, kw_only=True)
class Unavailable(RequestFault):
    """503. `body`: html (the edge's page), json, empty or tomcat (Data Center's page); unset: the world's setting
    unavailable_body.

    `retry_after`, in seconds, adds the header of that name: then a 503 is to be treated like a 429. [jira 2.10]
    """

    name = "unavailable"
    body: Literal["html", "json", "empty", "tomcat"] | None = None
    retry_after: int | None = None

    def check(self) -> None:
        super().check()
        if self.retry_after is not None:
            check_retry_after(self.name, self.retry_after)

    def answer(self, hit: Hit) -> Response:
        body = self.body or hit.world.settings.unavailable_body
        answer = body_of(body, 503, "Atlassian Cloud Notifications - Page Unavailable", SENTENCE)
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer
