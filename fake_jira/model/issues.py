"""What can be done to an issue. Each verb makes a new version, writes the changelog and feeds the search index.

The verbs trust their values: what a caller may send, and who may do what, is decided by the routes.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.history import changed_items
from fake_jira.model.records import Change, ChangeItem, Issue, Project, Transition, User
from fake_jira.model.schemes import first_level, security_levels
from fake_jira.model.state import Site, State
from fake_jira.model.workflows import carried_out, workflow_of


def create_issue(
    site: Site,
    project: Project,
    actor: User | None,
    *,
    type_id: str,
    summary: str,
    key: str | None = None,
    created: datetime | None = None,
    **values: Any,
) -> Issue:
    """A new issue in the workflow's first status; `values` are further fields of the record.

    `key` and `created` are for test data: Jira itself numbers and dates. Invalid if the key was ever given out.
    """
    at = created or site.now()
    author = actor.account_id if actor else None
    issue = Issue(
        id=site.state.next_id("issue"),
        key=_key_for(site, project, key),
        project_id=project.id,
        type_id=type_id,
        status_id=workflow_of(project, type_id).initial_status,
        summary=summary,
        created=at,
        updated=at,
        category_changed=at,
        creator=author,
        **{
            "reporter": author,
            "watchers": (author,) if author else (),
            "priority_id": site.state.defaults.get("priority"),
            "security_level_id": first_level(site.state, project, values.get("parent_id")),
        }
        | values,
    )
    if issue.parent_id:
        adopt(site, issue.parent_id, issue.id)
    site.tell("jira:issue_created", actor, issue, type_name="issue_created")
    return site.put(issue)


def _key_for(site: Site, project: Project, wanted: str | None) -> str:
    """The next number of the project, or the wanted key with the count moved past it."""
    project = site.state.projects[project.id]
    if wanted is None:
        number = project.last_number + 1
    else:
        prefix, _, digits = wanted.upper().rpartition("-")
        if prefix != project.key or not re.fullmatch("[1-9][0-9]{0,17}", digits):
            raise Invalid(f"'{wanted}' is not a key of the project {project.key}.")
        if wanted.upper() in site.state.keys:
            raise Invalid(f"The key {wanted.upper()} has been given out already.")
        number = int(digits)
    site.state.projects[project.id] = replace(project, last_number=max(number, project.last_number))
    return f"{project.key}-{number}"


def edit_issue(
    site: Site, issue: Issue, actor: User | None, values: Mapping[str, Any], metadata: bytes | None = None
) -> Issue:
    """Set fields of the record. What changes nothing leaves `updated` alone [jira 5.4, our reading]."""
    values = {name: value for name, value in values.items() if getattr(issue, name) != value}
    if not values:
        return issue
    if "parent_id" in values:
        if issue.parent_id:
            orphan(site, issue.parent_id, issue.id)
        if values["parent_id"]:
            adopt(site, values["parent_id"], issue.id)
    at = site.now()
    edited = replace(issue, updated=at, **values, **_noted(site, issue, actor, values, at, metadata=metadata))
    _tell_of_update(site, actor, issue, edited, "issue_assigned" if "assignee" in values else "issue_updated")
    return site.put(edited)


def transition_issue(
    site: Site,
    issue: Issue,
    actor: User | None,
    transition: Transition,
    values: Mapping[str, Any] | None = None,
    *,
    metadata: bytes | None = None,
) -> Issue:
    """Take the issue along `transition`, with `values` from its screen; the post functions have their say.

    Into its own status is a transition too, but one without a status item in the changelog [jira 5.5].
    """
    at = site.now()
    state = site.state
    changes = carried_out(state, issue, transition, dict(values or {}))
    kept = {name: value for name, value in changes.items() if getattr(issue, name) != value}
    dates: dict[str, Any] = {}
    if _turns(state, issue.status_id, transition.to_status):
        dates["category_changed"] = at
    if "resolution_id" in kept:
        dates["resolved"] = at if kept["resolution_id"] else None
    noted = _noted(site, issue, actor, kept, at, metadata=metadata)
    moved = replace(issue, updated=at, **kept, **dates, **noted)
    _tell_of_update(site, actor, issue, moved, "issue_generic")
    return site.put(moved)


def _turns(state: State, old: str, new: str) -> bool:
    """Whether the two statuses are of different categories."""
    return state.statuses[old].category_id != state.statuses[new].category_id


def transition_to(site: Site, issue: Issue, actor: User | None, status: str) -> Issue:
    """Take the transition that leads to the status with this name or id; Invalid if none does."""
    for transition in available_transitions(site.state, issue):
        target = site.state.statuses[transition.to_status]
        if status.lower() in (target.name.lower(), target.id):
            return transition_issue(site, issue, actor, transition)
    known = ", ".join(site.state.statuses[each.to_status].name for each in available_transitions(site.state, issue))
    raise Invalid(f"No transition of {issue.key} leads to '{status}'; from here there are: {known}.")


def available_transitions(state: State, issue: Issue) -> list[Transition]:
    """What the workflow offers from the present status, whoever asks."""
    workflow = workflow_of(state.projects[issue.project_id], issue.type_id)
    return [each for each in workflow.transitions if not each.sources or issue.status_id in each.sources]


def move_issue(site: Site, issue: Issue, actor: User | None, project: Project, status_id: str | None = None) -> Issue:
    """Move to another project, sub-tasks too: a new key, the same id; the old key still leads here [jira 5.4].

    `status_id`: the status there; None = the present one if the workflow there has it, else that one's first.
    """
    if issue.project_id == project.id:
        raise Invalid(f"{issue.key} is in the project {project.key} already.")
    at = site.now()
    old = site.state.projects[issue.project_id]
    key = _key_for(site, project, None)
    values = _at_home(site.state, issue, project, status_id)
    items = (
        ChangeItem("project", "project", old.id, old.name, project.id, project.name),
        ChangeItem("Key", "", None, issue.key, None, key),
        *changed_items(site.state, issue, values),
    )
    entry = Change(site.state.next_id("change"), actor.account_id if actor else None, at, items)
    if "status_id" in values and _turns(site.state, issue.status_id, values["status_id"]):
        values["category_changed"] = at
    moved = site.put(
        replace(issue, key=key, project_id=project.id, updated=at, history=(*issue.history, entry), **values)
    )
    _tell_of_update(site, actor, issue, moved, "issue_moved")
    for child_id in site.state.children.get(issue.id, ()):
        child = site.state.issues[child_id]
        if site.state.types[child.type_id].subtask:
            move_issue(site, child, actor, project)
    return moved


def _at_home(state: State, issue: Issue, project: Project, status_id: str | None) -> dict[str, Any]:
    """What changes of an issue that comes into a project: components and versions become those of the same name."""
    levels = {each.id for each in security_levels(state, project)}
    workflow = workflow_of(project, issue.type_id)
    kept = issue.status_id if issue.status_id in workflow.status_ids else workflow.initial_status
    homes: dict[str, Any] = {
        "status_id": status_id or kept,
        "security_level_id": issue.security_level_id if issue.security_level_id in levels else None,
    }
    for attribute, held in (
        ("component_ids", state.components),
        ("fix_version_ids", state.versions),
        ("affects_version_ids", state.versions),
    ):
        names = [held[each].name.lower() for each in getattr(issue, attribute)]
        there = {each.name.lower(): each.id for each in held.values() if each.project_id == project.id}
        homes[attribute] = tuple(there[name] for name in names if name in there)
    return {name: value for name, value in homes.items() if getattr(issue, name) != value}


def delete_issue(site: Site, issue: Issue, actor: User | None = None, *, along: bool = False) -> None:
    """Delete the issue and its children that are sub-tasks; its key is not given out again."""
    for child_id in site.state.children.get(issue.id, ()):
        child = site.state.issues[child_id]
        if site.state.types[child.type_id].subtask:
            delete_issue(site, child, actor, along=True)
        else:
            edit_issue(site, child, actor, {"parent_id": None})
    if issue.parent_id:
        orphan(site, issue.parent_id, issue.id)
    del site.state.issues[issue.id]
    site.state.trash[issue.id] = issue
    site.state.index.feed(issue.id, None, site.clock.now(), site.index_delay)
    site.tell("jira:issue_deleted", actor, issue, type_name="issue_deleted", along=along)


def restore_issue(site: Site, id_or_key: str) -> Issue:
    """Bring a deleted issue back as it was, but for what has gone meanwhile. NotThere if none was deleted.

    Its sub-tasks need restoring of their own. One whose parent is elsewhere by now goes there; Invalid if it has none.
    """
    state = site.state
    issue_id = id_or_key if id_or_key in state.trash else state.keys.get(id_or_key.upper(), "")
    issue = state.trash.get(issue_id)
    if issue is None:
        raise NotThere(f"No deleted issue {id_or_key}.")
    if issue.type_id not in state.types:
        raise Invalid(f"{issue.key} cannot come back: its issue type is gone.")
    parent = state.issues.get(issue.parent_id or "")
    fits = parent is not None and fits_below(state, issue.type_id, parent)
    if not fits and state.types[issue.type_id].subtask:
        why = f"{parent.key} can have none by now" if parent else "its parent is not there; restore that one first"
        raise Invalid(f"{issue.key} is a sub-task, and {why}.")
    parent = parent if fits else None
    del state.trash[issue_id]
    if parent is not None:
        adopt(site, parent.id, issue.id)
    workflow = workflow_of(state.projects[issue.project_id], issue.type_id)
    left: dict[str, Any] = {
        "status_id": issue.status_id if issue.status_id in workflow.status_ids else workflow.initial_status,
        "parent_id": parent.id if parent else None,
        "component_ids": tuple(each for each in issue.component_ids if each in state.components),
        "fix_version_ids": tuple(each for each in issue.fix_version_ids if each in state.versions),
        "affects_version_ids": tuple(each for each in issue.affects_version_ids if each in state.versions),
    }
    lost = {name: value for name, value in left.items() if getattr(issue, name) != value}
    restored = site.put(replace(issue, **lost) if lost else issue)
    if parent is not None and parent.project_id != issue.project_id and state.types[issue.type_id].subtask:
        return move_issue(site, restored, None, state.projects[parent.project_id])
    return restored


def fits_below(state: State, type_id: str, parent: Issue) -> bool:
    """A parent stands one level above: an epic for a story, a story for a sub-task."""
    return state.types[parent.type_id].hierarchy_level == state.types[type_id].hierarchy_level + 1


def keeps_children(state: State, issue: Issue, type_id: str) -> bool:
    """Whether what stands below the issue could stay there if it had this type."""
    children = (state.issues[each] for each in state.children.get(issue.id, ()))
    return all(fits_below(state, each.type_id, replace(issue, type_id=type_id)) for each in children)


def adopt(site: Site, parent_id: str, child_id: str) -> None:
    """Note that the child is the parent's."""
    site.state.children[parent_id] = (*site.state.children.get(parent_id, ()), child_id)


