"""Default values of custom fields, in the forms that the contexts' routes have for each type of field."""

from typing import Any

import orjson

from fake_jira.errors import Invalid, NotImitated, NotThere
from fake_jira.model.field_records import Context
from fake_jira.model.fields import word_of
from fake_jira.model.records import Field
from fake_jira.rest import custom_values
from fake_jira.rest.scene import site

# word of the type -> `type` of the default value, the name its value goes by, the records that ids are of
FORMS: dict[str, tuple[str, str, str]] = {
    "textfield": ("textfield", "text", ""),
    "textarea": ("textarea", "text", ""),
    "readonlyfield": ("readonly", "text", ""),
    "float": ("float", "number", ""),
    "datepicker": ("datepicker", "date", ""),
    "datetime": ("datetimepicker", "dateTime", ""),
    "select": ("option.single", "optionId", "options"),
    "radiobuttons": ("option.single", "optionId", "options"),
    "multiselect": ("option.multiple", "optionIds", "options"),
    "multicheckboxes": ("option.multiple", "optionIds", "options"),
    "cascadingselect": ("option.cascading", "optionId", "options"),
    "userpicker": ("single.user.select", "accountId", "users"),
    "multiuserpicker": ("multi.user.select", "accountIds", "users"),
    "grouppicker": ("grouppicker.single", "groupId", "groups"),
    "multigrouppicker": ("grouppicker.multiple", "groupIds", "groups"),
    "labels": ("labels", "labels", ""),
    "url": ("url", "url", ""),
    "version": ("version.single", "versionId", "versions"),
    "multiversion": ("version.multiple", "versionIds", "versions"),
    "project": ("project", "projectId", "projects"),
}
WITHOUT_CONTEXT = {"textfield", "textarea", "readonlyfield", "float", "datepicker", "datetime", "labels", "version",
                   "multiversion"}  # fmt: skip


def default_shown(field: Field, context: Context) -> dict[str, Any]:
    """A context's default value as it is read."""
    word = word_of(field)
    kind, name, _ = FORMS[word]
    value = orjson.loads(context.default or b"null")
    shown: dict[str, Any] = {"type": kind, name: value["text"] if word == "textarea" else value}
    if word == "cascadingselect":
        shown["optionId"] = value[0]
        shown |= {"cascadingOptionId": value[1]} if len(value) > 1 else {}
    if word == "userpicker":
        shown["userFilter"] = {"enabled": False}
    return shown if word in WITHOUT_CONTEXT else {"contextId": context.id, **shown}


def default_in(field: Field, context: Context, given: dict[str, Any]) -> Any:
    """A default value from a request, as issues keep it; None takes it away."""
    word = word_of(field)
    kind, name, records = FORMS[word]
    if given.get("type") != kind:
        raise Invalid(f"The default value of this field has the type '{kind}'.")
    if given.get("useCurrent"):
        raise NotImitated("A default value that is the present day or instant is not imitated; see LIMITS.md.")
    value = given.get(name)
    if value is None or value == []:
        return None
    if isinstance(value, list) != (field.kind == "array"):
        raise Invalid(f"The default value must be {'an array' if field.kind == 'array' else 'a single value'}.")
    if word == "float":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid("The default value must be a number.")
        return float(value)
    for each in value if isinstance(value, list) else [value]:
        _check(each, records, context)
    if word in ("datepicker", "datetime"):
        return custom_values.day(value) if word == "datepicker" else custom_values.instant(value)
    if word == "textarea":
        return {"text": value, "document": None}
    if word == "cascadingselect":
        below = given.get("cascadingOptionId")
        if below is not None:
            _check(below, records, context)
        return [value] if below is None else [value, below]
    return value


def _check(value: Any, records: str, context: Context) -> None:
    if not isinstance(value, str):
        raise Invalid("The default value must be a string.")
    if not records:
        return
    found = getattr(site().state, records).get(value)
    if found is None or getattr(found, "context_id", context.id) != context.id:
        raise NotThere(f"The default value '{value}' was not found.")
