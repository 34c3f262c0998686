"""Issue types of the site: made, changed, and deleted in favour of another one."""

from dataclasses import replace
from typing import Any

from fake_jira.model.issues import edit_issue
from fake_jira.model.records import Issue, IssueType, User
from fake_jira.model.state import Site, State


def type_named(state: State, name: str) -> IssueType | None:
    wanted = name.strip().lower()
    return next((each for each in state.types.values() if each.name.lower() == wanted), None)


def add_type(site: Site, name: str, description: str, level: int) -> IssueType:
    """A new type. Every project gets it: all share the site's default scheme."""
    _count(site.state)
    made = IssueType(site.state.next_id("issuetype"), name, description, level)
    site.state.types[made.id] = made
    for project in site.state.projects.values():
        site.state.projects[project.id] = replace(project, type_ids=(*project.type_ids, made.id))
    site.state.renamed()
    return made


def change_type(site: Site, kind: IssueType, **values: Any) -> IssueType:
    site.state.types[kind.id] = changed = replace(kind, **values)
    site.state.renamed()
    return changed


def issues_of_type(state: State, type_id: str) -> list[Issue]:
    return [issue for issue in state.issues.values() if issue.type_id == type_id]


def alternatives(state: State, kind: IssueType) -> list[IssueType]:
    """What issues of this type could become: another type of the same level."""
    return [
        each for each in state.types.values() if each.id != kind.id and each.hierarchy_level == kind.hierarchy_level
    ]


def delete_type(site: Site, kind: IssueType, actor: User | None, instead: IssueType | None) -> None:
    """Delete it everywhere; its issues become `instead`."""
    _count(site.state)
    for issue in issues_of_type(site.state, kind.id):
        if instead is not None:
            edit_issue(site, issue, actor, {"type_id": instead.id})
    for issue in [each for each in site.state.trash.values() if instead and each.type_id == kind.id]:
        site.state.trash[issue.id] = replace(issue, type_id=instead.id if instead else kind.id)
    for project in site.state.projects.values():
        kept = tuple(each for each in project.type_ids if each != kind.id)
        site.state.projects[project.id] = replace(project, type_ids=kept)
    site.state.index.hurry()
    del site.state.types[kind.id]
    site.state.renamed()


def _count(state: State) -> None:
    """The stock types have ids of their own choice; new ones go on behind them."""
    state.last_ids.setdefault("issuetype", max(map(int, state.types)))
