"""What came of a run: first the verdict, then what makes it weak, then the violations.

As text for a person, JUnit XML for a build server, JSON for a program. Everything in a `Result` is masked already;
nothing here sends or judges.
"""

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as Xml

from rich.console import Console
from rich.markup import escape

from contract.api import Need, Target
from contract.harness import Outcome, Result

CONFORMANT, VIOLATIONS, WRONG_USAGE, UNREACHABLE, OWN_FAULT = range(5)  # exit codes


@dataclass(frozen=True, slots=True)
class Run:
    """All that is told. `codes` and `statuses` count what was answered; `unreachable` says why the run ended early."""

    target: Target
    suite: str
    cases: int  # of the suite
    results: Sequence[Result]
    codes: Counter[int]
    statuses: Counter[str]
    unreachable: str = ""
    ours: bool = False

    def of(self, outcome: Outcome) -> list[Result]:
        """The results with this outcome."""
        return [result for result in self.results if result.outcome is outcome]

    @property
    def judged(self) -> int:
        """Cases that count for the verdict."""
        return len(self.of(Outcome.PASSED)) + len(self.of(Outcome.FAILED))

    @property
    def exit_code(self) -> int:
        """0 conformant, 1 violations or nothing judged, 3 unreachable, 4 the harness's own fault."""
        if self.unreachable:
            return UNREACHABLE
        if self.of(Outcome.ERROR):
            return OWN_FAULT
        return VIOLATIONS if self.of(Outcome.FAILED) or not self.judged else CONFORMANT

    @property
    def verdict(self) -> str:
        """The first words of every report."""
        failed = len(self.of(Outcome.FAILED))
        return {
            CONFORMANT: "CONFORMANT, but weakly" if any(weaknesses(self)) else "CONFORMANT",
            VIOLATIONS: f"{failed} {'VIOLATIONS' if failed > 1 else 'VIOLATION'}" if failed else "NOTHING WAS JUDGED",
            UNREACHABLE: "UNREACHABLE",
            OWN_FAULT: "NO VERDICT: contract-check itself failed",
        }[self.exit_code]


def weaknesses(run: Run) -> Iterator[str]:
    """What a pass does not say, one sentence each."""
    if not run.results:
        return
    if run.codes and not run.statuses:
        codes = ", ".join(f"{code} ({times} times)" for code, times in sorted(run.codes.items()))
        what = f"only {next(iter(run.codes))}s were seen" if len(run.codes) == 1 else f"the codes were {codes}"
        yield f"No status was ever answered: {what}. Check the credential, then the address."
    missing = Counter(one.reason for one in run.of(Outcome.NOT_JUDGED))
    for reason, left in missing.items():
        if reason in set(Need) or left > 1:
            yield f"{left} {'case was' if left == 1 else 'cases were'} not judged: {reason}."
    if run.target.name is None:
        yield "Nothing was compared with an integration that exists."
    if len(run.results) < run.cases and not run.unreachable:
        yield f"Only {len(run.results)} of the {run.cases} cases were played."


def tell(console: Console, run: Run) -> None:
    """The whole report."""
    colour = "bold green" if run.exit_code == CONFORMANT else "bold red"
    console.print(f"[{colour}]{escape(run.verdict)}[/]  {escape(run.target.url)} by the suite {run.suite}")
    counts = [f"{len(run.of(outcome))} {outcome}" for outcome in Outcome if run.of(outcome)]
    if counts:
        console.print(f"{', '.join(counts)}, of {run.cases} cases")
    if run.unreachable:
        console.print(escape(run.target.mask(run.unreachable)))
    for sentence in weaknesses(run):
        console.print(f"[yellow]weak[/]  {escape(sentence)}")
    if run.statuses:
        console.print(f"Seen: {', '.join(f'{word} ({times})' for word, times in sorted(run.statuses.items()))}")
    counted = Counter(result.reason for result in run.of(Outcome.NOT_JUDGED))
    for result in run.of(Outcome.NOT_JUDGED):
        if result.reason not in set(Need) and counted[result.reason] == 1:
            console.print(f"[dim]not judged[/]   {escape(f'{result.case.name}: {result.reason}')}")
    for result in run.of(Outcome.UNSUPPORTED):
        console.print(f"[dim]unsupported[/]  {escape(result.case.name)}: {escape(result.case.promise)}")
        console.print(f"             {escape(f'got {result.got}'[:200])}")
    for result in run.of(Outcome.ERROR):
        console.print(f"[bold red]error[/]  {escape(f'{result.case.name}: {result.reason}')}")
    for result in run.of(Outcome.FAILED):
        console.print()
        console.print(f"[bold red]{result.case.level}[/] [bold]{escape(result.case.name)}[/]")
        for line in violation_lines(run, result):
            console.print(f"  {escape(line)}")


