"""An admin enters a new credential while the old one is in use; what is found with the old one counts no more (R4)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from service.rules.health import Health
from service.store import integrations
from service.store.runs import RunState
from tests.service.conftest import MYSELF, SEARCH, Setup


def edit(setup: Setup) -> None:
    """Another account, and the old one's token is revoked."""
    with setup.store.begin() as c:
        integrations.update_settings(c, replace(setup.integration, username="viewer@example.com"))
        integrations.set_credential(c, setup.integration.id, setup.vault.seal("viewer-token"))
    setup.expire_token()


def test_a_run_goes_on_with_the_new_credential(setup: Setup) -> None:
    ticket = setup.ticket()
    setup.jira.fault("unavailable", operation=SEARCH, times=1)
    patient = setup.process(patience=60.0, jitter=lambda: 0.0)
    run = setup.enqueue()
    with ThreadPoolExecutor(1) as pool:
        played = pool.submit(patient.retrieval.run, run.id)
        while not setup.asked(SEARCH):
            pass
        edit(setup)  # while the run waits in place, with the old credential in its hands
    given_back = played.result()
    assert given_back is not None
    assert (given_back.state, setup.integration.broken_since) == (RunState.WAITING, None)

    done = setup.process().retrieval.run(run.id)
    assert done is not None
    assert (done.state, setup.status(ticket)) == (RunState.COMPLETE, "To Do")


def test_a_verification_looks_again_with_the_new_credential(setup: Setup) -> None:
    setup.jira.fault("timeout", operation=MYSELF, user="admin@example.com")
    with ThreadPoolExecutor(1) as pool:
        verified = pool.submit(setup.verification.verify, setup.integration.id)
        while not setup.asked(MYSELF):
            pass
        edit(setup)
    assert verified.result().health is Health.HEALTHY
    assert setup.integration.broken_since is None
