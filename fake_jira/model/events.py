"""What happened on a site, for those who have asked to be told: webhooks. The verbs tell, `webhooks/` listens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fake_jira.model.records import Change, Issue


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` as Jira names it ("jira:issue_updated", "comment_created", ...); `issue` as it is after the event.

    `change` is the changelog's entry that it made, if any; `about` the comment, worklog, link, version or project that
    the event is about, under the name that a webhook's body has it by.
    """

    kind: str
    at: datetime
    actor: str | None  # account id
    issue: Issue | None = None
    change: Change | None = None
    about: dict[str, Any] = field(default_factory=dict)
    type_name: str = ""  # issue_event_type_name: issue_created, issue_generic, issue_moved, ...
