"""What tests of Jira Cloud's doors share: an app, a person at a browser without scripts, and the token endpoint."""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from fake_jira.model.app_records import App
from fake_jira.model.apps import OFFLINE, create_app
from tests.fake_jira.conftest import ADMIN, VIEWER, Jira

CALLBACK = "http://localhost:5999/callback"
SCOPES = ("read:jira-work", "write:jira-work", "read:jira-user")


def an_app(jira: Jira, *scopes: str, **properties: Any) -> App:
    """An app of the admin."""
    return create_app(
        jira.site, jira.admin, "Ticket status", scopes=scopes or SCOPES, callbacks=[CALLBACK], **properties
    )


@dataclass
class Person:
    """Somebody at a browser. `read` is the page in front of them."""

    jira: Jira
    session: requests.Session
    credential: tuple[str, str] = ADMIN

    def look(self, path: str, **query: str) -> requests.Response:
        return self.session.get(f"{self.jira.url}{path}", params=query, timeout=10, allow_redirects=False)

    def send(self, path: str, **fields: str) -> requests.Response:
        return self.session.post(f"{self.jira.url}{path}", data=fields, timeout=10, allow_redirects=False)

    def log_in(self) -> "Person":
        email, password = self.credential
        assert self.send("/login", email=email, password=password).status_code == 302
        return self

    def fill_in(self, path: str, page: requests.Response, **fields: str) -> requests.Response:
        """Sends a form with the hidden fields of the page."""
        return self.send(path, **(hidden(page) | fields))

    def authorize(self, app: App, **changes: str | None) -> requests.Response:
        """Goes where the app sends them; a change to None leaves that parameter out."""
        asked = {
            "audience": "api.atlassian.com",
            "client_id": app.client_id,
            "scope": " ".join((*app.scopes, OFFLINE)),
            "redirect_uri": CALLBACK,
            "state": "a b&c",
            "response_type": "code",
            "prompt": "consent",
        } | changes
        return self.look("/authorize", **{name: value for name, value in asked.items() if value is not None})

    def accept(self, app: App, site: str = "", **changes: str | None) -> str:
        """Lets the app in; the code that its callback gets."""
        page = self.authorize(app, **changes)
        assert page.status_code == 200, page.headers
        sent = self.fill_in("/authorize", page, decision="accept", site=site)
        assert sent.status_code == 302
        return parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]


def a_person(jira: Jira, credential: tuple[str, str] = ADMIN) -> Person:
    """Somebody who is logged in."""
    return a_stranger(jira, credential).log_in()


def a_stranger(jira: Jira, credential: tuple[str, str] = VIEWER) -> Person:
    session = requests.Session()
    session.trust_env = False
    return Person(jira, session, credential)


def hidden(page: requests.Response) -> dict[str, str]:
    """The hidden fields of the last form of a page."""
    form = page.text.rpartition("<form")[2]
    pairs = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {html.unescape(name): html.unescape(value) for name, value in pairs}


def words(page: requests.Response) -> str:
    """What a person reads in the middle of a page."""
    body = page.text.partition("<main>")[2].partition("</main>")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def ask(jira: Jira, app: App, **fields: Any) -> requests.Response:
    """The token endpoint, with the app's credential unless `fields` says otherwise."""
    body = {"client_id": app.client_id, "client_secret": app.secret} | fields
    return jira.session.post(f"{jira.url}/oauth/token", json=body, timeout=10)


def exchange(jira: Jira, app: App, code: str, **fields: Any) -> requests.Response:
    return ask(jira, app, **({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK} | fields))


def refresh(jira: Jira, app: App, token: str) -> requests.Response:
    return ask(jira, app, grant_type="refresh_token", refresh_token=token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def resources(jira: Jira, token: str) -> requests.Response:
    return jira.session.get(f"{jira.url}/oauth/token/accessible-resources", headers=bearer(token), timeout=10)
