"""One Jira over HTTP: sessions, deadlines, proxies, counting. What to ask for is in `cloud.py`.

Redirects are not followed: no request goes to an address that the admin did not configure.
"""

import os
import threading
import time
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

import orjson
import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from service import __version__, clock, metrics
from service.jira.answers import JiraAnswer, from_failure, from_response
from service.jira.auth import Basic
from service.jira.wire import TimedAdapter
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
    """Sends requests to one Jira. Safe to share between threads: each has its own session and connections.

    `deadline` (monotonic seconds) bounds everything sent through it, however long each request might take by itself.
    """

    def __init__(self, target: Target, deadline: float | None = None) -> None:
        self._target = target
        self._deadline = deadline
        self._auth = Basic(target.username, target.secret)
        self._proxies = {} if target.skip_proxy else get_environ_proxies(target.url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()
        self._sent = 0

    @property
    def sent(self) -> int:
        """How many requests went out so far."""
        return self._sent

    def request(
        self, operation: str, method: str, path: str, params: dict[str, Any] | None = None, body: Any = None
    ) -> JiraAnswer[Any]:
        """Sends one request and waits for its answer; never raises for what Jira or the network does.

        `operation` names it in the metrics; `path` starts with a slash and is appended to the configured URL.
        """
        started = time.monotonic()
        with self._lock:
            self._sent += 1
        answer = self._exchange(method, path, params, body)
        metrics.jira_answered(operation, answer.outcome, time.monotonic() - started)
        return answer

    def close(self) -> None:
        with self._lock:
            sessions, self._sessions = self._sessions, []
        for session in sessions:
            session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, method: str, path: str, params: dict[str, Any] | None, body: Any) -> JiraAnswer[Any]:
        timeouts = self._timeouts()
        if timeouts is None:
            return JiraAnswer(Outcome.TIMEOUT, was_sent=False)
        try:
            response = self._session().request(
                method,
                self._target.url + path,
                params=params,
                data=None if body is None else orjson.dumps(body),
                headers=None if body is None else {"Content-Type": "application/json"},
                auth=self._auth,
                timeout=timeouts,
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:  # ValueError: no such host name
            return from_failure(error)
        return from_response(response, self._target.answer_bytes, clock.now())

    def _timeouts(self) -> tuple[float, float] | None:
        """(connect, read) within what is left until the deadline; None when nothing is."""
        connect, read = self._target.connect_seconds, self._target.read_seconds
        if self._deadline is None:
            return connect, read
        left = self._deadline - time.monotonic()
        if left <= 0:
            return None
        return min(connect, left), min(read, left)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # it would read netrc and the environment again for each request
            session.proxies = dict(self._proxies)
            session.verify = self._verify
            session.headers.update({"Accept": "application/json", "User-Agent": f"jira-ticket-status/{__version__}"})
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # a stale session outlives a credential
            adapter = TimedAdapter()
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session
