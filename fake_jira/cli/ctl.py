"""`fake-jira ctl`: the control API of a running fake at the terminal, over `FakeJiraClient`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from fake_jira.cli.reading import field_of
from fake_jira.client import FakeJiraClient, FakeJiraError

ISSUE_COLUMNS = ("key", "id", "status", "summary", "created", "updated", "deleted")
JOURNAL_COLUMNS = ("id", "at", "method", "path", "operation", "user", "status", "fault")
FAULT_COLUMNS = ("id", "fault", "hits", "active")


class Terminal:
    """The client, and how to show what it brought."""

    def __init__(self, client: FakeJiraClient, *, as_json: bool) -> None:
        self.client = client
        self.as_json = as_json

    def show(self, value: Any, sentence: str) -> None:
        """One thing: as JSON, or as a sentence."""
        click.echo(orjson.dumps(value).decode() if self.as_json else sentence)

    def table(self, rows: Sequence[dict[str, Any]], columns: Sequence[str], nothing: str) -> None:
        """Many things: as JSON, or as a table; `nothing` is said when there are none."""
        if self.as_json or not rows:
            click.echo(orjson.dumps(rows).decode() if self.as_json else nothing)
            return
        table = Table(box=None, pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("" if row.get(column) in (None, False) else str(row[column]) for column in columns))
        Console().print(table)


class Asking(click.Group):
    """What the fake refuses ends the command with its sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FakeJiraError as error:
            raise click.ClickException(str(error)) from error


terminal = click.make_pass_decorator(Terminal)


@click.group(cls=Asking, no_args_is_help=False)
@click.option("--url", default="http://127.0.0.1:8090", envvar="FAKE_JIRA_URL", show_default=True, show_envvar=True,
              help="The site or the control port of a running fake.")  # fmt: skip
@click.option("--world", envvar="FAKE_JIRA_WORLD", show_envvar=True, help="Which world; else the default one.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of words.")
@click.pass_context
def ctl(context: click.Context, url: str, world: str | None, *, as_json: bool) -> None:
    """Move, delete and break things in a running fake Jira."""
    context.obj = Terminal(context.with_resource(FakeJiraClient(url, world)), as_json=as_json)


@ctl.command()
@terminal
def about(to: Terminal) -> None:
    """What is running, and where."""
    told = to.client.about()
    to.show(told, "\n".join(f"{key}: {', '.join(v) if isinstance(v, list) else v}" for key, v in told.items()))


@ctl.group(no_args_is_help=False)
def fault() -> None:
    """Faults: add, list, clear."""


@fault.command("add")
@click.argument("name")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@terminal
def add_fault(to: Terminal, name: str, fields: tuple[str, ...]) -> None:
    """Arm a fault: fault add rate_limit retry_after=30 times=2"""
    armed = to.client.fault(name, **dict(field_of(each) for each in fields))
    to.show({"id": armed, "fault": name}, f"{name} is armed as {armed}.")


@fault.command("list")
@terminal
def list_faults(to: Terminal) -> None:
    """What is armed, in order."""
    faults = to.client.faults()
    extra = sorted({key for each in faults for key in each} - set(FAULT_COLUMNS))
    to.table(faults, (*FAULT_COLUMNS, *extra), "No fault is armed.")


@fault.command("clear")
@click.argument("name", required=False)
@terminal
def clear_faults(to: Terminal, name: str | None) -> None:
    """Clear one by id, all of a NAME, or all."""
    to.client.clear(name)
    to.show({"cleared": name}, f"{name or 'All faults'} cleared.")


@ctl.group(no_args_is_help=False)
def issue() -> None:
    """Issues: list, create, transition, move, delete, restore."""


@issue.command("list")
@click.option("--project", help="Id or key.")
@terminal
def list_issues(to: Terminal, project: str | None) -> None:
    """All issues, deleted ones too."""
    to.table(to.client.issues(project), ISSUE_COLUMNS, "There are no issues.")


@issue.command("create")
@click.argument("project")
@click.option("--summary")
@click.option("--type")
@click.option("--status")
@click.option("--key", help="A number of your choice: SEC-7.")
@click.option("--created", help="RFC 3339: 2026-03-01T00:00:00Z.")
@terminal
def create_issue(to: Terminal, /, project: str, **properties: str | None) -> None:
    """Make an issue."""
    made = to.client.issue(project, **{name: value for name, value in properties.items() if value is not None})
    to.show(made, f"{made['key']} (id {made['id']}) is {made['status']}.")


@issue.command("transition")
@click.argument("key")
@click.argument("status")
@terminal
def transition(to: Terminal, key: str, status: str) -> None:
    """Take an issue to a status."""
    moved = to.client.transition(key, status)
    to.show(moved, f"{moved['key']} is {moved['status']}.")


@issue.command("move")
@click.argument("key")
@click.argument("project")
@terminal
def move(to: Terminal, key: str, project: str) -> None:
    """Move an issue to another project."""
    new = to.client.move(key, project)
    to.show({"key": new}, f"{key} is {new} now.")


@issue.command("delete")
@click.argument("key")
@terminal
def delete(to: Terminal, key: str) -> None:
    """Delete an issue and its sub-tasks."""
    to.client.delete(key)
    to.show({"deleted": key}, f"{key} is deleted.")


@issue.command("restore")
@click.argument("key")
@terminal
def restore(to: Terminal, key: str) -> None:
    """Bring a deleted issue back."""
    back = to.client.restore_issue(key)
    to.show(back, f"{back['key']} is back.")


@ctl.command()
@click.argument("change", required=False)
@terminal
def clock(to: Terminal, change: str | None) -> None:
    """Show the clock, or move it: on by 8h, to 2026-03-01T00:00:00Z, or back to 'real' time."""
    if change is None:
        now = to.client.now()
    elif change == "real":
        now = to.client.real_time()
    elif "T" in change:
        now = to.client.move_to(_instant(change))
    else:
        now = to.client.advance(float(change) if change.isdecimal() else change)
    to.show({"now": now.isoformat()}, f"It is {now.isoformat(sep=' ', timespec='seconds')}.")


@ctl.command()
@click.option("--operation")
@click.option("--method")
@click.option("--path")
@click.option("--user")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--clear", is_flag=True, help="Forget them.")
@terminal
def journal(to: Terminal, /, limit: int, *, clear: bool, **wanted: Any) -> None:
    """The latest requests and their answers."""
    if clear:
        to.client.clear_journal()
        to.show({"cleared": True}, "The journal is empty.")
        return
    to.table(to.client.journal(limit=limit, **wanted), JOURNAL_COLUMNS, "Nothing was asked.")


@ctl.command()
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--issues", type=click.IntRange(1), required=True)
@terminal
def seed(to: Terminal, seed: int, issues: int) -> None:
    """Add sample issues."""
    there = to.client.seed(seed, issues)
    to.show({"issues": there}, f"There are {there} issues.")


@ctl.command()
@terminal
def reset(to: Terminal) -> None:
    """Back to the world as it was made."""
    to.client.reset()
    to.show({"reset": True}, "The world is as it was made.")


@ctl.command()
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@terminal
def settings(to: Terminal, changes: tuple[str, ...]) -> None:
    """Show the switches, or change some: settings index_delay=30"""
    now = to.client.settings(**dict(field_of(each) for each in changes))
    to.show(now, "\n".join(f"{name} = {orjson.dumps(value).decode()}" for name, value in now.items()))


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise click.BadArgumentUsage(f"{text!r} is not an instant with its offset such as 2026-03-01T00:00:00Z.")
    return read
