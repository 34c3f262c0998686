"""Who may see and who may administer projects and the site: what the routes of this part of the manual ask first."""

from fake_jira.errors import CredentialNeeded
from fake_jira.model.permissions import holds_globally
from fake_jira.model.records import Project
from fake_jira.rest.scene import flavour, may, user, visible_project, world

NOT_YOURS = "You cannot edit the configuration of this project."
NO_ADMIN = "You do not have permission to perform this operation; it takes a Jira administrator."


def is_admin() -> bool:
    """Whether the caller administers the site."""
    return holds_globally(user(), "ADMINISTER")


def require_admin(operation: str = "") -> None:
    """CredentialNeeded for who is nobody, and for others what the flavour refuses `operation` with."""
    if user() is None:
        raise CredentialNeeded
    if not is_admin():
        raise flavour().denied(operation, NO_ADMIN)


def administers(project: Project) -> bool:
    """Whether the caller may change the project's configuration. What is put away is changed by nobody."""
    if project.archived_at or project.trashed_at:
        return False
    return is_admin() or may("ADMINISTER_PROJECTS", project.id)


def administered(id_or_key: str, operation: str = "") -> Project:
    """The project, if the caller may change it; else NotThere, or what the flavour refuses `operation` with."""
    project = visible_project(id_or_key)
    if not administers(project):
        raise flavour().denied(operation, NOT_YOURS)
    return project


def any_project(id_or_key: str) -> Project:
    """For admins of the site: the project, wherever it is. NotThere for everybody else who may not browse it."""
    project = world().state.project(id_or_key)
    if project is not None and is_admin():
        return project
    return visible_project(id_or_key)
