"""A query as the structure that `jql/parse` answers with, and a query's text with some of its values replaced."""

import re
from collections.abc import Mapping
from typing import Any

from fake_jira.jql.parser import RESERVED
from fake_jira.jql.tokens import RESERVED_CHARACTERS
from fake_jira.jql.tree import And, Call, Clause, Empty, Not, Operand, Predicate, Query, Tree, Word

Json = dict[str, Any]
_PLAIN = re.compile(r"[^\s=!<>~&|(),\"']+")
_PROPERTY = re.compile(r"(\w+)\.property\[([^\]]+)\](?:\.(.+))?", re.IGNORECASE)


def structure(query: Query) -> Json:
    """Where it is bounded and how it is ordered; absent what the query has not."""
    found: Json = {}
    if query.where is not None:
        found["where"] = _tree(query.where)
    if query.order:
        found["orderBy"] = {
            "fields": [
                {"field": _field(each.field)} | ({"direction": _direction(each.descending)} if each.said else {})
                for each in query.order
            ]
        }
    return found


def _direction(descending: object) -> str:
    return "desc" if descending else "asc"


def _tree(tree: Tree) -> Json:
    if isinstance(tree, Clause):
        return _clause(tree)
    if isinstance(tree, Not):
        return {"operator": "not", "clauses": [_tree(tree.part)]}
    return {"operator": "and" if isinstance(tree, And) else "or", "clauses": [_tree(part) for part in tree.parts]}


def _clause(clause: Clause) -> Json:
    shown: Json = {"field": _field(clause.field), "operator": clause.operator.lower()}
    if clause.operator != "CHANGED":
        shown["operand"] = _operands(clause.operands, listed=clause.listed)
    if clause.operator.startswith(("WAS", "CHANGED")):
        shown["predicates"] = [_predicate(each) for each in clause.predicates]
    return shown


def _predicate(each: Predicate) -> Json:
    return {"operator": each.name.lower(), "operand": _operands(each.operands, listed=len(each.operands) > 1)}


def _operands(operands: tuple[Operand, ...], *, listed: bool) -> Json:
    if not listed:
        return _operand(operands[0])
    encoded = ", ".join(_encoded_operand(each) for each in operands)
    return {"values": [_operand(each) for each in operands], "encodedOperand": f"({encoded})"}


def _operand(operand: Operand) -> Json:
    if isinstance(operand, Word):
        return {"value": operand.text, "encodedValue": encoded(operand.text)}
    if isinstance(operand, Call):
        shown = {"function": operand.name, "arguments": list(operand.arguments)}
        return shown | {"encodedOperand": _encoded_operand(operand)}
    return {"keyword": "empty"}


def _encoded_operand(operand: Operand) -> str:
    if isinstance(operand, Empty):
        return "empty"
    if isinstance(operand, Word):
        return encoded(operand.text)
    return f"{operand.name}({', '.join(encoded(each) for each in operand.arguments)})"


def _field(name: str) -> Json:
    shown: Json = {"name": name, "encodedName": name if "[" in name else encoded(name)}
    entity = _PROPERTY.fullmatch(name)
    if entity:
        shown["name"] = name.replace('"', "")
        shown["property"] = [{"entity": entity[1], "key": entity[2].strip("\"'"), "path": entity[3] or ""}]
    return shown


def encoded(text: str) -> str:
    """As it can stand in a query: quoted where it has to be."""
    bare = _PLAIN.fullmatch(text) and text.lower() not in RESERVED and RESERVED_CHARACTERS.isdisjoint(text)
    if bare:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def rewritten(text: str, replacements: Mapping[tuple[int, int], str]) -> str:
    """The query's text with other words in these spans; all else stays as it was written."""
    for (start, end), word in sorted(replacements.items(), reverse=True):
        text = text[:start] + encoded(word) + text[end:]
    return text
