"""Entity properties: JSON that apps keep with an issue, a comment, a worklog, ... under names of their own."""

from typing import Any

import orjson
from flask import request

from fake_jira.errors import Invalid, NotThere
from fake_jira.rest.wire import BAD_PAYLOAD, NO_CONTENT, NO_JSON

Properties = tuple[tuple[str, bytes], ...]
LONGEST_KEY = 255  # characters
LONGEST_VALUE = 32_768  # likewise


def listing(address: str, properties: Properties) -> dict[str, Any]:
    """The names, each with where its value is; `address` ends before the name."""
    return {"keys": [{"self": f"{address}/{key}", "key": key} for key, _ in properties]}


def one(properties: Properties, key: str) -> dict[str, Any]:
    """A name with its value, or NotThere."""
    for name, value in properties:
        if name == key:
            return {"key": key, "value": orjson.Fragment(value)}
    raise NotThere(f"The property with the key '{key}' does not exist.")


def all_of(properties: Properties) -> list[dict[str, Any]]:
    """What `expand=properties` shows."""
    return [{"key": key, "value": orjson.Fragment(value)} for key, value in properties]


def written(key: str) -> bytes:
    """The request's body as the value for `key`; Invalid if it is no JSON, or one of the two is too long."""
    data = request.get_data().strip()
    if not data:
        raise Invalid(NO_CONTENT)
    if len(key) > LONGEST_KEY:
        raise Invalid(f"The property key must be at most {LONGEST_KEY} characters long.")
    try:
        return checked(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise Invalid(NO_JSON) from error


def checked(value: Any) -> bytes:
    """A value as it is kept."""
    try:
        kept = orjson.dumps(value)
    except orjson.JSONEncodeError as error:  # deeper than could be sent back
        raise Invalid(BAD_PAYLOAD) from error
    if len(kept.decode()) > LONGEST_VALUE:
        raise Invalid(f"The property value must be at most {LONGEST_VALUE} characters long.")
    return kept


def beside(value: Any) -> Properties:
    """The `properties` that are sent along with a new record: a list of keys and values."""
    if value is None:
        return ()
    fine = isinstance(value, list) and all(
        isinstance(each, dict) and isinstance(each.get("key"), str) and "value" in each for each in value
    )
    if not fine:
        raise Invalid(BAD_PAYLOAD)
    return tuple({each["key"]: checked(each["value"]) for each in value}.items())


def with_one(properties: Properties, key: str, value: bytes) -> Properties:
    return tuple((dict(properties) | {key: value}).items())


def without(properties: Properties, key: str) -> Properties:
    """Or NotThere if there is none of that name."""
    one(properties, key)
    return tuple(pair for pair in properties if pair[0] != key)
