"""The nouns of the rules: an integration, a ticket made through it, the status that Jira gave the ticket."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EpochCause(StrEnum):
    """Why an integration's present epoch began. Statuses belong to the epoch in which they were retrieved (R15)."""

    CREATED = "created"
    BROKEN = "broken"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class JiraStatus:
    """A status as Jira names it. Names are localised and may repeat; `category` is the stable part. [jira 6.2]"""

    id: str
    name: str
    category: str  # statusCategory.key: new, indeterminate, done, undefined


@dataclass(frozen=True, slots=True)
class Integration:
    """A connection to one Jira. Its secret is not here: it is read only by the room that speaks to Jira."""

    id: int
    name: str
    installation_type: str  # cloud, server
    auth_type: str  # basic, oauth1, oauth2, pat
    username: str  # of Basic; else empty
    client_id: str  # of an OAuth 2.0 app, or the consumer key of OAuth 1.0a; else empty
    cloud_id: str | None  # the site, where the gateway is asked for it (Cloud with OAuth 2.0)
    url: str  # without a trailing slash; for people and, but for the gateway, for requests
    skip_proxy: bool
    retrieve_tickets: bool  # the toggle 'Retrieve Jira Tickets'
    epoch: int
    epoch_cause: EpochCause
    settled_epoch: int  # the last epoch in which a full run has ended; 0 = none
    health: str | None  # the status word of the last verdict; None = never verified
    health_reason: str | None
    checked_at: datetime | None
    broken_since: datetime | None
    next_run_at: datetime
    next_probe_at: datetime | None  # only while broken
    created_at: datetime
    created_version: str  # of the product, when the integration was made (R16)
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A Jira issue made for a violation. Its identity is Jira's issue id; the key may change (R7)."""

    id: int
    violation_id: int
    integration_id: int
    issue_id: str
    key: str
    project_id: str | None  # None until the first answer that names it
    created_at: datetime  # when we created it (R13)
    status: JiraStatus | None  # the last one retrieved; never erased by an outage
    epoch: int  # of the integration, when that status was retrieved; 0 = never
    refreshed_at: datetime | None  # when the answer that the status stands on was asked for
    issue_updated_at: datetime | None  # Jira's own `updated` in that answer
    deleted_at: datetime | None  # when Jira was proven to have deleted it (R14)
    hidden_at: datetime | None = None  # when Jira last had it and did not show it to us; asked for again all the same
    is_guarded: bool = False  # it carried a security level when it was last seen
