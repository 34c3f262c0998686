"""The answer never comes."""

from dataclasses import dataclass

from flask import Response

from fake_jira.faults.base import RequestFault
from fake_jira.faults.hit import Hit, unanswered


@dataclass(frozen=True, kw_only=True)
class Timeout(RequestFault):
    """The connection stays open and silent until the client hangs up, the fault is cleared or the server closes.

    `after_work`: the request is carried out first and only its answer is lost, which is what makes creating an issue
    unsafe to repeat blindly.
    """

    name = "timeout"
    is_silent = True
    after_work: bool = False

    def takes_the_answer(self) -> bool:
        return self.after_work

    def answer(self, hit: Hit) -> Response:
        hit.wire.hang(hit.cleared)
        return unanswered()
