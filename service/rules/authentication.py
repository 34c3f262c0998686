"""How an integration may sign in, and which scopes it takes. [xray.md 5]"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Installation(StrEnum):
    """[xray.md 9] `installation_type`."""

    CLOUD = "cloud"
    SERVER = "server"  # Data Center too


class Auth(StrEnum):
    """[xray.md 5, 9] `auth_type`; a personal access token (`pat`) is ours."""

    BASIC = "basic"
    OAUTH1 = "oauth1"
    OAUTH2 = "oauth2"
    PAT = "pat"


OFFERED: Mapping[str, tuple[Auth, ...]] = {
    Installation.CLOUD: (Auth.BASIC, Auth.OAUTH2),
    Installation.SERVER: (Auth.BASIC, Auth.PAT, Auth.OAUTH1, Auth.OAUTH2),
}
"""Which authentication each installation knows."""

BY_CONSENT = frozenset({Auth.OAUTH1, Auth.OAUTH2})
"""Those for which somebody has to agree in Jira."""

OFFLINE = "offline_access"  # what yields a refresh token [jira 4.1]
TICKET_SCOPES = (  # [xray.md 5] what an app had to have before ticket status
    *("read:issue-type:jira", "read:issue-type.property:jira", "read:issue-type-hierarchy:jira", "read:project:jira"),
    *("read:project.property:jira", "read:project-category:jira", "read:project-version:jira"),
    *("read:project.component:jira", "read:project-role:jira", "read:user:jira", "read:application-role:jira"),
    *("read:avatar:jira", "read:group:jira", "read:field:jira", "read:field-configuration:jira"),
    *("read:issue-meta:jira", "read:issue:jira", "read:label:jira", "read:issue-security-level:jira"),
    *("read:issue.vote:jira", "read:issue.changelog:jira", "read:status:jira", "read:comment:jira"),
    *("read:comment.property:jira", "write:issue:jira", "write:comment:jira", "write:comment.property:jira"),
    "write:attachment:jira",
)
STATUS_SCOPES = ("read:issue-details:jira", "read:field.default-value:jira", "read:field.option:jira")
"""[ticket-status] "include the following additional scopes" (R17)."""


def missing_scopes(granted: Iterable[str]) -> tuple[str, ...]:
    """Those of the three that ticket status needs and `granted` lacks, in the order of the documents (R17)."""
    given = set(granted)
    return tuple(scope for scope in STATUS_SCOPES if scope not in given)
