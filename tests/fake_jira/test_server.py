"""The running fake: its ports, prefixes, the frozen clock, and its state file."""

import socket
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import freezegun
import pytest
import requests

from fake_jira.client import FakeJiraClient
from fake_jira.server import CannotListen, StateFileBroken, start
from tests.fake_jira.conftest import ADMIN


def test_a_port_in_use_is_said_in_a_sentence_and_nothing_is_left_running() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"Port {port} on 127\\.0\\.0\\.1 is in use; name another one, or 0"):
            start(port=port)
        with pytest.raises(CannotListen, match=f"Port {port} "):
            start(control_port=port)


def test_a_host_that_is_not_ours_is_said_in_a_sentence() -> None:
    with pytest.raises(CannotListen, match=r"Cannot listen on 192.0.2.1 port 0: "):
        start(host="192.0.2.1")


def test_a_closed_fake_is_gone_and_its_port_is_free_again() -> None:
    with start() as fake:
        port = int(fake.url.rpartition(":")[2])
        assert requests.get(f"{fake.url}/rest/api/3/serverInfo", timeout=10).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{fake.url}/rest/api/3/serverInfo", timeout=10)
    with start(port=port) as again:
        assert again.url == fake.url


def test_connections_are_kept_alive() -> None:
    with start() as fake, requests.Session() as session:
        session.trust_env = False
        for _ in range(3):
            session.get(f"{fake.url}/rest/api/3/serverInfo", timeout=10)
        assert (
            sum(pool.num_connections for pool in session.adapters["http://"].poolmanager.pools._container.values()) == 1
        )


def test_clients_that_connect_and_say_nothing_keep_nobody_waiting() -> None:
    with start() as fake, ExitStack() as idle:
        for _ in range(40):
            idle.enter_context(socket.create_connection(_address(fake.url)))
        assert requests.get(f"{fake.url}/rest/api/3/serverInfo", timeout=5).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("text/plain", 415), ("application/json", 503)])
def test_a_chunked_body_that_nobody_reads_is_not_taken_for_the_next_request(kind: str, status: int) -> None:
    with start() as fake, requests.Session() as session:
        session.trust_env = False
        if status == 503:
            FakeJiraClient(fake.control_url).fault("unavailable", times=1)
        url = f"{fake.url}/rest/api/3/issue"
        sent = session.post(url, data=iter([b"x" * 5000] * 9), headers={"Content-Type": kind}, timeout=5)
        assert sent.status_code == status
        assert session.get(f"{fake.url}/rest/api/3/serverInfo", timeout=5).status_code == 200


def test_a_chunked_body_is_read_and_journalled_like_any_other() -> None:
    with start() as fake, FakeJiraClient(fake.control_url) as hands:
        url, kind = f"{fake.url}/rest/api/3/search/approximate-count", {"Content-Type": "application/json"}
        pieces = iter([b'{"jql": "proj', b'ect = SEC"}'])
        answer = requests.post(url, data=pieces, auth=ADMIN, headers=kind, timeout=5)
        assert answer.json() == {"count": 0}
        assert hands.journal()[0]["body"] == {"jql": "project = SEC"}


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Transfer-Encoding: chunked", b"ZZ\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"5\r\nabcdefgh\r\n0\r\n\r\n"),
        ("Content-Length: -5", b"{}"),
    ],
)
def test_a_body_of_no_length_is_a_bad_request(header: str, body: bytes) -> None:
    with start() as fake, socket.create_connection(_address(fake.url), timeout=5) as wire:
        head = f"POST /rest/api/3/issue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{header}\r\n\r\n"
        wire.sendall(head.encode() + body)
        told = b"".join(iter(lambda: wire.recv(4096), b""))
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"HTTP/1.1" not in told[9:]


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def test_a_prefix_is_where_the_site_is_and_links_follow_it() -> None:
    with start(prefix="/jira/") as fake:
        assert fake.url.endswith("/jira")
        FakeJiraClient(fake.control_url).issue("SEC")
        issue = requests.get(f"{fake.url}/rest/api/3/issue/SEC-1", auth=ADMIN, timeout=10).json()
        assert issue["self"] == f"{fake.url}/rest/api/3/issue/10000"
        outside = requests.get(f"{fake.url.removesuffix('/jira')}/rest/api/3/serverInfo", timeout=10)
        assert (outside.status_code, outside.text) == (404, "Nothing is here; this Jira is below /jira/.\n")


def test_links_say_the_public_url_when_there_is_one() -> None:
    with start(public_url="https://jira.example.com/base/", control_port=0) as fake:
        FakeJiraClient(fake.control_url).issue("SEC")
        address = fake.control_url.removesuffix("/_control")
        site = f"http://127.0.0.1:{fake._servers[0].port}"
        issue = requests.get(f"{site}/rest/api/3/issue/SEC-1", auth=ADMIN, timeout=10).json()
        assert (fake.url, address == site) == ("https://jira.example.com/base", False)
        assert issue["self"] == "https://jira.example.com/base/rest/api/3/issue/10000"


def test_links_follow_the_host_that_was_asked() -> None:
    with start() as fake:
        FakeJiraClient(fake.control_url).issue("SEC")
        url = f"{fake.url}/rest/api/3/issue/SEC-1"
        issue = requests.get(url, auth=ADMIN, headers={"Host": "jira.test:99"}, timeout=10).json()
        assert issue["self"].startswith("http://jira.test:99/rest/")


