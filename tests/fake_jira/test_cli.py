"""The command line as a person or a script types it."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import fields

import pytest
import requests

from fake_jira import __version__
from fake_jira.client import FakeJiraClient
from fake_jira.server import FakeJira
from fake_jira.worlds import Switches
from tests.fake_jira.conftest import ADMIN, Jira

COMMAND = [sys.executable, "-m", "fake_jira"]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "COLUMNS": "200", **environment}
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False, env=env)


@pytest.fixture
def ctl(server: FakeJira, jira: Jira) -> list[str]:
    return ["ctl", "--url", server.url, "--world", jira.world.name]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_when_it_is_ready_and_ends_cleanly(end: signal.Signals) -> None:
    words = [*COMMAND, "serve", "--flavour", "cloud", "--port", "0", "--control-port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        assert (ready["event"], ready["url"] != ready["control_url"]) == ("ready", True)
        assert requests.get(f"{ready['url']}/rest/api/3/myself", auth=ADMIN, timeout=10).status_code == 200
        assert FakeJiraClient(ready["control_url"]).about()["url"] == ready["url"]
        process.send_signal(end)
        assert (process.wait(20), process.stdout.read(), process.stderr.read()) == (0, "", "")


def test_serve_greets_a_person_with_users_tokens_and_things_to_try() -> None:
    words = [*COMMAND, "serve", "--port", "0", "--user", "jane@example.com:her-token"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}) as process:
        assert process.stdout is not None
        told = ""
        while "Ctrl-C" not in told:
            told += process.stdout.readline()
        process.terminate()
    for word in ("admin-token", "viewer-token", "her-token", "curl -u", "fault add unavailable", "control API"):
        assert word in told


def test_options_are_environment_variables_too() -> None:
    words = [*COMMAND, "serve", "--quiet"]
    env = {**os.environ, "FAKE_JIRA_PORT": "0", "FAKE_JIRA_ISSUES": "7", "FAKE_JIRA_PREFIX": "/jira"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.endswith("/jira")
        assert len(FakeJiraClient(url).issues()) == 7
        process.terminate()


def test_every_switch_can_be_set_at_the_start() -> None:
    others: dict[str, object] = {
        "unavailable_body": "empty",
        "rate_limit_body": "html",
        "enhanced_missing_key": "reject",
        "bad_basic": "refuse",
        "gateway_dead_token": 404,
        "bad_auth_code": 400,
        "basic_auth": "off",
        "anonymous_access": "open",
        "points_pool": "tenant",
        "data_center_retry_after": "zero",
        "server_state": "MAINTENANCE",
        "rate_limit_exempt": "12",
        "search_pages": "short",
    }
    for each in fields(Switches):
        if each.name not in others:
            others[each.name] = not each.default if isinstance(each.default, bool) else each.default + 1
    given = [f"--setting={name}=" + json.dumps(value).strip('"') for name, value in others.items()]
    words = [*COMMAND, "serve", "--port", "0", "--quiet", *given]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert FakeJiraClient(process.stdout.readline().strip()).settings() == others
        process.terminate()


def test_a_switch_that_cannot_be_is_one_line_and_exit_2() -> None:
    ended = run("serve", "--port", "0", "--setting", "unavailable_body=pdf")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("fake-jira: The setting 'unavailable_body' is one of: html, json, empty, tomcat.")
    assert ended.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line_and_exit_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert (
        ended.stderr == f"fake-jira: Port {port} on 127.0.0.1 is in use; name another one, or 0 for any that is free.\n"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("serve", "--flavour", "data-center", "--server-version", "7.0"),
            "Invalid value for '--server-version' (env var: 'FAKE_JIRA_SERVER_VERSION'): '7.0' is not one of "
            "'8.17.1', '9.12', '10.3'.",
        ),
        (
            ("serve", "--flavour", "server"),
            "'server' is not one of 'cloud', 'data-center'.",
        ),
        (("serve", "--port", "70000"), "70000 is not in the range 0<=x<=65535."),
        (("serve", "--user", "jane"), "'jane' is not NAME:TOKEN, such as jane@example.com:her-token."),
        (("serve", "--prefix", "jira"), "'jira' does not start with a slash, such as /jira."),
        (("serve", "--public-url", "jira"), "'jira' is not an address such as https://jira.example.com."),
        (("xyzzy",), "No such command 'xyzzy'. See fake-jira --help."),
        ((), "Missing command. See fake-jira --help."),
        (("ctl", "fault"), "Missing command. See fake-jira ctl fault --help."),
        (("ctl", "fault", "add", "reset", "times"), "'times' is not FIELD=VALUE, such as times=2."),
        (("ctl", "clock", "2026-03-01T00:00:00"), "is not an instant with its offset such as 2026-03-01T00:00:00Z."),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(words: tuple[str, ...], sentence: str) -> None:
    ended = run(*words)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert sentence in ended.stderr


def test_nobody_at_the_address_is_one_line_and_exit_1() -> None:
    ended = run("ctl", "--url", "http://127.0.0.1:1", "issue", "list")
    expected = "fake-jira: No fake Jira answers at http://127.0.0.1:1; start one with: fake-jira serve.\n"
    assert (ended.returncode, ended.stderr) == (1, expected)


def test_version_and_help() -> None:
    assert run("--version").stdout == f"fake-jira, version {__version__}\n"
    for words in ((), ("serve",), ("ctl",), ("ctl", "fault"), ("ctl", "issue")):
        told = run(*words, "--help")
        assert (told.returncode, "Usage: " in told.stdout) == (0, True)


def test_ctl_makes_moves_and_deletes_issues(ctl: list[str], jira: Jira) -> None:
    assert run(*ctl, "issue", "create", "SEC", "--summary", "One").stdout == "SEC-1 (id 10000) is To Do.\n"
    assert run(*ctl, "issue", "transition", "SEC-1", "Done").stdout == "SEC-1 is Done.\n"
    assert run(*ctl, "issue", "move", "SEC-1", "TEST").stdout == "SEC-1 is TEST-1 now.\n"
    assert run(*ctl, "issue", "delete", "TEST-1").stdout == "TEST-1 is deleted.\n"
    assert jira.get("issue/TEST-1").status_code == 404
    assert run(*ctl, "issue", "restore", "TEST-1").stdout == "TEST-1 is back.\n"
    assert "TEST-1" in run(*ctl, "issue", "list").stdout
    assert json.loads(run(*ctl, "--json", "issue", "list").stdout)[0]["key"] == "TEST-1"


def test_ctl_arms_lists_and_clears_faults(ctl: list[str], jira: Jira) -> None:
    assert (
        run(*ctl, "fault", "add", "rate_limit", "retry_after=30", "times=1").stdout
        == "rate_limit is armed as fault-1.\n"
    )
    assert jira.get("myself").headers["Retry-After"] == "30"
    listed = json.loads(run(*ctl, "--json", "fault", "list").stdout)
    assert listed == [
        {"id": "fault-1", "fault": "rate_limit", "hits": 1, "active": False, "times": 1, "retry_after": 30}
    ]
    assert "rate_limit" in run(*ctl, "fault", "list").stdout
    assert run(*ctl, "fault", "clear", "rate_limit").stdout == "rate_limit cleared.\n"
    assert run(*ctl, "fault", "list").stdout == "No fault is armed.\n"


def test_ctl_shows_the_fakes_own_refusals(ctl: list[str]) -> None:
    ended = run(*ctl, "fault", "add", "deleted_issue", "issue=10000")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "there is no issue '10000'" in ended.stderr


def test_ctl_does_the_rest_of_the_control_api(ctl: list[str], jira: Jira) -> None:
    assert "2030-01-01 00:00:0" in run(*ctl, "clock", "2030-01-01T00:00:00Z").stdout
    assert "2030-01-01 08:00:0" in run(*ctl, "clock", "8h").stdout
    assert run(*ctl, "seed", "--issues", "3").stdout == "There are 3 issues.\n"
    assert "index_delay = 30" in run(*ctl, "settings", "index_delay=30").stdout
    jira.get("myself")
    assert "getCurrentUser" in run(*ctl, "journal").stdout
    assert run(*ctl, "journal", "--clear").stdout == "The journal is empty.\n"
    assert run(*ctl, "reset").stdout == "The world is as it was made.\n"
    assert "flavour: cloud" in run(*ctl, "about").stdout
