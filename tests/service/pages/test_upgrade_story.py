"""The story of version 3.112 as a person lives it, from the developer console to the toggle. [ticket-status]"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from fake_jira.client import FakeJiraClient
from service import server
from service.rules.authentication import STATUS_SCOPES, TICKET_SCOPES
from tests.service.conftest import SEARCH
from tests.service.pages.conftest import log_in
from tests.service.pages.test_wizard import NEXT, consent_on_cloud, fill, is_connected
from tests.service.web.conftest import Service, settings_for

NAMES = ", ".join(STATUS_SCOPES)


@contextmanager
def product(version: str, database: str, jira: str, token: str = "") -> Iterator[Service]:
    """The service as a version of the product, on one database."""
    running = server.start(
        settings_for(database, product_version=version, atlassian_auth_url=jira, atlassian_api_url=jira)
    )
    try:
        yield Service(running, running.admin_token or token, jira)
    finally:
        running.close()


def test_from_the_developer_console_to_the_statuses(
    page: Page, sqlite_url: str, world: FakeJiraClient, jira_url: str
) -> None:
    app = world.app("Ticket status", scopes=[*TICKET_SCOPES])
    with product("3.111.0", sqlite_url, jira_url) as old:
        world.change_app(app["client_id"], callbacks=[old.callback])
        log_in(page, old)
        connect(page, old, app)
        violation = ticket_without_status(page, old)
        assert world.journal(operation=SEARCH) == []
        token = old.token
    with product("3.140.0", sqlite_url, jira_url, token) as new:
        world.change_app(app["client_id"], callbacks=[new.callback])  # on another port, since the first may be taken
        page.goto(f"{new.url}/violations/{violation}")
        expect(page.get_by_role("row").filter(has_text="SEC-1")).to_contain_text("Retrieval is switched off")
        toggling_is_refused(page, new)
        add_scopes_in_the_console(page, f"{jira_url}/console/{app['client_id']}")
        edit_integration(page, new, app)
        switch_on(page, new)
        new.call("POST", "/_control/work")
        page.goto(f"{new.url}/violations/{violation}")
        row = page.get_by_role("row").filter(has_text="SEC-1")
        expect(row).to_contain_text("To Do")
        expect(row.locator(".dot")).to_have_class("dot dot-new")


def connect(page: Page, old: Service, app: dict[str, Any]) -> None:
    page.goto(f"{old.url}/administration/new-integration?type=cloud-oauth2")
    fill(page, Connection_name="jira-1", Client_ID=app["client_id"], Client_secret=app["client_secret"])
    page.get_by_role("button", name=NEXT).click()
    consent_on_cloud(page)
    is_connected(page, "Cloud · OAuth 2.0")
    page.get_by_label("Menu of jira-1").click()
    expect(page.get_by_role("link", name="Edit Integration")).to_be_visible()
    expect(page.get_by_role("link", name="Settings", exact=True)).to_have_count(0)
    answer = page.goto(f"{old.url}/administration/integrations/jira-1/settings")
    assert answer is not None
    assert answer.status == 404


def ticket_without_status(page: Page, old: Service) -> str:
    violation = old.violation()
    page.goto(f"{old.url}/violations/{violation}")
    expect(page.get_by_role("link", name="Tickets Info")).to_have_count(0)
    page.get_by_role("link", name="Create Ticket").click()
    fill(page, Project_key="SEC")
    page.get_by_role("button", name="Create Ticket").click()
    expect(page.get_by_role("link", name="SEC-1")).to_be_visible()
    expect(page.get_by_role("button", name="Refresh")).to_have_count(0)
    page.goto(f"{old.url}/scans")
    page.get_by_role("link", name="app.war").click()
    expect(page.get_by_role("columnheader", name="Severity")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Ticket Status")).to_have_count(0)
    return violation


def toggling_is_refused(page: Page, new: Service) -> None:
    page.goto(f"{new.url}/administration/integrations")
    page.get_by_label("Menu of jira-1").click()
    page.get_by_role("link", name="Settings", exact=True).click()
    toggle = page.get_by_role("switch", name="Retrieve Jira Tickets")
    expect(toggle).not_to_be_checked()
    expect(page.locator("#retrieve-lacks")).to_contain_text(NAMES)
    toggle.check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text(NAMES)
    expect(toggle).not_to_be_checked()


def add_scopes_in_the_console(page: Page, console: str) -> None:
    page.goto(console)
    others = page.locator("textarea[name=others]")
    others.fill("\n".join([others.input_value(), *STATUS_SCOPES]))
    page.get_by_role("button", name="Save permissions").click()


def edit_integration(page: Page, new: Service, app: dict[str, Any]) -> None:
    page.goto(f"{new.url}/administration/integrations")
    page.get_by_label("Menu of jira-1").click()
    page.get_by_role("link", name="Edit Integration").click()
    fill(page, Client_secret=app["client_secret"])  # and nothing else
    page.get_by_role("button", name=NEXT).click()
    consent_on_cloud(page, logs_in=False)
    is_connected(page, "Retrieval off")
    page.get_by_label("Menu of jira-1").click()
    page.get_by_role("button", name="Test Integration").click()
    expect(page.get_by_role("status")).to_have_text("Integration is healthy and operational.")


def switch_on(page: Page, new: Service) -> None:
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.locator("#retrieve-lacks")).to_have_count(0)
    page.get_by_role("switch", name="Retrieve Jira Tickets").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status")).to_contain_text("Retrieval is on.")
    expect(page).to_have_url(f"{new.url}/administration/integrations/jira-1")
