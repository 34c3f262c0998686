"""Which tickets are still refreshed."""

from datetime import datetime

from dateutil.relativedelta import relativedelta

LAST_YEAR = relativedelta(years=1)  # R13: the same date a year ago (29 February -> 28 February)


def cutoff(now: datetime) -> datetime:
    """The earliest creation instant that is still refreshed, itself included (R13)."""
    return now - LAST_YEAR


def is_still_refreshed(created_at: datetime, now: datetime) -> bool:
    """[ticket-status, safeguard 1] "The statuses of tickets created only in the last year would be refreshed"."""
    return created_at >= cutoff(now)
