"""A report says where a story failed, what was expected and seen, and at which hour; and it never differs by itself."""

import io
import json
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from rich.console import Console

from scenarios import loading, report
from scenarios.expectations import Difference
from scenarios.loading import Step, Story
from scenarios.runner import Failure, Result

(BARE,) = loading.read("title: t\nsource: s\ngiven: {at: 2026-03-01T00:00:00Z}\nsteps: [restart: service]\n", "a.yaml")
STORY = Story(
    name="an-outage",
    title="Unknown & <nothing> else",
    source="ticket-status, safeguard 3",
    path="library/an-outage.yaml",
    given=BARE.given,
    steps=(Step(1, 7, "jira", {"fault": "outage"}, ""), Step(2, 9, "expect", {"tickets": "Unknown"}, "nine hours on")),
)
FAILURE = Failure(
    STORY.steps[1], datetime(2026, 3, 1, 9, 0, 5, tzinfo=UTC), "", (Difference("SEC-1: status", "Unknown", "Done"),)
)
PASSED, FAILED = Result(STORY, None), Result(STORY, FAILURE)


def test_a_failure_says_the_line_the_hour_what_was_expected_and_what_was_seen() -> None:
    assert report.failure_lines(FAILED) == [
        "library/an-outage.yaml:9, step 2 (expect), at 2026-03-01T09:00:05Z (9 h 5 s into the story)",
        "note: nine hours on",
        "SEC-1: status:",
        "  expected Unknown",
        "  seen     Done",
        "source: ticket-status, safeguard 3",
        "again:  replay library/an-outage.yaml --pick an-outage",
    ]


def test_a_story_whose_world_could_not_be_made_failed_at_its_beginning() -> None:
    result = Result(STORY, Failure(None, STORY.given.at, "the service does not answer"))
    assert report.failure_lines(result)[:2] == [
        "library/an-outage.yaml, given, at 2026-03-01T00:00:00Z (0 s into the story)",
        "the service does not answer",
    ]


def test_the_text_names_every_story_and_ends_with_the_sum() -> None:
    console = Console(file=io.StringIO(), width=200, soft_wrap=True)
    for result in (PASSED, FAILED):
        report.tell(console, result)
    report.tell_sum(console, [PASSED, FAILED])
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "passed  an-outage: Unknown & <nothing> else"
    assert lines[1] == "FAILED  an-outage: Unknown & <nothing> else"
    assert lines[-1] == "1 passed, 1 failed"


def test_junit_has_a_case_for_each_story_and_the_failure_in_full() -> None:
    suite = Xml.fromstring(report.as_junit([PASSED, FAILED]))[0]  # noqa: S314 - our own
    assert suite.attrib == {"name": "scenarios", "tests": "2", "failures": "1", "errors": "0"}
    passed, failed = suite
    assert passed.find("failure") is None
    assert failed.attrib == {"classname": "library/an-outage.yaml", "name": "an-outage"}
    told = failed.find("failure")
    assert told is not None
    assert told.attrib["message"] == "SEC-1: status: expected Unknown, seen Done"
    assert "step 2 (expect)" in str(told.text)


def test_what_xml_cannot_hold_is_replaced() -> None:
    failure = Failure(None, STORY.given.at, "a\x00b")
    assert "a?b" in report.as_junit([Result(STORY, failure)])


def test_json_holds_the_same() -> None:
    told = json.loads(report.as_json([PASSED, FAILED]))
    assert (told["passed"], told["failed"]) == (1, 1)
    assert told["scenarios"][0]["failure"] is None
    assert told["scenarios"][1]["failure"] == {
        "step": 2,
        "line": 9,
        "at": "2026-03-01T09:00:05Z",
        "sentence": None,
        "differences": [{"what": "SEC-1: status", "expected": "Unknown", "seen": "Done"}],
    }
