"""A server as cases see it: what can be asked, as whom, and what was answered.

The server is a black box, and nothing but GET is ever sent. Knows HTTP and no endpoint in particular, and judges only
whether an answer came and was JSON.
"""

import json
import re
import shlex
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import requests
import urllib3

BODY_BYTES = 1_000_000
MASK = "***"


class Caller(StrEnum):
    """As whom a request is sent."""

    ADMIN = "admin"
    VIEWER = "viewer"
    NOBODY = "nobody"  # without a credential
    STRANGER = "stranger"  # with a token that nobody has


class Need(StrEnum):
    """What a case cannot do without, and how it is given."""

    CREDENTIAL = "no credential of an admin was given (--token or --user)"
    VIEWER = "no token of a user who is no admin was given (--viewer-token)"
    NAME = "no existing integration was named (--name)"


@dataclass(frozen=True, slots=True)
class Target:
    """The server to judge, and what was declared about it. `user` is (name, password); `timeout` in seconds."""

    url: str
    token: str | None = None
    user: tuple[str, str] | None = None
    viewer_token: str | None = None
    name: str | None = None
    timeout: float = 30.0

    def missing(self, needs: Iterable[Need]) -> Need | None:
        """The first of `needs` that this target was not given."""
        given = {
            Need.CREDENTIAL: self.token is not None or self.user is not None,
            Need.VIEWER: self.viewer_token is not None,
            Need.NAME: self.name is not None,
        }
        return next((need for need in needs if not given[need]), None)

    def mask(self, text: str) -> str:
        """`text` without the secrets, in whichever form they may come back."""
        secrets = [secret for secret in (self.token, self.viewer_token) if secret]
        if self.user is not None:
            secrets += [self.user[1], b64encode(":".join(self.user).encode()).decode()]
        forms = {form for one in secrets for form in (one, quote(one, safe=""), json.dumps(one)[1:-1], repr(one)[1:-1])}
        longest_first = sorted(filter(None, forms), key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), MASK, text) if longest_first else text


@dataclass(frozen=True, slots=True)
class Answer:
    """What was sent and what came back. `at` is when it had come, by the clock of this machine."""

    path: str
    url: str
    caller: Caller
    code: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    seconds: float
    curl: str

    @property
    def text(self) -> str:
        """The body, whatever it is."""
        return self.body.decode("utf-8", "replace")

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in small letters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as strict JSON: UTF-8, no NaN, no name twice. Violation if it is not."""
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_twins)
        except (ValueError, RecursionError) as error:
            raise Violation("a body of JSON", f"{self.code} {told(self.text)} ({error})", self) from None

    def object(self) -> dict[str, Any]:
        """The body as a JSON object. Violation if it is not."""
        body = self.json()
        if not isinstance(body, dict):
            raise Violation("a JSON object", f"{self.code} {told(body)}", self)
        return body


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


class Violation(Exception):
    """A promise was not kept."""

    def __init__(self, expected: str, got: str, answer: Answer | None = None) -> None:
        super().__init__(expected, got)
        self.expected, self.got, self.answer = expected, got, answer


class Unreachable(Exception):
    """Nothing answers at the address; the message says why."""


def told(value: object) -> str:
    """`value` as it may stand in a report, on one line. Not cut yet: what is cut could hide half of a secret."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in shown) or "(an empty body)"


class Api:
    """The server as cases see it; keeps what was answered in `seen`.

    Follows no redirect, remembers no cookie and reads no .netrc, so that a request carries the credential of its
    caller and nothing else. Each has a connection of its own: one that a server closes in between would look like a
    refusal.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.seen: list[Answer] = []
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str | Sequence[str]] | None = None,
        *,
        caller: Caller = Caller.ADMIN,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET `path` below the base URL. Violation if no answer comes, Unreachable if no other request gets one."""
        try:
            answer = self._send(path, params or {}, caller, headers or {})
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self.knock()
            expected = f"an answer of at most {BODY_BYTES} bytes within {self.target.timeout:g} s"
            raise Violation(expected, f"none to GET {path} {told(params or {})}: {_why(error)}") from None
        self.seen.append(answer)
        return answer

    def knock(self) -> None:
        """Any answer of HTTP at all will do. Raises Unreachable."""
        try:
            self._session.get(
                self.target.url, auth=_as_it_is, timeout=self.target.timeout, allow_redirects=False, stream=True
            ).close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"Nothing answers at {self.target.url}: {_why(error)}.") from None

    def _send(
        self, path: str, params: Mapping[str, str | Sequence[str]], caller: Caller, headers: Mapping[str, str]
    ) -> Answer:
        authorization, shown = self._credential(caller)
        sent = {"Accept": "application/json", **headers}
        began = time.monotonic()
        with self._session.get(
            self.target.url + path,
            params=params,
            headers=sent | authorization | {"User-Agent": "contract-check", "Connection": "close"},
            auth=_as_it_is,
            timeout=self.target.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = _read(response, began + self.target.timeout)
            url = str(response.request.url)
            flags = "".join(f"-H {shlex.quote(f'{name}: {value}')} " for name, value in sent.items())
            return Answer(
                path=path,
                url=url,
                caller=caller,
                code=response.status_code,
                headers=response.headers,
                body=body,
                at=datetime.now(UTC),
                seconds=time.monotonic() - began,
                curl=f"curl -sSig {flags}{shown}{shlex.quote(url)}",
            )

    def _credential(self, caller: Caller) -> tuple[dict[str, str], str]:
        """The header for `caller`, and how curl is told without telling the secret."""
        target = self.target
        if caller is Caller.STRANGER:
            header = "Bearer a-token-that-nobody-has"
            return {"Authorization": header}, f"-H 'Authorization: {header}' "
        if caller is Caller.VIEWER:
            return {"Authorization": f"Bearer {target.viewer_token}"}, _bearer("CONTRACT_CHECK_VIEWER_TOKEN")
        if caller is Caller.ADMIN and target.token is not None:
            return {"Authorization": f"Bearer {target.token}"}, _bearer("CONTRACT_CHECK_TOKEN")
        if caller is Caller.ADMIN and target.user is not None:
            basic = b64encode(":".join(target.user).encode()).decode()
            return {"Authorization": f"Basic {basic}"}, '-u "$CONTRACT_CHECK_USER" '
        return {}, ""


def _bearer(variable: str) -> str:
    return f'-H "Authorization: Bearer ${variable}" '


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An `auth` that adds nothing; without one, requests would look into .netrc."""
    return request


def _read(response: requests.Response, deadline: float) -> bytes:
    """The whole body. Raises OSError when it is too large or does not end in time."""
    body = b""
    while chunk := response.raw.read1(65_536, decode_content=True):
        body += chunk
        if len(body) > BODY_BYTES:
            raise OSError("the body is larger")
        if time.monotonic() > deadline:
            raise TimeoutError("the answer does not end")
    return body


def _why(error: BaseException) -> str:
    """What went wrong, in the words of whoever knew it first."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "it took too long"
    deepest: BaseException = error
    while (before := deepest.__cause__ or deepest.__context__) is not None:
        deepest = before
    return told(getattr(deepest, "strerror", None) or str(deepest) or type(deepest).__name__)
