"""A tree -> the issues that match, in order, looking at as few of them as the index allows.

Clauses about ids, keys, projects, statuses and their categories are answered by the index's drawers alone: what they
say of an issue need not be tested again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.jql.fields import ISSUES, PROJECT, STATUS, STATUS_CATEGORY
from fake_jira.jql.kinds import ORDERED, Asker, Field
from fake_jira.jql.matching import Test, field_named, meant, test_of
from fake_jira.jql.moments import instant
from fake_jira.jql.saved import unfolded
from fake_jira.jql.tree import And, Clause, Empty, Not, Query, Sort, Tree, Word, clauses_of, without_not
from fake_jira.model.index import ORDERS
from fake_jira.model.records import Issue

NOTHING: frozenset[str] = frozenset()
DRAWN = {"=", "!=", "IN", "NOT IN"}


@dataclass(frozen=True)
class Plan:
    """`ids` hold every match of the indexed issues (None = nobody knows); `exact`: and nothing else."""

    ids: Collection[str] | None
    exact: bool


def find(query: Query, asker: Asker, strong: Collection[str] = ()) -> list[Issue]:
    """The issues that match, in the query's order (without one: the newest first)."""
    current = _reader(asker, strong)
    return [current(each) for each in find_ids(query, asker, strong)]


def find_ids(query: Query, asker: Asker, strong: Collection[str] = ()) -> Sequence[str]:
    """Their ids alone.

    `strong`: ids of issues to be read as they are and not as the index has them [jira 5.7].
    """
    return _ordered(matches(query, asker, strong), query.order, asker, strong)


def matches(query: Query, asker: Asker, strong: Collection[str] = ()) -> Collection[str]:
    """The ids of the issues that match, in no order; `len` of it is the count."""
    index = asker.state.index
    index.catch_up(asker.now)
    where = _prepared(query, asker)
    plan = _plan(where, asker) if where else Plan(index.shown.keys(), True)
    ids = _visible(index.shown.keys() if plan.ids is None else plan.ids, asker)
    test = test_of_tree(where, asker) if where and (strong or not plan.exact) else None
    if test is not None and not plan.exact:
        shown = index.shown
        ids = {each for each in ids if test(shown[each])}
    if strong:
        now = (asker.state.issues.get(each) for each in strong)
        fresh = (each for each in now if each and asker.state.is_searched(each) and asker.state.sees(asker.user, each))
        ids = {each for each in ids if each not in strong}
        ids |= {each.id for each in fresh if test is None or test(each)}
    return ids


def matching(query: Query, issue: Issue, asker: Asker) -> bool:
    """Whether this one issue matches, whatever the index knows of it and whoever may see it."""
    where = _prepared(query, asker)
    return where is None or test_of_tree(where, asker)(issue)


def _prepared(query: Query, asker: Asker) -> Tree | None:
    if query.where is None:
        return None
    where = unfolded(without_not(query.where), asker)
    if asker.strict and (missing := missing_keys(where, asker)):
        raise Invalid(*(f"An issue with key '{key}' does not exist for field 'key'." for key in missing))
    return where


def missing_keys(where: Tree, asker: Asker) -> list[str]:
    """The written keys and ids that stand for no issue, or for none that the asker may see."""
    return [
        operand.text
        for clause in clauses_of(where)
        if field_named(asker, clause.field) in ISSUES
        for operand in clause.operands
        if isinstance(operand, Word)
        and not ((issue := asker.state.issue(operand.text)) and asker.state.sees(asker.user, issue))
    ]


def test_of_tree(tree: Tree, asker: Asker) -> Test:
    if isinstance(tree, Clause):
        return test_of(tree, asker)
    if isinstance(tree, Not):
        turned = test_of_tree(tree.part, asker)
        return lambda issue: not turned(issue)
    tests = [test_of_tree(part, asker) for part in tree.parts]
    if isinstance(tree, And):
        return lambda issue: all(test(issue) for test in tests)
    return lambda issue: any(test(issue) for test in tests)


def _plan(tree: Tree, asker: Asker) -> Plan:
    if isinstance(tree, Clause):
        return _plan_of(tree, asker)
    if isinstance(tree, Not):
        return Plan(None, False)
    plans = [_plan(part, asker) for part in tree.parts]
    exact = all(plan.exact for plan in plans)
    known = sorted((plan.ids for plan in plans if plan.ids is not None), key=len)
    if isinstance(tree, And):
        if not known:
            return Plan(None, False)
        found = known[0]
        for ids in known[1:]:
            found = _set(found) & _set(ids)
        return Plan(found, exact)
    if len(known) < len(plans):
        return Plan(None, False)
    return Plan(set().union(*known), exact)


