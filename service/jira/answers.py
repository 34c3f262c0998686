"""What one HTTP exchange with a Jira came to: a response, or the exception in its place, becomes a `JiraAnswer`.

Jira's texts are localised and reworded, so nothing here matches on them; what counts are the status, the content type,
a few headers, and the words of OAuth's problem report. Decides nothing about tickets or integrations.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Generic, TypeVar

import orjson
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from service.jira.guard import AddressRefused
from service.rules.health import Outcome

OAUTH_PROBLEMS = {  # [jira 4.4] those that are about the grant, the consumer, or the clocks
    **dict.fromkeys(
        ("token_rejected", "token_expired", "token_revoked", "token_used", "permission_unknown", "permission_denied"),
        Outcome.CONSENT_AGAIN,
    ),
    **dict.fromkeys(
        ("consumer_key_unknown", "consumer_key_rejected", "consumer_key_refused", "signature_invalid"),
        Outcome.CLIENT_REFUSED,
    ),
    "timestamp_refused": Outcome.CLOCKS_DIFFER,
}
OAUTH_PROBLEM = re.compile(r"""oauth_problem=["']?(\w+)""")
ANONYMOUS = "anonymous"
LONGEST_RETRY_AFTER = timedelta(days=1)  # ours: a slip of the pen in a header must not park an integration for years
CHUNK = 65_536
MOST_COMPLAINTS, LONGEST_COMPLAINT = 10, 500  # ours: they are shown to people


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JiraAnswer(Generic[T]):
    """One exchange. `payload` is what was read from the JSON, None when there was none to read."""

    outcome: Outcome
    payload: T | None = None
    status: int | None = None  # HTTP; None when no answer arrived
    retry_after: timedelta | None = None
    was_sent: bool = True  # False: Jira cannot have seen the request
    complaints: tuple[str, ...] = ()  # Jira's own sentences about what it refused; for people, never to be matched
    is_near_limit: bool = False  # Jira says that little is left of what it allows (R11)

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.OK

    def without_payload(self) -> "JiraAnswer[Any]":
        return replace(self, payload=None)


def from_response(response: BaseHTTPResponse, limit: int, now: datetime) -> JiraAnswer[Any]:
    """Reads at most `limit` bytes of a streamed `response` to a request with a credential, and says what it means.

    The signs of the silent anonymous fallback come first: with a dead token a search is answered with 200 and no
    issues, and on Jira Cloud any issue with 404, and only a header tells. [jira 2.2, 2.8]
    """
    status = response.status
    retry_after = parse_retry_after(response.headers.get("Retry-After"), now)
    try:
        outcome, payload = _read(response, limit)
    except (HTTPError, HTTPException, OSError) as error:  # it began and did not end, or was compressed wrongly
        outcome, payload = (Outcome.TIMEOUT if _is_timeout(error) else Outcome.NOT_JSON), None
    finally:
        response.close()
    said = () if outcome is Outcome.OK else tuple(complaints(payload))
    return JiraAnswer(
        outcome, payload, status, retry_after, complaints=said, is_near_limit=is_near_limit(response.headers)
    )


def from_failure(error: Exception) -> JiraAnswer[Any]:
    """What it means that no answer came."""
    if isinstance(error, AddressRefused):
        return JiraAnswer(Outcome.ADDRESS_REFUSED, was_sent=False)
    outcome = Outcome.TIMEOUT if _is_timeout(error) else Outcome.UNREACHABLE
    return JiraAnswer(outcome, was_sent=not _is_before_sending(error))


def _is_timeout(error: Exception) -> bool:
    if isinstance(error, NewConnectionError):  # refused or no such host, though it is a kind of the next
        return False
    return isinstance(error, ReadTimeoutError | ConnectTimeoutError | TimeoutError)


def _is_before_sending(error: Exception) -> bool:
    """No connection came about, or the address could not even be read."""
    return isinstance(error, NewConnectionError | ConnectTimeoutError | SSLError | ProxyError | ValueError)


