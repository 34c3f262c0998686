"""An integration that signs in by OAuth 2.0, at either Jira, with a grant in the store and a Jira that knows it."""

from datetime import timedelta
from typing import Any

import requests
from cryptography.fernet import Fernet

from fake_jira.client import FakeJiraClient
from service import clock
from service.grants import Grants
from service.jira.access import Access, Tokens
from service.jira.auth import TokenSource
from service.jira.wire import Ending
from service.rules.authentication import OFFLINE, STATUS_SCOPES, TICKET_SCOPES
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import integrations
from service.store.database import Store
from service.vault import Vault

KEY = Fernet.generate_key().decode()
CALLBACK = "http://localhost:9/callback"
GONE = timedelta(seconds=-1)
LIVES = timedelta(hours=1)


class Granting:
    """One integration and its grant. `grants` and `source` are those of one process; `process()` makes another."""

    def __init__(self, store: Store, jira: FakeJiraClient, url: str, installation: str = "cloud") -> None:
        self.store = store
        self.jira = jira
        self.url = url
        self.is_cloud = installation == "cloud"
        self.vault = Vault([KEY])
        self.settings = Settings(
            atlassian_auth_url=url, atlassian_api_url=url, connect_seconds=2.0, read_seconds=5.0, check_seconds=3.0
        )
        self.client = self._client()
        self.integration = self._connect(installation)
        self.grants = self.process()
        self.consent()

    @property
    def access(self) -> Access:
        one = self.integration
        return Access(
            one.installation_type,
            one.auth_type,
            one.url,
            self.client["client_secret"],
            client_id=one.client_id,
            cloud_id=one.cloud_id,
            skip_proxy=True,
        )

    def process(self) -> Grants:
        """What another process has: the same store, and nothing else in common."""
        return Grants(self.store, self.vault, self.settings, Ending())

    def source(self, grants: Grants | None = None, deadline: float | None = None) -> TokenSource:
        return (grants or self.grants).source(self.integration, self.access, deadline)

    def consent(self, lives: timedelta = GONE) -> Tokens:
        """A person consents once more; the access token is taken to live that long by our own clock."""
        if self.is_cloud:
            given = self.jira.grant(self.client["client_id"], scopes=[*self.client["scopes"], OFFLINE])
        else:
            given = self.jira.grant_application_link(self.client["client_id"], "admin")
        tokens = Tokens(given["access_token"], given["refresh_token"], expires_at=clock.now() + lives)
        self.store_tokens(tokens)
        return tokens

    def store_tokens(self, tokens: Tokens) -> None:
        with self.store.begin() as c:
            self.grants.put(c, self.integration.id, tokens, clock.now())

    @property
    def tokens(self) -> Tokens:
        """As they are stored."""
        found = self.grants.stored(self.integration.id)
        assert found is not None
        return found

    def works(self, token: str) -> bool:
        """Whether the Jira takes it for an access token."""
        path = f"/ex/jira/{self.integration.cloud_id}/rest/api/3/myself" if self.is_cloud else "/rest/api/2/myself"
        answer = requests.get(self.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        return answer.status_code == 200

    def asked(self) -> int:
        """How many requests the token endpoint has seen."""
        return sum(1 for entry in self.jira.journal() if entry["path"].endswith("/token"))

    def trouble(self, name: str, **fields: Any) -> str:
        """A fault of the token endpoint alone."""
        return self.jira.fault(name, path="/oauth/token" if self.is_cloud else "/rest/oauth2/latest/token", **fields)

    def _client(self) -> dict[str, Any]:
        if self.is_cloud:
            return self.jira.app("Ticket status", scopes=[*TICKET_SCOPES, *STATUS_SCOPES], callbacks=[CALLBACK])
        return self.jira.application_link(name="Ticket status", redirect_uris=[CALLBACK])

    def _connect(self, installation: str) -> Integration:
        cloud_id = (
            requests.get(f"{self.url}/_edge/tenant_info", timeout=10).json()["cloudId"] if self.is_cloud else None
        )
        with self.store.begin() as c:
            return integrations.create(
                c,
                name="jira-1",
                installation_type=installation,
                auth_type="oauth2",
                client_id=self.client["client_id"],
                cloud_id=cloud_id,
                credential=self.vault.seal(self.client["client_secret"]),
                url=self.url,
                skip_proxy=True,
                retrieve_tickets=True,
                created_version="3.140.0",
                now=clock.now(),
            )
