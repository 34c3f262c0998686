"""Saved filters: making, changing, finding, starring and sharing them, and the columns that they show.

Whoever may not see a filter is told the same as about one that is not there. A filter's query is checked as a search
of Data Center is: unknown fields and values are refused.
"""

from typing import Any

from flask import Response, request

from fake_jira.errors import CredentialNeeded, Forbidden, Invalid, NotThere
from fake_jira.jql import complaints, parse
from fake_jira.model import filters as model
from fake_jira.model.filter_records import Filter, Share
from fake_jira.model.permissions import holds_globally
from fake_jira.model.records import User
from fake_jira.model.state import CLOUD
from fake_jira.rest.filter_view import details, in_order, read_share, read_shares, share, shown_filter
from fake_jira.rest.scene import asker, flavour, scene, site, user, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, listed, number, page, takes, text

filters = chapter("filters")
cloud_filters = chapter("cloud_filters", CLOUD)
SCOPES = ("GLOBAL", "AUTHENTICATED", "PRIVATE")
UNAVAILABLE = "The selected filter is not available to you, perhaps it has been deleted or had its permissions changed."
NOT_OWNER = "You cannot change this filter: you are not its owner."
MOST_IDS = 200
EXPANSIONS = {
    "description", "favourite", "favouritedCount", "jql", "owner", "searchUrl", "sharePermissions", "editPermissions",
    "isWritable", "approximateLastUsed", "subscriptions", "viewUrl",
}  # fmt: skip


def _found(filter_id: str) -> Filter | None:
    """The filter, if the caller may see it."""
    each = world().state.filters.get(filter_id)
    return each if each is not None and model.may_see(world().state, user(), each) else None


def _visible(filter_id: str) -> Filter:
    each = _found(filter_id)
    if each is None:
        raise Invalid(UNAVAILABLE)
    return each


def _shared(filter_id: str) -> Filter:
    """For the shares, where a filter that cannot be seen is 404."""
    each = _found(filter_id)
    if each is None:
        raise NotThere(UNAVAILABLE)
    return each


def _me() -> User:
    who = user()
    if who is None:
        raise CredentialNeeded
    return who


def _mine(filter_id: str) -> Filter:
    """One that the caller may change. Invalid otherwise."""
    who, each = _me(), _visible(filter_id)
    if not model.may_change(world().state, who, each):
        raise Invalid(NOT_OWNER)
    return each


def _expand() -> list[str]:
    return [part.partition("[")[0] for part in listed("expand") or ()]


def _read(given: dict[str, Any], *, new: bool) -> dict[str, Any]:
    """The values that a body sets."""
    if new and not str(given.get("name") or "").strip():
        raise Invalid(fields={"filterName": "You must specify a name to save this filter as."})
    for name in ("name", "description", "jql"):
        if not isinstance(given.get(name), str | None):
            raise Invalid(BAD_PAYLOAD)
    values = {name: given[name] for name in ("name", "description", "jql") if given.get(name) is not None}
    if values.get("jql", "").strip():
        wrong = complaints(parse(values["jql"]), asker())
        if wrong:
            raise Invalid(*wrong)
    for name, attribute in (("sharePermissions", "shares"), ("editPermissions", "editors")):
        if given.get(name) is not None:
            values[attribute] = read_shares(given[name])
    return values


@filters.post("/filter")
def create_filter() -> Response:
    """Create filter. Shared as the caller's default says, unless the body says otherwise."""
    who, given = _me(), body()
    flag("overrideSharePermissions")
    values = {"shares": _usual_shares(who)} | _read(given, new=True)
    if given.get("favourite") is True:
        values["favourites"] = (who.account_id,)
    return answer(shown_filter(model.add_filter(site(), who, **values), _expand()))


def _usual_shares(who: User) -> tuple[Share, ...]:
    scope = world().state.share_scopes.get(who.account_id, "PRIVATE")
    return () if scope == "PRIVATE" else (read_share({"type": scope.lower()}),)


@filters.get("/filter/<int:id>")
def get_filter(id: int) -> Response:
    """Get filter."""
    flag("overrideSharePermissions")
    return answer(shown_filter(_visible(str(id)), _expand()))


