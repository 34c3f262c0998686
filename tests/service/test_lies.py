"""Every way in which a real Jira lies about tickets: what is shown meanwhile, and that none is forgotten (R14).

Both flavours, where the lie exists on both. The integration signs in as a viewer, so that an admin can hide things.
"""

from dataclasses import replace
from typing import Any

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service.retrieval import RefreshOutcome
from service.rules.display import Because
from service.rules.health import Health
from service.rules.tickets import Integration, Ticket
from service.store import integrations
from service.store.database import Store
from service.store.runs import Run, RunState
from tests.service.conftest import Setup
from tests.service.jira.raw_server import answer, raw_server

STAFF = {"type": "group", "parameter": "jira-administrators"}


class LiedTo(Setup):
    """An integration of a viewer, and an admin's hands on its Jira."""

    is_cloud: bool

    def sign_in(self, is_cloud: bool) -> Integration:
        self.is_cloud = is_cloud
        self.admin = ("admin@example.com", "admin-token") if is_cloud else ("admin", "admin")
        self.viewer = "viewer@example.com" if is_cloud else "viewer"
        if is_cloud:
            return self.connect("viewer-token", username=self.viewer)
        return self.connect("viewer", username=self.viewer, installation_type="server")

    def as_admin(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        """What an admin does by Jira's own REST API; it must work."""
        url = f"{self.url}/rest/api/{3 if self.is_cloud else 2}/{path}"
        done = requests.request(method, url, json=body, params=query, auth=self.admin, timeout=10)
        assert done.ok, f"{method} {path}: {done.status_code} {done.text[:300]}"
        return done

    def guard(self, ticket: Ticket, level: str | None) -> None:
        self.as_admin("PUT", f"issue/{ticket.issue_id}", {"fields": {"security": level and {"id": level}}})

    def lose(self, project: str) -> None:
        """The viewer's permission to see a project."""
        self.jira.fault("lost_permission", user=self.viewer, project=project)

    def healed(self) -> None:
        """What the probe does when the admin has mended it."""
        assert self.verification.verify(self.integration.id).health is Health.HEALTHY
        self.work.work_off()


@pytest.fixture
def on_cloud(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> LiedTo:
    made = LiedTo(sqlite_store, world, jira_url)
    made.sign_in(is_cloud=True)
    return made


@pytest.fixture
def on_data_center(sqlite_store: Store, data_center_world: FakeJiraClient, data_center_url: str) -> LiedTo:
    made = LiedTo(sqlite_store, data_center_world, data_center_url)
    made.sign_in(is_cloud=False)
    return made


@pytest.fixture(params=["cloud", "data_center"])
def setup(request: pytest.FixtureRequest) -> LiedTo:
    found: LiedTo = request.getfixturevalue(f"on_{request.param}")
    return found


def assert_broken(setup: LiedTo, tickets: list[Ticket], run: Run, says: str) -> None:
    """[safeguard 3] Every ticket is Unknown, and none is taken for deleted."""
    assert (run.state, run.deleted) == (RunState.FAILED, 0)
    assert says in str(run.reason)
    assert setup.integration.health == Health.FAULTY
    assert {setup.shown(ticket).because for ticket in tickets} == {Because.BROKEN}
    assert {setup.again(ticket).deleted_at for ticket in tickets} == {None}


def test_a_lost_permission_is_no_deletion(setup: LiedTo) -> None:
    tickets = [setup.ticket(), setup.ticket(project="SEC")]
    setup.retrieve()
    setup.lose("SEC")
    assert_broken(setup, tickets, setup.retrieve(), "cannot browse SEC")
    setup.jira.clear()
    setup.healed()
    assert [setup.status(ticket) for ticket in tickets] == ["To Do", "To Do"]


def test_an_archived_project_is_no_deletion(setup: LiedTo) -> None:
    tickets = [setup.ticket(), setup.ticket(project="SEC")]
    setup.retrieve()
    setup.as_admin("POST" if setup.is_cloud else "PUT", "project/SEC/archive")
    assert_broken(setup, tickets, setup.retrieve(), "cannot browse SEC")
    setup.as_admin("POST" if setup.is_cloud else "PUT", "project/SEC/restore")
    setup.healed()
    assert [setup.status(ticket) for ticket in tickets] == ["To Do", "To Do"]


def test_a_project_in_the_trash_is_no_deletion(on_cloud: LiedTo) -> None:
    tickets = [on_cloud.ticket(), on_cloud.ticket(project="SEC")]
    on_cloud.retrieve()
    on_cloud.as_admin("DELETE", "project/SEC", enableUndo="true")
    assert_broken(on_cloud, tickets, on_cloud.retrieve(), "cannot browse SEC")
    on_cloud.as_admin("POST", "project/SEC/restore")
    on_cloud.healed()
    assert [on_cloud.status(ticket) for ticket in tickets] == ["To Do", "To Do"]


def test_a_project_that_is_gone_leaves_its_tickets_in_doubt(setup: LiedTo) -> None:
    """R14: nobody can prove any more that they were deleted; the admin learns which project it is."""
    tickets = [setup.ticket(), setup.ticket(project="SEC")]
    setup.retrieve()
    setup.as_admin("DELETE", "project/SEC", **({"enableUndo": "false"} if setup.is_cloud else {}))
    assert_broken(setup, tickets, setup.retrieve(), "cannot browse SEC")
    assert setup.verification.verify(setup.integration.id).health is Health.FAULTY


def test_the_silent_anonymous_fallback_is_no_deletion(setup: LiedTo) -> None:
    """[jira 2.2, 2.8] Searches go on with 200 and nothing in them."""
    if setup.is_cloud:
        token, revoke = "viewer-token", setup.jira.revoke_token
    else:
        made = setup.jira.personal_token("viewer")
        token, revoke = made["token"], lambda _: setup.jira.revoke_personal_token(made["id"])
        edit(setup, token, auth_type="pat", username="")
    tickets = setup.tickets(2)
    assert setup.retrieve().state is RunState.COMPLETE
    revoke(token)
    assert_broken(setup, tickets, setup.retrieve(), "does not accept the credentials")


def test_a_site_that_is_gone_is_no_deletion(setup: LiedTo) -> None:
    tickets = setup.tickets(2)
    setup.retrieve()
    no_site = answer("404 Not Found", b"<html>This site is no longer available.</html>", Content_Type="text/html")
    with raw_server(no_site) as gone:
        edit(setup, url=gone)
        assert_broken(setup, tickets, setup.retrieve(), "no Jira REST API")
    edit(setup, url=setup.url)
    setup.healed()
    assert {setup.status(ticket) for ticket in tickets} == {"To Do"}


def edit(setup: LiedTo, secret: str | None = None, **values: Any) -> None:
    """As an admin does it with Edit Integration."""
    with setup.store.begin() as c:
        integrations.update_settings(c, replace(setup.integration, **values))
        if secret is not None:
            integrations.set_credential(c, setup.integration.id, setup.vault.seal(secret))


def test_an_issue_hidden_by_a_level_is_unknown_until_it_is_shown_again(setup: LiedTo) -> None:
    """On Cloud it answers 404 like a deleted one; what tells is that it carried a level when it was last seen."""
    mine = setup.jira.security_level("TEST", "Mine", STAFF, viewer_of(setup))
    others = setup.jira.security_level("TEST", "Others'", STAFF)
    plain, hidden = setup.tickets(2)
    setup.guard(hidden, mine)
    setup.retrieve()
    assert setup.status(hidden) == "To Do"

    setup.guard(hidden, others)
    run = setup.retrieve()
    assert (run.state, run.checked, run.deleted) == (RunState.COMPLETE, 2, 0)
    assert setup.integration.health in {None, Health.HEALTHY}
    assert (setup.status(plain), setup.status(hidden)) == ("To Do", "Unknown")
    assert setup.shown(hidden).because is Because.HIDDEN
    assert setup.retrieve().checked == 2, "it is asked for again with each run"

    setup.jira.transition(hidden.issue_id, "Done")
    setup.guard(hidden, mine)
    setup.retrieve()
    assert (setup.status(hidden), setup.shown(hidden).because) == ("Done", Because.CURRENT)


def viewer_of(setup: LiedTo) -> dict[str, str]:
    who = requests.get(
        f"{setup.url}/rest/api/2/myself",
        auth=(setup.viewer, "viewer-token" if setup.is_cloud else "viewer"),
        timeout=10,
    ).json()
    return {"type": "user", "parameter": who["accountId" if setup.is_cloud else "key"]}


def test_where_a_project_has_levels_a_missing_issue_is_not_taken_for_deleted(on_cloud: LiedTo) -> None:
    on_cloud.jira.permit(on_cloud.viewer, "TEST", "SET_ISSUE_SECURITY", held=True)
    on_cloud.jira.security_level("TEST", "Mine", STAFF, viewer_of(on_cloud))
    others = on_cloud.jira.security_level("TEST", "Others'", STAFF)
    ticket = on_cloud.ticket()
    on_cloud.retrieve()
    on_cloud.guard(ticket, others)
    assert on_cloud.retrieve().deleted == 0
    assert on_cloud.shown(ticket).because is Because.HIDDEN
    on_cloud.guard(ticket, None)
    on_cloud.retrieve()
    assert on_cloud.status(ticket) == "To Do"


def test_a_deleted_issue_of_data_center_is_deleted_whatever_levels_there_are(on_data_center: LiedTo) -> None:
    """[jira 2.8] There a hidden one is 403, so that 404 can only mean deleted."""
    level = on_data_center.jira.security_level("TEST", "Mine", STAFF, viewer_of(on_data_center))
    ticket = on_data_center.ticket()
    on_data_center.guard(ticket, level)
    on_data_center.retrieve()
    on_data_center.jira.delete(ticket.key)
    assert on_data_center.retrieve().deleted == 1


def test_the_button_says_that_a_ticket_is_hidden(setup: LiedTo) -> None:
    mine = setup.jira.security_level("TEST", "Mine", STAFF, viewer_of(setup))
    others = setup.jira.security_level("TEST", "Others'", STAFF)
    ticket = setup.ticket()
    setup.guard(ticket, mine)
    setup.retrieve()
    setup.guard(ticket, others)
    told = setup.retrieval.refresh_ticket(ticket.id)
    assert told is not None
    assert told.outcome is RefreshOutcome.HIDDEN
    assert "does not show" in str(told.reason)
    assert setup.shown(ticket).because is Because.HIDDEN
    setup.guard(ticket, mine)
    again = setup.retrieval.refresh_ticket(ticket.id)
    assert again is not None
    assert again.outcome is RefreshOutcome.REFRESHED
    assert setup.status(ticket) == "To Do"


def test_an_issue_moved_out_of_sight_is_hidden_where_jira_says_that_it_exists(on_data_center: LiedTo) -> None:
    ticket = on_data_center.ticket()
    on_data_center.retrieve()
    on_data_center.lose("SEC")
    moved_to = on_data_center.jira.move(ticket.key, "SEC")
    run = on_data_center.retrieve()
    assert (run.state, run.deleted) == (RunState.COMPLETE, 0)
    assert on_data_center.shown(ticket).because is Because.HIDDEN
    on_data_center.jira.clear()
    on_data_center.retrieve()
    assert (on_data_center.again(ticket).key, on_data_center.status(ticket)) == (moved_to, "To Do")


def test_a_moved_issue_keeps_its_ticket(setup: LiedTo) -> None:
    ticket = setup.ticket()
    setup.retrieve()
    moved_to = setup.jira.move(ticket.key, "SEC")
    setup.retrieve()
    assert (setup.again(ticket).key, setup.status(ticket)) == (moved_to, "To Do")


def test_an_index_that_lags_takes_no_ticket_and_no_status(setup: LiedTo) -> None:
    known = setup.ticket()
    setup.retrieve()
    setup.jira.settings(index_delay=3600)
    setup.jira.transition(known.key, "Done")
    new = setup.ticket()
    assert setup.retrieval.refresh(known.violation_id)[0].outcome is RefreshOutcome.REFRESHED
    run = setup.retrieve()
    assert (run.state, run.checked, run.deleted) == (RunState.COMPLETE, 2, 0)
    assert (setup.status(known), setup.status(new)) == ("Done", "To Do")


@pytest.mark.parametrize("pages", ["short", "doubled"])
def test_pages_that_are_short_or_repeat_themselves_cost_no_ticket(setup: LiedTo, pages: str) -> None:
    tickets = setup.tickets(30)
    setup.jira.settings(search_pages=pages)
    run = setup.retrieve()
    assert (run.state, run.checked, run.deleted) == (RunState.COMPLETE, 30, 0)
    assert {setup.status(ticket) for ticket in tickets} == {"To Do"}
    outcomes = setup.retrieval.refresh(tickets[0].violation_id)
    assert {outcome.outcome for outcome in outcomes} == {RefreshOutcome.REFRESHED}


def test_a_login_page_sent_with_200_is_no_answer(setup: LiedTo) -> None:
    tickets = setup.tickets(2)
    setup.retrieve()
    setup.jira.fault("login_page")
    run = setup.retrieve()
    assert (run.state, run.failures, run.deleted) == (RunState.WAITING, 1, 0)
    assert setup.integration.broken_since is None
    assert {setup.status(ticket) for ticket in tickets} == {"To Do"}


def test_a_captcha_is_told_by_name_and_costs_no_ticket(on_data_center: LiedTo) -> None:
    setup = on_data_center
    tickets = setup.tickets(2)
    setup.retrieve()
    for _ in range(3):
        requests.get(f"{setup.url}/rest/api/2/myself", auth=("viewer", "wrong"), timeout=10)
    assert_broken(setup, tickets, setup.retrieve(), "CAPTCHA")
    setup.jira.settings(captcha_after=0)  # somebody has signed in with a browser
    setup.healed()
    assert {setup.status(ticket) for ticket in tickets} == {"To Do"}
