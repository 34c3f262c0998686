"""NAME=VALUE as people type it: fields of faults, and settings."""

from typing import Any

import click
import orjson

TEXTS = ("issue", "project", "rate_limit_exempt")  # whose digits are a text as well


def field_of(text: str) -> tuple[str, Any]:
    """`name=value`; numbers, true and false are what they look like, everything else is a text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadArgumentUsage(f"{text!r} is not FIELD=VALUE, such as times=2.")
    if name in TEXTS:
        return name, value
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value
    return name, read if isinstance(read, int | float) else value
