"""OAuth 1.0a as Data Center provides it: signatures by RSA-SHA1, nonces, timestamps, and the dance [jira 4.4].

What makes up the string that is signed is oauthlib's work. Whoever calls holds the world's lock. A refusal is a
SignatureRefused, named as OAuth's problem reporting names it.
"""

import binascii
import secrets
from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from flask import Request

from fake_jira.errors import SignatureRefused
from fake_jira.model.application_links import is_address
from fake_jira.model.data_center_doors import AccessToken, Consumer, RequestToken
from fake_jira.model.records import User
from fake_jira.worlds import World

Pairs = list[tuple[str, str]]
FORM = "application/x-www-form-urlencoded"
METHOD = "RSA-SHA1"
WINDOW = timedelta(minutes=5)  # by which a timestamp may be off
REQUEST_TOKEN_LIFE = timedelta(minutes=10)
ACCESS_TOKEN_LIFE = timedelta(seconds=157_680_000)
GRANT_LIFE = timedelta(seconds=160_272_000)  # for so long an access token can be renewed
OUT_OF_BAND = "oob"
ALWAYS = ("oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce")


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature is good, and its `oauth_...` parameters."""

    consumer: Consumer
    parameters: dict[str, str]


def is_signed(request: Request) -> bool:
    """Whether the request means to be signed at all."""
    return request.headers.get("Authorization", "").startswith("OAuth ") or "oauth_signature" in request.args


def caller_of(world: World, request: Request) -> tuple[User, str]:
    """For whom a signed request to the REST API acts, and the key of the consumer that acts."""
    pairs = _pairs(request)
    given = _single(pairs, "oauth_token")
    consumer = _consumer(world, given)
    token = _access_token(world, consumer, given["oauth_token"])
    who = _person(world, token.account_id)
    if world.now() - token.created >= ACCESS_TOKEN_LIFE:
        raise SignatureRefused("token_expired")
    _check(world, request, pairs, given, consumer)
    return who, consumer.key


def issue_request_token(world: World, request: Request) -> RequestToken:
    """The first step of the dance."""
    pairs = _pairs(request)
    given = _single(pairs)
    consumer = _consumer(world, given)
    _check(world, request, pairs, given, consumer)
    callback = given.get("oauth_callback") or consumer.callback or OUT_OF_BAND
    if callback != OUT_OF_BAND and not is_address(callback):
        raise SignatureRefused("parameter_rejected", oauth_parameters_rejected="oauth_callback")
    token = RequestToken(
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(24),
        consumer.key,
        None if callback == OUT_OF_BAND else callback,
        world.now(),
    )
    world.state.doors.request_tokens[token.token] = token
    return token


def open_request(world: World, token: str) -> RequestToken:
    """A request token that somebody may still decide about."""
    found = world.state.doors.request_tokens.get(token)
    if found is None or found.account_id is not None or found.consumer_key not in world.state.doors.consumers:
        raise SignatureRefused("token_rejected")
    _check_age(found, world.now())
    return found


def decide(world: World, token: RequestToken, user: User, *, allow: bool) -> RequestToken:
    """What the person at the page said."""
    verifier = secrets.token_urlsafe(4)[:6] if allow else None
    decided = replace(token, account_id=user.account_id, verifier=verifier)
    world.state.doors.request_tokens[token.token] = decided
    return decided


def issue_access_token(world: World, request: Request) -> AccessToken:
    """The last step: for a request token that was allowed, or for an access token and its handle, which renews it."""
    pairs = _pairs(request)
    given = _single(pairs, "oauth_token")
    consumer = _consumer(world, given)
    if given.get("oauth_session_handle"):
        old = _access_token(world, consumer, given["oauth_token"])
        _check(world, request, pairs, given, consumer)
        if old.handle != given["oauth_session_handle"]:
            raise SignatureRefused("token_rejected")
        if world.now() - old.granted >= GRANT_LIFE:
            raise SignatureRefused("token_expired")
        _person(world, old.account_id)
        del world.state.doors.access_tokens[old.token]
        return _issued(world, replace(old, token=secrets.token_urlsafe(24), created=world.now()))
    asked = _allowed(world, consumer, given)
    _check(world, request, pairs, given, consumer)
    if not secrets.compare_digest(given["oauth_verifier"].encode(), str(asked.verifier).encode()):
        raise SignatureRefused("token_rejected")
    who = _person(world, str(asked.account_id))
    del world.state.doors.request_tokens[asked.token]
    return grant(world, consumer, who, asked.secret)


def grant(world: World, consumer: Consumer, user: User, secret: str = "") -> AccessToken:
    """An access token; its secret is that of the request token, where there was one."""
    return _issued(
        world,
        AccessToken(
            token=secrets.token_urlsafe(24),
            secret=secret or secrets.token_urlsafe(24),
            consumer_key=consumer.key,
            account_id=user.account_id,
            handle=secrets.token_urlsafe(24),
            granted=world.now(),
            created=world.now(),
        ),
    )


def _issued(world: World, token: AccessToken) -> AccessToken:
    world.state.doors.access_tokens[token.token] = token
    return token


def _allowed(world: World, consumer: Consumer, given: dict[str, str]) -> RequestToken:
    """The request token that is to be exchanged."""
    found = world.state.doors.request_tokens.get(given["oauth_token"])
    if found is None or found.consumer_key != consumer.key:
        raise SignatureRefused("token_rejected")
    _check_age(found, world.now())
    if found.account_id is None:
        raise SignatureRefused("permission_unknown")
    if found.verifier is None:
        raise SignatureRefused("permission_denied")
    if not given.get("oauth_verifier"):
        raise SignatureRefused("parameter_absent", oauth_parameters_absent="oauth_verifier")
    return found


def _check_age(token: RequestToken, now: datetime) -> None:
    if now - token.created >= REQUEST_TOKEN_LIFE:
        raise SignatureRefused("token_expired")


def _person(world: World, account_id: str) -> User:
    """Whom a token stands for, if they are still let in."""
    who = world.state.users.get(account_id)
    if who is None or not who.active:
        raise SignatureRefused("token_rejected")
    return who


def _access_token(world: World, consumer: Consumer, token: str) -> AccessToken:
    found = world.state.doors.access_tokens.get(token)
    if found is None or found.consumer_key != consumer.key:
        raise SignatureRefused("token_rejected")
    return found


# What was sent


def _pairs(request: Request) -> Pairs:
    """All parameters that are signed: of the header, of the query, and of a form in the body."""
    from oauthlib.oauth1.rfc5849.utils import parse_authorization_header  # noqa: PLC0415 - a third of the start's time

    pairs: Pairs = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    header = request.headers.get("Authorization", "")
    if header.startswith("OAuth "):
        try:
            found = parse_authorization_header(header)
        except ValueError as error:
            raise SignatureRefused("parameter_rejected") from error
        pairs += [(name, unquote(value)) for name, value in found if name != "realm"]
    if request.mimetype == FORM:
        pairs += parse_qsl(request.get_data().decode("utf-8", "replace"), keep_blank_values=True)
    return pairs


def _single(pairs: Pairs, *more: str) -> dict[str, str]:
    """The parameters of OAuth, each of them once and none of the needed ones missing."""
    names = [name for name, _ in pairs if name.startswith("oauth_")]
    if len(names) != len(set(names)):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise SignatureRefused("parameter_rejected", oauth_parameters_rejected="&".join(twice))
    given = {name: value for name, value in pairs if name.startswith("oauth_")}
    absent = [name for name in (*ALWAYS, *more) if not given.get(name)]
    if absent:
        raise SignatureRefused("parameter_absent", oauth_parameters_absent="&".join(absent))
    return given


def _consumer(world: World, given: dict[str, str]) -> Consumer:
    found = world.state.doors.consumers.get(given["oauth_consumer_key"])
    if found is None:
        raise SignatureRefused("consumer_key_unknown")
    return found


# Is it good?


def _check(world: World, request: Request, pairs: Pairs, given: dict[str, str], consumer: Consumer) -> None:
    """Version, timestamp, nonce, signature, in the order in which Jira looks at them."""
    if given.get("oauth_version", "1.0") != "1.0":
        raise SignatureRefused("version_rejected", oauth_acceptable_versions="1.0-1.0")
    _check_time(world, given)
    if given["oauth_signature_method"] != METHOD:
        raise SignatureRefused("signature_method_rejected", oauth_acceptable_signature_methods=METHOD)
    text = _base_string(request, pairs)
    if not _is_signature(given["oauth_signature"], text, consumer.public_key):
        raise SignatureRefused(
            "signature_invalid",
            oauth_signature=given["oauth_signature"],
            oauth_signature_base_string=text,
            oauth_signature_method=METHOD,
        )


def _check_time(world: World, given: dict[str, str]) -> None:
    """A timestamp near the world's clock, and a nonce that has not been used with it."""
    try:
        stamp = int(given["oauth_timestamp"])
    except ValueError as error:
        raise SignatureRefused("parameter_rejected", oauth_parameters_rejected="oauth_timestamp") from error
    now, window = int(world.now().timestamp()), int(WINDOW.total_seconds())
    if abs(now - stamp) > window:
        raise SignatureRefused("timestamp_refused", oauth_acceptable_timestamps=f"{now - window}-{now + window}")
    nonces = world.state.doors.nonces
    while nonces and abs(now - nonces[oldest := next(iter(nonces))]) > 2 * window:
        del nonces[oldest]
    nonce = f"{given['oauth_consumer_key']} {given.get('oauth_token', '')} {stamp} {given['oauth_nonce']}"
    if nonce in nonces:
        raise SignatureRefused("nonce_used")
    nonces[nonce] = stamp


def _base_string(request: Request, pairs: Pairs) -> str:
    from oauthlib.oauth1.rfc5849 import signature  # noqa: PLC0415

    signed = [pair for pair in pairs if pair[0] != "oauth_signature"]
    try:
        address = signature.base_string_uri(_address(request))
    except ValueError as error:  # a Host header that is none
        raise SignatureRefused("signature_invalid") from error
    return str(signature.signature_base_string(request.method, address, signature.normalize_parameters(signed)))


def _address(request: Request) -> str:
    """The address as the client wrote and signed it: what it escaped stays escaped."""
    path = f"{request.script_root}{request.path}"
    asked = urlsplit(request.environ.get("REQUEST_URI", "")).path
    written = asked if unquote(asked) == path else quote(path)
    return f"{request.scheme}://{request.host}{written}"


def _is_signature(signature: str, text: str, public_key: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA1  # noqa: PLC0415

    try:
        _key(public_key).verify(b64decode(signature), text.encode(), PKCS1v15(), SHA1())  # noqa: S303 - what Jira takes
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@cache
def _key(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    return load_pem_public_key(pem.encode())
