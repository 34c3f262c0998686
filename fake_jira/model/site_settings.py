"""Settings of the whole site, as a new Jira has them: application properties, time tracking, columns.

They can be read; changing them would have to change what the rest of the site does, so that is not imitated.
"""

from dataclasses import dataclass

COLUMNS = ("issuetype", "issuekey", "summary", "assignee", "reporter", "priority", "status", "resolution", "created",
           "updated", "duedate")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Property:
    """One application property; `kind` is string, boolean, number or enum."""

    key: str
    name: str
    kind: str
    default: str
    advanced: bool = True
    allowed: tuple[str, ...] = ()


PROPERTIES = {
    each.key: each
    for each in (
        Property("jira.title", "Title", "string", "Jira", advanced=False),
        Property("jira.home", "Jira home directory", "string", "/var/jira/jira-home", advanced=False),
        Property(
            "jira.mode", "Mode", "enum", "private", advanced=False, allowed=("private", "public")
        ),
        Property("jira.clone.prefix", "The prefix added to the Summary field of cloned issues", "string", "CLONE -"),
        Property("jira.date.picker.java.format", "Date picker format (Java)", "string", "d/MMM/yy"),
        Property("jira.date.picker.javascript.format", "Date picker format (JavaScript)", "string", "%e/%b/%y"),
        Property("jira.date.time.picker.java.format", "Date and time picker format (Java)", "string",
                 "dd/MMM/yy h:mm a"),
        Property("jira.date.time.picker.javascript.format", "Date and time picker format (JavaScript)", "string",
                 "%e/%b/%y %I:%M %p"),
        Property("jira.issue.actions.order", "Default order of issue actions", "enum", "asc", allowed=("asc", "desc")),
        Property("jira.view.issue.links.sort.order", "Sort order of issue links", "string",
                 "type, status, priority"),
        Property("jira.comment.collapsing.minimum.hidden", "Comments that are hidden at least", "number", "4"),
        Property("jira.newsletter.tip.delay.days", "Days before the newsletter is offered", "number", "7"),
        Property("jira.table.cols.subtasks", "Columns shown for sub-tasks", "string",
                 "issuetype, status, assignee, progress"),
        Property("jira.lf.date.relativize", "Relative dates", "boolean", "true", advanced=False),
        Property("jira.lf.date.dmy", "Day/Month/Year format", "string", "dd/MMM/yy", advanced=False),
        Property("jira.lf.date.time", "Time format", "string", "h:mm a", advanced=False),
        Property("jira.lf.date.day", "Day format", "string", "EEEE h:mm a", advanced=False),
        Property("jira.lf.date.complete", "Complete date/time format", "string", "dd/MMM/yy h:mm a", advanced=False),
    )
}  # fmt: skip
TIME_TRACKING = {"workingHoursPerDay": 8.0, "workingDaysPerWeek": 5.0, "timeFormat": "pretty", "defaultUnit": "day"}
