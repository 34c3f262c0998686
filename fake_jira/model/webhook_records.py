"""Records of webhooks, and of what could not be delivered."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DynamicWebhook:
    """Registered by an app (`client_id`) for the user who has granted it; ends by itself."""

    id: int
    client_id: str
    account_id: str
    url: str
    events: tuple[str, ...]
    jql: str
    field_ids: tuple[str, ...]
    property_keys: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AdminWebhook:
    """Registered by an administrator; without an end. `filters` are (section, JQL)."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    exclude_body: bool
    enabled: bool
    secret: str | None
    account_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A delivery that was given up after its last retry."""

    id: str
    url: str
    body: str
    failed_at: datetime
    client_id: str | None