@filters.put("/filter/<int:id>")
def update_filter(id: int) -> Response:
    """Update filter: what the body leaves out stays."""
    flag("overrideSharePermissions")
    each, given = _mine(str(id)), body()
    values = _read(given, new=False)
    changed = model.change_filter(site(), each, **values)
    if isinstance(given.get("favourite"), bool):
        changed = model.star(site(), changed, _me(), starred=given["favourite"])
    return answer(shown_filter(changed, _expand()))


@filters.delete("/filter/<int:id>")
def delete_filter(id: int) -> Response:
    """Delete filter: its owner's to do, and the site's administrators'."""
    who, each = _me(), _visible(str(id))
    if each.owner != who.account_id and not holds_globally(who, "ADMINISTER"):
        raise Invalid(NOT_OWNER)
    model.delete_filter(site(), each)
    return done()


@filters.get("/filter/favourite")
def get_favourite_filters() -> Response:
    """Get favorite filters, by name."""
    return answer([shown_filter(each, _expand()) for each in _seen() if _starred(each)])


def _starred(each: Filter) -> bool:
    who = user()
    return who is not None and who.account_id in each.favourites


def _seen() -> list[Filter]:
    state, who = world().state, user()
    return in_order((each for each in state.filters.values() if model.may_see(state, who, each)), "name", who)


@cloud_filters.get("/filter/my")
def get_my_filters() -> Response:
    """Get my filters, with the favourites among others' when asked for."""
    favourites, who = flag("includeFavourites"), user()
    mine = [each for each in _seen() if who and (each.owner == who.account_id or (favourites and _starred(each)))]
    return answer([shown_filter(each, _expand()) for each in mine])


@cloud_filters.get("/filter/search")
def get_filters_paginated() -> Response:
    """Search for filters."""
    flag("overrideSharePermissions")
    expand, ids = _expand(), set(listed("id") or ())
    if text("accountId") and text("owner"):
        raise Invalid("The accountId and owner parameters cannot be used together.")
    if text("groupname") and text("groupId"):
        raise Invalid("The groupname and groupId parameters cannot be used together.")
    if not set(expand) <= EXPANSIONS:
        raise Invalid(f"The expand value '{', '.join(sorted(set(expand) - EXPANSIONS))}' is not supported.")
    if len(ids) > MOST_IDS:
        raise Invalid(f"No more than {MOST_IDS} filter IDs can be given.")
    found = [each for each in _seen() if (not ids or each.id in ids) and _fits(each)]
    ordered = in_order(found, text("orderBy", "name").replace(" ", "+"), user())
    size = min(number("maxResults", 50), 100)
    return answer(page(ordered, lambda each: _chosen(each, expand), number("startAt", 0), size))


def _fits(each: Filter) -> bool:
    """Whether it is as the query's further parameters say."""
    state, name = world().state, text("filterName").lower()
    words = [name] if flag("isSubstringMatch") else name.split()
    groups = {group.id for group in state.groups.values() if text("groupname") and group.name == text("groupname")}
    groups |= {text("groupId")} if text("groupId") else set()
    project = number("projectId", 0)
    return (
        all(word in each.name.lower() for word in words)
        and (not text("accountId") or each.owner == text("accountId"))
        and (not text("owner") or state.users[each.owner].name == text("owner"))
        and (not (text("groupname") or text("groupId")) or any(one.group in groups for one in each.shares))
        and (not project or any(one.project == str(project) for one in each.shares))
    )


def _chosen(each: Filter, expand: list[str]) -> dict[str, Any]:
    """A filter in a page: its name and what was asked for."""
    whole = details(each) | {"subscriptions": [], "isWritable": model.may_change(world().state, user(), each)}
    chosen = {name: whole[name] for name in ("self", "id", "name")}
    options = "description,favourite,favouritedCount,jql,owner,searchUrl,sharePermissions,subscriptions,viewUrl"
    return {"expand": options} | chosen | {name: whole[name] for name in expand if name in whole}


@cloud_filters.put("/filter/<int:id>/favourite")
@takes(None)
def set_favourite_for_filter(id: int) -> Response:
    """Add filter as favorite."""
    who = _me()
    return answer(shown_filter(model.star(site(), _visible(str(id)), who, starred=True), _expand()))


