"""How many requests a Jira is sent at a time: fewer when it groans, as many as are allowed when it is calm (R11).

A 429, a timeout, or the word that the budget is nearly used up halves the number; as many good answers in a row as are
in flight add one again. Waits are decided elsewhere.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from service.jira.answers import JiraAnswer
from service.rules.health import Outcome

_GROANS = frozenset({Outcome.RATE_LIMITED, Outcome.TIMEOUT})

T = TypeVar("T")


class Pace:
    """At most `most` requests at a time; fewer to begin with when the last `failures` in a row were failures.

    Safe to share between threads.
    """

    def __init__(self, most: int, failures: int = 0) -> None:
        self._most = most
        self._limit = max(1, most >> failures)
        self._calm = 0  # good answers since the last change
        self._changes = 0
        self._lock = threading.Lock()

    @property
    def limit(self) -> int:
        return self._limit

    def keep(self, ask: Callable[[], JiraAnswer[T]]) -> JiraAnswer[T]:
        """The answer to one request, from which the pace is learned."""
        before = self._changes
        answer = ask()
        with self._lock:
            if answer.outcome in _GROANS or answer.is_near_limit:
                if before == self._changes:  # the others that were in flight groan about the same thing
                    self._set(max(1, self._limit // 2))
            elif answer.ok and self._limit < self._most:
                self._calm += 1
                if self._calm >= self._limit:
                    self._set(self._limit + 1)
        return answer

    def _set(self, limit: int) -> None:
        self._limit, self._calm, self._changes = limit, 0, self._changes + 1
