"""How long a query over many issues takes the fake Jira: its first page and how many there are, on one core.

No HTTP: what is measured is reading, checking and answering the query, and picking the first fifty issues. `first` is
the very first time, `warm` the median of the rounds after it, `count` how many there are alone.
"""

from statistics import median
from time import perf_counter

from rich.table import Table

from fake_jira.clock import Clock
from fake_jira.jql import Asker, complaints, find_ids, matches, parse
from fake_jira.model.catalogue import fresh_state
from fake_jira.model.sample import sow
from fake_jira.model.state import Site

EXPECTED_MS = 50
PAGE = 50
QUERIES = (
    "key = SEC-4711",
    "id in (20000, 30000, 40000)",
    "project = SEC ORDER BY created DESC",
    "project = SEC ORDER BY updated DESC",
    "project = SEC ORDER BY key",
    "status = Done ORDER BY updated DESC",
    "project = SEC AND status = Done ORDER BY updated DESC",
    "project = SEC AND statusCategory != Done ORDER BY created",
    "created >= -7d ORDER BY created",
    "assignee = currentUser() AND status = Done",
)


def measure(issues: int, rounds: int) -> Table:
    """The table of all queries over a site of `issues` sample issues."""
    clock = Clock()
    site = Site(fresh_state(clock), clock)
    sow(site, 1, issues)
    asker = Asker(site.state, site.state.user("admin@example.com"), clock.now())
    drawn = Table(title=f"JQL over {issues:,} issues (first page and total; expected under {EXPECTED_MS} ms by key, "
                  "project and status)")  # fmt: skip
    for heading in ("query", "found", "first ms", "warm ms", "count ms"):
        drawn.add_column(heading, justify="left" if heading == "query" else "right")
    for jql in QUERIES:
        times = [_asked(jql, asker) for _ in range(rounds + 1)]
        counts = [_counted(jql, asker) for _ in range(rounds)]
        warm = median(seconds for seconds, _ in times[1:])
        drawn.add_row(
            jql, f"{times[0][1]:,}", f"{times[0][0] * 1000:.1f}", f"{warm * 1000:.1f}", f"{median(counts) * 1000:.1f}"
        )
    return drawn


def _asked(jql: str, asker: Asker) -> tuple[float, int]:
    """Seconds, and how many were found."""
    started = perf_counter()
    query = parse(jql)
    complaints(query, asker)
    ids = find_ids(query, asker)
    page = [asker.state.index.shown[each] for each in ids[:PAGE]]
    took = perf_counter() - started
    assert len(page) <= PAGE
    return took, len(ids)


def _counted(jql: str, asker: Asker) -> float:
    started = perf_counter()
    len(matches(parse(jql), asker))
    return perf_counter() - started
