"""The search index: what searches see of the issues, and when.

A write reaches it after a delay, so a search can be behind a read by key [jira 5.7]. Holds the lookups that let `id`,
`key`, `project` and `status` be found without looking at every issue. Decides nothing about permissions.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from fake_jira.model.records import Issue

Version = tuple[datetime, Issue | None]  # visible from then on; None = gone


class Index:
    """The issues as the index has them, by id, project and status."""

    def __init__(self) -> None:
        self.shown: dict[str, Issue] = {}
        self.by_project: dict[str, set[str]] = {}
        self.by_status: dict[str, set[str]] = {}
        self.waiting: dict[str, tuple[Version, ...]] = {}

    def copy(self) -> "Index":
        other = Index()
        other.shown = self.shown.copy()
        other.by_project = {project: ids.copy() for project, ids in self.by_project.items()}
        other.by_status = {status: ids.copy() for status, ids in self.by_status.items()}
        other.waiting = self.waiting.copy()
        return other

    def feed(self, issue_id: str, issue: Issue | None, now: datetime, delay: timedelta) -> None:
        """Take note of a new version (None = deleted), to be shown `delay` after `now`."""
        visible_at = now + delay
        earlier = tuple(version for version in self.waiting.get(issue_id, ()) if version[0] < visible_at)
        if delay <= timedelta(0):
            self.waiting.pop(issue_id, None)
            self._show(issue_id, issue)
        else:
            self.waiting[issue_id] = (*earlier, (visible_at, issue))

    def catch_up(self, now: datetime) -> None:
        """Show every version whose time has come."""
        if not self.waiting:
            return
        for issue_id, versions in list(self.waiting.items()):
            due = [version for version in versions if version[0] <= now]
            if not due:
                continue
            self._show(issue_id, due[-1][1])
            rest = versions[len(due) :]
            if rest:
                self.waiting[issue_id] = rest
            else:
                del self.waiting[issue_id]

    def load(self, issues: Iterable[Issue]) -> None:
        """Show many issues at once, for sample data and state files."""
        for issue in issues:
            self._show(issue.id, issue)

    def _show(self, issue_id: str, issue: Issue | None) -> None:
        before = self.shown.get(issue_id)
        if issue is None:
            self.shown.pop(issue_id, None)
        else:
            self.shown[issue_id] = issue
        _refile(self.by_project, issue_id, before.project_id if before else None, issue.project_id if issue else None)
        _refile(self.by_status, issue_id, before.status_id if before else None, issue.status_id if issue else None)


def _refile(drawers: dict[str, set[str]], issue_id: str, old: str | None, new: str | None) -> None:
    if old == new:
        return
    if old is not None:
        drawers[old].discard(issue_id)
    if new is not None:
        drawers.setdefault(new, set()).add(issue_id)
