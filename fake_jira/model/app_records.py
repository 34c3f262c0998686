"""Records of apps and of what they were granted: OAuth 2.0 (3LO) of Jira Cloud, and who is signed in to its pages.

A site is a world of this server; `""` stands for the one that a record is in, so that a copy of a world grants its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE_LASTS = timedelta(days=90)  # a refresh token that is not used [jira 4.2]
ABSOLUTE_LASTS = timedelta(days=365)  # a line of refresh tokens, since the consent


@dataclass(frozen=True, slots=True)
class App:
    """An app. Not `distributed`: only its owner can consent to it."""

    client_id: str
    secret: str
    name: str
    owner: str  # account id
    created: datetime
    scopes: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    distributed: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What one account lets one app do, and on which sites (names of worlds)."""

    id: str
    client_id: str
    account_id: str
    scopes: tuple[str, ...]
    sites: tuple[str, ...]
    granted: datetime


@dataclass(frozen=True, slots=True)
class FurtherSite:
    """Another site of the people here: a world of this server in which they have an account by the same address."""

    world: str
    name: str


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody signed in to the pages; `form_key` stands in every form, so that no other page can send one."""

    account_id: str
    form_key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a consent gives the app; good once, for the address that it was sent to."""

    secret: str
    grant_id: str
    redirect_uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What the gateway takes. Its scopes are those of the moment when it was made."""

    id: str
    secret: str
    grant_id: str
    client_id: str
    account_id: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """`first` is when its line of tokens began; `replaced_at` when it was first used."""

    id: str
    secret: str
    grant_id: str
    issued: datetime
    first: datetime
    replaced_at: datetime | None = None

    def good(self, now: datetime, leeway: timedelta, *, ends_after_a_year: bool) -> bool:
        """Whether it can be used: `leeway` after its replacement, 90 days unused, a year in all where that counts."""
        if self.replaced_at is not None and now >= self.replaced_at + leeway:
            return False
        if ends_after_a_year and now >= self.first + ABSOLUTE_LASTS:
            return False
        return now < self.issued + IDLE_LASTS
