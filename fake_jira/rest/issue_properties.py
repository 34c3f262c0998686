"""Properties of issues: one at a time, and in bulk as tasks that are asked about later [Atlassian's documents]."""

from collections.abc import Iterable
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid, NotImitated
from fake_jira.flavours import CLOUD
from fake_jira.model.issue_properties import set_properties
from fake_jira.model.records import Issue
from fake_jira.model.tasks import add_task
from fake_jira.rest import properties
from fake_jira.rest.scene import may_on, scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, signed_in

issue_properties = chapter("issue_properties")
cloud_issue_properties = chapter("cloud_issue_properties", CLOUD)
MOST_KEYS = 10
MOST_LISTED = 10_000
MOST_BY_ISSUE = 100
ANY = object()  # whatever value a property has


@issue_properties.get("/issue/<issue_id_or_key>/properties")
def get_issue_property_keys(issue_id_or_key: str) -> Response:
    """Get issue property keys."""
    issue = visible_issue(issue_id_or_key)
    return answer(properties.listing(f"{scene().api}/issue/{issue.key}/properties", issue.properties))


@issue_properties.get("/issue/<issue_id_or_key>/properties/<property_key>")
def get_issue_property(issue_id_or_key: str, property_key: str) -> Response:
    """Get issue property."""
    return answer(properties.one(visible_issue(issue_id_or_key).properties, property_key))


@issue_properties.put("/issue/<issue_id_or_key>/properties/<property_key>")
def set_issue_property(issue_id_or_key: str, property_key: str) -> Response:
    """Set issue property: 201 for a new one, 200 for another value."""
    value = properties.written(property_key)
    issue = _editable(issue_id_or_key)
    new = property_key not in dict(issue.properties)
    set_properties(site(), issue, user(), properties.with_one(issue.properties, property_key, value))
    return done(201 if new else 200)


@issue_properties.delete("/issue/<issue_id_or_key>/properties/<property_key>")
def delete_issue_property(issue_id_or_key: str, property_key: str) -> Response:
    """Delete issue property."""
    issue = _editable(issue_id_or_key)
    set_properties(site(), issue, user(), properties.without(issue.properties, property_key))
    return done()


def _editable(id_or_key: str) -> Issue:
    issue = visible_issue(id_or_key)
    if not may_on("EDIT_ISSUES", issue):
        raise Forbidden("You do not have permission to edit this issue.")
    return issue


@cloud_issue_properties.post("/issue/properties")
@signed_in
def bulk_set_issues_properties_list() -> Response:
    """Bulk set issues properties by list: the same properties for all the issues, or for none of them."""
    given = body()
    values = _values(given.get("properties"))
    chosen = [_of_id(each) for each in _ids(given.get("entitiesIds"), MOST_LISTED)]
    for issue in chosen:
        _set(issue, values)
    return _as_task("Bulk set issue properties", len(chosen))


@cloud_issue_properties.post("/issue/properties/multi")
@signed_in
def bulk_set_issue_properties_by_issue() -> Response:
    """Bulk set issue properties by issue: own properties for each. Where it cannot be done, the result says so."""
    wanted = body().get("issues")
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(wanted) <= MOST_BY_ISSUE:
        raise Invalid(f"The number of issues must be between 1 and {MOST_BY_ISSUE}.")
    pairs = [(_ids([each.get("issueID")], 1)[0], _values(each.get("properties"))) for each in wanted]
    errors: dict[str, str] = {}
    for issue_id, values in pairs:
        try:
            _set(_of_id(issue_id), values)
        except Invalid as error:
            errors[issue_id] = str(error)
    return _as_task("Bulk set issue properties by issue", len(pairs) - len(errors), errors)


@cloud_issue_properties.put("/issue/properties/<property_key>")
@signed_in
def bulk_set_issue_property(property_key: str) -> Response:
    """Bulk set issue property: one value for all issues that the filter lets through."""
    given = body()
    if given.get("expression") is not None:
        raise NotImitated("Jira expressions are outside of what this fake Jira imitates, see LIMITS.md.")
    if "value" not in given:
        raise Invalid("Either 'value' or 'expression' is required.")
    chosen = given.get("filter")
    if not isinstance(chosen, dict | None):
        raise Invalid(BAD_PAYLOAD)
    chosen = chosen or {}
    has = chosen.get("hasProperty")
    if not isinstance(has, bool | None):
        raise Invalid(BAD_PAYLOAD)
    current = chosen.get("currentValue", ANY)
    if has is False and current is not ANY:
        raise Invalid("'currentValue' cannot be combined with 'hasProperty' false.")
    value = properties.checked(given["value"])
    issues = list(_eligible(property_key, chosen.get("entityIds"), current, has))
    for issue in issues:
        _set(issue, ((property_key, value),))
    return _as_task("Bulk set issue property", len(issues))


@cloud_issue_properties.delete("/issue/properties/<property_key>")
@signed_in
def bulk_delete_issue_property(property_key: str) -> Response:
    """Bulk delete issue property."""
    given = body()
    issues = list(_eligible(property_key, given.get("entityIds"), given.get("currentValue", ANY), True))
    for issue in issues:
        set_properties(site(), issue, user(), properties.without(issue.properties, property_key))
    return _as_task("Bulk delete issue property", len(issues))


def _eligible(key: str, ids: Any, current: Any, has: bool | None) -> Iterable[Issue]:
    """The issues that the caller may edit and that the filter lets through; ids that lead nowhere are passed over."""
    state, who = site().state, user()
    wanted = None if ids is None else set(_ids(ids, MOST_LISTED))
    value = None if current is ANY else properties.checked(current)
    for issue in list(state.issues.values()):
        held = dict(issue.properties)
        fits = (
            (wanted is None or issue.id in wanted)
            and (has is None or (key in held) is has)
            and (value is None or held.get(key) == value)
        )
        if fits and state.sees(who, issue) and may_on("EDIT_ISSUES", issue):
            yield issue


def _of_id(issue_id: str) -> Issue:
    """An issue that the caller may edit, or Invalid."""
    issue = site().state.issues.get(issue_id)
    if issue is None or not site().state.sees(user(), issue) or not may_on("EDIT_ISSUES", issue):
        raise Invalid(f"The issue with id '{issue_id}' does not exist or you do not have permission to edit it.")
    return issue


def _ids(value: Any, most: int) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, int) and not isinstance(each, bool) for each in value):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(value) <= most:
        raise Invalid(f"The number of issue ids must be between 1 and {most}.")
    return [str(each) for each in dict.fromkeys(value)]


def _values(value: Any) -> properties.Properties:
    if not isinstance(value, dict):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(value) <= MOST_KEYS:
        raise Invalid(f"The number of properties must be between 1 and {MOST_KEYS}.")
    return tuple((key, properties.checked(each)) for key, each in value.items())


def _set(issue: Issue, values: properties.Properties) -> None:
    set_properties(site(), issue, user(), tuple((dict(issue.properties) | dict(values)).items()))


def _as_task(description: str, count: int, errors: dict[str, str] | None = None) -> Response:
    """Where the outcome can be asked for."""
    result = {"updatedIssues": count} | ({"errors": errors} if errors else {})
    task, here = add_task(site(), description, user(), result=result), scene()
    answered = done(303)
    answered.headers["Location"] = f"{here.site}/rest/api/{here.asked}/task/{task.id}"
    return answered
