"""How long to wait before a request is tried again (R11)."""

from datetime import timedelta

RETRIES = 4  # [jira 7.1] "at most 4 retries"
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(seconds=30)


def wait(failures: int, retry_after: timedelta | None, jitter: float) -> timedelta:
    """The wait after the `failures`-th failure in a row (1 = the first).

    `jitter` is a number in [0, 1): it spreads the wait over 0.7 to 1.3 of the doubling one. `retry_after` is a lower
    bound and never undercut: jitter goes above it. [jira 7.1, 2.9]
    """
    doubling = min(FIRST_WAIT * (1 << min(failures - 1, 10)), LONGEST_WAIT) * (0.7 + 0.6 * jitter)
    if retry_after is None:
        return doubling
    return max(doubling, retry_after * (1 + 0.1 * jitter))


def are_spent(failures: int) -> bool:
    """Whether `failures` in a row leave nothing to try: then, and not before, the integration is broken (R11)."""
    return failures > RETRIES
