"""The `visibility` of comments and worklogs: what the caller sees of them, and what a request restricts one to."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from fake_jira.errors import Invalid
from fake_jira.model.access import Group, ProjectRole
from fake_jira.model.records import Issue, Visibility
from fake_jira.model.visibility import in_group, in_role, includes
from fake_jira.rest.scene import site, user
from fake_jira.rest.wire import BAD_PAYLOAD


class Restricted(Protocol):
    """What may be for some alone."""

    @property
    def visibility(self) -> Visibility | None: ...


R = TypeVar("R", bound=Restricted)


def is_seen(thing: Restricted, issue: Issue) -> bool:
    """Whether the caller, who sees the issue, sees this of it."""
    return includes(site().state, thing.visibility, issue.project_id, user())


def seen(things: Iterable[R], issue: Issue) -> Iterator[R]:
    return (each for each in things if each.visibility is None or is_seen(each, issue))


def visibility_in(value: Any, project_id: str) -> Visibility | None:
    """The restriction that a request asks for; None for everybody. People restrict to where they belong themselves.

    Cloud names groups and roles by `identifier` or by name (`value`), Data Center by `value`, a name or a role's id.
    """
    if not value:
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    named = (value.get("identifier") or value.get("value")) if isinstance(value, dict) else None
    if kind not in ("group", "role") or not isinstance(named, str):
        raise Invalid(BAD_PAYLOAD)
    return _to_group(named) if kind == "group" else _to_role(named, project_id)


def _named(records: dict[str, Group] | dict[str, ProjectRole], named: str) -> Group | ProjectRole | None:
    wanted = named.lower()
    return records.get(named) or next((each for each in records.values() if each.name.lower() == wanted), None)


def _to_group(named: str) -> Visibility:
    state, who = site().state, user()
    group = _named(state.groups, named)
    if group is None:
        raise Invalid(fields={"commentLevel": f"Group: {named} does not exist."})
    if who is None or not in_group(state, group.id, who):
        raise Invalid(fields={"commentLevel": f"You are currently not a member of the group: {group.name}."})
    return Visibility("group", group.id, group.name)


def _to_role(named: str, project_id: str) -> Visibility:
    state, who = site().state, user()
    role = _named(state.roles, named)
    if role is None:
        raise Invalid(fields={"commentLevel": f"Role: {named} does not exist."})
    if who is None or not in_role(state, role.id, state.projects[project_id], who):
        raise Invalid(fields={"commentLevel": f"You are currently not a member of the project role: {role.name}."})
    return Visibility("role", role.id, role.name)
