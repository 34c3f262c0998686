"""An issue is deleted: reads answer 404, searches leave it out without a word. [jira.md 2.3, 2.5]"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_jira.faults.base import WorldFault
from fake_jira.faults.names import issue_named

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
        raise NotImplementedError

    def heal(self, world: "World", before: Any) -> None:
        raise NotImplementedError
