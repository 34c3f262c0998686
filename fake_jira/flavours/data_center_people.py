"""People as Jira Data Center shows them: by name, and by a key that stays when they are renamed; groups by name."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fake_jira.flavours.people import People
from fake_jira.model.access import Group, Holder, SecurityLevel, SecurityScheme
from fake_jira.model.groups import group_named
from fake_jira.model.permissions import Permission
from fake_jira.model.records import RoleActor, User
from fake_jira.model.state import State

if TYPE_CHECKING:
    from fake_jira.flavours.base import Scene

Json = dict[str, Any]


class DataCenterPeople(People):
    search_by = "username"
    open = False
    all_permissions = True

    def user_in(self, state: State, value: Any) -> User | None:
        """By `name` or `key`; a bare string is a name."""
        given = value if isinstance(value, dict) else {"name": value}
        for attribute in ("name", "key"):
            named = given.get(attribute)
            if isinstance(named, str) and named:
                wanted = named.lower()
                among = (who for who in state.users.values() if not who.deleted)
                return next((who for who in among if getattr(who, attribute).lower() == wanted), None)
        return None

    def user_asked(self, state: State, query: Mapping[str, str], *, key: str = "key") -> User | None:
        return self.user_in(state, {"name": query.get("username"), "key": query.get(key)})

    def names_a_user(self, query: Mapping[str, str], *, key: str = "key") -> bool:
        return bool(query.get("username") or query.get(key))

    def group(self, scene: "Scene", group: Group) -> Json:
        return {"name": group.name, "self": f"{scene.api}/group?groupname={quote(group.name)}"}

    def picked(self, scene: "Scene", who: User) -> Json:
        return {"name": who.name, "key": who.key, "displayName": who.display_name}

    def group_asked(self, state: State, query: Mapping[str, str]) -> Group | None:
        return group_named(state, query.get("groupname", ""))

    def group_users(self, scene: "Scene", shown: list[Json], start: int, size: int, total: int) -> Json:
        last = max(start, start + len(shown) - 1)
        return {"size": total, "items": shown, "max-results": size, "start-index": start, "end-index": last}

    def actor(self, scene: "Scene", actor: RoleActor, number: int) -> Json:
        if actor.is_group:
            group = scene.state.groups.get(actor.who)
            name = group.name if group else actor.who
            return {"id": number, "displayName": name, "type": "atlassian-group-role-actor", "name": name}
        who = scene.state.users[actor.who]
        return {
            "id": number,
            "displayName": who.display_name,
            "type": "atlassian-user-role-actor",
            "name": who.name,
            "avatarUrl": scene.flavour.avatar(scene, "user", 10122, "16x16"),
        }

    def actor_named(self, state: State, kind: str, value: str) -> str | None:
        if kind == "user":
            user = self.user_in(state, value) or self.user_in(state, {"key": value})
            return user.account_id if user else None
        group = group_named(state, value) if kind == "group" else None
        return group.id if group else None

    def holder(self, scene: "Scene", holder: Holder, expand: Collection[str]) -> Json:
        """What is named is described only where `expand` asks for it."""
        state, named = scene.state, holder.parameter or ""
        shown: Json = {"type": holder.kind}
        about: Json = {}
        if holder.kind == "group" and named in state.groups:
            shown["parameter"] = state.groups[named].name
            about = self.group(scene, state.groups[named])
        elif holder.kind == "user" and named in state.users:
            shown["parameter"] = state.users[named].key
            about = self.user(scene, state.users[named])
        elif holder.kind == "projectRole" and named in state.roles:
            role = state.roles[named]
            shown["parameter"] = named
            about = {
                "self": f"{scene.api}/role/{role.id}",
                "name": role.name,
                "id": int(role.id),
                "description": role.description,
            }
        if about:
            shown["expand"] = holder.kind
            if not {"all", holder.kind}.isdisjoint(expand):
                shown[holder.kind] = about
        return shown

    def security_level(self, scheme: SecurityScheme, level: SecurityLevel) -> Json:
        return {}

    def permission(self, each: Permission) -> Mapping[str, Json]:
        """Permissions that had another key once are shown under that too."""
        return {each.key: {}} | ({each.former: {"deprecatedKey": True}} if each.former else {})
