"""Reading what a control request says, strictly: a mistyped property is refused, not ignored."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Response, request

from fake_jira.errors import JiraError

WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DIGITS = re.compile(r"[0-9]{1,18}")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
LONGEST = 1e12  # seconds: longer than the calendar
DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+")


class Refused(JiraError):
    """The control request is wrong; the sentence says where."""


class Conflict(JiraError):
    """The control request is right and the state of the fake is against it."""


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer; no body with 204."""
    return Response(
        b"" if status == 204 else orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE),
        status,
        content_type="application/json",
    )


def given(**known: type) -> dict[str, Any]:
    """The JSON object of the request's body. Refuses malformed JSON, unknown properties and wrong types."""
    data = request.get_data()
    try:
        body = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError as error:
        raise Refused(f"The body is not JSON: {error}.") from error
    return checked(body, known, "The body")


def checked(body: Any, known: Mapping[str, type], what: str) -> dict[str, Any]:
    """`body` if it is an object with these properties only; None counts as not given."""
    if not isinstance(body, dict):
        raise Refused(f"{what} must be a JSON object.")
    for name, value in body.items():
        if name not in known:
            raise Refused(f"{what} has an unknown property {name!r}; known are {', '.join(known) or 'none'}.")
        right = known[name]
        fits = isinstance(value, (int, float) if right is float else right) and (right is bool) == isinstance(
            value, bool
        )
        if value is not None and right is not object and not fits:
            raise Refused(f"{what}: {name!r} must be {WORDS[right]}, not {value!r}.")
    return {name: value for name, value in body.items() if value is not None}


def needed(body: Mapping[str, Any], *names: str) -> None:
    """Refuses a body that lacks one of these."""
    for name in names:
        if not body.get(name):
            raise Refused(f"The property {name!r} is missing.")


def texts(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts; empty if it is not given."""
    listed = body.get(name, [])
    for each in listed:
        if not isinstance(each, str):
            raise Refused(f"{name!r} must be a list of texts; {each!r} is none.")
    return list(listed)


def number(name: str, least: int = 0, default: int | None = None) -> int | None:
    """A whole number from the query."""
    value = request.args.get(name)
    if value is None:
        return default
    if not DIGITS.fullmatch(value) or int(value) < least:
        raise Refused(f"The parameter {name!r} must be a whole number from {least} on, not {value!r}.")
    return int(value)


def duration(value: Any) -> timedelta:
    """Seconds as a number, or a text such as 30s, 5m, 8h, 1d, 1d12h."""
    seconds = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    elif isinstance(value, str) and DURATION.fullmatch(value):
        parts = re.findall(r"([\d.]+)([smhd])", value)
        seconds = sum(float(count) * UNITS[unit] for count, unit in parts)
    if 0 <= seconds <= LONGEST:
        return timedelta(seconds=seconds)
    raise Refused(f"'advance' must be seconds or a duration such as 30s, 5m, 8h or 1d, not {value!r}.")


def instant(name: str, value: Any) -> datetime:
    """An aware instant from RFC 3339."""
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        read = None
    if read is None or read.tzinfo is None:
        raise Refused(f"{name!r} must be an instant with its offset such as 2026-03-01T00:00:00Z, not {value!r}.")
    if not EARLIEST <= read < LATEST:
        raise Refused(f"{name!r} must be an instant from 1970 to 8999, not {value!r}.")
    return read.astimezone(UTC)


def shown(moment: datetime) -> str:
    """An instant as the control API writes it."""
    return moment.isoformat().replace("+00:00", "Z")
