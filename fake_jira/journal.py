"""What the fake Jira was asked and what it answered: a ring per world, so that memory stays flat.

An entry is made of values that lie at hand when the answer goes out; everything dear (the decoded body, the JSON form)
is made when somebody reads it. Knows neither Flask nor worlds. An assertion about what has already left the ring
says so and fails: a journal that forgets must not turn "never asked" into a green test. Passwords, secrets and
tokens are noted as `***`.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any

import orjson

CAPACITY = 10_000
BODY_LIMIT = 8_192  # bytes of a request's body that are kept
NEAREST = 3  # requests that a failed expectation shows
HIDDEN = b"***"
SECRETS = (
    "password", "currentPassword", "secret", "client_secret", "access_token", "refresh_token", "code_verifier",
    "os_password", "oauth_token", "oauth_signature", "oauth_verifier", "oauth_session_handle", "form_key", "atl_token",
)  # fmt: skip
SECRETS_OF_DOORS = (*SECRETS, "code", "token", "old", "new")  # words that elsewhere are nobody's secret
API = "/rest/api/"
FILTERS = ("operation", "method", "path", "user", "status", "fault")


@dataclass(slots=True, frozen=True)
class Entry:
    """One request and its answer. `duration_ms` is real time, `at` the world's clock."""

    id: int
    at: datetime
    method: str
    path: str
    operation: str | None
    query: str
    body: bytes
    user: str | None
    world: str
    status: int | None  # None: no answer was sent (reset, timeout)
    fault: str | None  # the fault's name; with its id in fault_id
    fault_id: str | None
    duration_ms: float
    unread: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The entry as `/_control/journal` shows it."""
        shown: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        shown["at"] = self.at.isoformat().replace("+00:00", "Z")
        shown["body"] = readable(self.body)
        shown["unread"] = list(self.unread)
        return shown

    def line(self) -> str:
        """The entry in one line: `#7 GET /rest/api/3/issue/SEC-1 -> 200 (getIssue)`."""
        answer = "no answer" if self.status is None else str(self.status)
        fault = f" by fault {self.fault}" if self.fault else ""
        return f"#{self.id} {self.method} {self.path} -> {answer}{fault} ({self.operation or 'no operation'})"

    def matches(self, wanted: Mapping[str, Any]) -> bool:
        return all(getattr(self, name) == value for name, value in wanted.items())

    def likeness(self, wanted: Mapping[str, Any]) -> float:
        """How near this request comes to what was wanted: a shared path counts most, letter by letter."""
        score = 0.0
        for name, value in wanted.items():
            seen = getattr(self, name)
            if seen == value:
                score += 2
            elif isinstance(value, str) and isinstance(seen, str):
                score += _shared_start(value, seen) / max(len(value), len(seen), 1)
        return score


class Journal:
    """The ring of one world. Appending is thread-safe and costs one lock."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._last_id = 0
        self._seen = 0  # since it was last cleared
        self._lock = Lock()

    def append(
        self,
        *,
        at: datetime,
        method: str,
        path: str,
        operation: str | None,
        query: str,
        body: bytes,
        user: str | None,
        world: str,
        status: int | None,
        fault: tuple[str, str] | None,
        duration_ms: float,
        unread: tuple[str, ...],
    ) -> None:
        """Notes one request; `fault` is (name, id) of the fault that answered in Jira's place or took its answer."""
        name, fault_id = fault or (None, None)
        with self._lock:
            self._last_id += 1
            self._seen += 1
            self._entries.append(
                Entry(
                    self._last_id, at, method, path, operation, query, body[:BODY_LIMIT], user, world, status,
                    name, fault_id, duration_ms, unread,
                )
            )  # fmt: skip

    @property
    def evicted(self) -> int:
        """How many entries have left the ring since it was last cleared."""
        return self._seen - len(self._entries)

    def has_forgotten_after(self, since_id: int) -> bool:
        """Whether a request with an id above `since_id` has left the ring unseen."""
        return self.evicted > 0 and self._last_id - len(self._entries) > since_id

    @property
    def total(self) -> int:
        """How many requests were noted since it was last cleared, evicted ones included."""
        return self._seen

    def clear(self) -> None:
        """Forgets all entries; ids go on, so that `since_id` of an older reader stays true."""
        with self._lock:
            self._entries.clear()
            self._seen = 0

    def entries(self, wanted: Mapping[str, Any], since_id: int = 0, limit: int | None = None) -> list[Entry]:
        """Those with an id above `since_id` that equal `wanted` in each named field, oldest first, the last `limit`."""
        with self._lock:
            entries = list(self._entries)
        found = [entry for entry in entries if entry.id > since_id and entry.matches(wanted)]
        return found if limit is None else found[max(len(found) - limit, 0) :]

    def nearest(self, wanted: Mapping[str, Any]) -> list[Entry]:
        """The requests most like `wanted` that are not it, best first, and of equals the latest first."""
        with self._lock:
            others = [entry for entry in reversed(self._entries) if not entry.matches(wanted)]
        return list(islice(sorted(others, key=lambda entry: -entry.likeness(wanted)), NEAREST))


def readable(body: bytes) -> Any:
    """A kept body as JSON where it is JSON, else as text; None when there was none."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def without_secrets(path: str, text: bytes) -> bytes:
    """The kept part of a body or a query, JSON or a form, with what nobody may read in it replaced."""
    in_form, in_json = _PATTERNS[path.startswith(API)]
    kept = text[:BODY_LIMIT]
    is_json = kept.lstrip()[:1] in (b"{", b"[")
    return in_json.sub(rb'\1"' + HIDDEN + b'"', kept) if is_json else in_form.sub(rb"\1" + HIDDEN, kept)


def _patterns(names: tuple[str, ...]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Where such values stand in a form and in JSON; a text may have been cut off in its middle."""
    any_of = "|".join(names).encode()
    in_form = re.compile(rb"((?:^|&)(?:" + any_of + rb")=)[^&]*")
    value = rb'(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s",{}\[\]]+)'
    return in_form, re.compile(rb'("(?:' + any_of + rb')"\s*:\s*)' + value, re.DOTALL)


_PATTERNS = {True: _patterns(SECRETS), False: _patterns(SECRETS_OF_DOORS)}


def _shared_start(one: str, other: str) -> int:
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return index
    return min(len(one), len(other))
