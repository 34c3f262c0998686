"""What a person sees and does, in a real browser. [ticket-status]"""

import re

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from fake_jira.client import FakeJiraClient
from tests.service.pages.conftest import log_in
from tests.service.web.conftest import API, INTEGRATIONS, Service

STAFF = {"type": "group", "parameter": "jira-administrators"}


def test_no_page_without_login_and_back_to_where_one_wanted_to_go(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/administration/integrations")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Token").fill(service.token)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{service.url}/administration/integrations")
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{service.url}/scans")
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/xray/api/v1/resources"]
)
def test_login_sends_nobody_elsewhere(page: Page, service: Service, wanted: str) -> None:
    page.goto(f"{service.url}/login?next={wanted}")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Token").fill(service.token)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{service.url}/scans")


def test_from_the_scans_list_to_the_refreshed_status_of_a_ticket(
    admin: Page, stock: str, world: FakeJiraClient
) -> None:
    admin.goto(admin.url)
    admin.get_by_role("link", name="app.war").click()
    row = admin.get_by_role("row").filter(has_text="XRAY-94620")
    expect(row).to_contain_text("To Do")
    expect(row.locator(".dot")).to_have_class("dot dot-new")
    row.get_by_role("link").click()
    expect(admin.get_by_role("link", name="SEC-1")).to_have_attribute("href", re.compile("/browse/SEC-1$"))
    world.transition("SEC-1", "Done")
    admin.get_by_role("button", name="Refresh").click()
    row = admin.get_by_role("row").filter(has_text="SEC-1")
    expect(row).to_contain_text("Done")
    expect(row.locator(".dot")).to_have_class("dot dot-done")
    expect(row).to_contain_text("Refreshed")
    expect(admin.locator("time").first).to_contain_text("GMT+5:30")


def test_a_ticket_is_created_from_the_violation(admin: Page, service: Service, stock: str) -> None:
    admin.goto(f"{service.url}/violations/{stock}")
    admin.get_by_role("link", name="Create Ticket").click()
    admin.get_by_label("Project key").fill("NOPE")
    admin.get_by_role("button", name="Create Ticket").click()
    expect(admin.get_by_role("alert")).to_contain_text("Jira did not make the ticket")
    expect(admin.get_by_label("Project key")).to_have_value("NOPE")
    admin.get_by_label("Project key").fill("SEC")
    admin.get_by_role("button", name="Create Ticket").click()
    expect(admin.get_by_role("status")).to_contain_text("SEC-2 has been created.")
    expect(admin.get_by_role("row").filter(has_text="SEC-2")).to_contain_text("leading")


def test_an_integration_is_made_tested_edited_and_deleted(admin: Page, service: Service) -> None:
    admin.goto(f"{service.url}/administration/integrations")
    expect(admin.locator("main")).to_contain_text("No Jira is connected yet.")
    admin.get_by_role("link", name="New Integration").first.click()
    expect(admin.get_by_role("radio", name="Basic").first).to_be_checked()
    admin.get_by_role("button", name="Next").click()
    admin.get_by_label("Connection name").fill("jira-1")
    admin.get_by_label("Jira URL").fill(service.jira_url)
    admin.get_by_label("User name").fill("admin@example.com")
    admin.get_by_label("API token").fill("wrong")
    admin.get_by_role("button", name="Test and Create").click()
    expect(admin.get_by_role("alert")).to_contain_text("Jira does not accept the credentials")
    expect(admin.get_by_label("API token")).to_have_value("")
    admin.get_by_label("API token").fill("admin-token")
    admin.get_by_role("button", name="Test and Create").click()
    expect(admin.get_by_role("region", name="jira-1")).to_contain_text("Healthy")
    menu = admin.get_by_label("Menu of jira-1")
    menu.focus()
    admin.keyboard.press("Enter")
    admin.get_by_role("button", name="Test Integration").click()
    expect(admin.get_by_role("status")).to_contain_text("Integration is healthy and operational.")
    admin.get_by_role("link", name="Edit Integration").click()  # here too, where verdicts tell people to go there
    admin.get_by_label("Connection name").fill("jira-2")
    admin.get_by_label("API token").fill("admin-token")
    admin.get_by_role("button", name="Test and Save").click()
    admin.get_by_label("Menu of jira-2").click()
    admin.get_by_role("link", name="Delete").click()
    admin.get_by_role("button", name="Delete").click()
    expect(admin.locator("main")).to_contain_text("No Jira is connected yet.")


def test_the_toggle_and_apply(admin: Page, service: Service, stock: str) -> None:
    admin.goto(f"{service.url}/administration/integrations/jira-1/settings")
    toggle = admin.get_by_role("switch", name="Retrieve Jira Tickets")
    expect(toggle).to_be_checked()
    toggle.focus()
    admin.keyboard.press("Space")
    admin.get_by_role("button", name="Apply").click()
    expect(admin.get_by_role("status")).to_contain_text("Retrieval is off.")
    admin.goto(f"{service.url}/violations/{stock}")
    expect(admin.get_by_role("row").filter(has_text="SEC-1")).to_contain_text("Retrieval is switched off")


def test_the_progress_of_a_run_follows_it_to_its_end(admin: Page, service: Service, stock: str) -> None:
    admin.goto(f"{service.url}/administration/integrations/jira-1")
    admin.get_by_role("button", name="Retrieve Now").click()
    expect(admin.get_by_role("progressbar")).to_be_visible()
    service.call("POST", "/_control/work")
    expect(admin.get_by_role("row").filter(has_text="Manual")).to_contain_text("Complete", timeout=15_000)
    expect(admin.get_by_role("progressbar")).to_have_count(0)


