"""What can be written in a query: the data by which editors complete what people type."""

from collections.abc import Iterable
from typing import Any

from fake_jira.jql.custom import searched
from fake_jira.jql.fields import KEY, SYSTEM
from fake_jira.jql.functions import ALL
from fake_jira.jql.kinds import Asker, Field
from fake_jira.jql.parser import RESERVED
from fake_jira.jql.structure import encoded
from fake_jira.model.state import State

Json = dict[str, Any]
_JAVA = {
    "user": "com.atlassian.jira.user.ApplicationUser",
    "project": "com.atlassian.jira.project.Project",
    "issue": "com.atlassian.jira.issue.Issue",
    "status": "com.atlassian.jira.issue.status.Status",
    "category": "com.atlassian.jira.issue.status.category.StatusCategory",
    "type": "com.atlassian.jira.issue.issuetype.IssueType",
    "priority": "com.atlassian.jira.issue.priority.Priority",
    "resolution": "com.atlassian.jira.issue.resolution.Resolution",
    "version": "com.atlassian.jira.project.version.Version",
    "component": "com.atlassian.jira.bc.project.component.ProjectComponent",
    "project category": "com.atlassian.jira.project.ProjectCategory",
    "level": "com.atlassian.jira.issue.security.IssueSecurityLevel",
    "filter": "com.atlassian.jira.issue.search.SearchRequest",
    "option": "com.atlassian.jira.issue.customfields.option.Option",
    "group": "com.atlassian.crowd.embedded.api.Group",
    "label": "com.atlassian.jira.issue.label.Label",
    "date": "java.util.Date",
    "link type": "com.atlassian.jira.issue.link.IssueLinkType",
}
_BY_KIND = {"number": "java.lang.Number", "duration": "com.atlassian.jira.datatype.Duration"}
DATE_FUNCTIONS = (
    "now",
    *(f"{edge}Of{period}" for edge in ("start", "end") for period in ("Day", "Week", "Month", "Year")),
)
SAID_ONCE = {"id", "issue", "issuekey"}  # other names of the key
SUGGESTED = {
    "project": "projects", "status": "statuses", "type": "types", "priority": "priorities", "version": "versions",
    "resolution": "resolutions", "component": "components", "project category": "project_categories",
    "category": "categories", "link type": "link_types",
}  # fmt: skip
MOST = 15


def reserved_words() -> list[str]:
    return sorted(RESERVED)


def visible_fields(state: State, only: Iterable[str] | None = None) -> list[Json]:
    """All fields, in the order of their names; `only`: ids of the custom fields that are wanted."""
    wanted = None if only is None else set(only)
    own = [searched(each) for each in state.fields.values() if each.custom and each.trashed_at is None]
    custom = [each for each in own if each is not None and (wanted is None or each.custom_id in wanted)]
    system = [each for each in SYSTEM if each.name not in SAID_ONCE]
    return sorted(
        (_shown_field(each) for each in (*system, *custom)), key=lambda each: str(each["displayName"]).lower()
    )


def _shown_field(field: Field) -> Json:
    shown: Json = {"value": encoded(field.name), "displayName": "issueKey" if field is KEY else field.name}
    if field.custom_id is not None:
        number = f"cf[{field.custom_id.removeprefix('customfield_')}]"
        shown |= {"displayName": f"{field.name} - {number}", "cfid": number}
    if field.of in SUGGESTED or field.of in ("user", "label"):
        shown["auto"] = "true"
    if field.sort is not None:
        shown["orderable"] = "true"
    shown["searchable"] = "true"
    shown["operators"] = [operator.lower() for operator in field.operators]
    shown["types"] = [_BY_KIND.get(field.kind) or _JAVA.get(field.of, "java.lang.String")]
    return shown


def visible_functions() -> list[Json]:
    named = [(each.name, each.of, each.name != "currentUser") for each in ALL]
    named += [(name, "date", False) for name in DATE_FUNCTIONS]
    return [
        {"value": f"{name}()", "displayName": f"{name}()", "types": [_JAVA[of]]} | ({"isList": "true"} if many else {})
        for name, of, many in sorted(named)
    ]


def suggestions(field: Field, typed: str, asker: Asker, spelling: str) -> list[Json]:
    """Values whose names begin with what was typed, or have a word that does; `spelling`: what a user is called by."""
    found: list[tuple[str, str]] = []
    for name, value in _values(field, asker, spelling):
        if any(part.startswith(typed.lower()) for part in (name.lower(), *name.lower().replace("(", " ").split())):
            found.append((name, value))
    unique = dict.fromkeys(sorted(found, key=lambda each: each[0].lower()))
    return [{"value": encoded(value), "displayName": _marked(name, typed)} for name, value in unique][:MOST]


def _values(field: Field, asker: Asker, spelling: str) -> Iterable[tuple[str, str]]:
    state = asker.state
    if field.of == "user":
        return [
            (f"{who.display_name} - {who.email}", str(getattr(who, spelling)))
            for who in state.users.values()
            if who.active
        ]
    if field.of == "label":
        labelled = (issue for issue in state.issues.values() if issue.labels and state.sees(asker.user, issue))
        return [(label, label) for issue in labelled for label in issue.labels]
    if field.of == "project":
        seen = (each for each in state.projects.values() if state.may(asker.user, "BROWSE_PROJECTS", each.id))
        return [(f"{each.name} ({each.key})", each.name) for each in seen]
    records = getattr(state, SUGGESTED[field.of]).values() if field.of in SUGGESTED else ()
    if field.of in ("version", "component"):
        records = (each for each in records if state.may(asker.user, "BROWSE_PROJECTS", each.project_id))
    return [(each.name, each.name) for each in records]


def _marked(name: str, typed: str) -> str:
    """With what was typed in bold, as lists show it."""
    at = name.lower().find(typed.lower()) if typed else -1
    return name if at < 0 else f"{name[:at]}<b>{name[at : at + len(typed)]}</b>{name[at + len(typed) :]}"
