"""`contract-check` as it is typed: exit codes, usage, reports, and no secret in any of them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

import contract
import service as service_package
from contract.cases import SUITES
from contract.cli import contract_check as contract_check_command
from tests.contract.small_server import ADMIN, KNOWN, VIEWER, Body, app, serving

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("CONTRACT_CHECK_")}


def contract_check(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "contract", *map(str, words)],
        env=PLAIN | variables, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def right(code: int, body: Body) -> tuple[int, Body]:
    return code, body


def telling(code: int, body: Body) -> tuple[int, Body]:
    """Gives the caller's credential away, and is wrong about it."""
    from flask import request  # noqa: PLC0415 - only here

    told = body | {"error": f"who is {request.headers.get('Authorization')}?"}
    return (418, told) if code in (400, 401) else (code, body)


def test_a_conformant_server_is_exit_0_and_the_verdict_comes_first() -> None:
    with serving(app(right)) as url:
        done = contract_check(url, "--token", ADMIN, "--viewer-token", VIEWER, "--name", KNOWN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"CONFORMANT  {url} by the suite status-api\n")
    assert "weak" not in done.stdout


def test_a_pass_says_what_makes_it_weak() -> None:
    with serving(app(right)) as url:
        done = contract_check(url)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("CONFORMANT, but weakly")
    assert "weak  No status was ever answered: only 401s were seen. Check the credential, then the address." in lines
    assert "weak  Nothing was compared with an integration that exists." in lines
    assert "no credential of an admin was given" in done.stdout


def test_a_violation_is_exit_1_with_promise_source_expected_got_and_how_to_see_it_again() -> None:
    with serving(app(lambda code, body: (200 if code == 404 else code, body))) as url:
        done = contract_check(url, "--pick", "*/unknown-name", "--json", "/dev/null", CONTRACT_CHECK_TOKEN=ADMIN)
    assert done.returncode == 1
    assert done.stdout.startswith("1 VIOLATION")
    told = done.stdout.partition("MUST status-check/unknown-name\n")[2].splitlines()
    assert [line.split()[0] for line in told] == ["promise", "source", "expected", "got", "at", "request", "again"]
    assert "expected  404 with" in done.stdout
    assert f'-H "Authorization: Bearer $CONTRACT_CHECK_TOKEN" \'{url}/xray/api/v1' in done.stdout
    assert f'contract-check {url} --suite status-api --pick status-check/unknown-name --token "$CONTRACT' in done.stdout


