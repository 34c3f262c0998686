"""What one run costs as the store grows: memory, and time per ticket, which should not know how many there are.

The Jira knows every issue and answers at once, so what is measured is the service: its process in all, web included.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bench import deployed
from bench.deployed import Connected
from bench.processes import cpu_seconds, peak_mb, started

MOST_MB = 300
LINEAR = 1.2  # times the processor time per ticket of the smallest store


@dataclass(frozen=True, slots=True)
class Sized:
    """One run over `tickets`: wall clock, processor time of the service's process since it was ready, peak memory."""

    tickets: int
    seconds: float
    cpu: float
    peak_mb: float
    requests: int


def measure(sizes: Sequence[int]) -> list[Sized]:
    """A first run over each number of tickets, each in a process and a store of its own."""
    with started([sys.executable, "-m", "bench.answering", "0"]) as (_, port):
        return [_run(f"http://127.0.0.1:{int(port)}", size) for size in sizes]


def _run(url: str, tickets: int) -> Sized:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        deployed.fill(folder, [Connected("large", url, tickets)])
        with deployed.service(folder) as running:
            before = cpu_seconds(running.pid)
            run = running.ended(["large"], 60 + tickets / 1000)["large"]
            cpu = cpu_seconds(running.pid) - before
            return Sized(tickets, deployed.seconds_of(run, tickets), cpu, peak_mb(running.pid), run.requests)


def table(measured: list[Sized]) -> Table:
    drawn = Table(title="One run as the store grows (first run, every status is news)")
    headings = (
        "tickets",
        "requests",
        "seconds",
        "tickets/s",
        "CPU us/ticket",
        "to the smallest",
        "peak MB",
        "expected",
    )
    for heading in headings:
        drawn.add_column(heading, justify="right")
    smallest = measured[0].cpu / measured[0].tickets
    for one in measured:
        each = one.cpu / one.tickets
        drawn.add_row(
            f"{one.tickets:,}", f"{one.requests:,}", f"{one.seconds:.1f}", f"{one.tickets / one.seconds:,.0f}",
            f"{each * 1e6:.0f}", f"{each / smallest:.2f} x", f"{one.peak_mb:.0f}", f"{LINEAR:g} x, {MOST_MB} MB",
        )  # fmt: skip
    return drawn
