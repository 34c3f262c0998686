"""Records of the site -> their JSON [jira 5.1, 5.2, 6.2]. Issues have a module of their own.

What the flavours show differently is asked of `scene.flavour`.
"""

from typing import Any

from fake_jira.flavours import Scene
from fake_jira.model.field_records import Option
from fake_jira.model.project_records import Category, Component, Version
from fake_jira.model.records import (
    Comment,
    Field,
    IssueType,
    LinkType,
    Priority,
    Project,
    Resolution,
    Status,
    StatusCategory,
    Transition,
    User,
)
from fake_jira.rest.richtext import as_document

Json = dict[str, Any]


def user(scene: Scene, who: User) -> Json:
    """A user as fields, comments and lists show one."""
    return scene.flavour.user(scene, who)


def user_by_id(scene: Scene, account_id: str | None) -> Json | None:
    return None if account_id is None else user(scene, scene.state.users[account_id])


def category(scene: Scene, each: StatusCategory) -> Json:
    return {
        "self": f"{scene.api}/statuscategory/{each.id}",
        "id": each.id,
        "key": each.key,
        "colorName": scene.flavour.color_name(each),
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
        **({"scope": {"type": "PROJECT", "project": {"id": each.project_id}}} if each.project_id else {}),
    }


def issue_type(scene: Scene, each: IssueType) -> Json:
    avatar = each.avatar_id or 10300 + int(each.id) % 100
    return {
        "self": f"{scene.api}/issuetype/{each.id}",
        "id": each.id,
        "description": each.description,
        "iconUrl": scene.flavour.avatar(scene, "issuetype", avatar, "medium"),
        "name": each.name,
        "subtask": each.subtask,
        "avatarId": avatar,
        **scene.flavour.issue_type(each),
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
    category = scene.state.project_categories.get(each.category_id or "")
    return {
        "self": f"{scene.api}/project/{each.id}",
        "id": each.id,
        "key": each.key,
        "name": each.name,
        "projectTypeKey": each.type_key,
        "avatarUrls": scene.flavour.avatars(scene, "project", each.avatar_id),
        **({"projectCategory": project_category(scene, category)} if category else {}),
        **scene.flavour.project(each),
    }


def project_category(scene: Scene, each: Category) -> Json:
    return {
        "self": f"{scene.api}/projectCategory/{each.id}",
        "id": each.id,
        "name": each.name,
        "description": each.description,
    }


def component(scene: Scene, each: Component) -> Json:
    """A component as an issue's field shows it."""
    described = {"description": each.description} if each.description else {}
    return {"self": f"{scene.api}/component/{each.id}", "id": each.id, "name": each.name, **described}


def version(scene: Scene, each: Version) -> Json:
    """A version as an issue's field shows it."""
    return {
        "self": f"{scene.api}/version/{each.id}",
        "id": each.id,
        **({"description": each.description} if each.description else {}),
        "name": each.name,
        "archived": each.archived,
        "released": each.released,
        **({"releaseDate": each.release.isoformat()} if each.release else {}),
    }


def field(each: Field) -> Json:
    shown: Json = {
        "id": each.id,
        "key": each.id,
        "name": each.name,
        "custom": each.custom is not None,
        "orderable": each.orderable,
        "navigable": each.navigable,
        "searchable": True,
        "clauseNames": list(each.clauses),
    }
    return shown | {"schema": schema(each)}


def schema(each: Field) -> Json:
    shown: Json = {"type": each.kind} | ({"items": each.items} if each.items else {})
    if each.custom is None:
        return shown | {"system": each.id}
    return shown | {"custom": each.custom, "customId": int(each.id.removeprefix("customfield_"))}


def option(scene: Scene, each: Option) -> Json:
    """An option of a custom field as issues and metadata show it."""
    address = f"{scene.api}/customFieldOption/{each.id}"
    return {"self": address, "value": each.value, "id": each.id, **scene.flavour.option(each)}


def transition(scene: Scene, each: Transition, *, available: bool = True) -> Json:
    return {
        "id": each.id,
        "name": each.name,
        "to": status(scene, scene.state.statuses[each.to_status]),
        **scene.flavour.transition(each, available=available),
    }


def link_type(scene: Scene, each: LinkType) -> Json:
    return {
        "id": each.id,
        "name": each.name,
        "inward": each.inward,
        "outward": each.outward,
        "self": f"{scene.api}/issueLinkType/{each.id}",
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
        **({"visibility": scene.flavour.visibility(each.visibility)} if each.visibility else {}),
        **scene.flavour.comment(each),
    }
