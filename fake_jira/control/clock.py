"""The world's clock: the real one plus an offset."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response

from fake_jira.control.fake import here
from fake_jira.control.reading import LATEST, Refused, answer, duration, given, instant, shown


def show() -> Response:
    clock = here().clock
    return answer({"now": shown(clock.now()), "offset_seconds": clock.offset.total_seconds()})


def move() -> Response:
    """Forward by a duration, to an instant, or back to real time; the clock goes on running from there."""
    body = given(advance=object, to=str, reset=bool)
    if len(body) != 1 or body.get("reset") is False:
        raise Refused("Give exactly one of 'advance' (seconds or 8h), 'to' (RFC 3339) and 'reset' (true).")
    clock = here().clock
    with here().lock:
        if "advance" in body:
            clock.advance(_on(clock.now(), body["advance"]))
        elif "to" in body:
            clock.move_to(instant("to", body["to"]))
        else:
            clock.advance(-clock.offset)
    return show()


def _on(now: datetime, advance: Any) -> timedelta:
    by = duration(advance)
    if by >= LATEST - now:
        raise Refused(f"'advance' by {advance!r} goes beyond the year 8999, where this clock ends.")
    return by


ROUTES = (("GET", "/clock", show), ("POST", "/clock", move))
