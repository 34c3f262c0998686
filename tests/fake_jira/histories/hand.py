"""The hand that a history is made with: requests to one world, written down so that a failing history can be read.

Requests of deeds go through a session that holds every answer to Atlassian's document. Plain readings, which are many,
go by a bare wire.
"""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import requests
from hypothesis import note as write_down

from fake_jira.server import FakeJira
from fake_jira.state_file import StateFile
from tests.fake_jira.conftest import ADMIN, DC_ADMIN, DC_VIEWER, NO_COOKIES, VIEWER, Jira
from tests.fake_jira.histories.book import Book, Json, Place
from tests.fake_jira.histories.wire import PATIENCE, Wire
from tests.fake_jira.proof.watch import watch

CLOUD = "cloud"
PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"
FIELDS = {"weight": ("Weight", "float"), "tags": ("Tags", "labels"), "owner": ("Owner", "userpicker")}
PARTS = (
    ("component", "Core", "10001"), ("component", "Edge", "10001"), ("component", "Core", "10000"),
    ("version", "Door", "10001"), ("version", "Door", "10000"),
)  # fmt: skip
LOGINS = {
    CLOUD: {"ada": ADMIN, "vic": VIEWER, "mia": ("mia@example.com", "mia-secret")},
    "data-center": {"ada": DC_ADMIN, "vic": DC_VIEWER, "mia": ("mia", "mia-secret")},
}
BEGINNING = "2027-01-01T12:00:05Z"  # of every history, so that the same deeds happen in the same minutes
KNOWN_STUMBLE = "is not valid for this issue"  # a real Data Center's 500 for a transition that is not there [jira 2.7]
SHOWN = 200  # letters of an answer that are written down
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Furnished:
    """A world that histories begin in copies of. `people`: name -> (in bodies, in JQL, in essences)."""

    server: FakeJira
    flavour: str
    world: str
    book: Book
    people: Mapping[str, tuple[dict[str, str], str, str]]


def furnish(jira: Jira, server: FakeJira) -> Furnished:
    """Three projects, one of them with the classic workflow; some parts, a third user, and custom fields."""
    control = f"{jira.url}/_control"
    made = [("users", {"email": "mia@example.com", "name": "Mia Member", "token": "mia-secret"})]
    if jira.flavour == CLOUD:
        made.append(("projects", {"key": "OPS", "name": "Operations", "workflow": "classic"}))
    for path, body in made:
        assert jira.session.post(f"{control}/{path}", json=body, timeout=PATIENCE).status_code == 201
    customs = {}
    for word, (name, kind) in FIELDS.items():
        customs[word] = jira.post("field", {"name": name, "type": PREFIX + kind}).json()["id"]
        assert jira.post(f"screens/addToDefault/{customs[word]}", None).ok
    book = Book(customs)
    for each in jira.get("project").json():
        kinds = jira.get(f"project/{each['id']}/statuses").json()
        statuses = frozenset(status["id"] for kind in kinds for status in kind["statuses"])
        book.places[each["id"]] = Place(each["id"], [each["key"]], statuses)
    for kind, name, project_id in PARTS:
        place = {"project": book.places[project_id].key} if kind == "component" else {"projectId": int(project_id)}
        part_id = jira.post(kind, {"name": name, **place}).json()["id"]
        book.give_out(kind, part_id)
        book.parts[kind][part_id] = {"name": name, "project": project_id}
    return Furnished(server, jira.flavour, jira.world.name, book, _people(jira))


def _people(jira: Jira) -> dict[str, tuple[dict[str, str], str, str]]:
    found = {}
    for name, login in LOGINS[jira.flavour].items():
        who = jira.get("myself", auth=login).json()
        if jira.flavour == CLOUD:
            found[name] = ({"accountId": who["accountId"]}, f'"{who["accountId"]}"', who["accountId"])
        else:
            found[name] = ({"name": who["name"]}, who["name"], who["key"])
    return found


class Hand:
    """Works on one world at a time; `go_to` another one."""

    def __init__(self, furnished: Furnished) -> None:
        self.server = furnished.server
        self.flavour = furnished.flavour
        self.logins = LOGINS[furnished.flavour]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(NO_COOKIES)
        self.wire = Wire(self.server.url)
        self.made: list[str] = []
        self.failing = False  # in the middle of a deed
        self.go_to(self.fork(furnished.world))
        self.offset: float = self.control("POST", "clock", {"to": BEGINNING}).json()["offset_seconds"]

    def fork(self, of: str) -> str:
        name = f"history-{next(_numbers)}"
        self.server.worlds.fork(of, name)
        self.made.append(name)
        return name

    def go_to(self, world: str) -> None:
        self.world = world
        self.path = f"/worlds/{world}"
        self.url = self.server.url + self.path
        self.session.hooks["response"].clear()
        watch(self.session, self.url, self.server.worlds.get(world), self.flavour)
        write_down(f"--- in the world {world}")

    def call(self, method: str, path: str, body: Any = None, *, who: str = "ada") -> requests.Response:
        """A request below /rest/api/2/, where texts are plain on both flavours."""
        return self._sent(method, f"rest/api/2/{path}", body, auth=self.logins[who])

    def control(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self._sent(method, f"_control/{path}", body)

    def _sent(self, method: str, path: str, body: Any, **more: Any) -> requests.Response:
        self.failing = True
        said = "" if body is None else json.dumps(body)
        write_down(f"{method} {path} {said}")
        answer = self.session.request(method, f"{self.url}/{path}", json=body, timeout=PATIENCE, **more)
        write_down(f"    -> {answer.status_code} {answer.text[:SHOWN]}")
        stumbled = answer.status_code >= 500 and KNOWN_STUMBLE not in answer.text
        assert not stumbled, f"{method} {path} {said} -> {answer.status_code} {answer.text[:SHOWN]}"
        return answer

    def read(self, path: str, *, who: str = "ada", aside: bool = False) -> tuple[int, bytes]:
        """Status and body of a GET; `aside`: with a cookie, so that the express lane has no part in it."""
        more = "Cookie: a=b\r\n" if aside else ""
        status, data = self.wire.ask("GET", f"{self.path}/rest/api/2/{path}", self.logins[who], more=more)
        assert status < 500, f"GET {path} -> {status} {data[:SHOWN]!r}"
        return status, data.replace(self.url.encode(), b"")

    def searched(self, jql: str, fields: list[str], who: str) -> list[Json]:
        """What a search finds, without writing it down."""
        path = "search/jql" if self.flavour == CLOUD else "search"
        easily = {"validateQuery": False} if self.flavour != CLOUD and who != "ada" else {}  # names what is hidden too
        asked = orjson.dumps({"jql": jql, "fields": fields, "maxResults": 100, **easily})
        status, data = self.wire.ask("POST", f"{self.path}/rest/api/2/{path}", self.logins[who], asked)
        assert status == 200, f"{jql} -> {status} {data[:SHOWN]!r}"
        found: list[Json] = orjson.loads(data)["issues"]
        return found

    def save_and_load(self, file: Path) -> None:
        """The world as it comes back out of a state file."""
        write_down("--- saved and loaded")
        worlds = self.server.worlds
        StateFile(file).save([worlds.get(self.world)])  # type: ignore[arg-type] - of one world alone
        worlds.drop(self.world)
        assert StateFile(file).load(worlds)

    def close(self) -> None:
        self.session.close()
        self.wire.close()
        for name in self.made:
            self.server.worlds.drop(name)
