"""Cloud's changelogs at addresses of their own: of an issue, by ids, and of many issues at once [jira 5.9]."""

import base64
import binascii
from typing import Any

from flask import Response

from fake_jira.errors import Invalid
from fake_jira.flavours import CLOUD
from fake_jira.model.records import Change, Issue
from fake_jira.rest.history import told_history
from fake_jira.rest.issue_view import change
from fake_jira.rest.scene import scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, number, page, signed_in

changelog = chapter("changelog", CLOUD)
CHANGES_PER_PAGE = 100
MOST_ISSUES = 1000
MOST_FIELDS = 10
PER_PAGE = 1000
MOST = 10_000
Place = tuple[int, int, int]  # of an entry in the order of bulkfetch: when, issue, entry


@changelog.get("/issue/<issue_id_or_key>/changelog")
def get_change_logs(issue_id_or_key: str) -> Response:
    """Get changelogs, the oldest first."""
    start, size = number("startAt", 0), number("maxResults", CHANGES_PER_PAGE)
    here, issue = scene(), visible_issue(issue_id_or_key)
    return answer(page(told_history(issue), lambda each: change(here, each), start, min(size, CHANGES_PER_PAGE)))


@changelog.post("/issue/<issue_id_or_key>/changelog/list")
def get_change_logs_by_ids(issue_id_or_key: str) -> Response:
    """Get changelogs by IDs; ids that are not of this issue are passed over."""
    ids = body().get("changelogIds")
    if not isinstance(ids, list) or not all(isinstance(each, int) for each in ids):
        raise Invalid(BAD_PAYLOAD)
    issue, here, wanted = visible_issue(issue_id_or_key), scene(), {str(each) for each in ids}
    histories = [change(here, each) for each in told_history(issue) if each.id in wanted]
    return answer({"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories})


@changelog.post("/changelog/bulkfetch")
@signed_in
def get_bulk_changelogs() -> Response:
    """Bulk fetch changelogs: the oldest first, across the issues; hidden issues are passed over."""
    given = body()
    size, after = _size(given.get("maxResults")), _place_of(given.get("nextPageToken"))
    fields = _strings(given.get("fieldIds") or [], 0, MOST_FIELDS, "field ids")
    names = _strings(given.get("issueIdsOrKeys"), 1, MOST_ISSUES, "issues")
    found = sorted(
        (
            (_place(issue, each), issue, each)
            for issue in _seen(names)
            for each in told_history(issue)
            if _has(each, fields)
        ),
        key=lambda entry: entry[0],
    )
    rest = [entry for entry in found if after is None or entry[0] > after]
    logs: dict[str, list[dict[str, Any]]] = {}
    here = scene()
    for (at, _, _), issue, each in rest[:size]:
        logs.setdefault(issue.id, []).append(change(here, each) | {"created": at})
    shown: dict[str, Any] = {
        "issueChangeLogs": [{"issueId": each, "changeHistories": entries} for each, entries in logs.items()]
    }
    if len(rest) > size:
        shown["nextPageToken"] = _token(rest[size - 1][0])
    return answer(shown)


def _seen(names: list[str]) -> list[Issue]:
    state, who = site().state, user()
    found = {issue.id: issue for each in names if (issue := state.issue(each)) is not None}
    return [issue for issue in found.values() if state.sees(who, issue)]


def _has(entry: Change, fields: list[str]) -> bool:
    return not fields or any(item.field_id in fields for item in entry.items)


def _place(issue: Issue, entry: Change) -> Place:
    return round(entry.created.timestamp() * 1000), int(issue.id), int(entry.id)


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode("/".join(map(str, place)).encode()).decode()


def _place_of(token: Any) -> Place | None:
    if token is None:
        return None
    try:
        at, issue, entry = map(int, base64.urlsafe_b64decode(token).decode().split("/"))
    except (TypeError, ValueError, binascii.Error) as error:
        raise Invalid("The provided next page token is invalid or expired.") from error
    return at, issue, entry


def _size(value: Any) -> int:
    if value is None:
        return PER_PAGE
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
        raise Invalid(f"maxResults must be between 1 and {MOST}.")
    return value


def _strings(value: Any, least: int, most: int, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(BAD_PAYLOAD)
    if not least <= len(value) <= most:
        raise Invalid(f"The number of {what} must be between {least} and {most}.")
    return value
