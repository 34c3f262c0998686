"""What a flavour of Jira offers: how it lets people in, says no, and shows what the two flavours show differently.

Routes raise errors in our words, render through the `Scene` and never ask which flavour they serve; where Cloud and
Data Center differ there is a method here, and one answer each in `cloud.py` and `data_center.py`.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import wraps
from typing import Any, ClassVar

import orjson
from flask import Request, Response, current_app, g

from fake_jira.auth.caller import Caller
from fake_jira.errors import Forbidden, Invalid, JiraError
from fake_jira.flavours.limits import Limits
from fake_jira.flavours.people import People
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
from fake_jira.model.state import State
from fake_jira.worlds import World

Json = dict[str, Any]
Teller = Callable[[JiraError], Response]
SIZES = ("48x48", "24x24", "16x16", "32x32")
JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Scene:
    """What rendering depends on besides the record: the address, the API version, the caller's zone [jira 5, 6.1].

    `site` is the address without a path; `version` is "2" or "3", `asked` the word in the request's path: on Cloud
    /latest behaves as version 2 and only an issue's own `self` still says so.
    """

    flavour: "Flavour"
    state: State
    site: str
    version: str
    asked: str
    zone: tzinfo

    @property
    def api(self) -> str:
        """Where nested `self` links lead."""
        return f"{self.site}/rest/api/{self.version}"

    def stamp(self, instant: datetime) -> str:
        """Jira's timestamp: milliseconds, and an offset without a colon."""
        local = instant.astimezone(self.zone).isoformat(timespec="milliseconds")
        return local[:-3] + local[-2:]

    def stamp_or_none(self, instant: datetime | None) -> str | None:
        return None if instant is None else self.stamp(instant)


