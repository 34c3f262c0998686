"""The command line: main lines only, the work is elsewhere.

Human words on a terminal, JSON with `--json`. Bad input is one clear line on standard error: exit 2 for wrong usage,
1 for what could not be done.
"""

import json
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, replace
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service import __version__, clock, importing, logs, rekeying, vault
from service.app import FIRST_ADMIN, Parts, assemble
from service.errors import BadInput, IntegrationNotFound, ServiceError
from service.rules import versions
from service.rules.health import NOT_FOUND_REASON, Health, Verdict
from service.rules.tickets import Integration
from service.rules.versions import Feature
from service.server import start, start_worker
from service.settings import Settings, from_environment
from service.store import integrations, runs, users
from service.store.database import sqlite_file
from service.store.runs import Run, RunCause, RunState
from service.store.users import Role
from service.web.answers import run_json, status_json

ENDING = (signal.SIGINT, signal.SIGTERM)
LOOK_SECONDS = 0.2  # between two looks at a run's progress
MARKS = {Health.HEALTHY: "[green]●[/]", Health.FAULTY: "[red]●[/]"}

database_option = click.option(
    "--database", metavar="URL", help="sqlite:///file.db or postgresql://user:password@host/name"
)
version_option = click.option("--product-version", metavar="X.Y.Z", help="The version of the product that is played.")
json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


class OneLine(click.Group):
    """A group whose mistakes are one line each."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.Exit as end:
            sys.exit(end.exit_code)
        except click.exceptions.NoArgsIsHelpError as help_wanted:
            click.echo(help_wanted.format_message(), err=True)
            sys.exit(2)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "ticket-service"
            fail(f"{error.format_message()} See {where} --help.", 2)
        except click.ClickException as error:
            fail(error.format_message(), 1)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(130)
        except ServiceError as error:
            fail(str(error), 1)


def fail(sentence: str, code: int) -> NoReturn:
    """One line on standard error, and the end."""
    click.echo(f"Error: {' '.join(sentence.split())}", err=True)
    sys.exit(code)


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ticket-service")
def main() -> None:
    """Jira ticket status and integration status.

    Every setting can also come from the environment: TICKET_SERVICE_PORT, TICKET_SERVICE_DATABASE and so on.
    """


def with_parts(command: Callable[..., None]) -> Callable[..., None]:
    """Hands the parts of a service to `command` in place of `database`, and closes the store afterwards."""

    @wraps(command)
    def with_store(database: str | None, **given: Any) -> None:
        parts = assemble(_settings(database=database), upgrades=False)
        try:
            command(parts=parts, **given)
        finally:
            parts.schedule.stop()
            parts.store.close()

    return with_store


@main.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes any free one.  [default: 8080]")
@database_option
@version_option
@click.option("--public-url", metavar="URL", help="Where people reach the pages, behind a proxy.")
@click.option("--no-work", is_flag=True, help="Web only; `ticket-service worker` does what is due. PostgreSQL only.")
@click.option("--allow-time-travel", is_flag=True, help="Open /_control and stop the schedule, for replayed scenarios.")
@json_option
def serve(as_json: bool, no_work: bool, allow_time_travel: bool, **given: Any) -> None:
    """Serve the API and the pages. The first start makes the user admin and prints its token once."""
    works = False if no_work else None
    settings = _settings(**given, works=works, allow_time_travel=allow_time_travel or None)
    logs.to_stream(sys.stderr)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # a handler that sets an Event can lock itself out of it
    service = start(settings)
    try:
        if as_json:
            token = {} if service.admin_token is None else {"user": FIRST_ADMIN, "token": service.admin_token}
            click.echo(json.dumps({"event": "ready", "url": service.url, **token}))
        else:
            _welcome(service.url, service.admin_token)
        signal.sigwait(ENDING)
    finally:
        service.close()


@main.command()
@database_option
@version_option
@click.option("--runs", type=click.IntRange(1, 1000), help="How many at once, of different integrations.  [default: 8]")
@click.option("--host", help="Address of the metrics.  [default: 127.0.0.1]")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve /metrics here; 0 takes any free port.")
@json_option
def worker(runs: int | None, metrics_port: int | None, as_json: bool, **given: Any) -> None:
    """Do what is due, beside any number of others on the same PostgreSQL, on any number of machines."""
    settings = _settings(**given, runs_at_once=runs, works=True)
    if sqlite_file(settings.database) is not None:
        raise click.UsageError(
            "A worker needs --database postgresql://user:password@host/name; on SQLite `serve` does everything."
        )
    logs.to_stream(sys.stderr)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    working = start_worker(settings, metrics_port)
    try:
        if as_json:
            at = {} if working.metrics_url is None else {"url": working.metrics_url}
            click.echo(json.dumps({"event": "ready", **at, "runs": settings.runs_at_once}))
        else:
            console = Console(soft_wrap=True)
            console.print(f"At work, {settings.runs_at_once} runs at once. Ctrl-C ends it.", highlight=False)
        signal.sigwait(ENDING)
    finally:
        working.close()


@main.group()
def user() -> None:
    """Users and their tokens."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--token", help="At least 16 characters; without it one is made.")
