"""Saved searches: who may see and change them, and what can be done to them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.model.filter_records import Filter, Share
from fake_jira.model.records import User
from fake_jira.model.state import Site, State


def is_in(state: State, user: User | None, share: Share) -> bool:
    """Whether a share is meant for `user` (None = anonymous)."""
    if share.kind == "global":
        return True
    if user is None:
        return False
    if share.kind == "user":
        return share.user == user.account_id
    if share.kind == "group":
        return _in_group(state, user, share.group)
    if share.kind == "project":
        return share.project in state.projects and state.may(user, "BROWSE_PROJECTS", str(share.project))
    if share.kind == "projectRole":
        project = state.projects.get(share.project or "")
        return project is not None and any(
            actor.role_id == share.role
            and (_in_group(state, user, actor.who) if actor.is_group else actor.who == user.account_id)
            for actor in project.actors
        )
    return True


def _in_group(state: State, user: User, group_id: str | None) -> bool:
    group = state.groups.get(group_id or "")
    return group is not None and user.account_id in group.members


def may_see(state: State, user: User | None, each: Filter) -> bool:
    """Owners, those it is shared with, and those who may change it."""
    owns = user is not None and each.owner == user.account_id
    return owns or any(is_in(state, user, share) for share in (*each.shares, *each.editors))


def may_change(state: State, user: User | None, each: Filter) -> bool:
    """Owners and those whom the filter is shared with for editing."""
    owns = user is not None and each.owner == user.account_id
    editors = (*each.editors, *(share for share in each.shares if share.edits))
    return owns or any(is_in(state, user, share) for share in editors)


def add_filter(site: Site, owner: User, name: str, **values: Any) -> Filter:
    """A new filter. Invalid if the owner has one of this name."""
    _refuse_taken(site.state, owner.account_id, name, None)
    made = Filter(site.state.next_id("filter"), name, owner.account_id, **values)
    site.state.filters[made.id] = made
    return made


def change_filter(site: Site, each: Filter, **values: Any) -> Filter:
    """Set some of its values. Invalid if the owner has another filter of the new name."""
    changed = replace(each, **values)
    _refuse_taken(site.state, changed.owner, changed.name, each.id)
    site.state.filters[each.id] = changed
    return changed


def _refuse_taken(state: State, owner: str, name: str, but: str | None) -> None:
    others: Iterable[Filter] = (each for each in state.filters.values() if each.id != but)
    if any(each.owner == owner and each.name.lower() == name.lower() for each in others):
        raise Invalid(fields={"filterName": "Filter with same name already exists."})


def delete_filter(site: Site, each: Filter) -> None:
    del site.state.filters[each.id]


def star(site: Site, each: Filter, user: User, *, starred: bool) -> Filter:
    """Make it one of the user's favourites, or not."""
    others = tuple(who for who in each.favourites if who != user.account_id)
    return change_filter(site, each, favourites=(*others, user.account_id) if starred else others)
