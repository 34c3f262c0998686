"""What rendering depends on besides the record: the site's address, the API version, the caller's zone [jira 5, 6.1].

On Cloud /latest behaves as version 2 and only an issue's own `self` still says so.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from flask import g, request

from fake_jira.auth.basic import Caller
from fake_jira.errors import NotThere
from fake_jira.jql import Asker
from fake_jira.model.records import Issue, Project, User
from fake_jira.model.state import Site, State
from fake_jira.worlds import World

NO_ISSUE = "Issue does not exist or you do not have permission to see it."


@dataclass(frozen=True, slots=True)
class Scene:
    """`site` is the address without a path; `version` is "2" or "3", `asked` the word in the request's path."""

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
    return Scene(world().state, address, "3" if asked == "3" else "2", asked, zone())


def asker() -> Asker:
    """Who asks a JQL question."""
    strict = world().settings.enhanced_missing_key == "reject"
    return Asker(world().state, user(), world().now(), zone(), strict)


def may(permission: str, project_id: str) -> bool:
    return world().state.may(user(), permission, project_id)


def visible_projects() -> dict[str, Project]:
    """The projects that the caller may browse, by id."""
    state = world().state
    return {each.id: each for each in state.projects.values() if may("BROWSE_PROJECTS", each.id)}


def visible_issue(id_or_key: str) -> Issue:
    """The issue by id, key or old key. NotThere if it is missing, deleted or hidden: one answer for all three."""
    issue = world().state.issue(id_or_key)
    if issue is None or not may("BROWSE_PROJECTS", issue.project_id):
        raise NotThere(NO_ISSUE)
    return issue


def visible_project(id_or_key: str) -> Project:
    """The project by id or key, or NotThere."""
    project = world().state.project(id_or_key)
    if project is None or not may("BROWSE_PROJECTS", project.id):
        kind = "id" if id_or_key.isdecimal() else "key"
        raise NotThere(f"No project could be found with {kind} '{id_or_key}'.")
    return project
