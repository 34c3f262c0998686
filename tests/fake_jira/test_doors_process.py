"""Getting in as everybody does it: `fake-jira serve` in a process of its own, a person at a browser, common clients."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import Page
from requests_oauthlib import OAuth1, OAuth1Session, OAuth2Session

from tests.fake_jira import test_doors_data_center_pages as data_center_pages
from tests.fake_jira.conftest import ADMIN
from tests.fake_jira.test_doors_cloud_pages import callback, log_in, page
from tests.fake_jira.test_doors_data_center import OAUTH, key

__all__ = ["callback", "key", "page"]


@contextmanager
def served(flavour: str) -> Iterator[str]:
    """The address of a fake that was started from the command line."""
    words = [sys.executable, "-m", "fake_jira", "serve", "--flavour", flavour, "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def test_a_person_signs_in_consents_and_the_token_works_at_the_gateway(
    page: Page, callback: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # oauthlib wants to know that a fake without TLS is meant
    with served("cloud") as url:
        page.goto(f"{url}/console")
        log_in(page)
        page.get_by_label("Name").fill("Scan tickets")
        page.get_by_role("button", name="Create").click()
        page.get_by_role("checkbox", name="read:jira-user").check()
        page.get_by_role("button", name="Save permissions").click()
        page.get_by_label("Callback URLs").fill(callback)
        page.get_by_role("button", name="Save callbacks").click()
        client_id, secret = (page.locator("dd code").nth(place).inner_text() for place in (0, 1))

        app = OAuth2Session(client_id, redirect_uri=callback, scope=["read:jira-user", "offline_access"])
        asked, _ = app.authorization_url(f"{url}/authorize", audience="api.atlassian.com", prompt="consent")
        page.goto(asked)
        accept = page.get_by_role("button", name="Accept")
        for _ in range(5):  # console, account, log out; the form has nothing to choose but its buttons
            page.keyboard.press("Tab")
            if accept.evaluate("button => button === document.activeElement"):
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/callback?**")
        app.fetch_token(
            f"{url}/oauth/token", authorization_response=page.url, client_secret=secret, include_client_id=True
        )
        (site,) = app.get(f"{url}/oauth/token/accessible-resources").json()
        me = app.get(f"{url}/ex/jira/{site['id']}/rest/api/3/myself")
        assert (me.status_code, me.json()["emailAddress"]) == (200, ADMIN[0])


def test_the_dance_of_requests_oauthlib_through_the_pages_of_data_center(
    page: Page, callback: str, key: tuple[str, str]
) -> None:
    with served("data-center") as url:
        page.goto(f"{url}/plugins/servlet/applinks/listApplicationLinks")
        data_center_pages.log_in(page)
        page.get_by_label("Consumer key").fill("scan-tickets")
        page.get_by_label("Public key").fill(key[1])
        page.get_by_role("button", name="Add consumer").click()

        app = OAuth1Session("scan-tickets", rsa_key=key[0], signature_method="RSA-SHA1", callback_uri=callback)
        app.fetch_request_token(f"{url}/{OAUTH}/request-token")
        page.goto(app.authorization_url(f"{url}/{OAUTH}/authorize"))
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url("**/callback?**")
        app.parse_authorization_response(page.url)
        held = app.fetch_access_token(f"{url}/{OAUTH}/access-token")
        assert app.get(f"{url}/rest/api/2/myself", timeout=10).json()["name"] == "admin"
        signed = OAuth1("scan-tickets", rsa_key=key[0], signature_method="RSA-SHA1", resource_owner_key="forged")
        forged = requests.get(f"{url}/rest/api/2/myself", auth=signed, timeout=10)
        assert (forged.status_code, held["oauth_expires_in"]) == (401, "157680000")
