"""A user may no longer do something in a project; what is hidden answers as if it were missing. [jira 2.3]"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_jira.faults.base import WorldFault
from fake_jira.faults.names import FaultRefused, project_named, user_named
from fake_jira.model.permissions import PROJECT_PERMISSIONS, give_back, revoke

if TYPE_CHECKING:
    from fake_jira.worlds import World


@dataclass(frozen=True, kw_only=True)
class LostPermission(WorldFault):
    """`user` loses `permission` in `project`; healing gives it back if it was held."""

    name = "lost_permission"
    user: str
    project: str
    permission: str = "BROWSE_PROJECTS"

    def check_names(self, world: "World", operations: Collection[str]) -> None:  # noqa: ARG002 - names no operation
        user_named(world, self.name, self.user)
        project_named(world, self.name, self.project)
        if self.permission not in PROJECT_PERMISSIONS:
            raise FaultRefused(
                f"The fault {self.name}: there is no project permission {self.permission!r}; "
                f"there are {', '.join(sorted(PROJECT_PERMISSIONS))}."
            )

    def strike(self, world: "World") -> Any:
        user, project = user_named(world, self.name, self.user), project_named(world, self.name, self.project)
        with world.lock:
            held = revoke(world.site, project, user, self.permission)
        return (project.id, user.account_id) if held else None

    def heal(self, world: "World", before: Any) -> None:
        if before is None:
            return
        project, user = world.state.projects.get(before[0]), world.state.users.get(before[1])
        if project is not None and user is not None:
            with world.lock:
                give_back(world.site, project, user, self.permission)
