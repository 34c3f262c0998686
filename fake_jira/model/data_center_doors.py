"""Who was let into a Data Center, and by which door: sessions, sign-ins, tokens, application links.

Records and the `Doors` that hold them; the doors themselves are in `auth/`. Secrets are kept as they are: it is a fake.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Session:
    """`used`: when it was last seen to be used, give or take. `xsrf` is what forms of its user have to send back."""

    id: str
    account_id: str
    xsrf: str
    used: datetime


@dataclass(frozen=True, slots=True)
class SignIns:
    """How one user's sign-ins went. `failures` in a row; `question`: the two numbers that a CAPTCHA asks to add."""

    failures: int = 0
    all_failures: int = 0
    last_failure: datetime | None = None
    logins: int = 0
    last_login: datetime | None = None
    previous_login: datetime | None = None
    question: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """`expires` None = never."""

    id: int
    account_id: str
    name: str
    secret: str
    created: datetime
    expires: datetime | None = None
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consumer:
    """An application that signs by OAuth 1.0a, on an incoming application link. `public_key` is PEM."""

    key: str
    name: str
    public_key: str
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class RequestToken:
    """`account_id` None: nobody has decided yet; `verifier` None once somebody has: denied. `callback` None = oob."""

    token: str
    secret: str
    consumer_key: str
    callback: str | None
    created: datetime
    account_id: str | None = None
    verifier: str | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Of OAuth 1.0a. `handle` is what its consumer renews it with; `granted` when the user allowed it."""

    token: str
    secret: str
    consumer_key: str
    account_id: str
    handle: str
    granted: datetime
    created: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """An application that comes by OAuth 2.0, on an incoming application link; `scope` is the most it may have."""

    id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...]
    scope: str


@dataclass(frozen=True, slots=True)
class Code:
    """An authorisation code. `challenge` and `method` are PKCE's."""

    code: str
    client_id: str
    account_id: str
    redirect_uri: str
    scope: str
    created: datetime
    challenge: str | None = None
    method: str = "plain"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token of OAuth 2.0 and the refresh token that came with it."""

    access: str
    refresh: str
    client_id: str
    account_id: str
    scope: str
    created: datetime


@dataclass
class Doors:
    """`implied`: account id -> the session that Basic authentication leaves behind for that user.

    `nonces` are "consumer key, space, nonce" -> the timestamp, in seconds, that they came with.
    """

    sessions: dict[str, Session] = field(default_factory=dict)
    implied: dict[str, str] = field(default_factory=dict)
    sign_ins: dict[str, SignIns] = field(default_factory=dict)  # by account id
    personal_tokens: dict[str, PersonalToken] = field(default_factory=dict)  # by id
    consumers: dict[str, Consumer] = field(default_factory=dict)  # by key
    request_tokens: dict[str, RequestToken] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)  # by id
    codes: dict[str, Code] = field(default_factory=dict)
    pairs: dict[str, TokenPair] = field(default_factory=dict)  # by access token

    def copy(self) -> "Doors":
        """The same records in dicts of its own."""
        copies: dict[str, Any] = {each.name: getattr(self, each.name).copy() for each in fields(self)}
        return Doors(**copies)