def orphan(site: Site, parent_id: str, child_id: str) -> None:
    """Note that it is not any more."""
    left = tuple(each for each in site.state.children.get(parent_id, ()) if each != child_id)
    if left:
        site.state.children[parent_id] = left
    else:
        site.state.children.pop(parent_id, None)


def archive_issue(site: Site, issue: Issue, actor: User | None) -> None:
    """Put the issue and its sub-tasks away: readable, but not to be changed, and out of every search."""
    at = site.now()
    for each in (issue, *subtasks_of(site.state, issue)):
        if each.archived_at is None:
            site.put(replace(each, archived_at=at, archived_by=actor.account_id if actor else None))


def unarchive_issue(site: Site, issue: Issue) -> None:
    """Take the issue and its sub-tasks back into use."""
    for each in (issue, *subtasks_of(site.state, issue)):
        site.put(replace(each, archived_at=None, archived_by=None))


def subtasks_of(state: State, issue: Issue) -> list[Issue]:
    """The children that are sub-tasks, the oldest first."""
    children = [state.issues[each] for each in state.children.get(issue.id, ())]
    return [each for each in children if state.types[each.type_id].subtask]


def _tell_of_update(site: Site, actor: User | None, before: Issue, after: Issue, type_name: str) -> None:
    change = after.history[-1] if len(after.history) > len(before.history) else None
    site.tell("jira:issue_updated", actor, after, change=change, type_name=type_name)


def _noted(
    site: Site,
    issue: Issue,
    actor: User | None,
    values: Mapping[str, Any],
    at: datetime,
    *,
    metadata: bytes | None = None,
) -> dict[str, Any]:
    items = changed_items(site.state, issue, values)
    if not items:
        return {}
    entry = Change(site.state.next_id("change"), actor.account_id if actor else None, at, items, metadata)
    return {"history": (*issue.history, entry)}
