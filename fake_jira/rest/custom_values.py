"""Values of custom fields: JSON -> the form that issues keep, and back [jira 6.1]; see `model/field_types.py`.

One row per type at the end: how it is read, and how one value of it is shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from fake_jira.errors import Invalid
from fake_jira.flavours import Scene
from fake_jira.model.fields import context_for, options_of, word_of
from fake_jira.model.groups import group_named
from fake_jira.model.records import Field, IssueType, Project, RichText
from fake_jira.rest import richtext, shapes
from fake_jira.rest.scene import flavour, may, site

LONGEST_LINE = 255
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 255 characters."
Json = Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is for."""

    project: Project
    kind: IssueType


@dataclass(frozen=True, slots=True)
class Asked:
    """A value to be read: for which field, from which version of the API, in which place."""

    version: str
    field: Field
    place: Place


def read(version: str, field: Field, value: Any, place: Place) -> Any:
    """The value as issues keep it, None for nothing; Invalid says what is wrong with it."""
    if value in (None, "", []):
        return None
    asked, word = Asked(version, field, place), word_of(field)
    if field.kind != "array":
        return READ[word](asked, value)
    if not isinstance(value, list):
        raise Invalid("data was not an array")
    return list(dict.fromkeys(READ[ONE_OF[word]](asked, each) for each in value))


def shown(scene: Scene, field: Field, kept: bytes | None) -> Json:
    """What an issue shows for what it keeps; options and people that are gone are left out."""
    value = orjson.loads(kept) if kept else None
    if value is None:
        return None
    word = word_of(field)
    if field.kind != "array":
        return SHOW[word](scene, value)
    several = [SHOW[ONE_OF[word]](scene, each) for each in value]
    return [each for each in several if each is not None] or None


def as_html(field: Field, kept: bytes | None) -> str | None:
    """What renderedFields shows; None for what has no other form."""
    if kept is None or word_of(field) != "textarea":
        return None
    return richtext.as_html(_kept_text(orjson.loads(kept)))


