"""Everything a site holds, as dicts of frozen records, and the `Site` that the verbs work on.

`State.copy()` copies dicts and no records: a snapshot of 50,000 issues takes milliseconds. The verbs (create,
transition, move, ...) are functions in the neighbouring modules and take a `Site` first.
"""

import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from fake_jira.clock import Clock
from fake_jira.errors import NoIssue
from fake_jira.model.access import (
    Group,
    NotificationScheme,
    Override,
    PermissionScheme,
    ProjectRole,
    SecurityScheme,
)
from fake_jira.model.app_records import (
    AccessToken,
    App,
    AuthorizationCode,
    FurtherSite,
    Grant,
    Login,
    RefreshToken,
)
from fake_jira.model.data_center_doors import Doors
from fake_jira.model.events import Event
from fake_jira.model.field_records import Context, Option, Screen
from fake_jira.model.filter_records import Filter
from fake_jira.model.index import Index
from fake_jira.model.project_records import Category, Component, Task, Version
from fake_jira.model.records import (
    Change,
    Field,
    Issue,
    IssueType,
    LinkType,
    Priority,
    Project,
    Resolution,
    Status,
    StatusCategory,
    Token,
    User,
    Workflow,
)
from fake_jira.model.webhook_records import AdminWebhook, DynamicWebhook, FailedDelivery

CLOUD, DATA_CENTER = "cloud", "data-center"
NOTHING: frozenset[str] = frozenset()
ANONYMOUS = ""  # stands for an account id in `State.grants`
LOOKING = frozenset({"BROWSE_PROJECTS", "VIEW_VOTERS_AND_WATCHERS", "VIEW_READONLY_WORKFLOW"})
LEVEL = "level:"  # and the id of a security level: the permission to see its issues
_edition = itertools.count(1)


