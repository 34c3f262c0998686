"""`make bench`: speed as ratios, measured side by side in one run."""

import sys

import click
from rich.console import Console

from bench import jql, retrieval, serving

PARTS = ("retrieval", "serving", "jql")


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="One part alone; may be given repeatedly.")
@click.option("--tickets", default=50_000, show_default=True, help="Tickets for the ways that search.")
@click.option("--one-by-one", default=2_000, show_default=True, help="Tickets for the way that reads singly.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each contestant; the median counts.")
@click.option("--seconds", default=5.0, show_default=True, help="How long one turn of serving takes.")
@click.option("--requests", default=0, help="How many requests the fake's memory is watched over, e.g. 1000000.")
@click.option("--issues", default=100_000, show_default=True, help="Issues that are searched by JQL.")
def main(
    *, only: tuple[str, ...], tickets: int, one_by_one: int, rounds: int, seconds: float, requests: int, issues: int
) -> None:
    """Hold our parts beside other ways of doing the same, and beside what the machine could do at most."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    parts = only or PARTS
    if "retrieval" in parts:
        console.print(retrieval.table(retrieval.measure(tickets, one_by_one, rounds, console)))
    if "serving" in parts:
        console.print(serving.table(serving.measure(seconds, rounds, requests)))
    if "jql" in parts:
        console.print(jql.measure(issues, rounds))


if __name__ == "__main__":
    main()
