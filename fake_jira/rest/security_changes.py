"""Issue security schemes made and changed, as Jira Cloud's API can: levels, their members, and who has the scheme."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model import schemes as verbs
from fake_jira.model.access import Holder, SecurityLevel, SecurityScheme
from fake_jira.model.tasks import add_task
from fake_jira.rest.asking import for_admins
from fake_jira.rest.given import flag_in, text_in
from fake_jira.rest.holders import holder_in
from fake_jira.rest.scene import site, user, world
from fake_jira.rest.security_schemes import scheme_with
from fake_jira.rest.tasks import task_json
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, text

security_changes = chapter("security_changes", CLOUD)
OWN_NAME = "Every level needs a name of its own."


def _items(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return value


def _members(given: dict[str, Any]) -> list[Holder]:
    return [holder_in(each) for each in _items(given, "members")]


def _level(scheme: SecurityScheme, level_id: str) -> SecurityLevel:
    for each in scheme.levels:
        if each.id == level_id:
            return each
    raise NotThere(f"The issue security level with id '{level_id}' does not exist in the scheme.")


@dataclass(frozen=True)
class _Wanted:
    """A level of a body."""

    name: str
    description: str
    members: list[Holder]
    default: bool

    def added(self, scheme: SecurityScheme) -> SecurityScheme:
        return verbs.add_level(site(), scheme, self.name, self.description, self.members, default=self.default)


def _levels_in(given: dict[str, Any], there: Iterable[SecurityLevel]) -> list[_Wanted]:
    """The levels of a body. Invalid if one has no name, or one that another has, `there` or beside it."""
    wanted = [
        _Wanted(
            text_in(each, "name") or "",
            text_in(each, "description") or "",
            _members(each),
            flag_in(each, "isDefault") is True,
        )
        for each in _items(given, "levels")
    ]
    names = [*(each.name.lower() for each in there), *(each.name.lower() for each in wanted)]
    if not all(names) or len(set(names)) < len(names):
        raise Invalid(OWN_NAME)
    return wanted


@security_changes.post("/issuesecurityschemes")
@for_admins
def create_issue_security_scheme() -> Response:
    """Create issue security scheme, with levels and members if they are given."""
    given = body()
    levels = _levels_in(given, ())
    made = verbs.add_security_scheme(site(), text_in(given, "name") or "", text_in(given, "description") or "")
    for level in levels:
        made = level.added(made)
    return answer({"id": made.id}, 201)


@security_changes.put("/issuesecurityschemes/<int:scheme_id>")
@for_admins
def update_issue_security_scheme(scheme_id: int) -> Response:
    """Update issue security scheme: the name or the description."""
    scheme, given = scheme_with(str(scheme_id)), body()
    name, description = text_in(given, "name"), text_in(given, "description")
    verbs.change_security_scheme(
        site(),
        scheme,
        name=scheme.name if name is None else name,
        description=scheme.description if description is None else description,
    )
    return done()


@security_changes.delete("/issuesecurityschemes/<int:scheme_id>")
@for_admins
def delete_security_scheme(scheme_id: int) -> Response:
    """Delete issue security scheme."""
    verbs.delete_security_scheme(site(), scheme_with(str(scheme_id)))
    return done()


@security_changes.put("/issuesecurityschemes/<int:scheme_id>/level")
@for_admins
def add_security_level(scheme_id: int) -> Response:
    """Add issue security levels."""
    scheme = scheme_with(str(scheme_id))
    for level in _levels_in(body(), scheme.levels):
        scheme = level.added(scheme)
    return done()


@security_changes.put("/issuesecurityschemes/<int:scheme_id>/level/<level_id>")
@for_admins
def update_security_level(scheme_id: int, level_id: str) -> Response:
    """Update issue security level: the name or the description."""
    scheme = scheme_with(str(scheme_id))
    level, given = _level(scheme, level_id), body()
    name, description = text_in(given, "name"), text_in(given, "description")
    others = {each.name.lower() for each in scheme.levels if each.id != level.id}
    if name is not None and (not name or name.lower() in others):
        raise Invalid(OWN_NAME)
    words = level.description if description is None else description
    verbs.change_level(site(), scheme, replace(level, name=name or level.name, description=words))
    return done()


@security_changes.put("/issuesecurityschemes/level/default")
@for_admins
def set_default_levels() -> Response:
    """Set default issue security levels; "-1" stands for none."""
    wanted = []
    for each in _items(body(), "defaultValues"):
        scheme = scheme_with(text_in(each, "issueSecuritySchemeId") or "")
        level_id = text_in(each, "defaultLevelId")
        wanted.append((scheme, None if level_id in (None, "-1") else _level(scheme, str(level_id)).id))
    for scheme, level_id in wanted:
        verbs.set_default_level(site(), scheme, level_id)
    return done()


@security_changes.put("/issuesecurityschemes/<int:scheme_id>/level/<level_id>/member")
@for_admins
def add_security_level_members(scheme_id: int, level_id: str) -> Response:
    """Add issue security level members."""
    scheme = scheme_with(str(scheme_id))
    level = _level(scheme, level_id)
    there = {each.holder for each in level.members}
    new = verbs.level_members(site(), [each for each in _members(body()) if each not in there])
    verbs.change_level(site(), scheme, replace(level, members=(*level.members, *new)))
    return done()


@security_changes.delete("/issuesecurityschemes/<int:scheme_id>/level/<level_id>/member/<member_id>")
@for_admins
def remove_member_from_security_level(scheme_id: int, level_id: str, member_id: str) -> Response:
    """Remove member from issue security level."""
    scheme = scheme_with(str(scheme_id))
    level = _level(scheme, level_id)
    left = tuple(each for each in level.members if each.id != member_id)
    if len(left) == len(level.members):
        raise NotThere(f"The member with id '{member_id}' does not exist in the level.")
    verbs.change_level(site(), scheme, replace(level, members=left))
    return done()


@security_changes.delete("/issuesecurityschemes/<int:scheme_id>/level/<level_id>")
@for_admins
def remove_level(scheme_id: int, level_id: str) -> Response:
    """Remove issue security level; its issues get another, or none. A task tells when it is done."""
    scheme = scheme_with(str(scheme_id))
    level, heir = _level(scheme, level_id), text("replaceWith")
    if heir == level.id:
        raise Invalid("A level cannot take its own place.")
    verbs.remove_level(site(), scheme, level, _level(scheme, heir).id if heir else None)
    return _task(f"Remove issue security level {level.name}")


@security_changes.put("/issuesecurityschemes/project")
@for_admins
def associate_schemes_to_projects() -> Response:
    """Associate security scheme to project; issues get the new levels that are named for their old ones."""
    given = body()
    project = world().state.projects.get(text_in(given, "projectId") or "")
    if project is None:
        raise NotThere(f"The project with id '{given.get('projectId')}' does not exist.")
    scheme_id = text_in(given, "schemeId")
    scheme = scheme_with(scheme_id) if scheme_id and scheme_id != "-1" else None
    levels = {
        str(text_in(each, "oldLevelId")): str(text_in(each, "newLevelId"))
        for each in _items(given, "oldToNewSecurityLevelMappings")
    }
    if scheme is not None:
        levels = {old: _level(scheme, new).id for old, new in levels.items()}
    verbs.assign_security_scheme(site(), project, scheme, levels)
    return _task(f"Associate an issue security scheme with project {project.name}")


def _task(description: str) -> Response:
    told = task_json(add_task(site(), description, user()))
    return answer(told, 303, Location=told["self"])
