"""What the verbs on an issue's comments, worklogs, files and links share: finding one, and making the next version."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from fake_jira.model.records import Change, ChangeItem, Issue, User
from fake_jira.model.state import Site, State


class Numbered(Protocol):
    """Whatever has an id."""

    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Numbered)


def id_of(actor: User | None) -> str | None:
    return actor.account_id if actor else None


def located(state: State, kind: str, ids: Collection[str]) -> dict[str, tuple[Issue, Any]]:
    """The issue and the thing itself for each of `ids` that there is; `kind` is the issue's attribute ("comments")."""
    wanted = set(ids)
    return {
        each.id: (issue, each) for issue in state.issues.values() for each in getattr(issue, kind) if each.id in wanted
    }


def swapped(things: Iterable[N], new: N) -> tuple[N, ...]:
    """With `new` in the place of the one that has its id."""
    return tuple(new if each.id == new.id else each for each in things)


def without(things: Iterable[N], gone: Collection[str]) -> tuple[N, ...]:
    return tuple(each for each in things if each.id not in gone)


def change(
    site: Site, issue: Issue, actor: User | None, items: Sequence[ChangeItem], **values: Any
) -> tuple[Issue, Change]:
    """The issue with `values` and an entry in its changelog; the entry too, for whoever is told of it."""
    at = site.now()
    entry = Change(site.state.next_id("change"), id_of(actor), at, tuple(items))
    return site.put(replace(issue, updated=at, history=(*issue.history, entry), **values)), entry
