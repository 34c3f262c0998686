"""All chapters about what belongs to an issue: comments, worklogs, files, links, watchers, ..."""

from fake_jira.rest import satellite_input  # noqa: F401 - joins itself to what issues take
from fake_jira.rest.attachments import attachments, cloud_attachments
from fake_jira.rest.changelog import changelog
from fake_jira.rest.comments import cloud_comments, comments, data_center_comments
from fake_jira.rest.issue_properties import cloud_issue_properties, issue_properties
from fake_jira.rest.labels import labels
from fake_jira.rest.link_types import link_types
from fake_jira.rest.links import links
from fake_jira.rest.notifications import cloud_notifications, notifications
from fake_jira.rest.picker import picker
from fake_jira.rest.remote_links import remote_links
from fake_jira.rest.subtasks import subtasks
from fake_jira.rest.votes import votes
from fake_jira.rest.watchers import cloud_watchers, watchers
from fake_jira.rest.worklogs import cloud_worklogs, worklogs

SATELLITES = (
    comments,
    cloud_comments,
    data_center_comments,
    worklogs,
    cloud_worklogs,
    attachments,
    cloud_attachments,
    links,
    link_types,
    remote_links,
    votes,
    watchers,
    cloud_watchers,
    issue_properties,
    cloud_issue_properties,
    labels,
    changelog,
    picker,
    notifications,
    cloud_notifications,
    subtasks,
)
