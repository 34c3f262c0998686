"""One running fake for all tests, and a world of its own for each: `jira`, spoken to over real sockets."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
import requests

from fake_jira.model.records import User
from fake_jira.model.state import CLOUD, DATA_CENTER, Site
from fake_jira.server import FakeJira, start
from fake_jira.worlds import World
from tests.fake_jira.proof.watch import watch

ADMIN = ("admin@example.com", "admin-token")
VIEWER = ("viewer@example.com", "viewer-token")
DC_ADMIN = ("admin", "admin")
DC_VIEWER = ("viewer", "viewer")
OF_FLAVOUR = "its admin"
WRONG = ("admin@example.com", "expired-token")
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
_numbers = itertools.count(1)


@dataclass
class Jira:
    """A world as its clients see it (`url`, `call`) and as it is inside (`world`)."""

    url: str
    world: World
    session: requests.Session
    flavour: str = CLOUD

    @property
    def site(self) -> Site:
        return self.world.site

    @property
    def admin(self) -> User:
        user = self.world.state.user(ADMIN[0])
        assert user is not None
        return user

    def call(
        self,
        method: str,
        path: str,
        auth: tuple[str, str] | str | None = OF_FLAVOUR,
        version: str | None = None,
        **more: Any,
    ) -> requests.Response:
        """A request below /rest/api/VERSION/, as the admin and in the newest version unless told otherwise."""
        auth = (ADMIN if self.flavour == CLOUD else DC_ADMIN) if auth == OF_FLAVOUR else auth
        version = version or ("3" if self.flavour == CLOUD else "2")
        return self.session.request(method, f"{self.url}/rest/api/{version}/{path}", auth=auth, timeout=10, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("POST", path, json=body, **more)

    def put(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("PUT", path, json=body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.call("DELETE", path, **more)

    def create(self, project: str = "SEC", summary: str = "A ticket", kind: str = "Task", **fields: Any) -> str:
        """A new issue's key."""
        given = {"project": {"key": project}, "summary": summary, "issuetype": {"name": kind}} | fields
        answer = self.post("issue", {"fields": given})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    def move(self, key: str, project: str) -> None:
        """Moves an issue by the control API, as people do it in the browser."""
        answer = self.session.post(f"{self.url}/_control/issues/{key}/move", json={"project": project}, timeout=10)
        assert answer.status_code == 200, answer.text

    def search(self, jql: str, **more: Any) -> list[str]:
        """The keys that a query finds, in order."""
        path, most = ("search/jql", 5000) if self.flavour == CLOUD else ("search", 1000)
        answer = self.post(path, {"jql": jql, "fields": ["key"], "maxResults": most} | more)
        assert answer.status_code == 200, answer.text
        return [issue["key"] for issue in answer.json()["issues"]]


@pytest.fixture(scope="session")
def server() -> Iterator[FakeJira]:
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def data_center_server() -> Iterator[FakeJira]:
    with start(flavour=DATA_CENTER) as running:
        yield running


@pytest.fixture
def jira(server: FakeJira) -> Iterator[Jira]:
    """A Jira Cloud."""
    with in_a_world_of_its_own(server) as made:
        yield made


@pytest.fixture
def data_center(data_center_server: FakeJira) -> Iterator[Jira]:
    """A Jira Data Center of the newest version."""
    with in_a_world_of_its_own(data_center_server) as made:
        yield made


@pytest.fixture(params=[CLOUD, DATA_CENTER])
def either(request: pytest.FixtureRequest) -> Iterator[Jira]:
    """First the one, then the other: for what both flavours do alike."""
    running = request.getfixturevalue("server" if request.param == CLOUD else "data_center_server")
    with in_a_world_of_its_own(running) as made:
        yield made


@contextmanager
def in_a_world_of_its_own(server: FakeJira, *, strictly: bool = False) -> Iterator[Jira]:
    """A fresh Jira whose answers below /rest/ are held to Atlassian's document, `strictly` what it is asked too."""
    name = f"test-{next(_numbers)}"
    world = server.worlds.make(name)
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.set_policy(NO_COOKIES)  # a session of Data Center would make the next caller somebody
        url = f"{server.url}/worlds/{name}"
        watch(session, url, world, server.flavour, requests_too=strictly)
        yield Jira(url, world, session, server.flavour)
    server.worlds.drop(name)