class Flavour(People):
    """One flavour; `api_versions` are the words that may stand in /rest/api/WORD, the oldest first."""

    name: ClassVar[str]
    api_versions: ClassVar[tuple[str, ...]]
    empty_type: ClassVar[str]  # content type of an answer without a body [jira 5.5]
    jql_user: ClassVar[str]  # what queries call a user by: an attribute of the record
    comments_per_page: ClassVar[int]  # unless asked for another number
    pages_worklogs: ClassVar[bool]  # or answers with all of an issue at once
    watcher_parameters: ClassVar[tuple[str, ...]]  # how a query names who watches, the usual one first
    caps_issues: ClassVar[bool]  # whether one issue can hold only so many comments, links, ... [jira 7.1]
    lead_names: ClassVar[tuple[str, ...]]  # what bodies name the lead of a project or component by
    project_expand: ClassVar[str]  # what projects say that they can be expanded by
    version_usage: ClassVar[str]  # the name of a version's use in custom fields, among its counts
    trash_keeps = timedelta(days=60)  # how long a project in the trash can be restored
    tellers: ClassVar[Mapping[type[JiraError], Teller]]  # when do we answer 404? one table per flavour

    limits: ClassVar[Limits]
    webhook_path = "/rest/webhooks/1.0/webhook"  # of administrators' webhooks [jira 5.14]
    webhook_agent = "1001.0.0-SNAPSHOT (100290)"  # the version and build that deliveries say they come from
    webhook_retries = 5  # how often a delivery is tried again [jira 5.13]

    # who calls, and what is refused before anybody looks

    @abstractmethod
    def authenticate(self, world: World, request: Request) -> Caller:
        """Who calls. Raises the JiraError that this flavour answers a bad credential with, where it refuses at all."""

    @abstractmethod
    def screen(self, request: Request) -> Response | None:
        """The answer to what is turned away before anybody asks who is calling; None lets the request in."""

    def admit(self, world: World, caller: Caller, request: Request) -> Response | None:
        """What is turned away once it is known who calls, e.g. for a scope; None lets the request go on."""
        return None

    # saying no, and what goes along with every answer

    def failure(self, error: JiraError) -> Response:
        """The answer for an error of ours: its own row of the table, or that of the kind it is."""
        for kind in type(error).__mro__:
            if kind in self.tellers:
                return self.tellers[kind](error)
        raise error

    def denied(self, operation: str, sentence: str) -> JiraError:
        """What `operation` (Atlassian's name) is refused with, to who sees the project or site and may not do that."""
        return Forbidden(sentence)

    def no_alternative(self, sentence: str) -> JiraError:
        """What is answered where an issue type shall be replaced by one that cannot take its place."""
        return Invalid(sentence)

    @abstractmethod
    def no_endpoint(self, request: Request) -> Response:
        """The answer where there is no such route."""

    @abstractmethod
    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """The answer where the route has other methods."""

    @abstractmethod
    def headers(self, world: World, caller: Caller) -> Mapping[str, str]:
        """What every answer carries besides its own headers."""

    @abstractmethod
    def server_info(self, scene: Scene, now: datetime, *, signed_in: bool) -> Json:
        """The site about itself [jira 5.1]."""

    def server_state(self, world: World) -> str:
        """What /status says: RUNNING, or what the server is busy with instead."""
        return "RUNNING"

    # people (more about them in `people.py`)

    @abstractmethod
    def full_user(self, scene: Scene, who: User, expand: Collection[str] = ()) -> Json:
        """A user as `myself` and `user` show one; `expand`: groups, applicationRoles."""

    @abstractmethod
    def user_id(self, who: User) -> str:
        """What stands for the user in changelogs and JQL: account id or key."""

    # records that look different

    @abstractmethod
    def color_name(self, category: StatusCategory) -> str:
        """The `colorName` of a status category [jira 6.2]."""

    @abstractmethod
    def avatar(self, scene: Scene, kind: str, avatar_id: str | int, size: str) -> str:
        """The address of a picture; `kind` is "user", "project" or "issuetype", `size` as in "48x48"."""

    @abstractmethod
    def issue_type(self, each: IssueType) -> Json:
        """What an issue type shows beyond the keys that both flavours have."""

    @abstractmethod
    def project(self, each: Project) -> Json:
        """What a project in an issue's field shows beyond the keys that both flavours have."""

    @abstractmethod
    def listed_project(self, each: Project) -> Json:
        """What a project in lists shows beyond that."""

    def component(self) -> Json:
        """What a component shows beyond the keys that both flavours have."""
        return {}

    @abstractmethod
    def transition(self, each: Transition, *, available: bool) -> Json:
        """What a transition shows beyond `id`, `name` and `to`."""

    @abstractmethod
    def not_offered(self, issue: Issue, transition_id: str, known: Transition | None) -> JiraError:
        """What a transition is refused with that is not offered; `known` if the workflow has it [jira 2.7]."""

    @abstractmethod
    def workflow(self, each: Workflow, *, default: bool) -> Json:
        """A workflow as the plain list shows it."""

    @abstractmethod
    def no_old_createmeta(self) -> JiraError | None:
        """The answer of the old createmeta where it is gone; None where it still works [jira 5.3]."""

    def keeps_deprecated(self) -> bool:
        """Whether GET group and DELETE version, which version 10 of Data Center has removed, are there."""
        return True

    @abstractmethod
    def no_create_project(self, project_id_or_key: str) -> JiraError:
        """What createmeta answers for a project that is not there."""

    @abstractmethod
    def option(self, each: Option) -> Json:
        """What an option in an issue's field shows beyond `self`, `value` and `id`."""

    @abstractmethod
    def custom_field_option(self, scene: Scene, each: Option, children: Sequence[Option]) -> Json:
        """An option of a custom field at its own address."""

    @abstractmethod
    def group(self, scene: Scene, each: Group) -> Json:
        """A group as fields and lists show it."""

    @abstractmethod
    def saved_filter(self, each: Filter, editors: list[Json], *, changeable: bool) -> Json:
        """What a saved filter shows beyond the keys that both flavours have; `editors`: the shares for editing."""

    @abstractmethod
    def share(self, each: Share) -> Json:
        """What a filter's share shows beyond `id`, `type` and whom it is for."""

    @abstractmethod
    def automatic(self, value: Any) -> bool:
        """Whether a user value means the project's default assignee."""

    @abstractmethod
    def unknown_user(self, named: str, field: str) -> str:
        """The sentence about a user value that names nobody."""

    @abstractmethod
    def comment(self, each: Comment) -> Json:
        """What a comment shows beyond the keys that both flavours have."""

    @abstractmethod
    def attachment(self, scene: Scene, each: Attachment, *, pictured: bool) -> Json:
        """Where the bytes of a file are, and those of its thumbnail if it is a picture."""

    @abstractmethod
    def visibility(self, each: Visibility) -> Json:
        """Who a comment or a worklog is restricted to."""

    @abstractmethod
    def history(self, changes: Sequence[Change]) -> Sequence[Change]:
        """The changelog (oldest first) in the order of `expand=changelog` [jira 5.9]."""

    @abstractmethod
    def change_item(self, scene: Scene, item: Json) -> Json:
        """One item of a changelog as this flavour has it."""

    @abstractmethod
    def field_page(self, name: str, shown: Sequence[Json], start: int, size: int, total: int) -> Json:
        """A page of create metadata; `name` is "issueTypes" or "fields" [jira 5.3]."""

    def avatars(self, scene: Scene, kind: str, avatar_id: str | int) -> Json:
        """All sizes of a picture."""
        return {size: self.avatar(scene, kind, avatar_id, size) for size in SIZES}

    def lets_in(self, chapter_of: str | None) -> bool:
        """Whether a chapter that is marked for one flavour (None = both) is this flavour's."""
        return chapter_of in (None, self.name)


def as_json(body: Any, status: int, content_type: str = JSON) -> Response:
    """An answer with `body` as JSON."""
    return Response(orjson.dumps(body), status, content_type=content_type)


def body_type(asked: Request) -> str | None:
    """The content type that the route reads: JSON unless its view says otherwise (`wire.takes`); None = any."""
    if asked.endpoint is None or not asked.path.startswith("/rest/api/"):
        return None
    kind: str | None = getattr(current_app.view_functions[asked.endpoint], "body_type", "application/json")
    return kind


def locked(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, run while nobody else reads or writes its request's world."""

    @wraps(view)
    def held(*args: Any, **kwargs: Any) -> Any:
        with g.world.lock:
            return view(*args, **kwargs)

    return held
