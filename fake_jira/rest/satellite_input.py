"""What the `fields` and `update` of an issue say about time, work and links; joined to `issue_input` when imported."""

from typing import Any

from fake_jira.errors import Invalid, NotThere
from fake_jira.model import links as link_verbs
from fake_jira.model import worklogs as worklog_verbs
from fake_jira.model.durations import read_duration
from fake_jira.model.records import Issue
from fake_jira.rest.issue_input import NO_OPERATION, OFF_SCREEN, OPERATORS, SETTERS, Input
from fake_jira.rest.limits import within
from fake_jira.rest.scene import may_on, site, user
from fake_jira.rest.worklog_input import MOST, adjusting, work_in

ESTIMATES = {"originalEstimate": "original_estimate", "remainingEstimate": "remaining_estimate"}
BAD_ESTIMATE = "The {} estimate specified is not valid."
NO_LINK = "The issue link is not valid: it needs a type and an inwardIssue or an outwardIssue that can be seen."


def _set_estimates(given: Input, value: Any) -> None:
    """`timetracking`: what is named is set. The first estimate is what remains, unless that is said too."""
    if not isinstance(value, dict):
        raise Invalid("Expected Object containing 'originalEstimate' or 'remainingEstimate'.")
    for name, attribute in ESTIMATES.items():
        if name in value:
            given.values[attribute] = _estimate(name, value[name])
    remains = given.before.remaining_estimate if given.before else None
    if "remaining_estimate" not in given.values and "original_estimate" in given.values and remains is None:
        given.values["remaining_estimate"] = given.values["original_estimate"]


def _estimate(name: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    seconds = read_duration(value) if isinstance(value, str) else value * 60 if type(value) is int else None
    if seconds is None or not 0 <= seconds <= MOST:
        which = name.removesuffix("Estimate")
        raise Invalid(fields={f"timetracking_{name.lower()}": BAD_ESTIMATE.format(which)})
    return seconds


def _operate_on_estimates(given: Input, verb: str, value: Any) -> None:
    if verb not in ("set", "edit"):
        raise Invalid(fields={"timetracking": NO_OPERATION.format(verb)})
    given.set("timetracking", value)


def _operate_on_worklogs(given: Input, verb: str, value: Any) -> None:
    """`worklog`: add one, once the issue has its new values."""
    if verb != "add" or not isinstance(value, dict):
        raise Invalid(fields={"worklog": NO_OPERATION.format(verb)})
    how, new = str(value.get("adjustEstimate") or "auto"), str(value.get("newEstimate") or "")
    adjust = adjusting(how, new, "reduceBy", str(value.get("reduceBy") or ""))
    work = work_in(value, given.project.id)

    def log(issue: Issue) -> None:
        within("worklogs", len(issue.worklogs))
        worklog_verbs.add_worklog(site(), issue, user(), work, adjust=adjust)

    given.deeds.append(log)


def _operate_on_links(given: Input, verb: str, value: Any) -> None:
    """`issuelinks`: add one, to or from another issue."""
    if verb != "add" or not isinstance(value, dict):
        raise Invalid(fields={"issuelinks": NO_OPERATION.format(verb)})
    if given.before is not None and not may_on("LINK_ISSUES", given.before):
        raise Invalid(fields={"issuelinks": OFF_SCREEN.format("issuelinks")})
    end = "outwardIssue" if value.get("outwardIssue") else "inwardIssue"
    named, wanted = value.get(end), value.get("type")
    kind = (wanted.get("id") or wanted.get("name")) if isinstance(wanted, dict) else None
    other_id = (named.get("id") or named.get("key")) if isinstance(named, dict) else None
    other = site().state.issue(str(other_id)) if other_id else None
    try:
        link_type = link_verbs.link_type_named(site().state, str(kind))
    except NotThere as error:
        raise Invalid(fields={"issuelinks": str(error)}) from error
    if other is None or not site().state.sees(user(), other):
        raise Invalid(fields={"issuelinks": NO_LINK})
    if other == given.before:
        raise Invalid(fields={"issuelinks": "You cannot link an issue to itself."})
    other_issue = other.id

    def join(issue: Issue) -> None:
        far = site().issue(other_issue)
        for each in (issue, far):
            within("links", len(each.links))
        source, target = (issue, far) if end == "outwardIssue" else (far, issue)
        link_verbs.link(site(), user(), link_type, source, target)

    given.deeds.append(join)


SETTERS["timetracking"] = _set_estimates
OPERATORS["timetracking"] = _operate_on_estimates
OPERATORS["worklog"] = _operate_on_worklogs
OPERATORS["issuelinks"] = _operate_on_links
