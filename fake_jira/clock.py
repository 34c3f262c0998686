"""The one door to the time of day for the fake: the real (or frozen) clock plus an offset, one instance per world.

Token life, index lag, fault windows and every timestamp in an answer ask here, so a test that moves the clock moves
all of them. Socket deadlines are not times of day and stay away.
"""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset; under freezegun the frozen time plus an offset."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The present instant of this world, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, by: timedelta) -> None:
        """Move on (or back, if negative); the clock keeps running from there."""
        self.offset += by

    def move_to(self, instant: datetime) -> None:
        """Make it `instant` now; `instant` is aware. The clock keeps running from there."""
        self.offset = instant - datetime.now(UTC)

    def copy(self) -> "Clock":
        """Another clock that shows the same time, for a forked world."""
        return Clock(self.offset)
