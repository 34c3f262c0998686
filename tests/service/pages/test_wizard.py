"""New and Edit Integration for every kind of Jira, up to its consent page and back, in a real browser. (3.2, 3.8)"""

import re

from playwright.sync_api import Browser, Page, expect

from fake_jira.client import FakeJiraClient
from service.rules.authentication import STATUS_SCOPES, TICKET_SCOPES
from tests.service.pages.conftest import log_in
from tests.service.web.conftest import INTEGRATIONS, Service

SCOPES = [*TICKET_SCOPES, *STATUS_SCOPES]
NEXT = "Next: Grant Access in Jira"


def open_wizard(page: Page, service: Service, kind: str) -> None:
    """`kind` is the label of a radio button; those of Data Center stand below those of Cloud."""
    page.goto(f"{service.url}/administration/integrations")
    page.get_by_role("link", name="New Integration").first.click()
    page.get_by_role("radio", name=kind).last.check()
    page.get_by_role("button", name="Next").click()


def fill(page: Page, **typed: str) -> None:
    for label, text in typed.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(text)


def consent_on_cloud(page: Page, logs_in: bool = True, button: str = "Accept") -> None:
    if logs_in:
        page.locator("input[name=email]").fill("admin@example.com")
        page.locator("input[name=password]").fill("admin-token")
        page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=button).click()


def consent_on_data_center(page: Page, button: str = "Allow") -> None:
    page.locator("input[name=os_username]").fill("admin")
    page.locator("input[name=os_password]").fill("admin")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=button).click()


def is_connected(page: Page, words: str, name: str = "jira-1") -> None:
    expect(page).to_have_url(re.compile("/administration/integrations$"))
    expect(page.get_by_role("status")).to_have_text(f"Integration is healthy and operational. {name} is connected.")
    region = page.get_by_role("region", name=name)
    expect(region).to_contain_text("Healthy")
    expect(region).to_contain_text(words)


def test_data_center_by_basic(admin: Page, service: Service, data_center_url: str) -> None:
    open_wizard(admin, service, "Basic")
    fill(admin, Connection_name="jira-1", Jira_URL=data_center_url, User_name="admin", Password="wrong")
    admin.get_by_role("button", name="Test and Create").click()
    expect(admin.get_by_role("alert")).to_contain_text("Jira does not accept the credentials")
    expect(admin.get_by_label("User name")).to_have_value("admin")
    fill(admin, Password="admin")
    admin.get_by_role("button", name="Test and Create").click()
    is_connected(admin, "Server · Basic · admin")


def test_data_center_by_personal_access_token(
    admin: Page, service: Service, data_center_url: str, data_center_world: FakeJiraClient
) -> None:
    token = data_center_world.personal_token("admin")["token"]
    open_wizard(admin, service, "Personal access token")
    fill(admin, Connection_name="jira-1", Jira_URL=data_center_url, Personal_access_token=token)
    admin.get_by_role("button", name="Test and Create").click()
    is_connected(admin, "Server · Personal access token")
    assert token not in admin.content()


def test_data_center_by_oauth_1(
    admin: Page, service: Service, data_center_url: str, data_center_world: FakeJiraClient
) -> None:
    open_wizard(admin, service, "OAuth 1.0a")
    fill(admin, Connection_name="jira-1", Jira_URL=data_center_url, Consumer_key="tickets")
    public_key = admin.get_by_label("Public key", exact=True).input_value()
    admin.get_by_role("button", name=NEXT).click()
    expect(admin.get_by_role("alert")).to_contain_text("Jira does not know this consumer key.")
    expect(admin.get_by_label("Public key", exact=True)).to_have_value(public_key)
    data_center_world.application_link(consumer_key="tickets", public_key=public_key, name="Ticket status")
    admin.get_by_role("button", name=NEXT).click()
    consent_on_data_center(admin, "Deny")
    expect(admin.get_by_role("alert")).to_contain_text("Consent was not given in Jira")
    expect(admin.get_by_label("Public key", exact=True)).to_have_value(public_key)
    expect(admin.get_by_label("Consumer key")).to_have_value("tickets")
    admin.get_by_role("button", name=NEXT).click()
    admin.get_by_role("button", name="Allow").click()
    is_connected(admin, "Server · OAuth 1.0a · tickets")
    admin.goto(f"{service.url}/administration/integrations/jira-1/edit")  # nothing has to be entered again
    expect(admin.get_by_label("Public key", exact=True)).to_have_value(public_key)
    admin.get_by_role("button", name=NEXT).click()
    admin.get_by_role("button", name="Allow").click()
    is_connected(admin, "OAuth 1.0a")
    admin.goto(f"{service.url}/administration/integrations/jira-1/edit")
    admin.get_by_role("link", name="Generate another key pair").click()
    another = admin.get_by_label("Public key", exact=True).input_value()
    assert another != public_key
    admin.get_by_role("button", name=NEXT).click()
    expect(admin.get_by_role("alert")).to_contain_text("Jira cannot verify the signature.")
    admin.goto(f"{service.url}/administration/integrations/jira-1/edit")  # it may be in Jira already
    expect(admin.get_by_label("Public key", exact=True)).to_have_value(another)


