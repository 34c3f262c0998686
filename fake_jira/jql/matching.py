"""A clause -> whether an issue matches it. Values and functions are looked up once, before any issue is looked at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from fake_jira.errors import Invalid, NotImitated
from fake_jira.jql import text
from fake_jira.jql.dates import call_date, is_date_function, read_date
from fake_jira.jql.fields import ALIASES, DAYS, ELSEWHERE, INSTANTS, ISSUE, ISSUE_ID, READERS, Asker, Reader
from fake_jira.jql.tree import Call, Clause, Empty, Operand, Word
from fake_jira.model.records import Issue

Test = Callable[[Issue], bool]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_OTHER_FUNCTIONS = """
    approved approver breached cascadeoption childissuesof closedsprints completed componentsleadbyuser currentlogin
    earliestunreleasedversion elapsed everbreached futuresprints issuehistory issueswithremotelinksbyglobalid lastlogin
    latestreleasedversion linkedissue linkedissues membersof myapproval mypending opensprints organizationmembers
    parentepic paused pending pendingby projectsleadbyuser projectswhereuserhaspermission projectswhereuserhasrole
    releasedversions remaining running searchissues standardissuetypes subtaskissuetypes unreleasedversions updatedby
    votedissues watchedissues withincalendarhours workinghours"""
OTHER_FUNCTIONS = frozenset(_OTHER_FUNCTIONS.split())


def canonical(field: str) -> str:
    """The name that this room knows the field by."""
    lowered = field.lower()
    return ALIASES.get(lowered, lowered)


def test_of(clause: Clause, asker: Asker) -> Test:
    """The clause as a function of an issue. NotImitated for what Jira has and the fake does not."""
    field = canonical(clause.field)
    _refuse_unimitated(field, clause)
    if field == "resolution":
        clause = _with_unresolved(clause)
    if clause.operator in ("IS", "IS NOT") or all(isinstance(operand, Empty) for operand in clause.operands):
        return _emptiness(field, clause, asker)
    if field in READERS:
        return _valued(READERS[field], clause, asker)
    if field in INSTANTS:
        return _dated(INSTANTS[field], clause, asker, lambda instant: instant)
    if field in DAYS:
        return _dated(DAYS[field], clause, asker, lambda instant: instant.astimezone(asker.zone).date())
    if field in text.FIELDS or field == "text":
        return _worded(field, clause)
    return _never


def _never(_: Issue) -> bool:
    return False


def _refuse_unimitated(field: str, clause: Clause) -> None:
    if field in ELSEWHERE or field.startswith(("cf[", "issue.property", "project.property")):
        raise NotImitated(f"The JQL field '{clause.field}' is outside the subset of this fake, see LIMITS.md.")


def _with_unresolved(clause: Clause) -> Clause:
    """`Unresolved` is how Jira calls the empty resolution."""
    empty = Word("unresolved")
    named = (Word(each.text.lower()) if isinstance(each, Word) else each for each in clause.operands)
    return replace(clause, operands=tuple(Empty() if each == empty else each for each in named))


def _emptiness(field: str, clause: Clause, asker: Asker) -> Test:
    wants_empty = clause.operator in ("IS", "=", "IN")
    if clause.operator not in ("IS", "IS NOT", "=", "!=", "IN", "NOT IN"):
        return _never
    read: Callable[[Issue], Any]
    if field in READERS:
        held = READERS[field].held
        state = asker.state
        read = lambda issue: held(state, issue)  # noqa: E731  (four ways to read one thing, side by side)
    elif field in INSTANTS or field in DAYS:
        read = (INSTANTS | DAYS)[field]
    elif field in text.FIELDS:
        read = text.FIELDS[field]
    else:
        return _never
    return lambda issue: bool(read(issue)) is not wants_empty


def _valued(reader: Reader, clause: Clause, asker: Asker) -> Test:
    state, held = asker.state, reader.held
    if clause.operator in ORDERINGS:
        return _ranked(reader, clause, asker)
    if clause.operator not in ("=", "!=", "IN", "NOT IN"):
        return _never
    wanted = meant(reader, clause.operands, asker)
    with_empty = any(isinstance(operand, Empty) for operand in clause.operands)
    if clause.operator in ("=", "IN"):
        if reader in (ISSUE, ISSUE_ID):
            return lambda issue: issue.id in wanted
        return lambda issue: not wanted.isdisjoint(keys) if (keys := held(state, issue)) else with_empty
    return lambda issue: bool(keys := held(state, issue)) and wanted.isdisjoint(keys)


def meant(reader: Reader, operands: tuple[Operand, ...], asker: Asker) -> set[Any]:
    """The keys that the values of a clause stand for; what nobody knows adds none."""
    wanted: set[Any] = set()
    for operand in operands:
        if isinstance(operand, Call):
            wanted |= _called(operand, asker)
        elif isinstance(operand, Word):
            keys = reader.meant(asker.state, operand.text)
            if not keys and asker.strict and reader in (ISSUE, ISSUE_ID):
                raise Invalid(f"An issue with key '{operand.text}' does not exist for field 'key'.")
            wanted |= keys
    return wanted


def _called(call: Call, asker: Asker) -> set[Any]:
    if call.name.lower() == "currentuser":
        return {asker.user.account_id} if asker.user else set()
    refuse_function(call)
    return set()


def refuse_function(call: Call) -> None:
    """NotImitated for the functions that Jira has, Invalid for those that it has not."""
    if call.name.lower() in OTHER_FUNCTIONS:
        raise NotImitated(f"The JQL function {call.name}() is outside the subset of this fake, see LIMITS.md.")
    if not is_date_function(call.name) and call.name.lower() != "currentuser":
        raise Invalid(f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'.")


def _ranked(reader: Reader, clause: Clause, asker: Asker) -> Test:
    """< and >: by rank where the field has one, issues by the number within their project."""
    state, compare = asker.state, ORDERINGS[clause.operator]
    wanted = sorted(meant(reader, clause.operands, asker))
    if not wanted:
        return _never
    if reader is ISSUE_ID:
        bound = int(wanted[0])
        return lambda issue: compare(int(issue.id), bound)
    if reader is ISSUE:
        other = state.issues.get(wanted[0]) or state.trash[wanted[0]]
        prefix, number = ISSUE.sort(state, other)
        return lambda issue: (own := ISSUE.sort(state, issue))[0] == prefix and compare(own[1], number)
    rank, held = reader.rank, reader.held
    if rank is None:
        return _never
    edge = rank(state, wanted[0])
    return lambda issue: any(compare(rank(state, key), edge) for key in held(state, issue))


def _dated(
    read: Callable[[Issue], Any], clause: Clause, asker: Asker, cut: Callable[[datetime], datetime | date]
) -> Test:
    instants = [instant for operand in clause.operands if (instant := _instant(operand, asker)) is not None]
    if clause.operator in ORDERINGS:
        if not instants:
            return _never
        compare, edge = ORDERINGS[clause.operator], cut(instants[0])
        return lambda issue: (value := read(issue)) is not None and compare(value, edge)
    edges = {_minute(cut(instant)) for instant in instants}
    with_empty = any(isinstance(operand, Empty) for operand in clause.operands)
    if clause.operator in ("=", "IN"):
        return lambda issue: with_empty if (value := read(issue)) is None else _minute(value) in edges
    if clause.operator in ("!=", "NOT IN"):
        return lambda issue: (value := read(issue)) is not None and _minute(value) not in edges
    return _never


def _minute(value: datetime | date) -> datetime | date:
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def _instant(operand: Operand, asker: Asker) -> datetime | None:
    if isinstance(operand, Word):
        return read_date(operand.text, asker.now, asker.zone)
    if isinstance(operand, Call):
        if is_date_function(operand.name):
            return call_date(operand.name, operand.arguments, asker.now, asker.zone)
        refuse_function(operand)
    return None


def _worded(field: str, clause: Clause) -> Test:
    """~ and !~; a text has no other operators."""
    question = clause.operands[0]
    if clause.operator not in ("~", "!~") or not isinstance(question, Word):
        return _never
    asked, read = text.asked_in(question.text), text.FIELDS.get(field, text.everything)
    if clause.operator == "~":
        return lambda issue: asked(read(issue))
    return lambda issue: bool(found := read(issue)) and not asked(found)
