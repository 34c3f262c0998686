"""Data Center's personal access tokens: made, found by what a Bearer header says, revoked [jira 4.6].

Whoever calls holds the world's lock.
"""

import secrets
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.data_center_doors import PersonalToken
from fake_jira.model.records import User
from fake_jira.model.state import Site

MOST = 10  # tokens that one user may have
LONGEST = 36_500  # days
SELDOM = timedelta(minutes=5)  # how often the time of the last use is noted: reading must not write each time


def make_token(site: Site, user: User, name: str, days: int | None) -> PersonalToken:
    """A new token, good for so many days, None = for ever. Invalid if the user has too many, or for odd values."""
    if not name.strip():
        raise Invalid("The token's name is required.")
    if days is not None and not 1 <= days <= LONGEST:
        raise Invalid(f"expirationDuration is a number of days from 1 to {LONGEST}.")
    if len(tokens_of(site, user)) >= MOST:
        raise Invalid(f"You have reached the maximum number of personal access tokens, which is {MOST}.")
    now = site.now()
    number = site.state.next_id("personal token")
    raw = f"{secrets.randbelow(10**12):012d}:".encode() + secrets.token_bytes(20)
    expires = None if days is None else now + timedelta(days=days)
    token = PersonalToken(int(number), user.account_id, name, b64encode(raw).decode(), now, expires)
    site.state.doors.personal_tokens[token.secret] = token
    return token


def tokens_of(site: Site, user: User) -> list[PersonalToken]:
    """The user's tokens, those that have run out too, the oldest first."""
    return [each for each in site.state.doors.personal_tokens.values() if each.account_id == user.account_id]


def token_of(site: Site, user: User, number: int) -> PersonalToken:
    """One of the user's own, or NotThere."""
    for each in tokens_of(site, user):
        if each.id == number:
            return each
    raise NotThere(f"There is no token with id {number}.")


def revoke_token(site: Site, token: PersonalToken) -> None:
    del site.state.doors.personal_tokens[token.secret]


def token_behind(site: Site, secret: str) -> PersonalToken | None:
    """The token that is good now under this secret; None if it never was one, has run out or was revoked."""
    tokens, now = site.state.doors.personal_tokens, site.now()
    found = tokens.get(secret)
    if found is None or (found.expires is not None and now >= found.expires):
        return None
    if found.used is None or now - found.used >= SELDOM:
        tokens[secret] = found = replace(found, used=now)
    return found


def good_until(token: PersonalToken) -> datetime | None:
    """When it has to be looked at again: it has run out then, or its use is to be noted anew."""
    noted = None if token.used is None else token.used + SELDOM
    ends = [each for each in (noted, token.expires) if each is not None]
    return min(ends) if ends else None