def test_data_center_by_oauth_2(
    admin: Page, service: Service, data_center_url: str, data_center_world: FakeJiraClient
) -> None:
    open_wizard(admin, service, "OAuth 2.0")
    callback = admin.get_by_label("Callback URL").input_value()
    assert callback == service.callback
    link = data_center_world.application_link(name="Ticket status", redirect_uris=[callback])
    fill(admin, Connection_name="jira-1", Jira_URL=data_center_url, Client_ID=link["client_id"], Client_secret="wrong")
    admin.get_by_role("button", name=NEXT).click()
    consent_on_data_center(admin)
    expect(admin.get_by_role("alert")).to_contain_text("Jira does not accept this client ID with this secret.")
    expect(admin.get_by_label("Jira URL")).to_have_value(data_center_url)
    expect(admin.get_by_label("Client ID")).to_have_value(link["client_id"])
    expect(admin.get_by_label("Client secret")).to_have_value("")
    fill(admin, Client_secret=link["client_secret"])
    admin.get_by_role("button", name=NEXT).click()
    admin.get_by_role("button", name="Allow").click()
    is_connected(admin, f"Server · OAuth 2.0 · {link['client_id']}")


def test_cloud_by_oauth_2_with_a_choice_of_two_sites(
    admin: Page, service: Service, world: FakeJiraClient, jira_url: str
) -> None:
    other = world.make(f"{world._world}-second")
    world.add_site(other._world or "", "second-site")
    app = world.app("Ticket status", scopes=SCOPES, callbacks=[service.callback])
    world.grant(app["client_id"])  # an earlier consent of the same person, to this site
    admin.goto(f"{service.url}/administration/new-integration?type=cloud-oauth2")
    fill(admin, Connection_name="jira-1", Client_ID=app["client_id"], Client_secret=app["client_secret"])
    admin.get_by_role("button", name=NEXT).click()
    admin.locator("input[name=email]").fill("admin@example.com")
    admin.locator("input[name=password]").fill("admin-token")
    admin.get_by_role("button", name="Log in").click()
    admin.get_by_role("radio", name="second-site").check()
    admin.get_by_role("button", name="Accept").click()
    admin.get_by_text(jira_url, exact=True).click()
    admin.get_by_role("button", name="Test and Save").click()
    is_connected(admin, jira_url)
    other.drop()


def test_cloud_consent_that_is_refused_or_foreign_comes_back_with_one_sentence(
    admin: Page, service: Service, world: FakeJiraClient
) -> None:
    app = world.app("Ticket status", scopes=SCOPES, callbacks=[service.callback])
    admin.goto(f"{service.url}/administration/new-integration?type=cloud-oauth2")
    fill(admin, Connection_name="jira-1", Client_ID=app["client_id"], Client_secret=app["client_secret"])
    admin.get_by_label("Skip proxy").check()
    admin.get_by_role("button", name=NEXT).click()
    consent_on_cloud(admin, button="Cancel")
    expect(admin.get_by_role("alert")).to_have_text("Consent was not given in Jira, so nothing was changed.")
    expect(admin.get_by_label("Connection name")).to_have_value("jira-1")
    expect(admin.get_by_label("Skip proxy")).to_be_checked()
    expect(admin.get_by_label("Client secret")).to_have_value("")
    assert app["client_secret"] not in admin.content()
    admin.goto(f"{service.url}/administration/new-integration?type=cloud-oauth2")  # another one, later
    expect(admin.get_by_label("Connection name")).to_have_value("")
    admin.goto(f"{service.callback}?state=somebody-elses&code=x")
    expect(admin.get_by_role("alert")).to_contain_text("This consent was not begun here by you")
    assert service.call("GET", INTEGRATIONS).json() == {"integrations": []}


def test_an_address_cannot_fill_in_the_form(admin: Page, service: Service) -> None:
    service.connect()
    typed = "type=cloud-basic&jira_server_url=http://evil.example.com&username=eve&connection_name=jira-1"
    admin.goto(f"{service.url}/administration/new-integration?{typed}")
    expect(admin.get_by_label("Jira URL")).to_have_value("")
    admin.goto(f"{service.url}/administration/integrations/jira-1/edit?{typed}")
    expect(admin.get_by_label("Jira URL")).to_have_value(service.jira_url)
    expect(admin.get_by_label("User name")).to_have_value("admin@example.com")


def test_the_callback_wants_the_one_who_began(page: Page, service: Service) -> None:
    answer = page.goto(f"{service.callback}?state=x&code=y")
    assert answer is not None
    assert answer.status == 401
    expect(page.get_by_role("heading")).to_contain_text("Log in here in another tab")


def test_the_wizard_fits_a_phone_and_needs_no_script_and_no_mouse(browser: Browser, service: Service) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    log_in(page, service)
    for kind in ("", "cloud-basic", "cloud-oauth2", "server-pat", "server-oauth1", "server-oauth2"):
        page.goto(f"{service.url}/administration/new-integration" + (f"?type={kind}" if kind else ""))
        for box in page.locator(".card, .field, input, textarea, .choice, button").all():
            around = box.bounding_box()
            assert around is None or around["x"] + around["width"] <= 390, (kind, box)
        for box in page.get_by_label("Callback URL").all():
            assert box.evaluate("box => box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight"), (
                kind
            )
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.locator("button.main:focus").count():
                break
        expect(page.locator("button.main")).to_be_focused()
    context.close()


def test_a_page_made_for_a_consent_holds_no_secret(admin: Page, service: Service, world: FakeJiraClient) -> None:
    app = world.app("Ticket status", scopes=SCOPES, callbacks=[service.callback])
    admin.goto(f"{service.url}/administration/new-integration?type=cloud-oauth2")
    fill(admin, Connection_name="jira-1", Client_ID=app["client_id"], Client_secret=app["client_secret"])
    admin.get_by_role("button", name=NEXT).click()
    consent_on_cloud(admin)
    is_connected(admin, "Cloud · OAuth 2.0")
    for path in ("", "/jira-1", "/jira-1/edit", "/jira-1/settings"):
        admin.goto(f"{service.url}/administration/integrations{path}")
        assert app["client_secret"] not in admin.content()
