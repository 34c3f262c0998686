"""One exchange with an address that gives out tokens: the status and the body, whatever they are.

The doors of OAuth speak otherwise than Jira's API: forms, plain text, and refusals whose body matters. The wire is the
same: bounded, guarded, never redirected. Nothing is kept or shown here; a body may hold tokens.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from typing import Any

import orjson
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from service import clock, metrics
from service.errors import ServiceStopping
from service.jira.answers import from_failure, parse_retry_after
from service.jira.client import HEADERS
from service.jira.wire import Ending, Wire
from service.rules.health import Outcome
from service.settings import Settings

EXCHANGE_SECONDS = 20.0  # for one exchange in all, however patient the settings are


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `outcome` is OK for every whole answer that is neither 5xx nor 429."""

    outcome: Outcome
    status: int | None = None  # HTTP; None when no answer came
    body: bytes = field(default=b"", repr=False)
    challenge: str = field(default="", repr=False)  # WWW-Authenticate
    retry_after: timedelta | None = None

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


class Exchanges:
    """Sends single requests, each over a connection of its own. Safe to share between threads."""

    def __init__(self, settings: Settings, ending: Ending) -> None:
        self._settings = settings
        self._wire = Wire(settings, ending)

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        skip_proxy: bool = False,
    ) -> Reply:
        """One request and its reply, within 20 seconds; never raises for what the other side does.

        `operation` names it in the metrics. Raises ServiceStopping when it was given up because the process ends.
        """
        started = time.monotonic()
        line = self._wire.lend(url, skip_proxy)
        try:
            reply = self._read(
                line.pools.urlopen(
                    method,
                    url,
                    body=body,
                    headers={**HEADERS, **headers},
                    timeout=self._timeout(),
                    retries=False,
                    redirect=False,
                    preload_content=False,
                )
            )
        except (HTTPError, HTTPException, OSError, ValueError) as error:  # ValueError: not the name of a host
            reply = Reply(from_failure(error).outcome)
        finally:
            self._wire.give_back(line)
        if reply.outcome is not Outcome.OK and self._wire.ending.is_over:
            raise ServiceStopping("The service is being stopped. Please try again later.")
        metrics.jira_answered(operation, reply.outcome, time.monotonic() - started)
        return reply

    def _timeout(self) -> Timeout:
        left = max(0.001, min(EXCHANGE_SECONDS, self._wire.ending.at - time.monotonic()))
        return Timeout(connect=self._settings.connect_seconds, read=self._settings.read_seconds, total=left)

    def _read(self, response: BaseHTTPResponse) -> Reply:
        limit = self._settings.answer_bytes
        try:
            body = response.read(limit + 1, decode_content=True)
        except (HTTPError, HTTPException, OSError) as error:  # it began and did not end, or was compressed wrongly
            is_late = from_failure(error).outcome is Outcome.TIMEOUT
            return Reply(Outcome.TIMEOUT if is_late else Outcome.NOT_JSON, response.status)
        finally:
            response.close()
        if len(body) > limit:
            return Reply(Outcome.TOO_LARGE, response.status)
        return Reply(
            _outcome(response.status),
            response.status,
            body,
            response.headers.get("WWW-Authenticate", ""),
            parse_retry_after(response.headers.get("Retry-After"), clock.now()),
        )


def _outcome(status: int) -> Outcome:
    if status == 429:
        return Outcome.RATE_LIMITED
    return Outcome.SERVER_ERROR if status >= 500 else Outcome.OK
