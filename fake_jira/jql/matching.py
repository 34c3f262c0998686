"""A clause -> whether an issue matches it. Values and functions are looked up once, before any issue is looked at.

What a clause gets wrong (an unknown field or value, an operator that the field has not) finds nothing here, as on
Cloud [jira 2.5]; `checking.py` is what complains.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from fake_jira.errors import NotImitated
from fake_jira.jql import text
from fake_jira.jql.custom import custom_field, property_field
from fake_jira.jql.fields import ELSEWHERE, ISSUE_ID, ISSUES, NAMED, canonical
from fake_jira.jql.functions import called
from fake_jira.jql.kinds import Asker, Field
from fake_jira.jql.moments import instant, seconds
from fake_jira.jql.past import past_test
from fake_jira.jql.tree import Call, Clause, Empty, Operand, Word
from fake_jira.model.index import key_parts
from fake_jira.model.records import Issue

Test = Callable[[Issue], bool]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
POSITIVE = ("=", "IN", "IS")


def field_named(asker: Asker, name: str) -> Field | None:
    """The field; None if nobody knows it. NotImitated for what Jira has and the fake does not."""
    wanted = canonical(name)
    field = NAMED.get(wanted) or custom_field(asker.state, name) or property_field(name)
    if field is None and (wanted in ELSEWHERE or wanted.startswith("project.property")):
        raise NotImitated(f"The JQL field '{name}' is outside the subset of this fake, see LIMITS.md.")
    return field


def never(_: Issue) -> bool:
    return False


def test_of(clause: Clause, asker: Asker) -> Test:
    """The clause as a function of an issue."""
    field = field_named(asker, clause.field)
    if field is None or clause.operator not in field.operators:
        return never
    if field.name == "resolution":
        clause = _with_unresolved(clause)
    if clause.operator.startswith(("WAS", "CHANGED")):
        return past_test(field, clause, asker)
    if all(isinstance(operand, Empty) for operand in clause.operands):
        return _emptiness(field, clause, asker)
    return _TESTS[field.kind](field, clause, asker)


def _with_unresolved(clause: Clause) -> Clause:
    """`Unresolved` is how Jira calls the empty resolution."""
    empty = Word("unresolved")
    named = (Word(each.text.lower(), each.span) if isinstance(each, Word) else each for each in clause.operands)
    return replace(clause, operands=tuple(Empty() if each == empty else each for each in named))


def _emptiness(field: Field, clause: Clause, asker: Asker) -> Test:
    wants_empty, held = clause.operator in POSITIVE, field.held
    if clause.operator not in ("IS", "IS NOT", "=", "!=", "IN", "NOT IN"):
        return never
    return lambda issue: bool(held(asker, issue)) is not wants_empty


def _keyed(field: Field, clause: Clause, asker: Asker) -> Test:
    held = field.held
    if clause.operator in ORDERINGS:
        return _ranked(field, clause, asker)
    wanted = meant(field, clause.operands, asker)
    with_empty = any(isinstance(operand, Empty) for operand in clause.operands)
    if clause.operator in POSITIVE:
        if field in ISSUES:
            return lambda issue: issue.id in wanted
        return lambda issue: not wanted.isdisjoint(keys) if (keys := held(asker, issue)) else with_empty
    return lambda issue: bool(keys := held(asker, issue)) and wanted.isdisjoint(keys)


def meant(field: Field, operands: tuple[Operand, ...], asker: Asker) -> set[Any]:
    """The keys that the values of a clause stand for; what nobody knows adds none."""
    wanted: set[Any] = set()
    for operand in operands:
        if isinstance(operand, Call):
            wanted |= called(operand, field.of, asker)
        elif isinstance(operand, Word):
            wanted |= field.meant(asker, operand.text)
    return wanted


def _ranked(field: Field, clause: Clause, asker: Asker) -> Test:
    """< and >: by rank where the field has one, issues by the number within their project."""
    state, compare = asker.state, ORDERINGS[clause.operator]
    wanted = sorted(meant(field, clause.operands, asker))
    if not wanted:
        return never
    if field is ISSUE_ID:
        bound = int(wanted[0])
        return lambda issue: compare(int(issue.id), bound)
    if field in ISSUES:
        prefix, number = key_parts(state.issues.get(wanted[0]) or state.trash[wanted[0]])
        return lambda issue: (own := key_parts(issue))[0] == prefix and compare(own[1], number)
    rank, held = field.rank, field.held
    if rank is None:
        return never
    edge = rank(asker, wanted[0])
    return lambda issue: any(compare(rank(asker, key), edge) for key in held(asker, issue))


def _valued(field: Field, clause: Clause, values: list[Any], asker: Asker, same: Callable[[Any], Any]) -> Test:
    """What is compared as it stands: instants, days, numbers. An issue may hold several, and one of them is enough."""
    held = field.held
    if clause.operator in ORDERINGS:
        if not values:
            return never
        compare, edge = ORDERINGS[clause.operator], values[0]
        return lambda issue: any(compare(value, edge) for value in held(asker, issue))
    wanted = {same(value) for value in values}
    with_empty = any(isinstance(operand, Empty) for operand in clause.operands)
    if clause.operator in POSITIVE:
        return lambda issue: any(same(value) in wanted for value in own) if (own := held(asker, issue)) else with_empty
    return lambda issue: bool(own := held(asker, issue)) and not any(same(value) in wanted for value in own)


def _timed(field: Field, clause: Clause, asker: Asker) -> Test:
    instants = [found for operand in clause.operands if (found := instant(operand, asker)) is not None]
    return _valued(field, clause, instants, asker, _minute)


def _minute(value: datetime) -> datetime:
    return value.replace(second=0, microsecond=0)


def _dayed(field: Field, clause: Clause, asker: Asker) -> Test:
    instants = [found for operand in clause.operands if (found := instant(operand, asker)) is not None]
    days: list[date] = [each.astimezone(asker.zone).date() for each in instants]
    return _valued(field, clause, days, asker, _itself)


def _itself(value: Any) -> Any:
    return value


def number(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None


def _numbered(field: Field, clause: Clause, asker: Asker) -> Test:
    read = seconds if field.kind == "duration" else number
    words = (operand.text for operand in clause.operands if isinstance(operand, Word))
    return _valued(field, clause, [value for each in words if (value := read(each)) is not None], asker, _itself)


def _exact(field: Field, clause: Clause, asker: Asker) -> Test:
    words = [operand.text.lower() for operand in clause.operands if isinstance(operand, Word)]
    return _valued(field, clause, words, asker, str.lower)


def _worded(field: Field, clause: Clause, asker: Asker) -> Test:
    """~ and !~; a text has no other operators."""
    question, held = clause.operands[0], field.held
    if not isinstance(question, Word):
        return never
    asked = text.asked_in(question.text)
    if clause.operator == "~":
        return lambda issue: asked("\n".join(held(asker, issue)))
    return lambda issue: bool(found := held(asker, issue)) and not asked("\n".join(found))


def _of_property(field: Field, clause: Clause, asker: Asker) -> Test:
    """By the kind of the value that the property has: numbers as numbers, all else as words."""
    if clause.operator in ("~", "!~"):
        held = field.held
        return _worded(replace(field, held=lambda who, issue: tuple(map(_word, held(who, issue)))), clause, asker)
    words = [_plain(operand.text) for operand in clause.operands if isinstance(operand, Word)]
    if clause.operator in ORDERINGS:
        held, compare, bound = field.held, ORDERINGS[clause.operator], next(iter(words), None)
        if not isinstance(bound, float):
            return never
        return lambda issue: any(
            isinstance(plain := _plain(value), float) and compare(plain, bound) for value in held(asker, issue)
        )
    return _valued(field, clause, words, asker, _plain)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> float | str:
    word = _word(value).lower()
    as_number = number(word)
    return word if as_number is None else as_number


_TESTS: dict[str, Callable[[Field, Clause, Asker], Test]] = {
    "keys": _keyed,
    "instant": _timed,
    "day": _dayed,
    "number": _numbered,
    "duration": _numbered,
    "text": _worded,
    "exact": _exact,
    "property": _of_property,
    "filter": lambda *_: never,  # a filter that is there has been put in its clause's place by now
}
