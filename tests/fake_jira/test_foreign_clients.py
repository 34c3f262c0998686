"""Clients that others wrote, unmodified, are content with the fake. Their sessions are in `proof/clients`."""

import pytest

from fake_jira.model.state import CLOUD
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import in_a_world_of_its_own
from tests.fake_jira.proof.clients import Session, all_sessions


@pytest.mark.parametrize("session", all_sessions(), ids=lambda session: session.name)
def test_a_foreign_client_does_not_notice_that_this_jira_is_fake(
    session: Session, request: pytest.FixtureRequest
) -> None:
    why = session.needs()
    if why:
        pytest.skip(why)
    server: FakeJira = request.getfixturevalue("server" if session.flavour == CLOUD else "data_center_server")
    with in_a_world_of_its_own(server) as jira:
        session.run(jira)
