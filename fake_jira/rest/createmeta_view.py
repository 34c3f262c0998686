"""Which fields can be set on an issue and what they take: the bodies of createmeta and editmeta [jira 5.3]."""

from typing import Any

from fake_jira.flavours import Scene
from fake_jira.model.records import Issue, IssueType, Project
from fake_jira.rest import shapes

Json = dict[str, Any]
SCREEN = ("summary", "description", "issuetype", "project", "priority", "labels", "assignee", "reporter", "duedate",
          "environment", "parent")  # fmt: skip
FIXED = ("issuetype", "project")


def create_fields(scene: Scene, project: Project, kind: IssueType) -> dict[str, Json]:
    """The fields of the create screen, by id."""
    required = {"summary", "issuetype", "project"} | ({"parent"} if kind.subtask else set())
    return {
        name: _field(scene, name, required=name in required) | _allowed(scene, name, project, kind) for name in SCREEN
    }


def edit_fields(scene: Scene, issue: Issue) -> dict[str, Json]:
    """The fields of the edit screen, by id."""
    project, kind = scene.state.projects[issue.project_id], scene.state.types[issue.type_id]
    names = [name for name in SCREEN if name not in ("project", "parent")]
    shown = {
        name: _field(scene, name, required=name in ("summary", "issuetype")) | _allowed(scene, name, project, None)
        for name in names
    }
    if kind.subtask:
        shown["parent"] = _field(scene, "parent", required=True)
    return shown | {"comment": _field(scene, "comment", required=False) | {"operations": ["add", "edit", "remove"]}}


def _field(scene: Scene, name: str, *, required: bool) -> Json:
    field = scene.state.fields[name]
    operations = [] if name in FIXED else ["add", "set", "remove"] if field.kind == "array" else ["set"]
    shown: Json = {
        "required": required,
        "schema": shapes.schema(field),
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": name in ("priority", "reporter"),
        "operations": operations,
    }
    if name in ("assignee", "reporter"):
        shown["autoCompleteUrl"] = f"{scene.api}/user/assignable/search?query="
    return shown


def _allowed(scene: Scene, name: str, project: Project, kind: IssueType | None) -> Json:
    state = scene.state
    if name == "issuetype":
        kinds = [kind] if kind else [state.types[type_id] for type_id in project.type_ids]
        return {"allowedValues": [shapes.issue_type(scene, each) for each in kinds]}
    if name == "project":
        return {"allowedValues": [shapes.project(scene, project)]}
    if name == "priority":
        return {"allowedValues": [shapes.priority(scene, each) for each in state.priorities.values()]}
    return {}
