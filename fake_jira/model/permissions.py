"""Which permissions there are, and who holds them: schemes, roles and groups worked out for each project and user.

`work_out` is called by every verb that changes something it depends on, so that asking costs one look into
`State.grants`. Issues of a security level are treated the same way: being in a level is one more permission.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fake_jira.errors import NotThere
from fake_jira.model.access import Holder, Override
from fake_jira.model.records import Project, User
from fake_jira.model.state import ANONYMOUS, LEVEL, Site, State


@dataclass(frozen=True, slots=True)
class Permission:
    """`old`: the number that it had before permissions had keys, -1 for newer ones; `former` its key of then."""

    key: str
    name: str
    description: str
    old: int = -1
    former: str = ""


PROJECT = (
    Permission("ADMINISTER_PROJECTS", "Administer Projects", "Change a project's settings.", 23, "PROJECT_ADMIN"),
    Permission("BROWSE_PROJECTS", "Browse Projects", "See projects and the issues in them.", 10, "BROWSE"),
    Permission("VIEW_DEV_TOOLS", "View Development Tools", "See commits and builds of an issue.", 29,
               "VIEW_VERSION_CONTROL"),
    Permission("VIEW_READONLY_WORKFLOW", "View Read-Only Workflow", "Look at a project's workflow.", 45,
               "VIEW_WORKFLOW_READONLY"),
    Permission("MANAGE_SPRINTS_PERMISSION", "Manage sprints", "Start, change and end sprints."),
    Permission("SERVICEDESK_AGENT", "Service Project Agent", "Work with customers of a service project."),
    Permission("EDIT_WORKFLOW", "Edit Workflows", "Change the workflow of a project."),
    Permission("EDIT_ISSUE_LAYOUT", "Edit Issue Layout", "Arrange the fields of an issue's page."),
    Permission("CREATE_ISSUES", "Create Issues", "Make new issues.", 11, "CREATE_ISSUE"),
    Permission("EDIT_ISSUES", "Edit Issues", "Change the fields of issues.", 12, "EDIT_ISSUE"),
    Permission("TRANSITION_ISSUES", "Transition Issues", "Take issues to another status.", 46),
    Permission("SCHEDULE_ISSUES", "Schedule Issues", "See and set due dates.", 28, "SCHEDULE_ISSUE"),
    Permission("MOVE_ISSUES", "Move Issues", "Take issues to another project.", 25, "MOVE_ISSUE"),
    Permission("ASSIGN_ISSUES", "Assign Issues", "Give issues to people.", 13, "ASSIGN_ISSUE"),
    Permission("ASSIGNABLE_USER", "Assignable User", "Be given issues.", 17),
    Permission("RESOLVE_ISSUES", "Resolve Issues", "Resolve and reopen issues.", 14, "RESOLVE_ISSUE"),
    Permission("CLOSE_ISSUES", "Close Issues", "Close issues.", 18, "CLOSE_ISSUE"),
    Permission("MODIFY_REPORTER", "Modify Reporter", "Say that somebody else reported an issue.", 30),
    Permission("DELETE_ISSUES", "Delete Issues", "Delete issues.", 16, "DELETE_ISSUE"),
    Permission("LINK_ISSUES", "Link Issues", "Link issues with each other.", 21, "LINK_ISSUE"),
    Permission("SET_ISSUE_SECURITY", "Set Issue Security", "Choose the security level of an issue.", 26),
    Permission("VIEW_VOTERS_AND_WATCHERS", "View Voters and Watchers", "See who votes and watches.", 31),
    Permission("MANAGE_WATCHERS", "Manage Watchers", "Let others watch an issue, or not any more.", 32,
               "MANAGE_WATCHER_LIST"),
    Permission("ADD_COMMENTS", "Add Comments", "Comment on issues.", 15, "COMMENT_ISSUE"),
    Permission("EDIT_ALL_COMMENTS", "Edit All Comments", "Change comments of anybody.", 34, "COMMENT_EDIT_ALL"),
    Permission("EDIT_OWN_COMMENTS", "Edit Own Comments", "Change one's own comments.", 35, "COMMENT_EDIT_OWN"),
    Permission("DELETE_ALL_COMMENTS", "Delete All Comments", "Delete comments of anybody.", 36, "COMMENT_DELETE_ALL"),
    Permission("DELETE_OWN_COMMENTS", "Delete Own Comments", "Delete one's own comments.", 37, "COMMENT_DELETE_OWN"),
    Permission("CREATE_ATTACHMENTS", "Create Attachments", "Attach files.", 19, "CREATE_ATTACHMENT"),
    Permission("DELETE_ALL_ATTACHMENTS", "Delete All Attachments", "Delete files of anybody.", 38,
               "ATTACHMENT_DELETE_ALL"),
    Permission("DELETE_OWN_ATTACHMENTS", "Delete Own Attachments", "Delete one's own files.", 39,
               "ATTACHMENT_DELETE_OWN"),
    Permission("WORK_ON_ISSUES", "Work On Issues", "Log work.", 20, "WORK_ISSUE"),
    Permission("EDIT_OWN_WORKLOGS", "Edit Own Worklogs", "Change one's own worklogs.", 40, "WORKLOG_EDIT_OWN"),
    Permission("EDIT_ALL_WORKLOGS", "Edit All Worklogs", "Change worklogs of anybody.", 41, "WORKLOG_EDIT_ALL"),
    Permission("DELETE_OWN_WORKLOGS", "Delete Own Worklogs", "Delete one's own worklogs.", 42, "WORKLOG_DELETE_OWN"),
    Permission("DELETE_ALL_WORKLOGS", "Delete All Worklogs", "Delete worklogs of anybody.", 43, "WORKLOG_DELETE_ALL"),
)  # fmt: skip
GLOBAL = (
    Permission("ADMINISTER", "Administer Jira", "Administer the site, but for what concerns the system itself.", 0),
    Permission("SYSTEM_ADMIN", "Jira System Administrators", "Administer the system.", 44),
    Permission("CREATE_PROJECT", "Create Projects", "Make new projects."),
    Permission("USER_PICKER", "Browse users and groups", "Find people and groups by name.", 27),
    Permission("CREATE_SHARED_OBJECTS", "Share dashboards and filters", "Show own filters to others.", 22),
    Permission("MANAGE_GROUP_FILTER_SUBSCRIPTIONS", "Manage group filter subscriptions", "Mail results to groups.", 24),
    Permission("BULK_CHANGE", "Make bulk changes", "Change many issues at once.", 33),
)
PROJECT_PERMISSIONS = frozenset(each.key for each in PROJECT)
FOR_ADMINS = {"ADMINISTER", "SYSTEM_ADMIN", "CREATE_PROJECT"}

BY_ISSUE = ("reporter", "assignee")  # who holds it is told by the issue's field of that name
SIMPLE = ("anyone", "applicationRole", "projectLead", *BY_ISSUE)  # holders that need no parameter
NAMED = ("group", "projectRole", "user")
ELSEWHERE = ("userCustomField", "groupCustomField", "sd.customer.portal.only")
HOLDERS = (*SIMPLE, *NAMED)


def holds_globally(user: User | None, permission: str) -> bool:
    """Whether the user holds a global permission: admins all of them, everybody else what is no administration."""
    return user is not None and (user.admin or permission not in FOR_ADMINS)


def work_out(state: State, projects: Iterable[str] | None = None, users: Iterable[str] | None = None) -> None:
    """Note anew in `State.grants` who may do what: in these projects, for these users (None = all of them)."""
    chosen = [*(state.users if users is None else users), ANONYMOUS]
    groups = _memberships(state, chosen)
    alike: dict[object, _Held] = {}  # most projects differ in none of what decides
    for project_id in list(state.projects) if projects is None else projects:
        project = state.projects[project_id]
        decides = (project.permission_scheme_id, project.security_scheme_id, project.actors, project.lead)
        held = alike.get(decides)
        if held is None:
            held = alike[decides] = _Held.in_project(state, project)
        for account_id in chosen:
            own = held.by(account_id, groups[account_id]) if _counts(state, account_id) else frozenset()
            override = state.overrides.get(f"{project_id}/{account_id}")
            state.grants[project_id, account_id] = (own | override.given) - override.taken if override else own
        state.by_issue[project_id] = tuple((kind, frozenset(those)) for kind, those in held.by_issue.items())


def _counts(state: State, account_id: str) -> bool:
    return account_id == ANONYMOUS or state.users[account_id].active


def _memberships(state: State, account_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Account id -> ids of the groups that the user is in."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(account_ids, ())
    for group in state.groups.values():
        for member in found.keys() & group.members:
            found[member] = (*found[member], group.id)
    return found


@dataclass
class _Held:
    """What a project grants, by whom it is granted to. People who hold the same share one set, for there are many."""

    everybody: set[str] = field(default_factory=set)
    signed_in: set[str] = field(default_factory=set)
    by_who: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # account and group ids
    by_issue: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    known: dict[tuple[str, tuple[str, ...]], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def in_project(cls, state: State, project: Project) -> "_Held":
        held = cls()
        for holder, permission in _granted(state, project):
            held._note(project, holder, permission)
        return held

    def _note(self, project: Project, holder: Holder, permission: str) -> None:
        if holder.kind == "anyone":
            self.everybody.add(permission)
        elif holder.kind == "applicationRole":
            self.signed_in.add(permission)
        elif holder.kind in BY_ISSUE:
            self.by_issue[holder.kind].add(permission)
        elif holder.kind == "projectRole":
            for actor in project.actors:
                if actor.role_id == holder.parameter:
                    self.by_who[actor.who].add(permission)
        else:
            self.by_who[project.lead if holder.kind == "projectLead" else str(holder.parameter)].add(permission)

    def by(self, account_id: str, groups: tuple[str, ...]) -> frozenset[str]:
        """What the user holds, by themselves or by these groups."""
        who = account_id if account_id in self.by_who or account_id == ANONYMOUS else "somebody"
        found = self.known.get((who, groups))
        if found is None:
            named = (
                [] if who == ANONYMOUS else [self.signed_in, *(self.by_who.get(each, ()) for each in (who, *groups))]
            )
            found = self.known[who, groups] = frozenset(self.everybody).union(*named)
        return found


def _granted(state: State, project: Project) -> Iterator[tuple[Holder, str]]:
    scheme = state.permission_schemes.get(project.permission_scheme_id)
    for grant in scheme.grants if scheme else ():
        yield grant.holder, grant.permission
    security = state.security_schemes.get(project.security_scheme_id or "")
    for level in security.levels if security else ():
        for member in level.members:
            yield member.holder, f"{LEVEL}{level.id}"


def grant(site: Site, project: Project, user: User, permission: str) -> None:
    """Give `user` one permission by hand, whatever the schemes say."""
    _override(site.state, project, user, given=_known(permission))


def revoke(site: Site, project: Project, user: User, permission: str) -> bool:
    """Take one permission away by hand; False if `user` did not hold it."""
    held = site.state.may(user, _known(permission), project.id)
    _override(site.state, project, user, taken=permission)
    return held


def give_back(site: Site, project: Project, user: User, permission: str) -> None:
    """Let the schemes say again whether `user` holds what was taken by hand."""
    _override(site.state, project, user, neither=_known(permission))


def _override(
    state: State, project: Project, user: User, *, given: str = "", taken: str = "", neither: str = ""
) -> None:
    key, those = f"{project.id}/{user.account_id}", {given or taken or neither}
    before = state.overrides.get(key, Override())
    state.overrides[key] = Override(
        (before.given - those) | (those if given else frozenset()),
        (before.taken - those) | (those if taken else frozenset()),
    )
    work_out(state, [project.id], [user.account_id])
    state.renamed()


def _known(permission: str) -> str:
    if permission not in PROJECT_PERMISSIONS:
        raise NotThere(f"There is no project permission {permission}.")
    return permission
