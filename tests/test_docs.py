"""What the documents say is true: every command in them runs, and everything there is stands in them.

The commands run beside a demo on free ports, which take the place of the ports that the documents name.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
import pytest

from fake_jira.cli import command as fake_jira_command
from fake_jira.faults.catalogue import FAULTS
from fake_jira.worlds import Switches
from service.cli import main as service_command
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/service.md",
    "docs/fake-jira.md",
    "docs/contract.md",
    "docs/scenarios.md",
)
STAYS = re.compile(r"(ticket-service|fake-jira) serve|make (run|serve|fake)$")  # until Ctrl-C
HEAVY = {  # what would run this suite again, or take minutes: the target is there, and its command is tried elsewhere
    "make test": "make -n test",
    "make check": "make -n check",
    "make bench": (
        "make bench ARGS='--tickets 300 --one-by-one 20 --rounds 1 --waited 800 --wait 0.05 --runs 5 --largest 1000 "
        "--integrations 20 --each 10 --seconds 0.5 --issues 2000'"
    ),
    "make replay": "make replay ARGS='scenarios/library --pick eight-hours'",
    "replay scenarios/library": "replay scenarios/library --pick toggle",
    "replay scenarios/library --junit report.xml --json report.json": (
        "replay scenarios/library --pick toggle --junit report.xml --json report.json"
    ),
}


@dataclass(frozen=True)
class Demo:
    """A demo in `folder`, as `make run` makes it; `ports` maps the documents' ports to its own."""

    folder: Path
    ports: dict[str, str]
    token: str

    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {
            "PATH": path,
            "TOKEN": self.token,
            "FAKE_JIRA_URL": f"http://127.0.0.1:{self.ports['8090']}",
        }

    def here(self, command: str) -> str:
        """The command with this demo's ports in place of the documents'."""
        for named, real in self.ports.items():
            command = re.sub(rf"\b{named}\b", real, command)
        return command


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("reader")
    for name in ("scenarios", "examples", "Makefile"):
        (folder / name).symlink_to(ROOT / name)
    command = [
        sys.executable,
        "-m",
        "scenarios.demo",
        "--port",
        "0",
        "--jira-port",
        "0",
        "--folder",
        str(folder / ".run"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        said = ""
        for line in process.stdout or ():
            said += line
            if "Ctrl-C" in line:
                break
        service = re.search(r"Service +http://127.0.0.1:(\d+)", said)
        jira = re.search(r"Fake Jira +http://127.0.0.1:(\d+)", said)
        token = re.search(r"Token (\S+)", said)
        control = re.search(r"control API http://127.0.0.1:(\d+)", said)
        assert service, said
        assert jira, said
        assert token, said
        assert control, said
        yield Demo(folder, {"8080": service[1], "8090": jira[1], "8091": control[1]}, token[1])
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Ctrl-C; whoever does not end within 30 seconds is killed, and the test fails."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=30)
    finally:
        process.kill()


def commands(document: str) -> list[str]:
    """The commands of a document in their order, continued lines joined."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ")
    found: list[str] = []
    for line in lines.splitlines():
        if found and found[-1].count("'") % 2:  # a quoted text that goes over several lines
            found[-1] += f"\n{line}"
        elif line.strip():
            found.append(line)
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_does_what_it_is_there_for(document: str, demo: Demo) -> None:
    exports: list[str] = []
    for command in commands(document):
        if command.startswith("export "):
            exports.append(command)
        elif STAYS.match(command):
            check_that_it_starts(command, demo, exports)
        else:
            run(demo.here(HEAVY.get(command, command)), demo, exports)


def run(command: str, demo: Demo, exports: list[str]) -> None:
    if command.startswith("make "):
        command = f"make -C {ROOT} {command.removeprefix('make ')}"
    script = "\n".join([*exports, command])
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=demo.folder, env=demo.environment(), check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\nexit {done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"


def check_that_it_starts(command: str, demo: Demo, exports: list[str]) -> None:
    """Starts it on a free port, waits for the first line that it prints when it answers, and ends it by Ctrl-C."""
    if command.startswith("make "):
        run(command.replace("make ", "make -n "), demo, exports)  # the demo itself is running; serve and fake are below
        return
    words = shlex.split(re.sub(r"(port) \d+", r"\1 0", command))
    environment = demo.environment() | {"TICKET_SERVICE_DATABASE": f"sqlite:///{demo.folder / 'fresh.db'}"}
    with subprocess.Popen(
        [*words, "--json"], cwd=demo.folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        end(process)
    assert ready["event"] == "ready"
    assert process.returncode == 0, f"{command}: exit {process.returncode} after Ctrl-C"


def leaves(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for inner, found in command.commands.items():
            yield from leaves(found, f"{name} {inner}")
    else:
        yield name


def words_of(document: str) -> str:
    return re.sub(r"\s+", " ", (ROOT / document).read_text())


@pytest.mark.parametrize("name", [*leaves(service_command, "ticket-service"), *leaves(fake_jira_command, "fake-jira")])
def test_every_command_is_described(name: str) -> None:
    assert any(name in words_of(document) for document in DOCUMENTS), f"no document shows {name!r}"


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_described(name: str) -> None:
    assert f"| `{name}` |" in words_of("docs/fake-jira.md")


@pytest.mark.parametrize("field", fields(Switches), ids=lambda field: field.name)
def test_every_setting_of_the_fake_is_described_with_its_default(field: Any) -> None:
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    shown = f"{default:g}" if isinstance(default, float) else default
    assert f"| `{field.name}` | " + (f"`{shown}` |" if shown != "" else "|") in words_of("docs/fake-jira.md")


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_of_the_service_is_described_with_its_default(field: object) -> None:
    name, default = field.name, field.default  # type: ignore[attr-defined]
    row = next(
        (
            line
            for line in (ROOT / "docs/service.md").read_text().splitlines()
            if line.startswith(f"| `{PREFIX}{name.upper()}` |")
        ),
        "",
    )
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    shown = shown.lower() if isinstance(default, bool) else shown
    assert row, f"docs/service.md does not describe {PREFIX}{name.upper()}"
    assert (f"| `{shown}` |" if shown else "| |") in row, f"docs/service.md gives {name} another default than {shown!r}"
