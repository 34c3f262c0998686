"""The changelog of an issue as the caller may read it: what names an issue that they may not see is left out."""

from collections.abc import Iterator
from dataclasses import replace

from fake_jira.model.records import Change, ChangeItem, Issue
from fake_jira.model.state import State
from fake_jira.rest.scene import site, user

NAMING = ("Link", "IssueParentAssociation")  # fields whose items hold the key or the id of another issue


def told_history(issue: Issue) -> list[Change]:
    """The entries, the oldest first; one of which nothing is left is not told either."""
    state, told = site().state, []
    for entry in issue.history:
        items = tuple(item for item in entry.items if _is_told(state, item))
        if len(items) == len(entry.items):
            told.append(entry)
        elif items:
            told.append(replace(entry, items=items))
    return told


def named_in_history(state: State, issue: Issue) -> Iterator[str]:
    """The ids of the issues that its changelog names, whoever reads it."""
    for entry in issue.history:
        for item in entry.items:
            yield from (each.id for each in _named(state, item))


def _is_told(state: State, item: ChangeItem) -> bool:
    who = user()
    return all(state.sees(who, each) for each in _named(state, item))


def _named(state: State, item: ChangeItem) -> Iterator[Issue]:
    """The issues that an item names and that are still there."""
    if item.field in NAMING:
        for name in (item.old, item.new):
            issue = state.issue(name) if name else None
            if issue is not None:
                yield issue
