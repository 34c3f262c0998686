"""How fast the fake answers: reading one issue, beside a function that knows nothing on the same server.

The servers have one core to themselves and the load generator another, where the machine has two. Authentication,
permission, fault check and journal are on; the function sends the same bytes with the same headers.
"""

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import requests
from rich.table import Table

from bench import LOGIN
from bench.load import Load
from bench.processes import on, resident_mb

CONNECTIONS = 16
BODY = 6_700  # bytes of the issue that is read
STARTS = 5  # how often the time until it is ready is taken
SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass(frozen=True, slots=True)
class Served:
    """What `measure` found: loads in turns, milliseconds until ready, resident megabytes before and after a load."""

    bare: list[Load]
    ours: list[Load]
    ready_ms: float
    before_mb: float
    after_mb: float
    requests: int


@contextlib.contextmanager
def fake() -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A fake in a process of its own: the process, its URL, and how long it took to be ready (milliseconds)."""
    begun = time.perf_counter()
    words = on(SERVER_CORE, "fake_jira", "serve", "--port", "0", "--json")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            yield process, url, (time.perf_counter() - begun) * 1000
        finally:
            process.terminate()


@contextlib.contextmanager
def bare(answer: requests.Response, folder: Path) -> Iterator[str]:
    """The function that sends `answer` to everything; hands out its URL."""
    path = folder / "answer.json"
    headers = [pair for pair in answer.headers.items() if pair[0] not in ("Connection", "Keep-Alive")]
    path.write_text(json.dumps({"headers": headers, "body": answer.content.decode("latin-1")}))
    with subprocess.Popen(on(SERVER_CORE, "bench.bare", str(path)), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()


def load(url: str, seconds: float) -> Load:
    """One turn of the load generator, in a process of its own."""
    words = on(LOAD_CORE, "bench.load", url, ":".join(LOGIN), str(seconds), str(CONNECTIONS))
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"The load generator failed: {done.stderr.strip()[-500:]}")
    return Load(**json.loads(done.stdout))


def issue_of(url: str) -> str:
    """Creates an issue whose answer has about BODY bytes; its address."""
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "Read again and again"}
    body = {"fields": fields | {"description": "x"}}
    key = requests.post(f"{url}/rest/api/2/issue", json=body, auth=LOGIN, timeout=10).json()["key"]
    address = f"{url}/rest/api/2/issue/{key}"
    missing = BODY - len(requests.get(address, auth=LOGIN, timeout=10).content)
    requests.put(address, json={"fields": {"description": "x" * (missing + 1)}}, auth=LOGIN, timeout=10)
    return address


def measure(seconds: float, rounds: int, requests_wanted: int) -> Served:
    """Both servers in turns; then ours alone until it has answered `requests_wanted`, to see whether memory grows."""
    ready = []
    for _ in range(STARTS):
        with fake() as (_, _, took):
            ready.append(took)
    with tempfile.TemporaryDirectory() as folder, fake() as (process, url, took):
        ready.append(took)
        address = issue_of(url)
        answer = requests.get(address, auth=LOGIN, timeout=10)
        limits, ours = [], []
        with bare(answer, Path(folder)) as limit:
            for warm in (limit, address):
                load(warm, 0.5)
            for _ in range(rounds):
                limits.append(load(limit, seconds))
                ours.append(load(address, seconds))
        before, asked = resident_mb(process.pid), sum(each.answers for each in ours)
        while asked < requests_wanted:
            asked += load(address, 10).answers
        return Served(limits, ours, median(ready), before, resident_mb(process.pid), asked)


def table(served: Served) -> Table:
    drawn = Table(title=f"How fast an issue is read ({CONNECTIONS} connections, one core)")
    for heading in ("", "requests/s", "p50 ms", "p99 ms", "bytes", "ours is", "expected"):
        drawn.add_column(heading, justify="left" if not heading else "right")
    rows: tuple[tuple[str, Sequence[Load]], ...] = (
        ("the fake: authentication, permission, faults, journal", served.ours),
        ("a bare function with the same bytes on the same server (the limit)", served.bare),
    )
    fastest = median(each.rate for each in served.ours)
    for label, loads in rows:
        rate = median(each.rate for each in loads)
        limit = loads is served.bare
        drawn.add_row(
            label, f"{rate:,.0f}", f"{median(each.p50_ms for each in loads):.2f}",
            f"{median(each.p99_ms for each in loads):.2f}", f"{loads[0].body_bytes:,}",
            f"{fastest / rate:.2f} x" if limit else "", "0.5 x" if limit else "p99 < 15",
        )  # fmt: skip
    drawn.caption = (
        f"ready in {served.ready_ms:.0f} ms (expected 300); "
        f"memory {served.before_mb:.0f} MB -> {served.after_mb:.0f} MB after {served.requests:,} requests"
    )
    return drawn
