"""What a new site holds before anybody has made an issue: statuses, types, priorities, fields, two projects.

Statuses, types and the simplified workflow are what Jira Cloud sets up for a company-managed project; the categories
are the four that every site has [jira 6.2].
"""

from typing import Any

from fake_jira.clock import Clock
from fake_jira.model.links import TYPES as LINK_TYPES
from fake_jira.model.links import add_link_type
from fake_jira.model.people import add_user
from fake_jira.model.records import (
    Field,
    IssueType,
    Priority,
    Project,
    Resolution,
    Status,
    StatusCategory,
    Workflow,
)
from fake_jira.model.roles import open_project
from fake_jira.model.screens import STOCK as SCREENS
from fake_jira.model.state import CLOUD, DATA_CENTER, Site, State
from fake_jira.model.stock_access import add_stock_access
from fake_jira.model.workflows import CLASSIC, SIMPLIFIED, install

CATEGORIES = (
    StatusCategory(1, "undefined", "medium-gray", "No Category"),
    StatusCategory(2, "new", "blue-gray", "To Do"),
    StatusCategory(4, "indeterminate", "yellow", "In Progress"),
    StatusCategory(3, "done", "green", "Done"),
)
STATUSES = (
    Status("10000", "To Do", 2),
    Status("10001", "In Progress", 4, "This work item is being actively worked on at the moment by the assignee."),
    Status("10002", "In Review", 4),
    Status("10003", "Done", 3),
)
TYPES = (
    IssueType("10000", "Epic", "A big user story that needs to be broken down.", 1),
    IssueType("10001", "Story", "Functionality or a feature expressed as a user goal."),
    IssueType("10002", "Task", "A small, distinct piece of work."),
    IssueType("10003", "Bug", "A problem or error."),
    IssueType("10004", "Sub-task", "A small piece of work that is part of a larger task.", -1),
)
PRIORITIES = (
    Priority("1", "Highest", "#d04437", "This problem will block progress."),
    Priority("2", "High", "#f15C75", "Serious problem that could block progress."),
    Priority("3", "Medium", "#f79232", "Has the potential to affect progress."),
    Priority("4", "Low", "#707070", "Minor problem or easily worked around."),
    Priority("5", "Lowest", "#999999", "Trivial problem with little or no impact on progress."),
)
RESOLUTIONS = (
    Resolution("10000", "Done", "Work has been completed on this issue."),
    Resolution("10001", "Won't Do", "This issue won't be actioned."),
    Resolution("10002", "Duplicate", "The problem is a duplicate of an existing issue."),
    Resolution("10003", "Cannot Reproduce", "All attempts at reproducing this issue failed."),
)
MEDIUM = "3"
FIELDS = (
    Field("statuscategorychangedate", "Status Category Changed", "datetime", clauses=("statusCategoryChangedDate",)),
    Field("issuetype", "Issue Type", "issuetype", clauses=("issuetype", "type")),
    Field("parent", "Parent", "issuelink", clauses=("parent",)),
    Field("project", "Project", "project", clauses=("project",)),
    Field("resolution", "Resolution", "resolution", clauses=("resolution",)),
    Field("resolutiondate", "Resolved", "datetime", clauses=("resolutiondate", "resolved")),
    Field("created", "Created", "datetime", clauses=("created", "createdDate")),
    Field("priority", "Priority", "priority", clauses=("priority",)),
    Field("labels", "Labels", "array", "string", clauses=("labels",)),
    Field("assignee", "Assignee", "user", clauses=("assignee",)),
    Field("updated", "Updated", "datetime", clauses=("updated", "updatedDate")),
    Field("status", "Status", "status", clauses=("status",)),
    Field("statusCategory", "Status Category", "statusCategory", clauses=("statusCategory",)),
    Field("description", "Description", "string", clauses=("description",)),
    Field("summary", "Summary", "string", clauses=("summary",)),
    Field("creator", "Creator", "user", clauses=("creator",)),
    Field("subtasks", "Sub-tasks", "array", "issuelinks", clauses=("subtasks",)),
    Field("reporter", "Reporter", "user", clauses=("reporter",)),
    Field("environment", "Environment", "string", clauses=("environment",)),
    Field("duedate", "Due date", "date", clauses=("due", "duedate")),
    Field("comment", "Comment", "comments-page", clauses=("comment",), navigable=False),
    Field("issuelinks", "Linked Issues", "array", "issuelinks", clauses=("issueLink",)),
    Field("timespent", "Time Spent", "number", clauses=("timespent",), orderable=False),
    Field(
        "timeestimate", "Remaining Estimate", "number", clauses=("remainingEstimate", "timeestimate"), orderable=False
    ),
    Field(
        "timeoriginalestimate",
        "Original estimate",
        "number",
        clauses=("originalEstimate", "timeoriginalestimate"),
        orderable=False,
    ),
    Field("aggregatetimespent", "Σ Time Spent", "number", orderable=False),
    Field("aggregatetimeestimate", "Σ Remaining Estimate", "number", orderable=False),
    Field("aggregatetimeoriginalestimate", "Σ Original Estimate", "number", orderable=False),
    Field("workratio", "Work Ratio", "number", clauses=("workratio",), orderable=False),
    Field("progress", "Progress", "progress", clauses=("progress",), orderable=False),
    Field("aggregateprogress", "Σ Progress", "progress", orderable=False),
    Field("timetracking", "Time tracking", "timetracking", navigable=False),
    Field("worklog", "Log Work", "array", "worklog", navigable=False),
    Field("attachment", "Attachment", "array", "attachment", clauses=("attachments",)),
    Field("components", "Components", "array", "component", clauses=("component",)),
    Field("fixVersions", "Fix versions", "array", "version", clauses=("fixVersion",)),
    Field("versions", "Affects versions", "array", "version", clauses=("affectedVersion",)),
    Field("security", "Security Level", "securitylevel", clauses=("level",)),
    Field("votes", "Votes", "votes", clauses=("votes",), orderable=False),
    Field("watches", "Watchers", "watches", clauses=("watchers",), orderable=False),
)

