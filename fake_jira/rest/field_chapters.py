"""The chapters about fields, screens, statuses and workflows, and about what is done to issues as a whole."""

from fake_jira.rest.archiving import cloud_archiving, data_center_archiving
from fake_jira.rest.catalogue import catalogue, data_center_catalogue
from fake_jira.rest.createmeta import createmeta
from fake_jira.rest.field_contexts import contexts
from fake_jira.rest.field_options import cloud_options, data_center_options, options
from fake_jira.rest.fields import cloud_fields, data_center_fields, fields
from fake_jira.rest.issue_bulk import bulk_issues, cloud_bulk_issues
from fake_jira.rest.issues import issues
from fake_jira.rest.levels import cloud_levels, data_center_levels, levels
from fake_jira.rest.screens import cloud_screens, data_center_screens, screens
from fake_jira.rest.statuses import statuses
from fake_jira.rest.transitions import transitions
from fake_jira.rest.workflows import cloud_workflows, workflows

FIELDS = (
    createmeta,
    catalogue,
    data_center_catalogue,
    statuses,
    levels,
    cloud_levels,
    data_center_levels,
    workflows,
    cloud_workflows,
    fields,
    cloud_fields,
    data_center_fields,
    contexts,
    options,
    cloud_options,
    data_center_options,
    screens,
    cloud_screens,
    data_center_screens,
    issues,
    bulk_issues,
    cloud_bulk_issues,
    cloud_archiving,
    data_center_archiving,
    transitions,
)
