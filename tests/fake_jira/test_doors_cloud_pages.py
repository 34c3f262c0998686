"""The pages of Jira Cloud's doors in a real browser that runs no scripts."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from fake_jira.model.app_tokens import issue
from fake_jira.model.apps import change_app, consent
from tests.fake_jira.conftest import ADMIN, VIEWER, Jira
from tests.fake_jira.oauth import CALLBACK, a_person, an_app, bearer, exchange, resources


class Callback(BaseHTTPRequestHandler):
    """An app that says it got its answer."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"back at the app")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def callback() -> Iterator[str]:
    """The address that an app listens at."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Callback) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/callback"
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of nobody; a broken policy fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    opened = context.new_page()
    trouble: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text) if "Content Security" in message.text else None)
    yield opened
    context.close()
    assert trouble == []


def authorize(jira: Jira, client_id: str, callback: str, scope: str = "read:jira-work") -> str:
    """Where an app sends people."""
    asked = {
        "audience": "api.atlassian.com", "client_id": client_id, "scope": scope, "redirect_uri": callback, "state": "s",
        "response_type": "code", "prompt": "consent",
    }  # fmt: skip
    return f"{jira.url}/authorize?{urlencode(asked)}"


def log_in(page: Page, credential: tuple[str, str] = ADMIN) -> None:
    page.get_by_label("E-mail address").fill(credential[0])
    page.get_by_label("Password").fill(credential[1])
    page.get_by_role("button", name="Log in").click()


def test_a_person_makes_an_app_lets_it_in_and_takes_it_back(jira: Jira, page: Page, callback: str) -> None:
    page.goto(f"{jira.url}/console")
    log_in(page)
    page.get_by_label("Name").fill("Ticket status")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("checkbox", name="read:jira-work").check()
    page.get_by_label("Granular and other scopes").fill("read:user:jira\nread:aplication-role:jira")
    page.get_by_role("button", name="Save permissions").click()
    expect(page.get_by_role("alert")).to_contain_text("near it: read:application-role:jira")
    page.get_by_role("checkbox", name="read:jira-user").check()
    page.get_by_role("button", name="Save permissions").click()
    expect(page.get_by_role("checkbox", name="read:jira-user")).to_be_checked()
    page.get_by_label("Callback URLs").fill(callback)
    page.get_by_role("button", name="Save callbacks").click()
    (app,) = jira.world.state.apps.values()
    assert (app.scopes, app.callbacks) == (("read:jira-user",), (callback,))
    expect(page.get_by_text(app.secret)).to_be_visible()

    page.goto(authorize(jira, app.client_id, callback, "read:jira-user offline_access"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Ticket status asks for access to your account")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/callback?**")
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    token = exchange(jira, app, code, redirect_uri=callback).json()["access_token"]
    (site,) = resources(jira, token).json()
    address = f"{jira.url}/ex/jira/{site['id']}/rest/api/3/myself"
    assert requests.get(address, headers=bearer(token), timeout=10).json()["emailAddress"] == ADMIN[0]

    page.goto(f"{jira.url}/account")
    page.get_by_role("button", name="Remove Ticket status").click()
    expect(page.get_by_text("No app acts for you.")).to_be_visible()
    assert requests.get(address, headers=bearer(token), timeout=10).status_code == 401


def test_whoever_is_not_logged_in_logs_in_first_and_may_cancel(jira: Jira, page: Page, callback: str) -> None:
    app = an_app(jira, distributed=True)
    change_app(jira.site, app, callbacks=[callback])
    page.goto(authorize(jira, app.client_id, callback))
    log_in(page, (VIEWER[0], "wrong"))
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(VIEWER[1])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/callback?error=access_denied&**")
    assert jira.world.state.app_grants == {}


def test_one_of_several_sites_has_to_be_chosen(jira: Jira, page: Page, callback: str) -> None:
    name = f"{jira.world.name}-second"
    control = f"{jira.url}/_control"
    jira.session.post(f"{control}/worlds", json={"name": name}, timeout=10)
    jira.session.post(f"{control}/sites", json={"world": name, "name": "Second site"}, timeout=10)
    body = {"name": "Status", "scopes": ["read:jira-work"], "callbacks": [callback]}
    app = jira.session.post(f"{control}/apps", json=body, timeout=10).json()
    page.goto(authorize(jira, app["client_id"], callback))
    log_in(page)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("asks for access")
    page.get_by_role("radio", name="Second site").check()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/callback?**")
    (grant,) = jira.world.state.app_grants.values()
    assert grant.sites == (name,)
    jira.session.delete(f"{control}/worlds/{name}", timeout=10)


def test_a_person_makes_and_revokes_api_tokens_and_changes_the_password(jira: Jira, page: Page) -> None:
    page.goto(f"{jira.url}/account")
    log_in(page)
    page.get_by_role("textbox", name="Label").fill("As long as can be")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("button", name="Revoke As long as can be")).to_be_visible()
    page.get_by_role("textbox", name="Label").fill("CI")
    page.get_by_label("Good for").select_option("a week")
    page.get_by_role("button", name="Create token").click()
    secret = page.get_by_role("status").locator("code").inner_text()
    assert jira.get("myself", auth=(ADMIN[0], secret)).status_code == 200
    page.goto(f"{jira.url}/account")
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("button", name="Revoke CI").click()
    expect(page.get_by_role("button", name="Revoke CI")).to_have_count(0)
    assert jira.get("myself", auth=(ADMIN[0], secret)).status_code == 401
    page.get_by_label("Present password").fill(ADMIN[1])
    page.get_by_label("New password").fill("new")
    page.get_by_role("button", name="Change password").click()
    page.wait_for_url("**/login")
    log_in(page, (ADMIN[0], "new"))
    page.wait_for_url("**/account")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")


def test_an_app_is_distributed_and_deleted_in_the_console_by_its_owner_alone(jira: Jira, page: Page) -> None:
    app = an_app(jira)
    page.goto(f"{jira.url}/console/{app.client_id}")
    log_in(page)
    page.get_by_role("button", name="Distribute it").click()
    expect(page.get_by_text("Everybody can let this app in.")).to_be_visible()
    other = a_person(jira, VIEWER)
    assert other.look(f"/console/{app.client_id}").status_code == 404
    assert app.name not in other.look("/console").text
    page.get_by_role("button", name="Delete this app").click()
    expect(page.get_by_text("No apps yet.")).to_be_visible()
    assert jira.world.state.apps == {}


@pytest.mark.parametrize("path", ["/login", "/console", "/console/{app}", "/account", "/error", "/authorize"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_fits_its_window_and_names_its_fields(jira: Jira, browser: Browser, path: str, width: int) -> None:
    app = an_app(jira)
    issue(jira.site, app, consent(jira.site, app, jira.admin, app.scopes))
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{jira.url}/login")
    log_in(page)
    page.goto(
        authorize(jira, app.client_id, CALLBACK) if path == "/authorize" else jira.url + path.format(app=app.client_id)
    )
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    fields = page.locator("input:not([type=hidden]), select, textarea")
    assert fields.evaluate_all("all => all.filter(each => !each.labels.length).length") == 0
    assert page.locator("h1").count() == 1
    assert "<script" not in re.sub(r"<style>.*?</style>", "", page.content(), flags=re.DOTALL)
    context.close()
