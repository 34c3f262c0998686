"""Spans of work as Jira writes them, `1w 2d 3h 20m`: a day has eight hours and a week five days."""

import re

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 8 * HOUR
WEEK = 5 * DAY
UNITS = {"w": WEEK, "d": DAY, "h": HOUR, "m": MINUTE}
_PART = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,4})?)\s*(?:([wdhm])[a-z]*)?\s*", re.IGNORECASE)


def read_duration(text: str) -> int | None:
    """Seconds; a number without a unit is minutes. None if it cannot be read."""
    total, place = 0.0, 0
    while place < len(text):
        part = _PART.match(text, place)
        if part is None:
            return None
        total += float(part[1]) * UNITS[(part[2] or "m").lower()]
        place = part.end()
    return int(total) if text.strip() else None


def pretty(seconds: int) -> str:
    """The span in words; what is less than a minute is left out."""
    parts = []
    for unit, size in UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0m"
