"""Issues in bulk: many made at once, and on Cloud many read at once [jira 5.4, 5.6]."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import CLOUD
from fake_jira.flavours.cloud import NO_ISSUE
from fake_jira.model.records import Issue
from fake_jira.rest.issue_view import View, chosen_fields, rendered
from fake_jira.rest.issues import created, moved_on, reference
from fake_jira.rest.scene import scene, site, user, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter

bulk_issues = chapter("bulk_issues")
cloud_bulk_issues = chapter("cloud_bulk_issues", CLOUD)
BULK_CREATE = 50
BULK_FETCH = 100
CHANGES_IN_BULK = 40  # entries of the changelog that a bulk fetch expands to


@bulk_issues.post("/issue/bulk")
def create_issues() -> Response:
    """Bulk create: what can be made is made, and the rest is listed; 400 only if nothing could be."""
    here, updates = scene(), body().get("issueUpdates")
    if not isinstance(updates, list) or not all(isinstance(each, dict) for each in updates) or not updates:
        raise Invalid(BAD_PAYLOAD)
    if len(updates) > BULK_CREATE:
        raise Invalid(f"At most {BULK_CREATE} issues can be created at once.")
    made: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for number_, each in enumerate(updates):
        try:
            issue = created(here.version, each)
            made.append(reference(here, issue) | moved_on(issue, each))
        except (Invalid, Forbidden) as error:
            fields = dict(error.fields) if isinstance(error, Invalid) else {}
            elements = {"errorMessages": list(error.args), "errors": fields}
            failed.append({"status": 400, "elementErrors": elements, "failedElementNumber": number_})
    return answer({"issues": made, "errors": failed}, 201 if made else 400)


@cloud_bulk_issues.post("/issue/bulkfetch")
def bulk_fetch_issues() -> Response:
    """Bulk fetch: ascending by id, each issue once, and what cannot be seen is not mentioned [jira 5.6]."""
    here, given = scene(), body()
    wanted = given.get("issueIdsOrKeys")
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(wanted) <= BULK_FETCH:
        raise Invalid(f"The number of issues to fetch must be between 1 and {BULK_FETCH}.")
    view = View(
        here,
        chosen_fields(here, strings(given, "fields"), "*navigable"),
        frozenset(strings(given, "expand") or ()),
        tuple(strings(given, "properties") or ()),
        changes=CHANGES_IN_BULK,
    )
    given.get("fieldsByKeys")
    found: dict[int, Issue] = {}
    errors: list[dict[str, str]] = []
    for each in wanted:
        issue = site().state.issue(each)
        if issue is not None and world().state.sees(user(), issue):
            found[int(issue.id)] = issue
        elif world().settings.bulkfetch_errors:
            errors.append({"id": each, "errorMessage": NO_ISSUE})
    shown = rendered(view, [found[each] for each in sorted(found)])
    return answer({"expand": "names,schema", "issues": shown, "issueErrors": errors})


def strings(given: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of strings in a body; None if absent."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return value