@database_option
@json_option
@with_parts
def add_user(name: str, role: str, token: str | None, as_json: bool, parts: Parts) -> None:
    """Add the user NAME and print its token, which is not stored and cannot be shown again."""
    if not name.strip() or len(name) > 255 or ":" in name or not name.isprintable():
        raise click.BadParameter("give 1 to 255 printable characters without a colon.", param_hint="NAME")
    if token is not None and (len(token) < 16 or not token.isascii() or not token.isprintable() or " " in token):
        raise click.BadParameter("give at least 16 printable ASCII characters without spaces.", param_hint="--token")
    shown = token or vault.new_token()
    with parts.store.begin() as c:
        users.add(c, name, Role(role), vault.hash_token(shown), clock.now())
    if as_json:
        click.echo(json.dumps({"name": name, "role": role, "token": shown}))
    else:
        Console().print(f"User [bold]{escape(name)}[/] ({role}). Token, shown this once:\n{shown}", highlight=False)


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option
@json_option
@with_parts
def import_file(file: Path, as_json: bool, parts: Parts) -> None:
    """Feed in the resources and violations of FILE, all or nothing."""
    try:
        document = importing.parse(file.read_bytes())
        with parts.store.begin() as c:
            imported = importing.import_document(c, document, clock.now())
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", 1)
    except BadInput as error:
        fail(f"{file}: {error}", 1)
    counts = asdict(imported)
    if as_json:
        click.echo(json.dumps(counts))
        return
    for noun, counted in counts.items():
        click.echo(f"{noun}: {counted['created']} new, {counted['updated']} changed, {counted['unchanged']} unchanged")


@main.command()
@click.option("--integration", "name", metavar="NAME", help="Only this one; all of them without it.")
@database_option
@json_option
@with_parts
def retrieve(name: str | None, as_json: bool, parts: Parts) -> None:
    """Retrieve ticket statuses now, with a progress bar."""
    if not versions.has(parts.settings.product_version, Feature.TICKET_STATUS):
        since = ".".join(map(str, versions.SINCE[Feature.TICKET_STATUS]))
        raise BadInput(f"There is no ticket status before product version {since}.")
    with parts.store.read() as c:
        found = integrations.all(c)
    chosen = [one for one in found if name in (None, one.name)]
    if name is not None and not chosen:
        raise IntegrationNotFound(f"There is no integration {name!r}.")
    if name is not None and not chosen[0].retrieve_tickets:
        raise BadInput("Retrieve Jira Tickets is switched off for this integration. Switch it on first.")
    ended = [_retrieve_one(parts, one, as_json) for one in chosen if one.retrieve_tickets]
    if as_json:
        click.echo(json.dumps({"retrievals": [run_json(run) for run in ended]}))
    if any(run.state is not RunState.COMPLETE for run in ended):
        sys.exit(1)


@main.command()
@click.argument("name")
@database_option
@json_option
@with_parts
def status(name: str, as_json: bool, parts: Parts) -> None:
    """Check the integration NAME now. Exit 0 when it is healthy, 1 when not."""
    with parts.store.read() as c:
        found = integrations.by_name(c, name)
    if found is None:
        verdict = Verdict(Health.NOT_FOUND, NOT_FOUND_REASON, clock.now())
    else:
        verdict = parts.verification.verify(found.id)
    if as_json:
        click.echo(json.dumps(status_json(verdict, name)))
    else:
        mark = MARKS.get(verdict.health, "[yellow]●[/]")
        Console(soft_wrap=True).print(f"{mark} {verdict.health.value}  {escape(verdict.reason)}", highlight=False)
    if verdict.health is not Health.HEALTHY:
        sys.exit(1)


@main.command()
@database_option
@json_option
@with_parts
def rekey(as_json: bool, parts: Parts) -> None:
    """Seal every stored secret with the first key; afterwards the former keys can go."""
    done = rekeying.rekey(parts.store, parts.vault)
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(f"{done.resealed} secrets sealed with the first key, {done.unchanged} were already.")


def _retrieve_one(parts: Parts, integration: Integration, quiet: bool) -> Run:
    """One run to its end, or to where a long wait has taken it."""
    with parts.store.begin() as c:
        run = runs.enqueue(c, integration.id, RunCause.MANUAL, clock.now())
    threads = ThreadPoolExecutor(1, "retrieve")
    playing = threads.submit(parts.retrieval.run, run.id)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=quiet, console=Console(stderr=True)) as progress:
        task = progress.add_task(escape(integration.name), total=None)
        while True:
            wait([playing], LOOK_SECONDS)
            with parts.store.read() as c:
                run = runs.by_id(c, run.id) or run
            progress.update(task, total=run.total or None, completed=run.checked)
            if run.ended_at is not None:
                break
            if not playing.done():
                continue
            playing.result()  # raises what kept it from being played
            ahead = (run.lease_until or run.resume_at) - clock.now()
            if run.state is RunState.WAITING and ahead.total_seconds() > parts.settings.patience:
                break  # it goes on by itself, long from now
            if ahead <= timedelta():  # it has made room for others, or whoever had it is not heard of any more
                playing = threads.submit(parts.retrieval.run, run.id)
            else:
                time.sleep(LOOK_SECONDS)  # another process is at it
    if not quiet:
        _report(integration, run)
    return run


def _report(integration: Integration, run: Run) -> None:
    counts = f"{run.checked} checked, {run.changed} changed, {run.deleted} deleted, {run.requests} requests"
    reason = f" {run.reason}" if run.reason else ""
    said = f"{integration.name}: {run.state.value}. {counts}.{reason}"
    Console(soft_wrap=True).print(said, highlight=False, markup=False)


def _welcome(url: str, token: str | None) -> None:
    console = Console(soft_wrap=True)
    console.print(f"[bold]Ticket Status[/] is at [link={url}]{url}[/link]", highlight=False)
    if token is not None:
        console.print(f"Log in as [bold]{FIRST_ADMIN}[/] with this token, shown this once:\n{token}", highlight=False)
    console.print("Ctrl-C ends it.", style="dim")


def _settings(**given: Any) -> Settings:
    return replace(from_environment(), **{name: value for name, value in given.items() if value is not None})
