"""What an admin says about a Jira, in the words of the API, and what of it belongs to which way of signing in.

Reads and refuses; asks no Jira and stores nothing. The pages' forms are read here too. [xray.md 5, 9]
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from service.errors import BadInput
from service.jira.access import Access, Tokens
from service.rules.authentication import BY_CONSENT, OFFERED, Auth, Installation
from service.rules.tickets import Integration
from service.web import bodies

URL_LENGTH = 2000
SECRET_LENGTH = 10_000

WHO: Mapping[str, str] = {Auth.BASIC: "username", Auth.OAUTH1: "consumer_key", Auth.OAUTH2: "client_id"}
SECRET: Mapping[str, str] = {
    Auth.BASIC: "password",
    Auth.PAT: "password",  # the token
    Auth.OAUTH1: "private_key",  # RSA, PEM
    Auth.OAUTH2: "client_secret",
}
ALWAYS = ("connection_name", "installation_type", "auth_type", "skip_proxy")
PROPERTIES = (*ALWAYS, "authType", *dict.fromkeys((*WHO.values(), *SECRET.values())), "jira_server_url")
"""All that a connection may be told."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A Jira and how to sign in to it. `secret` is None when it stays as it is."""

    name: str
    installation_type: str
    auth_type: str
    username: str
    client_id: str  # or the consumer key
    secret: str | None = field(repr=False)
    url: str  # without a trailing slash; empty where the grant tells it
    cloud_id: str | None
    skip_proxy: bool

    def access(self, secret: str, tokens: Tokens | None = None) -> Access:
        """What it takes to ask this Jira."""
        return Access(
            installation_type=self.installation_type,
            auth_type=self.auth_type,
            url=self.url,
            secret=secret,
            username=self.username,
            client_id=self.client_id,
            cloud_id=self.cloud_id,
            skip_proxy=self.skip_proxy,
            tokens=tokens,
        )


def properties_of(installation_type: str, auth_type: str) -> tuple[str, ...]:
    """What belongs to this way of signing in, besides what always does. The gateway needs no address of a site."""
    who = (WHO[auth_type],) if auth_type in WHO else ()
    where = () if (installation_type, auth_type) == (Installation.CLOUD, Auth.OAUTH2) else ("jira_server_url",)
    return (*who, SECRET[auth_type], *where)


def read(given: Mapping[str, Any], existing: Integration | None) -> Connection:
    """`given` in our terms, on top of `existing`. Raises BadInput, which names the property.

    `authType` is a slip of the documents, understood all the same.
    """
    values = dict(given)
    if "authType" in values:
        if "auth_type" in values:
            raise BadInput("auth_type is given twice, also as authType. Give it once.")
        values["auth_type"] = values.pop("authType")
    for name, known in (("installation_type", tuple(Installation)), ("auth_type", tuple(Auth))):
        if name in values:
            bodies.one_of(values, name, known)
    if existing is None:
        _insist_on_all(values)
    installation = values.get("installation_type", existing.installation_type if existing else "")
    auth = values.get("auth_type", existing.auth_type if existing else "")
    if auth not in OFFERED[installation]:
        offered = " or ".join(OFFERED[installation])
        raise BadInput(f"auth_type {auth} is not offered for installation_type {installation}. Use {offered}.")
    _insist_on_belonging(values, installation, auth)
    is_same = existing is not None and (existing.installation_type, existing.auth_type) == (installation, auth)
    if existing is not None and not is_same:  # what was entered for the other kind says nothing about this one
        _insist_on_all(values | {"connection_name": "", "installation_type": installation, "auth_type": auth})
    _check(values)
    before = existing if is_same else None
    return Connection(
        name=values.get("connection_name", existing.name if existing else ""),
        installation_type=installation,
        auth_type=auth,
        username=values.get("username", before.username if before else ""),
        client_id=values.get("consumer_key", values.get("client_id", before.client_id if before else "")),
        secret=values.get(SECRET[auth]),
        url=values.get("jira_server_url", before.url if before else ""),
        cloud_id=before.cloud_id if before else None,
        skip_proxy=values.get("skip_proxy", existing.skip_proxy if existing else False),
    )


def is_connection_name(name: str) -> bool:
    """Whether `name` can be that of an integration: it has to fit into a path, and into one line."""
    return (
        0 < len(name) <= bodies.NAME_LENGTH
        and name == name.strip()
        and not name.startswith(".")
        and not set(name) & {"/", "\\"}
        and bodies.is_printable(name)
    )


def needs_consent(auth_type: str) -> bool:
    """Whether somebody has to agree in Jira."""
    return auth_type in BY_CONSENT


def _insist_on_all(values: Mapping[str, Any]) -> None:
    """Nothing that a new connection needs is missing. Without a type, that is what Basic needs."""
    fitting = properties_of(values.get("installation_type", ""), values.get("auth_type", Auth.BASIC))
    asked = [name for name in fitting if name != "jira_server_url"]
    needed = ["connection_name", "auth_type", *asked, "installation_type", *(set(fitting) - set(asked))]
    missing = [name for name in needed if name not in values]
    if missing:
        raise BadInput(f"Missing property {', '.join(missing)}.")


def _insist_on_belonging(values: Mapping[str, Any], installation: str, auth: str) -> None:
    fitting = properties_of(installation, auth)
    for name in values:
        if name not in (*ALWAYS, *fitting):
            kind = f"installation_type {installation} with auth_type {auth}"
            raise BadInput(f"{name} does not belong to {kind}, which takes {', '.join(fitting)}.")


def _check(values: dict[str, Any]) -> None:
    """Each value by itself; the address loses its trailing slashes."""
    if "connection_name" in values and not is_connection_name(bodies.text(values, "connection_name")):
        raise BadInput("connection_name must not begin with a dot, nor contain slashes, nor begin or end with a space.")
    for name in WHO.values():
        if name in values:
            bodies.text(values, name)
    for name in SECRET.values():
        if name in values:
            bodies.text(values, name, SECRET_LENGTH, multiline=name == "private_key")
    if ":" in values.get("username", ""):
        raise BadInput("username must not contain a colon: Basic authentication cannot carry it.")
    if "skip_proxy" in values:
        bodies.flag(values, "skip_proxy")
    if "jira_server_url" in values:
        values["jira_server_url"] = _address(bodies.text(values, "jira_server_url", URL_LENGTH))


def _address(url: str) -> str:
    """`url` without trailing slashes, when it can be the address of a Jira. Raises BadInput; never repeats it."""
    try:
        parts_of_url = urlsplit(url)
        has_port = parts_of_url.port is None or parts_of_url.port > 0
        host = parts_of_url.hostname or ""
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise BadInput("jira_server_url is not a valid address. Example: https://your-site.atlassian.net") from None
    if parts_of_url.scheme not in {"http", "https"} or not host or not has_port or set(url) & {" ", "\\"}:
        raise BadInput("jira_server_url must begin with http:// or https:// and name a host.")
    if parts_of_url.username is not None or parts_of_url.password is not None:
        raise BadInput("jira_server_url must not contain a user or password. Give them as username and password.")
    if "?" in url or "#" in url:
        raise BadInput("jira_server_url must not contain a query or a fragment.")
    return url.rstrip("/")
