"""A tree -> the issues that match, in order, looking at as few of them as the index allows."""

from collections.abc import Collection, Iterable
from typing import Any

from fake_jira.errors import NotImitated
from fake_jira.jql.fields import DAYS, ELSEWHERE, INSTANTS, ISSUE, ISSUE_ID, PROJECT, READERS, STATUS, Asker
from fake_jira.jql.matching import Test, canonical, meant, test_of
from fake_jira.jql.text import FIELDS as TEXTS
from fake_jira.jql.tree import And, Clause, Query, Sort, Tree
from fake_jira.model.records import Issue

NOTHING: frozenset[str] = frozenset()


def find(query: Query, asker: Asker, projects: Collection[str], strong: Collection[str] = ()) -> list[Issue]:
    """The issues that match, in the query's order (without one: the newest first).

    `projects`: ids of those whose issues the caller may see. `strong`: ids of issues to be read as they are and not as
    the index has them [jira 5.7].
    """
    state, index = asker.state, asker.state.index
    index.catch_up(asker.now)
    test = _test(query.where, asker) if query.where else None
    narrowed = _narrow(query.where, asker) if query.where else None
    shown = index.shown
    pool: Iterable[Issue] = shown.values() if narrowed is None else [shown[each] for each in narrowed if each in shown]
    if strong:
        current = [issue for each in strong if (issue := state.issues.get(each)) is not None]
        pool = [*(issue for issue in pool if issue.id not in strong), *current]
    found = [issue for issue in pool if issue.project_id in projects and (test is None or test(issue))]
    return _ordered(found, query.order, asker)


def _test(tree: Tree, asker: Asker) -> Test:
    if isinstance(tree, Clause):
        return test_of(tree, asker)
    tests = [_test(part, asker) for part in tree.parts]
    if isinstance(tree, And):
        return lambda issue: all(test(issue) for test in tests)
    return lambda issue: any(test(issue) for test in tests)


def _narrow(tree: Tree, asker: Asker) -> Collection[str] | None:
    """Ids that hold every match of the indexed issues, or None where only looking at all of them tells."""
    if isinstance(tree, Clause):
        return _narrow_clause(tree, asker)
    found = [_narrow(part, asker) for part in tree.parts]
    if isinstance(tree, And):
        return min((ids for ids in found if ids is not None), key=len, default=None)
    if any(ids is None for ids in found):
        return None
    return set().union(*(ids for ids in found if ids is not None))


def _narrow_clause(clause: Clause, asker: Asker) -> Collection[str] | None:
    reader = READERS.get(canonical(clause.field))
    if clause.operator not in ("=", "IN") or reader not in (ISSUE, ISSUE_ID, PROJECT, STATUS):
        return None
    keys = meant(reader, clause.operands, asker)
    if reader in (ISSUE, ISSUE_ID):
        return keys
    drawers = asker.state.index.by_project if reader is PROJECT else asker.state.index.by_status
    drawn = [drawers.get(key, NOTHING) for key in keys]
    return drawn[0] if len(drawn) == 1 else set().union(*drawn)


def _ordered(found: list[Issue], order: tuple[Sort, ...], asker: Asker) -> list[Issue]:
    """Sorted by the last field first, so that each earlier one keeps what the later ones put in order."""
    found.sort(key=lambda issue: int(issue.id), reverse=True)
    for sort in reversed(order):
        field = canonical(sort.field)
        if field in ELSEWHERE or field.startswith("cf["):
            raise NotImitated(f"Ordering by '{sort.field}' is outside the subset of this fake, see LIMITS.md.")
        values = {issue.id: _sort_value(field, issue, asker) for issue in found}
        full = [issue for issue in found if values[issue.id] is not None]
        full.sort(key=lambda issue, values=values: values[issue.id], reverse=sort.descending)  # type: ignore[misc]
        found = full + [issue for issue in found if values[issue.id] is None]
    return found


def _sort_value(field: str, issue: Issue, asker: Asker) -> Any:
    """What the field is ordered by; None (empty, or a field that nobody knows) comes last."""
    if field in READERS:
        return READERS[field].sort(asker.state, issue)
    if field in INSTANTS or field in DAYS:
        return (INSTANTS | DAYS)[field](issue)
    if field in TEXTS:
        return TEXTS[field](issue).lower() or None
    return None
