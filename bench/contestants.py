"""The four ways of learning the status of many tickets that `make bench` holds side by side.

Each runs in a process of its own against the same fake Jira, prints one JSON object and ends:
`python -m bench.contestants NAME URL TICKETS FOLDER`.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import local
from typing import Any

import orjson
import requests

from bench import LOGIN
from bench.processes import peak_mb

CHUNK = 100
IN_FLIGHT = 4  # as many as the service's own default


@dataclass(frozen=True, slots=True)
class Result:
    """What one contestant did: `seconds` of wall clock, `requests` sent, `peak_mb` of resident memory."""

    tickets: int
    seconds: float
    requests: int
    peak_mb: float


def issue_ids(url: str, wanted: int) -> list[str]:
    """The ids of the first `wanted` issues, from the fake's control API (not part of what is timed)."""
    ids: list[str] = []
    while len(ids) < wanted:
        page = requests.get(f"{url}/_control/issues", params={"start": len(ids), "limit": 5000}, timeout=60).json()
        if not page["issues"]:
            raise SystemExit(f"The fake Jira has only {len(ids)} issues, {wanted} are needed.")
        ids += [issue["id"] for issue in page["issues"]]
    return ids[:wanted]


def chunks(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def ours(url: str, ids: list[str], folder: Path) -> Callable[[], int]:
    """One retrieval run of the service as it comes every eight hours, store included."""
    from bench.service_under_test import regular_run  # noqa: PLC0415 - only our two contestants pay for it

    return regular_run(url, ids, folder)


def ours_at_first(url: str, ids: list[str], folder: Path) -> Callable[[], int]:
    """The very first run, when every status is news."""
    from bench.service_under_test import first_run  # noqa: PLC0415 - likewise

    return first_run(url, ids, folder)


def limit(url: str, ids: list[str], _folder: Path) -> Callable[[], int]:
    """The same search requests, as many at once, in a bare loop without a store: nobody can be faster."""
    mine = local()

    def ask(chunk: list[str]) -> int:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
            mine.session.auth = LOGIN
        body = {"jql": f"id in ({','.join(chunk)})", "fields": ["status", "updated", "project"], "maxResults": CHUNK}
        answer = mine.session.post(f"{url}/rest/api/3/search/jql", json=body, timeout=60)
        return len(orjson.loads(answer.content)["issues"])

    def run() -> int:
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            assert sum(pool.map(ask, chunks(ids))) == len(ids), "the search left some out"
        return -(-len(ids) // CHUNK)

    return run


def jira_client_in_chunks(url: str, ids: list[str], _folder: Path) -> Callable[[], int]:
    """The PyPI client `jira`, searching for a hundred ids at a time."""
    client = _jira_client(url)

    def run() -> int:
        found = 0
        for chunk in chunks(ids):
            jql = f"id in ({','.join(chunk)})"
            issues = client.enhanced_search_issues(jql, maxResults=CHUNK, fields="status,updated,project")
            found += sum(bool(issue.fields.status.name) for issue in issues)
        assert found == len(ids), "the search left some out"
        return -(-len(ids) // CHUNK)

    return run


def jira_client_one_by_one(url: str, ids: list[str], _folder: Path) -> Callable[[], int]:
    """The PyPI client `jira`, one GET per ticket: the obvious way."""
    client = _jira_client(url)

    def run() -> int:
        for issue_id in ids:
            assert client.issue(issue_id, fields="status,updated,project").fields.status.name
        return len(ids)

    return run


def _jira_client(url: str) -> Any:
    from jira import JIRA  # noqa: PLC0415 - only these two contestants pay for it

    return JIRA(server=url, basic_auth=LOGIN)


CONTESTANTS: dict[str, Callable[[str, list[str], Path], Callable[[], int]]] = {
    "ours": ours,
    "ours-first": ours_at_first,
    "limit": limit,
    "chunks": jira_client_in_chunks,
    "one-by-one": jira_client_one_by_one,
}


def measure(name: str, url: str, tickets: int, folder: Path) -> Result:
    """Prepares contestant `name`, times its run alone."""
    ids = issue_ids(url, tickets)
    run = CONTESTANTS[name](url, ids, folder)
    started = time.perf_counter()
    result = Result(len(ids), 0, run(), 0)
    seconds = time.perf_counter() - started
    # not getrusage: its peak begins with that of whoever started us
    return replace(result, seconds=seconds, peak_mb=peak_mb(os.getpid()))


if __name__ == "__main__":
    _, name, url, tickets, folder = sys.argv
    print(json.dumps(asdict(measure(name, url, int(tickets), Path(folder)))))
