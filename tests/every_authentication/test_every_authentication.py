"""Whatever a Jira does, and however an integration signs in, the display is right and nothing is forgotten."""

from pathlib import Path

import pytest

from scenarios import report
from scenarios.runner import play_all
from tests.every_authentication import table
from tests.every_authentication.table import Kind

STORIES = table.stories()


@pytest.mark.parametrize("kind", table.KINDS, ids=[name.replace(" ", "-") for name in table.KINDS.values()])
def test_every_story_of_this_way_to_sign_in_is_kept(kind: Kind) -> None:
    results = play_all(story for story in STORIES if table.kind_of(story) == kind)
    told = [[result.story.name, *report.failure_lines(result)] for result in results if not result.passed]
    assert not told, "\n".join(line for lines in told for line in lines)


@pytest.mark.parametrize(
    "row", ["status-check", "retrieval", "manual-refresh", "creation", "dead-credential", "outage"]
)
def test_there_is_no_way_to_sign_in_for_which_this_is_not_told(row: str) -> None:
    assert {table.kind_of(story) for story in STORIES if Path(story.path).stem == row} == set(table.KINDS)


def test_every_story_has_a_row_and_every_row_a_story() -> None:
    assert {Path(story.path).stem for story in STORIES} == set(table.ROWS)


def test_the_table_of_the_readme_is_that_of_the_stories() -> None:
    assert table.of_the_readme() == table.as_markdown(STORIES), "write it anew: make evidence"


def test_a_story_that_is_not_kept_stands_out_in_the_table() -> None:
    told = table.as_markdown(STORIES[1:], STORIES[:1])
    assert told.count(table.BROKEN) == 1
    assert told.count(table.KEPT) == len(STORIES) - 1
