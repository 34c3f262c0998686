"""What came of the stories: as text for a person, as JUnit XML for a build server, as JSON for a program.

Holds nothing of the real clock, so two runs of the same stories give the same report. Each failure says the step, its
line in the file, the hour on the story's clock, and what was expected and seen.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

from rich.console import Console
from rich.markup import escape

from scenarios.loading import Step
from scenarios.runner import Failure, Result


def tell(console: Console, result: Result) -> None:
    """One result: a line if it passed, a paragraph if it did not."""
    story = result.story
    if result.failure is None:
        console.print(f"[green]passed[/]  {escape(story.name)}: {escape(story.title)}")
        return
    console.print(f"[bold red]FAILED[/]  [bold]{escape(story.name)}[/]: {escape(story.title)}")
    for line in failure_lines(result):
        console.print(f"        {escape(line)}")


def tell_sum(console: Console, results: Sequence[Result]) -> None:
    """The last line: how many passed and how many failed."""
    failed = sum(not result.passed for result in results)
    colour = "bold red" if failed else "bold green"
    console.print(f"[{colour}]{len(results) - failed} passed, {failed} failed[/]")


def failure_lines(result: Result) -> list[str]:
    """The failure of `result` in plain lines."""
    failure, story = result.failure, result.story
    if failure is None:
        return []
    place = f"{story.path}:{failure.step.line}, step {_step(failure.step)}" if failure.step else f"{story.path}, given"
    lines = [f"{place}, at {_hour(failure, story.given.at)}"]
    if failure.step and failure.step.note:
        lines.append(f"note: {failure.step.note}")
    if failure.sentence:
        lines.append(failure.sentence)
    for difference in failure.differences:
        lines += [f"{difference.what}:", f"  expected {difference.expected}", f"  seen     {difference.seen}"]
    return [*lines, f"source: {story.source}", f"again:  replay {story.path} --pick {story.name}"]


def as_json(results: Sequence[Result]) -> str:
    """{"passed", "failed", "scenarios": [{"name", "title", "source", "path", "passed", "failure"}]}, indented."""
    rows = [
        {
            "name": result.story.name,
            "title": result.story.title,
            "source": result.story.source,
            "path": result.story.path,
            "passed": result.passed,
            "failure": _failure_as_json(result.failure),
        }
        for result in results
    ]
    failed = sum(not result.passed for result in results)
    report = {"passed": len(results) - failed, "failed": failed, "scenarios": rows}
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def as_junit(results: Sequence[Result]) -> str:
    """JUnit XML as build servers read it: one test case for each story, its file as the class."""
    failed = sum(not result.passed for result in results)
    suite = Xml.Element("testsuite", name="scenarios", tests=str(len(results)), failures=str(failed), errors="0")
    for result in results:
        story = result.story
        case = Xml.SubElement(suite, "testcase", classname=_printable(story.path), name=_printable(story.name))
        properties = Xml.SubElement(case, "properties")
        for name, value in (("title", story.title), ("source", story.source)):
            Xml.SubElement(properties, "property", name=name, value=_printable(value))
        if result.failure is not None:
            lines = failure_lines(result)
            told = Xml.SubElement(case, "failure", message=_printable(_headline(result.failure)))
            told.text = _printable("\n".join(lines))
    suites = Xml.Element("testsuites")
    suites.append(suite)
    Xml.indent(suites)
    return Xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _headline(failure: Failure) -> str:
    if failure.differences:
        first = failure.differences[0]
        return f"{first.what}: expected {first.expected}, seen {first.seen}"
    return failure.sentence


def _failure_as_json(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "step": failure.step.number if failure.step else None,
        "line": failure.step.line if failure.step else None,
        "at": _stamp(failure.at),
        "sentence": failure.sentence or None,
        "differences": [
            {"what": difference.what, "expected": difference.expected, "seen": difference.seen}
            for difference in failure.differences
        ],
    }


def _step(step: Step) -> str:
    return f"{step.number} ({step.kind})"


def _hour(failure: Failure, began: datetime) -> str:
    return f"{_stamp(failure.at)} ({_long(failure.at - began)} into the story)"


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _long(span: timedelta) -> str:
    """3 days 8 h, 5 min, 0 s."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "days" if days > 1 else "day"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def _printable(text: str) -> str:
    """XML knows no control characters."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
