"""What a client sees of the faults that happen on the socket."""

import errno
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import perf_counter

import pytest
import requests

from fake_jira.client import FakeJiraClient, FakeJiraError
from fake_jira.server import FakeJira, start
from fake_jira.server.wire import MOST_HANGING

ADMIN = ("admin@example.com", "admin-token")
SHUTDOWN = 4  # seconds; after five, cheroot cuts off who is still waiting
PATIENCE = 0.3  # seconds that a client waits for an answer that does not come
ISSUE = {"fields": {"project": {"key": "SEC"}, "summary": "A ticket", "issuetype": {"name": "Task"}}}


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeJira]:
    with start(control_port=0) as running:
        yield running


@pytest.fixture
def hands(fake: FakeJira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(fake.control_url) as client:
        yield client
        client.reset()


@pytest.fixture
def site(fake: FakeJira) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = ADMIN
        yield session


def myself(fake: FakeJira, session: requests.Session, timeout: float = 10) -> int:
    return session.get(f"{fake.url}/rest/api/3/myself", timeout=timeout).status_code


def cause(error: BaseException) -> OSError:
    """The error of the operating system at the bottom of what `requests` raises."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or not isinstance(one, BaseException):
            continue
        seen.add(id(one))
        if isinstance(one, OSError) and one.errno and not isinstance(one, requests.RequestException):
            return one
        waiting += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]
    raise AssertionError(f"no operating system error in {error!r}")


def test_a_reset_is_a_connection_reset_by_peer(fake: FakeJira, hands: FakeJiraClient, site: requests.Session) -> None:
    hands.fault("reset", times=1)
    with pytest.raises(requests.ConnectionError) as seen:
        myself(fake, site)
    assert cause(seen.value).errno == errno.ECONNRESET
    assert myself(fake, site) == 200
    assert [(entry["status"], entry["fault"]) for entry in hands.journal()] == [(None, "reset"), (200, None)]


def test_a_reset_after_work_loses_the_answer_and_keeps_the_issue(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    hands.fault("reset", operation="createIssue", after_work=True)
    with pytest.raises(requests.ConnectionError):
        site.post(f"{fake.url}/rest/api/3/issue", json=ISSUE, timeout=10)
    assert [issue["summary"] for issue in hands.issues()] == ["A ticket"]


def test_a_timeout_is_a_read_timeout_and_nothing_was_done(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    hands.fault("timeout", operation="createIssue")
    with pytest.raises(requests.ReadTimeout):
        site.post(f"{fake.url}/rest/api/3/issue", json=ISSUE, timeout=PATIENCE)
    assert hands.issues() == []
    assert hands.journal()[0]["fault"] == "timeout"


def test_a_timeout_after_work_loses_the_answer_and_keeps_the_issue(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    hands.fault("timeout", operation="createIssue", after_work=True)
    with pytest.raises(requests.ReadTimeout):
        site.post(f"{fake.url}/rest/api/3/issue", json=ISSUE, timeout=PATIENCE)
    assert len(hands.issues()) == 1


def test_clearing_a_timeout_lets_its_waiting_client_go(fake: FakeJira, hands: FakeJiraClient) -> None:
    armed = hands.fault("timeout")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(requests.get, f"{fake.url}/rest/api/3/serverInfo", timeout=20)
        while not hands.journal():
            pass
        hands.clear(armed)
        assert isinstance(waiting.exception(), requests.ConnectionError)


def test_many_hanging_requests_do_not_keep_the_others_waiting(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    armed = hands.fault("timeout", operation="getServerInfo")
    with ThreadPoolExecutor(max_workers=20) as pool:
        waiting = [pool.submit(requests.get, f"{fake.url}/rest/api/3/serverInfo", timeout=20) for _ in range(20)]
        while len(hands.journal()) < 20:
            pass
        assert myself(fake, site) == 200
        assert not any(each.done() for each in waiting)
        hands.clear(armed)


def test_closing_the_fake_lets_waiting_clients_go() -> None:
    with ThreadPoolExecutor() as pool, start(control_port=0) as fake:
        hands = FakeJiraClient(fake.control_url)
        hands.fault("timeout")
        waiting = pool.submit(requests.get, f"{fake.url}/rest/api/3/serverInfo", timeout=20)
        while not hands.journal():
            pass
        began = perf_counter()
        fake.close()
        assert perf_counter() - began < SHUTDOWN
        assert isinstance(waiting.exception(), requests.ConnectionError)


def test_clients_that_hang_up_free_their_place(fake: FakeJira, hands: FakeJiraClient) -> None:
    hands.fault("timeout")
    url = f"{fake.url}/rest/api/3/serverInfo"
    with ThreadPoolExecutor(max_workers=20) as pool:
        waiting = [pool.submit(requests.get, url, timeout=PATIENCE) for _ in range(MOST_HANGING + 20)]
    assert {type(each.exception()) for each in waiting} == {requests.ReadTimeout}


def test_an_outage_refuses_connections_and_drops_the_open_ones(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    assert myself(fake, site) == 200  # the session keeps this connection
    hands.fault("outage")
    for _ in range(2):
        with pytest.raises(requests.ConnectionError) as seen:
            myself(fake, site)
        assert cause(seen.value).errno == errno.ECONNREFUSED


def test_after_an_outage_the_site_is_at_its_old_port(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    for _ in range(3):
        hands.fault("outage")
        with pytest.raises(requests.ConnectionError):
            myself(fake, site)
        hands.clear("outage")
        assert myself(fake, site) == 200


def test_an_outage_follows_its_window_of_the_clock(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    soon, later = hands.now() + timedelta(hours=1), hands.now() + timedelta(hours=10)
    hands.fault("outage", from_=soon, until=later)
    assert myself(fake, site) == 200
    hands.advance("2h")
    with pytest.raises(requests.ConnectionError):
        myself(fake, site)
    hands.advance("9h")
    assert myself(fake, site) == 200


def test_a_reset_of_the_world_ends_its_outage(fake: FakeJira, hands: FakeJiraClient, site: requests.Session) -> None:
    hands.fault("outage")
    hands.reset()
    assert myself(fake, site) == 200


def test_an_outage_can_be_armed_through_the_site_itself(
    fake: FakeJira, hands: FakeJiraClient, site: requests.Session
) -> None:
    FakeJiraClient(fake.url).fault("outage")
    with pytest.raises(requests.ConnectionError):
        myself(fake, site)


def test_without_a_control_port_an_outage_is_refused() -> None:
    with start() as alone, pytest.raises(FakeJiraError, match="--control-port, or use the fault reset") as refused:
        FakeJiraClient(alone.url).fault("outage")
    assert refused.value.status == 409
