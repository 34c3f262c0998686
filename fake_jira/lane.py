"""The express lane: an answer that was made before is sent again for as long as all it was made of is still there.

Reading an issue is most of what a Jira is asked. The first reading goes through the whole application and leaves here
its bytes with the records that they rest on (issue, token, grants, ...). Records are frozen and a write replaces them,
so comparing identities is enough to know that nothing has changed: no write has to clear anything. A world with armed
faults never uses the lane, and every answer is noted in the journal like any other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from werkzeug.http import http_date

from fake_jira.auth.caller import Caller
from fake_jira.flavours import Flavour
from fake_jira.worlds import Footing, World, Worlds

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
LANE = "fake_jira.lane"  # where the WSGI environment keeps the key that an answer can be kept under
MOST = 2_048  # answers kept; the oldest goes first


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and what it rests on; `own_headers` are those that do not change from one request to the next."""

    world: World
    caller: Caller
    footing: Footing
    body: bytes
    own_headers: tuple[tuple[str, str], ...]
    noted: Mapping[str, Any]  # the journal entry but for time, duration and status

    def still_holds(self) -> bool:
        """Whether the same request would be answered the same way now."""
        world = self.world
        return not world.faults and self.footing.holds(world) and self.caller.is_good(world.now())


class Lane:
    """WSGI around the application."""

    def __init__(self, app: Wsgi, worlds: Worlds, flavour: Flavour) -> None:
        self.app = app
        self.worlds = worlds
        self.flavour = flavour
        self.sent = 0  # answers that were not made anew
        self._kept: dict[tuple[Any, ...], Kept] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self.app(environ, start_response)
        started = perf_counter()
        kept = self._kept.get(key)
        if kept is None or not (kept.still_holds() and self.worlds.holds(kept.world)):
            environ[LANE] = (self, key)
            return self.app(environ, start_response)
        self.sent += 1
        world = kept.world
        now = world.now()
        headers = self.flavour.headers(world, kept.caller)
        start_response("200 OK", [*kept.own_headers, *headers.items(), ("Date", _date(int(now.timestamp())))])
        world.journal.append(at=now, status=200, duration_ms=round((perf_counter() - started) * 1000, 3), **kept.noted)
        return (kept.body,)

    def keep(self, key: tuple[Any, ...], kept: Kept) -> None:
        """Answers this request from now on, while `kept` holds."""
        while len(self._kept) >= MOST:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = kept


def _key(environ: dict[str, Any]) -> tuple[Any, ...] | None:
    """What has to be the same for an answer to be the same; None for requests that never take the lane."""
    if environ["REQUEST_METHOD"] != "GET" or "HTTP_COOKIE" in environ or "CONTENT_LENGTH" in environ:
        return None
    address = environ.get("REQUEST_URI")
    if address is None or "/issue/" not in address:
        return None
    asked = environ.get
    return address, asked("HTTP_AUTHORIZATION"), asked("HTTP_HOST"), asked("HTTP_X_FAKE_JIRA_WORLD")


_last_date: tuple[int, str] = (0, "")


def _date(second: int) -> str:
    """The header's form of an instant; made once a second."""
    global _last_date  # noqa: PLW0603 - a cache of one, replaced whole
    if _last_date[0] != second:
        _last_date = (second, http_date(second))
    return _last_date[1]
