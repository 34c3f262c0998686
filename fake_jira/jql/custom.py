"""Custom fields in JQL, by name and as cf[10000], and properties of issues: issue.property[key].path.

A field's type decides how it is searched. Records keep values as JSON (`model/field_types.py` says in which forms).
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from fake_jira.jql import lookups
from fake_jira.jql.kinds import COMPARED, EMPTINESS, ORDERED, PLAIN, TEXTUAL, USUAL, Asker, Field
from fake_jira.model.field_types import PREFIX
from fake_jira.model.records import Field as Record
from fake_jira.model.records import Issue
from fake_jira.model.state import State

_NUMBERED = re.compile(r"(?:cf\[(\d+)\]|customfield_(\d+))", re.IGNORECASE)
_TYPED = re.compile(r"(.+)\[[^\]]+\]")  # "Team colour[Dropdown]"
_PROPERTY = re.compile(r"issue\.property\[([^\]]+)\](?:\.(.+))?", re.IGNORECASE)
Read = Callable[[Any], tuple[Any, ...]]


def custom_field(state: State, name: str) -> Field | None:
    """The custom field with this number or name; of several of one name the first."""
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        record = state.fields.get(f"customfield_{numbered[1] or numbered[2]}")
        return searched(record) if record is not None and _offered(record) else None
    typed = _TYPED.fullmatch(name)
    wanted = {name.lower(), typed[1].lower() if typed else name.lower()}
    for record in state.fields.values():
        if _offered(record) and record.name.lower() in wanted:
            return searched(record)
    return None


def _offered(record: Record) -> bool:
    return record.custom is not None and record.trashed_at is None


@lru_cache(maxsize=512)
def searched(record: Record) -> Field | None:
    """How a custom field is searched; None for one of a type that the fake has no searcher for."""
    make = _TYPES.get((record.custom or "").removeprefix(PREFIX))
    return make(record) if make else None


def _held(field_id: str, read: Read) -> Callable[[Asker, Issue], tuple[Any, ...]]:
    def held(_: Asker, issue: Issue) -> tuple[Any, ...]:
        for name, value in issue.custom:
            if name == field_id:
                kept = orjson.loads(value)
                return () if kept is None else read(kept)
        return ()

    return held


def _of(kind: str, operators: tuple[str, ...], read: Read, of: str = "text") -> Callable[[Record], Field]:
    def make(record: Record) -> Field:
        held = _held(record.id, read)

        def sort(asker: Asker, issue: Issue) -> Any:
            value = next(iter(held(asker, issue)), None)
            return value.lower() if isinstance(value, str) else value

        return Field(record.name, kind, held, operators, sort=sort, of=of, hideable=True, custom_id=record.id)

    return make


def _chosen(
    meant: Callable[[Asker, str], set[Any]], show: Callable[[State, Any], str], of: str
) -> Callable[[Record], Field]:
    """Keys of other records, one or several."""

    def make(record: Record) -> Field:
        held = _held(record.id, _listed)

        def sort(asker: Asker, issue: Issue) -> Any:
            return min((show(asker.state, key).lower() for key in held(asker, issue)), default=None)

        return Field(record.name, "keys", held, USUAL, meant, sort, of=of, hideable=True, custom_id=record.id)

    return make


def _listed(kept: Any) -> tuple[Any, ...]:
    return tuple(kept) if isinstance(kept, list) else (kept,)


def _option_ids(asker: Asker, text: str) -> set[str]:
    wanted = text.lower()
    return {each.id for each in asker.state.options.values() if each.id == text or each.value.lower() == wanted}


def _called(records: str) -> Callable[[State, Any], str]:
    def show(state: State, key: Any) -> str:
        record = getattr(state, records).get(key)
        name: str = str(key) if record is None else getattr(record, "display_name", None) or record.name
        return name

    return show


def _option(state: State, key: Any) -> str:
    option = state.options.get(key)
    return option.value if option else str(key)


def _words(kept: Any) -> tuple[str, ...]:
    return (kept["text"],) if isinstance(kept, dict) else (str(kept),)


def _names(_: Asker, text: str) -> set[str]:
    return {text.lower()}


_TEXT = _of("text", TEXTUAL + EMPTINESS, _words)
_OPTION = _chosen(_option_ids, _option, "option")
_PERSON = _chosen(lookups.users, _called("users"), "user")
_VERSION = _chosen(lookups.named("versions"), _called("versions"), "version")
_GROUP = _chosen(lookups.named("groups"), _called("groups"), "group")
_TYPES: dict[str, Callable[[Record], Field]] = {
    "textfield": _TEXT,
    "textarea": _TEXT,
    "readonlyfield": _TEXT,
    "url": _of("exact", USUAL, _words),
    "float": _of("number", COMPARED, lambda kept: (float(kept),)),
    "datepicker": _of("day", COMPARED, lambda kept: (date.fromisoformat(kept),), "date"),
    "datetime": _of("instant", COMPARED, lambda kept: (datetime.fromisoformat(kept),), "date"),
    "labels": _of("exact", USUAL, lambda kept: tuple(each.lower() for each in kept), "label"),
    "project": _chosen(lookups.projects, _called("projects"), "project"),
} | dict.fromkeys(("select", "radiobuttons", "multiselect", "multicheckboxes", "cascadingselect"), _OPTION)
_TYPES |= dict.fromkeys(("userpicker", "multiuserpicker"), _PERSON)
_TYPES |= dict.fromkeys(("version", "multiversion"), _VERSION)
_TYPES |= dict.fromkeys(("grouppicker", "multigrouppicker"), _GROUP)


def property_field(name: str) -> Field | None:
    """A value within a property of issues, by the path to it; lists on the way stand for each of their values."""
    parts = _PROPERTY.fullmatch(name)
    if parts is None:
        return None
    key, path = parts[1].strip("\"'"), (parts[2] or "").split(".") if parts[2] else []

    def held(_: Asker, issue: Issue) -> tuple[Any, ...]:
        kept = dict(issue.properties).get(key)
        return () if kept is None else tuple(_reached(orjson.loads(kept), path))

    return Field(name, "property", held, PLAIN + EMPTINESS + ORDERED + TEXTUAL)


def _reached(value: Any, path: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [found for each in value for found in _reached(each, path)]
    if path:
        return _reached(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []
    return [] if value is None or isinstance(value, dict) else [value]
