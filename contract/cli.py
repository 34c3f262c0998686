"""`contract-check`: judges any base URL, and says so by its exit code.

0 conformant, 1 violations (or nothing was judged), 2 wrong usage, 3 unreachable, 4 the harness's own fault. Main lines
only; what is asked stands in `cases`, how in `harness`, what is told in `report`.
"""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

import click
from click.core import ParameterSource
from rich.console import Console
from rich.markup import escape

from contract import __version__, report
from contract.api import Api, Target, Unreachable
from contract.cases import SUITES
from contract.cases.status_check import statuses
from contract.harness import Case, Result, play_all
from contract.sources import sources

FILE = click.Path(path_type=Path, dir_okay=False)
SECRETS = ("CONTRACT_CHECK_TOKEN", "CONTRACT_CHECK_USER", "CONTRACT_CHECK_VIEWER_TOKEN")
EPILOG = (
    "Exit codes: 0 conformant, 1 violations, 2 wrong usage, 3 unreachable, 4 the harness's own fault. Every option can "
    "be given by the environment as well, such as CONTRACT_CHECK_TOKEN."
)


@click.command(
    name="contract-check",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CONTRACT_CHECK"},
)
@click.argument("url", required=False, envvar="CONTRACT_CHECK_URL")
@click.option("--suite", default="status-api", show_default=True, help="What to judge by.")
@click.option("--token", metavar="T", help="A token of an admin; sent as a bearer token.")
@click.option("--user", metavar="U:P", help="An admin's name and password (or token), instead of --token.")
@click.option("--viewer-token", metavar="T", help="A token of a user who is no admin, who has to be refused.")
@click.option("--name", metavar="INTEGRATION", help="An integration that exists there; without it less is judged.")
@click.option("--ours", is_flag=True, help="Our own readings count too, where the documents are silent.")
@click.option("--list", "only_list", is_flag=True, help="Name the cases and their promises; ask nothing.")
@click.option("--pick", multiple=True, metavar="NAME", help="Only this case; * stands for anything. Repeatable.")
@click.option("--explain", metavar="NAME", help="What a case does and where its promise is written; asks nothing.")
@click.option("--junit", type=FILE, help="Write a JUnit XML report here.")
@click.option("--json", "json_file", type=FILE, help="Write a JSON report here.")
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, help="Seconds per answer."
)
@click.version_option(__version__, prog_name="contract-check")
@click.pass_context
def contract_check(
    context: click.Context,
    *,
    url: str | None,
    suite: str,
    token: str | None,
    user: str | None,
    viewer_token: str | None,
    name: str | None,
    ours: bool,
    only_list: bool,
    pick: Sequence[str],
    explain: str | None,
    junit: Path | None,
    json_file: Path | None,
    timeout: float,
) -> None:
    """Judge the server at URL by the documented API. It is a black box, and only GET is sent.

    The verdict comes first, then what makes it weak, then each violation with its promise, its source and a curl line.
    """
    console = Console(highlight=False, soft_wrap=True)
    if suite not in SUITES:
        raise click.UsageError(f"There is no suite '{suite}'. There is: {', '.join(SUITES)}.")
    cases = _picked(SUITES[suite], pick)
    if explain is not None:
        _explain(console, _picked(SUITES[suite], [explain]))
        return
    if only_list:
        for one in cases:
            console.print(f"{one.level:6} [bold]{escape(one.name)}[/]: {escape(one.promise)} [dim]({one.source})[/]")
        return
    token, user = _one_credential(context, token, user)
    target = Target(_base(url), _header("--token", token), _pair(user), _header("--viewer-token", viewer_token), name,
                    timeout)  # fmt: skip
    _check_writable(junit, json_file)
    run = _play(console, target, suite, cases, ours)
    report.tell(console, run)
    for file, text in ((junit, report.as_junit), (json_file, report.as_json)):
        if file is not None:
            file.write_text(text(run), encoding="utf-8")
    sys.exit(run.exit_code)


