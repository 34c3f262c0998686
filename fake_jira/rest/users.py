"""Users: oneself, by account id, by search, in bulk [jira 5.1, 5.12]."""

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.records import User
from fake_jira.rest import shapes
from fake_jira.rest.scene import flavour, scene, user, visible_issue, visible_project, world
from fake_jira.rest.wire import answer, chapter, flag, listed, number, page, signed_in, text

users = chapter("users")
PER_PAGE = 50
MOST = 1000
BULK = 200


def _slice(found: list[User]) -> Response:
    start, size = max(0, number("startAt", 0)), min(max(0, number("maxResults", PER_PAGE)), MOST)
    here = scene()
    return answer([shapes.user(here, each) for each in found[start : start + size]])


def _matching(query: str, account_id: str) -> list[User]:
    wanted = query.lower()
    everybody = world().state.users.values()
    if account_id:
        return [each for each in everybody if each.account_id == account_id]
    return [each for each in everybody if wanted in each.display_name.lower() or each.email.lower().startswith(wanted)]


@users.get("/myself")
@signed_in
def get_current_user() -> Response:
    """Get current user: the honest way to ask whether a credential is good."""
    who = user()
    if who is None:
        raise NotThere
    return answer(flavour().full_user(scene(), who))


@users.get("/user")
def get_user() -> Response:
    """Get user."""
    found = world().state.users.get(text("accountId"))
    if found is None or user() is None:
        raise NotThere("Specified user does not exist or you do not have required permissions")
    return answer(flavour().full_user(scene(), found))


@users.get("/user/search")
def find_users() -> Response:
    """Find users; empty, and no error, for anonymous callers."""
    query, account_id = text("query"), text("accountId")
    if not query and not account_id and not text("property"):
        raise Invalid("The username or property query parameter must be provided")
    return _slice(_matching(query, account_id) if user() else [])


@users.get("/user/assignable/search")
def find_assignable_users() -> Response:
    """Find users assignable to issues, of a project or an issue."""
    query, account_id = text("query"), text("accountId")
    if text("issueKey") or text("issueId"):
        project_id = visible_issue(text("issueKey") or text("issueId")).project_id
    elif text("project"):
        project_id = visible_project(text("project")).id
    else:
        raise Invalid("Either the project or the issueKey query parameter must be provided")
    grants = world().state.grants
    may_get = [
        each
        for each in _matching(query, account_id)
        if "ASSIGNABLE_USER" in grants.get((project_id, each.account_id), frozenset())
    ]
    return _slice(may_get)


@users.get("/users")
def get_all_users_default() -> Response:
    """Get all users default."""
    return get_all_users()


@users.get("/users/search")
def get_all_users() -> Response:
    """Get all users."""
    return _slice(list(world().state.users.values()) if user() else [])


@users.get("/user/bulk")
@signed_in
def bulk_get_users() -> Response:
    """Bulk get users, by account ids; unknown ones are left out."""
    ids, start, size = listed("accountId"), number("startAt", 0), min(number("maxResults", 10), BULK)
    flag("failFast")
    if not ids:
        raise Invalid("The accountId query parameter must be provided")
    here, known = scene(), world().state.users
    found = [known[each] for each in dict.fromkeys(ids) if each in known]
    return answer(page(found, lambda each: shapes.user(here, each), start, size))