def violation_lines(run: Run, result: Result) -> list[str]:
    """A violation in a few plain lines, each bounded."""
    lines = [
        f"promise   {result.case.promise}",
        f"source    {result.case.source}",
        f"expected  {result.expected}",
        f"got       {result.got}",
    ]
    if result.answered:
        lines.append(f"at        {result.answered}")
    if result.curl:
        lines.append(f"request   {result.curl}")
    return [*lines, f"again     {again(run, result)}"]


def again(run: Run, result: Result) -> str:
    """The command that plays this case again; secrets stand in variables."""
    target = run.target
    words = ["contract-check", shlex.quote(target.url), "--suite", run.suite, "--pick", result.case.name]
    if target.token is not None:
        words.append('--token "$CONTRACT_CHECK_TOKEN"')
    if target.user is not None:
        words.append('--user "$CONTRACT_CHECK_USER"')
    if target.viewer_token is not None:
        words.append('--viewer-token "$CONTRACT_CHECK_VIEWER_TOKEN"')
    if target.name is not None:
        words += ["--name", shlex.quote(target.name)]
    if run.ours:
        words.append("--ours")
    return target.mask(" ".join(words))


def as_json(run: Run) -> str:
    """{"verdict", "exit_code", "url", "suite", "unreachable", "counts", "weaknesses", "codes", "statuses", "cases"}.

    A case has "name", "level", "promise", "source", "outcome", "reason", "expected", "got", "answered", "request" and
    "again"; texts that there are not are null.
    """
    report: dict[str, Any] = {
        "verdict": run.verdict,
        "exit_code": run.exit_code,
        "url": run.target.url,
        "suite": run.suite,
        "unreachable": run.target.mask(run.unreachable) or None,
        "counts": {outcome.value: len(run.of(outcome)) for outcome in Outcome},
        "weaknesses": list(weaknesses(run)),
        "codes": {str(code): times for code, times in sorted(run.codes.items())},
        "statuses": dict(sorted(run.statuses.items())),
        "cases": [
            {
                "name": result.case.name,
                "level": result.case.level.value,
                "promise": result.case.promise,
                "source": result.case.source,
                "outcome": result.outcome.value,
                "reason": result.reason or None,
                "expected": result.expected or None,
                "got": result.got or None,
                "answered": result.answered or None,
                "request": result.curl or None,
                "again": again(run, result),
            }
            for result in run.results
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def as_junit(run: Run) -> str:
    """JUnit XML as build servers read it; what was not judged or is unsupported counts as skipped."""
    unreachable = int(bool(run.unreachable))
    nothing = int(run.exit_code == VIOLATIONS and not run.judged)
    suite = Xml.Element(
        "testsuite",
        name=run.suite,
        tests=str(len(run.results) + unreachable + nothing),
        failures=str(len(run.of(Outcome.FAILED)) + nothing),
        errors=str(len(run.of(Outcome.ERROR)) + unreachable),
        skipped=str(len(run.of(Outcome.NOT_JUDGED)) + len(run.of(Outcome.UNSUPPORTED))),
    )
    noted = Xml.SubElement(suite, "properties")
    for name, value in (("url", run.target.url), ("verdict", run.verdict), *(("weak", one) for one in weaknesses(run))):
        Xml.SubElement(noted, "property", name=name, value=_printable(value))
    for result in run.results:
        _junit_case(run, suite, result)
    if unreachable:
        case = Xml.SubElement(suite, "testcase", classname=run.suite, name="reachable")
        Xml.SubElement(case, "error", message=_printable(run.target.mask(run.unreachable)))
    if nothing:
        case = Xml.SubElement(suite, "testcase", classname=run.suite, name="something-was-judged")
        Xml.SubElement(case, "failure", message=run.verdict)
    suites = Xml.Element("testsuites")
    suites.append(suite)
    Xml.indent(suites)
    return Xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _junit_case(run: Run, suite: Xml.Element, result: Result) -> None:
    case = Xml.SubElement(suite, "testcase", classname=run.suite, name=result.case.name)
    properties = Xml.SubElement(case, "properties")
    for name in ("level", "promise", "source"):
        Xml.SubElement(properties, "property", name=name, value=_printable(str(getattr(result.case, name))))
    if result.outcome is Outcome.FAILED:
        message = _printable(f"expected {result.expected}, got {result.got}")
        Xml.SubElement(case, "failure", message=message).text = _printable("\n".join(violation_lines(run, result)))
    elif result.outcome is Outcome.ERROR:
        Xml.SubElement(case, "error", message=_printable(result.reason))
    elif result.outcome is not Outcome.PASSED:
        got = f": got {result.got}" if result.got else ""
        Xml.SubElement(case, "skipped", message=_printable(f"{result.outcome}: {result.reason}{got}"))


def _printable(text: str) -> str:
    """XML knows no control characters."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
