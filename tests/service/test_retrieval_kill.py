"""kill -9 in the middle of a run: it goes on with what was not checked, and nothing is applied twice (R10)."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from service.store.runs import RunState
from tests.service.conftest import KEY, SEARCH, Setup, frozen

RUNS = """
import sys
from service.connections import Connections
from service.retrieval import Retrieval
from service.settings import Settings
from service.store.database import open_store
from service.vault import Vault
from service.verification import Verification

database, key, run_id = sys.argv[1:]
store, settings = open_store(database, migrate=False), Settings(requests_in_flight=2)
connections = Connections(store, settings, Vault([key]))
Retrieval(store, settings, connections, Verification(store, settings, connections)).run(int(run_id))
"""


def test_a_killed_run_goes_on_where_it_was(setup: Setup, sqlite_url: str) -> None:
    found = setup.tickets(1000)
    setup.jira.fault("timeout", operation=SEARCH, after=5)  # the sixth batch and all after it get no answer
    run = setup.enqueue()
    killed = subprocess.Popen([sys.executable, "-c", RUNS, sqlite_url, KEY, str(run.id)])
    while setup.history()[0].checked < 500 and killed.poll() is None:
        pass
    killed.kill()
    assert killed.wait(10) == -9
    setup.jira.clear()
    before = setup.history()[0]
    assert (before.state, before.checked) == (RunState.RUNNING, 500)

    setup.jira.clear_journal()
    assert setup.retrieval.run(run.id) is None, "its lease has not ended"
    with frozen(datetime.now(UTC) + timedelta(seconds=31)):
        setup.work.work_off()
    after = setup.history()
    assert [(one.id, one.state, one.checked, one.changed) for one in after] == [(run.id, RunState.COMPLETE, 1000, 1000)]
    assert setup.asked(SEARCH) == 5
    assert {setup.status(ticket) for ticket in (found[0], found[-1])} == {"To Do"}
