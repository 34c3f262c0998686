"""Projects: finding and reading them [jira 5.2]. Changing them is in `project_changes.py`."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import Invalid
from fake_jira.model.projects import issues_of, keys_of, live, visit
from fake_jira.model.records import Project
from fake_jira.model.state import CLOUD, DATA_CENTER
from fake_jira.model.workflows import statuses_of
from fake_jira.rest import shapes
from fake_jira.rest.project_access import is_admin
from fake_jira.rest.project_view import LEVELS, full
from fake_jira.rest.project_view import listed as shown_listed
from fake_jira.rest.scene import may, scene, site, user, visible_project, visible_projects, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number, numbers, page, signed_in, text

projects = chapter("projects")
cloud_projects = chapter("cloud_projects", CLOUD)
data_center_projects = chapter("data_center_projects", DATA_CENTER)
PER_PAGE = 50
MOST = 100
NAMED = 50  # ids or keys in one search
RECENT = 20
PICKED = 100
STATUSES = ("live", "archived", "deleted")
PROPERTY_QUERY = re.compile(r"\[(?P<key>[^\]]+)\](?P<path>(?:\.[^.=]+)*)=(?P<value>.*)")


def _shown(project: Project) -> dict[str, Any]:
    """A project as lists show it, with what `expand` and `properties` ask for."""
    return shown_listed(scene(), project, listed("expand") or (), listed("properties") or ())


def _by_name(found: list[Project]) -> list[Project]:
    return sorted(found, key=lambda each: each.name.lower())


@projects.get("/project")
def get_all_projects() -> Response:
    """Get all projects (deprecated and alive); on Data Center archived ones too where they are asked for."""
    recent, with_archived, archive_only = number("recent", 0), flag("includeArchived"), flag("browseArchive")
    found = [each for each in visible_projects().values() if with_archived or not each.archived_at]
    if archive_only:
        found = [each for each in found if may("ADMINISTER_PROJECTS", each.id) or is_admin()]
    if recent:
        return answer([_shown(each) for each in _visited()[: min(recent, RECENT)]])
    return answer([_shown(each) for each in _by_name(found)])


def _visited() -> list[Project]:
    who, visible = user(), visible_projects()
    seen = world().state.visited.get(who.account_id, ()) if who else ()
    return [visible[each] for each in seen if each in visible and not visible[each].archived_at]


@cloud_projects.get("/project/recent")
def get_recent() -> Response:
    """Get recent: what the caller has opened as a project, the latest first."""
    return answer([_shown(each) for each in _visited()])


@cloud_projects.get("/project/search")
def search_projects() -> Response:
    """Get projects paginated: what the caller may not browse is left out without a word."""
    start, size = number("startAt", 0), min(number("maxResults", PER_PAGE), MOST)
    ids, keys = numbers("id"), listed("keys")
    for name, named in (("id", ids), ("keys", keys)):
        if named is not None and len(named) > NAMED:
            raise Invalid(f"The number of values of '{name}' must not exceed {NAMED}.")
    tests = [_is_of_status(), _allows(text("action", "view")), _is_of_kind(), _has_words(text("query")), _has_value()]
    candidates = world().state.projects.values()
    found = [
        each
        for each in candidates
        if (ids is None or each.id in ids)
        and (keys is None or not {key.upper() for key in keys}.isdisjoint(keys_of(world().state, each)))
        and all(test(each) for test in tests)
    ]
    return answer(page(_sorted(found), _shown, start, size))


Test = Callable[[Project], bool]


def _is_of_status() -> Test:
    """Live ones unless told otherwise; the trash is looked into by admins alone."""
    wanted = listed("status") or ["live"]
    for each in wanted:
        if each not in STATUSES:
            raise Invalid(f"The status '{each}' is not valid; it is one of: {', '.join(STATUSES)}.")
    looks_into_trash = is_admin()

    def test(each: Project) -> bool:
        if each.trashed_at:
            return looks_into_trash and "deleted" in wanted
        return ("archived" if each.archived_at else "live") in wanted

    return test


def _allows(action: str) -> Test:
    """Whether the caller can do that with the project."""
    if action in ("view", "browse"):
        return lambda each: each.trashed_at is not None or may("BROWSE_PROJECTS", each.id)
    if action == "edit":
        return lambda each: may("ADMINISTER_PROJECTS", each.id) or (is_admin() and may("BROWSE_PROJECTS", each.id))
    if action == "create":
        return lambda each: may("BROWSE_PROJECTS", each.id) and may("CREATE_ISSUES", each.id)
    raise Invalid(f"The action '{action}' is not valid; it is one of: view, browse, edit, create.")


def _is_of_kind() -> Test:
    kinds, category = listed("typeKey"), number("categoryId", 0)
    return lambda each: (not kinds or each.type_key in kinds) and (not category or each.category_id == str(category))


def _has_words(query: str) -> Test:
    words = query.lower()
    return lambda each: words in each.key.lower() or words in each.name.lower()


def _has_value() -> Test:
    """`[key].path.in.value=2`: projects whose property has this value there."""
    query = text("propertyQuery")
    if not query:
        return lambda _: True
    asked = PROPERTY_QUERY.fullmatch(query)
    if asked is None:
        raise Invalid(f"The property query '{query}' is not valid; it is written as [key].path=value.")

    def test(each: Project) -> bool:
        value = orjson.loads(dict(each.properties).get(asked["key"], b"null"))
        for name in asked["path"].split(".")[1:]:
            value = value.get(name) if isinstance(value, dict) else None
        return value is not None and asked["value"] in (value, orjson.dumps(value).decode())

    return test


ORDERS: dict[str, Callable[[Project], Any]] = {
    "category": lambda each: each.category_id and world().state.project_categories[each.category_id].name.lower(),
    "issueCount": lambda each: sum(1 for _ in issues_of(world().state, each.id)),
    "key": lambda each: each.key,
    "lastIssueUpdatedDate": lambda each: max((x.updated for x in issues_of(world().state, each.id)), default=None),
    "name": lambda each: each.name.lower(),
    "owner": lambda each: world().state.users[each.lead].display_name.lower(),
    "archivedDate": lambda each: each.archived_at,
    "deletedDate": lambda each: each.trashed_at,
}
ORDERS["lastIssueUpdatedTime"] = ORDERS["lastIssueUpdatedDate"]


def _sorted(found: list[Project]) -> list[Project]:
    """In the order asked for; what has nothing to be ordered by comes last."""
    order = text("orderBy", "key")
    name = order.lstrip("+- ")
    if name not in ORDERS:
        raise Invalid(f"The orderBy value '{order}' is not valid.")
    found.sort(key=lambda each: each.key)
    value = {each.id: ORDERS[name](each) for each in found}
    full_ones = [each for each in found if value[each.id] is not None]
    full_ones.sort(key=lambda each: value[each.id], reverse=order.startswith("-"))
    return full_ones + [each for each in found if value[each.id] is None]


@projects.get("/project/<project_id_or_key>")
def get_project(project_id_or_key: str) -> Response:
    """Get project, by id, key or an older key."""
    expand, properties = listed("expand") or (), listed("properties") or ()
    project = visible_project(project_id_or_key)
    visit(site(), project, user())
    return answer(full(scene(), project, expand, properties))


@projects.get("/project/<project_id_or_key>/statuses")
def get_all_statuses(project_id_or_key: str) -> Response:
    """Get all statuses for project, by issue type."""
    project, here, state = visible_project(project_id_or_key), scene(), world().state
    kinds = [state.types[type_id] for type_id in project.type_ids]
    return answer(
        [
            {
                "self": f"{here.api}/issuetype/{kind.id}",
                "id": kind.id,
                "name": kind.name,
                "subtask": kind.subtask,
                "statuses": [shapes.status(here, state.statuses[each]) for each in statuses_of(project, kind.id)],
            }
            for kind in kinds
        ]
    )


@cloud_projects.get("/project/<project_id>/hierarchy")
@signed_in
def get_hierarchy(project_id: str) -> Response:
    """Get project issue type hierarchy."""
    project, types = visible_project(project_id), world().state.types
    here = scene()
    levels = []
    for level, name in LEVELS.items():
        kinds = [types[each] for each in project.type_ids if types[each].hierarchy_level == level]
        shown = [
            {"id": int(each.id), "name": each.name, "avatarId": shapes.issue_type(here, each)["avatarId"]}
            for each in kinds
        ]
        levels.append({"level": level, "name": name, "issueTypes": shown})
    return answer({"projectId": int(project.id), "hierarchy": levels})


@data_center_projects.get("/projects/picker")
def search_for_projects() -> Response:
    """Picker: projects with a word that begins so, or such a key; the match stands out in `html`."""
    query, size, even_empty = text("query").strip(), number("maxResults", 0), flag("allowEmptyQuery")
    candidates = [each for each in live(world().state) if may("BROWSE_PROJECTS", each.id)]
    found = (
        [each for each in candidates if query and _begins(each, query.lower())]
        if query or not even_empty
        else candidates
    )
    most = PICKED if size == 0 else max(0, min(size, PICKED))
    here = scene()
    shown = [
        {
            "name": each.name,
            "key": each.key,
            "id": each.id,
            "html": f"{_marked(each.name, query)} ({_marked(each.key, query)})",
            "avatar": here.flavour.avatar(here, "project", each.avatar_id, "24x24"),
        }
        for each in _by_name(found)[:most]
    ]
    header = f"Showing {len(shown)} of {len(found)} matching projects"
    return answer({"header": header, "total": len(found), "projects": shown})


def _begins(project: Project, query: str) -> bool:
    """Whether the key, or the name from one of its words on, begins so."""
    words = re.split(r"\W+", project.name.lower())
    tails = (" ".join(words[place:]) for place in range(len(words)))
    return project.key.lower().startswith(query) or any(tail.startswith(query) for tail in tails)


def _marked(words: str, query: str) -> str:
    """As HTML, with the match standing out."""
    found = re.search(re.escape(query), words, re.IGNORECASE) if query else None
    if found is None:
        return escape(words)
    return f"{escape(words[: found.start()])}<strong>{escape(found[0])}</strong>{escape(words[found.end() :])}"
