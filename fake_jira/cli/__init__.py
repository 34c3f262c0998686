"""`fake-jira` at the terminal: `serve` starts one, `ctl` is its control API.

Main lines only. Human output on a terminal, JSON with --json; what is wrong is one line on standard error, with exit
code 2 for wrong usage and 1 for everything else.
"""

import gc
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import orjson

from fake_jira import __version__
from fake_jira.cli.reading import field_of
from fake_jira.errors import Invalid
from fake_jira.flavours import CLOUD, FLAVOURS
from fake_jira.flavours.data_center_doors import VERSIONS
from fake_jira.server import CannotListen, FakeJira, StateFileBroken, start

MANY = 1_000  # issues that take a while to invent
ENDING = (signal.SIGINT, signal.SIGTERM)


def _users(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [value.partition(":") for value in values]
    for name, colon, token in pairs:
        if not name or not token:
            raise click.BadParameter(f"{name + colon!r} is not NAME:TOKEN, such as jane@example.com:her-token.")
    return [(name, token) for name, _, token in pairs]


def _settings(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    return dict(field_of(value) for value in values)


def _prefix(_: click.Context, __: click.Parameter, value: str) -> str:
    if value and not value.startswith("/"):
        raise click.BadParameter(f"{value!r} does not start with a slash, such as /jira.")
    return value.rstrip("/")


def _address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
        raise click.BadParameter(f"{value!r} is not an address such as https://jira.example.com.")
    return value


def _option(name: str, *names: str, **properties: Any) -> Callable[[Any], Any]:
    """An option that is also an environment variable: --control-port is FAKE_JIRA_CONTROL_PORT."""
    variable = "FAKE_JIRA_" + name.removeprefix("--").upper().replace("-", "_")
    return click.option(name, *names, envvar=variable, show_envvar=True, **properties)


class Commands(click.Group):
    """`ctl` is loaded when it is wanted: its HTTP client is a fifth of the time that `serve` takes to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "ctl"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "ctl":
            from fake_jira.cli.apps import app  # noqa: PLC0415
            from fake_jira.cli.ctl import ctl  # noqa: PLC0415
            from fake_jira.cli.links import link, pat  # noqa: PLC0415

            for more in (app, link, pat):
                ctl.add_command(more)
            return ctl
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fake-jira")
def command() -> None:
    """A Jira that remembers, refuses and misbehaves on request."""


@command.command()
@_option("--flavour", type=click.Choice(FLAVOURS), default="cloud", show_default=True, help="Which Jira to imitate.")
@_option("--server-version", type=click.Choice(tuple(VERSIONS)), help="Which Data Center; the newest by default.")
@_option("--host", default="127.0.0.1", show_default=True, help="Where to listen; loopback unless you know better.")
@_option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0 takes any free one.")
@_option("--control-port", type=click.IntRange(0, 65535), help="/_control on a port that stays up in an outage.")
@_option("--prefix", default="", callback=_prefix, help="Where the site is on its host, such as /jira.")
@_option("--public-url", callback=_address, help="What links in answers say; else the request's own host and prefix.")
@_option("--seed", type=int, default=0, show_default=True, help="Which sample data: the same seed, the same issues.")
@_option("--issues", type=click.IntRange(0, 1_000_000), default=0, show_default=True, help="How many sample issues.")
@_option("--state", type=click.Path(dir_okay=False, path_type=Path), help="A file to go on from and to save to.")
@_option(
    "--user",
    "users",
    callback=_users,
    metavar="NAME:TOKEN",
    multiple=True,
    help="One more user and API token; may be given repeatedly.",
)
@_option(
    "--setting",
    "settings",
    callback=_settings,
    metavar="NAME=VALUE",
    multiple=True,
    help="A switch that every world starts with, such as basic_auth=off; may be given repeatedly.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON line when ready, and nothing else.")
@click.option("--quiet", is_flag=True, help="Only the address.")
def serve(flavour: str, *, as_json: bool, quiet: bool, **settings: Any) -> None:
    """Start a fake Jira and keep it until Ctrl-C."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # a handler that sets an Event can lock itself out of it
    with _patience(settings["issues"] if not (as_json or quiet) else 0):
        fake = start(flavour=flavour, **settings)
    with fake:
        if as_json:
            ready = {"event": "ready", "url": fake.url, "control_url": fake.control_url}
            click.echo(orjson.dumps(ready))
        elif quiet:
            click.echo(fake.url)
        else:
            _greet(fake)
        signal.sigwait(ENDING)


def _patience(issues: int) -> AbstractContextManager[Any]:
    """Something that turns while many issues are being invented."""
    if issues < MANY:
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 - a tenth of the time that a start takes

    return Console(stderr=True).status(f"Inventing {issues} issues ...")


def _greet(fake: FakeJira) -> None:
    """Where it is, who may come in, and three things to try."""
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    console = Console()
    world = fake.worlds.get("default")
    secrets = {token.account_id: token.secret for token in reversed(world.state.tokens.values())}
    cloud = fake.flavour == CLOUD
    title = f"Jira {'Cloud' if cloud else 'Data Center'}, faked"
    console.print(f"[bold]{title:<20}[/] {escape(fake.url)}", highlight=False, soft_wrap=True)
    console.print(f"control API          {escape(fake.control_url)}", highlight=False, soft_wrap=True)
    for user in world.state.users.values():
        if cloud:
            said = f"{user.role:<20} {user.email}  token {secrets.get(user.account_id, '(none)')}"
        else:
            said = f"{user.role:<20} {user.name}  password {world.state.passwords[user.account_id]}"
        console.print(escape(said), highlight=False, soft_wrap=True)
    base = fake.control_url.removesuffix("/_control")
    door = "outage" if not base.endswith(urlsplit(fake.url).netloc) else "unavailable"
    console.print("[bold]Try[/]")
    who, version = ("admin@example.com:admin-token", 3) if cloud else ("admin:admin", 2)
    for line in (
        f"curl -u {who} {fake.url}/rest/api/{version}/myself",
        f"fake-jira ctl --url {base} issue create SEC --summary 'First one'",
        f"fake-jira ctl --url {base} fault add {door}",
    ):
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    console.print("Ctrl-C ends it.")


def main() -> None:
    """The command. What is wrong becomes one line and an exit code."""
    gc.freeze()  # what is there now stays to the end; the collector need not look at it again
    gc.enable()
    try:
        code = command.main(prog_name="fake-jira", standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "fake-jira"
        _fail(f"{' '.join(error.format_message().split())} See {path} --help.", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Invalid as error:
        _fail(f"{error} See fake-jira serve --help.", 2)
    except (CannotListen, StateFileBroken) as error:
        _fail(str(error), 1)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _fail(sentence: str, code: int) -> None:
    click.echo(f"fake-jira: {sentence}", err=True)
    sys.exit(code)
