"""Random histories: the beginning of a world, and deeds each with the time that passes after it.

Deeds name tickets by a number, of which the remainder counts, so that any part of a history is a history too and a
failing one can be made short. What cannot be done (the second deletion of an issue) is passed over.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

STATUSES = ("To Do", "In Progress", "Done")
PROJECTS = ("SEC", "TEST")
BEGINNINGS = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2024, 2, 29, 12, tzinfo=UTC))
YEAR, DAY, HOUR, MINUTE, SECOND = relativedelta(years=1), *(timedelta(seconds=n) for n in (86_400, 3600, 60, 1))
AGES = (  # of tickets, as a history begins: the first scheduled run is eight hours later
    DAY, YEAR - relativedelta(hours=8), YEAR - relativedelta(hours=8) + relativedelta(seconds=1),
    YEAR - relativedelta(days=200), YEAR - relativedelta(days=5), 400 * DAY,
)  # fmt: skip
GAPS = (SECOND, 20 * SECOND, MINUTE, 5 * MINUTE, 6 * MINUTE, HOUR, 8 * HOUR, DAY)
LONG_GAPS = (30 * DAY, 200 * DAY, 366 * DAY)  # while the service is stopped, which then catches up once (R8)
FAULTS = ("outage", "unavailable", "reset", "login_page", "rate_limit")

Deed = tuple[object, ...]


@dataclass(frozen=True)
class FirstTicket:
    """A ticket that there is at first. Tickets of one `violation` are refreshed together."""

    status: str
    age: timedelta | relativedelta
    project: str
    violation: int


@dataclass(frozen=True)
class History:
    """`jira`: cloud or data-center. `lag`: seconds by which its search index is late."""

    jira: str
    at: datetime
    tickets: tuple[FirstTicket, ...]
    lag: int
    steps: tuple[tuple[Deed, timedelta], ...]


numbers = st.integers(0, 5)
statuses, projects = st.sampled_from(STATUSES), st.sampled_from(PROJECTS)


def deed(name: str, *parts: st.SearchStrategy[object]) -> st.SearchStrategy[Deed]:
    return st.tuples(st.just(name), *parts)


deeds = st.one_of(
    deed("wait"),
    deed("transition", numbers, statuses),
    deed("delete", numbers),
    deed("restore", numbers),
    deed("move", numbers, projects),
    deed("toggle"),
    deed("flick"),
    deed("refresh", numbers),
    deed("check"),
    deed("retrieve"),
    deed("create", projects),
    deed("fault", st.sampled_from(FAULTS), st.sampled_from((None, 1, 3)), st.sampled_from((None, 30, 120, 600))),
    deed("outlast", st.sampled_from(FAULTS)),
    deed("ordeal", st.sampled_from(FAULTS)),
    deed("clear"),
    deed("expire"),
    deed("hide", projects),
    deed("heal"),
    deed("guard", numbers),
    deed("unguard", numbers),
    deed("veil", numbers),
    deed("restart"),
    deed("kill"),
    deed("stop"),
    deed("start"),
    deed("edit"),
    deed("second", numbers),
    deed("remove"),
)
steps = st.tuples(deeds, st.sampled_from(GAPS + LONG_GAPS))
first_tickets = st.builds(FirstTicket, statuses, st.sampled_from(AGES), projects, numbers)


def histories(jira: str) -> st.SearchStrategy[History]:
    return st.builds(
        History,
        st.just(jira),
        st.sampled_from(BEGINNINGS),
        st.lists(first_tickets, min_size=1, max_size=4).map(tuple),
        st.sampled_from((0, 300, 36_000)),
        st.lists(steps, min_size=8, max_size=14).map(tuple),
    )
