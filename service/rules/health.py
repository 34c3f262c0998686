"""What an answer from Jira, or the lack of one, means for an integration.

401, a timeout, a login page sent with 200: each gets one name here (`Outcome`) and one sentence for the admin. Makes no
requests and stores nothing, so every name can be tried with a handmade answer.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """[status-check] "Valid values"."""

    HEALTHY = "HEALTHY_INTEGRATION"
    NOT_FOUND = "INTEGRATION_NOT_FOUND"
    INTERNAL_ERROR = "INTERNAL_SERVER_ERROR"
    FAULTY = "FAULTY_CONFIGURATION"


class Outcome(StrEnum):
    """What one request to Jira came to."""

    OK = "ok"
    UNREACHABLE = "unreachable"  # refused, reset, no such host, TLS
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"  # 5xx
    RATE_LIMITED = "rate_limited"  # 429
    NOT_JSON = "not_json"  # a login, proxy or maintenance page, or half an answer
    NOT_JIRA = "not_jira"  # JSON, but not a Jira's
    TOO_LARGE = "too_large"  # more bytes than we are willing to read
    UNAUTHENTICATED = "unauthenticated"  # 401, or carried out as anonymous (the lie of [jira 2.2])
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not_found"  # 404
    REFUSED = "refused"  # any other 4xx
    PROJECT_HIDDEN = "project_hidden"  # a project of its tickets cannot be browsed


TRANSIENT = frozenset(
    {Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.SERVER_ERROR, Outcome.RATE_LIMITED, Outcome.NOT_JSON}
)
"""Trouble that may pass by itself and is tried again before anything is concluded from it (R11)."""

HEALTHY_REASON = "Integration is healthy and operational."  # [status-check], word for word
CANNOT_CONNECT = "The system is unable to connect to Jira."  # [status-check]; R2: the reason for connectivity
NOT_FOUND_REASON = "The integration does not exist or cannot be located."  # [status-check]
INTERNAL_ERROR_REASON = (  # [status-check]
    "The system is temporarily unable to retrieve integration details. Please try again later."
)

_REASONS = {  # R2: every other cause has its own sentence that tells the admin what to do
    Outcome.OK: HEALTHY_REASON,
    Outcome.UNREACHABLE: CANNOT_CONNECT,
    Outcome.TIMEOUT: CANNOT_CONNECT,
    Outcome.SERVER_ERROR: CANNOT_CONNECT,
    Outcome.RATE_LIMITED: (
        "Jira refuses requests because its rate limit is exceeded. Retrieval goes on when the limit allows it."
    ),
    Outcome.NOT_JSON: (
        "Jira answered with a web page instead of data. Check the Jira URL, and any login or proxy page in front of it."
    ),
    Outcome.NOT_JIRA: "The configured address answered, but not as a Jira does. Check the Jira URL of the integration.",
    Outcome.TOO_LARGE: (
        "Jira's answer was larger than expected and was not read. Check the Jira URL of the integration."
    ),
    Outcome.UNAUTHENTICATED: (
        "Jira does not accept the credentials. Create a new API token, enter it with Edit Integration, and "
        "test the integration."
    ),
    Outcome.FORBIDDEN: "Jira refuses access to this account. Check that it is licensed for Jira and not blocked.",
    Outcome.NOT_FOUND: "The configured address has no Jira REST API. Check the Jira URL of the integration.",
    Outcome.REFUSED: "Jira refused a request that it should accept. Check that the Jira version is supported.",
    Outcome.PROJECT_HIDDEN: (
        "The account cannot browse every project that holds tickets of this integration. Restore the "
        "project or its Browse Projects permission."
    ),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification concluded, and when it ended (R1)."""

    health: Health
    reason: str
    at: datetime


def verdict(outcome: Outcome, at: datetime, projects: tuple[str, ...] = ()) -> Verdict:
    """The verdict that `outcome` stands for; `projects` names those that cannot be browsed."""
    if outcome is Outcome.OK:
        return Verdict(Health.HEALTHY, HEALTHY_REASON, at)
    if outcome is Outcome.PROJECT_HIDDEN and projects:
        named = ", ".join(projects)
        return Verdict(
            Health.FAULTY,
            f"The account cannot browse {named}, which holds tickets of this integration. "
            "Restore the project or its Browse Projects permission.",
            at,
        )
    return Verdict(Health.FAULTY, _REASONS[outcome], at)
