"""What a query says, as frozen values."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Word:
    """A value as it was written, without its quotes; `span` is where in the query it stands, quotes included."""

    text: str
    span: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments: `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Empty:
    """EMPTY or NULL."""


Operand = Word | Call | Empty


@dataclass(frozen=True, slots=True)
class Predicate:
    """What narrows WAS and CHANGED: AFTER, BEFORE, DURING (two operands), ON, BY, FROM or TO."""

    name: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """`operator` in capitals; `operands` has several only for lists, and none for CHANGED. `listed`: it was a list."""

    field: str
    operator: str
    operands: tuple[Operand, ...]
    predicates: tuple[Predicate, ...] = ()
    listed: bool = False


@dataclass(frozen=True, slots=True)
class And:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    part: "Tree"


Tree = Clause | And | Or | Not


@dataclass(frozen=True, slots=True)
class Sort:
    """`said`: the direction was written, and is not merely the one that the field has by itself."""

    field: str
    descending: bool
    said: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`where` None = unbounded: every issue."""

    where: Tree | None
    order: tuple[Sort, ...] = ()


OPPOSITE = {
    "=": "!=", "!=": "=", "~": "!~", "!~": "~", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "IN": "NOT IN", "NOT IN": "IN", "IS": "IS NOT", "IS NOT": "IS",
    "WAS": "WAS NOT", "WAS NOT": "WAS", "WAS IN": "WAS NOT IN", "WAS NOT IN": "WAS IN",
}  # fmt: skip


def without_not(tree: Tree) -> Tree:
    """The same with NOT gone: it turns the operators below it round, as Jira does.

    So NOT assignee = x leaves out the unassigned, as assignee != x does [jira 2.6]. CHANGED has no opposite and keeps
    its NOT.
    """
    if isinstance(tree, Not):
        return _negated(tree.part)
    if isinstance(tree, Clause):
        return tree
    parts = tuple(without_not(part) for part in tree.parts)
    return And(parts) if isinstance(tree, And) else Or(parts)


def _negated(tree: Tree) -> Tree:
    if isinstance(tree, Not):
        return without_not(tree.part)
    if isinstance(tree, Clause):
        return Not(tree) if tree.operator == "CHANGED" else replace(tree, operator=OPPOSITE[tree.operator])
    turned = tuple(_negated(part) for part in tree.parts)
    return Or(turned) if isinstance(tree, And) else And(turned)


def clauses_of(tree: Tree | None) -> tuple[Clause, ...]:
    """All clauses, from left to right."""
    if tree is None:
        return ()
    if isinstance(tree, Clause):
        return (tree,)
    parts = (tree.part,) if isinstance(tree, Not) else tree.parts
    return tuple(clause for part in parts for clause in clauses_of(part))
