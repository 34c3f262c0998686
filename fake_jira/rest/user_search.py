"""Users found by what they are called and by what they may do, in the forms of both flavours [jira 5.12].

Cloud searches by `query` or `accountId` and finds nobody for anonymous callers; Data Center searches by `username`,
where a dot stands for everybody.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from flask import Response, request

from fake_jira.errors import Invalid
from fake_jira.model.permissions import GLOBAL, PROJECT_PERMISSIONS, holds_globally
from fake_jira.model.records import User
from fake_jira.model.user_query import holds_property
from fake_jira.rest import shapes
from fake_jira.rest.asking import PER_PAGE, signed_in_unless_open, slice_asked
from fake_jira.rest.project_access import NOT_YOURS, administers
from fake_jira.rest.scene import flavour, scene, user, visible_issue, visible_project, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number, text

user_search = chapter("user_search")
NO_PLACE = "Either the project or the issueKey query parameter must be provided"
May = Callable[[User, str], bool]  # whether a user holds a permission at the place that was asked about


def _slice(found: Sequence[User]) -> Response:
    start, size = slice_asked()
    here = scene()
    return answer([shapes.user(here, each) for each in found[start : start + size]])


def called(query: str, among: Iterable[User]) -> list[User]:
    """Those of `among` whose name, a word of it, user name or address begins like the query; a dot means everybody."""
    wanted = query.lower()
    if wanted == "." and flavour().search_by == "username":
        return list(among)
    return [each for each in among if _is_called(each, wanted)]


def _is_called(each: User, wanted: str) -> bool:
    names = (each.email.lower(), *([] if flavour().open else [each.name.lower()]))
    return wanted in each.display_name.lower() or any(name.startswith(wanted) for name in names)


def _active() -> list[User]:
    return [each for each in world().state.users.values() if each.active]


def _asked_for(*, needed: bool = False) -> list[User]:
    """The active users that `query` (or `username`) or `accountId` describe; nobody for anonymous callers."""
    query, account_id = text(flavour().search_by), text("accountId") if flavour().open else ""
    if needed and not query and not account_id:
        raise Invalid(f"The {flavour().search_by} query parameter must be provided.")
    if query and account_id:
        raise Invalid("The query and accountId query parameters cannot be used together.")
    if user() is None:
        return []
    if account_id:
        return [each for each in _active() if each.account_id == account_id]
    return called(query, _active())


def _may_here(issue_key: str, project: str) -> May:
    """Who may what at the issue or in the project that the request names. Invalid if it names neither."""
    state = world().state
    if issue_key:
        issue = visible_issue(issue_key)
        return lambda each, permission: state.may_on(each, permission, issue)
    if not project:
        raise Invalid(NO_PLACE)
    project_id = visible_project(project).id
    return lambda each, permission: state.may(each, permission, project_id)


@user_search.get("/user/search")
@signed_in_unless_open
def find_users() -> Response:
    """Find users; empty, and no error, for anonymous callers of Cloud."""
    if not flavour().open:
        return _find_by_username()
    if text("property"):
        key, _, wanted = text("property").partition("=")
        name, *path = key.split(".")
        state = world().state
        return _slice([each for each in _active() if user() and holds_property(state, each, name, path, wanted)])
    if not text("query") and not text("accountId"):
        raise Invalid("The username or property query parameter must be provided")
    return _slice(_asked_for())


def _find_by_username() -> Response:
    if not text("username"):
        raise Invalid("The username query parameter was not provided")
    active, inactive = flag("includeActive", default=True), flag("includeInactive")
    among = [each for each in world().state.users.values() if not each.deleted]
    return _slice(called(text("username"), [each for each in among if (active if each.active else inactive)]))


@user_search.get("/user/assignable/search")
@signed_in_unless_open
def find_assignable_users() -> Response:
    """Find users assignable to issues, of a project or an issue."""
    may = _may_here(text("issueKey") or text("issueId"), text("project"))
    return _slice([each for each in _asked_for() if may(each, "ASSIGNABLE_USER")])


@user_search.get("/user/assignable/multiProjectSearch")
@signed_in_unless_open
def find_bulk_assignable_users() -> Response:
    """Find users assignable to projects: to all of those that are named."""
    keys = listed("projectKeys")
    if not keys:
        raise Invalid("The projectKeys query parameter must be provided")
    state, projects = world().state, [visible_project(key).id for key in keys]
    found = [each for each in _asked_for() if all(state.may(each, "ASSIGNABLE_USER", one) for one in projects)]
    return _slice(found)


@user_search.get("/user/permission/search")
@signed_in_unless_open
def find_users_with_all_permissions() -> Response:
    """Find users with permissions; for who administers the site or the project."""
    named = listed("permissions") or []
    known = PROJECT_PERMISSIONS | {each.key for each in GLOBAL}
    unknown = [name for name in named if name not in known]
    if not named or unknown:
        raise Invalid(f"Permission '{unknown[0]}' does not exist." if unknown else "No permission was given.")
    may = _may_here(text("issueKey"), text("projectKey"))
    project = visible_issue(text("issueKey")).project_id if text("issueKey") else visible_project(text("projectKey")).id
    if not administers(world().state.projects[project]):
        raise flavour().denied("", NOT_YOURS)

    def holds(each: User, permission: str) -> bool:
        return may(each, permission) if permission in PROJECT_PERMISSIONS else holds_globally(each, permission)

    found = [each for each in _asked_for(needed=flavour().open) if all(holds(each, name) for name in named)]
    return _slice(found)


@user_search.get("/user/viewissue/search")
@signed_in_unless_open
def find_users_with_browse_permission() -> Response:
    """Find users with browse permission; a security level counts. Data Center finds nobody without a name."""
    may = _may_here(text("issueKey"), text("projectKey"))
    found = [each for each in _asked_for(needed=flavour().open) if may(each, "BROWSE_PROJECTS")]
    if text("issueKey"):
        issue = visible_issue(text("issueKey"))
        found = [each for each in found if world().state.sees(each, issue)]
    return _slice(found if text(flavour().search_by) or text("accountId") else [])


@user_search.get("/user/picker")
@signed_in_unless_open
def find_users_for_picker() -> Response:
    """Find users for picker: with what matched set in bold."""
    return answer(users_to_pick(listed("excludeAccountIds") or listed("exclude") or []))


def users_to_pick(excluded: Sequence[str] = ()) -> dict[str, Any]:
    """The users that `query` describes, as a picker offers them."""
    query, here = text("query"), scene()
    if "query" not in request.args and flavour().open:
        raise Invalid("The query parameter must be provided.")
    found = called(query, _active()) if user() and query else []
    found = [each for each in found if not {each.account_id, each.name, each.key} & set(excluded)]
    shown = found[: number("maxResults", PER_PAGE)]
    picked = [_picked(each, query) for each in shown]
    if text("showAvatar").lower() == "true":
        picked = [each | {"avatarUrl": flavour().avatar(here, "user", 10122, "16x16")} for each in picked]
    return {"users": picked, "total": len(found), "header": header(len(shown), len(found), "users")}


def _picked(each: User, query: str) -> dict[str, Any]:
    words = f"{each.display_name} - {each.email}" + ("" if flavour().open else f" ({each.name})")
    return flavour().picked(scene(), each) | {"html": in_bold(words, query)}


def in_bold(words: str, query: str) -> str:
    """As HTML, with the first place where the query matches in bold."""
    at = words.lower().find(query.lower())
    if at < 0 or not query:
        return escape(words)
    end = at + len(query)
    return f"{escape(words[:at])}<strong>{escape(words[at:end])}</strong>{escape(words[end:])}"


def header(shown: int, total: int, noun: str) -> str:
    return f"Showing {shown} of {total} matching {noun}"
