"""The pages of Data Center's doors in a real browser that runs no scripts."""

import re
from collections.abc import Iterator

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from oauthlib.oauth1 import SIGNATURE_RSA
from playwright.sync_api import Browser, Page, expect
from requests_oauthlib import OAuth1Session

from fake_jira.model.application_links import add_client, add_consumer
from tests.fake_jira.conftest import DC_ADMIN, Jira
from tests.fake_jira.test_doors_cloud_pages import callback, page

__all__ = ["callback", "page"]


def log_in(page: Page, name: str = "admin", password: str = "admin") -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    """A page on a phone."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_person_allows_an_application_and_its_signature_works(data_center: Jira, page: Page, callback: str) -> None:
    private = generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    add_consumer(data_center.site, "c", "The <service>", public)
    session = OAuth1Session("c", rsa_key=pem, signature_method=SIGNATURE_RSA, callback_uri=callback)
    session.fetch_request_token(f"{data_center.url}/plugins/servlet/oauth/request-token")

    page.goto(session.authorization_url(f"{data_center.url}/plugins/servlet/oauth/authorize"))
    expect(page.get_by_role("heading", name="Log in to Jira")).to_be_visible()
    log_in(page)
    expect(page.get_by_role("heading", name="The <service> asks for access to Jira in your name")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("back at the app")).to_be_visible()

    session.parse_authorization_response(page.url)
    session.fetch_access_token(f"{data_center.url}/plugins/servlet/oauth/access-token")
    assert session.get(f"{data_center.url}/rest/api/2/myself", timeout=10).json()["name"] == "admin"


def test_a_person_answers_the_captcha_and_programs_are_let_in_again(data_center: Jira, page: Page) -> None:
    for _ in range(3):
        data_center.get("myself", auth=("admin", "wrong"))
    denied = data_center.get("myself")
    assert denied.status_code == 403
    page.goto(denied.headers["X-Authentication-Denied-Reason"].partition("login-url=")[2])
    log_in(page)
    asked = page.get_by_label(re.compile("How much is"))
    expect(asked).to_be_visible()
    one, other = re.findall(r"\d", page.locator("label", has=asked).inner_text())
    asked.fill(str(int(one) + int(other)))
    log_in(page)
    expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()
    assert data_center.get("myself").status_code == 200
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in to Jira")).to_be_visible()


def test_a_person_consents_by_oauth_2_and_may_deny(data_center: Jira, page: Page, callback: str) -> None:
    client = add_client(data_center.site, "The service", [callback], "READ")
    asked = {"client_id": client.id, "redirect_uri": callback, "response_type": "code", "scope": "READ"}
    address = requests.Request("GET", f"{data_center.url}/rest/oauth2/latest/authorize", params=asked).prepare().url
    assert address
    page.goto(address)
    log_in(page)
    expect(page.get_by_text("read everything that you can see")).to_be_visible()
    page.get_by_role("button", name="Deny").click()
    expect(page).to_have_url(f"{callback}?error=access_denied")
    page.goto(address)
    page.get_by_role("button", name="Allow").click()
    expect(page).to_have_url(re.compile(r"\?code=[0-9a-f]{32}$"))


def test_an_administrator_makes_a_client_on_the_page(data_center: Jira, page: Page) -> None:
    page.goto(f"{data_center.url}/plugins/servlet/applinks/listApplicationLinks")
    log_in(page, *DC_ADMIN)
    form = page.locator("section", has=page.get_by_role("heading", name="New client, OAuth 2.0"))
    form.get_by_label("Name").fill("The service")
    form.get_by_label("Redirect URLs").fill("https://app.example.com/back")
    form.get_by_role("button", name="Add client").click()
    expect(page.get_by_text("OAuth 2.0, WRITE")).to_be_visible()
    (client,) = data_center.world.state.doors.clients.values()
    expect(page.get_by_text(client.secret)).to_be_visible()


def test_the_pages_fit_on_a_phone(data_center: Jira, narrow: Page) -> None:
    narrow.goto(f"{data_center.url}/plugins/servlet/applinks/listApplicationLinks")
    log_in(narrow)
    expect(narrow.get_by_role("heading", name="Application links")).to_be_visible()
    assert narrow.locator("html").bounding_box()["width"] <= 360  # type: ignore[index]
