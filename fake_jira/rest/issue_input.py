"""JSON -> values of an issue's record: the `fields` and `update` of create, edit and transition [jira 2.7, 5.4].

Every field at fault is reported at once, in Jira's words where they are known; nothing is changed here. What the
fields take is in `field_readers.py` and, for custom fields, in `custom_values.py`.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

from fake_jira.errors import Invalid
from fake_jira.model.fields import field_applies
from fake_jira.model.records import Issue, IssueType, Project, RichText
from fake_jira.model.screens import DEFAULT_SCREEN
from fake_jira.rest import custom_values, richtext
from fake_jira.rest.scene import may, may_on, site
from fake_jira.rest.wire import BAD_PAYLOAD

Json = dict[str, Any]
Values = dict[str, Any]
ONE_REQUIRED = "one of 'fields' or 'update' required"
OFF_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
NO_OPERATION = "Field '{}' is not valid for this operation."
ALWAYS = frozenset({"project", "issuetype", "summary", "parent", "comment"})  # asked for whatever the screen has
NEEDED = {  # without the permission the field is as if it were not on the screen
    "assignee": "ASSIGN_ISSUES",
    "duedate": "SCHEDULE_ISSUES",
    "fixVersions": "RESOLVE_ISSUES",
    "security": "SET_ISSUE_SECURITY",
    "timetracking": "WORK_ON_ISSUES",
    "issuelinks": "LINK_ISSUES",
    "worklog": "WORK_ON_ISSUES",
}


class Input:
    """What a request wants to set: `values` for the record, and deeds for `finish`. Gathers the errors of all fields.

    `screen`: the ids of the fields that can be set; None = every field, for those who override the screens.
    """

    def __init__(
        self, version: str, project: Project, kind: IssueType, screen: Collection[str] | None, before: Issue | None
    ) -> None:
        self.version = version
        self.project = project
        self.kind = kind
        self.screen = screen
        self.before = before
        self.values: Values = {}
        self.deeds: list[Callable[[Issue], Any]] = []
        self.errors: dict[str, str] = {}

    def read(self, fields: Mapping[str, Any], update: Mapping[str, Any]) -> "Input":
        """Take note of `fields` and of the operations in `update`; Invalid names all fields that cannot be."""
        for name in sorted(fields, key="assignee".__eq__):  # the last one, for components decide who is the automatic
            value = fields[name]
            if name in update:
                self.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
            elif self._can_be_set(name):
                self.set(name, value)
        for name, operations in update.items():
            if name not in fields and self._can_be_set(name):
                self.operate(name, operations)
        if self.errors:
            raise Invalid(fields=self.errors)
        return self

    def finish(self, issue: Issue) -> Issue:
        """Do to the issue, which has the values by now, what is more than a value: comments, links, worklogs."""
        for deed in self.deeds:
            deed(site().issue(issue.id))
        return site().issue(issue.id)

    def set(self, name: str, value: Any) -> None:
        """Set one field, or note why it cannot be."""
        try:
            if name in READERS:
                attribute, reader = READERS[name]
                self.values[attribute] = reader(self, value)
            elif name in SETTERS:
                SETTERS[name](self, value)
            elif self._custom(name):
                self.keep(name, custom_values.read(self.version, site().state.fields[name], value, self._place()))
            else:
                self.errors[name] = OFF_SCREEN.format(name)
        except Invalid as error:
            self.errors |= error.fields or {name: str(error)}

    def operate(self, name: str, operations: Any) -> None:
        """The operations of `update`: set for every field, add and remove where there are several values."""
        for operation in operations if isinstance(operations, list) else [None]:
            if not isinstance(operation, dict) or len(operation) != 1:
                self.errors[name] = NO_OPERATION.format(name)
                return
            ((verb, value),) = operation.items()
            try:
                self._operate(name, verb, value)
            except Invalid as error:
                if not error.fields:
                    raise  # about the whole request, as "Comment body is not valid!" is
                self.errors |= error.fields

    def _operate(self, name: str, verb: str, value: Any) -> None:
        if name in OPERATORS:
            OPERATORS[name](self, verb, value)
        elif verb == "set":
            self.set(name, value)
        elif verb in ("add", "remove") and self._several(name):
            self._change(name, verb, value)
        else:
            raise Invalid(fields={name: NO_OPERATION.format(verb)})

    def _several(self, name: str) -> bool:
        field = site().state.fields.get(name)
        return field is not None and field.kind == "array" and (name in READERS or field.custom is not None)

    def _change(self, name: str, verb: str, value: Any) -> None:
        """Add a value to a field that has several, or take it away."""
        try:
            if name in READERS:
                attribute, reader = READERS[name]
                held = self.values.get(attribute, getattr(self.before, attribute, ()))
                self.values[attribute] = reader.joined(held, reader(self, [value]), verb)  # type: ignore[attr-defined]
                return
            field = site().state.fields[name]
            named = custom_values.read(self.version, field, [value], self._place()) or []
            held = self.kept(name) or []
            rest = [each for each in held if each not in named]
            self.keep(name, (rest + named if verb == "add" else rest) or None)
        except Invalid as error:
            self.errors |= error.fields or {name: str(error)}

    def kept(self, name: str) -> Any:
        """What a custom field holds so far."""
        held = dict(self.values.get("custom", self.before.custom if self.before else ()))
        return orjson.loads(held.get(name, b"null"))

    def keep(self, name: str, value: Any) -> None:
        """Note what a custom field shall hold, in the form that issues keep; None = nothing."""
        held = dict(self.values.get("custom", self.before.custom if self.before else ()))
        held.pop(name, None)
        if value is not None:
            held[name] = orjson.dumps(value)
        self.values["custom"] = tuple(sorted(held.items()))

    def _place(self) -> custom_values.Place:
        return custom_values.Place(self.project, self.kind)

    def _custom(self, name: str) -> bool:
        return field_applies(site().state, name, self.project.id, self.kind.id)

    def _can_be_set(self, name: str) -> bool:
        """Whether the screen has the field and the caller may set it; notes it if not."""
        if (self.screen is not None and name not in ALWAYS and name not in self.screen) or (
            name in NEEDED
            and not (may_on(NEEDED[name], self.before) if self.before else may(NEEDED[name], self.project.id))
        ):
            self.errors[name] = OFF_SCREEN.format(name)
        return name not in self.errors


def default_screen() -> tuple[str, ...]:
    """The fields that are asked for when issues are made and edited."""
    return site().state.screens[DEFAULT_SCREEN].field_ids


def object_in(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object in a body; empty if absent."""
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(BAD_PAYLOAD)
    return value


