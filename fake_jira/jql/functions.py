"""The functions of JQL that stand for people, projects, versions, components, types and issues.

Dates have functions of their own in `dates.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fake_jira.errors import Invalid, NotImitated
from fake_jira.jql import lookups
from fake_jira.jql.dates import is_date_function, read_date
from fake_jira.jql.kinds import Asker
from fake_jira.jql.tree import Call
from fake_jira.model.access import Group
from fake_jira.model.records import Comment, Issue, Project, Worklog

_OTHER_FUNCTIONS = """
    approved approver breached cascadeoption childissuesof closedsprints completed currentlogin elapsed everbreached
    futuresprints issuehistory lastlogin myapproval mypending opensprints organizationmembers paused pending pendingby
    remaining running searchissues withincalendarhours workinghours"""
OTHER_FUNCTIONS = frozenset(_OTHER_FUNCTIONS.split())  # functions that Jira has and the fake does not
Keys = set[Any]


@dataclass(frozen=True)
class Function:
    """`of`: what it stands for, as `Field.of`; between `least` and `most` arguments."""

    name: str
    of: str
    call: Callable[[Asker, tuple[str, ...]], Keys]
    least: int = 0
    most: int = 0


def called(call: Call, of: str, asker: Asker) -> Keys:
    """The keys that a function stands for. NotImitated for those that only Jira has, Invalid for all others."""
    function = known(call)
    if function is None or function.of != of:
        return set()
    return function.call(asker, call.arguments)


def known(call: Call) -> Function | None:
    """The function, its arguments counted; None for one of dates."""
    name = call.name.lower()
    if is_date_function(name):
        return None
    if name in OTHER_FUNCTIONS:
        raise NotImitated(f"The JQL function {call.name}() is outside the subset of this fake, see LIMITS.md.")
    function = FUNCTIONS.get(name)
    if function is None:
        raise Invalid(f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'.")
    count = len(call.arguments)
    if not function.least <= count <= function.most:
        least, most = function.least, function.most
        expected = f"'{least}'" if least == most else f"between '{least}' and '{most}'"
        raise Invalid(f"Function '{function.name}' expected {expected} arguments but received '{count}'.")
    return function


def _current_user(asker: Asker, _: tuple[str, ...]) -> Keys:
    return {asker.user.account_id} if asker.user else set()


def groups_named(asker: Asker, text: str) -> list[Group]:
    wanted = text.lower()
    return [each for each in asker.state.groups.values() if wanted in (each.name.lower(), each.id)]


def _members_of(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    return {member for group in groups_named(asker, arguments[0]) for member in group.members}


def _one_user(asker: Asker, arguments: tuple[str, ...], at: int = 0) -> Keys:
    """The user named by an argument; without one the asker."""
    return lookups.users(asker, arguments[at]) if len(arguments) > at else _current_user(asker, ())


def _seen(asker: Asker) -> Iterable[Project]:
    return (each for each in asker.state.projects.values() if asker.state.may(asker.user, "BROWSE_PROJECTS", each.id))


def _versions(*, released: bool) -> Callable[[Asker, tuple[str, ...]], Keys]:
    """Of the projects named, of all that the asker sees where none is; archived ones stay out."""

    def call(asker: Asker, arguments: tuple[str, ...]) -> Keys:
        named = {key for each in arguments for key in lookups.projects(asker, each)}
        wanted = named if arguments else {each.id for each in _seen(asker)}
        every = asker.state.versions.values()
        return {
            each.id for each in every if each.project_id in wanted and each.released is released and not each.archived
        }

    return call


def _one_version(*, released: bool) -> Callable[[Asker, tuple[str, ...]], Keys]:
    """The last that was released, or the first that was not, in the order of the project's versions."""
    every = _versions(released=released)

    def call(asker: Asker, arguments: tuple[str, ...]) -> Keys:
        found = sorted((asker.state.versions[each] for each in every(asker, arguments)), key=lambda each: each.sequence)
        if not found:
            return set()
        return {found[-1].id if released else found[0].id}

    return call