def complaints(payload: Any) -> list[str]:
    """The first sentences of Jira's error envelopes, in whichever form they came. [jira 2.1]"""
    if not isinstance(payload, Mapping):
        return []
    said = payload.get("errorMessages") or []
    by_field = payload.get("errors") or {}
    sentences = [str(sentence) for sentence in said] if isinstance(said, list) else []
    if isinstance(by_field, Mapping):
        sentences += [f"{field}: {sentence}" for field, sentence in by_field.items()]
    for key in ("detail", "message"):
        if not sentences and isinstance(payload.get(key), str):
            sentences = [payload[key]]
    return [sentence[:LONGEST_COMPLAINT] for sentence in sentences[:MOST_COMPLAINTS]]


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Retry-After as a wait from `now`: seconds or an HTTP date; None when absent or unreadable. [jira 2.9]"""
    if value is None:
        return None
    try:
        wait = timedelta(seconds=float(value))
    except OverflowError:
        return LONGEST_RETRY_AFTER
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


def is_near_limit(headers: Mapping[str, str]) -> bool:
    """Whether less than a fifth of the allowance is left: what X-RateLimit-NearLimit says, where there is one. [jira 7]

    An allowance of -1 is that of an exempt account.
    """
    if headers.get("X-RateLimit-NearLimit", "").lower() == "true":
        return True
    left, allowed = (_count(headers.get(f"X-RateLimit-{name}", "")) for name in ("Remaining", "Limit"))
    return left is not None and allowed is not None and left * 5 < allowed


def _read(response: BaseHTTPResponse, limit: int) -> tuple[Outcome, Any]:
    status = response.status
    by_status = _outcome_of_status(status)
    if by_status in {Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.UNREACHABLE}:
        return by_status, None  # the body is an edge page as often as not; nothing in it is needed
    refusal = _refusal(response, limit)
    if refusal is not None:
        return refusal, None
    if 300 <= status < 400:  # a login or proxy in front; never followed, as it may lead to a foreign address
        return Outcome.NOT_JSON, None
    if not _is_json(response.headers.get("Content-Type", "")):
        return (Outcome.NOT_FOUND if status == 404 else Outcome.NOT_JSON), None
    body = _body(response, limit)
    if body is None:
        return Outcome.TOO_LARGE, None
    try:
        return by_status, orjson.loads(body)
    except orjson.JSONDecodeError:
        return (Outcome.NOT_JSON if by_status is Outcome.OK else by_status), None


def _refusal(response: BaseHTTPResponse, limit: int) -> Outcome | None:
    """What is wrong with the credential, or was taken for nobody's; None when it was accepted."""
    headers = response.headers
    if headers.get("X-Authentication-Denied-Reason", "").startswith("CAPTCHA"):  # Data Center [jira 2.8]
        return Outcome.CAPTCHA
    reason = headers.get("X-Seraph-LoginReason", "")
    if response.status == 201:  # it was done, whoever we were taken for, and must not be done again (R6)
        return None
    if response.status == 401:
        return _of_problem(response, limit)
    if "AUTHENTICATED_FAILED" in reason:
        return Outcome.UNAUTHENTICATED
    if headers.get("X-AUSERNAME") == ANONYMOUS and response.status != 403:  # that one says by itself what it refuses
        return Outcome.UNAUTHENTICATED
    return Outcome.FORBIDDEN if "AUTHENTICATION_DENIED" in reason else None


def _of_problem(response: BaseHTTPResponse, limit: int) -> Outcome:
    """A 401: OAuth 1.0a says in a header, or in a form as plain text, what the problem is. [jira 4.4]"""
    said = response.headers.get("WWW-Authenticate", "")
    if "oauth_problem" not in said and response.headers.get("Content-Type", "").startswith("text/plain"):
        said = (_body(response, limit) or b"").decode("latin-1")
    problem = OAUTH_PROBLEM.search(said)
    return OAUTH_PROBLEMS.get(problem[1], Outcome.UNAUTHENTICATED) if problem else Outcome.UNAUTHENTICATED


def _outcome_of_status(status: int) -> Outcome:
    if status == 429:
        return Outcome.RATE_LIMITED
    if status == 407:  # our own proxy wants a password: Jira was not reached
        return Outcome.UNREACHABLE
    if status in {408, 425}:
        return Outcome.TIMEOUT
    if status >= 500:
        return Outcome.SERVER_ERROR
    if status < 300:
        return Outcome.OK
    return {401: Outcome.UNAUTHENTICATED, 403: Outcome.FORBIDDEN, 404: Outcome.NOT_FOUND}.get(status, Outcome.REFUSED)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _body(response: BaseHTTPResponse, limit: int) -> bytes | None:
    """The decoded body, or None as soon as it is known to be larger than `limit` bytes."""
    announced = _count(response.headers.get("Content-Length", ""))
    if announced is not None and announced > limit:
        return None
    body = io.BytesIO()
    while chunk := response.read1(CHUNK, decode_content=True):
        body.write(chunk)
        if body.tell() > limit:
            return None
    return body.getvalue()


def _count(header: str) -> int | None:
    return int(header) if header.isdecimal() and len(header) < 20 else None
