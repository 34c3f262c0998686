"""Mails about issues, the events they are sent for, and the report on issues that hold too much."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import CLOUD
from fake_jira.model.permissions import holds_globally
from fake_jira.model.records import Issue
from fake_jira.rest.limits import limits
from fake_jira.rest.scene import flavour, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, signed_in

notifications = chapter("notifications")
cloud_notifications = chapter("cloud_notifications", CLOUD)
NEAR = 0.9  # of a limit: what is beyond is approaching it
EVENTS = (
    (1, "Issue Created"), (2, "Issue Updated"), (3, "Issue Assigned"), (4, "Issue Resolved"), (5, "Issue Closed"),
    (6, "Issue Commented"), (14, "Issue Comment Edited"), (17, "Issue Comment Deleted"), (7, "Issue Reopened"),
    (8, "Issue Deleted"), (9, "Issue Moved"), (10, "Work Logged On Issue"), (11, "Work Started On Issue"),
    (12, "Work Stopped On Issue"), (15, "Issue Worklog Updated"), (16, "Issue Worklog Deleted"), (13, "Generic Event"),
)  # fmt: skip
REPORTED = {
    "comment": "comments",
    "worklog": "worklogs",
    "attachment": "attachments",
    "issuelinks": "links",
    "remoteIssueLinks": "remote_links",
}


@notifications.post("/issue/<issue_id_or_key>/notify")
def notify(issue_id_or_key: str) -> Response:
    """Send notification for issue: taken, and mailed to nobody; the journal has what was to be sent."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    recipients, restrict = given.get("to"), given.get("restrict") or {}
    if not isinstance(recipients, dict) or not isinstance(restrict, dict):
        raise Invalid("No recipients were defined for notification.")
    for name in ("subject", "textBody", "htmlBody"):
        if not isinstance(given.get(name), str | None):
            raise Invalid(BAD_PAYLOAD)
    if not _recipients(recipients, issue):
        raise Invalid("No recipients were defined for notification.")
    return done()


def _recipients(given: Mapping[str, Any], issue: Issue) -> set[str]:
    """The account ids of all who are meant, but for the caller; Invalid for people and groups that there are not."""
    state, who = site().state, user()
    meant = {"reporter": [issue.reporter], "assignee": [issue.assignee]}
    meant |= {"watchers": list(issue.watchers), "voters": list(issue.voters)}
    found = {each for name, accounts in meant.items() if given.get(name) is True for each in accounts if each}
    for each in _several(given, "users"):
        named = flavour().user_in(state, each)
        if named is None:
            raise Invalid("The recipient is invalid: there is no such user.")
        found.add(named.account_id)
    wanted = [each.get("name") if isinstance(each, dict) else None for each in _several(given, "groups")]
    for each in [*wanted, *_several(given, "groupIds")]:
        group = next((one for one in state.groups.values() if each in (one.id, one.name)), None)
        if group is None:
            raise Invalid(f"The recipient is invalid: there is no group '{each}'.")
        found |= set(group.members)
    return found - {who.account_id if who else ""}


def _several(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name) or []
    if not isinstance(value, list):
        raise Invalid(BAD_PAYLOAD)
    return value


@cloud_notifications.get("/events")
@signed_in
def get_events() -> Response:
    """Get events."""
    _administer()
    return answer([{"id": event_id, "name": name} for event_id, name in EVENTS])


@cloud_notifications.get("/issue/limit/report")
@signed_in
def get_issue_limit_report() -> Response:
    """Get issue limit report."""
    _administer()
    by_key, caps = flag("isReturningKeys"), limits()
    near: dict[str, dict[str, int]] = {}
    beyond: dict[str, dict[str, int]] = {}
    for issue in site().state.issues.values():
        for name, attribute in REPORTED.items():
            held, most = len(getattr(issue, attribute)), caps[attribute]
            if held > most * NEAR and site().state.sees(user(), issue):
                place = beyond if held > most else near
                place.setdefault(name, {})[issue.key if by_key else issue.id] = held
    held_at_most = {name: caps[attribute] for name, attribute in REPORTED.items()}
    return answer({"issuesApproachingLimit": near, "issuesBreachingLimit": beyond, "limits": held_at_most})


def _administer() -> None:
    if not holds_globally(user(), "ADMINISTER"):
        raise Forbidden("Only Jira administrators can look at this.")
