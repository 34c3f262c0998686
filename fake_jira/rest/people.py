"""All chapters about people, groups, roles, permissions and the schemes that tie them together."""

from fake_jira.rest.cloud_users import cloud_users
from fake_jira.rest.data_center_users import data_center_users
from fake_jira.rest.groups import cloud_groups, groups
from fake_jira.rest.notification_schemes import cloud_notification_schemes, notification_schemes
from fake_jira.rest.permission_schemes import permission_schemes
from fake_jira.rest.permissions import cloud_permissions, permissions
from fake_jira.rest.preferences import locale, preferences
from fake_jira.rest.roles import cloud_roles, roles
from fake_jira.rest.security_changes import security_changes
from fake_jira.rest.security_schemes import cloud_security_schemes, security_schemes
from fake_jira.rest.user_search import user_search
from fake_jira.rest.users import users

PEOPLE = (
    permissions,
    cloud_permissions,
    users,
    user_search,
    cloud_users,
    data_center_users,
    preferences,
    locale,
    groups,
    cloud_groups,
    roles,
    cloud_roles,
    permission_schemes,
    notification_schemes,
    cloud_notification_schemes,
    security_schemes,
    cloud_security_schemes,
    security_changes,
)
