"""Archiving of issues: out of every search, readable, not to be changed; for admins [jira 5.7].

Cloud archives lists of issues and what a query finds, Data Center one issue or a list.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, request

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import CLOUD, DATA_CENTER
from fake_jira.jql import find, parse
from fake_jira.model.issues import archive_issue as archive
from fake_jira.model.issues import subtasks_of
from fake_jira.model.issues import unarchive_issue as unarchive
from fake_jira.model.records import Issue
from fake_jira.model.tasks import add_task
from fake_jira.rest.asking import for_admins, strings
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import asker, may, scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, signed_in, takes

cloud_archiving = chapter("cloud_archiving", CLOUD)
data_center_archiving = chapter("data_center_archiving", DATA_CENTER)
MOST = 1000
NOT_FOUND, SUBTASK, OF_ARCHIVED = "issuesNotFound", "issueIsSubtask", "issuesInArchivedProjects"
SENTENCES = {
    NOT_FOUND: "Issues not found. Check the IDs or keys and try again.",
    SUBTASK: "Subtasks cannot be archived or unarchived on their own.",
    OF_ARCHIVED: "The issues belong to archived projects.",
}


@cloud_archiving.put("/issue/archive")
@for_admins
def archive_issues() -> Response:
    """Archive issues by id or key: what can be is archived, the rest is told by its reason."""
    return _each(lambda issue: issue.archived_at is None, lambda issue: archive(site(), issue, user()))


@cloud_archiving.put("/issue/unarchive")
@for_admins
def unarchive_issues() -> Response:
    """Unarchive issues by id or key."""
    return _each(lambda issue: issue.archived_at is not None, lambda issue: unarchive(site(), issue))


def _each(wanted: Callable[[Issue], bool], deed: Callable[[Issue], None]) -> Response:
    """Do the deed to the issues that the body names; Invalid if it can be done to none."""
    named = strings(body(), "issueIdsOrKeys")
    if not named:
        raise Invalid(BAD_PAYLOAD)
    if len(named) > MOST:
        raise Invalid(f"At most {MOST} issues can be archived or unarchived at once.")
    faults: dict[str, list[str]] = {}
    done_to: dict[str, Issue] = {}
    for each in named:
        issue = site().state.issue(each)
        fault = _fault(issue)
        if fault is not None or issue is None:
            faults.setdefault(fault or NOT_FOUND, []).append(each)
        else:
            done_to[issue.id] = issue
    if not done_to:
        raise Invalid(*(SENTENCES[fault] for fault in faults))
    changed = [issue for issue in done_to.values() if wanted(issue)]
    number = sum(1 + len(subtasks_of(site().state, issue)) for issue in changed)
    for issue in changed:
        deed(issue)
    errors = {
        fault: {"count": len(ids), "issueIdsOrKeys": ids, "message": SENTENCES[fault]} for fault, ids in faults.items()
    }
    return answer({"numberOfIssuesUpdated": number, "errors": errors})


def _fault(issue: Issue | None) -> str | None:
    """Why an issue cannot be archived or taken back; None if it can be."""
    state = site().state
    if issue is None or not state.sees(user(), issue):
        return NOT_FOUND
    if state.types[issue.type_id].subtask:
        return SUBTASK
    return OF_ARCHIVED if state.projects[issue.project_id].archived_at is not None else None


@cloud_archiving.post("/issue/archive")
@for_admins
def archive_issues_async() -> Response:
    """Archive issues by JQL; the answer is the address of a task that tells when it is done."""
    here, query = scene(), text_in(body(), "jql") or ""
    found = [each for each in find(parse(query), asker()) if _fault(each) is None]
    for issue in found:
        archive(site(), site().issue(issue.id), user())
    task = add_task(site(), "Archive issues", user(), result={"numberOfIssuesUpdated": len(found)})
    return answer(f"{here.site}/rest/api/{here.asked}/task/{task.id}", 202)


def _one(issue_id_or_key: str, *, archived: bool) -> Issue:
    """The issue, for who administers its project, in the state that the deed needs."""
    issue = visible_issue(issue_id_or_key)
    who = user()
    if not (who and who.admin) and not may("ADMINISTER_PROJECTS", issue.project_id):
        raise Forbidden("You do not have permission to archive or restore issues in this project.")
    fault = _fault(issue)
    if fault is not None:
        raise Forbidden(SENTENCES[fault])
    if (issue.archived_at is not None) != archived:
        raise Forbidden(f"The issue {issue.key} is {'not archived' if archived else 'archived already'}.")
    return issue


@data_center_archiving.put("/issue/<issue_id_or_key>/archive")
@signed_in
@takes(None)
def archive_issue(issue_id_or_key: str) -> Response:
    """Archive issue."""
    archive(site(), _one(issue_id_or_key, archived=False), user())
    return done()


@data_center_archiving.put("/issue/<issue_id_or_key>/restore")
@signed_in
@takes(None)
def restore_issue(issue_id_or_key: str) -> Response:
    """Restore archived issue."""
    unarchive(site(), _one(issue_id_or_key, archived=True))
    return done()


@data_center_archiving.post("/issue/archive", endpoint="archive_issues")
@signed_in
@takes(None)
def archive_listed_issues() -> Response:
    """Archive the issues whose keys stand one to a line; the answer has a line for each."""
    who = user()
    if not (who and who.admin):
        raise Forbidden("You do not have permission to archive issues.")
    lines = [_told(each) for each in _lines(request.get_data(as_text=True))]
    return Response("".join(lines), 200, content_type="text/plain;charset=UTF-8")


def _lines(text: str) -> Sequence[str]:
    return [each.strip() for each in text.replace(",", "\n").splitlines() if each.strip()]


def _told(key: str) -> str:
    issue = site().state.issue(key)
    fault: Any = _fault(issue)
    if fault is not None or issue is None:
        return f"{key}: {SENTENCES[fault]}\n"
    archive(site(), issue, user())
    return f"{issue.key}: archived\n"