def _components(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    leads = _one_user(asker, arguments)
    return {each.id for each in asker.state.components.values() if each.lead in leads}


def _led_projects(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    leads = _one_user(asker, arguments)
    return {each.id for each in _seen(asker) if each.lead in leads}


def _permitted_projects(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    """By the permission's key or by its name as people read it."""
    permission = arguments[0].upper().replace(" ", "_")
    return {each.id for each in _seen(asker) if asker.state.may(asker.user, permission, each.id)}


def _projects_of_role(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    wanted, me = arguments[0].lower(), asker.user and asker.user.account_id
    roles = {each.id for each in asker.state.roles.values() if wanted in (each.name.lower(), each.id)}
    groups = {each.id for each in asker.state.groups.values() if me in each.members}
    return {
        project.id
        for project in _seen(asker)
        if any(
            actor.role_id in roles and (actor.who in groups if actor.is_group else actor.who == me)
            for actor in project.actors
        )
    }


def _types(*, subtask: bool) -> Callable[[Asker, tuple[str, ...]], Keys]:
    return lambda asker, _: {each.id for each in asker.state.types.values() if each.subtask is subtask}


def _issue(asker: Asker, text: str) -> Issue:
    issue = asker.state.issue(text)
    if issue is None or not asker.state.sees(asker.user, issue):
        raise Invalid(f"Issue '{text}' could not be found in function.")
    return issue


def _linked_issues(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    """At the other end of the issue's links; with further arguments those whose words (in its direction) are given."""
    issue = _issue(asker, arguments[0])
    words = {each.lower() for each in arguments[1:]}
    found: Keys = set()
    for link in issue.links:
        outward = link.source == issue.id
        kind = asker.state.link_types[link.type_id]
        if not words or (kind.outward if outward else kind.inward).lower() in words:
            found.add(link.target if outward else link.source)
    return found


def _by_me(attribute: str) -> Callable[[Asker, tuple[str, ...]], Keys]:
    def call(asker: Asker, _: tuple[str, ...]) -> Keys:
        me = asker.user and asker.user.account_id
        return {each.id for each in asker.state.issues.values() if me in getattr(each, attribute)} if me else set()

    return call


def _of_epic(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    """What stands below the epics, and the sub-tasks of that."""
    children = asker.state.children
    below = {child for each in arguments for child in children.get(_issue(asker, each).id, ())}
    return below | {grandchild for child in below for grandchild in children.get(child, ())}


def _updated_by(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    """Created, changed, commented or worked on by the user, within the dates given."""
    who = _one_user(asker, arguments)
    since, until = (_moment(asker, arguments, at) for at in (1, 2))
    return {
        issue.id
        for issue in asker.state.issues.values()
        if any(
            author in who and (since is None or at >= since) and (until is None or at <= until)
            for author, at in _deeds(issue)
        )
    }


def _moment(asker: Asker, arguments: tuple[str, ...], at: int) -> datetime | None:
    if len(arguments) <= at:
        return None
    found = read_date(arguments[at], asker.now, asker.zone)
    if found is None:
        raise Invalid(f"Date value '{arguments[at]}' for function 'updatedBy' is invalid.")
    return found


def _deeds(issue: Issue) -> Iterable[tuple[str | None, datetime]]:
    yield issue.creator, issue.created
    for change in issue.history:
        yield change.author, change.created
    written: tuple[Comment | Worklog, ...] = (*issue.comments, *issue.worklogs)
    for each in written:
        yield each.author, each.created
        yield each.update_author, each.updated


def _with_remote_links(asker: Asker, arguments: tuple[str, ...]) -> Keys:
    wanted = set(arguments)
    return {
        issue.id
        for issue in asker.state.issues.values()
        if any(link.global_id in wanted for link in issue.remote_links)
    }


MANY = 100  # of arguments, where there is no other limit
ALL = (
    Function("currentUser", "user", _current_user),
    Function("membersOf", "user", _members_of, 1, 1),
    Function("releasedVersions", "version", _versions(released=True), 0, MANY),
    Function("unreleasedVersions", "version", _versions(released=False), 0, MANY),
    Function("latestReleasedVersion", "version", _one_version(released=True), 1, 1),
    Function("earliestUnreleasedVersion", "version", _one_version(released=False), 1, 1),
    Function("componentsLeadByUser", "component", _components, 0, 1),
    Function("projectsLeadByUser", "project", _led_projects, 0, 1),
    Function("projectsWhereUserHasPermission", "project", _permitted_projects, 1, 1),
    Function("projectsWhereUserHasRole", "project", _projects_of_role, 1, 1),
    Function("standardIssueTypes", "type", _types(subtask=False)),
    Function("subtaskIssueTypes", "type", _types(subtask=True)),
    Function("linkedIssues", "issue", _linked_issues, 1, MANY),
    Function("linkedIssue", "issue", _linked_issues, 1, MANY),
    Function("votedIssues", "issue", _by_me("voters")),
    Function("watchedIssues", "issue", _by_me("watchers")),
    Function("updatedBy", "issue", _updated_by, 1, 3),
    Function("parentEpic", "issue", _of_epic, 1, MANY),
    Function("issuesWithRemoteLinksByGlobalId", "issue", _with_remote_links, 1, MANY),
)
FUNCTIONS = {each.name.lower(): each for each in ALL}
