"""`make bench`: speed as ratios, measured side by side in one run."""

import sys

import click
from rich.console import Console

from bench import fairness, jql, latency, retrieval, serving, size, year

PARTS = ("retrieval", "latency", "year", "size", "fairness", "serving", "jql")


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="One part alone; may be given repeatedly.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each contestant; the median counts.")
@click.option("--tickets", default=100_000, show_default=True, help="Tickets for the ways that search.")
@click.option("--one-by-one", default=2_000, show_default=True, help="Tickets for the way that reads singly.")
@click.option("--wait", default=0.2, show_default=True, help="Seconds that Jira takes for an answer, in `latency`.")
@click.option("--waited", default=20_000, show_default=True, help="Tickets of the run in `latency`.")
@click.option("--runs", default=year.YEAR, show_default=True, help="Runs of the `year`.")
@click.option("--largest", default=1_000_000, show_default=True, help="Tickets of the largest store in `size`.")
@click.option("--integrations", default=200, show_default=True, help="Integrations at once, in `fairness`.")
@click.option("--each", default=1_000, show_default=True, help="Tickets of each of them.")
@click.option("--seconds", default=5.0, show_default=True, help="How long one turn of serving takes.")
@click.option("--requests", default=0, help="How many requests the fake's memory is watched over, e.g. 1000000.")
@click.option("--issues", default=100_000, show_default=True, help="Issues that are searched by JQL.")
def main(
    *,
    only: tuple[str, ...],
    rounds: int,
    tickets: int,
    one_by_one: int,
    wait: float,
    waited: int,
    runs: int,
    largest: int,
    integrations: int,
    each: int,
    seconds: float,
    requests: int,
    issues: int,
) -> None:
    """Hold our parts beside other ways of doing the same, and beside what the machine could do at most."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    measured = {
        "retrieval": lambda: retrieval.table(retrieval.measure(tickets, one_by_one, rounds, console)),
        "latency": lambda: latency.table(latency.measure(waited, wait)),
        "year": lambda: year.table(year.measure(runs)),
        "size": lambda: size.table(size.measure((largest // 100, largest // 10, largest))),
        "fairness": lambda: fairness.table(fairness.measure(integrations, each)),
        "serving": lambda: serving.table(serving.measure(seconds, rounds, requests)),
        "jql": lambda: jql.measure(issues, rounds),
    }
    for part in PARTS:
        if not only or part in only:
            console.print(measured[part]())


if __name__ == "__main__":
    main()
