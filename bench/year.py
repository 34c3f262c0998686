"""A year of runs, one every eight hours, on one core together with the fake Jira that they ask.

`python -m bench.year URL RUNS FOLDER` lives through it: time stands still while the service does what is due, and is
then moved to when the service says that something is due next. HTTP to Jira and the SQLite file are real. One ticket a
week changes its status; in the end every status must be the fake's.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from unittest import mock

from rich.table import Table

from bench.contestants import limit
from bench.processes import cpu_seconds, on, started
from bench.service_under_test import service_with_tickets
from fake_jira.client import FakeJiraClient
from service import clock
from service.app import Parts
from service.rules.schedule import RETRIEVAL_PERIOD
from service.store import runs, tickets
from service.store.runs import RunState

YEAR = 1095  # runs
RUNS_A_WEEK = 21
EXPECTED_SECONDS = 10
CORE = "0"
TICKETS = 200
STATUSES = ("Done", "In Progress")


@dataclass(frozen=True, slots=True)
class Lived:
    """`runs` runs: wall clock, processor time of the service and of the fake, all in seconds."""

    runs: int
    requests: int
    changed: int
    seconds: float
    cpu: float
    fake_cpu: float = 0


def live(url: str, wanted: int, folder: Path) -> Lived:
    """`wanted` runs over all issues of the fake at `url`, each when it is due."""
    now = clock.now()
    with FakeJiraClient(url) as jira, mock.patch.object(clock, "now", lambda: now):  # noqa: PT008 - it moves on
        ids = [issue["id"] for issue in jira.issues()]
        parts, integration_id = service_with_tickets(url, ids, folder, age=timedelta())
        begun, cpu = perf_counter(), process_time()
        for number in range(wanted):
            if number % RUNS_A_WEEK == 0:
                week = number // RUNS_A_WEEK
                jira.transition(ids[week % len(ids)], STATUSES[week // len(ids) % len(STATUSES)])
            now += RETRIEVAL_PERIOD
            for job in parts.work.due(now):  # as each tick of the schedule does
                parts.work.do(job)
        seconds, cpu = perf_counter() - begun, process_time() - cpu
        sent, changed = _insist_on_truth(parts, integration_id, wanted, jira)
        parts.store.close()
    return Lived(wanted, sent, changed, seconds, cpu)


def _insist_on_truth(parts: Parts, integration_id: int, wanted: int, jira: FakeJiraClient) -> tuple[int, int]:
    """The requests sent and the changes found by all runs, after making sure that they did what they are for."""
    with parts.store.read() as c:
        history = runs.history(c, integration_id, wanted + 1)
        _, known = tickets.by_integration(c, integration_id, TICKETS, 0)
    assert len(history) == wanted
    assert all(run.state is RunState.COMPLETE and run.checked == len(known) for run in history)
    told = {issue["id"]: issue["status"] for issue in jira.issues()}
    assert {each.issue_id: each.status and each.status.name for each in known} == told, "not every status is the fake's"
    return sum(run.requests for run in history), sum(run.changed for run in history)


def ask_alike(url: str, wanted: int) -> Lived:
    """The searches of `wanted` runs in a bare loop: what Jira and HTTP take by themselves."""
    with FakeJiraClient(url) as jira:
        ids = [issue["id"] for issue in jira.issues()]
    run = limit(url, ids * wanted, Path())
    begun, cpu = perf_counter(), process_time()
    return Lived(wanted, run(), 0, perf_counter() - begun, process_time() - cpu)


def measure(wanted: int) -> dict[str, Lived]:
    """The service, then the bare loop, each in a process of its own on the one core that the fake has too."""
    fake = ["fake_jira", "serve", "--port", "0", "--json", "--seed", "1", "--issues", str(TICKETS)]
    with started(on(CORE, *fake)) as (pid, line):
        url = json.loads(line)["url"]
        return {name: _turn(name, url, wanted, pid) for name in ("ours", "limit")}


def _turn(name: str, url: str, wanted: int, fake: int) -> Lived:
    before = cpu_seconds(fake)
    with tempfile.TemporaryDirectory() as folder:
        words = on(CORE, "bench.year", name, url, str(wanted), folder)
        done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"The year could not be lived:\n{done.stderr[-2000:]}")
    return replace(Lived(**json.loads(done.stdout.splitlines()[-1])), fake_cpu=cpu_seconds(fake) - before)


def table(lived: dict[str, Lived]) -> Table:
    ours = lived["ours"]
    drawn = Table(title=f"{ours.runs:,} runs over {TICKETS} tickets, with the fake Jira on one core")
    headings = ("", "requests", "changes", "seconds", "CPU s", "the fake's", "ms/run", "ours takes", "expected")
    for heading in headings:
        drawn.add_column(heading, justify="left" if not heading else "right")
    labels = {"ours": "this service by its schedule", "limit": "its searches in a bare loop"}
    cpu = {name: one.cpu + one.fake_cpu for name, one in lived.items()}
    says = {
        "ours": (f"{ours.changed}", "", f"{EXPECTED_SECONDS * ours.runs / YEAR:.1f} s"),
        "limit": ("", f"{cpu['ours'] / cpu['limit']:.2f} x", ""),
    }
    for name, one in lived.items():
        changes, ratio, expected = says[name]
        drawn.add_row(
            labels[name], f"{one.requests:,}", changes, f"{one.seconds:.1f}", f"{cpu[name]:.1f}", f"{one.fake_cpu:.1f}",
            f"{cpu[name] / one.runs * 1000:.1f}", ratio, expected,
        )  # fmt: skip
    return drawn


if __name__ == "__main__":
    _, name, url, wanted, folder = sys.argv
    lived = live(url, int(wanted), Path(folder)) if name == "ours" else ask_alike(url, int(wanted))
    print(json.dumps(asdict(lived)))
