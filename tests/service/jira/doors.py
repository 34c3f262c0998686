"""Every way into a Jira: an installation, an authentication, and what a consent gave, at a fake that knows them."""

from dataclasses import dataclass, replace
from functools import cache

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fake_jira.client import FakeJiraClient
from service.jira.access import Access, Tokens
from service.rules.authentication import OFFLINE, STATUS_SCOPES, TICKET_SCOPES

CALLBACK = "http://localhost:9/callback"
SCOPES = [*TICKET_SCOPES, *STATUS_SCOPES, OFFLINE]
CLOUD = ("cloud basic", "cloud oauth2")
DATA_CENTER = ("server basic", "server pat", "server oauth1", "server oauth2")
ALL = (*CLOUD, *DATA_CENTER)
BY_CONSENT = ("cloud oauth2", "server oauth1", "server oauth2")


@dataclass(frozen=True)
class Door:
    """A fake Jira and a good access to it."""

    jira: FakeJiraClient
    access: Access

    @property
    def is_cloud(self) -> bool:
        return self.access.installation_type == "cloud"

    def with_dead_credential(self) -> Access:
        """The same access with something that was never good, or is not any more."""
        if self.access.auth_type == "oauth1":
            return replace(self.access, tokens=Tokens("never-given", secret="never-given"))
        if self.access.tokens is not None:
            return replace(self.access, tokens=Tokens("never-given"))
        return replace(self.access, secret="never-given")


def door_for(request: pytest.FixtureRequest, kind: str) -> Door:
    """A door into a fresh world of the fake that `kind` belongs to."""
    prefix = "" if kind in CLOUD else "data_center_"
    world: FakeJiraClient = request.getfixturevalue(f"{prefix}world")
    return open_door(kind, world, request.getfixturevalue("jira_url" if kind in CLOUD else "data_center_url"))


def open_door(kind: str, jira: FakeJiraClient, url: str) -> Door:
    """`kind` is one of ALL."""
    installation, auth = kind.split()
    access = Access(installation, auth, url, "", skip_proxy=True)
    if kind == "cloud basic":
        return Door(jira, replace(access, username="admin@example.com", secret="admin-token"))
    if kind == "server basic":
        return Door(jira, replace(access, username="admin", secret="admin"))
    if kind == "server pat":
        return Door(jira, replace(access, secret=jira.personal_token("admin")["token"]))
    if kind == "server oauth1":
        return Door(jira, _by_oauth1(access, jira))
    return Door(jira, _by_oauth2(access, jira))


def _by_oauth1(access: Access, jira: FakeJiraClient) -> Access:
    private, public = key_pair()
    jira.application_link(consumer_key="tickets", public_key=public, name="Ticket status")
    given = jira.grant_application_link("tickets", "admin")
    tokens = Tokens(given["oauth_token"], secret=given["oauth_token_secret"])
    return replace(access, secret=private, client_id="tickets", tokens=tokens)


def _by_oauth2(access: Access, jira: FakeJiraClient) -> Access:
    if access.installation_type == "cloud":
        client = jira.app("Ticket status", scopes=[*TICKET_SCOPES, *STATUS_SCOPES], callbacks=[CALLBACK])
        given = jira.grant(client["client_id"], scopes=SCOPES)
        cloud_id = requests.get(f"{access.url}/_edge/tenant_info", timeout=10).json()["cloudId"]
    else:
        client = jira.application_link(name="Ticket status", redirect_uris=[CALLBACK])
        given = jira.grant_application_link(client["client_id"], "admin")
        cloud_id = None
    return replace(
        access,
        secret=client["client_secret"],
        client_id=client["client_id"],
        cloud_id=cloud_id,
        tokens=Tokens(given["access_token"], given["refresh_token"]),
    )


@cache
def key_pair() -> tuple[str, str]:
    """An RSA key as PEM, private and public; made once, as it takes a while."""
    key = rsa.generate_private_key(65_537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
