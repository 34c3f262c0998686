"""The types of custom fields: what each is called, how a value of it is kept, and how the changelog words it.

How values are kept, as JSON: texts as strings, textarea as {"text", "document"} (the ADF or null), number as a number,
datepicker as a day, datetime as an instant in UTC, labels as words, a cascade as [parent] or [parent, child]; options,
people, groups, versions and projects by their ids, several as a list.
"""

from dataclasses import dataclass
from typing import Any

from fake_jira.model.state import State

PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"
Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class FieldType:
    """`word` stands behind the prefix; `kind` and `items` are the schema's type; `title` is what people call it."""

    word: str
    title: str
    kind: str
    searcher: str
    items: str | None = None
    has_options: bool = False

    @property
    def key(self) -> str:
        return PREFIX + self.word


TYPES = {
    each.key: each
    for each in (
        FieldType("textfield", "Text Field (single line)", "string", "textsearcher"),
        FieldType("textarea", "Text Field (multi-line)", "string", "textsearcher"),
        FieldType("readonlyfield", "Text Field (read only)", "string", "textsearcher"),
        FieldType("float", "Number Field", "number", "exactnumber"),
        FieldType("datepicker", "Date Picker", "date", "daterange"),
        FieldType("datetime", "Date Time Picker", "datetime", "datetimerange"),
        FieldType("select", "Select List (single choice)", "option", "multiselectsearcher", has_options=True),
        FieldType("radiobuttons", "Radio Buttons", "option", "multiselectsearcher", has_options=True),
        FieldType("multiselect", "Select List (multiple choices)", "array", "multiselectsearcher", "option", True),
        FieldType("multicheckboxes", "Checkboxes", "array", "multiselectsearcher", "option", True),
        FieldType(
            "cascadingselect", "Select List (cascading)", "option-with-child", "cascadingselectsearcher", None, True
        ),
        FieldType("userpicker", "User Picker (single user)", "user", "userpickergroupsearcher"),
        FieldType("multiuserpicker", "User Picker (multiple users)", "array", "userpickergroupsearcher", "user"),
        FieldType("grouppicker", "Group Picker (single group)", "group", "grouppickersearcher"),
        FieldType("multigrouppicker", "Group Picker (multiple groups)", "array", "grouppickersearcher", "group"),
        FieldType("labels", "Labels", "array", "labelsearcher", "string"),
        FieldType("url", "URL Field", "string", "exacttextsearcher"),
        FieldType("version", "Version Picker (single version)", "version", "versionsearcher"),
        FieldType("multiversion", "Version Picker (multiple versions)", "array", "versionsearcher", "version"),
        FieldType("project", "Project Picker (single project)", "project", "projectsearcher"),
    )
}


def words(state: State, type_key: str, value: Any) -> Pair:
    """What the changelog says of a kept value: what stands in `from` or `to`, and in `fromString` or `toString`."""
    if value is None or value == []:
        return None, None if value is None else ""
    word = type_key.removeprefix(PREFIX)
    if word == "textarea":
        return None, value["text"]
    if word == "float":
        return None, f"{value:g}"
    if word == "datepicker":
        return value, f"{value} 00:00:00.0"
    if word == "labels":
        return None, " ".join(value)
    if word == "cascadingselect":
        return _of_cascade(state, value)
    if isinstance(value, list):
        return f"[{', '.join(value)}]", ",".join(_name(state, word, each) for each in value)
    if word in NAMED:
        return value, _name(state, word, value)
    return None, str(value)


def _of_cascade(state: State, value: list[str]) -> Pair:
    texts = [f"{state.options[each].value}({each})" for each in value]
    levels = [f"{level} values: {text}" for level, text in zip(("Parent", "Level 1"), texts, strict=False)]
    return None, "".join(levels)


def _name(state: State, word: str, value: str) -> str:
    """The name of an option, a person, a group, a version or a project; what is gone keeps its id."""
    found = getattr(state, NAMED[word]).get(value)
    if found is None:
        return value
    name: str = getattr(found, "value", None) or getattr(found, "display_name", None) or found.name
    return name


NAMED = {
    "select": "options",
    "radiobuttons": "options",
    "multiselect": "options",
    "multicheckboxes": "options",
    "userpicker": "users",
    "multiuserpicker": "users",
    "grouppicker": "groups",
    "multigrouppicker": "groups",
    "version": "versions",
    "multiversion": "versions",
    "project": "projects",
}
