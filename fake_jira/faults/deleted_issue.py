"""An issue is deleted: reads answer 404, searches leave it out without a word. [jira 2.3, 2.5]"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fake_jira.faults.base import WorldFault
from fake_jira.faults.names import issue_named
from fake_jira.model.issues import adopt, delete_issue, restore_issue

if TYPE_CHECKING:
    from fake_jira.worlds import World


@dataclass(frozen=True, kw_only=True)
class DeletedIssue(WorldFault):
    """`issue` (id or key) and its sub-tasks are gone; cleared, they come back with everything they had."""

    name = "deleted_issue"
    issue: str

    def check_names(self, world: "World", operations: Collection[str]) -> None:  # noqa: ARG002 - names no operation
        issue_named(world, self.name, self.issue)

    def strike(self, world: "World") -> Any:
        with world.lock:
            issue = issue_named(world, self.name, self.issue)
            state = world.state
            children = [child for child in state.children.get(issue.id, ()) if not _is_subtask(world, child)]
            trashed = set(state.trash)
            delete_issue(world.site, issue)
            gone = [each for each in state.trash if each not in trashed]
        return issue.id, sorted(gone, key=lambda each: each != issue.id), children

    def heal(self, world: "World", before: Any) -> None:
        """Parent first; an issue that somebody has restored by hand in the meantime stays as it is."""
        parent, gone, children = before
        with world.lock:
            site = world.site
            for issue_id in gone:
                if issue_id in world.state.trash:
                    restore_issue(site, issue_id)
            for child_id in children:
                child = world.state.issues.get(child_id)
                if child is not None and child.parent_id is None and parent in world.state.issues:
                    site.put(replace(child, parent_id=parent))
                    adopt(site, parent, child_id)


def _is_subtask(world: "World", issue_id: str) -> bool:
    return world.state.types[world.state.issues[issue_id].type_id].subtask
