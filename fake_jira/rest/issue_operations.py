"""The `operations` of an issue: the buttons that its page would show this caller, in groups."""

from typing import Any

from fake_jira.flavours import Scene
from fake_jira.model.records import Issue
from fake_jira.model.workflows import offers
from fake_jira.rest.scene import may_on, user

Json = dict[str, Any]
BUTTONS = (  # permission, id, class, label, where it leads
    ("EDIT_ISSUES", "edit-issue", "issueaction-edit-issue", "Edit", "/secure/EditIssue!default.jspa?id={0.id}"),
    ("ADD_COMMENTS", "comment-issue", "issueaction-comment-issue", "Comment", "/browse/{0.key}#add-comment"),
    (
        "ASSIGN_ISSUES",
        "assign-issue",
        "issueaction-assign-issue",
        "Assign",
        "/secure/AssignIssue!default.jspa?id={0.id}",
    ),
)
MORE = (
    ("WORK_ON_ISSUES", "log-work", "issueaction-log-work", "Log work", "/secure/CreateWorklog!default.jspa?id={0.id}"),
    ("MOVE_ISSUES", "move-issue", "issueaction-move-issue", "Move", "/secure/MoveIssue!default.jspa?id={0.id}"),
    ("LINK_ISSUES", "link-issue", "issueaction-link-issue", "Link", "/secure/LinkJiraIssue!default.jspa?id={0.id}"),
    (
        "DELETE_ISSUES",
        "delete-issue",
        "issueaction-delete-issue",
        "Delete",
        "/secure/DeleteIssue!default.jspa?id={0.id}",
    ),
)


def operations(scene: Scene, issue: Issue) -> Json:
    """The body of expand=operations."""
    tools = _group("view.issue.opsbar", [_group("edit-group", [], _links(BUTTONS, issue)), _more(issue)], [])
    workflow = _group("opsbar-transitions", [_group("transitions-all", [], _transitions(scene, issue))], [])
    return {"linkGroups": [tools | {"groups": [*tools["groups"], workflow]}]}


def _more(issue: Issue) -> Json:
    return _group("opsbar-operations", [_group("opsbar-more", [], _links(MORE, issue))], [])


def _group(name: str, groups: list[Json], links: list[Json]) -> Json:
    return {"id": name, "links": links, "groups": groups}


def _links(buttons: tuple[tuple[str, ...], ...], issue: Issue) -> list[Json]:
    return [
        {"id": name, "styleClass": style, "label": label, "title": label, "href": href.format(issue)}
        for permission, name, style, label, href in buttons
        if may_on(permission, issue)
    ]


def _transitions(scene: Scene, issue: Issue) -> list[Json]:
    if not may_on("TRANSITION_ISSUES", issue):
        return []
    return [
        {
            "id": f"action_id_{each.transition.id}",
            "styleClass": "issueaction-workflow-transition",
            "label": each.transition.name,
            "href": f"/secure/WorkflowUIDispatcher.jspa?id={issue.id}&action={each.transition.id}",
        }
        for each in offers(scene.state, issue, user())
        if each.available
    ]
