"""Which fields can be set on an issue and what they take: createmeta, editmeta, transitions.fields [jira 5.3]."""

from collections.abc import Callable, Sequence
from typing import Any

from fake_jira.flavours import Scene
from fake_jira.model.fields import context_for, field_applies, options_of, word_of
from fake_jira.model.records import Field, Issue, IssueType, Project
from fake_jira.model.schemes import security_levels
from fake_jira.model.screens import DEFAULT_SCREEN
from fake_jira.rest import custom_values, shapes

Json = dict[str, Any]
Kind = IssueType | None  # None: the metadata is for an issue that is there
FIXED = ("issuetype", "project", "attachment")
PEOPLE = ("assignee", "reporter")
ON_EDIT_ONLY = ("comment", "attachment")


def create_fields(scene: Scene, project: Project, kind: IssueType) -> dict[str, Json]:
    """The fields of the create screen, by id."""
    required = {"summary", "issuetype", "project"} | ({"parent"} if kind.subtask else set())
    names = ("summary", "issuetype", "project", *_screen(scene, DEFAULT_SCREEN))
    return {
        name: _field(scene, name, required=name in required)
        | _allowed(scene, name, project, kind)
        | _default(scene, name, project, kind)
        for name in dict.fromkeys(names)
        if _settable(scene, name, project, kind)
    }


def edit_fields(scene: Scene, issue: Issue) -> dict[str, Json]:
    """The fields of the edit screen, by id."""
    state = scene.state
    project, kind = state.projects[issue.project_id], state.types[issue.type_id]
    names = [name for name in _screen(scene, DEFAULT_SCREEN) if name not in ("project", "parent")]
    if kind.subtask:
        names.append("parent")
    return _for(scene, [*names, "comment"], project, kind, required={"summary", "issuetype", "parent"})


def transition_fields(scene: Scene, issue: Issue, screen_id: str | None) -> dict[str, Json]:
    """The fields of a transition's screen, by id; a resolution that is asked for has to be given."""
    state = scene.state
    names = _screen(scene, screen_id) if screen_id else ()
    return _for(scene, names, state.projects[issue.project_id], state.types[issue.type_id], required={"resolution"})


def _for(scene: Scene, names: Sequence[str], project: Project, kind: IssueType, required: set[str]) -> dict[str, Json]:
    return {
        name: _field(scene, name, required=name in required) | _allowed(scene, name, project, None, kind)
        for name in names
        if _settable(scene, name, project, kind)
    }


def _screen(scene: Scene, screen_id: str) -> tuple[str, ...]:
    screen = scene.state.screens.get(screen_id)
    return screen.field_ids if screen else ()


def _settable(scene: Scene, name: str, project: Project, kind: IssueType) -> bool:
    """Whether the site has the field, and a custom one applies here."""
    field = scene.state.fields.get(name)
    if name == "security" and not security_levels(scene.state, project):
        return False
    return field is not None and (field.custom is None or field_applies(scene.state, name, project.id, kind.id))


def _field(scene: Scene, name: str, *, required: bool) -> Json:
    field = scene.state.fields[name]
    shown: Json = {
        "required": required,
        "schema": shapes.schema(field),
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": name in ("priority", "reporter"),
        "operations": _operations(field),
    }
    if name in PEOPLE or field.kind == "user":
        shown["autoCompleteUrl"] = f"{scene.api}/user/assignable/search?query="
    return shown


def _operations(field: Field) -> list[str]:
    if field.id in FIXED:
        return []
    if field.id == "comment":
        return ["add", "edit", "remove"]
    if field.id in ("issuelinks", "worklog"):
        return ["add"]
    if field.id == "timetracking":
        return ["set", "edit"]
    return ["add", "set", "remove"] if field.kind == "array" else ["set"]


def _default(scene: Scene, name: str, project: Project, kind: IssueType) -> Json:
    """The default value where there is one."""
    state = scene.state
    if name == "priority" and state.defaults.get("priority") in state.priorities:
        return {"defaultValue": shapes.priority(scene, state.priorities[state.defaults["priority"]])}
    context = context_for(state, name, project.id, kind.id)
    if context is None or context.default is None:
        return {}
    value = custom_values.shown(scene, state.fields[name], context.default)
    return {"hasDefaultValue": True, "defaultValue": value}


def _allowed(scene: Scene, name: str, project: Project, kind: Kind, of: Kind = None) -> Json:
    """`of`: the type of the issue that is there."""
    if name in ALLOWED:
        return {"allowedValues": ALLOWED[name](scene, project, kind)}
    chosen, field = kind or of, scene.state.fields[name]
    if field.custom is None or chosen is None:
        return {}
    values = _choices(scene, field, project, chosen)
    return {} if values is None else {"allowedValues": values}


def _choices(scene: Scene, field: Field, project: Project, kind: IssueType) -> list[Json] | None:
    """The options, versions or projects that a custom field can be set to; None if it takes anything."""
    word = word_of(field)
    if word in ("version", "multiversion"):
        return [shapes.version(scene, each) for each in _versions(scene, project)]
    context = context_for(scene.state, field.id, project.id, kind.id)
    if context is None or (field.kind not in ("option", "option-with-child") and field.items != "option"):
        return None
    options = [each for each in options_of(scene.state, context.id) if not each.disabled]
    shown = [shapes.option(scene, each) for each in options if each.parent_id is None]
    if word != "cascadingselect":
        return shown
    children = {
        top["id"]: [shapes.option(scene, each) for each in options if each.parent_id == top["id"]] for top in shown
    }
    return [top | ({"children": children[top["id"]]} if children[top["id"]] else {}) for top in shown]


def _versions(scene: Scene, project: Project) -> list[Any]:
    own = [each for each in scene.state.versions.values() if each.project_id == project.id and not each.archived]
    return sorted(own, key=lambda each: each.sequence)


def _types(scene: Scene, project: Project, kind: Kind) -> list[Json]:
    kinds = [kind] if kind else [scene.state.types[type_id] for type_id in project.type_ids]
    return [shapes.issue_type(scene, each) for each in kinds]


# What can be chosen for a system field, by its id; the chapters of other nouns add theirs.
ALLOWED: dict[str, Callable[[Scene, Project, Kind], list[Json]]] = {
    "issuetype": _types,
    "project": lambda scene, project, _: [shapes.project(scene, project)],
    "priority": lambda scene, *_: [shapes.priority(scene, each) for each in scene.state.priorities.values()],
    "resolution": lambda scene, *_: [shapes.resolution(scene, each) for each in scene.state.resolutions.values()],
    "versions": lambda scene, project, _: [shapes.version(scene, each) for each in _versions(scene, project)],
    "fixVersions": lambda scene, project, _: [shapes.version(scene, each) for each in _versions(scene, project)],
}
