"""The service as `make bench` measures it: its own parts, an SQLite file, tickets by import, one run."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bench import LOGIN
from service import clock
from service.app import Parts, assemble
from service.importing import check, import_document
from service.settings import Settings
from service.store import integrations, runs
from service.store.runs import RunCause, RunState


def first_run(url: str, ids: list[str], folder: Path) -> Callable[[], int]:
    """The run after the tickets came: every status is news and is written. Tells how many requests it sent."""
    parts, integration_id = service_with_tickets(url, ids, folder)
    return lambda: _run(parts, integration_id, len(ids))


def regular_run(url: str, ids: list[str], folder: Path) -> Callable[[], int]:
    """The run of every eight hours, on a store that knows the statuses, which have not changed meanwhile."""
    run = first_run(url, ids, folder)
    run()
    return run


def service_with_tickets(
    url: str, ids: list[str], folder: Path, age: timedelta = timedelta(days=1)
) -> tuple[Parts, int]:
    """The parts of a service, and the id of its integration, which has a ticket for each of the issues `ids`.

    The tickets are of `age`.
    """
    parts = assemble(Settings(database=f"sqlite:///{folder / 'bench.db'}"))
    now = clock.now()
    with parts.store.begin() as c:
        integration = integrations.create(
            c,
            name="bench",
            installation_type="cloud",
            auth_type="basic",
            username=LOGIN[0],
            credential=parts.vault.seal(LOGIN[1]),
            url=url,
            skip_proxy=True,
            retrieve_tickets=True,
            created_version=parts.settings.product_version,
            now=now,
        )
        created = (now - age).isoformat()
        tickets = [
            {"integration": "bench", "issue_id": one, "key": f"SEC-{number}", "created": created}
            for number, one in enumerate(ids, 1)
        ]
        violation = {
            "issue_id": "XRAY-1", "type": "Security", "severity": "High", "watch_name": "bench",
            "infected_components": ["gav://bench:bench:1"], "tickets": tickets,
        }  # fmt: skip
        resource = {"type": "artifact", "name": "bench.jar", "repo": "libs", "violations": [violation]}
        import_document(c, check({"resources": [resource]}), now)
    return parts, integration.id


def _run(parts: Parts, integration_id: int, tickets: int) -> int:
    with parts.store.begin() as c:
        run_id = runs.enqueue(c, integration_id, RunCause.MANUAL, clock.now()).id
    ended = parts.retrieval.run(run_id)
    assert ended is not None
    assert ended.state is RunState.COMPLETE, ended.reason
    assert ended.checked == tickets
    return ended.requests