def test_a_violation_is_at_most_25_lines_on_a_narrow_terminal() -> None:
    with serving(app(lambda code, body: (500 if code in (400, 404) else code, body | {"x": "y" * 5000}))) as url:
        done = contract_check(url, "--token", ADMIN, "--ours")
    assert done.returncode == 1
    for told in done.stdout.split("\n\n")[1:]:
        assert sum(1 + len(line) // 80 for line in told.splitlines()) <= 25, told


def test_an_address_where_nothing_answers_is_exit_3_and_every_report_says_so(tmp_path: Path) -> None:
    with serving(app(right)) as url:
        pass
    done = contract_check(url, "--token", ADMIN, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        f"UNREACHABLE  {url} by the suite status-api",
        f"Nothing answers at {url}: Connection refused.",
    ]
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "UNREACHABLE"
    assert Xml.parse(tmp_path / "r.xml").getroot()[0].get("errors") == "1"  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["http://127.0.0.1:1", "--pick", "status-check/unknown-nam"], "Near: status-check/unknown-name"),
        (["http://127.0.0.1:1", "--suite", "jira-cloud"], "There is no suite 'jira-cloud'. There is: status-api."),
        ([], "Missing argument 'URL'"),
        (["127.0.0.1:8080"], "is no address such as"),
        (["http://"], "is no address such as"),
        (["http://127.0.0.1:99999"], "is no address such as"),
        (["http://me:secret@127.0.0.1:1"], "Give it with --user"),
        (["http://127.0.0.1:1/?a=b"], "query or a fragment"),
        (["http://127.0.0.1:1", "--user", "me"], "--user is NAME:PASSWORD."),
        (["http://127.0.0.1:1", "--token", ""], "--token is empty"),
        (["http://127.0.0.1:1", "--token", "a", "--user", "b:secret"], "not both"),
        (["http://127.0.0.1:1", "--timeout", "0"], "--timeout"),
        (["http://127.0.0.1:1", "--json", "/nowhere/r.json"], "cannot be written: No such file or directory"),
        (["--explain", "status-check/nothing"], "There is no case"),
    ],
)
def test_wrong_usage_is_exit_2_with_one_sentence(words: list[str], sentence: str) -> None:
    done = contract_check(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "secret" not in done.stderr
    assert done.stdout == ""


def test_a_token_that_a_build_server_forgot_is_wrong_usage() -> None:
    done = contract_check("http://127.0.0.1:1", CONTRACT_CHECK_TOKEN="")
    assert (done.returncode, "CONTRACT_CHECK_TOKEN is set and empty" in done.stderr) == (2, True)


def test_what_is_typed_wins_over_the_environment() -> None:
    with serving(app(right)) as url:
        done = contract_check(url, "--token", ADMIN, "--pick", "*/unknown-name", CONTRACT_CHECK_USER="me:other")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_report_holds_a_secret_even_when_the_server_tells_it(tmp_path: Path) -> None:
    with serving(app(telling)) as url:
        for given in (["--token", ADMIN], ["--user", "me:a-password"]):
            done = contract_check(url, *given, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml", "--ours")
            told = done.stdout + done.stderr + (tmp_path / "r.json").read_text() + (tmp_path / "r.xml").read_text()
            assert done.returncode == 1
            assert "a-password" not in told
            assert "bWU6YS1wYXNzd29yZA" not in told  # me:a-password
            assert ADMIN not in told
            assert "admin's-token" not in told
            assert "who is Bearer ***?" in told or "who is Basic ***?" in told


def test_the_reports_for_programs_hold_every_case(tmp_path: Path) -> None:
    with serving(app(lambda code, body: (200 if code == 404 else code, body))) as url:
        contract_check(url, "--token", ADMIN, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    told = json.loads((tmp_path / "r.json").read_text())
    suite = Xml.parse(tmp_path / "r.xml").getroot()[0]  # noqa: S314 - our own
    every = [one.name for one in SUITES["status-api"]]
    assert (told["exit_code"], told["suite"], told["url"]) == (1, "status-api", url)
    assert [one["name"] for one in told["cases"]] == every
    assert [one.get("name") for one in suite.iter("testcase")] == every
    assert sum(told["counts"].values()) == len(every) == int(suite.get("tests", 0))
    assert told["counts"]["failed"] == len(suite.findall("testcase/failure")) == int(suite.get("failures", 0)) > 0
    assert int(suite.get("skipped", 0)) == len(suite.findall("testcase/skipped")) > 0
    assert told["weaknesses"][-1] == "Nothing was compared with an integration that exists."


def test_list_and_explain_ask_nothing_and_say_where_a_promise_is_written() -> None:
    listed = contract_check("--list", "--pick", "status-check/unknown-*")
    assert [line.split(":")[0].split()[1] for line in listed.stdout.splitlines()] == [
        "status-check/unknown-name",
        "status-check/unknown-name-reason",
    ]
    explained = contract_check("--explain", "status-check/missing-name").stdout
    assert '"400: Bad request (e.g., missing integrationName parameter)"' in explained
    assert "Get Jira Integration Status" in explained
    assert (listed.returncode, contract_check("--explain", "status-check/letter-case").returncode) == (0, 0)


def test_the_version_is_that_of_all_packages() -> None:
    assert contract.__version__ == service_package.__version__
    assert service_package.__version__ in contract_check("--version").stdout


@pytest.mark.parametrize("option", [one.opts[-1] for one in contract_check_command.params])
def test_every_option_is_described(option: str) -> None:
    described = (Path(__file__).parents[2] / "docs" / "contract.md").read_text()
    assert option in ("--suite", "--version") or (option if option.startswith("--") else option.upper()) in described
