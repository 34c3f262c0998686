"""The field `security` of issues: its level, which those may set who are in it and may set issue security."""

from collections.abc import Callable
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.flavours import Scene
from fake_jira.model.access import SecurityLevel
from fake_jira.model.records import Issue, Project
from fake_jira.model.schemes import security_level, security_levels
from fake_jira.model.state import LEVEL
from fake_jira.rest.createmeta_view import ALLOWED
from fake_jira.rest.issue_input import OFF_SCREEN, READERS, Input
from fake_jira.rest.scene import may, may_on, world
from fake_jira.rest.security_schemes import shown_level

NO_LEVEL = "The security level selected is invalid."


def _shown(scene: Scene, issue: Issue) -> dict[str, Any] | None:
    found = security_level(scene.state, issue.security_level_id or "")
    return shown_level(*found) if found else None


def _offered(project: Project) -> list[SecurityLevel]:
    """The levels of the project that the caller is in."""
    return [each for each in security_levels(world().state, project) if may(f"{LEVEL}{each.id}", project.id)]


def _read(given: Input, value: Any) -> str | None:
    """By id or name. A level may be set by those whom it does not hide the issue from, as its reporter or assignee."""
    levels = security_levels(world().state, given.project)
    if not levels:
        raise Invalid(OFF_SCREEN.format("security"))
    if value is None or (isinstance(value, dict) and str(value.get("id")) == "-1"):
        return None
    for each in levels:
        named = isinstance(value, dict) and (str(value.get("id")) == each.id or value.get("name") == each.name)
        if named and (each in _offered(given.project) or (given.before and may_on(f"{LEVEL}{each.id}", given.before))):
            return each.id
    raise Invalid(NO_LEVEL)


def _allowed(_: Scene, project: Project, __: Any) -> list[dict[str, Any]]:
    found = [security_level(world().state, each.id) for each in _offered(project)]
    return [shown_level(*each) for each in found if each]


FIELDS: dict[str, Callable[[Scene, Issue], Any]] = {"security": _shown}
READERS["security"] = ("security_level_id", _read)
ALLOWED["security"] = _allowed
