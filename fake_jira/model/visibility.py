"""Comments and worklogs that are for a group or for a project role alone."""

from fake_jira.model.records import Project, User, Visibility
from fake_jira.model.state import State


def includes(state: State, visibility: Visibility | None, project_id: str, who: User | None) -> bool:
    """Whether `who` (None = anonymous) sees what has this visibility in this project; None = everybody does."""
    if visibility is None:
        return True
    if who is None:
        return False
    if visibility.kind == "group":
        return in_group(state, visibility.id, who)
    return in_role(state, visibility.id, state.projects[project_id], who)


def in_group(state: State, group_id: str, who: User) -> bool:
    group = state.groups.get(group_id)
    return group is not None and who.account_id in group.members


def in_role(state: State, role_id: str, project: Project, who: User) -> bool:
    """Whether the user holds the role in the project, alone or by a group."""
    return any(
        in_group(state, actor.who, who) if actor.is_group else actor.who == who.account_id
        for actor in project.actors
        if actor.role_id == role_id
    )
