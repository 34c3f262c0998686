"""Single values out of JSON bodies, of the type that Jira reads them as; None where they are missing or null."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.rest.wire import BAD_PAYLOAD, ID

Json = Mapping[str, Any]


def text_in(given: Json, name: str) -> str | None:
    """A string; a number does as well."""
    value = given.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise Invalid(BAD_PAYLOAD)
    return value


def flag_in(given: Json, name: str) -> bool | None:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise Invalid(BAD_PAYLOAD)
    return value


def id_in(given: Json, name: str) -> str | None:
    """An id, as a whole number or as a string of digits; "-1" stands for none of them."""
    value = text_in(given, name)
    if value is not None and value != "-1" and not ID.fullmatch(value):
        raise Invalid(BAD_PAYLOAD)
    return value


def one_of(given: Json, name: str, choices: Collection[str]) -> str | None:
    value = text_in(given, name)
    if value is not None and value not in choices:
        raise Invalid(fields={name: f"The value '{value}' is not valid; it is one of: {', '.join(choices)}."})
    return value


def day_in(given: Json, name: str) -> date | None:
    """A day as yyyy-mm-dd."""
    value = text_in(given, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value) if len(value) == len("2026-01-31") else _not_a_day(name, value)
    except ValueError:
        return _not_a_day(name, value)


def _not_a_day(name: str, value: str) -> date:
    raise Invalid(fields={name: f"The date '{value}' is not valid; it is written as yyyy-mm-dd."})
