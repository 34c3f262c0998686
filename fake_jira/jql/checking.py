"""What is wrong with a query that can be read: fields, values and operators that do not fit [jira 2.6].

Data Center's search refuses a query for any of it, each mistake with a sentence of its own; Cloud's tells it only to
those who ask `jql/parse`.
"""

import re
from collections.abc import Callable, Iterator

from fake_jira.errors import Invalid
from fake_jira.jql.fields import ISSUES
from fake_jira.jql.functions import groups_named, known
from fake_jira.jql.kinds import ORDERED, Asker, Field
from fake_jira.jql.matching import field_named, number
from fake_jira.jql.moments import instant, seconds
from fake_jira.jql.saved import filters_named, unfolded
from fake_jira.jql.tree import Call, Clause, Operand, Query, Word, clauses_of, without_not

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]+")
_DATE_HELP = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format "
    "e.g. '-5d', '4w 2d'."
)
FREE = {"label", "link type", "text"}  # whatever is written may be meant


def complaints(query: Query, asker: Asker) -> list[str]:
    """All that is wrong, in the order of the query, each sentence once."""
    found: list[str] = []
    blind = asker.user is None and not any(
        asker.state.may(None, "BROWSE_PROJECTS", project_id) for project_id in asker.state.projects
    )
    for clause in clauses_of(query.where):
        found += _of_clause(clause, asker, blind=blind)
    for sort in query.order:
        field = field_named(asker, sort.field)
        if field is None or field.sort is None:
            found.append(f"Not able to sort using field '{sort.field}'.")
    if query.where is not None:
        try:
            unfolded(without_not(query.where), asker)
        except Invalid as error:
            found += error.messages
    return list(dict.fromkeys(found))


def _of_clause(clause: Clause, asker: Asker, *, blind: bool) -> Iterator[str]:
    """`blind`: an anonymous caller who sees no project, and whom values are not told about."""
    field = field_named(asker, clause.field)
    if field is None or (blind and field.hideable):
        if asker.user is None:
            yield f"Field '{clause.field}' does not exist or this field cannot be viewed by anonymous users."
        else:
            yield f"Field '{clause.field}' does not exist or you do not have permission to view it."
        return
    if clause.operator not in field.operators:
        if clause.operator.startswith(("WAS", "CHANGED")):
            yield f"History searches do not support the '{clause.field}' field."
        else:
            yield f"The operator '{clause.operator.lower()}' is not supported by the '{clause.field}' field."
        return
    if blind:
        return
    for operand in clause.operands:
        if isinstance(operand, Call):
            yield from _of_call(operand, clause, field, asker)
        elif isinstance(operand, Word):
            yield from _of_word(operand.text, clause, field, asker)
    for predicate in clause.predicates:
        if predicate.name not in ("FROM", "TO", "BY"):
            yield from _of_moments(predicate.operands, predicate.name.lower(), asker)


def _of_call(call: Call, clause: Clause, field: Field, asker: Asker) -> Iterator[str]:
    try:
        function = known(call)
    except Invalid as error:
        yield from error.messages
        return
    if (function.of if function else "date") != field.of:
        yield f"A value provided by the function '{call.name}' is invalid for the field '{clause.field}'."
    elif function and function.name == "membersOf" and not groups_named(asker, call.arguments[0]):
        yield (
            f"Function 'membersOf' can not generate a list of usernames for group '{call.arguments[0]}'; "
            "the group does not exist."
        )
    elif function is None:
        yield from _of_moments((call,), clause.field, asker)


def _of_moments(operands: tuple[Operand, ...], where: str, asker: Asker) -> Iterator[str]:
    for operand in operands:
        try:
            if instant(operand, asker) is None and isinstance(operand, Word):
                yield f"Date value '{operand.text}' for field '{where}' is invalid. {_DATE_HELP}"
        except Invalid as error:
            yield from error.messages


def _of_word(text: str, clause: Clause, field: Field, asker: Asker) -> Iterator[str]:
    if field in ISSUES:
        yield from _of_key(text, clause, asker)
    elif field.kind in ("instant", "day"):
        yield from _of_moments((Word(text),), clause.field, asker)
    elif field.kind in ("number", "duration"):
        read: Callable[[str], float | None] = seconds if field.kind == "duration" else number
        if read(text) is None:
            yield f"The value '{text}' for the field '{clause.field}' is not a {field.kind}."
    elif field.kind == "text":
        if text.strip()[:1] in ("*", "?"):
            yield (
                f"The text query '{text}' for field '{clause.field}' is not allowed to start with character "
                f"'{text.strip()[0]}'."
            )
    elif field.of not in FREE and not _is_known(text, field, asker):
        yield f"The value '{text}' does not exist for the field '{clause.field}'."


def _is_known(text: str, field: Field, asker: Asker) -> bool:
    if field.kind == "filter":
        return bool(filters_named(asker, text))
    if field.name == "resolution" and text.lower() == "unresolved":
        return True
    keys = field.meant(asker, text)
    if field.of == "project":
        return any(asker.state.may(asker.user, "BROWSE_PROJECTS", key) for key in keys)
    return bool(keys)


def _of_key(text: str, clause: Clause, asker: Asker) -> Iterator[str]:
    """One that is missing, deleted or hidden fails the query; an old key may be named but not be measured by."""
    issue = asker.state.issue(text)
    if text.isdecimal():
        if issue is None or not asker.state.sees(asker.user, issue):
            yield f"A value with ID '{text}' does not exist for the field '{clause.field}'."
    elif not _KEY.fullmatch(text):
        yield f"The issue key '{text}' for field '{clause.field}' is invalid."
    elif issue is None or not asker.state.sees(asker.user, issue):
        yield f"An issue with key '{text}' does not exist for field '{clause.field}'."
    elif clause.operator in ORDERED and issue.key != text.upper():
        yield f"Operator '{clause.operator}' cannot be applied to moved issue key '{text}'."
