"""Ten real processes renew one rotating token at the same moment, and one is killed at the worst of moments."""

from datetime import UTC, datetime, timedelta

import pytest

from service.jira.auth import CredentialRefused
from service.rules.health import Outcome
from service.store.database import Store
from tests.service.conftest import frozen
from tests.service.grant_process import PROCESSES, fetch, task_of
from tests.service.granted import KEY, Granting

TEN = 10


@pytest.mark.parametrize("installation", ["cloud", "server"])
def test_ten_processes_that_renew_one_token_at_once_ask_once_and_all_work(
    store: Store, database_url: str, installation: str, request: pytest.FixtureRequest
) -> None:
    prefix = "" if installation == "cloud" else "data_center_"
    world, url = (request.getfixturevalue(f"{prefix}{name}") for name in ("world", "url" if prefix else "jira_url"))
    granting = Granting(store, world, url, installation)
    together, results = PROCESSES.Barrier(TEN), PROCESSES.Queue()
    task = task_of(granting, database_url, KEY)
    processes = [PROCESSES.Process(target=fetch, args=(task, together, results)) for _ in range(TEN)]
    for process in processes:
        process.start()
    tokens = {results.get(timeout=60) for _ in processes}
    for process in processes:
        process.join(30)
    assert granting.asked() == 1
    assert tokens == {granting.tokens.access}
    assert granting.works(tokens.pop())


def test_a_process_killed_before_it_could_store_the_answer_does_not_lock_cloud_out(
    cloud: Granting, sqlite_url: str
) -> None:
    before = cloud.tokens
    kill_while_the_answer_is_on_its_way(cloud, sqlite_url)
    assert cloud.tokens == before, "the answer was never stored"
    with frozen(datetime.now(UTC) + timedelta(seconds=31)):
        token = cloud.source(cloud.process()).token()
        assert cloud.works(token)
    assert cloud.asked() == 2
    assert cloud.tokens.refresh != before.refresh


def test_the_same_crash_means_consent_again_on_data_center_and_consent_mends_it(
    data_center: Granting, sqlite_url: str
) -> None:
    kill_while_the_answer_is_on_its_way(data_center, sqlite_url)
    with frozen(datetime.now(UTC) + timedelta(seconds=31)):
        with pytest.raises(CredentialRefused) as caught:
            data_center.source(data_center.process()).token()
        assert caught.value.outcome is Outcome.CONSENT_AGAIN
        data_center.consent(timedelta(hours=1))
        assert data_center.works(data_center.source().token())


def kill_while_the_answer_is_on_its_way(granting: Granting, database: str) -> None:
    """The endpoint has given new tokens, and whoever asked is gone before they arrive."""
    fault = granting.trouble("timeout", after_work=True)
    together, results = PROCESSES.Barrier(1), PROCESSES.Queue()
    process = PROCESSES.Process(target=fetch, args=(task_of(granting, database, KEY), together, results))
    process.start()
    while not any(armed["id"] == fault and armed["hits"] for armed in granting.jira.faults()):
        assert process.is_alive()
    process.kill()
    process.join(10)
    granting.jira.clear()
