"""Incoming application links of Data Center: who may come by OAuth 1.0a (consumers) and by OAuth 2.0 (clients)."""

import secrets
from base64 import b64decode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.data_center_doors import Client, Consumer
from fake_jira.model.state import Site

SCOPES = ("READ", "WRITE", "ADMIN", "SYSTEM_ADMIN")  # each holds those before it
SCRIPTS = ("javascript", "data", "vbscript")  # schemes that would run something in the person's browser


def add_consumer(site: Site, key: str, name: str, public_key: str, callback: str | None = None) -> Consumer:
    """A link for OAuth 1.0a. Invalid if the key is taken or empty, or the public key or the callback is none."""
    if not key.strip() or key in site.state.doors.consumers:
        raise Invalid(f"There is already a consumer {key}." if key.strip() else "The consumer key is empty.")
    if callback and not is_address(callback):
        raise Invalid(f"The callback {callback} is not an address.")
    consumer = Consumer(key, name or key, public_key_of(public_key), callback or None)
    site.state.doors.consumers[key] = consumer
    return consumer


def add_client(
    site: Site,
    name: str,
    redirect_uris: Sequence[str],
    scope: str = "WRITE",
    *,
    client_id: str = "",
    secret: str = "",
) -> Client:
    """A link for OAuth 2.0; id and secret are drawn unless chosen. Invalid without name and addresses to go back to."""
    if not name.strip():
        raise Invalid("The name of the application is empty.")
    if not redirect_uris or not all(is_address(each) for each in redirect_uris):
        raise Invalid("A client needs the addresses that people are sent back to, such as https://example.com/back.")
    if scope not in SCOPES:
        raise Invalid(f"The scope is one of: {', '.join(SCOPES)}.")
    drawn = client_id or secrets.token_hex(16), secret or secrets.token_hex(32)
    client = Client(*drawn, name, tuple(redirect_uris), scope)
    site.state.doors.clients[client.id] = client
    return client


def remove_link(site: Site, id_: str) -> None:
    """Removes a consumer by key or a client by id, with all that it was granted. NotThere if there is none."""
    doors = site.state.doors
    if doors.consumers.pop(id_, None) is None and doors.clients.pop(id_, None) is None:
        raise NotThere(f"There is no application link {id_}.")
    for asked in [each for each in doors.request_tokens.values() if each.consumer_key == id_]:
        del doors.request_tokens[asked.token]
    for token in [each for each in doors.access_tokens.values() if each.consumer_key == id_]:
        del doors.access_tokens[token.token]
    for code in [each for each in doors.codes.values() if each.client_id == id_]:
        del doors.codes[code.code]
    for pair in [each for each in doors.pairs.values() if each.client_id == id_]:
        del doors.pairs[pair.access]


def is_address(text: str) -> bool:
    """Whether somebody can be sent there: an address of a web page, or of an application on its user's machine."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = text.isprintable() and not any(sign in text for sign in " ;,'\"<>")  # it will stand in headers
    return plain and bool(parts.scheme and (parts.netloc or parts.path)) and parts.scheme not in SCRIPTS


def public_key_of(text: str) -> str:
    """A public key as PEM, from PEM (also a certificate's) or from the bare base64 of one. Invalid if it is none."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
        load_der_public_key,
        load_pem_public_key,
    )
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    given = text.strip()
    try:
        if "BEGIN CERTIFICATE" in given:
            key: Any = load_pem_x509_certificate(given.encode()).public_key()
        elif "BEGIN" in given:
            key = load_pem_public_key(given.encode())
        else:
            key = load_der_public_key(b64decode("".join(given.split())))
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey):
        raise Invalid("The public key is not an RSA key in PEM form, such as -----BEGIN PUBLIC KEY----- ...")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def with_query(address: str, told: dict[str, str]) -> str:
    """The address with more in its query."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(told, quote_via=quote))))))
