"""How fast statuses are learned: tickets per second of our retrieval beside three other ways, as ratios.

The fake Jira runs in a process of its own; the contestants take turns, so that a machine whose speed drifts drifts for
all of them. The median of the rounds is printed.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from statistics import median

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.contestants import CONTESTANTS, Result

LABELS = {
    "ours": "this service: the run of every eight hours, store included",
    "ours-first": "this service: the first run, every status is news",
    "limit": "the same searches in a bare loop, no store (the limit)",
    "chunks": "`jira` client, searching a hundred at a time",
    "one-by-one": "`jira` client, reading one by one",
}
EXPECTED = {"limit": 0.7, "chunks": 3.0, "one-by-one": 30.0}


@contextlib.contextmanager
def fake_jira(issues: int) -> Iterator[str]:
    """A fake Jira with `issues` issues in a process of its own; hands out its URL."""
    command = [sys.executable, "-m", "fake_jira", "serve", "--flavour", "cloud", "--port", "0", "--json"]
    with subprocess.Popen(
        [*command, "--seed", "1", "--issues", str(issues)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def turn(name: str, url: str, tickets: int) -> Result:
    """One turn of one contestant, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.contestants", name, url, str(tickets), folder]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"The contestant {name!r} failed:\n{done.stderr[-2000:]}")
    return Result(**json.loads(done.stdout.splitlines()[-1]))


def rates(results: list[Result]) -> float:
    """Tickets per second, the median of the rounds."""
    return median(result.tickets / result.seconds for result in results)


def table(results: dict[str, list[Result]]) -> Table:
    drawn = Table(title="How fast statuses are learned")
    for heading in ("", "tickets", "tickets/s", "requests", "peak MB", "ours is", "expected"):
        drawn.add_column(heading, justify="left" if not heading else "right")
    fastest = rates(results["ours"])
    for name, rounds in results.items():
        ratio = "" if name.startswith("ours") else f"{fastest / rates(rounds):.2f} x"
        expected = f"{EXPECTED[name]:g} x" if name in EXPECTED else ""
        peak = max(result.peak_mb for result in rounds)
        drawn.add_row(
            LABELS[name], f"{rounds[0].tickets:,}", f"{rates(rounds):,.0f}", f"{rounds[0].requests:,}", f"{peak:.0f}",
            ratio, expected,
        )  # fmt: skip
    return drawn


def measure(tickets: int, one_by_one: int, rounds: int, console: Console) -> dict[str, list[Result]]:
    """All contestants in turns; `one_by_one` tickets for the way that reads singly, fewer for the slow client too."""
    results: dict[str, list[Result]] = {name: [] for name in CONTESTANTS}
    with Progress(console=console, transient=True) as progress, fake_jira(tickets) as url:
        task = progress.add_task("taking turns", total=rounds * len(CONTESTANTS))
        for _ in range(rounds):
            for name, turns in results.items():
                progress.update(task, description=f"{LABELS[name]}")
                turns.append(turn(name, url, {"chunks": -(-tickets // 5), "one-by-one": one_by_one}.get(name, tickets)))
                progress.advance(task)
    return results
