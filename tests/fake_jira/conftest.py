"""One running fake for all tests, and a world of its own for each: `jira`, spoken to over real sockets."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from fake_jira.model.records import User
from fake_jira.model.state import Site
from fake_jira.server import FakeJira, start
from fake_jira.worlds import World

ADMIN = ("admin@example.com", "admin-token")
VIEWER = ("viewer@example.com", "viewer-token")
WRONG = ("admin@example.com", "expired-token")
_numbers = itertools.count(1)


@dataclass
class Jira:
    """A world as its clients see it (`url`, `call`) and as it is inside (`world`)."""

    url: str
    world: World
    session: requests.Session

    @property
    def site(self) -> Site:
        return self.world.site

    @property
    def admin(self) -> User:
        user = self.world.state.user(ADMIN[0])
        assert user is not None
        return user

    def call(
        self, method: str, path: str, auth: tuple[str, str] | None = ADMIN, version: str = "3", **more: Any
    ) -> requests.Response:
        """A request below /rest/api/VERSION/, as the admin unless told otherwise."""
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

    def search(self, jql: str, **more: Any) -> list[str]:
        """The keys that a query finds, in order."""
        answer = self.post("search/jql", {"jql": jql, "fields": ["key"], "maxResults": 5000} | more)
        assert answer.status_code == 200, answer.text
        return [issue["key"] for issue in answer.json()["issues"]]


@pytest.fixture(scope="session")
def server() -> Iterator[FakeJira]:
    with start() as running:
        yield running


@pytest.fixture
def jira(server: FakeJira) -> Iterator[Jira]:
    name = f"test-{next(_numbers)}"
    world = server.worlds.make(name)
    with requests.Session() as session:
        session.trust_env = False
        yield Jira(f"{server.url}/worlds/{name}", world, session)
    server.worlds.drop(name)
