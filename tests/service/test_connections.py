"""From a stored integration to a Jira that answers: every way to sign in, and what becomes of an edit."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fake_jira.client import FakeJiraClient
from service import clock
from service.connections import Connections
from service.errors import IntegrationNotFound, ServiceStopping, SettingInvalid
from service.jira.access import Tokens
from service.rules.health import Outcome
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import integrations
from service.store.database import Store
from service.vault import Vault
from tests.service.conftest import KEY
from tests.service.granted import Granting
from tests.service.jira.doors import ALL, BY_CONSENT, Door, door_for, open_door


def connections_of(store: Store, gateway: str, **settings: Any) -> Connections:
    given = Settings(atlassian_api_url=gateway + "/", atlassian_auth_url=gateway, connect_seconds=2.0, **settings)
    return Connections(store, given, Vault([KEY]))


def stored(store: Store, door: Door) -> Integration:
    """The integration that an admin would have made of this access."""
    access = door.access
    with store.begin() as c:
        return integrations.create(
            c,
            name="jira-1",
            installation_type=access.installation_type,
            auth_type=access.auth_type,
            username=access.username,
            client_id=access.client_id,
            cloud_id=access.cloud_id,
            url=access.url,
            credential=Vault([KEY]).seal(access.secret),
            skip_proxy=True,
            retrieve_tickets=True,
            created_version="3.140.0",
            now=clock.now(),
        )


@pytest.fixture(params=ALL)
def door(request: pytest.FixtureRequest) -> Door:
    """Each way in, or those that a test names."""
    return door_for(request, str(request.param))


def test_every_integration_that_is_stored_can_be_asked(door: Door, sqlite_store: Store, jira_url: str) -> None:
    connections = connections_of(sqlite_store, jira_url)
    integration = stored(sqlite_store, door)
    if door.access.tokens is not None:
        with sqlite_store.begin() as c:
            connections.grants.put(c, integration.id, door.access.tokens, clock.now())
    one = door.jira.issue("TEST", summary="x")
    with connections.open(integration) as jira:
        assert jira.server_info().ok
        assert jira.myself().ok
        found = jira.search_by_ids([one["id"]])
    assert found.payload is not None
    assert set(found.payload) == {one["id"]}


@pytest.mark.parametrize("door", BY_CONSENT, indirect=True)
def test_without_its_consent_nothing_is_asked(door: Door, sqlite_store: Store, jira_url: str) -> None:
    integration = stored(sqlite_store, door)
    with connections_of(sqlite_store, jira_url).open(integration) as jira:
        found = jira.myself()
        assert jira.sent == 0
    assert (found.outcome, found.was_sent) == (Outcome.CONSENT_AGAIN, False)


def test_a_token_that_has_ended_is_renewed_on_the_way(granting: Granting) -> None:
    connections = Connections(granting.store, granting.settings, granting.vault)
    with connections.open(granting.integration) as jira:
        assert jira.myself().ok
        assert jira.myself().ok
        assert jira.sent == 3
    assert granting.asked() == 1


def test_a_token_that_jira_refuses_ahead_of_its_time_is_renewed_and_the_question_asked_again(
    granting: Granting,
) -> None:
    tokens = granting.consent(timedelta(hours=1))
    granting.store_tokens(replace(tokens, access="never-given"))
    connections = Connections(granting.store, granting.settings, granting.vault)
    with connections.open(granting.integration) as jira:
        assert jira.myself().ok
        assert jira.sent == 3
    assert granting.asked() == 1


def test_a_grant_that_is_no_more_needs_a_new_consent(granting: Granting) -> None:
    granting.store_tokens(Tokens("never-given", "never-given", expires_at=clock.now() + timedelta(hours=1)))
    connections = Connections(granting.store, granting.settings, granting.vault)
    with connections.open(granting.integration) as jira:
        assert jira.search_by_ids(["10000"]).outcome is Outcome.CONSENT_AGAIN


def test_a_removed_integration_has_no_jira(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> None:
    integration = stored(sqlite_store, open_door("cloud basic", world, jira_url))
    with sqlite_store.begin() as c:
        integrations.remove(c, integration.id, clock.now())
    with pytest.raises(IntegrationNotFound):
        connections_of(sqlite_store, jira_url).open(integration)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://elsewhere"},
        {"username": "somebody"},
        {"auth_type": "pat"},
        {"installation_type": "server"},
        {"client_id": "another"},
        {"cloud_id": "another"},
        {"skip_proxy": False},
    ],
)
def test_an_edit_of_the_way_in_is_noticed(
    sqlite_store: Store, world: FakeJiraClient, jira_url: str, change: dict[str, Any]
) -> None:
    connections = connections_of(sqlite_store, jira_url)
    integration = stored(sqlite_store, open_door("cloud basic", world, jira_url))
    sealed = connections.sealed(integration.id)
    assert not connections.were_edited(integration, sealed)
    with sqlite_store.begin() as c:
        integrations.update_settings(c, replace(integration, name="renamed"))
    assert not connections.were_edited(integration, sealed)
    with sqlite_store.begin() as c:
        integrations.update_settings(c, replace(integration, **change))
    assert connections.were_edited(integration, sealed)


def test_an_edit_of_the_secret_is_noticed(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> None:
    connections = connections_of(sqlite_store, jira_url)
    integration = stored(sqlite_store, open_door("cloud basic", world, jira_url))
    sealed = connections.sealed(integration.id)
    with sqlite_store.begin() as c:
        integrations.set_credential(c, integration.id, Vault([KEY]).seal("new"))
    assert connections.were_edited(integration, sealed)


def test_authorities_that_cannot_be_read_are_said_at_the_start(sqlite_store: Store) -> None:
    with pytest.raises(SettingInvalid, match="TICKET_SERVICE_CA_FILE"):
        connections_of(sqlite_store, "http://127.0.0.1:9", ca_file="/no/such/file")


def test_once_stopped_nothing_more_is_asked(
    door: Door, sqlite_store: Store, jira_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.connections.GRACE_SECONDS", 0.0)
    connections = connections_of(sqlite_store, jira_url)
    connections.stop()
    with connections.open_access(door.access) as jira, pytest.raises(ServiceStopping):
        jira.myself()


def test_no_secret_is_in_what_an_access_says_of_itself(door: Door) -> None:
    said = repr(door.access)
    tokens = door.access.tokens
    secrets = [door.access.secret, *([tokens.access, tokens.refresh, tokens.secret] if tokens else [])]
    assert not [secret for secret in secrets if secret and len(secret) > 5 and secret in said]
