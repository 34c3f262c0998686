"""When statuses are retrieved, and when a broken Jira is tried again."""

from datetime import datetime, timedelta

RETRIEVAL_PERIOD = timedelta(hours=8)
"""[ticket-status] "The ticket statuses will be periodically retrieved from the Jira instance to Xray every 8 hours"."""

PROBE_PERIOD = timedelta(minutes=5)  # R15: while broken, a cheap probe runs every 5 minutes


def first_run(created_at: datetime) -> datetime:
    """The first scheduled run of an integration made at `created_at`."""
    return created_at + RETRIEVAL_PERIOD


def next_run(due: datetime, now: datetime) -> datetime:
    """The run after the one that was due at `due` and is taken up at `now`.

    R8: a service that was down catches up once, not n times, and runs do not drift; so the next one is the first
    multiple of the period after `due` that still lies ahead.
    """
    missed = max(0, (now - due) // RETRIEVAL_PERIOD)
    return due + (missed + 1) * RETRIEVAL_PERIOD


def next_probe(now: datetime) -> datetime:
    """The next look at a Jira that was found broken at `now`."""
    return now + PROBE_PERIOD
