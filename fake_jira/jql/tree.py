"""What a query says, as frozen values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A value as it was written, without its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments: `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Empty:
    """EMPTY or NULL."""


Operand = Word | Call | Empty


@dataclass(frozen=True, slots=True)
class Clause:
    """`operator` in capitals; `operands` has several only for IN and NOT IN."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class And:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    parts: "tuple[Tree, ...]"


Tree = Clause | And | Or  # NOT is gone: the parser turns the operators below it round, as Jira does


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """`where` None = unbounded: every issue."""

    where: Tree | None
    order: tuple[Sort, ...] = ()


OPPOSITE = {
    "=": "!=", "!=": "=", "~": "!~", "!~": "~", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "IN": "NOT IN", "NOT IN": "IN", "IS": "IS NOT", "IS NOT": "IS",
}  # fmt: skip


def negated(tree: Tree) -> Tree:
    """NOT `tree`. So NOT assignee = x leaves out the unassigned, as assignee != x does [jira 2.6]."""
    if isinstance(tree, Clause):
        return Clause(tree.field, OPPOSITE[tree.operator], tree.operands)
    turned = tuple(negated(part) for part in tree.parts)
    return Or(turned) if isinstance(tree, And) else And(turned)
