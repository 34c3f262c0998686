"""A service that answers on a socket, and what a caller of its API needs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from service import server
from service.settings import Settings

API = "/xray/api/v1"
INTEGRATIONS = f"{API}/ticketing/jira-integrations"
CHECK = f"{API}/ticketing/integrations/status/check"
CALLBACK = f"{API}/ticketing/oauth/callback"
CHOOSE = f"{API}/ticketing/oauth/choose"
VIEWER_TOKEN = "a-viewer-token-of-the-tests"


@dataclass
class Service:
    """A running service, seen by an admin."""

    running: server.RunningService
    token: str
    jira_url: str
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        return self.running.url

    def call(self, method: str, path: str, *, token: str | None = None, **kwargs: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token}", **kwargs.pop("headers", {})}
        return self.session.request(method, self.url + path, headers=headers, timeout=30, **kwargs)

    @property
    def callback(self) -> str:
        """What is entered in Jira."""
        return self.url + CALLBACK

    def connection(self, **values: Any) -> dict[str, Any]:
        return {
            "connection_name": "jira-1",
            "installation_type": "cloud",
            "auth_type": "basic",
            "username": "admin@example.com",
            "password": "admin-token",
            "jira_server_url": self.jira_url,
        } | values

    def connect(self, **values: Any) -> None:
        answer = self.call("POST", INTEGRATIONS, json=self.connection(**values))
        assert answer.status_code == 200, answer.text

    def add_viewer(self) -> str:
        from service import clock, vault  # noqa: PLC0415 - only here
        from service.store import users  # noqa: PLC0415

        with self.running.parts.store.begin() as c:
            users.add(c, "vera", users.Role.VIEWER, vault.hash_token(VIEWER_TOKEN), clock.now())
        return VIEWER_TOKEN

    def violation(self, issue_id: str = "XRAY-94620", **values: Any) -> str:
        """Imports one violation of `app.war`; returns its id."""
        row = {
            "issue_id": issue_id,
            "type": "Security",
            "severity": "High",
            "watch_name": "watch",
            "summary": "Deserialization of untrusted data",
            "infected_components": ["gav://log4j:log4j:1.2.17"],
            "cves": ["CVE-2019-17571"],
        } | values
        document = {"resources": [{"type": "artifact", "name": "app.war", "repo": "libs", "violations": [row]}]}
        answer = self.call("POST", f"{API}/import", json=document)
        assert answer.status_code == 200, answer.text
        query = {"filters": {"issue_id": issue_id, "include_details": True}}
        found = self.call("POST", f"{API}/violations", json=query).json()["violations"]
        return str(found[0]["violation_id"])

    def create_ticket(self, violation_id: str, **values: Any) -> dict[str, Any]:
        body = {"integration": "jira-1", "project": "SEC"} | values
        answer = self.call("POST", f"{API}/violations/{violation_id}/tickets", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


def settings_for(database: str, **values: Any) -> Settings:
    return Settings(
        **{
            "port": 0,
            "database": database,
            "allow_time_travel": True,  # nothing happens by itself
            "connect_seconds": 1.0,
            "read_seconds": 2.0,
            "check_seconds": 4.0,
            "patience": 0.0,
        }
        | values
    )


@pytest.fixture
def service(sqlite_url: str, jira_url: str) -> Iterator[Service]:
    """A service without integrations, and a Jira beside it."""
    running = server.start(
        settings_for(
            sqlite_url, atlassian_auth_url=jira_url, atlassian_api_url=jira_url
        )  # the fake is all of Atlassian
    )
    try:
        assert running.admin_token is not None
        yield Service(running, running.admin_token, jira_url)
    finally:
        running.close()


@pytest.fixture
def stock(service: Service) -> str:
    """One integration and one violation with one ticket; the violation's id."""
    service.connect()
    violation_id = service.violation()
    service.create_ticket(violation_id)
    return violation_id
