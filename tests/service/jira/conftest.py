"""The doors of both fakes, one after the other."""

from collections.abc import Iterator

import pytest

from service.connections import Connections
from service.jira.base import Jira
from service.settings import Settings
from service.store.database import Store
from service.vault import Vault
from tests.service.conftest import KEY
from tests.service.jira.doors import ALL, Door, door_for


@pytest.fixture(params=ALL)
def door(request: pytest.FixtureRequest) -> Door:
    """Each of the six ways in."""
    return door_for(request, str(request.param))


@pytest.fixture
def server_door(request: pytest.FixtureRequest) -> Door:
    """Data Center by user and password."""
    return door_for(request, "server basic")


@pytest.fixture
def gateway_door(request: pytest.FixtureRequest) -> Door:
    """Jira Cloud by OAuth 2.0."""
    return door_for(request, "cloud oauth2")


@pytest.fixture
def connections(request: pytest.FixtureRequest, sqlite_store: Store) -> Connections:
    """Connections of a service whose gateway is that of the fake Cloud."""
    gateway = request.getfixturevalue("jira_url")
    settings = Settings(atlassian_api_url=gateway, atlassian_auth_url=gateway, connect_seconds=2.0, read_seconds=5.0)
    return Connections(sqlite_store, settings, Vault([KEY]))


@pytest.fixture
def jira(door: Door, connections: Connections) -> Iterator[Jira]:
    """The Jira behind the door."""
    with connections.open_access(door.access) as opened:
        yield opened
