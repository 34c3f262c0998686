"""`make run`: a fake Jira with believable data and the service beside it, ready to look at, to break and to mend.

Both run in this process, in real time, on ports that people can type; what they know lies in a folder, so that a second
start finds it again. Everything after the start goes over their URLs, as a person's curl does.
"""

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import requests
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from scenarios import sample
from scenarios.stage import API, Apps, JiraRefused, StageBroken, start_apps
from service import __version__

INTEGRATION = "jira-demo"
USER, TOKEN = "admin@example.com", "admin-token"  # the fake's own first user
ISSUES, SEED, DELETED = 120, 7, 3
ROUTE = f"/ticketing/jira-integrations/{INTEGRATION}"
RETRIEVAL_SECONDS = 60


@dataclass
class Demo:
    """Two running apps, and the token with which the service is asked."""

    apps: Apps
    token: str

    def ask(self, method: str, path: str, body: Any = None, params: dict[str, Any] | None = None) -> Any:
        """A call that must succeed; its JSON. StageBroken with the service's sentence when it does not."""
        with requests.Session() as http:
            http.trust_env = False
            answer = http.request(
                method,
                self.apps.url + API + path,
                json=body,
                params=params,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=60,
            )
        if answer.status_code == 401:
            raise StageBroken(
                "The service does not know the token that the demo remembers; remove the folder to start afresh."
            )
        if not answer.ok:
            raise StageBroken(f"The service answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json()


def connect(demo: Demo) -> dict[str, Any]:
    """Makes the integration, or has it follow the fake to another port; the integration as it is listed."""
    connection = {
        "connection_name": INTEGRATION,
        "installation_type": "cloud",
        "auth_type": "basic",
        "username": USER,
        "password": TOKEN,
        "jira_server_url": demo.apps.jira_url,
        "skip_proxy": True,
    }
    known = _integration(demo)
    if known is None:
        demo.ask("POST", "/ticketing/jira-integrations", connection)
    elif known["jira_server_url"] != demo.apps.jira_url:
        demo.ask("PUT", ROUTE, connection)
    return _integration(demo) or {}


def _integration(demo: Demo) -> dict[str, Any] | None:
    listed = demo.ask("GET", "/ticketing/jira-integrations")["integrations"]
    return next((one for one in listed if one["connection_name"] == INTEGRATION), None)


def fill(demo: Demo) -> bool:
    """Imports the sample, if that was not done: all of the fake's issues become tickets, then a few are deleted there.

    Whether it had to be done.
    """
    if demo.ask("POST", "/violations", {"pagination": {"limit": 1}})["total_violations"]:
        return False
    issues = demo.apps.jira.issues()
    demo.ask("POST", "/import", sample.document(issues, INTEGRATION, SEED))
    for key in sample.to_delete([issue for issue in issues if not issue["deleted"]], datetime.now(UTC), DELETED):
        demo.apps.jira.delete(key)
    return True


def retrieve(demo: Demo, console: Console) -> dict[str, Any]:
    """One run, with a progress bar; the run as it ended."""
    run: dict[str, Any] = demo.ask("POST", f"{ROUTE}/retrievals")
    columns = (TextColumn("Retrieving statuses"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        deadline = time.monotonic() + RETRIEVAL_SECONDS
        while run["ended"] is None:
            if time.monotonic() > deadline:
                raise StageBroken(f"The first retrieval has not ended within {RETRIEVAL_SECONDS} seconds.")
            time.sleep(0.1)
            history = demo.ask("GET", f"{ROUTE}/retrievals")["retrievals"]
            run = next(one for one in history if one["id"] == run["id"])
            progress.update(task, total=run["total"] or None, completed=run["checked"])
    return run


def describe(demo: Demo, console: Console, is_new: bool, folder: Path) -> None:
    """Where everything is, how to get in, and three things to try."""
    check = (
        f'curl -H "Authorization: Bearer {demo.token}" '
        f'"{demo.apps.url}{API}/ticketing/integrations/status/check?integrationName={INTEGRATION}"'
    )
    faults = f"{demo.apps.control_url}/faults"
    broken = (
        f'curl -X POST {faults} -H "Content-Type: application/json" '
        f'-d \'{{"fault": "expired_token", "user": "{USER}"}}\''
    )
    lines = [
        "",
        f"[bold]Service[/]    {demo.apps.url}/",
        f"[bold]Login[/]      admin   [bold]Token[/] {demo.token}",
        f"[bold]Fake Jira[/]  {demo.apps.jira_url}   ({USER} / {TOKEN}; control API {demo.apps.control_url}/)",
        f"[bold]Console[/]    {demo.apps.jira_url}/console   (an app made here lets the wizard sign in by OAuth 2.0)",
        f"[bold]Data[/]       {escape(str(folder))} ({'new' if is_new else 'found again from an earlier start'})",
        "",
        "[bold]Three things to try[/]",
        "1. Is the integration healthy?",
        f"   {check}",
        "2. Let the API token expire, and check again: every ticket on the pages shows Unknown.",
        f"   {broken}",
        f"   {check}",
        "3. Mend it, and check again: the statuses come back.",
        f"   curl -X DELETE {faults}",
        f"   {check}",
        "",
        "Ctrl-C ends both.",
    ]
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)


def prepare(demo: Demo, console: Console, folder: Path) -> None:
    """Integration, sample data and a first retrieval, as far as they are not there yet; then says where things are."""
    integration = connect(demo)
    is_new = fill(demo)
    if integration["retrieve_jira_tickets"]:
        run = retrieve(demo, console)
        console.print(f"{run['checked']} tickets checked with {run['requests']} requests to Jira.", highlight=False)
    else:
        console.print("'Retrieve Jira Tickets' is off, as it was left; no statuses are shown until it is switched on.")
    describe(demo, console, is_new, folder)


@click.command(name="demo", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Of the service; 0: any.")
@click.option(
    "--jira-port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="Of the fake; 0: any."
)
@click.option("--control-port", type=click.IntRange(0, 65535), help="Of the fake's control API; else the port above.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(".run"), show_default=True, help="Data."
)
@click.version_option(__version__, prog_name="demo")
def run_demo(port: int, jira_port: int, control_port: int | None, folder: Path) -> None:
    """A fake Jira with sample data and the service beside it, until Ctrl-C."""
    console = Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways of ending are one
    if control_port is None:
        control_port = min(jira_port + 1, 65535) if jira_port else 0
    apps: Apps | None = None
    code = 0
    try:
        _check_folder(folder)
        apps = start_apps(folder, port=port, jira_port=jira_port, control_port=control_port, issues=ISSUES, seed=SEED)
        prepare(Demo(apps, _token(folder, apps.admin_token)), console, folder)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    except (StageBroken, JiraRefused, OSError) as error:
        code = 1
        _complain(str(error))
    finally:
        for wanted in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wanted, signal.SIG_IGN)  # an impatient second Ctrl-C must not lose what is being saved
        if apps is not None:
            apps.close()
    sys.exit(code)


def _check_folder(folder: Path) -> None:
    """Half of the data is worse than none: tickets without their issues would all be found deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in ("jira.json", "service.db", "demo.json") if (folder / name).exists()]
    if there and len(there) < 3:
        raise StageBroken(
            f"The folder {folder} holds only a part of an earlier demo ({', '.join(there)}). Remove it to start afresh."
        )


def _token(folder: Path, fresh: str | None) -> str:
    """The admin's token: the service shows it once, so the demo keeps it, readable for its owner only."""
    file = folder / "demo.json"
    if fresh is None:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["token"])
        except (ValueError, KeyError, TypeError):
            raise StageBroken(f"{file} does not hold the demo's token. Remove {folder} to start afresh.") from None
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        json.dump({"token": fresh}, opened)
    return fresh


def _complain(sentence: str) -> None:
    if "in use" in sentence:
        sentence += ' With other ports: make run ARGS="--port 8081 --jira-port 8095".'
    click.echo(sentence, err=True)


def main() -> NoReturn:
    """The command behind `make run`."""
    with suppress(BrokenPipeError):
        run_demo(prog_name="demo")
    sys.exit(0)


if __name__ == "__main__":
    main()
