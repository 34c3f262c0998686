"""Jira Data Center: how it says no, what it sends along, and what it shows its own way [jira 2.6, 2.8, 6.4].

Its versions differ (`since`): 8.17.1, 9.12 and 10.3 are imitated.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from flask import Response

from fake_jira import errors
from fake_jira.errors import JiraError
from fake_jira.flavours.base import Flavour, Json, Scene, Teller, as_json
from fake_jira.flavours.cloud import classic
from fake_jira.flavours.data_center_doors import TELLERS, DataCenterDoors
from fake_jira.flavours.data_center_people import DataCenterPeople
from fake_jira.flavours.limits import DataCenterLimits
from fake_jira.model.access import Group
from fake_jira.model.field_records import Option
from fake_jira.model.filter_records import Filter, Share
from fake_jira.model.records import (
    Attachment,
    Change,
    Comment,
    Issue,
    IssueType,
    Project,
    StatusCategory,
    Transition,
    User,
    Visibility,
    Workflow,
)
from fake_jira.model.state import DATA_CENTER

COLORS = {1: "medium-gray", 2: "default", 4: "inprogress", 3: "success"}
ONE_OF_SEVERAL = re.compile(r"[^\[\], ]+")  # a changelog lists them as [one, other]
SIZE_WORDS = {"48x48": "", "24x24": "size=small&", "16x16": "size=xsmall&", "32x32": "size=medium&"}


class DataCenter(DataCenterDoors, DataCenterPeople, Flavour):
    """Jira Data Center (and Server) of one of the imitated versions. Invalid for any other version."""

    name = DATA_CENTER
    api_versions = ("2", "latest")
    limits = DataCenterLimits()
    empty_type = "application/json;charset=UTF-8"
    jql_user = "name"
    lead_names = ("lead", "leadUserName")
    project_expand = "description,lead,url,projectKeys"
    version_usage = "customFieldNames"
    comments_per_page = 1000
    pages_worklogs = False
    watcher_parameters = ("username", "userName")
    caps_issues = False
    tellers: ClassVar[Mapping[type[JiraError], Teller]] = TELLERS | {
        errors.Invalid: lambda error: classic(error, 400),
        errors.NotThere: lambda error: classic(error, 404),
        errors.NoIssue: lambda _: classic(JiraError("Issue Does Not Exist"), 404),
        errors.Hidden: lambda error: classic(error, 403),
        errors.FileTooLarge: lambda error: classic(error, 404),
        errors.NoWatching: lambda error: classic(error, 401),
        errors.NoLinking: lambda error: classic(error, 401),
        errors.EmptyNotFound: lambda _: Response(b"", 404),
        errors.Forbidden: lambda error: classic(error, 403),
        errors.NotAuthorised: lambda error: classic(error, 401),
        errors.Taken: lambda error: classic(error, 409),
        errors.NotYours: lambda error: classic(error, 401),
        errors.Gone: lambda error: classic(error, 410),
        errors.Conflict: lambda error: classic(error, 409),
        errors.TooMuch: lambda error: classic(error, 413),
        errors.ServerTrouble: lambda error: as_json({"message": str(error), "status-code": 500}, 500),
        errors.NotImitated: lambda error: classic(error, 501),
    }

    def user(self, scene: Scene, who: User) -> Json:
        return {
            "self": f"{scene.api}/user?username={quote(who.name)}",
            "name": who.name,
            "key": who.key,
            "emailAddress": who.email,
            "avatarUrls": self.avatars(scene, "user", 10122),
            "displayName": who.display_name,
            "active": who.active,
            "timeZone": who.time_zone,
        }

    def full_user(self, scene: Scene, who: User, expand: Collection[str] = ()) -> Json:
        whole = self.user(scene, who) | {"deleted": who.deleted, "locale": who.locale}
        return whole | self.memberships(scene, who, expand)

    def user_id(self, who: User) -> str:
        return who.key

    def color_name(self, category: StatusCategory) -> str:
        return COLORS.get(category.id, category.color_name)

    def avatar(self, scene: Scene, kind: str, avatar_id: str | int, size: str) -> str:
        words = SIZE_WORDS.get(size, "size=xsmall&")
        if kind == "user":
            return f"{scene.site}/secure/useravatar?{words}avatarId={avatar_id}"
        if kind == "project":
            return f"{scene.site}/secure/projectavatar?{words}avatarId={avatar_id}"
        return f"{scene.site}/secure/viewavatar?{words}avatarId={avatar_id}&avatarType={kind}"

    def issue_type(self, each: IssueType) -> Json:
        return {}

    def project(self, each: Project) -> Json:
        return {}

    def listed_project(self, each: Project) -> Json:
        return {"archived": each.archived_at is not None}

    def component(self) -> Json:
        return {"archived": False, "deleted": False}

    def transition(self, each: Transition, *, available: bool) -> Json:
        return {"description": each.description, "opsbarSequence": each.sequence}

    def not_offered(self, issue: Issue, transition_id: str, known: Transition | None) -> JiraError:
        """Atlassian documents 500 for an id that the workflow does not have."""
        if known is None:
            return errors.ServerTrouble(f"Transition id '{transition_id}' is not valid for this issue.")
        return errors.Invalid(
            f"It seems that you have tried to perform a workflow operation ({known.name}) that is not valid for the "
            f"current state of this issue ({issue.key}). The likely cause is that somebody has changed the issue "
            "recently, please look at the issue history for details."
        )

    def workflow(self, each: Workflow, *, default: bool) -> Json:
        return {"name": each.name, "description": each.description, "steps": len(each.status_ids), "default": default}

    def no_old_createmeta(self) -> JiraError | None:
        return errors.NoIssue() if self.since(9) else None

    def keeps_deprecated(self) -> bool:
        return not self.since(10)

    def no_create_project(self, project_id_or_key: str) -> JiraError:
        return errors.Invalid(f"The project '{project_id_or_key}' does not exist or you may not see it.")

    def option(self, each: Option) -> Json:
        return {"disabled": each.disabled}

    def custom_field_option(self, scene: Scene, each: Option, children: Sequence[Option]) -> Json:
        return {
            "self": f"{scene.api}/customFieldOption/{each.id}",
            "id": int(each.id),
            "value": each.value,
            "disabled": each.disabled,
            "childrenIds": [int(child.id) for child in children],
        }

    def group(self, scene: Scene, each: Group) -> Json:
        return {"name": each.name, "self": f"{scene.api}/group?groupname={quote(each.name)}"}

    def saved_filter(self, each: Filter, editors: list[Json], *, changeable: bool) -> Json:
        return {"editable": changeable}

    def share(self, each: Share) -> Json:
        return {"view": True, "edit": each.edits}

    def automatic(self, value: Any) -> bool:
        return value == "-1" or (isinstance(value, dict) and value.get("name") == "-1")

    def unknown_user(self, named: str, field: str) -> str:
        if field == "reporter":
            return "The reporter specified is not a user."
        return f"User '{named}' does not exist."

    def comment(self, each: Comment) -> Json:
        return {}

    def attachment(self, scene: Scene, each: Attachment, *, pictured: bool) -> Json:
        content = {"content": f"{scene.site}/secure/attachment/{each.id}/{quote(each.filename)}"}
        thumbnail = f"{scene.site}/secure/thumbnail/{each.id}/_thumb_{each.id}.png"
        return content | ({"thumbnail": thumbnail} if pictured else {})

    def visibility(self, each: Visibility) -> Json:
        return {"type": each.kind, "value": each.name}

    def history(self, changes: Sequence[Change]) -> Sequence[Change]:
        return changes

    def change_item(self, scene: Scene, item: Json) -> Json:
        """Without `fieldId`, and people by their keys [jira 5.9]."""
        shown = {name: value for name, value in item.items() if name != "fieldId"}
        field = scene.state.fields.get(item.get("fieldId", ""))
        if field is not None and "user" in (field.kind, field.items):
            for end in ("from", "to"):
                shown[end] = item[end] and ONE_OF_SEVERAL.sub(lambda one: _key(scene, one[0]), item[end])
        return shown

    def field_page(self, name: str, shown: Sequence[Json], start: int, size: int, total: int) -> Json:
        last = start + len(shown) >= total
        return {"maxResults": size, "startAt": start, "total": total, "isLast": last, "values": list(shown)}


def _key(scene: Scene, account_id: str) -> str:
    """The key of a user; of nobody who is known, what was given."""
    who = scene.state.users.get(account_id)
    return who.key if who else account_id
