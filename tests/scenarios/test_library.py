"""Every story of the library is kept, and keeping it means something: break a rule and a story says so."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios import loading, report
from scenarios.loading import Story
from scenarios.runner import play_all

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "scenarios/library"
STORIES = loading.load(sorted(LIBRARY.glob("*.yaml")))  # those of every authentication are played beside their table


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_the_story_is_kept(story: Story) -> None:
    (result,) = play_all([story])
    assert result.passed, "\n".join(report.failure_lines(result))


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("*.yaml")), ids=lambda file: file.stem)
def test_an_editor_finds_the_shape_of_the_story(file: Path) -> None:
    up = "../" * len(file.relative_to(LIBRARY).parts)
    assert file.read_text().startswith(f"# yaml-language-server: $schema={up}schema.json\n")


def test_the_library_tells_the_stories_that_were_promised() -> None:
    assert {story.name.partition("/")[0] for story in STORIES} >= {
        "eight-hours",
        "catching-up-once",
        "one-year-edge",
        "leap-day",
        "deletion-shows-unknown",
        "deletion-is-for-ever",
        "deletion-needs-proof",
        "outage-and-recovery",
        "expired-token",
        "lost-permission",
        "toggle",
        "refresh-past-the-index",
        "moved-issue",
        "rate-limiting",
        "login-page",
        "restart-goes-on",
        "short-trouble",
        "old-ticket-in-a-break",
        "removed-integration",
        "ticket-status-arrives",
        "upgrade-defaults",
        "killed-in-a-run",
        "killed-while-creating",
        "killed-while-renewing",
        "cancelled-run",
    }


MUTATIONS = {
    "a cutoff of two years": (
        "service/rules/age.py",
        {"LAST_YEAR = relativedelta(years=1)": "LAST_YEAR = relativedelta(years=2)"},
        "one-year-edge/a-second-older-than-a-year",
        ["SEC-1: status:", "expected In Progress", "seen     Done"],
    ),
    "nine hours instead of eight": (
        "service/rules/schedule.py",
        {"RETRIEVAL_PERIOD = timedelta(hours=8)": "RETRIEVAL_PERIOD = timedelta(hours=9)"},
        "eight-hours",
        ["at 2026-03-01T08:00:00Z (8 h into the story)", "expected Done", "seen     In Progress"],
    ),
    "a 404 alone is trusted": (
        "service/retrieval/confirm.py",
        {
            "before = prove(jira, projects)": "before = Finding(Outcome.OK)",
            "after = prove(jira, projects)": "after = Finding(Outcome.OK)",
        },
        "lost-permission",
        ["expected FAULTY_CONFIGURATION", "seen     HEALTHY_INTEGRATION", "expected broken", "seen     deleted"],
    ),
    "a 404 is not proven afterwards": (
        "service/retrieval/confirm.py",
        {"after = prove(jira, projects)": "after = Finding(Outcome.OK)"},
        "deletion-needs-proof",
        ["SEC-1: status:", "expected In Progress", "seen     Unknown"],
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_makes_a_story_fail_and_say_what_it_saw(name: str, tmp_path: Path) -> None:
    file, changes, story, said = MUTATIONS[name]
    for package in ("service", "fake_jira", "scenarios"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    text = (tmp_path / file).read_text()
    for right, wrong in changes.items():
        assert right in text, f"{file} reads differently now; give this test the line that breaks the rule"
        text = text.replace(right, wrong)
    (tmp_path / file).write_text(text)
    command = [sys.executable, "-m", "scenarios", "scenarios/library", "--pick", story]
    played = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert played.returncode == 1, played.stdout + played.stderr
    assert f"FAILED  {story}" in played.stdout
    for words in said:
        assert words in played.stdout
