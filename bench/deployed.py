"""The service as it is deployed: `serve` in a process of its own, on a store that was filled before it started.

Its integrations are due when it starts, so that its own schedule finds them and its own threads do the runs; how long
those took is read from its records.
"""

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Text, cast, insert, literal, select

from bench import LOGIN
from bench.processes import started
from service import clock
from service.app import assemble
from service.rules.schedule import RETRIEVAL_PERIOD
from service.settings import Settings
from service.store import integrations, runs
from service.store.database import Store, open_store
from service.store.runs import Run, RunState
from service.store.tables import resources, tickets, violations

LOOK_SECONDS = 0.2  # between two looks at how far it is
FIRST_ISSUE = 10_000


@dataclass(frozen=True, slots=True)
class Connected:
    """An integration that is to be there: its name, its Jira, and how many tickets it has."""

    name: str
    url: str
    tickets: int


def fill(folder: Path, connected: Sequence[Connected]) -> None:
    """Makes the store in `folder`: those integrations, due now, and their tickets, of which no status is known yet."""
    parts = assemble(Settings(database=_database(folder)))
    now = clock.now()
    with contextlib.closing(parts.store), parts.store.begin() as c:
        resource = {"public_id": "r", "type": "artifact", "name": "bench.jar"}
        resource_id = c.execute(insert(resources).values(resource).returning(resources.c.id)).scalar_one()
        violation = {
            "public_id": "v", "resource_id": resource_id, "issue_id": "XRAY-1", "type": "Security", "severity": "High",
            "watch_name": "bench", "component": "gav://b:b:1", "infected_components": (), "cves": (), "summary": "",
            "description": "", "created_at": now,
        }  # fmt: skip
        violation_id = c.execute(insert(violations).values(violation).returning(violations.c.id)).scalar_one()
        for one in connected:
            integration = integrations.create(
                c,
                name=one.name,
                installation_type="cloud",
                auth_type="basic",
                username=LOGIN[0],
                credential=parts.vault.seal(LOGIN[1]),
                url=one.url,
                skip_proxy=True,
                retrieve_tickets=True,
                created_version=parts.settings.product_version,
                now=now - RETRIEVAL_PERIOD,
            )
            number = select(literal(FIRST_ISSUE).label("number")).cte("numbers", recursive=True)
            more = select(number.c.number + 1).where(number.c.number < FIRST_ISSUE + one.tickets - 1)
            number = number.union_all(more)
            given = {
                "violation_id": literal(violation_id), "integration_id": literal(integration.id),
                "issue_id": cast(number.c.number, Text), "key": literal("SEC-") + cast(number.c.number, Text),
                "created_at": literal(now - timedelta(days=1), tickets.c.created_at.type), "epoch": literal(0),
            }  # fmt: skip
            c.execute(insert(tickets).from_select(list(given), select(*given.values())))


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is running: its process, and the store that it works on."""

    pid: int
    store: Store

    def ended(self, names: Sequence[str], seconds: float) -> dict[str, Run]:
        """The runs of those integrations, by name, once they have all ended. Ends the program after `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.store.read() as c:
                ids = {one.id: one.name for one in integrations.all(c) if one.name in names}
                last = {ids[key]: run for key, run in runs.last(c, ids).items() if run.ended_at is not None}
            if len(last) == len(names):
                return last
            time.sleep(LOOK_SECONDS)
        raise SystemExit(f"After {seconds:g} s only {len(last)} of {len(names)} runs had ended.")


@contextlib.contextmanager
def service(folder: Path, **environment: str) -> Iterator[Service]:
    """The service on what `fill` has put into `folder`, with its defaults except for `environment`."""
    command = [sys.executable, "-m", "service", "serve", "--port", "0", "--json", "--database", _database(folder)]
    with started(command, **environment) as (pid, line):
        assert json.loads(line)["event"] == "ready"
        with contextlib.closing(open_store(_database(folder), migrate=False)) as store:
            yield Service(pid, store)


def seconds_of(run: Run, tickets_expected: int) -> float:
    """How long a complete run over all its tickets took. Anything else has no time to show."""
    assert run.state is RunState.COMPLETE, run.reason
    assert run.checked == tickets_expected, f"{run.checked} of {tickets_expected} tickets checked"
    assert run.started_at is not None
    assert run.ended_at is not None
    return (run.ended_at - run.started_at).total_seconds()


def _database(folder: Path) -> str:
    return f"sqlite:///{folder / 'bench.db'}"
