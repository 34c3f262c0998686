"""Cases, and how they are played.

A case is a name, a promise and a source; what it does is a function that asks an `Api` and says what it `expect`s. What
came of it is plain data, in which the secrets are masked and long texts are cut. Knows no endpoint in particular.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from contract.api import Answer, Api, Need, Unreachable, Violation, told

LONGEST = 300  # characters of an answer in a report


class Level(StrEnum):
    """How strong a promise is."""

    MUST = "MUST"  # a document says it
    SHOULD = "SHOULD"  # a document implies it, by a sample for instance
    OURS = "OURS"  # the documents are silent, and this is our reading


class Outcome(StrEnum):
    """What came of a case."""

    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"  # differs from a reading of ours, which nobody promised
    NOT_JUDGED = "not judged"  # this run was not given, or did not see, what the case is about
    ERROR = "error"  # the harness's own fault


class NotJudged(Exception):
    """The server was never in the situation that the case is about; the message says why."""


def expect(answer: Answer, *codes: int, **fields: object) -> None:
    """`answer` has one of `codes`, and its body is a JSON object with these values. Raises Violation."""
    wanted = " or ".join(map(str, codes)) + (f" with {told(fields)}" if fields else "")
    if answer.code not in codes:
        raise Violation(wanted, f"{answer.code} {told(answer.text)}", answer)
    if fields:
        body = answer.object()
        got = {name: body.get(name) for name in fields}
        if got != fields:
            raise Violation(wanted, f"{answer.code} with {told(got)}", answer)


@dataclass(frozen=True, slots=True)
class Case:
    """One promise: `source` is a short name of sources.md, `why` the sentence it follows from and what is done."""

    name: str
    level: Level
    promise: str
    source: str
    needs: tuple[Need, ...]
    why: str
    gate: bool  # when it fails, those that need a credential are not judged: they would all say the same
    play: Callable[[Api], None] = field(repr=False)


def case(
    name: str,
    *,
    promise: str,
    source: str,
    level: Level = Level.MUST,
    needs: Sequence[Need] = (Need.CREDENTIAL,),
    gate: bool = False,
) -> Callable[[Callable[[Api], None]], Case]:
    """Makes a function a case; its docstring is what `--explain` tells."""

    def made(play: Callable[[Api], None]) -> Case:
        why = " ".join((play.__doc__ or "").split())
        return Case(name, level, promise, source, tuple(needs), why, gate, play)

    return made


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case; all texts are masked.

    `expected` and `got` are empty where there was no difference, `curl` and `answered` where there was no answer.
    """

    case: Case
    outcome: Outcome
    reason: str = ""  # why it was not judged, is unsupported, or went wrong
    expected: str = ""
    got: str = ""
    curl: str = ""
    answered: str = ""  # when, and how fast


def play_all(cases: Iterable[Case], api: Api, ours: bool) -> Iterator[Result]:
    """Plays `cases` in their order, each when the result before it was taken. Raises Unreachable."""
    shut = ""
    for one in cases:
        if shut and Need.CREDENTIAL in one.needs:
            yield Result(one, Outcome.NOT_JUDGED, f"{shut} failed")
            continue
        result = play(one, api, ours)
        if one.gate and result.outcome is Outcome.FAILED:
            shut = one.name
        yield result


def play(one: Case, api: Api, ours: bool) -> Result:
    """Plays one case. With `ours`, our own readings count like a document's. Raises Unreachable."""

    def clean(text: str) -> str:
        masked = api.target.mask(text)
        return masked if len(masked) <= LONGEST else f"{masked[:LONGEST]} ..."

    missing = api.target.missing(one.needs)
    if missing is not None:
        return Result(one, Outcome.NOT_JUDGED, str(missing))
    try:
        one.play(api)
    except NotJudged as error:
        return Result(one, Outcome.NOT_JUDGED, clean(str(error)))
    except Violation as found:
        lenient = one.level is Level.OURS and not ours
        answer = found.answer
        return Result(
            one,
            Outcome.UNSUPPORTED if lenient else Outcome.FAILED,
            "our reading, which no document promises" if lenient else "",
            clean(found.expected),
            clean(found.got),
            api.target.mask(answer.curl) if answer else "",
            f"{answer.at:%Y-%m-%dT%H:%M:%SZ}, after {answer.seconds:.3f} s" if answer else "",
        )
    except Unreachable:
        raise
    except Exception as error:  # a case that breaks must not look like a server that does
        place = inspect.getinnerframes(error.__traceback__)[-1] if error.__traceback__ else None
        where = f" ({place.filename.rpartition('/')[2]}:{place.lineno})" if place else ""
        return Result(one, Outcome.ERROR, clean(f"{type(error).__name__}: {told(str(error))}{where}"))
    return Result(one, Outcome.PASSED)
