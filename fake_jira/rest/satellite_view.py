"""What belongs to an issue -> JSON: worklogs, times, files, votes, watchers; as fields and at their own addresses.

What the caller may not see is left out here, for the fields of an issue as for lists.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fake_jira.flavours import Scene
from fake_jira.model.durations import pretty
from fake_jira.model.records import Attachment, Issue, Worklog
from fake_jira.model.worklogs import spent
from fake_jira.rest import shapes
from fake_jira.rest.richtext import as_document
from fake_jira.rest.scene import user
from fake_jira.rest.visibility import seen

Json = dict[str, Any]
Seconds = Callable[[Issue], int | None]
WORKLOGS_WITHIN = 20  # how many of them the field of an issue shows
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/bmp"}


def worklog(scene: Scene, issue: Issue, each: Worklog) -> Json:
    text = each.comment
    shown = {"comment": as_document(text) if scene.version == "3" else text.text} if text else {}
    return {
        "self": f"{scene.api}/issue/{issue.id}/worklog/{each.id}",
        "author": shapes.user_by_id(scene, each.author),
        "updateAuthor": shapes.user_by_id(scene, each.update_author),
        **shown,
        "created": scene.stamp(each.created),
        "updated": scene.stamp(each.updated),
        **({"visibility": scene.flavour.visibility(each.visibility)} if each.visibility else {}),
        "started": scene.stamp(each.started),
        "timeSpent": pretty(each.seconds),
        "timeSpentSeconds": each.seconds,
        "id": each.id,
        "issueId": issue.id,
    }


def worklogs_page(scene: Scene, issue: Issue, worklogs: Sequence[Worklog], start: int, size: int) -> Json:
    shown = [worklog(scene, issue, each) for each in worklogs[start : start + size]]
    return {"startAt": start, "maxResults": size, "total": len(worklogs), "worklogs": shown}


def attachment(scene: Scene, each: Attachment) -> Json:
    return {
        "self": f"{scene.api}/attachment/{each.id}",
        "id": each.id,
        "filename": each.filename,
        "author": shapes.user_by_id(scene, each.author),
        "created": scene.stamp(each.created),
        "size": each.size,
        "mimeType": each.mime_type,
        **scene.flavour.attachment(scene, each, pictured=each.mime_type in PICTURES),
    }


def votes(scene: Scene, issue: Issue) -> Json:
    who = user()
    return {
        "self": f"{scene.api}/issue/{issue.key}/votes",
        "votes": len(issue.voters),
        "hasVoted": who is not None and who.account_id in issue.voters,
    }


def watches(scene: Scene, issue: Issue) -> Json:
    who = user()
    return {
        "self": f"{scene.api}/issue/{issue.key}/watchers",
        "watchCount": len(issue.watchers),
        "isWatching": who is not None and who.account_id in issue.watchers,
    }


def timetracking(issue: Issue) -> Json:
    """The estimates and what was worked, in words and in seconds; what is not set is not there."""
    found = {
        "originalEstimate": issue.original_estimate,
        "remainingEstimate": issue.remaining_estimate,
        "timeSpent": spent(issue),
    }
    held = {name: seconds for name, seconds in found.items() if seconds is not None}
    in_words = {name: pretty(seconds) for name, seconds in held.items()}
    return in_words | {f"{name}Seconds": seconds for name, seconds in held.items()}


def _original(issue: Issue) -> int | None:
    return issue.original_estimate


def _remaining(issue: Issue) -> int | None:
    return issue.remaining_estimate


def _progress(done: int | None, left: int | None) -> Json:
    total = (done or 0) + (left or 0)
    percent = {"percent": 100 * (done or 0) // total} if total else {}
    return {"progress": done or 0, "total": total, **percent}


def _family(scene: Scene, issue: Issue) -> Iterator[Issue]:
    """The issue and its sub-tasks."""
    yield issue
    for child in (scene.state.issues[each] for each in scene.state.children.get(issue.id, ())):
        if scene.state.types[child.type_id].subtask:
            yield child


def _summed(read: Seconds) -> Callable[[Scene, Issue], int | None]:
    def total(scene: Scene, issue: Issue) -> int | None:
        found = [seconds for each in _family(scene, issue) if (seconds := read(each)) is not None]
        return sum(found) if found else None

    return total


def _whole_progress(scene: Scene, issue: Issue) -> Json:
    return _progress(_summed(spent)(scene, issue), _summed(_remaining)(scene, issue))


def _work_ratio(issue: Issue) -> int:
    """What was worked in per cent of what was estimated; -1 without an estimate."""
    return -1 if not issue.original_estimate else 100 * (spent(issue) or 0) // issue.original_estimate


AGGREGATES = {"aggregatetimespent", "aggregatetimeestimate", "aggregatetimeoriginalestimate", "aggregateprogress"}
FIELDS: dict[str, Callable[[Scene, Issue], Any]] = {
    "timespent": lambda _, issue: spent(issue),
    "timeestimate": lambda _, issue: issue.remaining_estimate,
    "timeoriginalestimate": lambda _, issue: issue.original_estimate,
    "aggregatetimespent": _summed(spent),
    "aggregatetimeestimate": _summed(_remaining),
    "aggregatetimeoriginalestimate": _summed(_original),
    "workratio": lambda _, issue: _work_ratio(issue),
    "progress": lambda _, issue: _progress(spent(issue), issue.remaining_estimate),
    "aggregateprogress": _whole_progress,
    "timetracking": lambda _, issue: timetracking(issue),
    "worklog": lambda scene, issue: worklogs_page(scene, issue, list(seen(issue.worklogs, issue)), 0, WORKLOGS_WITHIN),
    "attachment": lambda scene, issue: [attachment(scene, each) for each in issue.attachments],
    "votes": votes,
    "watches": watches,
}
