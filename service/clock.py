"""The one door to the time of day.

Everything that is stored, compared or shown asks here, so one frozen clock covers the whole service. Socket deadlines
are not times of day and use the monotonic clock where they are.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
