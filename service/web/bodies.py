"""What callers send, read strictly: the wrong thing gets one sentence that names the property, and nothing is done.

Strings with control characters are refused everywhere: no field of ours has a use for them, and PostgreSQL cannot
store a NUL.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

import orjson
from flask import abort, request
from werkzeug.datastructures import MultiDict

from service.errors import BadInput, MissingParameter

BODY_BYTES = 1_000_000
IMPORT_BYTES = 64_000_000
NAME_LENGTH = 255  # R22
TEXT_LENGTH = 10_000


def raw_json(limit: int = BODY_BYTES) -> bytes:
    """The request's body, of at most `limit` bytes. Answers 415 when it is declared to be no JSON, 413 when larger."""
    if request.mimetype != "application/json":
        abort(415)
    request.max_content_length = limit
    raw = request.get_data(cache=False)
    if not raw:
        raise BadInput("The request body is empty. Send a JSON object.")
    return raw


def json_body() -> Any:
    """What the request's body holds. Raises BadInput when that is no JSON."""
    try:
        return orjson.loads(raw_json())
    except orjson.JSONDecodeError as error:
        raise BadInput(f"The request body is not valid JSON: {error.msg} (line {error.lineno}).") from None


def json_object(*known: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The request's body, an object that has no property outside `known` and all of `required`."""
    body = _object(json_body(), "The request body", known)
    missing = [name for name in required if name not in body]
    if missing:
        raise BadInput(f"Missing property {', '.join(missing)}.")
    return body


def inner_object(body: Mapping[str, Any], name: str, *known: str) -> dict[str, Any]:
    """The object `name` of `body`, empty when it is missing; it has no property outside `known`."""
    return _object(body.get(name, {}), name, known)


def _object(value: Any, name: str, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(f"{name} must be a JSON object.")
    unknown = sorted(set(value) - set(known))
    if unknown:
        names = ", ".join(_quoted(one) for one in unknown[:5])
        raise BadInput(f"Unknown property {names}. Known are {', '.join(known)}.")
    return value


def text(body: Mapping[str, Any], name: str, longest: int = NAME_LENGTH, multiline: bool = False) -> str:
    """The string `name` of `body`, not blank, at most `longest` characters, without control characters."""
    value = body[name]
    if not isinstance(value, str):
        raise BadInput(f"{name} must be a string.")
    if not value.strip():
        raise BadInput(f"{name} must not be empty.")
    if len(value) > longest:
        raise BadInput(f"{name} must have at most {longest} characters.")
    if not is_printable(value, multiline):
        raise BadInput(f"{name} must not contain control characters.")
    return value


def flag(body: Mapping[str, Any], name: str) -> bool:
    """The boolean `name` of `body`."""
    value = body[name]
    if not isinstance(value, bool):
        raise BadInput(f"{name} must be true or false.")
    return value


def one_of(body: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    """The string `name` of `body`, one of `choices`."""
    value = text(body, name)
    if value not in choices:
        raise BadInput(f"{name} must be {' or '.join(choices)}, not {_quoted(value)}.")
    return value


def number(body: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    """The whole number `name` of `body`, or `default`, from `least` to `most`."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(f"{name} must be a whole number from {least} to {most}.")
    return value


def query(*known: str) -> MultiDict[str, str]:
    """The query of the request. A repeated parameter is refused, and an unknown one is named."""
    for name, values in request.args.lists():
        if name not in known:
            listed = f"Known are {', '.join(known)}." if known else "This address takes none."
            raise BadInput(f"Unknown parameter {_quoted(name)}. {listed}")
        if len(values) > 1:
            raise BadInput(f"{name} is given {len(values)} times. Give it once.")
    return request.args


def query_number(name: str, default: int, least: int, most: int) -> int:
    """The whole number `name` of the query, or `default`, from `least` to `most`."""
    given = request.args.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 12 and least <= int(given) <= most):
        raise BadInput(f"{name} must be a whole number from {least} to {most}.")
    return int(given)


def mandatory_name(name: str) -> str:
    """The query parameter `name`, given once and fit to be a connection name.

    Raises MissingParameter or BadInput: [status-check] "Bad request (e.g., missing integrationName parameter)", R3.
    """
    values = request.args.getlist(name)
    if not values:
        raise MissingParameter(f"The query parameter {name} is missing.")
    if len(values) > 1:
        raise MissingParameter(f"The query parameter {name} is given {len(values)} times. Give it once.")
    if not values[0].strip():
        raise MissingParameter(f"The query parameter {name} is empty.")
    if len(values[0]) > NAME_LENGTH:
        raise BadInput(f"The query parameter {name} has more than {NAME_LENGTH} characters.")
    if not is_printable(values[0]):
        raise BadInput(f"The query parameter {name} contains control characters.")
    return values[0]


def is_printable(value: str, multiline: bool = False) -> bool:
    """Whether `value` has no control characters, except line ends and tabs in `multiline` text."""
    allowed = "\n\r\t" if multiline else ""
    return not any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in value)


def _quoted(name: str) -> str:
    """`name` as it may stand in a sentence: short, and without control characters."""
    shown = "".join(letter for letter in name if letter.isprintable())
    return f"'{shown[:40]}...'" if len(shown) > 40 else f"'{shown}'"
