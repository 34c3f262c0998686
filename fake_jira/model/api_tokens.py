"""API tokens as people make them for themselves: with an end, and with or without scopes [jira 2.2]."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fake_jira.errors import Invalid
from fake_jira.model.records import Token, User
from fake_jira.model.state import Site, State

LONGEST = timedelta(days=365)


def new_api_token(
    site: Site,
    user: User,
    label: str = "",
    *,
    secret: str = "",
    expires_at: datetime | None = None,
    scopes: Sequence[str] | None = None,
) -> Token:
    """An API token that ends within a year (in a year unless told). Invalid if it would not, or somebody has it."""
    now = site.now()
    ends = expires_at or now + LONGEST
    if not now < ends <= now + LONGEST:
        raise Invalid("An API token ends in the future, after a year at most.")
    if secret in site.state.tokens:
        raise Invalid("Somebody has this API token already.")
    token = Token(
        secret or f"ATATT3x{secrets.token_urlsafe(72)}",
        user.account_id,
        ends,
        id=site.state.next_id("token"),
        label=label.strip(),
        scopes=None if scopes is None else frozenset(scopes),
    )
    site.state.tokens[token.secret] = token
    return token


def api_token(state: State, id_or_secret: str) -> Token | None:
    """The API token with this id, or that is this text."""
    return next((each for each in state.tokens.values() if id_or_secret in (each.id, each.secret)), None)


def revoke_api_token(site: Site, token: Token) -> None:
    """Make it bad; it stays in lists."""
    site.state.tokens[token.secret] = replace(token, revoked=True)


def set_api_token_expiry(site: Site, token: Token, expires_at: datetime) -> None:
    """Let it end at another time, in the past too."""
    site.state.tokens[token.secret] = replace(token, expires_at=expires_at)
