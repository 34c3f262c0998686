"""Do slow Jiras hold the others up? Many integrations that are due at once, some of which are slow and some hang.

Measured is the time until the last of the fast ones is done, beside the same fast ones alone.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bench import deployed
from bench.answering import HANG
from bench.deployed import Connected
from bench.processes import started
from service.store.runs import RunState

EXPECTED = 1.5
EVERY = 20  # one in so many is slow, and one hangs
SLOW_SECONDS = 1.0
PATIENCE = 900  # seconds until it is given up


@dataclass(frozen=True, slots=True)
class Shared:
    """How many there were, and the seconds until the last fast one was done: alone, and among the others."""

    fast: int
    slow: int
    hanging: int
    tickets: int
    alone: float
    among: float


def measure(integrations: int, tickets: int) -> Shared:
    """`integrations` with `tickets` each, in two turns: the fast ones alone, then all of them."""
    with started([sys.executable, "-m", "bench.answering", "0", str(SLOW_SECONDS), HANG]) as (_, ports):
        fast, slow, hanging = (f"http://127.0.0.1:{int(port)}" for port in ports.split())
        urls = [{EVERY // 2: slow, 0: hanging}.get(number % EVERY, fast) for number in range(integrations)]
        every = [Connected(f"jira-{number}", url, tickets) for number, url in enumerate(urls)]
        quick = [one for one in every if one.url == fast]
        names = [one.name for one in quick]
        return Shared(
            len(quick), urls.count(slow), urls.count(hanging), tickets, _until(quick, names), _until(every, names)
        )


def _until(connected: list[Connected], names: list[str]) -> float:
    """Seconds from when the first of `names` was due until the last of them was done."""
    with tempfile.TemporaryDirectory() as folder:
        deployed.fill(Path(folder), connected)
        with deployed.service(Path(folder)) as running:
            runs = running.ended(names, PATIENCE).values()
    failed = [run.reason for run in runs if run.state is not RunState.COMPLETE]
    assert not failed, failed
    last = max(run.ended_at for run in runs if run.ended_at is not None)
    return (last - min(run.enqueued_at for run in runs)).total_seconds()


def table(shared: Shared) -> Table:
    drawn = Table(title=f"Until the last of {shared.fast} fast Jiras is done ({shared.tickets:,} tickets each)")
    for heading in ("", "seconds", "longer by", "expected"):
        drawn.add_column(heading, justify="left" if not heading else "right")
    drawn.add_row("alone", f"{shared.alone:.1f}", "", "")
    drawn.add_row(
        f"beside {shared.slow} that take {SLOW_SECONDS:g} s per answer and {shared.hanging} that never answer",
        f"{shared.among:.1f}", f"{shared.among / shared.alone:.2f} x", f"{EXPECTED:g} x",
    )  # fmt: skip
    return drawn