def _text(_: Asked, value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(richtext.NOT_TEXT)
    if len(value) > LONGEST_LINE:
        raise Invalid(TOO_LONG)
    return value


def _area(asked: Asked, value: Any) -> dict[str, Any]:
    text = richtext.read(asked.version, asked.field.id, value)
    document = text.document.decode() if text and text.document else None
    return {"text": text.text if text else "", "document": document}


def _kept_text(value: dict[str, Any]) -> RichText:
    return RichText(value["text"], value["document"].encode() if value["document"] else None)


def _show_area(scene: Scene, value: dict[str, Any]) -> Json:
    text = _kept_text(value)
    return richtext.as_document(text) if scene.version == "3" else text.text


def _number(_: Asked, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        raise Invalid("Operation value must be a number")
    return float(value)


def day(value: Any) -> str:
    """A day as it is kept, or Invalid."""
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Invalid("Operation value must be a string in the format 'yyyy-MM-dd'")


def instant(value: Any) -> str:
    """Jira's own form, with or without a colon in the offset; kept in UTC."""
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC).isoformat(timespec="milliseconds")
    except (TypeError, ValueError, OverflowError):
        pass
    raise Invalid(f"Error parsing time: {value}")


def _option(asked: Asked, value: Any, parent_id: str | None = None) -> str:
    """By id or value, among those of the context that are not disabled."""
    state = site().state
    context = context_for(state, asked.field.id, asked.place.project.id, asked.place.kind.id)
    choices = [each for each in options_of(state, context.id) if each.parent_id == parent_id] if context else []
    given = value if isinstance(value, dict) else {}
    for name, attribute in (("id", "id"), ("value", "value")):
        if given.get(name) is not None:
            for each in choices:
                if getattr(each, attribute) == str(given[name]) and not each.disabled:
                    return each.id
            raise Invalid(f"Option {name} '{given[name]}' is not valid")
    raise Invalid(f"Specify a valid 'id' or 'value' for {asked.field.name}")


def _cascade(asked: Asked, value: Any) -> list[str]:
    parent = _option(asked, value)
    child = value.get("child")
    return [parent] if child is None else [parent, _option(asked, child, parent)]


def _show_option(scene: Scene, option_id: str) -> Json:
    return shapes.option(scene, scene.state.options[option_id]) if option_id in scene.state.options else None


def _show_cascade(scene: Scene, value: list[str]) -> Json:
    found = _show_option(scene, value[0])
    child = _show_option(scene, value[1]) if len(value) > 1 else None
    return found | {"child": child} if found and child else found


def _person(asked: Asked, value: Any) -> str:
    who = flavour().user_in(site().state, value)
    if who is None:
        raise Invalid(f"Specify a valid value for {asked.field.name}")
    return who.account_id


def _group(asked: Asked, value: Any) -> str:
    given = value if isinstance(value, dict) else {"name": value}
    groups = site().state.groups
    found = groups.get(str(given.get("groupId"))) or group_named(site().state, str(given.get("name")))
    if found is None:
        raise Invalid(f"Specify a valid group for {asked.field.name}")
    return found.id


def _show_group(scene: Scene, group_id: str) -> Json:
    group = scene.state.groups.get(group_id)
    return scene.flavour.group(scene, group) if group else None


def _label(_: Asked, value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("Operation value must be an array of strings")
    if not value or any(character.isspace() for character in value):
        raise Invalid(f"The label '{value}' contains spaces which is invalid.")
    if len(value) > LONGEST_LINE:
        raise Invalid(f"The label '{value}' exceeds the maximum length for a single label (255 characters).")
    return value


def _url(asked: Asked, value: Any) -> str:
    text = _text(asked, value)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https", "ftp", "mailto") or not (parts.netloc or parts.path):
        raise Invalid("The URL specified is invalid, it must be absolute and start with a known scheme.")
    return text


def _version(asked: Asked, value: Any) -> str:
    given = value if isinstance(value, dict) else {}
    for each in site().state.versions.values():
        if each.project_id == asked.place.project.id and (
            str(given.get("id")) == each.id or given.get("name") == each.name
        ):
            return each.id
    raise Invalid(f"Version id '{given.get('id')}' is not valid")


def _show_version(scene: Scene, version_id: str) -> Json:
    found = scene.state.versions.get(version_id)
    return shapes.version(scene, found) if found else None


def _project(asked: Asked, value: Any) -> str:
    given = value if isinstance(value, dict) else {}
    found = site().state.project(str(given.get("id") or given.get("key")))
    if found is None or not may("BROWSE_PROJECTS", found.id):
        raise Invalid(f"Specify a valid project for {asked.field.name}")
    return found.id


def _show_project(scene: Scene, project_id: str) -> Json:
    found = scene.state.projects.get(project_id)
    return shapes.project(scene, found) if found else None


def _read_only(_: Asked, __: Any) -> Any:
    raise Invalid("This field is read-only.")


def _itself(_: Scene, value: Any) -> Json:
    return value


READ: dict[str, Callable[[Asked, Any], Any]] = {
    "textfield": _text,
    "readonlyfield": _read_only,
    "textarea": _area,
    "float": _number,
    "datepicker": lambda _, value: day(value),
    "datetime": lambda _, value: instant(value),
    "select": _option,
    "radiobuttons": _option,
    "cascadingselect": _cascade,
    "userpicker": _person,
    "grouppicker": _group,
    "label": _label,
    "url": _url,
    "version": _version,
    "project": _project,
}
SHOW: dict[str, Callable[[Scene, Any], Json]] = {
    "textfield": _itself,
    "readonlyfield": _itself,
    "textarea": _show_area,
    "float": _itself,
    "datepicker": _itself,
    "datetime": lambda scene, value: scene.stamp(datetime.fromisoformat(value)),
    "select": _show_option,
    "radiobuttons": _show_option,
    "cascadingselect": _show_cascade,
    "userpicker": shapes.user_by_id,
    "grouppicker": _show_group,
    "label": _itself,
    "url": _itself,
    "version": _show_version,
    "project": _show_project,
}
ONE_OF = {  # a type with several values -> how one of them is read and shown
    "multiselect": "select",
    "multicheckboxes": "select",
    "multiuserpicker": "userpicker",
    "multigrouppicker": "grouppicker",
    "labels": "label",
    "multiversion": "version",
}
