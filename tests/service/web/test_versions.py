"""Older versions of the product: what they lack is not there; an upgrade brings the documented defaults. (R16)"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests

from service import clock, server
from service.app import assemble
from service.errors import SettingInvalid
from service.rules.health import HEALTHY_REASON, Health, Verdict
from service.rules.tickets import Integration
from service.store import integrations, meta, runs
from service.web import connecting
from service.web.connection import Connection
from tests.service.web.conftest import API, CHECK, CHOOSE, INTEGRATIONS, Service, settings_for

TICKET_STATUS = [
    ("GET", f"{INTEGRATIONS}/jira-1/tickets"),
    ("GET", f"{INTEGRATIONS}/jira-1/settings"),
    ("PUT", f"{INTEGRATIONS}/jira-1/settings"),
    ("GET", f"{INTEGRATIONS}/jira-1/retrievals"),
    ("POST", f"{INTEGRATIONS}/jira-1/retrievals"),
    ("POST", f"{INTEGRATIONS}/jira-1/retrievals/1/cancel"),
    ("POST", f"{API}/violations/{'0' * 20}/tickets/refresh"),
]
INTEGRATION_REST = [
    ("GET", INTEGRATIONS),
    ("POST", INTEGRATIONS),
    ("PUT", INTEGRATIONS),
    ("GET", f"{INTEGRATIONS}/jira-1"),
    ("PUT", f"{INTEGRATIONS}/jira-1"),
    ("DELETE", f"{INTEGRATIONS}/jira-1"),
    ("GET", f"{INTEGRATIONS}/jira-1/details"),
    ("POST", f"{INTEGRATIONS}/jira-1/test"),
    ("POST", f"{INTEGRATIONS}/authorize"),
    ("POST", f"{INTEGRATIONS}/jira-1/authorize"),
    ("POST", CHOOSE),
]
STATUS_CHECK = [("GET", CHECK), ("POST", CHECK)]

Start = Callable[[str], Service]


@pytest.fixture
def start(sqlite_url: str, jira_url: str) -> Iterator[Start]:
    """Starts the service of a version on one and the same store; the one before it ends."""
    running: list[server.RunningService] = []
    tokens: list[str] = []

    def started(version: str) -> Service:
        for earlier in running:
            earlier.close()
        running.append(server.start(settings_for(sqlite_url, product_version=version)))
        tokens.extend([running[-1].admin_token] if running[-1].admin_token else [])
        return Service(running[-1], tokens[0], jira_url)

    yield started
    for one in running:
        one.close()


def told(answer: requests.Response) -> tuple[int, str, str | None]:
    return answer.status_code, answer.text, answer.headers.get("Allow")


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        ("3.112.2", TICKET_STATUS + INTEGRATION_REST + STATUS_CHECK),
        ("3.128.9", INTEGRATION_REST + STATUS_CHECK),
        ("3.135.9", STATUS_CHECK),
        ("3.136.0", []),
    ],
)
def test_what_a_version_does_not_have_answers_as_an_unknown_route(
    start: Start, version: str, missing: list[tuple[str, str]]
) -> None:
    service = start(version)
    unknown = told(service.call("GET", f"{API}/ticketing/no-such-thing"))
    for method, path in TICKET_STATUS + INTEGRATION_REST + STATUS_CHECK:
        answer = service.call(method, path)
        assert (told(answer) == unknown) == ((method, path) in missing), (method, path, answer.text)
        without_token = requests.request(method, service.url + path, timeout=10)
        assert (told(without_token) == unknown) == ((method, path) in missing), (method, path, "no token")
    assert service.call("GET", f"{API}/system/version").json()["xray_version"] == version


@pytest.mark.parametrize("version", ["3.140", "latest", ""])
def test_a_bad_version_is_one_sentence_at_the_start(sqlite_url: str, version: str) -> None:
    with pytest.raises(SettingInvalid, match=r"The product version must be X\.Y\.Z, such as 3\.140\.0"):
        assemble(settings_for(sqlite_url, product_version=version))


def connected(service: Service, name: str, **values: Any) -> None:
    """An integration as an older version of the product left it."""
    parts = service.running.parts
    given = {
        "installation_type": "cloud",
        "auth_type": "basic",
        "credential": parts.vault.seal("admin-token"),
        "url": service.jira_url,
        "skip_proxy": True,
        "retrieve_tickets": False,
        "created_version": parts.settings.product_version,
        "now": clock.now(),
    } | values
    with parts.store.begin() as c:
        integrations.create(c, name=name, **given)


def switched(service: Service) -> dict[str, bool]:
    with service.running.parts.store.read() as c:
        return {one.name: one.retrieve_tickets for one in integrations.all(c)}


def named(service: Service, name: str) -> Integration:
    with service.running.parts.store.read() as c:
        found = integrations.by_name(c, name)
    assert found is not None
    return found


def test_an_upgrade_switches_on_all_but_cloud_with_oauth_2_once(start: Start) -> None:
    old = start("3.111.0")
    connected(old, "basic")
    connected(old, "cloud-oauth2", auth_type="oauth2")
    connected(old, "server-oauth2", auth_type="oauth2", installation_type="server")
    new = start("3.140.0")
    assert switched(new) == {"basic": True, "cloud-oauth2": False, "server-oauth2": True}
    with new.running.parts.store.read() as c:
        waiting = {one.name: runs.unfinished(c, one.id) for one in integrations.all(c)}
    causes = {name: run and run.cause.value for name, run in waiting.items()}
    assert causes == {"basic": "enabled", "cloud-oauth2": None, "server-oauth2": "enabled"}
    epoch = named(new, "basic").epoch
    again = start("3.140.0")
    assert named(again, "basic").epoch == epoch


def test_a_new_integration_is_on_whatever_its_type(start: Start) -> None:
    old = start("3.112.3")
    connected(old, "cloud-oauth2", auth_type="oauth2", retrieve_tickets=True)
    assert switched(start("3.140.0")) == {"cloud-oauth2": True}


def test_going_back_and_forth_decides_nothing_anew(start: Start) -> None:
    service = start("3.140.0")
    service.connect()
    service.call("PUT", f"{INTEGRATIONS}/jira-1/settings", json={"retrieve_jira_tickets": False})
    back = start("3.111.0")
    with back.running.parts.store.begin() as c:
        assert meta.get(c, meta.PRODUCT_VERSION) == "3.140.0"
    assert switched(back) == {"jira-1": False}
    assert switched(start("3.140.0")) == {"jira-1": False}


def test_what_an_older_version_makes_after_a_newer_one_has_the_default_of_an_upgrade(start: Start) -> None:
    start("3.140.0")
    old = start("3.111.0")
    with old.running.app.app_context():
        for auth in ("basic", "oauth2"):
            wanted = Connection(auth, "cloud", auth, "", "", None, old.jira_url, None, skip_proxy=True)
            connecting.store_new(wanted, "secret", Verdict(Health.HEALTHY, HEALTHY_REASON, clock.now()))
    assert switched(start("3.140.0")) == {"basic": True, "oauth2": False}


def test_before_there_was_ticket_status_nothing_is_retrieved_until_the_upgrade(start: Start) -> None:
    old = start("3.111.0")
    with old.running.app.app_context():
        wanted = Connection("basic", "cloud", "basic", "", "", None, old.jira_url, None, skip_proxy=True)
        connecting.store_new(wanted, "secret", Verdict(Health.HEALTHY, HEALTHY_REASON, clock.now()))
    assert switched(old) == {"basic": False}
    assert switched(start("3.112.3")) == {"basic": True}


def test_of_processes_that_start_together_one_upgrades(database_url: str) -> None:
    settings = settings_for(database_url, product_version="3.111.0", key="JDJ5JDEyJDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU=")
    old = assemble(settings)
    with old.store.begin() as c:
        integrations.create(
            c, name="jira-1", installation_type="cloud", auth_type="basic", credential=b"", url="http://x",
            skip_proxy=False, retrieve_tickets=False, created_version="3.111.0", now=clock.now(),
        )  # fmt: skip
    old.store.close()
    with ThreadPoolExecutor(6) as starters:
        made = list(starters.map(assemble, [replace(settings, product_version="3.140.0")] * 6))
    with made[0].store.read() as c:
        assert [one.epoch for one in integrations.all(c)] == [2]
    for each in made:
        each.store.close()


def test_before_ticket_status_a_ticket_has_no_status(start: Start) -> None:
    service = start("3.140.0")
    service.connect()
    violation = service.violation()
    assert service.create_ticket(violation)["status"] == "To Do"
    old = start("3.111.0")
    ticket = old.call("GET", f"{API}/violations/{violation}/tickets").json()["tickets"][0]
    assert (ticket["key"], ticket["status"], ticket["status_category"]) == ("SEC-1", None, None)
