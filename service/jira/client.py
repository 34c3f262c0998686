"""One Jira over HTTP: credential, deadlines, counting. What to ask for is in `cloud.py` and `data_center.py`.

Redirects are not followed: no request goes to an address that the admin did not configure. A refused credential that
can be renewed is renewed once, and the request sent once more (R11).
"""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import orjson
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from service import __version__, clock, metrics
from service.errors import ServiceStopping
from service.jira.answers import JiraAnswer, from_failure, from_response
from service.jira.auth import Credential, CredentialRefused
from service.jira.wire import Wire
from service.rules.health import Outcome

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"jira-ticket-status/{__version__}",
}
HEADERS_WITH_BODY = HEADERS | {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Target:
    """Which Jira, and how patiently."""

    url: str  # without a trailing slash
    skip_proxy: bool = False
    connect_seconds: float = 3.0
    read_seconds: float = 20.0  # for a whole answer, from its first byte to its last
    answer_bytes: int = 10_000_000


class JiraClient:
    """Sends requests to one Jira. Safe to share between threads, and keeps no cookies: a session outlives a credential.

    `deadline` (monotonic seconds) bounds everything sent through it, however long each request might take by itself.
    """

    def __init__(self, target: Target, credential: Credential, wire: Wire, deadline: float | None = None) -> None:
        self._target = target
        self._credential = credential
        self._wire = wire
        self._deadline = math.inf if deadline is None else deadline
        self._line = wire.lend(target.url, target.skip_proxy)
        self._lock = threading.Lock()
        self._sent = 0

    @property
    def sent(self) -> int:
        """How many requests went out so far, those for tokens included."""
        return self._sent + self._credential.sent

    def request(
        self, operation: str, method: str, path: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> JiraAnswer[Any]:
        """Sends one request and waits for its answer; never raises for what Jira or the network does.

        Raises ServiceStopping when it was given up because the process ends: that says nothing about a Jira.
        `operation` names it in the metrics; `path` starts with a slash and is appended to the configured URL; a list
        among the `params` is repeated; `body` is sent as JSON.
        """
        started = time.monotonic()
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        answer = self._signed(method, f"{self._target.url}{path}{query}", None if body is None else orjson.dumps(body))
        if not answer.ok and self._wire.ending.is_over:
            raise ServiceStopping("The service is being stopped. Please try again later.")
        metrics.jira_answered(operation, answer.outcome, time.monotonic() - started)
        return answer

    def close(self) -> None:
        self._wire.give_back(self._line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _signed(self, method: str, url: str, body: bytes | None) -> JiraAnswer[Any]:
        """The answer to a request with the credential, and with a renewed one where the first was refused."""
        try:
            shown = self._credential.headers(method, url)
            answer = self._exchange(method, url, shown, body)
            if answer.outcome is Outcome.UNAUTHENTICATED and self._credential.renew(shown):
                answer = self._exchange(method, url, self._credential.headers(method, url), body)
        except CredentialRefused as refused:  # whatever was sent before was not carried out
            return JiraAnswer(refused.outcome, retry_after=refused.retry_after, was_sent=False)
        return answer

    def _exchange(self, method: str, url: str, shown: Mapping[str, str], body: bytes | None) -> JiraAnswer[Any]:
        timeout = self._timeout()
        if timeout is None:
            return JiraAnswer(Outcome.TIMEOUT, was_sent=False)
        with self._lock:
            self._sent += 1
        try:
            response = self._line.pools.urlopen(
                method,
                url,
                body=body,
                headers={**(HEADERS if body is None else HEADERS_WITH_BODY), **shown},
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
        left = min(self._deadline, self._wire.ending.at) - time.monotonic()
        if left <= 0:
            return None
        return Timeout(connect=self._target.connect_seconds, read=self._target.read_seconds, total=left)
