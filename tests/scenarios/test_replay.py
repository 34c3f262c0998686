"""`replay` at the terminal: exit codes, what is said about bad files and failing stories, and the same report twice."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner, Result

from scenarios.cli import replay

GOOD = """\
title: A day passes
source: ticket-status, safeguard 1
given: {at: 2026-03-01T00:00:00Z, tickets: [{key: SEC-1, status: In Progress}]}
steps:
  - clock: {advance: 1d}
  - expect: {health: HEALTHY_INTEGRATION, tickets: {SEC-1: In Progress}}
"""
BAD = GOOD.replace("A day", "Another day").replace("{SEC-1: In Progress}}\n", "{SEC-1: Done, SEC-9: Done}}\n")
BAD = BAD.replace("    note", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(replay, [str(argument) for argument in arguments])


def test_a_story_that_is_kept_ends_with_0(folder: Path) -> None:
    result = run(folder / "good.yaml")
    assert (result.exit_code, result.output) == (0, "passed  good: A day passes\n1 passed, 0 failed\n")


def test_a_story_that_fails_ends_with_1_and_the_others_are_played_all_the_same(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "FAILED  bad: Another day passes",
        f"        {folder}/bad.yaml:6, step 2 (expect), at 2026-03-02T00:00:00Z (1 day into the story)",
        "        SEC-1: status:",
        "          expected Done",
        "          seen     In Progress",
        "        SEC-9: status:",
        "          expected Done",
        "          seen     no ticket of this key. Near: SEC-1.",
        "        source: ticket-status, safeguard 1",
        f"        again:  replay {folder}/bad.yaml --pick bad",
        "passed  good: A day passes",
        "1 passed, 1 failed",
    ]


def test_two_runs_give_identical_reports(folder: Path) -> None:
    reports = []
    for number in (1, 2):
        junit, as_json = folder / f"{number}.xml", folder / f"{number}.json"
        result = run(folder, "--junit", junit, "--json", as_json)
        reports.append((result.output, junit.read_text(), as_json.read_text()))
    assert reports[0] == reports[1]
    assert Xml.fromstring(reports[0][1])[0].attrib["failures"] == "1"  # noqa: S314 - our own
    assert json.loads(reports[0][2])["failed"] == 1


def test_list_names_stories_and_plays_none(folder: Path) -> None:
    result = run(folder, "--list")
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "bad: Another day passes (ticket-status, safeguard 1)",
            "good: A day passes (ticket-status, safeguard 1)",
        ],
    )


def test_pick_plays_only_what_it_names(folder: Path) -> None:
    assert run(folder, "--pick", "good").output.endswith("1 passed, 0 failed\n")
    assert run(folder, "--pick", "g*", "--list").output.startswith("good:")


def test_a_name_that_picks_nothing_is_wrong_usage_and_not_a_pass(folder: Path) -> None:
    result = run(folder, "--pick", "god")
    assert (result.exit_code, result.output) == (2, "There is no scenario 'god'. Near: good.\n")


def test_a_bad_file_is_told_with_its_line_before_anything_is_played(folder: Path) -> None:
    (folder / "typo.yaml").write_text(GOOD.replace("health", "helth"))
    result = run(folder)
    assert result.exit_code == 2
    assert result.output.startswith(f"{folder}/typo.yaml:6: in 'expect', there is no 'helth'; expected one of health,")
    assert result.output.rstrip().endswith("Near: health.")
    assert "passed" not in result.output


def test_an_empty_run_is_a_failure(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 1
    assert result.output == f"Nothing was played: there is no scenario (*.yaml) in {tmp_path}.\n"


def test_a_missing_path_is_wrong_usage(folder: Path) -> None:
    result = run(folder / "goood.yaml")
    assert result.exit_code == 2
    assert "there is no such file or folder" in result.output


def test_no_path_at_all_is_wrong_usage() -> None:
    assert run().exit_code == 2


def test_a_report_that_cannot_be_written_is_told_before_playing(folder: Path) -> None:
    result = run(folder, "--junit", folder / "nowhere/report.xml")
    assert result.exit_code == 2
    assert result.output == f"The report {folder}/nowhere/report.xml cannot be written: No such file or directory.\n"
