"""Names in a fault, looked up in the world: a rule that names nothing that exists is refused, not ignored.

A mistyped key that silently never matches would make a test of failure pass without a failure.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_jira.model.records import Issue, Project, User
    from fake_jira.worlds import World


class FaultRefused(ValueError):
    """The fault cannot be armed; the sentence says what is wrong and what would be right."""


def issue_named(world: "World", fault: str, name: str) -> "Issue":
    """The issue with this id or key. Raises FaultRefused."""
    found = world.state.issue(name)
    if found is None:
        raise FaultRefused(f"The fault {fault}: there is no issue {name!r} in the world {world.name}.")
    return found


def project_named(world: "World", fault: str, name: str) -> "Project":
    """The project with this id or key. Raises FaultRefused."""
    found = world.state.project(name)
    if found is None:
        keys = ", ".join(sorted(project.key for project in world.state.projects.values()))
        raise FaultRefused(f"The fault {fault}: there is no project {name!r} in the world {world.name}; it has {keys}.")
    return found


def user_named(world: "World", fault: str, name: str) -> "User":
    """The user with this e-mail address or account id. Raises FaultRefused."""
    found = world.state.user(name)
    if found is None:
        emails = ", ".join(sorted(user.email for user in world.state.users.values()))
        raise FaultRefused(f"The fault {fault}: there is no user {name!r} in the world {world.name}; it has {emails}.")
    return found
