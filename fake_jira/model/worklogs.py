"""Work logged on issues, and the estimates that it uses up. Each verb makes a new version of the issue [jira 6.1]."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fake_jira.errors import NotThere
from fake_jira.model.records import ChangeItem, Issue, RichText, User, Visibility, Worklog
from fake_jira.model.satellites import change, id_of, swapped, without
from fake_jira.model.state import Site

Adjust = Callable[[int | None, int], int | None]  # the remaining estimate and what was worked more -> the new one
CREATED = ("worklog_created", "issue_work_logged")  # the event, and what the issue's own event is called
UPDATED = ("worklog_updated", "issue_worklog_updated")
DELETED = ("worklog_deleted", "issue_worklog_deleted")


@dataclass(frozen=True, slots=True)
class Work:
    """What a worklog says."""

    started: datetime
    seconds: int
    comment: RichText | None = None
    visibility: Visibility | None = None
    properties: tuple[tuple[str, bytes], ...] = ()


def leave(remaining: int | None, _: int) -> int | None:
    """The estimate stays."""
    return remaining


def automatic(remaining: int | None, more: int) -> int | None:
    """What was worked is not left to do; never below nothing, and an issue without an estimate has nothing left."""
    return max(0, (remaining or 0) - more)


def spent(issue: Issue) -> int | None:
    """All seconds logged on the issue, whoever may see them; None if nothing was ever logged."""
    return sum(each.seconds for each in issue.worklogs) if issue.worklogs else None


def find_worklog(issue: Issue, worklog_id: str) -> Worklog:
    """The worklog, or NotThere."""
    for each in issue.worklogs:
        if each.id == worklog_id:
            return each
    raise NotThere(f"Cannot find worklog with id: '{worklog_id}'.")


def add_worklog(site: Site, issue: Issue, actor: User | None, work: Work, *, adjust: Adjust = automatic) -> Worklog:
    """Log work."""
    at, who = site.now(), id_of(actor)
    made = Worklog(
        site.state.next_id("worklog"), who, who, at, at, work.started, work.seconds, work.comment, work.visibility,
        work.properties,
    )  # fmt: skip
    remaining = adjust(issue.remaining_estimate, made.seconds)
    _log(site, issue, actor, worklogs=(*issue.worklogs, made), remaining=remaining, about=made, event=CREATED)
    return made


def edit_worklog(
    site: Site, issue: Issue, actor: User | None, old: Worklog, work: Work, *, adjust: Adjust = automatic
) -> Worklog:
    """Say otherwise what was worked."""
    new = replace(
        old, updated=site.now(), update_author=id_of(actor), started=work.started, seconds=work.seconds,
        comment=work.comment, visibility=work.visibility, properties=work.properties,
    )  # fmt: skip
    remaining = adjust(issue.remaining_estimate, new.seconds - old.seconds)
    worklogs, items = swapped(issue.worklogs, new), [_of_id(old)]
    _log(site, issue, actor, worklogs=worklogs, remaining=remaining, about=new, event=UPDATED, items=items)
    return new


def delete_worklog(
    site: Site, issue: Issue, actor: User | None, gone: Worklog, *, adjust: Adjust = automatic, silently: bool = False
) -> Issue:
    """Take work back. `silently`: nobody is told."""
    left = without(issue.worklogs, {gone.id})
    seconds = str(gone.seconds)
    items = [_of_id(gone), ChangeItem("WorklogTimeSpent", "", seconds, seconds, None, None)]
    site.state.deleted_worklogs[gone.id] = site.now()
    remaining = adjust(issue.remaining_estimate, -gone.seconds)
    event = None if silently else DELETED
    return _log(site, issue, actor, worklogs=left, remaining=remaining, about=gone, event=event, items=items)


def move_worklogs(site: Site, source: Issue, target: Issue, ids: Collection[str], adjust: Adjust = automatic) -> None:
    """Hang worklogs on another issue; no history, and nobody is told."""
    at = site.now()
    moved = tuple(replace(each, updated=at) for each in source.worklogs if each.id in ids)
    seconds = sum(each.seconds for each in moved)
    for issue, worklogs, more in (
        (source, without(source.worklogs, ids), -seconds),
        (target, tuple(sorted((*target.worklogs, *moved), key=lambda each: (each.created, int(each.id)))), seconds),
    ):
        remaining = adjust(issue.remaining_estimate, more)
        site.put(replace(issue, updated=at, worklogs=worklogs, remaining_estimate=remaining))


def set_worklog_properties(
    site: Site, issue: Issue, worklog: Worklog, properties: tuple[tuple[str, bytes], ...]
) -> None:
    """Other properties; the worklog counts as updated by that, the issue does not."""
    new = replace(worklog, properties=properties, updated=site.now())
    site.put(replace(issue, worklogs=swapped(issue.worklogs, new)))


def _of_id(worklog: Worklog) -> ChangeItem:
    return ChangeItem("WorklogId", "", worklog.id, worklog.id, None, None)


def _log(
    site: Site,
    issue: Issue,
    actor: User | None,
    *,
    worklogs: tuple[Worklog, ...],
    remaining: int | None,
    about: Worklog,
    event: tuple[str, str] | None,
    items: Iterable[ChangeItem] = (),
) -> Issue:
    """The issue with these worklogs and what follows for its times."""
    before, after = spent(issue), sum(each.seconds for each in worklogs)
    values: dict[str, Any] = {"worklogs": worklogs, "remaining_estimate": remaining}
    told = [
        seconds_item("timeestimate", issue.remaining_estimate, remaining),
        seconds_item("timespent", before, after),
        *items,
    ]
    now, entry = change(site, issue, actor, [each for each in told if each.old != each.new], **values)
    if event is not None:
        kind, type_name = event
        site.tell(kind, actor, now, worklog=about)
        site.tell("jira:issue_updated", actor, now, change=entry, type_name=type_name)
    return now


def seconds_item(field: str, old: int | None, new: int | None) -> ChangeItem:
    """A span in the changelog: seconds, in digits."""
    before, after = (None if each is None else str(each) for each in (old, new))
    return ChangeItem(field, field, before, before, after, after)
