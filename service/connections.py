"""From an integration to a Jira that can be asked. The one place where a stored secret is opened.

Makes no requests itself. Which Jira it is, where its REST API is and how it wants its credential is decided here, so
that the rooms that ask questions do not care.
"""

from contextlib import closing

from service.errors import IntegrationNotFound
from service.grants import Grants
from service.jira.access import Access, Tokens
from service.jira.auth import Basic, Bearer, Credential, NoGrant, OAuth1, Rotating
from service.jira.base import Jira
from service.jira.client import JiraClient, Target
from service.jira.cloud import JiraCloud
from service.jira.data_center import JiraDataCenter
from service.jira.wire import Ending, Wire
from service.rules.authentication import Auth, Installation
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import integrations
from service.store.database import Store
from service.vault import Vault

GRACE_SECONDS = 2.0  # for requests that are under way when the process ends


class Connections:
    """Opens Jiras with what the store and the vault keep. `grants` and `ending` are for whoever asks Jiras otherwise.

    Raises SettingInvalid when the certificate authorities of the settings cannot be read.
    """

    def __init__(self, store: Store, settings: Settings, vault: Vault) -> None:
        self._store = store
        self._settings = settings
        self._vault = vault
        self.ending = Ending()
        self.grants = Grants(store, vault, settings, self.ending)
        self._wire = Wire(settings, self.ending)

    def stop(self) -> None:
        """Has requests given up, those under way in two seconds: whoever asked gets ServiceStopping."""
        self.ending.begin(GRACE_SECONDS)
        self._wire.close()

    def open(
        self, integration: Integration, deadline: float | None = None, sealed: bytes | None = None
    ) -> closing[Jira]:
        """The Jira of `integration` as its stored credential sees it; a context manager.

        `deadline` (monotonic seconds) bounds all of its requests together; `sealed` is its credential, where the caller
        has read it already. Raises IntegrationNotFound when the integration was removed, and its credential with it.
        """
        sealed = sealed or self.sealed(integration.id)
        if sealed is None:
            raise IntegrationNotFound("No integration found with the given connection name")
        access = access_of(integration, self._vault.open(sealed))
        return self._open(access, self._credential(integration, access, deadline), deadline)

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
        return now is not None and (_way_in(now), sealed_now) != (_way_in(integration), sealed)

    def open_access(self, access: Access, deadline: float | None = None) -> closing[Jira]:
        """The Jira that `access` leads to, stored or not; of a consent, only what it gave just now is used."""
        return self._open(access, _credential(access, access.tokens), deadline)

    def _credential(self, integration: Integration, access: Access, deadline: float | None) -> Credential:
        """With what the stored grant holds, where there is one."""
        if access.auth_type == Auth.OAUTH2:
            return Rotating(self.grants.source(integration, access, deadline))
        return _credential(access, self.grants.stored(integration.id) if access.auth_type == Auth.OAUTH1 else None)

    def _open(self, access: Access, credential: Credential, deadline: float | None) -> closing[Jira]:
        by_gateway = (access.installation_type, access.auth_type) == (Installation.CLOUD, Auth.OAUTH2)
        target = Target(
            url=self._settings.atlassian_api_url if by_gateway else access.url,
            skip_proxy=access.skip_proxy,
            connect_seconds=self._settings.connect_seconds,
            read_seconds=self._settings.read_seconds,
            answer_bytes=self._settings.answer_bytes,
        )
        if by_gateway and access.cloud_id is None:
            credential = NoGrant()
        client = JiraClient(target, credential, self._wire, deadline)
        if access.installation_type != Installation.CLOUD:
            return closing(JiraDataCenter(client))
        return closing(JiraCloud(client, access.cloud_id if by_gateway else None))


def _credential(access: Access, tokens: Tokens | None) -> Credential:
    """How `access` signs in, with the `tokens` that a consent gave."""
    if access.auth_type == Auth.BASIC:
        return Basic(access.username, access.secret)
    if access.auth_type == Auth.PAT:
        return Bearer(access.secret)
    if tokens is None:
        return NoGrant()
    if access.auth_type == Auth.OAUTH2:
        return Bearer(tokens.access)
    return OAuth1(access.client_id, access.secret, tokens.access, tokens.secret)


def _way_in(integration: Integration) -> tuple[object, ...]:
    """Everything about an integration that decides what its Jira answers, but for the secret."""
    kind = integration.installation_type, integration.auth_type
    account = integration.username, integration.client_id, integration.cloud_id
    return *kind, integration.url, *account, integration.skip_proxy


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
