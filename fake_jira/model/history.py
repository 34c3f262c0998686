"""What the changelog says about a change of an issue: one item per field, with ids and the names of that moment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from fake_jira.model.field_types import words
from fake_jira.model.records import ChangeItem, Issue, RichText
from fake_jira.model.schemes import security_level
from fake_jira.model.state import State

Pair = tuple[str | None, str | None]  # what stands in `from` or `to`, and what in `fromString` or `toString`


def changed_items(state: State, issue: Issue, values: Mapping[str, Any]) -> tuple[ChangeItem, ...]:
    """The items for setting `values` (fields of the record) on `issue`; fields unknown to the changelog stay out."""
    items: list[ChangeItem] = []
    for name, value in values.items():
        if name == "custom":
            items += _custom_items(state, dict(issue.custom), dict(value))
        if name in _LISTS:
            items += _list_items(state, name, getattr(issue, name), value)
        if name not in _WORDS:
            continue
        field, pair = _WORDS[name]
        old, new = pair(state, getattr(issue, name)), pair(state, value)
        items.append(ChangeItem(field, _FIELD_IDS.get(name, name), *old, *new))
    return tuple(items)


def _custom_items(state: State, before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[ChangeItem]:
    """An item for each custom field whose value is another one."""
    for field_id in before | after:
        if before.get(field_id) != after.get(field_id):
            field = state.fields[field_id]
            old, new = (
                words(state, field.custom or "", orjson.loads(kept.get(field_id, b"null"))) for kept in (before, after)
            )
            yield ChangeItem(field.name, field_id, *old, *new, "custom")


def _list_items(state: State, name: str, before: Sequence[str], after: Sequence[str]) -> Iterator[ChangeItem]:
    """An item for each version or component that went, and for each that came."""
    field, field_id, records = _LISTS[name]
    held = getattr(state, records)
    for each in before:
        if each not in after:
            yield ChangeItem(field, field_id, each, held[each].name, None, None)
    for each in after:
        if each not in before:
            yield ChangeItem(field, field_id, None, None, each, held[each].name)


def _named(records: str) -> Callable[[State, Any], Pair]:
    def pair(state: State, value: str | None) -> Pair:
        return (None, None) if value is None else (value, getattr(state, records)[value].name)

    return pair


def _user(state: State, value: str | None) -> Pair:
    return (None, None) if value is None else (value, state.users[value].display_name)


def _parent(state: State, value: str | None) -> Pair:
    parent = state.issues.get(value or "")
    return (None, None) if parent is None else (parent.id, parent.key)


def _level(state: State, value: str | None) -> Pair:
    found = security_level(state, value or "")
    return (None, None) if found is None else (value, found[1].name)


def _plain(_: State, value: str | RichText | None) -> Pair:
    return None, value.text if isinstance(value, RichText) else value


def _labels(_: State, value: tuple[str, ...]) -> Pair:
    return None, " ".join(value)


def _day(_: State, value: date | None) -> Pair:
    return (None, None) if value is None else (value.isoformat(), f"{value.isoformat()} 00:00:00.0")


def _seconds(_: State, value: int | None) -> Pair:
    return (None, None) if value is None else (str(value), str(value))


_WORDS: dict[str, tuple[str, Callable[[State, Any], Pair]]] = {
    "status_id": ("status", _named("statuses")),
    "resolution_id": ("resolution", _named("resolutions")),
    "priority_id": ("priority", _named("priorities")),
    "type_id": ("issuetype", _named("types")),
    "assignee": ("assignee", _user),
    "reporter": ("reporter", _user),
    "parent_id": ("IssueParentAssociation", _parent),
    "security_level_id": ("security", _level),
    "summary": ("summary", _plain),
    "description": ("description", _plain),
    "environment": ("environment", _plain),
    "labels": ("labels", _labels),
    "due": ("duedate", _day),
    "original_estimate": ("timeoriginalestimate", _seconds),
    "remaining_estimate": ("timeestimate", _seconds),
}
_LISTS = {  # attribute of the record -> the field as the changelog names it, its id, and where its values are
    "component_ids": ("Component", "components", "components"),
    "fix_version_ids": ("Fix Version", "fixVersions", "versions"),
    "affects_version_ids": ("Version", "versions", "versions"),
}
_FIELD_IDS = {
    "status_id": "status",
    "resolution_id": "resolution",
    "priority_id": "priority",
    "type_id": "issuetype",
    "parent_id": "IssueParentAssociation",
    "due": "duedate",
    "security_level_id": "security",
    "original_estimate": "timeoriginalestimate",
    "remaining_estimate": "timeestimate",
}
