"""How a request to Jira carries its credential, and what is done when that is refused.

Basic and Bearer are one header, made once. `Rotating` asks a `TokenSource` for an access token that should be good, and
for a newer one after a 401. `OAuth1` signs each request by itself. A secret goes into one header and nowhere else.
"""

import base64
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, Protocol

from service import clock
from service.rules.health import Outcome

AUTHORIZATION = "Authorization"
BEARER = "Bearer "
FRESH_SECONDS = 60.0  # ours


class CredentialRefused(Exception):
    """There is nothing to send: the token endpoint said no, or could not be asked.

    `outcome` says which: CONSENT_AGAIN, CLIENT_REFUSED, or what asking came to. `retry_after` is the endpoint's own.
    """

    def __init__(self, outcome: Outcome, retry_after: timedelta | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.retry_after = retry_after


class Credential(Protocol):
    """What an account shows to its Jira. Safe to share between threads."""

    @property
    def sent(self) -> int:
        """How many requests for tokens went out so far."""

    def headers(self, method: str, url: str, /) -> Mapping[str, str]:
        """The headers for one request to `url`, its query included; may fetch a token. Raises CredentialRefused."""

    def renew(self, rejected: Mapping[str, str], /) -> bool:
        """Jira refused these headers: is another try, with new ones, worth it? Raises CredentialRefused."""


class TokenSource(Protocol):
    """Where access tokens come from. Safe to share between threads."""

    @property
    def sent(self) -> int:
        """How many requests for tokens went out so far."""

    def token(self) -> str:
        """An access token that should be good. Raises CredentialRefused."""

    def renewed(self, rejected: str) -> str:
        """A newer one than `rejected`, fetched at most once however many ask. Raises CredentialRefused."""


class _Unchanging:
    """A credential that is one header for all requests. Once refused, it is refused."""

    sent = 0

    def __init__(self, authorization: str) -> None:
        self._headers = {AUTHORIZATION: authorization}

    def headers(self, _method: str, _url: str, /) -> Mapping[str, str]:
        return self._headers

    def renew(self, _rejected: Mapping[str, str], /) -> bool:
        return False


class Basic(_Unchanging):
    """Cloud: e-mail and API token; Data Center: user and password; UTF-8 for both."""

    def __init__(self, username: str, secret: str) -> None:
        super().__init__("Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode())


class Bearer(_Unchanging):
    """A token as it is: a personal access token [jira 4.6], or one that was granted just now."""

    def __init__(self, token: str) -> None:
        super().__init__(BEARER + token)


class NoGrant:
    """What an integration has whose consent gave nothing that is kept: there is nothing to ask with."""

    sent = 0

    def headers(self, _method: str, _url: str, /) -> Mapping[str, str]:
        raise CredentialRefused(Outcome.CONSENT_AGAIN)

    def renew(self, _rejected: Mapping[str, str], /) -> bool:
        return False


class Rotating:
    """OAuth 2.0: an access token that lives an hour or two and is then renewed. [jira 4.2, 4.5]

    One that was renewed just now and is refused as well is not too old: a scope is missing, say. [jira 2.4]
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._fresh = ("", 0.0)  # the token that came last by renewal, and until when (monotonic) it counts as new

    @property
    def sent(self) -> int:
        return self._source.sent

    def headers(self, _method: str, _url: str, /) -> Mapping[str, str]:
        return {AUTHORIZATION: BEARER + self._source.token()}

    def renew(self, rejected: Mapping[str, str], /) -> bool:
        token = rejected[AUTHORIZATION].removeprefix(BEARER)
        fresh, until = self._fresh
        if token == fresh and time.monotonic() < until:
            return False
        renewed = self._source.renewed(token)
        self._fresh = renewed, time.monotonic() + FRESH_SECONDS
        return renewed != token


class OAuth1:
    """OAuth 1.0a with RSA-SHA1, the one method that Jira takes; each request is signed by itself. [jira 4.4]

    `token` and `token_secret` are those of the grant. While there is none yet, `callback` is for asking for a request
    token, and `verifier`, with the request token, for exchanging that.
    """

    sent = 0

    def __init__(
        self,
        consumer_key: str,
        private_key: str,
        token: str | None = None,
        token_secret: str | None = None,
        *,
        callback: str | None = None,
        verifier: str | None = None,
    ) -> None:
        self._private_key = private_key
        self._parameters = {
            "client_key": consumer_key,
            "resource_owner_key": token,
            "resource_owner_secret": token_secret,
            "callback_uri": callback,
            "verifier": verifier,
        }

    def headers(self, method: str, url: str, /) -> Mapping[str, str]:
        """Raises CredentialRefused (CLIENT_REFUSED) when the private key is none."""
        from oauthlib.oauth1 import SIGNATURE_RSA_SHA1, Client  # noqa: PLC0415 - a tenth of the start's time

        try:
            key = rsa_key(self._private_key)
        except ValueError:
            raise CredentialRefused(Outcome.CLIENT_REFUSED) from None
        timestamp = str(int(clock.now().timestamp()))
        client = Client(**self._parameters, signature_method=SIGNATURE_RSA_SHA1, rsa_key=key, timestamp=timestamp)
        _, headers, _ = client.sign(url, method)
        return {AUTHORIZATION: str(headers[AUTHORIZATION])}

    def renew(self, _rejected: Mapping[str, str], /) -> bool:
        return False


@lru_cache(maxsize=64)
def rsa_key(pem: str) -> Any:
    """The RSA private key in `pem`, checked once and not for every signature. Raises ValueError when there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, UnsupportedAlgorithm):  # it has a password, or is of a kind nobody knows
        key = None
    if isinstance(key, RSAPrivateKey):
        return key
    raise ValueError("The private key is not an RSA key without a password, in PEM.")
