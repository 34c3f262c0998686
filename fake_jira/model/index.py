"""The search index: what searches see of the issues, and when.

A write reaches it after a delay, so a search can be behind a read by key [jira 5.7]. Writes keep up what searches
need: drawers of ids by project, status and security level, and the orders that pages are mostly asked in. Archived
issues are not in it. Decides nothing about permissions.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import compress
from math import inf
from typing import Any

from fake_jira.model.records import Issue

Version = tuple[datetime, Issue | None]  # visible from then on; None = gone
Place = tuple[Any, float]
FEW = 8  # a finding of less than an eighth of all is sorted by itself


def key_parts(issue: Issue) -> tuple[str, int]:
    """The project's key and the number, which keys are ordered by."""
    prefix, _, number = issue.key.rpartition("-")
    return prefix, int(number)


ORDERS: dict[str, Callable[[Issue], Any]] = {
    "id": lambda _: 0,
    "key": key_parts,
    "created": lambda issue: issue.created.timestamp(),
    "updated": lambda issue: issue.updated.timestamp(),
}


class Order:
    """All issues in one order, the least first; of equals the one with the smaller id."""

    def __init__(self, places: list[Place], ids: list[str]) -> None:
        self.places = places
        self.ids = ids

    @classmethod
    def of(cls, issues: Iterable[Issue], value: Callable[[Issue], Any]) -> "Order":
        rows = sorted((value(issue), int(issue.id), issue.id) for issue in issues)
        return cls([row[:2] for row in rows], [row[2] for row in rows])

    def copy(self) -> "Order":
        return Order(self.places.copy(), self.ids.copy())

    def move(self, issue_id: str, old: Any | None, new: Any | None) -> None:
        """Take the issue from where it stood (None = nowhere) to its new place."""
        if old == new:
            return
        if old is not None:
            at = bisect_left(self.places, (old, int(issue_id)))
            del self.places[at], self.ids[at]
        if new is not None:
            place = (new, int(issue_id))
            at = bisect_left(self.places, place)
            self.places.insert(at, place)
            self.ids.insert(at, issue_id)


class Index:
    """The issues as the index has them, by id, project, status and security level."""

    def __init__(self) -> None:
        self.shown: dict[str, Issue] = {}
        self.by_project: dict[str, set[str]] = {}
        self.by_status: dict[str, set[str]] = {}
        self.by_level: dict[str, set[str]] = {}
        self.waiting: dict[str, tuple[Version, ...]] = {}
        self.orders = {name: Order([], []) for name in ORDERS}

    def copy(self) -> "Index":
        other = Index()
        other.shown = self.shown.copy()
        for drawers in ("by_project", "by_status", "by_level"):
            setattr(other, drawers, {name: ids.copy() for name, ids in getattr(self, drawers).items()})
        other.waiting = self.waiting.copy()
        other.orders = {name: order.copy() for name, order in self.orders.items()}
        return other

    def feed(self, issue_id: str, issue: Issue | None, now: datetime, delay: timedelta) -> None:
        """Take note of a new version (None = deleted), to be shown `delay` after `now`."""
        visible_at = now + delay
        earlier = tuple(version for version in self.waiting.get(issue_id, ()) if version[0] < visible_at)
        if delay <= timedelta(0):
            self.waiting.pop(issue_id, None)
            self._show(issue_id, issue)
        else:
            self.waiting[issue_id] = (*earlier, (visible_at, issue))

    def feed_many(self, versions: Mapping[str, Issue | None], now: datetime, delay: timedelta) -> None:
        """The same for many issues: sorting all anew costs less than moving a good part of them one by one."""
        if delay > timedelta(0) or len(versions) * FEW < len(self.shown):
            for issue_id, issue in versions.items():
                self.feed(issue_id, issue, now, delay)
            return
        for issue_id, issue in versions.items():
            self.waiting.pop(issue_id, None)
            self._file(issue_id, issue)
        self._sort()

    def catch_up(self, now: datetime) -> None:
        """Show every version whose time has come."""
        if not self.waiting:
            return
        for issue_id, versions in list(self.waiting.items()):
            due = [version for version in versions if version[0] <= now]
            if not due:
                continue
            self._show(issue_id, due[-1][1])
            rest = versions[len(due) :]
            if rest:
                self.waiting[issue_id] = rest
            else:
                del self.waiting[issue_id]

    def hurry(self) -> None:
        """Show everything at once: a record that older versions mention is about to go."""
        for issue_id, versions in self.waiting.items():
            self._show(issue_id, versions[-1][1])
        self.waiting.clear()

    def load(self, issues: Iterable[Issue]) -> None:
        """Show many issues at once, for sample data and state files."""
        for issue in issues:
            self._file(issue.id, issue)
        self._sort()

    def _sort(self) -> None:
        self.orders = {name: Order.of(self.shown.values(), value) for name, value in ORDERS.items()}

    def sorted(self, found: Collection[str], by: str, *, descending: bool) -> list[str]:
        """These ids in one of `ORDERS`."""
        if len(found) * FEW < len(self.shown):
            value = ORDERS[by]
            rows = sorted(((value(self.shown[each]), int(each), each) for each in found), reverse=descending)
            return [row[2] for row in rows]
        ids = self.orders[by].ids[::-1] if descending else self.orders[by].ids
        if len(found) == len(ids):
            return ids.copy()
        wanted = found if isinstance(found, set | frozenset) else set(found)
        return list(compress(ids, map(wanted.__contains__, ids)))

    def compared(self, by: str, operator: str, value: Any) -> list[str]:
        """The ids of the issues whose place in an order is <, <=, > or >= this value."""
        order = self.orders[by]
        edge = bisect_left(order.places, (value, inf if operator in ("<=", ">") else -inf))
        return order.ids[:edge] if operator in ("<", "<=") else order.ids[edge:]

    def _show(self, issue_id: str, issue: Issue | None) -> None:
        before, after = self._file(issue_id, issue)
        for name, order in self.orders.items():
            value = ORDERS[name]
            order.move(issue_id, value(before) if before else None, value(after) if after else None)

    def _file(self, issue_id: str, issue: Issue | None) -> tuple[Issue | None, Issue | None]:
        """Put the issue into its drawers, out of all if it is gone or archived: what was there, and what is now."""
        if issue is not None and issue.archived_at is not None:
            issue = None
        before = self.shown.get(issue_id)
        if issue is None:
            self.shown.pop(issue_id, None)
        else:
            self.shown[issue_id] = issue
        for drawers, attribute in (
            (self.by_project, "project_id"),
            (self.by_status, "status_id"),
            (self.by_level, "security_level_id"),
        ):
            _refile(drawers, issue_id, getattr(before, attribute, None), getattr(issue, attribute, None))
        return before, issue


def _refile(drawers: dict[str, set[str]], issue_id: str, old: str | None, new: str | None) -> None:
    if old == new:
        return
    if old is not None:
        drawers[old].discard(issue_id)
    if new is not None:
        drawers.setdefault(new, set()).add(issue_id)