def _set(ids: Collection[str]) -> set[str] | frozenset[str]:
    return ids if isinstance(ids, set | frozenset) else set(ids)


def _plan_of(clause: Clause, asker: Asker) -> Plan:
    field = field_named(asker, clause.field)
    if field is not None and field.kind == "instant" and field.name in ORDERS and clause.operator in ORDERED:
        return _plan_of_dates(clause, field.name, asker)
    if clause.operator not in DRAWN or any(isinstance(each, Empty) for each in clause.operands):
        return Plan(None, False)
    index, wanted = asker.state.index, clause.operator in ("=", "IN")
    if field in ISSUES and wanted and field is not None:
        return Plan({each for each in meant(field, clause.operands, asker) if each in index.shown}, True)
    if field is PROJECT or field is STATUS or field is STATUS_CATEGORY:
        drawers = index.by_project if field is PROJECT else index.by_status
        keys = _drawer_keys(field, meant(field, clause.operands, asker), asker)
        drawn = [ids for key, ids in drawers.items() if (key in keys) is wanted and ids]
        return Plan(drawn[0] if len(drawn) == 1 else set().union(*drawn), True)
    return Plan(None, False)


def _plan_of_dates(clause: Clause, by: str, asker: Asker) -> Plan:
    """created and updated are orders of the index: where a date cuts them is soon found."""
    moment = instant(clause.operands[0], asker)
    return Plan([] if moment is None else asker.state.index.compared(by, clause.operator, moment.timestamp()), True)


def _drawer_keys(field: Field, keys: set[Any], asker: Asker) -> set[Any]:
    if field is STATUS_CATEGORY:
        return {each.id for each in asker.state.statuses.values() if each.category_id in keys}
    return keys


def _visible(ids: Collection[str], asker: Asker) -> Collection[str]:
    """Without what the asker may not see; where nothing is hidden the very same ids."""
    state, index = asker.state, asker.state.index
    for project_id, drawer in index.by_project.items():
        if drawer and not state.may(asker.user, "BROWSE_PROJECTS", project_id):
            own = drawer if project_id in state.by_issue else NOTHING
            ids = (_set(ids) - drawer) | {each for each in _set(ids) & own if state.sees(asker.user, index.shown[each])}
    for drawer in index.by_level.values():
        if drawer:
            ids = _set(ids) - {each for each in drawer if not state.sees(asker.user, index.shown[each])}
    return ids


def _reader(asker: Asker, strong: Collection[str]) -> Callable[[str], Issue]:
    issues, shown = asker.state.issues, asker.state.index.shown
    return lambda each: issues[each] if each in strong else shown[each]


def _ordered(ids: Collection[str], order: tuple[Sort, ...], asker: Asker, strong: Collection[str]) -> Sequence[str]:
    """In the query's order; of equals the one with the smaller id first, or last where the last field goes down."""
    fields = _sorting(order, asker)
    names = [name for name, *_ in fields]
    if not strong and len(fields) <= 1 and (not fields or names[0] in ORDERS):
        by, descending = (names[0], fields[0][2]) if fields else ("id", True)
        return asker.state.index.sorted(ids, by, descending=descending)
    current = _reader(asker, strong)
    found = sorted(
        (current(each) for each in ids), key=lambda issue: int(issue.id), reverse=not fields or fields[-1][2]
    )
    for _, value, descending in reversed(fields):
        values = {issue.id: value(asker, issue) for issue in found}
        full = [issue for issue in found if values[issue.id] is not None]
        full.sort(key=lambda issue, values=values: values[issue.id], reverse=descending)  # type: ignore[misc]
        found = full + [issue for issue in found if values[issue.id] is None]
    return [issue.id for issue in found]


def _sorting(order: tuple[Sort, ...], asker: Asker) -> list[tuple[str, Callable[[Asker, Issue], Any], bool]]:
    """What to sort by; fields that nobody knows or that have no order are left out."""
    found = []
    for sort in order:
        field = field_named(asker, sort.field)
        if field is not None and field.sort is not None:
            name = "key" if field in ISSUES and field.name != "id" else field.name
            found.append((name, field.sort, sort.descending))
    return found
