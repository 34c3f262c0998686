"""Everything it takes to ask one Jira, whether it is stored already or was just typed in. Values only."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a consent gave. OAuth 2.0: access and refresh token; OAuth 1.0a: token and token secret."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None  # of the access token; None: it does not tell
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Which Jira, as whom. `tokens` are there for OAuth only, and only while they are not stored yet."""

    installation_type: str
    auth_type: str
    url: str  # without a trailing slash
    secret: str = field(repr=False)  # API token, password, PAT, client secret, or the private key of OAuth 1.0a
    username: str = ""
    client_id: str = ""
    cloud_id: str | None = None
    skip_proxy: bool = False
    tokens: Tokens | None = field(default=None, repr=False)
