"""Records of what belongs to projects (components, versions, categories), and of long-running tasks.

Beside `records.py`, and as frozen as those.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Component:
    """`assignee_type`: PROJECT_DEFAULT, COMPONENT_LEAD, PROJECT_LEAD or UNASSIGNED."""

    id: str
    project_id: str
    name: str
    description: str = ""
    lead: str | None = None  # account id
    assignee_type: str = "PROJECT_DEFAULT"


@dataclass(frozen=True, slots=True)
class Version:
    """`sequence` orders the versions of a project, the first one first."""

    id: str
    project_id: str
    name: str
    sequence: int
    description: str = ""
    start: date | None = None
    release: date | None = None
    released: bool = False
    archived: bool = False
    driver: str | None = None  # account id

    def overdue(self, today: date) -> bool:
        return not self.released and self.release is not None and self.release < today


@dataclass(frozen=True, slots=True)
class Category:
    """A project category."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Work that a caller may ask about later. Done at once, but finished for who asks only from `finished` on.

    `result` is JSON. `cancelled` stops the telling, not the work.
    """

    id: str
    description: str
    actor: str | None  # account id
    submitted: datetime
    finished: datetime
    result: bytes = b"null"
    message: str = ""
    failed: bool = False
    cancelled: datetime | None = None

    def status(self, now: datetime) -> str:
        """In Jira's words."""
        if self.cancelled:
            return "CANCELLED"
        if now < self.finished:
            return "RUNNING"
        return "FAILED" if self.failed else "COMPLETE"

    def progress(self, now: datetime) -> int:
        """In per cent."""
        now = self.cancelled or now
        if now >= self.finished:
            return 100
        return int(100 * ((now - self.submitted) / (self.finished - self.submitted)))