def _play(console: Console, target: Target, suite: str, cases: Sequence[Case], ours: bool) -> report.Run:
    """Plays `cases` as far as the server can be reached."""
    api = Api(target)
    results: list[Result] = []
    unreachable = ""
    try:
        api.knock()
        with console.status("judging ...") as status:
            for result in play_all(cases, api, ours):
                results.append(result)
                status.update(f"judged {len(results)} of {len(cases)}: {result.case.name}")
    except Unreachable as error:
        unreachable = str(error)
    finally:
        api.close()
    codes = Counter(answer.code for answer in api.seen)
    words = Counter(word for _, word in statuses(api))
    return report.Run(target, suite, len(SUITES[suite]), results, codes, words, unreachable, ours)


def _picked(cases: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Those that `names` mean, in their order; all if there are none. A name that means nothing is wrong usage."""
    known = [one.name for one in cases]
    for name in names:
        if not any(fnmatchcase(one, name) for one in known):
            near = get_close_matches(name, known, n=2)
            raise click.UsageError(f"There is no case '{name}'." + (f" Near: {', '.join(near)}." if near else ""))
    return [one for one in cases if not names or any(fnmatchcase(one.name, name) for name in names)]


def _explain(console: Console, cases: Sequence[Case]) -> None:
    for one in cases:
        console.print(f"[bold]{escape(one.name)}[/] ({one.level})\n  {escape(one.promise)}\n")
        console.print(f"  {escape(one.why)}\n")
        console.print(f"  {escape(f'[{one.source}] {sources()[one.source]}')}")
        for need in one.needs:
            console.print(f"  [dim]Not judged when {escape(need)}.[/]")


def _base(url: str | None) -> str:
    """`url` as a base to which paths are added."""
    if not url:
        raise click.UsageError("Missing argument 'URL': the base address to judge, such as http://127.0.0.1:8080.")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
        parts = urlsplit("")
    if not usable:
        raise click.UsageError(f"'{url.rpartition('@')[2]}' is no address such as http://127.0.0.1:8080.")
    if parts.username is not None:
        raise click.UsageError("The URL holds a user. Give it with --user, so that it can be kept out of the report.")
    if parts.query or parts.fragment:
        raise click.UsageError("The URL has a query or a fragment. Give the address below which /xray/api/v1 is.")
    return url.rstrip("/?#")


def _one_credential(context: click.Context, token: str | None, user: str | None) -> tuple[str | None, str | None]:
    """One of both. What is typed wins over the environment.

    A variable that is set and empty is a secret that a build server forgot; without it the run would pass, weakly.
    """
    for variable in SECRETS:
        if os.environ.get(variable) == "":
            raise click.UsageError(f"{variable} is set and empty. Give it a value, or unset it.")
    if token is None or user is None:
        return token, user
    typed = [one for one in ("token", "user") if context.get_parameter_source(one) is ParameterSource.COMMANDLINE]
    if len(typed) != 1:
        raise click.UsageError("Give --token or --user, not both.")
    return (token, None) if typed == ["token"] else (None, user)


def _pair(user: str | None) -> tuple[str, str] | None:
    if user is None:
        return None
    name, colon, password = user.partition(":")
    if not (name and colon and password):
        raise click.UsageError("--user is NAME:PASSWORD.")
    return name, password


def _header(option: str, token: str | None) -> str | None:
    """A token that can be sent in a header."""
    if token is not None and not (token and token.isascii() and token.isprintable() and " " not in token):
        raise click.UsageError(f"{option} is empty, or holds what no token holds. Is the variable set?")
    return token


def _check_writable(*files: Path | None) -> None:
    """A report that cannot be written is found out before the run."""
    for file in files:
        if file is not None:
            try:
                file.open("a", encoding="utf-8").close()
            except OSError as error:
                raise click.UsageError(f"The report {file} cannot be written: {error.strerror}.") from None


def main() -> None:
    """The command `contract-check`."""
    try:
        contract_check(prog_name="contract-check")
    except Exception as error:  # the exit code tells our own fault from the server's; no trace, it may hold a secret
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f" ({Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno})" if place else ""
        click.echo(
            f"contract-check itself failed: {type(error).__name__}{where}. This says nothing of the server.", err=True
        )
        sys.exit(report.OWN_FAULT)