@cloud_filters.delete("/filter/<int:id>/favourite")
def delete_favourite_for_filter(id: int) -> Response:
    """Remove filter as favorite."""
    who = _me()
    return answer(shown_filter(model.star(site(), _visible(str(id)), who, starred=False), _expand()))


@cloud_filters.put("/filter/<int:id>/owner")
def change_filter_owner(id: int) -> Response:
    """Change filter owner: the owner's to do, and the site's administrators', who need not see the filter."""
    who, each = _me(), world().state.filters.get(str(id))
    if each is None:
        raise NotThere(UNAVAILABLE)
    if each.owner != who.account_id and not holds_globally(who, "ADMINISTER"):
        raise Forbidden(NOT_OWNER)
    heir = flavour().user_in(world().state, body())
    if heir is None:
        raise NotThere("The user who is to own the filter does not exist.")
    model.change_filter(site(), each, owner=heir.account_id)
    return done()


@filters.get("/filter/defaultShareScope")
def get_default_share_scope() -> Response:
    """Get default share scope."""
    who = user()
    return answer({"scope": world().state.share_scopes.get(who.account_id, "PRIVATE") if who else "PRIVATE"})


@filters.put("/filter/defaultShareScope")
def set_default_share_scope() -> Response:
    """Set default share scope."""
    scope = body().get("scope")
    if scope not in SCOPES:
        raise Invalid(f"The scope is one of: {', '.join(SCOPES)}.")
    world().state.share_scopes[_me().account_id] = scope
    return answer({"scope": scope})


@filters.get("/filter/<int:id>/columns")
def get_columns(id: int) -> Response:
    """Get columns; 404 where none have been set."""
    each = _visible(str(id))
    if not each.columns:
        raise NotThere("No column configuration is set for this filter.")
    fields = world().state.fields
    return answer([{"label": fields[name].name, "value": name} for name in each.columns if name in fields])


@filters.put("/filter/<int:id>/columns")
@takes(None)
def set_columns(id: int) -> Response:
    """Set columns, by JSON or by a form with one `columns` for each."""
    each, fields = _visible(str(id)), world().state.fields
    if _me().account_id != each.owner:
        raise Forbidden(NOT_OWNER)
    columns = request.form.getlist("columns") if request.form else body().get("columns")
    if not isinstance(columns, list) or not all(name in fields and fields[name].navigable for name in columns):
        raise Invalid("The columns have to be navigable fields.")
    model.change_filter(site(), each, columns=tuple(columns))
    return done(200)


@filters.delete("/filter/<int:id>/columns")
def reset_columns(id: int) -> Response:
    """Reset columns."""
    model.change_filter(site(), _mine(str(id)), columns=())
    return done()


@filters.get("/filter/<int:id>/permission")
def get_share_permissions(id: int) -> Response:
    """Get share permissions."""
    return answer([share(scene(), each) for each in _shared(str(id)).shares])


@filters.post("/filter/<int:id>/permission")
def add_share_permission(id: int) -> Response:
    """Add share permission. For everybody or all who sign in takes the place of every other share."""
    who, each = _me(), _shared(str(id))
    if not model.may_change(world().state, who, each):
        raise Invalid(NOT_OWNER)
    added = read_share(body())
    wide = ("global", "authenticated")
    kept = () if added.kind in wide else tuple(one for one in each.shares if one.kind not in wide)
    changed = model.change_filter(site(), each, shares=(*kept, added))
    return answer([share(scene(), one) for one in changed.shares], 201)


@filters.get("/filter/<int:id>/permission/<int:permission_id>")
def get_share_permission(id: int, permission_id: int) -> Response:
    """Get share permission."""
    return answer(share(scene(), _one_share(_shared(str(id)), permission_id)))


def _one_share(each: Filter, permission_id: int) -> Share:
    found = next((one for one in each.shares if one.id == permission_id), None)
    if found is None:
        raise NotThere("The share permission does not exist.")
    return found


@filters.delete("/filter/<int:id>/permission/<int:permission_id>")
def delete_share_permission(id: int, permission_id: int) -> Response:
    """Delete share permission; 404 for whoever does not own the filter."""
    who, each = _me(), _shared(str(id))
    gone = _one_share(each, permission_id)
    if each.owner != who.account_id:
        raise NotThere(UNAVAILABLE)
    model.change_filter(site(), each, shares=tuple(one for one in each.shares if one is not gone))
    return done()
