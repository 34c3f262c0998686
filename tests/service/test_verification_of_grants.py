"""What a verification and a run find out about a grant: its scopes, its site, and whose fault a 401 is (R1, R17)."""

from datetime import timedelta

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service import clock
from service.errors import JiraUnavailable
from service.jira.access import Tokens
from service.retrieval import RefreshOutcome
from service.rules.authentication import OFFLINE, STATUS_SCOPES, TICKET_SCOPES
from service.rules.display import Because
from service.rules.health import CANNOT_CONNECT, Health
from service.store import integrations
from service.store.database import Store
from service.store.runs import RunState
from tests.service.conftest import SEARCH, Setup

ALL = (*TICKET_SCOPES, *STATUS_SCOPES)
ACCESSIBLE = "/oauth/token/accessible-resources"


class Granted(Setup):
    """An integration with Jira Cloud by OAuth 2.0."""

    def sign_in(self, *scopes: str) -> None:
        """Consents to those scopes, for the first time or again."""
        if not self.jira.apps():
            app = self.jira.app("Ticket status", scopes=list(ALL), callbacks=["http://localhost:9/back"])
            cloud_id = requests.get(f"{self.url}/_edge/tenant_info", timeout=10).json()["cloudId"]
            self.connect(
                app["client_secret"], username="", auth_type="oauth2", client_id=app["client_id"], cloud_id=cloud_id
            )
        given = self.jira.grant(self.integration.client_id, scopes=[*(scopes or ALL), OFFLINE])
        self.access_token = given["access_token"]
        tokens = Tokens(
            self.access_token, given["refresh_token"], expires_at=clock.now() + timedelta(hours=1), scopes=scopes
        )
        with self.store.begin() as c:
            self.connections.grants.put(c, self.integration.id, tokens, clock.now())


