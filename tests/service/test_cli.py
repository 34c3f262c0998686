"""The command line, as a person runs it: real processes, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service import clock
from service.store import integrations, meta, runs
from service.store.runs import RunCause
from tests.service.conftest import KEY, MYSELF
from tests.service.web.conftest import INTEGRATIONS, Service, service, stock

__all__ = ["service", "stock"]


def run(*arguments: str, database: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"}
    if database:
        environment["TICKET_SERVICE_DATABASE"] = database
    command = [sys.executable, "-m", "service", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=environment, cwd=cwd)


def serve(database: str, *arguments: str) -> subprocess.Popen[str]:
    return begin("serve", "--port", "0", "--database", database, *arguments)


def begin(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "service", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    stream: IO[str] | None = process.stdout
    assert stream is not None
    return dict(json.loads(stream.readline()))


def is_one_line(error: str) -> bool:
    return error.startswith("Error: ") and error.count("\n") == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_its_address_and_the_first_token_once_and_ends_cleanly(tmp_path: Path, how: int) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    process = serve(database, "--json")
    ready = first_line(process)
    assert (ready["event"], ready["user"]) == ("ready", "admin")
    answer = requests.get(ready["url"] + INTEGRATIONS, auth=("admin", ready["token"]), timeout=10)
    assert answer.json() == {"integrations": []}
    process.send_signal(how)
    process.communicate(timeout=20)
    assert process.returncode == 0
    again = serve(database, "--json")
    assert set(first_line(again)) == {"event", "url"}
    again.send_signal(how)
    again.communicate(timeout=20)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_says_when_it_is_ready_tells_prometheus_of_itself_and_ends_cleanly(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, how: int
) -> None:
    monkeypatch.setenv("TICKET_SERVICE_KEY", KEY)
    process = begin("worker", "--database", postgresql_url, "--runs", "3", "--metrics-port", "0", "--json")
    ready = first_line(process)
    assert (ready["event"], ready["runs"]) == ("ready", 3)
    assert "ticket_service_runs_ended" in requests.get(ready["url"], timeout=10).text
    process.send_signal(how)
    said, log = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert (events[0], events[-1]) == ("worker.started", "worker.stopped")


def test_a_worker_without_its_key_is_one_clear_line(postgresql_url: str) -> None:
    ended = run("worker", database=postgresql_url)
    assert ended.returncode == 1
    assert is_one_line(ended.stderr)
    assert "TICKET_SERVICE_KEY" in ended.stderr


def test_what_only_many_machines_need_is_not_loaded_on_one(sqlite_url: str) -> None:
    looks = (
        "import sys; from service import server, settings; "
        "server.start(settings.Settings(port=0, database=sys.argv[1])).close(); "
        "print([name for name in sys.modules if name.startswith(('procrastinate', 'psycopg'))])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    looked = subprocess.run(
        [sys.executable, "-c", looks, sqlite_url],
        check=True, capture_output=True, text=True, timeout=60, env=environment,
    )  # fmt: skip
    assert looked.stdout == "[]\n"


def test_a_port_in_use_is_one_clear_line(sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port), "--database", sqlite_url)
    assert ended.returncode == 1
    assert is_one_line(ended.stderr)
    assert f"Port {port}" in ended.stderr
    assert "in use" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["serve", "--port", "99999"], 2),
        (["serv"], 2),
        (["serve", "--no-work"], 1),
        (["worker"], 2),
        (["worker", "--database", "sqlite:///service.db"], 2),
        (["worker", "--database", "mysql://x"], 1),
        (["worker", "--runs", "0"], 2),
        (["worker", "--database", "postgresql://127.0.0.1:1/x", "--product-version", "3.112"], 1),
        (["serve", "--database", "mysql://x"], 1),
        (["serve", "--database", "sqlite:////nowhere/at/all.db"], 1),
        (["user", "add", "bob"], 2),
        (["user", "add", "bob", "--role", "king"], 2),
        (["user", "add", "a:b", "--role", "viewer"], 2),
        (["user", "add", "bob", "--role", "viewer", "--token", "short"], 2),
        (["import", "no-such-file.json"], 2),
        (["retrieve", "--integration", "nobody"], 1),
    ],
)
def test_bad_input_is_one_line_on_standard_error(tmp_path: Path, arguments: list[str], code: int) -> None:
    ended = run(*arguments, cwd=tmp_path)
    assert ended.returncode == code
    assert is_one_line(ended.stderr), ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("variable", "value"), [("PORT", "many"), ("PORT", "99999"), ("THREADS", "0"), ("LEASE", "nan")]
)
def test_a_bad_setting_in_the_environment_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"TICKET_SERVICE_{variable}", value)
    ended = run("serve", cwd=tmp_path)
    assert ended.returncode == 1
    assert is_one_line(ended.stderr), ended.stderr
    assert f"TICKET_SERVICE_{variable}" in ended.stderr


def test_help_and_version() -> None:
    assert "retrieve" in run("--help").stdout
    assert "0.1.0" in run("--version").stdout
    for command in ("serve", "worker", "user", "import", "retrieve", "status"):
        assert run(command, "--help").returncode == 0


def test_user_add_makes_a_token_that_works(service: Service) -> None:
    database = service.running.parts.settings.database
    added = json.loads(run("user", "add", "vera", "--role", "viewer", "--json", database=database).stdout)
    assert service.call("GET", INTEGRATIONS, token=added["token"]).status_code == 200
    again = run("user", "add", "vera", "--role", "viewer", database=database)
    assert again.returncode == 1
    assert is_one_line(again.stderr)


def test_import_says_what_was_new_and_names_a_bad_row(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "scan.json"
    file.write_text('{"resources": [{"type": "artifact", "name": "app.war"}]}')
    counts = json.loads(run("import", str(file), "--json", database=sqlite_url).stdout)
    assert counts["resources"] == {"created": 1, "updated": 0, "unchanged": 0}
    assert "resources: 0 new, 0 changed, 1 unchanged" in run("import", str(file), database=sqlite_url).stdout
    file.write_text('{"resources": [{"type": "planet", "name": "app.war"}]}')
    bad = run("import", str(file), database=sqlite_url)
    assert bad.returncode == 1
    assert "resources[0].type" in bad.stderr


def test_status_and_retrieve_work_on_the_store_of_a_running_service(service: Service, stock: str) -> None:
    database = service.running.parts.settings.database
    healthy = run("status", "jira-1", database=database)
    assert (healthy.returncode, healthy.stdout.split()[1]) == (0, "HEALTHY_INTEGRATION")
    unknown = run("status", "nobody", "--json", database=database)
    assert (unknown.returncode, json.loads(unknown.stdout)["status"]) == (1, "INTEGRATION_NOT_FOUND")
    done = run("retrieve", "--integration", "jira-1", "--json", database=database)
    assert done.returncode == 0
    assert [(one["cause"], one["checked"]) for one in json.loads(done.stdout)["retrievals"]] == [("manual", 1)]
    shown = run("retrieve", database=database)
    assert "jira-1: complete. 1 checked" in shown.stdout


def test_retrieve_takes_up_the_run_of_a_process_that_was_killed(service: Service, stock: str) -> None:
    store, now = service.running.parts.store, clock.now()
    with store.begin() as c:
        orphan = runs.enqueue(c, 1, RunCause.MANUAL, now)
        assert runs.claim(c, orphan.id, "killed", now + timedelta(seconds=2), now) is not None
    done = run("retrieve", "--json", database=service.running.parts.settings.database)
    assert [(one["id"], one["state"]) for one in json.loads(done.stdout)["retrievals"]] == [(orphan.id, "complete")]


def test_a_command_beside_an_older_product_decides_nothing_for_it(service: Service, stock: str) -> None:
    """R16: the upgrade is that of the service, which may have been told its version as an option."""
    store, database = service.running.parts.store, service.running.parts.settings.database
    with store.begin() as c:
        meta.put(c, meta.PRODUCT_VERSION, "3.111.0")
        integrations.set_enabled(c, 1, False)
    assert run("user", "add", "vera", "--role", "viewer", database=database).returncode == 0
    with store.read() as c:
        found = integrations.by_id(c, 1)
        assert (meta.get(c, meta.PRODUCT_VERSION), found and found.retrieve_tickets) == ("3.111.0", False)


def test_before_ticket_status_there_is_nothing_to_retrieve(
    service: Service, stock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKET_SERVICE_PRODUCT_VERSION", "3.111.0")
    refused = run("retrieve", database=service.running.parts.settings.database)
    assert (refused.returncode, is_one_line(refused.stderr)) == (1, True)
    assert "3.112.3" in refused.stderr


def test_retrieve_goes_on_with_a_run_that_has_made_room_for_others(service: Service, stock: str) -> None:
    store, now = service.running.parts.store, clock.now()
    with store.begin() as c:
        made = runs.enqueue(c, 1, RunCause.MANUAL, now)
        held = runs.claim(c, made.id, "other", now + timedelta(seconds=30), now)
        assert held is not None
        runs.wait(c, held, now + timedelta(seconds=2), 0)
    done = run("retrieve", "--json", database=service.running.parts.settings.database)
    assert [(one["id"], one["state"]) for one in json.loads(done.stdout)["retrievals"]] == [(made.id, "complete")]


def test_a_database_that_goes_away_while_statuses_are_retrieved_is_one_clear_line(
    service: Service, stock: str, world: FakeJiraClient
) -> None:
    database = service.running.parts.settings.database
    world.fault("timeout", operation=MYSELF)
    retrieving = begin("retrieve", "--json", "--database", database)
    while not world.faults()[0]["hits"]:
        pass
    with service.running.parts.store.begin() as c:  # it can still be read
        c.exec_driver_sql("CREATE TRIGGER t BEFORE UPDATE ON runs BEGIN INSERT INTO nowhere VALUES (1); END")
    _, complaint = retrieving.communicate(timeout=30)
    assert (retrieving.returncode, complaint) == (1, "Error: The database does not answer.\n")


def test_a_name_with_brackets_is_shown_as_it_is(service: Service) -> None:
    added = run("user", "add", "[/b] vera", "--role", "viewer", database=service.running.parts.settings.database)
    assert (added.returncode, added.stdout.splitlines()[0]) == (0, "User [/b] vera (viewer). Token, shown this once:")