CLOUD_FIELDS = {"statuscategorychangedate", "statusCategory"}  # [jira 5.2]

SECRETS = {CLOUD: ("admin-token", "viewer-token"), DATA_CENTER: ("admin", "viewer")}


def fresh_state(clock: Clock, flavour: str = CLOUD) -> State:
    """A site with the projects TEST and SEC, an admin, a viewer, and no issues.

    Data Center has a third one, OPS, which follows the classic workflow.
    """
    state = State(
        flavour=flavour,
        categories={each.id: each for each in CATEGORIES},
        statuses={each.id: each for each in STATUSES},
        types={each.id: each for each in TYPES},
        priorities={each.id: each for each in PRIORITIES},
        resolutions={each.id: each for each in RESOLUTIONS},
        fields={each.id: each for each in FIELDS if flavour == CLOUD or each.id not in CLOUD_FIELDS},
        screens={each.id: each for each in SCREENS},
        defaults={"priority": MEDIUM},
    )
    site = Site(state, clock)
    for name, inward, outward in LINK_TYPES:
        add_link_type(site, name, inward, outward)
    add_stock_access(site)
    of_admin, of_viewer = SECRETS[flavour]
    admin = add_user(site, "admin@example.com", "Ada Admin", of_admin, role="admin")
    add_user(site, "viewer@example.com", "Vic Viewer", of_viewer, role="viewer")
    for key, name in (("TEST", "Test"), ("SEC", "Security")):
        add_project(site, key, name, lead=admin.account_id)
    if flavour == DATA_CENTER:
        add_project(site, "OPS", "Operations", lead=admin.account_id, workflow=CLASSIC)
    return state


def add_project(
    site: Site, key: str, name: str, *, lead: str, workflow: Workflow = SIMPLIFIED, **values: Any
) -> Project:
    """A company-managed project, open to every user as far as their role goes.

    `values` are further fields of the record.
    """
    install(site, workflow)
    project = Project(site.state.next_id("project"), key, name, lead, workflow, tuple(site.state.types), **values)
    site.state.projects[project.id] = project
    site.state.project_keys[key] = project.id
    return open_project(site, project)
