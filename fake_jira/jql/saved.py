"""Saved filters within queries: filter = "My open issues" stands for what that filter says."""

from fake_jira.errors import Invalid
from fake_jira.jql.fields import canonical
from fake_jira.jql.kinds import Asker
from fake_jira.jql.parser import parse
from fake_jira.jql.tree import And, Clause, Not, Or, Tree, Word, without_not
from fake_jira.model.filter_records import Filter
from fake_jira.model.filters import may_see


def filters_named(asker: Asker, text: str) -> list[Filter]:
    """The filters with this id or name that the asker may see."""
    wanted = text.lower()
    every = asker.state.filters.values()
    return [each for each in every if wanted in (each.id, each.name.lower()) and may_see(asker.state, asker.user, each)]


def unfolded(tree: Tree, asker: Asker, within: frozenset[str] = frozenset()) -> Tree:
    """The tree with filters in the place of the clauses that name them; one that nobody knows finds nothing.

    Invalid where a filter leads back to itself.
    """
    if isinstance(tree, Not):
        return Not(unfolded(tree.part, asker, within))
    if not isinstance(tree, Clause):
        parts = tuple(unfolded(part, asker, within) for part in tree.parts)
        return And(parts) if isinstance(tree, And) else Or(parts)
    if canonical(tree.field) != "filter" or tree.operator not in ("=", "!=", "IN", "NOT IN"):
        return tree
    named = [each for word in tree.operands if isinstance(word, Word) for each in filters_named(asker, word.text)]
    if not named:
        return tree
    together = Or(tuple(_opened(each, asker, within) for each in named))
    return without_not(Not(together)) if tree.operator in ("!=", "NOT IN") else together


def _opened(each: Filter, asker: Asker, within: frozenset[str]) -> Tree:
    if each.id in within:
        raise Invalid(
            f"Field 'filter' with value '{each.name}' matches filter '{each.name}' and causes a cyclical reference, "
            "this query can not be executed and should be edited."
        )
    where = parse(each.jql).where
    if where is None:
        return And(())
    return unfolded(without_not(where), asker, within | {each.id})