@dataclass
class State:
    """`keys` holds every key an issue ever had, in capitals, moved and deleted ones included [jira 5.4].

    `grants`: (project id, account id) -> what that user may do there, and `by_issue`: project id -> what an issue's own
    people (reporter, assignee) may do to it; both worked out by `permissions.py`. `overrides`: what was given and taken
    by hand, by "project id/account id". `trash`: deleted issues, so that they can be restored. `edition` changes with
    everything that is no issue (a name, a project), for caches of rendered issues. `passwords`: account id -> what that
    user signs in with at a page, and at Data Center by Basic too. `blobs`: the bytes of attachments, by id.
    """

    flavour: str = CLOUD
    projects: dict[str, Project] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)  # by cookie
    apps: dict[str, App] = field(default_factory=dict)  # by client id
    app_grants: dict[str, Grant] = field(default_factory=dict)
    app_codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    further_sites: dict[str, FurtherSite] = field(default_factory=dict)  # by the world's name
    grants: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    by_issue: dict[str, tuple[tuple[str, frozenset[str]], ...]] = field(default_factory=dict)
    overrides: dict[str, Override] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, ProjectRole] = field(default_factory=dict)
    permission_schemes: dict[str, PermissionScheme] = field(default_factory=dict)
    notification_schemes: dict[str, NotificationScheme] = field(default_factory=dict)
    security_schemes: dict[str, SecurityScheme] = field(default_factory=dict)
    user_properties: dict[str, tuple[tuple[str, bytes], ...]] = field(default_factory=dict)
    preferences: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    categories: dict[int, StatusCategory] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    types: dict[str, IssueType] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)  # "priority", "resolution" -> id
    components: dict[str, Component] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    project_categories: dict[str, Category] = field(default_factory=dict)
    project_keys: dict[str, str] = field(default_factory=dict)  # every key a project has or had -> its id
    visited: dict[str, tuple[str, ...]] = field(default_factory=dict)  # account id -> projects, the latest first
    tasks: dict[str, Task] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    share_scopes: dict[str, str] = field(default_factory=dict)  # account id -> GLOBAL, AUTHENTICATED or PRIVATE
    issues: dict[str, Issue] = field(default_factory=dict)
    trash: dict[str, Issue] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    last_ids: dict[str, int] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    deleted_worklogs: dict[str, datetime] = field(default_factory=dict)  # worklog id -> when
    webhooks: dict[str, DynamicWebhook] = field(default_factory=dict)  # by id, as the administrators' are
    admin_webhooks: dict[str, AdminWebhook] = field(default_factory=dict)
    failed_deliveries: dict[str, FailedDelivery] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    doors: Doors = field(default_factory=Doors)  # of Data Center
    index: Index = field(default_factory=Index)
    edition: int = 0

    def copy(self) -> "State":
        """The same records in dicts of its own."""
        values: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        copies: dict[str, Any] = {
            name: value if isinstance(value, int | str) else value.copy() for name, value in values.items()
        }
        return State(**copies)

    def renamed(self) -> None:
        """Something that rendered issues mention has changed."""
        self.edition = next(_edition)

    def next_id(self, kind: str) -> str:
        """The next id of `kind` ("issue", "comment", ...): digits from 10000 on, never one twice."""
        self.last_ids[kind] = self.last_ids.get(kind, 9999) + 1
        return str(self.last_ids[kind])

    def issue(self, id_or_key: str) -> Issue | None:
        """The issue with this id, or that has or had this key, in whatever case; None if missing or deleted."""
        found = self.issues.get(id_or_key)
        if found is not None:
            return found
        return self.issues.get(self.keys.get(id_or_key.upper(), ""))

    def project(self, id_or_key: str) -> Project | None:
        """The project with this id, or that has or had this key, in whatever case."""
        found = self.projects.get(id_or_key)
        if found is not None:
            return found
        return self.projects.get(self.project_keys.get(id_or_key.upper(), ""))

    def user(self, id_or_email: str) -> User | None:
        """The user with this account id, e-mail address, name or key, in whatever case."""
        found = self.users.get(id_or_email)
        if found is not None:
            return found
        wanted = id_or_email.lower()
        return next(
            (
                user
                for user in self.users.values()
                if not user.deleted and wanted in (user.email.lower(), user.name.lower(), user.key.lower())
            ),
            None,
        )

    def status_named(self, id_or_name: str) -> Status | None:
        """The status with this id or name, the name in whatever case; the first of several."""
        wanted = id_or_name.lower()
        return self.statuses.get(id_or_name) or next(
            (status for status in self.statuses.values() if status.name.lower() == wanted), None
        )

    def may(self, user: User | None, permission: str, project_id: str) -> bool:
        """Whether `user` (None = anonymous) holds `permission` in the project, whatever the issue.

        In an archived project everybody may look at most, and one in the trash is nobody's.
        """
        if permission not in self.grants.get((project_id, ANONYMOUS if user is None else user.account_id), NOTHING):
            return False
        project = self.projects[project_id]
        if project.archived_at is None and project.trashed_at is None:
            return True
        return project.trashed_at is None and (permission in LOOKING or permission.startswith(LEVEL))

    def may_on(self, user: User | None, permission: str, issue: Issue) -> bool:
        """Whether `user` holds `permission` for the issue: in its project, or as its reporter or assignee.

        An archived issue can be looked at and no more.
        """
        if issue.archived_at is not None and permission not in LOOKING and not permission.startswith(LEVEL):
            return False
        if self.may(user, permission, issue.project_id):
            return True
        special = self.by_issue.get(issue.project_id)
        if not special or user is None or not user.active:
            return False
        project = self.projects[issue.project_id]
        if project.archived_at or project.trashed_at:
            return False
        override = self.overrides.get(f"{issue.project_id}/{user.account_id}")
        return not (override and permission in override.taken) and any(
            permission in held and getattr(issue, whose) == user.account_id for whose, held in special
        )

    def sees(self, user: User | None, issue: Issue) -> bool:
        """Whether `user` may browse the issue, and is in its security level if it has one."""
        level = issue.security_level_id
        return self.may_on(user, "BROWSE_PROJECTS", issue) and (
            level is None or self.may_on(user, f"{LEVEL}{level}", issue)
        )

    def is_searched(self, issue: Issue) -> bool:
        """Whether searches find the issue: neither it nor its project is archived [jira 5.7]."""
        return issue.archived_at is None and self.projects[issue.project_id].archived_at is None


@dataclass
class Site:
    """What a verb needs: the state, the clock, and how far the search index is behind."""

    state: State
    clock: Clock
    index_delay: timedelta = timedelta(0)
    outbox: deque[Event] | None = None  # None: nobody listens

    def now(self) -> datetime:
        """The present, in whole milliseconds, as Jira's timestamps are."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def put(self, issue: Issue) -> Issue:
        """Make this the current version of its issue; the index follows when its delay is over."""
        self.put_many((issue,))
        return issue

    def put_many(self, issues: Iterable[Issue]) -> None:
        """The same for many at once."""
        searched: dict[str, Issue | None] = {}
        for issue in issues:
            self.state.issues[issue.id] = issue
            self.state.keys[issue.key.upper()] = issue.id
            searched[issue.id] = issue if self.state.is_searched(issue) else None
        self.state.index.feed_many(searched, self.clock.now(), self.index_delay)

    def tell(
        self,
        kind: str,
        actor: User | None,
        issue: Issue | None = None,
        *,
        change: Change | None = None,
        type_name: str = "",
        **about: Any,
    ) -> None:
        """Note what has happened, for webhooks; costs nothing while nobody listens."""
        if self.outbox is not None:
            who = actor.account_id if actor else None
            self.outbox.append(Event(kind, self.now(), who, issue, change, about, type_name))

    def issue(self, id_or_key: str) -> Issue:
        """The issue, or NoIssue."""
        found = self.state.issue(id_or_key)
        if found is None:
            raise NoIssue
        return found
