"""How much of the allowed concurrency a run uses while Jira takes its time: beside the ideal, and beside a bare loop.

The ideal is as many requests as there are, as many at once as are allowed, each as long as Jira takes.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import local
from time import perf_counter

import orjson
import requests
from rich.table import Table

from bench import LOGIN, deployed
from bench.deployed import FIRST_ISSUE, Connected
from bench.processes import started
from service.settings import Settings

EXPECTED = 0.9
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds for `tickets` with `wait` seconds per answer and `in_flight` requests at once."""

    tickets: int
    wait: float
    in_flight: int
    ideal: float
    bare: float
    ours: float


def measure(tickets: int, wait: float) -> Waited:
    """One run of the service, then the same searches in a bare loop."""
    in_flight = Settings().requests_in_flight
    command = [sys.executable, "-m", "bench.answering", str(wait)]
    with tempfile.TemporaryDirectory() as folder, started(command) as (_, port):
        url = f"http://127.0.0.1:{int(port)}"
        deployed.fill(Path(folder), [Connected("slow", url, tickets)])
        with deployed.service(Path(folder)) as running:
            ideal = -(-tickets // CHUNK // in_flight) * wait
            run = running.ended(["slow"], 60 + 10 * ideal)["slow"]
        bare = _bare(url, tickets, in_flight)
        return Waited(tickets, wait, in_flight, ideal, bare, deployed.seconds_of(run, tickets))


def _bare(url: str, tickets: int, in_flight: int) -> float:
    mine = local()

    def ask(first: int) -> int:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
            mine.session.trust_env = False
            mine.session.auth = LOGIN
        ids = ",".join(str(each) for each in range(first, min(first + CHUNK, FIRST_ISSUE + tickets)))
        body = {"jql": f"id in ({ids})", "fields": ["status", "updated", "project"], "maxResults": CHUNK}
        answer = mine.session.post(f"{url}/rest/api/3/search/jql", json=body, timeout=60)
        return len(orjson.loads(answer.content)["issues"])

    started_at = perf_counter()
    with ThreadPoolExecutor(in_flight) as pool:
        assert sum(pool.map(ask, range(FIRST_ISSUE, FIRST_ISSUE + tickets, CHUNK))) == tickets, "some were left out"
    return perf_counter() - started_at


def table(waited: Waited) -> Table:
    drawn = Table(title=f"A run while each answer of Jira takes {waited.wait * 1000:g} ms")
    for heading in ("", "seconds", "ours is", "expected"):
        drawn.add_column(heading, justify="left" if not heading else "right")
    drawn.add_row("this service: a first run, store included", f"{waited.ours:.2f}", "", "")
    drawn.add_row("the ideal: requests / at once * wait", f"{waited.ideal:.2f}", f"{waited.ideal / waited.ours:.2f} x",
                  f"{EXPECTED:g} x")  # fmt: skip
    drawn.add_row("the same searches in a bare loop", f"{waited.bare:.2f}", f"{waited.bare / waited.ours:.2f} x", "")
    drawn.caption = f"{waited.tickets:,} tickets, {waited.in_flight} requests at once"
    return drawn
