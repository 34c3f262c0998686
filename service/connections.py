"""From an integration to a Jira that can be asked. The one place where a stored secret is opened.

Makes no requests itself. Which Jira it is (Cloud now) and how it wants its credential is decided here, so that the
rooms that ask questions do not care.
"""

from contextlib import closing

from service.errors import IntegrationNotFound
from service.jira.access import Access
from service.jira.base import Jira
from service.jira.client import JiraClient, Target
from service.jira.cloud import JiraCloud
from service.jira.wire import Ending
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import integrations
from service.store.database import Store
from service.vault import Vault

GRACE_SECONDS = 2.0  # for requests that are under way when the process ends


class Connections:
    """Opens Jiras with what the store and the vault keep."""

    def __init__(self, store: Store, settings: Settings, vault: Vault) -> None:
        self._store = store
        self._settings = settings
        self._vault = vault
        self._ending = Ending()

    def stop(self) -> None:
        """Has requests given up, those under way in two seconds: whoever asked gets ServiceStopping."""
        self._ending.begin(GRACE_SECONDS)

    def open(self, integration: Integration, deadline: float | None = None) -> closing[Jira]:
        """The Jira of `integration` as its stored credential sees it; a context manager.

        `deadline` (monotonic seconds) bounds all of its requests together. Raises IntegrationNotFound when the
        integration was removed, and its credential with it.
        """
        sealed = self.sealed(integration.id)
        if sealed is None:
            raise IntegrationNotFound("No integration found with the given connection name")
        return self.open_access(access_of(integration, self._vault.open(sealed)), deadline)

    def sealed(self, integration_id: int) -> bytes | None:
        """The credential as it is stored, to tell later whether it was changed; None once it is removed."""
        with self._store.read() as c:
            return integrations.credential(c, integration_id)

    def were_edited(self, integration: Integration, sealed: bytes | None) -> bool:
        """Whether an admin has meanwhile entered another address or credential than these.

        What was found with the old ones then says nothing about the integration.
        """
        with self._store.read() as c:
            now, sealed_now = integrations.by_id(c, integration.id), integrations.credential(c, integration.id)
        before = (integration.url, integration.username, integration.skip_proxy, sealed)
        return now is not None and (now.url, now.username, now.skip_proxy, sealed_now) != before

    def open_access(self, access: Access, deadline: float | None = None) -> closing[Jira]:
        """The Jira that `access` leads to, whether that is stored or not."""
        target = Target(
            url=access.url,
            username=access.username,
            secret=access.secret,
            skip_proxy=access.skip_proxy,
            connect_seconds=self._settings.connect_seconds,
            read_seconds=self._settings.read_seconds,
            answer_bytes=self._settings.answer_bytes,
        )
        return closing(JiraCloud(JiraClient(target, deadline, self._ending)))


def access_of(integration: Integration, secret: str) -> Access:
    """What `integration` says about its Jira, with its opened secret."""
    return Access(
        installation_type=integration.installation_type,
        auth_type=integration.auth_type,
        url=integration.url,
        secret=secret,
        username=integration.username,
        client_id=integration.client_id,
        cloud_id=integration.cloud_id,
        skip_proxy=integration.skip_proxy,
    )
