"""Worklogs of an issue, their properties, and what became of worklogs since some time [jira 5.10, 6.3]."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request

from fake_jira.errors import Invalid, NotThere, NoWork
from fake_jira.flavours import CLOUD
from fake_jira.model import worklogs as verbs
from fake_jira.model.records import Issue, Worklog
from fake_jira.model.satellites import located
from fake_jira.rest import properties
from fake_jira.rest.limits import within
from fake_jira.rest.satellite_view import worklog, worklogs_page
from fake_jira.rest.scene import flavour, may_on, scene, site, user, visible_issue
from fake_jira.rest.visibility import is_seen, seen
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, listed, number, signed_in, text
from fake_jira.rest.worklog_input import adjustment, work_in

worklogs = chapter("worklogs")
cloud_worklogs = chapter("cloud_worklogs", CLOUD)
MOST = 5000
MOST_IDS = 1000
FRESH = timedelta(minutes=1)  # what happened in the last minute is not told of yet


@worklogs.get("/issue/<issue_id_or_key>/worklog")
def get_issue_worklog(issue_id_or_key: str) -> Response:
    """Get issue worklogs, the oldest first."""
    start, size = max(0, number("startAt", 0)), min(max(0, number("maxResults", MOST)), MOST)
    after, before = number("startedAfter", -(10**15)), number("startedBefore", 10**15)
    issue = visible_issue(issue_id_or_key)
    found = [each for each in seen(issue.worklogs, issue) if after < _epoch(each.started) < before]
    if not flavour().pages_worklogs:
        start, size = 0, len(found)
    shown = worklogs_page(scene(), issue, found, start, size)
    shown["worklogs"] = [_shown(issue, each) for each in found[start : start + size]]
    return answer(shown)


@worklogs.get("/issue/<issue_id_or_key>/worklog/<worklog_id>")
def get_worklog(issue_id_or_key: str, worklog_id: str) -> Response:
    """Get worklog."""
    issue = visible_issue(issue_id_or_key)
    return answer(_shown(issue, _find(issue, worklog_id)))


@worklogs.post("/issue/<issue_id_or_key>/worklog")
def add_worklog(issue_id_or_key: str) -> Response:
    """Add worklog."""
    given = body()
    flag("notifyUsers", default=True)
    issue = visible_issue(issue_id_or_key)
    if not may_on("WORK_ON_ISSUES", issue):
        raise NoWork("You do not have the permission to associate a worklog to this issue.")
    within("worklogs", len(issue.worklogs))
    made = verbs.add_worklog(site(), issue, user(), work_in(given, issue.project_id), adjust=adjustment())
    return _written(issue, made, 201)


@worklogs.put("/issue/<issue_id_or_key>/worklog/<worklog_id>")
def update_worklog(issue_id_or_key: str, worklog_id: str) -> Response:
    """Update worklog; what the request leaves out stays."""
    given = body()
    flag("notifyUsers", default=True)
    issue = visible_issue(issue_id_or_key)
    old = _find(issue, worklog_id)
    _require(issue, old, "EDIT", "edit")
    work = work_in(given, issue.project_id, old)
    new = verbs.edit_worklog(site(), issue, user(), old, work, adjust=adjustment(by=""))
    return _written(issue, new, 200)


@worklogs.delete("/issue/<issue_id_or_key>/worklog/<worklog_id>")
def delete_worklog(issue_id_or_key: str, worklog_id: str) -> Response:
    """Delete worklog."""
    flag("notifyUsers", default=True)
    issue = visible_issue(issue_id_or_key)
    gone = _find(issue, worklog_id)
    _require(issue, gone, "DELETE", "delete")
    verbs.delete_worklog(site(), issue, user(), gone, adjust=adjustment("increaseBy"))
    return done()


@cloud_worklogs.delete("/issue/<issue_id_or_key>/worklog")
def bulk_delete_worklogs(issue_id_or_key: str) -> Response:
    """Bulk delete worklogs of one issue: all of them or none, and nobody is told."""
    issue = visible_issue(issue_id_or_key)
    gone = _several(issue, body())
    adjust = _bulk_adjustment()
    for each in gone:
        issue = verbs.delete_worklog(site(), issue, user(), each, adjust=adjust, silently=True)
    return done()


@cloud_worklogs.post("/issue/<issue_id_or_key>/worklog/move")
def bulk_move_worklogs(issue_id_or_key: str) -> Response:
    """Bulk move worklogs to another issue; not those that are for a project role."""
    given = body()
    source = visible_issue(issue_id_or_key)
    named = given.get("issueIdOrKey")
    if not isinstance(named, str):
        raise Invalid(BAD_PAYLOAD)
    target = visible_issue(named)
    moved = _several(source, given)
    if not may_on("WORK_ON_ISSUES", target):
        raise NoWork("You do not have the permission to associate a worklog to this issue.")
    if any(each.visibility and each.visibility.kind == "role" for each in moved):
        raise Invalid("Worklogs that are restricted to a project role cannot be moved.")
    if source.id == target.id:
        raise Invalid("The worklogs are on this issue already.")
    within("worklogs", len(target.worklogs), len(moved))
    verbs.move_worklogs(site(), source, target, {each.id for each in moved}, _bulk_adjustment())
    return done()


def _several(issue: Issue, given: dict[str, Any]) -> list[Worklog]:
    """The worklogs of a bulk request, each of which must be the issue's, and the caller's to delete."""
    ids = _ids(given, MOST)
    if not may_on("DELETE_ALL_WORKLOGS", issue):
        raise NoWork("You do not have the permission to delete all worklogs of this issue.")
    return [_find(issue, each) for each in dict.fromkeys(ids)]


def _bulk_adjustment() -> verbs.Adjust:
    if text("adjustEstimate") not in ("", "leave", "auto"):
        raise Invalid(fields={"adjustEstimate": "The estimate can be left (leave) or adjusted (auto)."})
    return adjustment(by="")


def _ids(given: dict[str, Any], most: int) -> list[str]:
    ids = given.get("ids")
    if not isinstance(ids, list) or not all(isinstance(each, int) and not isinstance(each, bool) for each in ids):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(ids) <= most:
        raise Invalid(f"The number of worklog ids must be between 1 and {most}.")
    return [str(each) for each in ids]


@worklogs.post("/worklog/list")
@signed_in
def get_worklogs_for_ids() -> Response:
    """Get worklogs by ids: those that the caller sees, whatever their issues."""
    found = located(site().state, "worklogs", _ids(body(), MOST_IDS))
    return answer([_shown(*found[each]) for each in sorted(found, key=int) if _is_open(*found[each])])


@worklogs.get("/worklog/updated")
@signed_in
def get_ids_of_worklogs_modified_since() -> Response:
    """Get IDs of updated worklogs: made or changed since then, the longest ago first."""
    changed = [
        (_epoch(each.updated), each)
        for issue in site().state.issues.values()
        for each in issue.worklogs
        if _is_open(issue, each)
    ]
    return _changes([(at, each.id, each) for at, each in changed])


@worklogs.get("/worklog/deleted")
@signed_in
def get_ids_of_worklogs_deleted_since() -> Response:
    """Get IDs of deleted worklogs."""
    return _changes([(_epoch(at), each, None) for each, at in site().state.deleted_worklogs.items()])


def _changes(changes: Sequence[tuple[int, str, Worklog | None]]) -> Response:
    """A page of what changed at or after `since` and not in the last minute, in the order of time."""
    since, last = number("since", 0), _epoch(site().now() - FRESH)
    found = sorted((at, int(worklog_id), each) for at, worklog_id, each in changes if since <= at <= last)
    first = found[:MOST_IDS]
    until = first[-1][0] if first else since
    address = f"{request.base_url}?since="
    with_properties = "properties" in (listed("expand") or ())
    values = [
        {
            "worklogId": worklog_id,
            "updatedTime": at,
            "properties": properties.all_of(each.properties) if each and with_properties else [],
        }
        for at, worklog_id, each in first
    ]
    shown = {"values": values, "since": since, "until": until, "self": f"{address}{since}", "lastPage": True}
    if len(found) > MOST_IDS:
        shown |= {"lastPage": False, "nextPage": f"{address}{until}"}
    return answer(shown)


@cloud_worklogs.get("/issue/<issue_id_or_key>/worklog/<worklog_id>/properties")
def get_worklog_property_keys(issue_id_or_key: str, worklog_id: str) -> Response:
    """Get worklog property keys."""
    issue = visible_issue(issue_id_or_key)
    each = _find(issue, worklog_id)
    return answer(properties.listing(f"{scene().api}/issue/{issue.id}/worklog/{each.id}/properties", each.properties))


@cloud_worklogs.get("/issue/<issue_id_or_key>/worklog/<worklog_id>/properties/<property_key>")
def get_worklog_property(issue_id_or_key: str, worklog_id: str, property_key: str) -> Response:
    """Get worklog property."""
    return answer(properties.one(_find(visible_issue(issue_id_or_key), worklog_id).properties, property_key))


@cloud_worklogs.put("/issue/<issue_id_or_key>/worklog/<worklog_id>/properties/<property_key>")
def set_worklog_property(issue_id_or_key: str, worklog_id: str, property_key: str) -> Response:
    """Set worklog property: 201 for a new one, 200 for another value."""
    value = properties.written(property_key)
    issue = visible_issue(issue_id_or_key)
    each = _find(issue, worklog_id)
    _require(issue, each, "EDIT", "edit")
    new = property_key not in dict(each.properties)
    verbs.set_worklog_properties(site(), issue, each, properties.with_one(each.properties, property_key, value))
    return done(201 if new else 200)


@cloud_worklogs.delete("/issue/<issue_id_or_key>/worklog/<worklog_id>/properties/<property_key>")
def delete_worklog_property(issue_id_or_key: str, worklog_id: str, property_key: str) -> Response:
    """Delete worklog property."""
    issue = visible_issue(issue_id_or_key)
    each = _find(issue, worklog_id)
    _require(issue, each, "EDIT", "edit")
    verbs.set_worklog_properties(site(), issue, each, properties.without(each.properties, property_key))
    return done()


def _is_open(issue: Issue, each: Worklog) -> bool:
    return site().state.sees(user(), issue) and is_seen(each, issue)


def _find(issue: Issue, worklog_id: str) -> Worklog:
    """The worklog, or NotThere for those who may not see it too."""
    each = verbs.find_worklog(issue, worklog_id)
    if not is_seen(each, issue):
        raise NotThere(f"Cannot find worklog with id: '{worklog_id}'.")
    return each


def _require(issue: Issue, each: Worklog, verb: str, deed: str) -> None:
    who = user()
    own = who is not None and who.account_id == each.author and may_on(f"{verb}_OWN_WORKLOGS", issue)
    if not own and not may_on(f"{verb}_ALL_WORKLOGS", issue):
        raise NoWork(f"You do not have the permission to {deed} the worklog with id: {each.id}.")


def _shown(issue: Issue, each: Worklog) -> dict[str, Any]:
    asked = listed("expand") or ()
    more = {"properties": properties.all_of(each.properties)} if "properties" in asked else {}
    return worklog(scene(), issue, each) | more


def _written(issue: Issue, each: Worklog, status: int) -> Response:
    shown = _shown(issue, each)
    return answer(shown, status, Location=shown["self"])


def _epoch(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return round((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