def test_the_control_port_serves_only_the_control_api() -> None:
    with start(control_port=0) as fake:
        base = fake.control_url.removesuffix("/_control")
        assert requests.get(f"{base}/rest/api/3/serverInfo", timeout=10).status_code == 404
        assert requests.get(f"{fake.url}/_control/", timeout=10).json()["control_url"] == fake.control_url


def test_under_a_frozen_clock_it_answers_with_the_frozen_time() -> None:
    freezegun.configure(
        extend_ignore_list=["cheroot", "urllib3", "requests", "http", "concurrent", "socket", "selectors"]
    )
    try:
        with freezegun.freeze_time(datetime(2026, 3, 1, 8, tzinfo=UTC)) as frozen, start(control_port=0) as fake:
            hands = FakeJiraClient(fake.control_url)
            assert hands.issue("SEC")["created"] == "2026-03-01T08:00:00Z"
            frozen.move_to(datetime(2026, 3, 2, 8, tzinfo=UTC))
            answer = requests.get(f"{fake.url}/rest/api/3/issue/SEC-1", auth=ADMIN, timeout=10)
            assert answer.headers["Date"] == "Mon, 02 Mar 2026 08:00:00 GMT"
            assert hands.journal()[0]["at"] == "2026-03-02T08:00:00Z"
            hands.fault("timeout", times=1)
            with pytest.raises(requests.ReadTimeout):
                requests.get(f"{fake.url}/rest/api/3/serverInfo", timeout=0.2)
            hands.fault("outage")
            with pytest.raises(requests.ConnectionError):
                requests.get(f"{fake.url}/rest/api/3/serverInfo", timeout=10)
    finally:
        freezegun.config.reset_config()


def test_what_was_there_is_there_again_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with start(state=file, seed=4, issues=50, users=[("jane@example.com", "her-token")]) as fake:
        hands = FakeJiraClient(fake.control_url)
        hands.settings(index_delay=5)
        hands.advance("3d")
        hands.move(hands.issue("SEC", key="SEC-900")["key"], "TEST")
        hands.delete(hands.issues()[0]["id"])
        hands.make("second", seed=1, issues=3)
        before, url = hands.issues(), f"{fake.url}/rest/api/3/issue/SEC-900?expand=changelog"
        port = int(fake.url.rpartition(":")[2])
        shown = requests.get(url, auth=("jane@example.com", "her-token"), timeout=10).json()
    with start(port=port, state=file, seed=9, issues=70, users=[("jane@example.com", "her-token")]) as fake:
        hands = FakeJiraClient(fake.control_url)
        assert fake.resumed
        assert hands.issues() == before
        assert len(hands.world("second").issues()) == 3
        assert hands.settings()["index_delay"] == 5
        assert (hands.now() - datetime.now(UTC)).days == 2 or (hands.now() - datetime.now(UTC)).days == 3
        assert requests.get(url, auth=("jane@example.com", "her-token"), timeout=10).json() == shown
        found = requests.post(
            f"{fake.url}/rest/api/3/search/jql", json={"jql": "key = SEC-900"}, auth=ADMIN, timeout=10
        ).json()
        assert len(found["issues"]) == 1


def test_a_state_is_saved_healed_of_world_faults(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with start(state=file) as fake:
        hands = FakeJiraClient(fake.control_url)
        hands.issue("SEC")
        hands.fault("deleted_issue", issue="SEC-1")
        hands.fault("expired_token", user="admin@example.com")
    with start(state=file) as fake:
        assert [each["deleted"] for each in FakeJiraClient(fake.control_url).issues()] == [False]
        assert requests.get(f"{fake.url}/rest/api/3/myself", auth=ADMIN, timeout=10).status_code == 200


def test_a_killed_fake_has_saved_what_was_there_a_little_before(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    command = [sys.executable, "-m", "fake_jira", "serve", "--port", "0", "--state", str(file), "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        FakeJiraClient(process.stdout.readline().strip()).issue("SEC", summary="Kept")
        while not file.exists() or "Kept" not in file.read_text():
            assert process.poll() is None
        process.kill()
    with start(state=file) as fake:
        assert FakeJiraClient(fake.control_url).issues()[0]["summary"] == "Kept"
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 99, "worlds": []}', '{"format": 1, "worlds": [{"name": "x"}]}']
)
def test_a_broken_state_file_is_said_in_a_sentence_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    with pytest.raises(StateFileBroken, match=f"The state file {file} is not one of a fake Jira .*; move it away"):
        start(state=file)
    assert file.read_text() == text


def test_a_state_file_in_no_folder_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(StateFileBroken, match=r"The folder of the state file .* does not exist"):
        start(state=tmp_path / "nowhere" / "state.json")


def test_a_state_that_cannot_be_saved_is_said_when_the_fake_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    fake = start(state=folder / "state.json")
    folder.rename(tmp_path / "elsewhere")
    FakeJiraClient(fake.control_url).issue("SEC")
    with pytest.raises(StateFileBroken, match=r"The state file .* cannot be written: No such file or directory\."):
        fake.close()
