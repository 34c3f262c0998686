"""`make run` as a person meets it: a process that is started, looked at, broken, mended, ended and started again."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service.rules.authentication import STATUS_SCOPES, TICKET_SCOPES
from tests.service.browsing import at_cloud

ROOT = Path(__file__).parents[2]
SECONDS = 60.0

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


class Demo:
    """A demo that has said all it has to say, and what it said."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "scenarios.demo", "--folder", str(folder), "--port", "0", "--jira-port", "0"]
        self.process = subprocess.Popen(
            [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.said = ""
        while not self.said.endswith("Ctrl-C ends both.\n"):
            line = self.lines.get(timeout=SECONDS)
            assert line is not None, self.said + (self.process.stderr.read() if self.process.stderr else "")
            self.said += line

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    @property
    def url(self) -> str:
        return self._found(r"Service +(http\S+)/\n")

    @property
    def token(self) -> str:
        return self._found(r"Token (\S+)")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        assert found, self.said
        return found[1]

    @property
    def commands(self) -> list[str]:
        return [line.strip() for line in self.said.splitlines() if line.strip().startswith("curl ")]

    @property
    def control_url(self) -> str:
        return self._found(r"control API (http\S+)/_control/")

    def ask(self, method: str, address: str, **kwargs: Any) -> Any:
        """What the service answers to its admin."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, address, headers=headers, timeout=10, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shown(self) -> list[str | None]:
        """What every ticket shows."""
        tickets = f"{self.url}/xray/api/v1/ticketing/jira-integrations/jira-demo/tickets?limit=1000"
        return [ticket["status"] for ticket in self.ask("GET", tickets)["tickets"]]

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit code, and what it complained about."""
        self.process.send_signal(how)
        assert self.process.stderr is not None
        complaints = self.process.stderr.read()
        return self.process.wait(SECONDS), complaints


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    started: list[Demo] = []

    def begin(*options: str) -> Demo:
        started.append(Demo(tmp_path / "data", *options))
        return started[-1]

    yield begin
    for demo in started:
        demo.process.kill()
        demo.process.wait()


def curl(command: str) -> Any:
    """Runs a printed command as a shell does; its JSON, or None when it printed nothing."""
    done = subprocess.run(["/bin/sh", "-c", f"{command} -sS"], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout) if done.stdout else None


def eventually(look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    done = threading.Event()
    while not look():
        if time.monotonic() > deadline:
            return False
        done.wait(0.1)
    return True


@needs_curl
def test_the_printed_commands_check_break_and_mend_as_they_say(start: Callable[..., Demo]) -> None:
    demo = start()
    at_first = demo.shown()
    assert len(at_first) == 120
    assert {"To Do", "In Progress", "In Review", "Done"} <= set(at_first)
    assert at_first.count("Unknown") == 3  # deleted in Jira
    assert at_first.count(None) > 0  # older than a year before anybody asked
    check, broken, check_again, mended, check_once_more = demo.commands
    assert curl(check)["status"] == "HEALTHY_INTEGRATION"
    curl(broken)
    assert curl(check_again)["status"] == "FAULTY_CONFIGURATION"
    assert set(demo.shown()) == {"Unknown"}
    curl(mended)
    assert curl(check_once_more)["status"] == "HEALTHY_INTEGRATION"
    assert eventually(lambda: demo.shown() == at_first)
    assert demo.end() == (0, "")


def test_a_second_start_finds_its_data_again(start: Callable[..., Demo]) -> None:
    first = start()
    shown, token = first.shown(), first.token
    assert "(new)" in first.said
    assert first.end(signal.SIGTERM) == (0, "")
    second = start()
    assert "(found again from an earlier start)" in second.said
    assert (second.token, second.shown()) == (token, shown)
    assert second.end() == (0, "")


def test_a_second_start_leaves_the_toggle_as_it_was(start: Callable[..., Demo]) -> None:
    first = start()
    requests.put(
        f"{first.url}/xray/api/v1/ticketing/jira-integrations/jira-demo/settings",
        json={"retrieve_jira_tickets": False},
        headers={"Authorization": f"Bearer {first.token}"},
        timeout=10,
    ).raise_for_status()
    first.end()
    second = start()
    assert "'Retrieve Jira Tickets' is off, as it was left" in second.said
    assert set(second.shown()) == {None}


def test_the_wizard_can_sign_in_by_oauth_with_an_app_of_the_fakes_console(start: Callable[..., Demo]) -> None:
    demo = start()
    callback = f"{demo.url}/xray/api/v1/ticketing/oauth/callback"
    with FakeJiraClient(demo.control_url) as jira:
        app = jira.app("Ticket status", scopes=[*TICKET_SCOPES, *STATUS_SCOPES], callbacks=[callback])
    connection = {"connection_name": "jira-oauth", "installation_type": "cloud", "auth_type": "oauth2"}
    begun = demo.ask(
        "POST",
        f"{demo.url}/xray/api/v1/ticketing/jira-integrations/authorize",
        json=connection | {"client_id": app["client_id"], "client_secret": app["client_secret"]},
    )
    assert demo.ask("GET", callback, params=at_cloud(begun["authorization_url"]))["connection_name"] == "jira-oauth"
    demo.end()
    again = start()
    check = f"{again.url}/xray/api/v1/ticketing/integrations/status/check"
    assert again.ask("GET", check, params={"integrationName": "jira-oauth"})["status"] == "HEALTHY_INTEGRATION"


def test_the_token_is_kept_for_its_owner_only(start: Callable[..., Demo], tmp_path: Path) -> None:
    demo = start()
    assert demo.token in (tmp_path / "data/demo.json").read_text()
    assert stat.S_IMODE((tmp_path / "data/demo.json").stat().st_mode) == 0o600


def refused(folder: Path, *options: str) -> str:
    """What a demo says that cannot start."""
    command = [sys.executable, "-m", "scenarios.demo", "--folder", str(folder), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("option", ["--port", "--jira-port", "--control-port"])
def test_a_port_in_use_is_told_in_one_line_with_what_to_do(option: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = {"--port": "0", "--jira-port": "0", "--control-port": "0", option: str(port)}
        said = refused(tmp_path / "data", *(word for pair in ports.items() for word in pair))
    assert said.count("\n") == 1
    assert str(port) in said
    assert "in use" in said
    assert 'make run ARGS="--port' in said


def test_half_of_the_data_is_not_built_upon(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{}")
    said = refused(tmp_path, "--port", "0", "--jira-port", "0")
    assert (
        said == f"The folder {tmp_path} holds only a part of an earlier demo (demo.json). Remove it to start afresh.\n"
    )


def test_ending_it_while_it_starts_is_clean_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scenarios.demo", "--folder", str(tmp_path / "data"), "--port", "0"]
    process = subprocess.Popen([*command, "--jira-port", "0"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert eventually((tmp_path / "data/service.db").exists)
    os.kill(process.pid, signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(SECONDS) == 0
