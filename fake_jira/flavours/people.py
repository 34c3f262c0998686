"""How the flavours differ about people: what names them in a request, what groups, role actors and holders look like.

Cloud knows account ids and group ids; Data Center knows names, and keys that outlive a renaming.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from fake_jira.model.access import Group, Holder, SecurityLevel, SecurityScheme
from fake_jira.model.groups import group_named, groups_of
from fake_jira.model.permissions import Permission
from fake_jira.model.records import RoleActor, User
from fake_jira.model.state import State

if TYPE_CHECKING:
    from fake_jira.flavours.base import Scene

Json = dict[str, Any]
EXPANDABLE = "groups,applicationRoles"
APPLICATION = ("jira-software", "Jira Software")
SEATS = 100


class People(ABC):
    """`search_by`: the query parameter that users are searched by; `open`: whether anonymous callers may search."""

    search_by: ClassVar[str]
    open: ClassVar[bool]
    all_permissions: ClassVar[bool]  # whether `mypermissions` answers all, whatever it is asked for [jira 5.1]

    @abstractmethod
    def user(self, scene: "Scene", who: User) -> Json:
        """A user as fields, comments and lists show one."""

    @abstractmethod
    def user_in(self, state: State, value: Any) -> User | None:
        """The user that a JSON value names ({"accountId"} or {"name"} or {"key"}); None if it names nobody known."""

    @abstractmethod
    def user_asked(self, state: State, query: Mapping[str, str], *, key: str = "key") -> User | None:
        """The user that a query names; None if nobody. `key`: what the parameter for a user's key is called."""

    @abstractmethod
    def names_a_user(self, query: Mapping[str, str], *, key: str = "key") -> bool:
        """Whether a query names a user at all."""

    @abstractmethod
    def group(self, scene: "Scene", group: Group) -> Json:
        """A group as lists show one."""

    @abstractmethod
    def picked(self, scene: "Scene", who: User) -> Json:
        """A user as pickers offer one, without the highlighting."""

    @abstractmethod
    def group_asked(self, state: State, query: Mapping[str, str]) -> Group | None:
        """The group that a query names by `groupname` (or `groupId`); None if there is none."""

    @abstractmethod
    def group_users(self, scene: "Scene", shown: list[Json], start: int, size: int, total: int) -> Json:
        """The users of a group as the group itself shows them."""

    @abstractmethod
    def actor(self, scene: "Scene", actor: RoleActor, number: int) -> Json:
        """Who is in a project role."""

    @abstractmethod
    def actor_named(self, state: State, kind: str, value: str) -> str | None:
        """The id of the user, the group or the group by id (`kind`: user, group, groupId) of a role; None if none."""

    @abstractmethod
    def holder(self, scene: "Scene", holder: Holder, expand: Collection[str]) -> Json:
        """Who holds a permission of a scheme, or is in a security level."""

    @abstractmethod
    def permission(self, each: Permission) -> Mapping[str, Json]:
        """What goes along with a permission, by key: the key that it had before, where that is still shown."""

    @abstractmethod
    def security_level(self, scheme: SecurityScheme, level: SecurityLevel) -> Json:
        """What a security level shows beyond the keys that both flavours have."""

    def application_role(self, scene: "Scene") -> Json:
        """The one product of the site, and the groups whose members may use it."""
        names = [group.name for group in scene.state.groups.values()]
        used = sum(user.active for user in scene.state.users.values())
        return {
            "key": APPLICATION[0],
            "groups": names,
            "name": APPLICATION[1],
            "defaultGroups": [name for name in names if name.endswith("users")],
            "selectedByDefault": False,
            "defined": True,
            "numberOfSeats": SEATS,
            "remainingSeats": max(0, SEATS - used),
            "userCount": used,
            "userCountDescription": "users",
            "hasUnlimitedSeats": False,
            "platform": False,
        }

    def memberships(self, scene: "Scene", who: User, expand: Collection[str]) -> Json:
        """The groups and applications of a user, their items only when asked for."""
        groups = groups_of(scene.state, who)
        items = [self.group(scene, each) for each in groups] if "groups" in expand else []
        roles = [self.application_role(scene)] if groups and "applicationRoles" in expand else []
        return {
            "groups": {"size": len(groups), "items": items},
            "applicationRoles": {"size": min(1, len(groups)), "items": roles},
            "expand": EXPANDABLE,
        }


def named_holder(state: State, value: Mapping[str, Any], flavour: People) -> Holder | None:
    """The holder that a request means by `type` and `parameter` or `value`; None if there is no such one."""
    kind, named = str(value.get("type")), str(value.get("value") or value.get("parameter") or "")
    if kind == "group":
        found = state.groups.get(named) or group_named(state, named)
        return Holder(kind, found.id) if found else None
    if kind == "user":
        user = state.users.get(named) or flavour.user_in(state, {"key": named}) or flavour.user_in(state, named)
        return Holder(kind, user.account_id) if user else None
    if kind == "projectRole":
        return Holder(kind, named) if named in state.roles else None
    return Holder(kind)
