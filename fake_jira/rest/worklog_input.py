"""What a request says about work: the worklog itself, and what is to become of the remaining estimate."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.model.durations import read_duration
from fake_jira.model.records import Worklog
from fake_jira.model.worklogs import Adjust, Work, automatic, leave
from fake_jira.rest import properties, richtext
from fake_jira.rest.scene import scene, site
from fake_jira.rest.visibility import visibility_in
from fake_jira.rest.wire import text

NO_TIME = "You must indicate the time spent working."
MOST = 100 * 365 * 86_400  # seconds: a hundred years
BAD_TIME = "Invalid time duration entered."
BAD_START = "The start of the work must be a date in the format yyyy-MM-dd'T'HH:mm:ss.SSSZ."


def work_in(given: Mapping[str, Any], project_id: str, old: Worklog | None = None) -> Work:
    """The worklog that a request describes; what it leaves out stays as it was in `old`."""
    spent = _seconds(given)
    if spent is None:
        if old is None:
            raise Invalid(fields={"timeLogged": NO_TIME})
        spent = old.seconds
    comment, restricted, beside = (old.comment, old.visibility, old.properties) if old else (None, None, ())
    if "comment" in given:
        comment = richtext.read(scene().version, "comment", given["comment"])
    if "visibility" in given:
        restricted = visibility_in(given["visibility"], project_id)
    if "properties" in given:
        beside = properties.beside(given["properties"])
    started = _start(given["started"]) if given.get("started") else old.started if old else site().now()
    return Work(started, spent, comment, restricted, beside)


def _seconds(given: Mapping[str, Any]) -> int | None:
    in_words, seconds = given.get("timeSpent"), given.get("timeSpentSeconds")
    if in_words is not None:
        seconds = read_duration(in_words) if isinstance(in_words, str) else None
    elif seconds is None:
        return None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds <= MOST:
        raise Invalid(fields={"timeLogged": BAD_TIME})
    return seconds


def _start(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise Invalid(fields={"started": BAD_START})


def adjustment(by: str = "reduceBy") -> Adjust:
    """What the query asks to do with the remaining estimate; `by` names the parameter of `manual`.

    An update has no `manual`: what changed is counted there already.
    """
    return adjusting(text("adjustEstimate") or "auto", text("newEstimate"), by, text(by) if by else "")


def adjusting(how: str, new: str, by: str, amount: str) -> Adjust:
    """The same for values from wherever they are."""
    if how == "auto":
        return automatic
    if how == "leave":
        return leave
    if how == "new":
        estimate = _needed("newEstimate", new)
        return lambda *_: estimate
    if how == "manual" and by:
        step = _needed(by, amount)
        sign = -1 if by == "reduceBy" else 1
        return lambda remaining, _: max(0, (remaining or 0) + sign * step)
    raise Invalid(fields={"adjustEstimate": f"'{how}' is not a way of adjusting the estimate."})


def _needed(name: str, given: str) -> int:
    seconds = read_duration(given)
    if seconds is None or seconds > MOST:
        raise Invalid(fields={name: f"You must supply a valid time for '{name}', e.g. 2d 4h."})
    return seconds