def properties_in(given: Mapping[str, Any]) -> dict[str, bytes]:
    """The issue's own properties in a request, each as JSON."""
    value = given.get("properties") or []
    if not isinstance(value, list) or not all(
        isinstance(each, dict) and each.keys() >= {"key", "value"} for each in value
    ):
        raise Invalid(BAD_PAYLOAD)
    try:
        return {str(each["key"]): orjson.dumps(each["value"]) for each in value}
    except orjson.JSONEncodeError as error:  # deeper than could be sent back
        raise Invalid(BAD_PAYLOAD) from error


def metadata_in(given: Mapping[str, Any]) -> bytes | None:
    """`historyMetadata`, which the changelog's entry will show as it was sent."""
    sent = object_in(given, "historyMetadata")
    try:
        return orjson.dumps(sent) if sent else None
    except orjson.JSONEncodeError as error:
        raise Invalid(BAD_PAYLOAD) from error


def comment_body(version: str, value: Any) -> RichText:
    """The body of a comment; Invalid if there is none or of the wrong form."""
    given = value.get("body") if isinstance(value, dict) else None
    try:
        text = richtext.read(version, "comment", given)
    except Invalid:
        raise Invalid("Comment body is not valid!") from None
    if text is None or not text.text.strip():
        raise Invalid("Comment body can not be empty!")
    return text


# Filled by `field_readers.py`, and by the chapters whose nouns an issue's fields show.
READERS: dict[str, tuple[str, Callable[[Input, Any], Any]]] = {}  # field -> attribute of the record, its reader
SETTERS: dict[str, Callable[[Input, Any], None]] = {}  # fields that set several attributes, or note a deed
OPERATORS: dict[
    str, Callable[[Input, str, Any], None]
] = {}  # fields with operations of their own: (input, verb, value)
