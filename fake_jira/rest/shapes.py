"""Records of the site -> their JSON on Cloud [jira 5.1, 5.2, 6.2]. Issues have a module of their own."""

from typing import Any
from urllib.parse import quote

from fake_jira.model.records import (
    Comment,
    Field,
    IssueType,
    Priority,
    Project,
    Resolution,
    Status,
    StatusCategory,
    Transition,
    User,
)
from fake_jira.rest.richtext import as_document
from fake_jira.rest.scene import Scene

Json = dict[str, Any]
SIZES = ("48x48", "24x24", "16x16", "32x32")
PROJECT_EXPAND = "description,lead,issueTypes,url,projectKeys,permissions,insight"


def avatars(scene: Scene, kind: str, number: int) -> Json:
    address = f"{scene.api}/universal_avatar/view/type/{kind}/avatar/{number}"
    return {size: f"{address}?size={size}" for size in SIZES}


def user(scene: Scene, who: User) -> Json:
    """A user as fields, comments and lists show one."""
    return {
        "self": f"{scene.api}/user?accountId={quote(who.account_id)}",
        "accountId": who.account_id,
        "emailAddress": who.email,
        "avatarUrls": avatars(scene, "user", 10300),
        "displayName": who.display_name,
        "active": who.active,
        "timeZone": who.time_zone,
        "accountType": "atlassian",
    }


def user_by_id(scene: Scene, account_id: str | None) -> Json | None:
    return None if account_id is None else user(scene, scene.state.users[account_id])


def full_user(scene: Scene, who: User) -> Json:
    """A user as `myself` and `user` show one."""
    empty = {"size": 0, "items": []}
    return user(scene, who) | {
        "locale": who.locale,
        "groups": empty,
        "applicationRoles": empty,
        "expand": "groups,applicationRoles",
    }


def category(scene: Scene, each: StatusCategory) -> Json:
    return {
        "self": f"{scene.api}/statuscategory/{each.id}",
        "id": each.id,
        "key": each.key,
        "colorName": each.color_name,
        "name": each.name,
    }


def status(scene: Scene, each: Status) -> Json:
    return {
        "self": f"{scene.api}/status/{each.id}",
        "description": each.description,
        "iconUrl": f"{scene.site}/images/icons/statuses/generic.png",
        "name": each.name,
        "id": each.id,
        "statusCategory": category(scene, scene.state.categories[each.category_id]),
    }


def issue_type(scene: Scene, each: IssueType) -> Json:
    avatar = 10300 + int(each.id) % 100
    return {
        "self": f"{scene.api}/issuetype/{each.id}",
        "id": each.id,
        "description": each.description,
        "iconUrl": f"{scene.api}/universal_avatar/view/type/issuetype/avatar/{avatar}?size=medium",
        "name": each.name,
        "subtask": each.subtask,
        "avatarId": avatar,
        "hierarchyLevel": each.hierarchy_level,
    }


def priority(scene: Scene, each: Priority) -> Json:
    return {
        "self": f"{scene.api}/priority/{each.id}",
        "iconUrl": f"{scene.site}/images/icons/priorities/{each.name.lower()}.svg",
        "name": each.name,
        "id": each.id,
    }


def full_priority(scene: Scene, each: Priority) -> Json:
    return priority(scene, each) | {"statusColor": each.color, "description": each.description}


def resolution(scene: Scene, each: Resolution) -> Json:
    return {
        "self": f"{scene.api}/resolution/{each.id}",
        "id": each.id,
        "description": each.description,
        "name": each.name,
    }


def project(scene: Scene, each: Project) -> Json:
    """A project as an issue's field shows it."""
    return {
        "self": f"{scene.api}/project/{each.id}",
        "id": each.id,
        "key": each.key,
        "name": each.name,
        "projectTypeKey": "software",
        "simplified": False,
        "avatarUrls": avatars(scene, "project", 10400),
    }


def listed_project(scene: Scene, each: Project) -> Json:
    """A project as lists show it."""
    extras = {"expand": PROJECT_EXPAND, "style": "classic", "isPrivate": False, "properties": {}}
    return project(scene, each) | extras


def full_project(scene: Scene, each: Project) -> Json:
    """A project as its own address shows it."""
    return listed_project(scene, each) | {
        "description": each.description,
        "lead": user(scene, scene.state.users[each.lead]),
        "components": [],
        "issueTypes": [issue_type(scene, scene.state.types[type_id]) for type_id in each.type_ids],
        "assigneeType": "UNASSIGNED",
        "versions": [],
        "roles": {},
    }


def field(each: Field) -> Json:
    shown: Json = {
        "id": each.id,
        "key": each.id,
        "name": each.name,
        "custom": False,
        "orderable": each.orderable,
        "navigable": each.navigable,
        "searchable": True,
        "clauseNames": list(each.clauses),
    }
    return shown | {"schema": schema(each)}


def schema(each: Field) -> Json:
    shown: Json = {"type": each.kind, "system": each.id}
    return shown | ({"items": each.items} if each.items else {})


def transition(scene: Scene, each: Transition) -> Json:
    return {
        "id": each.id,
        "name": each.name,
        "to": status(scene, scene.state.statuses[each.to_status]),
        "hasScreen": False,
        "isGlobal": not each.sources,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
    }


def comment(scene: Scene, issue_id: str, each: Comment) -> Json:
    return {
        "self": f"{scene.api}/issue/{issue_id}/comment/{each.id}",
        "id": each.id,
        "author": user_by_id(scene, each.author),
        "body": as_document(each.body) if scene.version == "3" else each.body.text,
        "updateAuthor": user_by_id(scene, each.update_author),
        "created": scene.stamp(each.created),
        "updated": scene.stamp(each.updated),
        "jsdPublic": True,
    }
