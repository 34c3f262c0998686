"""WAS and CHANGED: what the changelog says a field was, when, and by whose hand.

The field's values are worked out backwards from the present ones. A value that has been renamed since is also found by
the name it had then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fake_jira.jql import lookups
from fake_jira.jql.functions import called
from fake_jira.jql.kinds import Asker, Field
from fake_jira.jql.moments import instant, is_day
from fake_jira.jql.tree import Call, Clause, Empty, Operand, Predicate, Word
from fake_jira.model.records import ChangeItem, Issue

Test = Callable[[Issue], bool]


@dataclass(frozen=True)
class Stay:
    """What the field held from `start` until `end`; `author` brought it about. `names`: what it was called then."""

    start: datetime
    end: datetime
    keys: frozenset[str]
    names: frozenset[str]
    author: str | None


@dataclass(frozen=True)
class Wanted:
    """The values of an operand: their keys, the words themselves, and whether emptiness is among them."""

    keys: frozenset[str]
    names: frozenset[str]
    empty: bool

    def holds(self, keys: frozenset[str], names: frozenset[str]) -> bool:
        return not self.keys.isdisjoint(keys) or not self.names.isdisjoint(names) or (self.empty and not keys)


def past_test(field: Field, clause: Clause, asker: Asker) -> Test:
    """Whether an issue's past is as the clause says."""
    when = [_time(predicate, asker) for predicate in clause.predicates if predicate.name not in ("FROM", "TO", "BY")]
    by = [_people(each, asker) for each in clause.predicates if each.name == "BY"]
    if clause.operator == "CHANGED":
        ends = {each.name: _wanted(field, each.operands, asker) for each in clause.predicates}
        return lambda issue: any(
            all(span(at, at) for span in when)
            and all(author in who for who in by)
            and ("FROM" not in ends or ends["FROM"].holds(*_end(item.old, item.old_string)))
            and ("TO" not in ends or ends["TO"].holds(*_end(item.new, item.new_string)))
            for at, author, item in _changes(field, issue)
        )
    wanted = _wanted(field, clause.operands, asker)

    def was(issue: Issue) -> bool:
        return any(
            wanted.holds(stay.keys, stay.names)
            and all(span(stay.start, stay.end) for span in when)
            and all(stay.author in who for who in by)
            for stay in _stays(field, issue, asker)
        )

    return (lambda issue: not was(issue)) if "NOT" in clause.operator else was


def _changes(field: Field, issue: Issue) -> list[tuple[datetime, str | None, ChangeItem]]:
    return [
        (change.created, change.author, item)
        for change in issue.history
        for item in change.items
        if item.field == field.past
    ]


def _end(key: str | None, name: str | None) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset((key,) if key else ()), frozenset((name.lower(),) if name else ())


def _stays(field: Field, issue: Issue, asker: Asker) -> list[Stay]:
    """The last first."""
    keys, names = frozenset(field.held(asker, issue)), frozenset[str]()
    end, found = asker.now, list[Stay]()
    for at, author, item in reversed(_changes(field, issue)):
        (old, old_name), (new, new_name) = _end(item.old, item.old_string), _end(item.new, item.new_string)
        found.append(Stay(at, end, keys, names | new_name if new <= keys else names, author))
        keys, names, end = (keys - new) | old, old_name, at
    return [*found, Stay(issue.created, end, keys, names, issue.creator)]


def _wanted(field: Field, operands: tuple[Operand, ...], asker: Asker) -> Wanted:
    keys: set[str] = set()
    names: set[str] = set()
    for operand in operands:
        if isinstance(operand, Word):
            keys |= field.meant(asker, operand.text)
            names.add(operand.text.lower())
        elif isinstance(operand, Call):
            keys |= called(operand, field.of, asker)
    return Wanted(frozenset(keys), frozenset(names), any(isinstance(each, Empty) for each in operands))


def _people(predicate: Predicate, asker: Asker) -> set[str | None]:
    who: set[str | None] = set()
    for operand in predicate.operands:
        if isinstance(operand, Word):
            who |= lookups.users(asker, operand.text)
        elif isinstance(operand, Call):
            who |= called(operand, "user", asker)
    return who


def _time(predicate: Predicate, asker: Asker) -> Callable[[datetime, datetime], bool]:
    """Whether the span from a start to an end touches the time that the predicate names."""
    moments = [instant(each, asker) for each in predicate.operands]
    first, last = moments[0], moments[-1]
    if first is None or last is None:
        return lambda *_: False
    if predicate.name == "AFTER":
        return lambda _, end: end > first
    if predicate.name == "BEFORE":
        return lambda start, _: start < first
    until = last + timedelta(days=1) if is_day(predicate.operands[-1]) or predicate.name == "ON" else last
    return lambda start, end: start < until and end >= first
