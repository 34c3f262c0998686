"""`python -m tests.every_authentication` plays all stories and writes the table of the README."""

import sys

from scenarios import report
from scenarios.runner import play_all
from tests.every_authentication import table


def main() -> None:
    """Exit code 1 when a story was not kept; the table says which."""
    results = play_all(table.stories())
    for result in results:
        if not result.passed:
            print("\n".join([result.story.name, *report.failure_lines(result)]), file=sys.stderr)
    kept = [result.story for result in results if result.passed]
    broken = [result.story for result in results if not result.passed]
    table.write(table.as_markdown(kept, broken))
    print(f"{len(kept)} kept, {len(broken)} not; the table is in README.md.")
    sys.exit(1 if broken else 0)


main()
