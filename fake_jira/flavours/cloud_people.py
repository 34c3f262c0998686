"""People as Jira Cloud shows them: by account id; groups by id and name."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from fake_jira.flavours.people import People
from fake_jira.model.access import Group, Holder, SecurityLevel, SecurityScheme
from fake_jira.model.groups import group_named
from fake_jira.model.permissions import Permission
from fake_jira.model.records import RoleActor, User
from fake_jira.model.state import State

if TYPE_CHECKING:
    from fake_jira.flavours.base import Scene

Json = dict[str, Any]


class CloudPeople(People):
    search_by = "query"
    open = True
    all_permissions = False

    def user_in(self, state: State, value: Any) -> User | None:
        named = value.get("accountId", value.get("id")) if isinstance(value, dict) else None
        return state.users.get(named) if isinstance(named, str) else None

    def user_asked(self, state: State, query: Mapping[str, str], *, key: str = "key") -> User | None:
        found = state.users.get(query.get("accountId", ""))
        return None if found is None or found.deleted else found

    def names_a_user(self, query: Mapping[str, str], *, key: str = "key") -> bool:
        return bool(query.get("accountId"))

    def group(self, scene: "Scene", group: Group) -> Json:
        return {"name": group.name, "groupId": group.id, "self": f"{scene.api}/group?groupId={group.id}"}

    def picked(self, scene: "Scene", who: User) -> Json:
        return {"accountId": who.account_id, "accountType": "atlassian", "displayName": who.display_name}

    def group_asked(self, state: State, query: Mapping[str, str]) -> Group | None:
        if query.get("groupId"):
            return state.groups.get(query["groupId"])
        return group_named(state, query.get("groupname", ""))

    def group_users(self, scene: "Scene", shown: list[Json], start: int, size: int, total: int) -> Json:
        last = max(start, start + len(shown) - 1)
        return {"size": total, "items": shown, "max-results": size, "start-index": start, "end-index": last}

    def actor(self, scene: "Scene", actor: RoleActor, number: int) -> Json:
        if actor.is_group:
            group = scene.state.groups.get(actor.who)
            name = group.name if group else actor.who
            shown = {"name": name, "displayName": name, "groupId": actor.who}
            return {
                "id": number,
                "displayName": name,
                "type": "atlassian-group-role-actor",
                "name": name,
                "actorGroup": shown,
            }
        who = scene.state.users[actor.who]
        return {
            "id": number,
            "displayName": who.display_name,
            "type": "atlassian-user-role-actor",
            "actorUser": {"accountId": who.account_id},
        }

    def actor_named(self, state: State, kind: str, value: str) -> str | None:
        if kind == "user":
            user = state.users.get(value)
            return user.account_id if user and not user.deleted else None
        group = state.groups.get(value) if kind == "groupId" else group_named(state, value)
        return group.id if group else None

    def holder(self, scene: "Scene", holder: Holder, expand: Collection[str]) -> Json:
        named = holder.parameter
        shown: Json = {"type": holder.kind}
        if holder.kind == "group":
            group = scene.state.groups.get(named or "")
            shown |= {"parameter": group.name if group else named, "value": named}
        elif named is not None:
            shown |= {"parameter": named, "value": named}
        return shown | ({"expand": holder.kind} if holder.kind in ("group", "user", "projectRole") else {})

    def permission(self, each: Permission) -> Mapping[str, Json]:
        return {each.key: {}}

    def security_level(self, scheme: SecurityScheme, level: SecurityLevel) -> Json:
        return {"isDefault": scheme.default_level == level.id, "issueSecuritySchemeId": scheme.id}

    def application_role(self, scene: "Scene") -> Json:
        groups = list(scene.state.groups.values())
        defaults = [group for group in groups if group.name.endswith("users")]
        return super().application_role(scene) | {
            "groupDetails": [self.group(scene, each) for each in groups],
            "defaultGroupsDetails": [self.group(scene, each) for each in defaults],
        }