@pytest.fixture
def setup(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> Granted:
    made = Granted(sqlite_store, world, jira_url, atlassian_auth_url=jira_url, atlassian_api_url=jira_url)
    made.sign_in()
    return made


def reason(setup: Granted) -> str:
    return setup.verification.verify(setup.integration.id).reason


def test_a_grant_that_covers_everything_is_healthy_and_its_run_brings_statuses(setup: Granted) -> None:
    ticket = setup.ticket()
    assert setup.verification.verify(setup.integration.id).health is Health.HEALTHY
    assert setup.retrieve().state is RunState.COMPLETE
    assert setup.status(ticket) == "To Do"


def test_missing_scopes_are_named_in_the_order_of_the_documents(setup: Granted) -> None:
    setup.sign_in(*TICKET_SCOPES, STATUS_SCOPES[1])
    said = reason(setup)
    assert f"{STATUS_SCOPES[0]}, {STATUS_SCOPES[2]}." in said
    assert STATUS_SCOPES[1] not in said


def test_without_the_toggle_nobody_asks_for_the_scopes_of_ticket_status(setup: Granted) -> None:
    setup.sign_in(*TICKET_SCOPES)
    with setup.store.begin() as c:
        integrations.set_enabled(c, setup.integration.id, False)
    assert setup.verification.verify(setup.integration.id).health is Health.HEALTHY


def test_a_product_that_has_no_ticket_status_does_not_ask_for_its_scopes(setup: Granted) -> None:
    setup.sign_in(*TICKET_SCOPES)
    older = setup.process(
        product_version="3.111.0", atlassian_auth_url=setup.url, atlassian_api_url=setup.url
    ).verification
    assert older.verify(setup.integration.id).health is Health.HEALTHY


def test_a_run_whose_searches_are_refused_names_the_missing_scopes(setup: Granted) -> None:
    """The gateway says 401, as to a dead token, while it still knows who we are. [jira 2.4]"""
    ticket = setup.ticket()
    setup.retrieve()
    setup.sign_in(*TICKET_SCOPES)
    run = setup.retrieve()
    assert run.state is RunState.FAILED
    assert ", ".join(STATUS_SCOPES) in str(run.reason)
    assert (setup.shown(ticket).because, setup.again(ticket).deleted_at) == (Because.BROKEN, None)

    setup.sign_in()
    assert setup.verification.verify(setup.integration.id).health is Health.HEALTHY
    setup.work.work_off()
    assert setup.status(ticket) == "To Do"


def test_another_scope_that_is_missing_is_named_too(setup: Granted) -> None:
    lacking = "read:user:jira"
    setup.sign_in(*(scope for scope in ALL if scope != lacking))
    assert lacking in reason(setup)


def test_the_refresh_button_names_them_as_well(setup: Granted) -> None:
    ticket = setup.ticket()
    setup.sign_in(*TICKET_SCOPES)
    told = setup.retrieval.refresh_ticket(ticket.id)
    assert told is not None
    assert told.outcome is RefreshOutcome.FAILED
    assert STATUS_SCOPES[0] in str(told.reason)


def test_a_site_that_the_grant_has_lost_is_told_and_costs_no_ticket(setup: Granted) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    with setup.store.begin() as c:  # as if the site had been taken out of the grant
        c.exec_driver_sql("UPDATE integrations SET cloud_id = '00000000-0000-0000-0000-000000000000'")
    assert "no longer among those" in reason(setup)
    run = setup.retrieve()
    assert run.state is RunState.FAILED
    assert setup.again(ticket).deleted_at is None


def test_a_grant_that_was_taken_back_asks_for_consent_again(setup: Granted) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    setup.jira.uninstall_app(setup.integration.client_id)
    run = setup.retrieve()
    assert (run.state, run.deleted) == (RunState.FAILED, 0)
    assert "grant access again" in str(run.reason)
    asked = setup.asked()
    assert "grant access again" in reason(setup)
    assert setup.asked() - asked <= 2, "a dead grant leads to no storm of requests"
    assert setup.again(ticket).deleted_at is None


def test_a_token_that_dies_is_renewed_in_the_middle_of_a_run(setup: Granted) -> None:
    setup.tickets(3)
    setup.jira.revoke_token(setup.access_token)
    run = setup.retrieve()
    assert (run.state, run.checked) == (RunState.COMPLETE, 3)
    assert setup.asked(SEARCH) == 1


def test_trouble_of_the_token_endpoint_passes_and_breaks_nothing(setup: Granted) -> None:
    """R11"""
    ticket = setup.ticket()
    setup.retrieve()
    setup.jira.revoke_token(setup.access_token)
    setup.jira.fault("unavailable", path="/oauth/token")
    run = setup.retrieve()
    assert (run.state, run.failures, setup.integration.broken_since) == (RunState.WAITING, 1, None)
    assert setup.status(ticket) == "To Do"


def test_a_401_is_not_explained_by_a_gateway_that_does_not_answer(setup: Granted) -> None:
    setup.sign_in(*TICKET_SCOPES)
    setup.ticket()
    setup.jira.fault("unavailable", path=ACCESSIBLE)
    assert setup.retrieve().reason == CANNOT_CONNECT


def test_a_scope_that_only_searches_take_is_missed_by_the_verification_too(setup: Granted) -> None:
    """Else an integration would be healthy to each probe and broken by each run."""
    setup.ticket()
    setup.sign_in(*(scope for scope in ALL if scope != "read:field:jira"))
    run = setup.retrieve()
    assert run.state is RunState.FAILED
    assert "read:field:jira" in str(run.reason)
    assert reason(setup) == run.reason


def test_a_ticket_that_may_not_be_made_names_the_scope_that_is_missing(setup: Granted) -> None:
    setup.sign_in(*(scope for scope in ALL if scope != "write:issue:jira"))
    with pytest.raises(JiraUnavailable, match="write:issue:jira"):
        setup.creation.create(setup.wish())
