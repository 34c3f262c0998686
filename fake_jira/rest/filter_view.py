"""Saved filters and their shares: as JSON, and as JSON names them."""

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote

from fake_jira.errors import Invalid
from fake_jira.flavours import Scene
from fake_jira.model.filter_records import Filter, Share
from fake_jira.model.filters import is_in, may_change
from fake_jira.model.records import User
from fake_jira.rest import shapes
from fake_jira.rest.scene import flavour, scene, user, visible_project, world

Json = dict[str, Any]
TYPES = ("user", "project", "group", "projectRole", "global", "authenticated", "loggedin")
SHOWN_AS = {"authenticated": "loggedin", "projectRole": "project"}  # how answers call what requests say otherwise
EDIT_RIGHTS = 3  # of `rights`: 1 = view


def shown_filter(each: Filter, expand: Collection[str] = ()) -> Json:
    """A filter at its own address; `sharedUsers` are counted, and listed only when asked for."""
    here = scene()
    shared = [other for other in here.state.users.values() if any(is_in(here.state, other, s) for s in each.shares)]
    people = [shapes.user(here, other) for other in shared] if "sharedUsers" in expand else []
    return details(each) | {
        "sharedUsers": _listed(people, len(shared)),
        "subscriptions": _listed([], 0),
    }


def details(each: Filter) -> Json:
    """What every form of a filter is chosen from."""
    here, who = scene(), user()
    return {
        "self": f"{here.api}/filter/{each.id}",
        "id": each.id,
        "name": each.name,
        "description": each.description,
        "owner": shapes.user(here, here.state.users[each.owner]),
        "jql": each.jql,
        "viewUrl": f"{here.site}/issues/?filter={each.id}",
        "searchUrl": f"{here.api}/search?jql={quote(each.jql)}",
        "favourite": who is not None and who.account_id in each.favourites,
        "sharePermissions": [share(here, one) for one in each.shares],
        **here.flavour.saved_filter(
            each, [share(here, one) for one in each.editors], changeable=may_change(here.state, who, each)
        ),
    }


def _listed(items: list[Json], size: int) -> Json:
    last = max(0, len(items) - 1)
    return {"size": size, "items": items, "max-results": 1000, "start-index": 0, "end-index": last}


def share(here: Scene, each: Share) -> Json:
    """One share; what it points to may be gone, and is then left out."""
    state, shown = here.state, {"id": each.id, "type": SHOWN_AS.get(each.kind, each.kind)}
    found: Json = shown | here.flavour.share(each)
    if each.project in state.projects:
        found["project"] = shapes.project(here, state.projects[each.project])
    if each.role in state.roles:
        role = state.roles[each.role]
        address = f"{here.api}/project/{each.project}/role/{role.id}"
        found["role"] = {"self": address, "id": int(role.id), "name": role.name, "description": role.description}
    if each.group in state.groups:
        found["group"] = here.flavour.group(here, state.groups[each.group])
    if each.user in state.users:
        found["user"] = shapes.user(here, state.users[each.user])
    return found


def read_shares(given: Any) -> tuple[Share, ...]:
    """The shares that a filter's body lists. Invalid for what names nothing that there is."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Invalid("The share permissions have to be a list of objects.")
    return tuple(read_share(_flat(each)) for each in given)


def _flat(given: Json) -> Json:
    """{"project": {"id": ...}} as one share alone is written: {"projectId": ...}."""
    project, role, group, who = (given.get(name) or {} for name in ("project", "role", "group", "user"))
    if not all(isinstance(each, dict) for each in (project, role, group, who)):
        raise Invalid("What a share permission is for has to be an object.")
    kind = "projectRole" if role and given.get("type") == "project" else given.get("type")
    found = {"type": kind, "projectId": project.get("id"), "projectRoleId": role.get("id")}
    found |= {"groupId": group.get("groupId"), "groupname": group.get("name"), "accountId": who.get("accountId")}
    return found | {"userKey": who.get("key"), "edit": given.get("edit", False)}


def read_share(given: Json) -> Share:
    """One share as it is added to a filter."""
    kind = given.get("type")
    if kind not in TYPES:
        raise Invalid(f"The share type '{kind}' is not valid; it is one of: {', '.join(TYPES)}.")
    number = int(world().state.next_id("share"))
    edits = given.get("edit") is True or given.get("rights") == EDIT_RIGHTS
    if kind in ("global", "authenticated", "loggedin"):
        return Share(number, "global" if kind == "global" else "authenticated", edits=edits)
    if kind == "user":
        named = {"accountId": given.get("accountId"), "key": given.get("userKey")}
        who = flavour().user_in(world().state, named)
        if who is None:
            raise Invalid("The user to share with does not exist.")
        return Share(number, "user", user=who.account_id, edits=edits)
    if kind == "group":
        return Share(number, "group", group=_group(given), edits=edits)
    return _of_project(number, str(kind), given, edits=edits)


def _group(given: Json) -> str:
    wanted = (given.get("groupId"), given.get("groupname"))
    found = next((each.id for each in world().state.groups.values() if each.id in wanted or each.name in wanted), None)
    if found is None:
        raise Invalid("The group to share with does not exist.")
    return found


def _of_project(number: int, kind: str, given: Json, *, edits: bool) -> Share:
    project = given.get("projectId")
    if not project:
        raise Invalid("The project to share with has to be given.")
    shared = visible_project(str(project)).id
    if kind == "project":
        return Share(number, kind, project=shared, edits=edits)
    role = str(given.get("projectRoleId") or "")
    if role not in world().state.roles:
        raise Invalid("The project role to share with does not exist.")
    return Share(number, kind, project=shared, role=role, edits=edits)


def in_order(found: Iterable[Filter], order: str, who: User | None) -> list[Filter]:
    """Sorted by a name of `ORDERS`, downwards with a minus in front. Invalid for any other name."""
    name = order.lstrip("+-")
    if name not in ORDERS or len(order) - len(name) > 1:
        raise Invalid(f"The orderBy value '{order}' is not supported.")
    account = who.account_id if who else ""
    return sorted(found, key=lambda each: (ORDERS[name](each, account), int(each.id)), reverse=order.startswith("-"))


ORDERS: dict[str, Any] = {
    "description": lambda each, _: each.description.lower(),
    "favourite_count": lambda each, _: len(each.favourites),
    "id": lambda each, _: int(each.id),
    "is_favourite": lambda each, account: account in each.favourites,
    "name": lambda each, _: each.name.lower(),
    "owner": lambda each, _: each.owner,
    "is_shared": lambda each, _: bool(each.shares),
}
