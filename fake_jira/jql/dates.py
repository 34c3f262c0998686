"""Dates in JQL: literals, distances from now, and the functions that name the edges of a day, week, month or year.

A literal without a time is the start of that day, in the caller's zone, and no literal is finer than a minute
[jira 6.1].
"""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Any

from dateutil.relativedelta import relativedelta

from fake_jira.errors import Invalid

_LITERAL = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d{2}))?")
_DISTANCE = re.compile(r"[+-]?(?:\d+[wdhm] ?)+")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_STEP = re.compile(r"([+-]?)(\d+)([yMwdhm])?")
_STEP_UNITS = {"y": "years", "M": "months"} | _UNITS
_EDGE = re.compile(r"(start|end)of(day|week|month|year)", re.IGNORECASE)
_OWN_UNIT = {"day": "d", "week": "w", "month": "M", "year": "y"}
_LENGTH = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "year": relativedelta(years=1),
}


def read_date(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The instant that a literal ("2026-01-02", "2026/01/02 10:30") or a distance ("-1d", "2w 4h") names, or None."""
    text = text.strip()
    literal = _LITERAL.fullmatch(text)
    if literal:
        year, _, month, day, hour, minute = literal.groups(default="0")
        try:
            return datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=zone)
        except ValueError:
            return None
    if not _DISTANCE.fullmatch(text):
        return None
    sign = -1 if text.startswith("-") else 1
    amounts = re.findall(r"(\d+)([wdhm])", text)
    try:
        return now + sign * sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in amounts), timedelta(0))
    except (OverflowError, ValueError):
        return None


def is_date_function(name: str) -> bool:
    """now, startOf... or endOf..., in whatever case."""
    return name.lower() == "now" or _EDGE.fullmatch(name) is not None


def call_date(name: str, arguments: tuple[str, ...], now: datetime, zone: tzinfo) -> datetime | None:
    """What now(), startOfMonth("-1") and their like name; None beyond the calendar. Invalid for a bad argument.

    A step without a unit is in the function's own: startOfMonth("-1") is a month ago. Weeks begin on Sunday.
    """
    edge = _EDGE.fullmatch(name)
    if edge is None:
        if arguments:
            raise Invalid(f"Function '{name}' expected '0' arguments but received '{len(arguments)}'.")
        return now
    side, period = edge[1].lower(), edge[2].lower()
    if len(arguments) > 1:
        raise Invalid(f"Function '{name}' expected between '0' and '1' arguments but received '{len(arguments)}'.")
    start = _start(now.astimezone(zone), period)
    if not arguments:
        return _edge(start, side, period)
    unit, amount = _step(name, arguments[0], period)
    try:
        distance: dict[str, Any] = {_STEP_UNITS[unit]: int(amount)}
        step = relativedelta(**distance)
        if unit == _OWN_UNIT[period]:  # a month on from the end of February is the end of March
            return _edge(start + step, side, period)
        return _edge(start, side, period) + step
    except (OverflowError, ValueError):
        return None


def _edge(start: datetime, side: str, period: str) -> datetime:
    return start if side == "start" else start + _LENGTH[period] - timedelta(milliseconds=1)


def _start(instant: datetime, period: str) -> datetime:
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "week":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    if period == "month":
        return day.replace(day=1)
    if period == "year":
        return day.replace(month=1, day=1)
    return day


def _step(name: str, text: str, period: str) -> tuple[str, str]:
    """The unit and the signed digits of a step."""
    step = _STEP.fullmatch(text.strip())
    if step is None:
        raise Invalid(
            f"Duration for function '{name}' should have the format (+/-)n(yMwdhm), e.g -1M for 1 month earlier."
        )
    return step[3] or _OWN_UNIT[period], step[1] + step[2]
