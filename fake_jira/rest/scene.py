"""What a route looks at: the request's world, caller, flavour and scene, and what the caller may see of the world."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from flask import g, request

from fake_jira.auth.caller import Caller
from fake_jira.errors import HiddenIssue, NoIssue, NotThere
from fake_jira.flavours import Flavour, Scene
from fake_jira.jql import Asker
from fake_jira.model.records import Issue, Project, User
from fake_jira.model.state import Site
from fake_jira.worlds import World


def world() -> World:
    """The world that this request is for."""
    chosen: World = g.world
    return chosen


def caller() -> Caller:
    who: Caller = g.caller
    return who


def user() -> User | None:
    """Who calls; None = anonymous."""
    return caller().user


def flavour() -> Flavour:
    """The flavour that this fake is of."""
    chosen: Flavour = g.flavour
    return chosen


def site() -> Site:
    return world().site


def zone() -> tzinfo:
    """The zone of the account, which every timestamp in an answer is in."""
    who = user()
    return ZoneInfo(who.time_zone) if who and who.time_zone != "Etc/UTC" else UTC


def scene() -> Scene:
    """The present request's."""
    asked = g.version
    address = g.get("public_url") or request.root_url.rstrip("/")
    return Scene(flavour(), world().state, address, "3" if asked == "3" else "2", asked, zone())


def asker() -> Asker:
    """Who asks a JQL question."""
    strict = world().settings.enhanced_missing_key == "reject"
    return Asker(world().state, user(), world().now(), zone(), strict)


def may(permission: str, project_id: str) -> bool:
    return world().state.may(user(), permission, project_id)


def may_on(permission: str, issue: Issue) -> bool:
    """The same for one issue: its reporter and its assignee may hold more."""
    return world().state.may_on(user(), permission, issue)


def visible_projects() -> dict[str, Project]:
    """The projects that the caller may browse, by id."""
    state = world().state
    return {each.id: each for each in state.projects.values() if may("BROWSE_PROJECTS", each.id)}


def visible_issue(id_or_key: str) -> Issue:
    """The issue by id, key or old key. NoIssue if missing or deleted, HiddenIssue if the caller may not see it."""
    issue = world().state.issue(id_or_key)
    if issue is None:
        raise NoIssue
    if not world().state.sees(user(), issue):
        raise HiddenIssue
    return issue


def visible_project(id_or_key: str) -> Project:
    """The project by id or key, or NotThere."""
    project = world().state.project(id_or_key)
    if project is None or not may("BROWSE_PROJECTS", project.id):
        kind = "id" if id_or_key.isdecimal() else "key"
        raise NotThere(f"No project could be found with {kind} '{id_or_key}'.")
    return project
