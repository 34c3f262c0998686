"""One Jira over HTTP: credential, deadlines, counting. What to ask for is in `cloud.py`.

Redirects are not followed: no request goes to an address that the admin did not configure.
"""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import orjson
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from service import __version__, clock, metrics
from service.errors import ServiceStopping
from service.jira.answers import JiraAnswer, from_failure, from_response
from service.jira.auth import basic
from service.jira.wire import Ending, open_pools
from service.rules.health import Outcome


@dataclass(frozen=True, slots=True)
class Target:
    """Which Jira, as whom, and how patiently. `secret` is an API token or a password and is never shown."""

    url: str  # without a trailing slash
    username: str
    secret: str = field(repr=False)
    skip_proxy: bool = False
    connect_seconds: float = 3.0
    read_seconds: float = 20.0  # for a whole answer, from its first byte to its last
    answer_bytes: int = 10_000_000


class JiraClient:
    """Sends requests to one Jira. Safe to share between threads, and keeps no cookies: a session outlives a credential.

    `deadline` (monotonic seconds) bounds everything sent through it, however long each request might take by itself.
    """

    def __init__(self, target: Target, deadline: float | None = None, ending: Ending | None = None) -> None:
        self._target = target
        self._deadline = math.inf if deadline is None else deadline
        self._ending = ending or Ending()
        self._pools = open_pools(target.url, target.skip_proxy, self._ending)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": basic(target.username, target.secret),
            "User-Agent": f"jira-ticket-status/{__version__}",
        }
        self._lock = threading.Lock()
        self._sent = 0

    @property
    def sent(self) -> int:
        """How many requests went out so far."""
        return self._sent

    def request(
        self, operation: str, method: str, path: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> JiraAnswer[Any]:
        """Sends one request and waits for its answer; never raises for what Jira or the network does.

        Raises ServiceStopping when it was given up because the process ends: that says nothing about a Jira.
        `operation` names it in the metrics; `path` starts with a slash and is appended to the configured URL; a list
        among the `params` is repeated; `body` is sent as JSON.
        """
        started = time.monotonic()
        with self._lock:
            self._sent += 1
        answer = self._exchange(method, path if not params else f"{path}?{urlencode(params, doseq=True)}", body)
        if not answer.ok and self._ending.is_over:
            raise ServiceStopping("The service is being stopped. Please try again later.")
        metrics.jira_answered(operation, answer.outcome, time.monotonic() - started)
        return answer

    def close(self) -> None:
        self._pools.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, method: str, path: str, body: Any) -> JiraAnswer[Any]:
        timeout = self._timeout()
        if timeout is None:
            return JiraAnswer(Outcome.TIMEOUT, was_sent=False)
        try:
            response = self._pools.urlopen(
                method,
                self._target.url + path,
                body=None if body is None else orjson.dumps(body),
                headers=self._headers if body is None else self._headers | {"Content-Type": "application/json"},
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except (HTTPError, OSError, ValueError) as error:  # ValueError: not the name of a host
            return from_failure(error)
        return from_response(response, self._target.answer_bytes, clock.now())

    def _timeout(self) -> Timeout | None:
        """What one request may take, within what is left until the deadline; None when nothing is."""
        connect, read = self._target.connect_seconds, self._target.read_seconds
        left = min(self._deadline, self._ending.at) - time.monotonic()
        return Timeout(connect=min(connect, left), read=min(read, left)) if left > 0 else None
