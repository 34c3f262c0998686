"""An operand -> the instant that it names, and a written length of time -> seconds."""

import re
from datetime import datetime

from fake_jira.jql.dates import call_date, is_date_function, read_date
from fake_jira.jql.functions import known
from fake_jira.jql.kinds import Asker
from fake_jira.jql.tree import Call, Operand, Word

_DAY = re.compile(r"\d{4}([-/])\d{1,2}\1\d{1,2}")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([wdhm])")
_SECONDS = {"m": 60, "h": 3600, "d": 8 * 3600, "w": 5 * 8 * 3600}  # a working day has eight hours, a week five days


def instant(operand: Operand, asker: Asker) -> datetime | None:
    """The instant that a literal, a distance or a function of dates names; None for anything else."""
    if isinstance(operand, Word):
        return read_date(operand.text, asker.now, asker.zone)
    if isinstance(operand, Call):
        if is_date_function(operand.name):
            return call_date(operand.name, operand.arguments, asker.now, asker.zone)
        known(operand)
    return None


def is_day(operand: Operand) -> bool:
    """Whether a whole day is meant: a literal without a time."""
    return isinstance(operand, Word) and _DAY.fullmatch(operand.text.strip()) is not None


def seconds(text: str) -> float | None:
    """ "2h", "1w 2d"; a bare number is of minutes. None for what is no length of time."""
    text = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) * _SECONDS["m"]
    if not text or re.sub(_PART, "", text).strip():
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text))
