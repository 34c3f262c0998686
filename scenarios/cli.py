"""`replay`: plays stories and says what came of them.

Exit codes: 0 all passed, 1 some failed or none was played, 2 a bad file or wrong usage (then nothing was started).
"""

import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scenarios import loading, report
from scenarios.checking import near
from scenarios.loading import Story, StoryError
from scenarios.runner import Result, play_all
from service import __version__

FAILED, WRONG_USAGE = 1, 2


@click.command(name="replay", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--list", "only_list", is_flag=True, help="Name the scenarios and their promises; play none.")
@click.option("--pick", multiple=True, metavar="NAME", help="Only this scenario; * stands for anything. Repeatable.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit XML report here.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a JSON report here.")
@click.version_option(__version__, prog_name="replay")
def replay(
    paths: Sequence[Path], only_list: bool, pick: Sequence[str], junit: Path | None, json_file: Path | None
) -> None:
    """Play the scenarios in PATHS, files or folders, against the service and a fake Jira under one frozen clock."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        stories = _picked(loading.load(paths), pick)
    except StoryError as error:
        _complain(error.problems)
        sys.exit(WRONG_USAGE)
    if not stories:
        _complain([f"Nothing was played: there is no scenario (*.yaml) in {', '.join(map(str, paths))}."])
        sys.exit(FAILED)
    if only_list:
        for story in stories:
            console.print(f"[bold]{escape(story.name)}[/]: {escape(story.title)} [dim]({escape(story.source)})[/]")
        return
    _check_writable(junit, json_file)
    results = _play(console, stories)
    report.tell_sum(console, results)
    for file, text in ((junit, report.as_junit), (json_file, report.as_json)):
        if file is not None:
            file.write_text(text(results), encoding="utf-8")
    sys.exit(0 if all(result.passed for result in results) else FAILED)


def _picked(stories: list[Story], names: Sequence[str]) -> list[Story]:
    """Those that one of `names` means: a story's name, the name of its file, or a pattern. Raises StoryError."""
    problems = []
    picked: set[str] = set()
    for name in names:
        meant = {s.name for s in stories if name == s.name.partition("/")[0] or fnmatchcase(s.name, name)}
        if not meant:
            problems.append(f"There is no scenario '{name}'.{near(name, [story.name for story in stories])}")
        picked |= meant
    if problems:
        raise StoryError(problems)
    return [story for story in stories if not names or story.name in picked]


def _play(console: Console, stories: list[Story]) -> list[Result]:
    if not console.is_terminal:
        return play_all(stories, lambda result: report.tell(console, result))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("playing", total=len(stories))

        def told(result: Result) -> None:
            report.tell(progress.console, result)
            progress.advance(task)

        return play_all(stories, told)


def _check_writable(*files: Path | None) -> None:
    """A report that cannot be written is found out before an hour of playing, not after it."""
    for file in files:
        if file is not None:
            try:
                file.open("a", encoding="utf-8").close()
            except OSError as error:
                _complain([f"The report {file} cannot be written: {error.strerror}."])
                sys.exit(WRONG_USAGE)


def _complain(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def main() -> None:
    """The command `replay`."""
    replay(prog_name="replay")
