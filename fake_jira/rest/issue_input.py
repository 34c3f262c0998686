"""JSON -> values of an issue's record: the `fields` and `update` of create, edit and transition [jira 2.7, 5.4].

Every field at fault is reported at once, in Jira's words where they are known; nothing is changed here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.model.records import Issue, IssueType, Project, RichText
from fake_jira.rest import richtext
from fake_jira.rest.scene import may, site, user

Json = dict[str, Any]
Values = dict[str, Any]
LONGEST_SUMMARY = 255
ONE_REQUIRED = "one of 'fields' or 'update' required"


class Input:
    """What a request wants to set: `values` for the record, `comments` to add. Gathers the errors of all fields."""

    def __init__(self, version: str, project: Project) -> None:
        self.version = version
        self.project = project
        self.values: Values = {}
        self.comments: list[RichText] = []
        self.errors: dict[str, str] = {}

    def read(self, fields: Mapping[str, Any], update: Mapping[str, Any], before: Issue | None = None) -> "Input":
        """Take note of `fields` and of the operations in `update`; Invalid names all fields that cannot be."""
        for name, value in fields.items():
            if name in update:
                self.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
            else:
                self.set(name, value)
        for name, operations in update.items():
            if name not in fields:
                self.operate(name, operations, before)
        if self.errors:
            raise Invalid(fields=self.errors)
        return self

    def set(self, name: str, value: Any) -> None:
        """Set one field, or note why it cannot be."""
        if name not in READERS:
            self.errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            return
        attribute, reader = READERS[name]
        try:
            self.values[attribute] = reader(self, value)
        except Invalid as error:
            self.errors |= error.fields or {name: str(error)}

    def operate(self, name: str, operations: Any, before: Issue | None) -> None:
        """The operations of `update`: set for every field, add and remove for labels, add for comments."""
        for operation in operations if isinstance(operations, list) else [None]:
            if not isinstance(operation, dict) or len(operation) != 1:
                self.errors[name] = f"Field '{name}' is not valid for this operation."
                return
            ((verb, value),) = operation.items()
            if verb == "set" and name != "comment":
                self.set(name, value)
            elif name == "labels" and verb in ("add", "remove"):
                self._relabel(verb, value, before)
            elif name == "comment" and verb == "add":
                self._comment(value)
            else:
                self.errors[name] = f"Field '{verb}' is not valid for this operation."

    def _relabel(self, verb: str, value: Any, before: Issue | None) -> None:
        labels = set(self.values.get("labels", before.labels if before else ()))
        try:
            named = set(_labels(self, [value]))
        except Invalid as error:
            self.errors["labels"] = str(error)
            return
        self.values["labels"] = tuple(sorted(labels | named if verb == "add" else labels - named))

    def _comment(self, value: Any) -> None:
        self.comments.append(comment_body(self.version, value))


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


def project_of(fields: Mapping[str, Any]) -> Project:
    """The project that a new issue is for; hidden ones do not exist for the caller."""
    value = fields.get("project")
    if not isinstance(value, dict):
        raise Invalid(fields={"project": "project is required"})
    named = value.get("id") or value.get("key")
    project = site().state.project(str(named)) if named else None
    if project is None or not may("BROWSE_PROJECTS", project.id):
        raise Invalid(fields={"project": "valid project is required"})
    return project


def type_of(fields: Mapping[str, Any], project: Project) -> IssueType:
    """The issue type that a new issue gets, by id or name."""
    value = fields.get("issuetype")
    if not isinstance(value, dict):
        raise Invalid(fields={"issuetype": "issue type is required"})
    types = site().state.types
    for type_id in project.type_ids:
        if str(value.get("id", "")) == type_id or str(value.get("name", "")).lower() == types[type_id].name.lower():
            return types[type_id]
    raise Invalid(fields={"issuetype": "valid issue type is required"})


def _summary(_: Input, value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise Invalid(richtext.NOT_TEXT)
    if value is None or not value.strip():
        raise Invalid("You must specify a summary of the issue.")
    if len(value) > LONGEST_SUMMARY:
        raise Invalid(f"Summary can't exceed {LONGEST_SUMMARY} characters.")
    if "\n" in value or "\r" in value:
        raise Invalid("The summary is invalid because it contains newline characters.")
    return value.strip()


def _rich(name: str) -> Callable[[Input, Any], RichText | None]:
    return lambda given, value: richtext.read(given.version, name, value)


def _labels(_: Input, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise Invalid("Operation value must be an array of strings")
    for label in value:
        if not label or any(character.isspace() for character in label):
            raise Invalid(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > LONGEST_SUMMARY:
            raise Invalid(f"The label '{label}' exceeds the maximum length for a single label (255 characters).")
    return tuple(sorted(set(value)))


def _priority(_: Input, value: Any) -> str | None:
    if value is None:
        return None
    for priority in site().state.priorities.values():
        if isinstance(value, dict) and (str(value.get("id")) == priority.id or value.get("name") == priority.name):
            return priority.id
    raise Invalid("The priority selected is invalid.")


def _assignee(given: Input, value: Any) -> str | None:
    account_id = account(value, "assignee")
    if account_id is not None and ("ASSIGNABLE_USER" not in grants(given.project, account_id)):
        raise Invalid(f"User '{account_id}' cannot be assigned issues.")
    return account_id


def _reporter(given: Input, value: Any) -> str | None:
    account_id = account(value, "reporter")
    who = user()
    if (who is None or who.account_id != account_id) and not may("MODIFY_REPORTER", given.project.id):
        raise Invalid("Field 'reporter' cannot be set. It is not on the appropriate screen, or unknown.")
    return account_id


def account(value: Any, name: str) -> str | None:
    """The account id in a user value; null and "-1" (automatic) mean nobody."""
    if value is None:
        return None
    account_id = value.get("accountId", value.get("id", "")) if isinstance(value, dict) else ""
    if account_id in (None, "-1"):
        return None
    if not isinstance(account_id, str) or account_id not in site().state.users:
        raise Invalid(f"Specify a valid value for {name}")
    return account_id


def grants(project: Project, account_id: str) -> frozenset[str]:
    return site().state.grants.get((project.id, account_id), frozenset())


def _due(_: Input, value: Any) -> date | None:
    if value is None or value == "":
        return None
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    raise Invalid("Operation value must be a string in the format 'yyyy-MM-dd'")


def _parent(given: Input, value: Any) -> str | None:
    if value is None:
        return None
    named = (value.get("id") or value.get("key")) if isinstance(value, dict) else None
    parent = site().state.issue(str(named)) if named else None
    if parent is None or parent.project_id != given.project.id or not may("BROWSE_PROJECTS", parent.project_id):
        raise Invalid("Could not find valid parent issue, or it is in another project.")
    return parent.id


def _same_project(given: Input, value: Any) -> str:
    """Naming the project that the issue is in is accepted, moving it this way is not [jira 5.4]."""
    named = (value.get("id") or value.get("key")) if isinstance(value, dict) else None
    if named is None or site().state.project(str(named)) != given.project:
        raise Invalid("Field 'project' cannot be set. It is not on the appropriate screen, or unknown.")
    return given.project.id


def _type(given: Input, value: Any) -> str:
    return type_of({"issuetype": value}, given.project).id


READERS: dict[str, tuple[str, Callable[[Input, Any], Any]]] = {
    "summary": ("summary", _summary),
    "description": ("description", _rich("description")),
    "environment": ("environment", _rich("environment")),
    "labels": ("labels", _labels),
    "priority": ("priority_id", _priority),
    "assignee": ("assignee", _assignee),
    "reporter": ("reporter", _reporter),
    "duedate": ("due", _due),
    "parent": ("parent_id", _parent),
    "project": ("project_id", _same_project),
    "issuetype": ("type_id", _type),
}
