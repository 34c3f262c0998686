"""What each system field takes: JSON -> the value that the issue's record keeps, or Jira's sentence about it."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from fake_jira.errors import Invalid
from fake_jira.model.comments import add_comment, delete_comment, edit_comment, find_comment
from fake_jira.model.components import automatic_assignee
from fake_jira.model.records import IssueType, Project, RichText
from fake_jira.model.workflows import statuses_of
from fake_jira.rest import richtext
from fake_jira.rest.issue_input import NO_OPERATION, OFF_SCREEN, OPERATORS, READERS, Input, comment_body
from fake_jira.rest.limits import within
from fake_jira.rest.scene import flavour, may, site, user
from fake_jira.rest.visibility import seen, visibility_in

LONGEST_SUMMARY = 255
LONGEST_TEXT = 32_767
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of {:,} characters."
Reader = Callable[[Input, Any], Any]


class Several:
    """A reader for a field that has several values; `read` gets one list, `joined` serves add and remove."""

    def __init__(self, read: Callable[[Input, list[Any]], tuple[str, ...]], *, in_order: bool = False) -> None:
        self.read = read
        self.in_order = in_order

    def __call__(self, given: Input, value: Any) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            raise Invalid("data was not an array")
        return self.joined((), self.read(given, value), "add")

    def joined(self, held: tuple[str, ...], named: tuple[str, ...], verb: str) -> tuple[str, ...]:
        """What is there after `named` were added or removed, each once."""
        rest = [each for each in held if each not in named]
        found = tuple(dict.fromkeys([*rest, *named] if verb == "add" else rest))
        return tuple(sorted(found)) if self.in_order else found


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
    def read(given: Input, value: Any) -> RichText | None:
        text = richtext.read(given.version, name, value)
        if text is not None and len(text.text) > LONGEST_TEXT:
            raise Invalid(TOO_LONG.format(LONGEST_TEXT))
        return text

    return read


def labels(_: Input, value: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(label, str) for label in value):
        raise Invalid("Operation value must be an array of strings")
    for label in value:
        if not label or any(character.isspace() for character in label):
            raise Invalid(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > LONGEST_SUMMARY:
            raise Invalid(f"The label '{label}' exceeds the maximum length for a single label (255 characters).")
    return tuple(value)


def _one_of(records: str, sentence: str) -> Callable[[Input, Any], str | None]:
    """By id or name among the site's priorities or resolutions."""

    def read(_: Input, value: Any) -> str | None:
        if value is None:
            return None
        for each in getattr(site().state, records).values():
            if isinstance(value, dict) and (str(value.get("id")) == each.id or value.get("name") == each.name):
                return str(each.id)
        raise Invalid(sentence)

    return read


def _assignee(given: Input, value: Any) -> str | None:
    if flavour().automatic(value):
        held = given.before.component_ids if given.before else ()
        return automatic_assignee(site().state, given.project, given.values.get("component_ids", held))
    account_id = account(value, "assignee")
    if account_id is not None and "ASSIGNABLE_USER" not in grants(given.project, account_id):
        raise Invalid(f"User '{named_in(value)}' cannot be assigned issues.")
    return account_id


def _reporter(given: Input, value: Any) -> str | None:
    account_id = account(value, "reporter")
    who = user()
    if (who is None or who.account_id != account_id) and not may("MODIFY_REPORTER", given.project.id):
        raise Invalid(OFF_SCREEN.format("reporter"))
    return account_id


def account(value: Any, name: str) -> str | None:
    """The account id of the user that a value names, as the flavour names people; null means nobody."""
    if value is None or (isinstance(value, dict) and value and all(each is None for each in value.values())):
        return None
    who = flavour().user_in(site().state, value)
    if who is None:
        raise Invalid(flavour().unknown_user(named_in(value), name))
    return who.account_id


def named_in(value: Any) -> str:
    """What a user value says, for sentences about it."""
    if isinstance(value, dict):
        return str(next((value[each] for each in ("accountId", "id", "name", "key") if value.get(each)), ""))
    return str(value)


def grants(project: Project, account_id: str) -> frozenset[str]:
    return site().state.grants.get((project.id, account_id), frozenset())


def day(value: Any) -> date | None:
    """A day from a request; null and the empty string are none."""
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
    if parent is None or parent.project_id != given.project.id or not site().state.sees(user(), parent):
        raise Invalid("Could not find valid parent issue, or it is in another project.")
    return parent.id


def _same_project(given: Input, value: Any) -> str:
    """Naming the project that the issue is in is accepted, moving it this way is not [jira 5.4]."""
    named = (value.get("id") or value.get("key")) if isinstance(value, dict) else None
    if named is None or site().state.project(str(named)) != given.project:
        raise Invalid(OFF_SCREEN.format("project"))
    return given.project.id


def _type(given: Input, value: Any) -> str:
    """Another type, if its workflow has the status that the issue is in; else the issue would have to be moved."""
    kind = type_of({"issuetype": value}, given.project)
    if given.before is not None and given.before.status_id not in statuses_of(given.project, kind.id):
        raise Invalid("The issue type selected is invalid.")
    return kind.id


def _operate_on_comments(given: Input, verb: str, value: Any) -> None:
    """add, edit and remove, which are done once the issue has its new values."""
    if verb == "add":
        if not may("ADD_COMMENTS", given.project.id):
            raise Invalid(fields={"comment": OFF_SCREEN.format("comment")})
        text = comment_body(given.version, value)
        within("comments", len(given.before.comments) if given.before else 0)
        restricted = visibility_in(value.get("visibility"), given.project.id)
        given.deeds.append(lambda issue: add_comment(site(), issue, user(), text, visibility=restricted))
        return
    if verb not in ("edit", "remove") or given.before is None:
        raise Invalid(fields={"comment": NO_OPERATION.format(verb)})
    known = {each.id: each for each in seen(given.before.comments, given.before)}
    comment = known.get(str(value.get("id")) if isinstance(value, dict) else "")
    who = user()
    own = comment is not None and who is not None and comment.author == who.account_id
    permission = f"{'EDIT' if verb == 'edit' else 'DELETE'}_{'OWN' if own else 'ALL'}_COMMENTS"
    if comment is None or not may(permission, given.project.id):
        raise Invalid("Comment body is not valid!")
    comment_id = comment.id
    if verb == "remove":
        given.deeds.append(lambda issue: delete_comment(site(), issue, find_comment(issue, comment_id), user()))
        return
    body, visibility = comment_body(given.version, value), comment.visibility
    given.deeds.append(
        lambda issue: edit_comment(site(), issue, user(), find_comment(issue, comment_id), body, visibility=visibility)
    )


READERS |= {
    "summary": ("summary", _summary),
    "description": ("description", _rich("description")),
    "environment": ("environment", _rich("environment")),
    "labels": ("labels", Several(labels, in_order=True)),
    "priority": ("priority_id", _one_of("priorities", "The priority selected is invalid.")),
    "resolution": ("resolution_id", _one_of("resolutions", "Specify a valid 'id' or 'name' for resolution")),
    "assignee": ("assignee", _assignee),
    "reporter": ("reporter", _reporter),
    "duedate": ("due", lambda _, value: day(value)),
    "parent": ("parent_id", _parent),
    "project": ("project_id", _same_project),
    "issuetype": ("type_id", _type),
}
OPERATORS["comment"] = _operate_on_comments
