"""What a consent is about: what was entered, what lies sealed while the browser is away, what came of it.

Values only; a secret is in none of their reprs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from service.jira.access import Access, Tokens
from service.jira.oauth import Site
from service.rules.tickets import Integration


@dataclass(frozen=True, slots=True)
class Draft:
    """What was entered about an integration, without its secret."""

    name: str
    installation_type: str
    auth_type: str
    url: str  # without a trailing slash; empty for Cloud with OAuth 2.0, where the grant tells
    client_id: str  # or the consumer key of OAuth 1.0a
    skip_proxy: bool = False
    integration_id: int | None = None  # of the one that is edited
    cloud_id: str | None = None  # of the one that is edited: the grant must reach this site

    @classmethod
    def of(cls, integration: Integration) -> Self:
        """The draft that keeps everything of `integration`: Edit Integration asks for the secret alone."""
        return cls(
            integration.name,
            integration.installation_type,
            integration.auth_type,
            integration.url,
            integration.client_id,
            integration.skip_proxy,
            integration.id,
            integration.cloud_id,
        )

    def access(self, secret: str) -> Access:
        """All it takes to ask for tokens."""
        return Access(
            installation_type=self.installation_type,
            auth_type=self.auth_type,
            url=self.url,
            secret=secret,
            client_id=self.client_id,
            cloud_id=self.cloud_id,
            skip_proxy=self.skip_proxy,
        )


@dataclass(frozen=True, slots=True)
class Granted:
    """What came of a consent. With several `sites` and no `site` yet, one of them is to be chosen with `choice`."""

    draft: Draft
    secret: str = field(repr=False)
    tokens: Tokens
    site: Site | None = None  # Cloud only
    sites: tuple[Site, ...] = ()  # Cloud only: the Jira sites that the grant reaches
    choice: str | None = field(default=None, repr=False)

    @property
    def access(self) -> Access:
        """All it takes to ask that Jira, with tokens that are not stored yet."""
        access = replace(self.draft.access(self.secret), tokens=self.tokens)
        return access if self.site is None else replace(access, url=self.site.url, cloud_id=self.site.cloud_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies sealed while a browser is away."""

    draft: Draft
    secret: str = field(repr=False)
    callback_url: str = ""
    verifier: str = field(default="", repr=False)
    request: Tokens | None = None  # the request token of OAuth 1.0a
    tokens: Tokens | None = None  # granted, while a site is chosen
    sites: tuple[Site, ...] = ()

    @property
    def access(self) -> Access:
        return self.draft.access(self.secret)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads; secrets are in it."""
        values = asdict(self)
        if self.tokens is not None and self.tokens.expires_at is not None:
            values["tokens"]["expires_at"] = self.tokens.expires_at.isoformat()
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What was kept."""
        sites = tuple(Site(**site | {"scopes": tuple(site["scopes"])}) for site in values["sites"])
        known = {"draft": Draft(**values["draft"]), "sites": sites}
        return cls(**{**values, **known, "request": _tokens(values["request"]), "tokens": _tokens(values["tokens"])})


def _tokens(values: dict[str, Any] | None) -> Tokens | None:
    if values is None:
        return None
    ends = values["expires_at"]
    expires_at = None if ends is None else datetime.fromisoformat(ends)
    return Tokens(**values | {"expires_at": expires_at, "scopes": tuple(values["scopes"])})