def test_a_run_is_cancelled_from_the_page(admin: Page, service: Service, stock: str) -> None:
    admin.goto(f"{service.url}/administration/integrations/jira-1")
    admin.get_by_role("button", name="Retrieve Now").click()
    expect(admin.locator(".progress")).to_contain_text("Waits for its turn")
    admin.get_by_role("button", name="Cancel").click()
    expect(admin.get_by_role("status")).to_contain_text("The retrieval was cancelled.")
    expect(admin.get_by_role("row").filter(has_text="Manual")).to_contain_text("It was cancelled.")
    expect(admin.get_by_role("progressbar")).to_have_count(0)


def test_a_ticket_that_jira_hides_says_so(admin: Page, service: Service, stock: str, world: FakeJiraClient) -> None:
    viewer = {"connection_name": "jira-1", "username": "viewer@example.com", "password": "viewer-token"}
    assert service.call("PUT", f"{INTEGRATIONS}/jira-1", json=viewer).status_code == 200
    myself = f"{service.jira_url}/rest/api/3/myself"
    me = requests.get(myself, auth=("viewer@example.com", "viewer-token"), timeout=10).json()["accountId"]
    mine = world.security_level("SEC", "Mine", {"type": "user", "parameter": me}, STAFF)
    others = world.security_level("SEC", "Others'", STAFF)
    admin.goto(f"{service.url}/violations/{stock}")
    for level in (mine, others):
        issue, body = f"{service.jira_url}/rest/api/3/issue/SEC-1", {"fields": {"security": {"id": level}}}
        assert requests.put(issue, json=body, auth=("admin@example.com", "admin-token"), timeout=10).ok
        admin.get_by_role("button", name="Refresh").click()
        expect(admin.get_by_role("columnheader", name="Refresh")).to_be_visible()
    row = admin.get_by_role("row").filter(has_text="SEC-1")
    expect(row).to_contain_text("Unknown")
    expect(row).to_contain_text("Jira has this ticket and does not show it to the account of the integration")
    shown = service.call("GET", f"{API}/violations/{stock}/tickets").json()["tickets"][0]
    assert (shown["status"], shown["shown_because"]) == ("Unknown", "hidden")


def test_a_broken_integration_shows_unknown_with_a_hollow_dot(
    admin: Page, service: Service, stock: str, world: FakeJiraClient
) -> None:
    world.fault("expired_token", user="admin@example.com")
    service.call("POST", f"{INTEGRATIONS}/jira-1/test")
    admin.goto(f"{service.url}/violations/{stock}")
    row = admin.get_by_role("row").filter(has_text="SEC-1")
    expect(row).to_contain_text("Unknown")
    expect(row.locator(".dot")).to_have_class("dot dot-unknown")
    admin.goto(f"{service.url}/administration/integrations")
    expect(admin.get_by_role("region", name="jira-1")).to_contain_text("Create a new API token")


def test_a_viewer_sees_and_refreshes_but_changes_nothing(page: Page, service: Service, stock: str) -> None:
    log_in(page, service, "vera", service.add_viewer())
    page.goto(f"{service.url}/administration/integrations")
    expect(page.get_by_role("link", name="New Integration")).to_have_count(0)
    expect(page.get_by_label("Menu of jira-1")).to_have_count(0)
    answer = page.goto(f"{service.url}/administration/integrations/jira-1/settings")
    assert answer is not None
    assert answer.status == 403
    page.goto(f"{service.url}/violations/{stock}")
    expect(page.get_by_role("link", name="Create Ticket")).to_have_count(0)
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("row").filter(has_text="SEC-1")).to_contain_text("Refreshed")


def test_nothing_is_cut_off_on_a_phone_and_everything_works_without_a_script(
    browser: Browser, service: Service, stock: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    log_in(page, service)
    for path in (
        "/scans",
        f"/violations/{stock}",
        "/administration/integrations",
        "/administration/integrations/jira-1",
    ):
        page.goto(service.url + path)
        for card in page.locator(".card, .bar").all():
            box = card.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= 390
    page.goto(f"{service.url}/violations/{stock}")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("tbody tr")).to_contain_text("Refreshed")
    context.close()


def test_a_form_without_its_token_does_nothing(service: Service, stock: str) -> None:
    session = requests.Session()
    form = session.get(f"{service.url}/login", timeout=10).text
    found = re.search(r'name="csrf" value="([^"]+)"', form)
    assert found
    login = {"csrf": found[1], "name": "admin", "token": service.token}
    assert session.post(f"{service.url}/login", data=login, timeout=10).url == f"{service.url}/scans"
    refused = session.post(f"{service.url}/administration/integrations/jira-1/delete", data={}, timeout=10)
    assert refused.status_code == 400
    assert len(service.call("GET", INTEGRATIONS).json()["integrations"]) == 1


def test_the_session_opens_reads_of_the_api_and_no_changes(admin: Page, service: Service, stock: str) -> None:
    assert admin.request.get(service.url + INTEGRATIONS).status == 200
    assert admin.request.delete(f"{service.url}{INTEGRATIONS}/jira-1").status == 401


def test_cookies_and_headers_are_strict(service: Service) -> None:
    answer = requests.get(f"{service.url}/login", timeout=10)
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_page_is_a_page(admin: Page, service: Service) -> None:
    answer = admin.goto(f"{service.url}/nowhere")
    assert answer is not None
    assert answer.status == 404
    expect(admin.get_by_role("heading")).to_contain_text("There is nothing at this address.")
