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
    CAPTCHA = "captcha"  # Data Center wants a person to log in once [jira 2.8]
    CONSENT_AGAIN = "consent_again"  # the grant or its refresh token is no more: nothing but a new consent helps
    CLIENT_REFUSED = "client_refused"  # the OAuth app or its secret is not accepted
    CLOCKS_DIFFER = "clocks_differ"  # OAuth 1.0a: a signed request carries the time [jira 4.4]
    SITE_GONE = "site_gone"  # the site is not among those that the grant reaches
    SCOPES_MISSING = "scopes_missing"  # the grant does not cover ticket status (R17)
    ADDRESS_REFUSED = "address_refused"  # the address is one that we do not send requests to


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
    Outcome.CAPTCHA: (
        "Jira asks this account for a CAPTCHA after failed logins and refuses it until then. Log in to Jira once in a "
        "browser as this account, check the password with Edit Integration, and test the integration."
    ),
    Outcome.CONSENT_AGAIN: (
        "Jira no longer accepts the access that was granted. Open Edit Integration, enter the secret, and grant access "
        "again."
    ),
    Outcome.CLIENT_REFUSED: (
        "Jira does not accept the OAuth client. Check the client ID, and enter the secret again with Edit Integration."
    ),
    Outcome.CLOCKS_DIFFER: (
        "Jira refuses signed requests because its clock and the clock of this service differ. Set both by a time "
        "server, and test the integration."
    ),
    Outcome.SITE_GONE: (
        "The Jira site is no longer among those that access was granted for. Open Edit Integration, enter the secret, "
        "and grant access to this site again."
    ),
    Outcome.SCOPES_MISSING: "The granted access does not cover ticket status.",
    Outcome.ADDRESS_REFUSED: (
        "The Jira URL leads to an address that this service does not send requests to. Check the Jira URL."
    ),
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


def verdict(outcome: Outcome, at: datetime, names: tuple[str, ...] = ()) -> Verdict:
    """The verdict that `outcome` stands for; `names` are the hidden projects, or the missing scopes."""
    if outcome is Outcome.OK:
        return Verdict(Health.HEALTHY, HEALTHY_REASON, at)
    if outcome is Outcome.PROJECT_HIDDEN and names:
        reason = (
            f"The account cannot browse {', '.join(names)}, which holds tickets of this integration. "
            "Restore the project or its Browse Projects permission."
        )
        return Verdict(Health.FAULTY, reason, at)
    if outcome is Outcome.SCOPES_MISSING and names:
        return Verdict(Health.FAULTY, scopes_missing(names), at)
    return Verdict(Health.FAULTY, _REASONS[outcome], at)


def scopes_missing(names: tuple[str, ...]) -> str:
    """[ticket-status, Enabling for OAuth2 on Jira Cloud] What is missing, and the steps (R17)."""
    return (
        f"Retrieving ticket statuses needs scopes that were not granted: {', '.join(names)}. Add them to the app in "
        "the Atlassian developer console, open Edit Integration, enter the secret, grant access again, test the "
        "integration, and then switch Retrieve Jira Tickets on."
    )
