"""Who watches an issue [jira 5.10]. Bodies are a bare JSON string, or nothing for the caller."""

from typing import Any

import orjson
from flask import Response, request

from fake_jira.errors import CredentialNeeded, Invalid, NotThere, NoWatching
from fake_jira.flavours import CLOUD
from fake_jira.model import watching as verbs
from fake_jira.model.records import Issue, User
from fake_jira.rest import satellite_view, shapes
from fake_jira.rest.scene import flavour, may_on, scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, NO_JSON, answer, body, chapter, done, takes, text

watchers = chapter("watchers")
cloud_watchers = chapter("cloud_watchers", CLOUD)


@watchers.get("/issue/<issue_id_or_key>/watchers")
def get_issue_watchers(issue_id_or_key: str) -> Response:
    """Get issue watchers; of the others, only those who may see them learn the names."""
    here, issue, who = scene(), visible_issue(issue_id_or_key), user()
    everybody = may_on("VIEW_VOTERS_AND_WATCHERS", issue)
    named = [each for each in issue.watchers if everybody or (who and who.account_id == each)]
    shown = [shapes.user(here, site().state.users[each]) for each in named]
    return answer(satellite_view.watches(here, issue) | {"watchers": shown})


@watchers.post("/issue/<issue_id_or_key>/watchers")
@takes(None)
def add_watcher(issue_id_or_key: str) -> Response:
    """Add watcher: the caller, or who is named in the body."""
    named = _named_in_body() or next(filter(None, map(text, flavour().watcher_parameters)), None)
    issue = visible_issue(issue_id_or_key)
    who = _watcher(issue, named)
    if not site().state.sees(who, issue):
        raise Invalid(f"The user '{who.display_name}' does not have permission to view this issue.")
    verbs.watch(site(), issue, who)
    return done()


@watchers.delete("/issue/<issue_id_or_key>/watchers")
def remove_watcher(issue_id_or_key: str) -> Response:
    """Delete watcher, named in the query."""
    parameters = flavour().watcher_parameters
    named = next(filter(None, map(text, parameters)), None)
    issue = visible_issue(issue_id_or_key)
    if named is None:
        raise Invalid(f"The query parameter '{parameters[0]}' is required.")
    verbs.unwatch(site(), issue, _watcher(issue, named))
    return done()


@cloud_watchers.post("/issue/watching")
def get_is_watching_issue_bulk() -> Response:
    """Get is watching issue bulk: false too for what is missing or hidden."""
    ids = body().get("issueIds")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise Invalid(BAD_PAYLOAD)
    return answer({"issuesIsWatching": {each: _watches(each) for each in ids}})


def _watches(issue_id: str) -> bool:
    who, issue = user(), site().state.issues.get(issue_id)
    return bool(who and issue and who.account_id in issue.watchers and site().state.sees(who, issue))


def _named_in_body() -> str | None:
    data = request.get_data().strip()
    if not data:
        return None
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid(NO_JSON) from error
    if not isinstance(value, str | None):
        raise Invalid(BAD_PAYLOAD)
    return value or None


def _watcher(issue: Issue, named: str | None) -> User:
    """Who is meant, by default the caller. Others only for those who manage the list."""
    caller = user()
    if caller is None:
        raise CredentialNeeded
    who = caller if named is None else flavour().user_in(site().state, {"accountId": named, "name": named})
    if who is None:
        raise NotThere(f"The user '{named}' does not exist.")
    if who.account_id != caller.account_id and not may_on("MANAGE_WATCHERS", issue):
        raise NoWatching("You do not have the permission to manage the watcher list of this issue.")
    return who
