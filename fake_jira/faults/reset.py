"""The connection breaks: TCP RST instead of an answer."""

from dataclasses import dataclass

from flask import Response

from fake_jira.faults.base import RequestFault
from fake_jira.faults.hit import Hit, unanswered


@dataclass(frozen=True, kw_only=True)
class Reset(RequestFault):
    """The request's connection is reset. `after_work`: the request is carried out first and only its answer is lost."""

    name = "reset"
    is_silent = True
    after_work: bool = False

    def takes_the_answer(self) -> bool:
        return self.after_work

    def answer(self, hit: Hit) -> Response:
        hit.wire.reset()
        return unanswered()
