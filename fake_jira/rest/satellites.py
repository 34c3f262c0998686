"""All chapters about what belongs to an issue: comments, worklogs, files, links, watchers, ..."""

from fake_jira.rest.comments import cloud_comments, comments, data_center_comments

SATELLITES = (comments, cloud_comments, data_center_comments)
