"""All chapters about projects and what is in them, about issue types, and about the site's settings.

With them come the issue fields that show components and versions.
"""

from fake_jira.rest.components import cloud_components, components, data_center_components
from fake_jira.rest.createmeta_view import ALLOWED
from fake_jira.rest.issue_input import READERS
from fake_jira.rest.issue_types import cloud_issue_types, data_center_issue_types, issue_types
from fake_jira.rest.project_categories import project_categories
from fake_jira.rest.project_changes import cloud_project_changes, data_center_project_changes, project_changes
from fake_jira.rest.project_parts import cloud_project_parts, project_parts
from fake_jira.rest.project_readers import OF_PROJECTS, allowed_components
from fake_jira.rest.project_types import cloud_project_types, project_types
from fake_jira.rest.projects import cloud_projects, data_center_projects, projects
from fake_jira.rest.site_settings import cloud_site_settings, site_settings
from fake_jira.rest.tasks import tasks
from fake_jira.rest.versions import data_center_versions, versions

PROJECTS = (
    projects,
    cloud_projects,
    data_center_projects,
    project_changes,
    cloud_project_changes,
    data_center_project_changes,
    project_parts,
    cloud_project_parts,
    project_types,
    cloud_project_types,
    project_categories,
    components,
    cloud_components,
    data_center_components,
    versions,
    data_center_versions,
    issue_types,
    cloud_issue_types,
    data_center_issue_types,
    tasks,
    site_settings,
    cloud_site_settings,
)
READERS |= OF_PROJECTS
ALLOWED["components"] = allowed_components
