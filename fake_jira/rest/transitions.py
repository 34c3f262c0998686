"""Transitions of an issue: which ones this caller is offered, and taking one [jira 5.5, 2.7]."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import Scene
from fake_jira.model.issues import edit_issue, transition_issue
from fake_jira.model.records import Issue, Transition
from fake_jira.model.workflows import Offer, missing, offers, workflow_of
from fake_jira.rest import shapes
from fake_jira.rest.createmeta_view import transition_fields
from fake_jira.rest.issue_input import Input, metadata_in, object_in, properties_in
from fake_jira.rest.scene import flavour, may_on, scene, site, user, visible_issue
from fake_jira.rest.wire import answer, body, chapter, done, flag, listed, text

transitions = chapter("transitions")
NAMES = {"resolution_id": "Resolution", "assignee": "Assignee", "due": "Due date"}  # attributes that validators want


@transitions.get("/issue/<issue_id_or_key>/transitions")
def get_transitions(issue_id_or_key: str) -> Response:
    """Get transitions. An empty list, not an error, for who may not take any."""
    here, wanted = scene(), text("transitionId")
    flag("skipRemoteOnlyCondition")
    every, in_order = flag("includeUnavailableTransitions"), flag("sortByOpsBarAndStatus")
    issue = visible_issue(issue_id_or_key)
    offered = [each for each in _offered(issue) if (every or each.available) and wanted in ("", each.transition.id)]
    if in_order:
        offered.sort(key=lambda each: (each.transition.sequence, _category(each)))
    shown = [shapes.transition(here, each.transition, available=each.available) for each in offered]
    if "transitions.fields" in (listed("expand") or ()):
        for offer, bean in zip(offered, shown, strict=True):
            bean["fields"] = transition_fields(here, issue, offer.transition.screen_id)
    return answer({"expand": "transitions", "transitions": shown})


def _offered(issue: Issue) -> list[Offer]:
    if not may_on("TRANSITION_ISSUES", issue):
        return []
    return offers(site().state, issue, user())


def _category(offer: Offer) -> int:
    """Statuses in the order of work: to do, in progress, done."""
    categories = list(site().state.categories)
    return categories.index(site().state.statuses[offer.transition.to_status].category_id)


@transitions.post("/issue/<issue_id_or_key>/transitions")
def do_transition(issue_id_or_key: str) -> Response:
    """Transition issue."""
    given, here = body(), scene()
    take(here, visible_issue(issue_id_or_key), given)
    return done()


def take(here: Scene, issue: Issue, given: Mapping[str, Any]) -> Issue:
    """Take the issue along the transition that a request names, with what it sets on the way."""
    chosen = _chosen(issue, given)
    state = site().state
    project, kind = state.projects[issue.project_id], state.types[issue.type_id]
    screen = transition_fields(here, issue, chosen.screen_id)
    wanted = Input(here.version, project, kind, screen, issue)
    fields, update = object_in(given, "fields"), object_in(given, "update")
    for name in screen.keys() & {"resolution"}:
        if fields.get(name) is None and name not in update and issue.resolution_id is None:
            wanted.errors[name] = f"{screen[name]['name']} is required."
    _only_asked_for(wanted, screen, [*fields, *update])
    wanted.read(fields, update)
    lacking = [f"{NAMES.get(each, each)} is required." for each in missing(issue, chosen, wanted.values)]
    if lacking:
        raise Invalid(*lacking)
    moved = transition_issue(site(), issue, user(), chosen, wanted.values, metadata=metadata_in(given))
    properties = properties_in(given)
    if properties:
        kept = tuple((dict(moved.properties) | properties).items())
        moved = edit_issue(site(), moved, user(), {"properties": kept})
    return wanted.finish(moved)


def _only_asked_for(wanted: Input, screen: Mapping[str, Any], names: list[str]) -> None:
    """On the way nothing is set but what the transition's screen has; a comment can always go along."""
    for name in names:
        if name not in screen and name != "comment":
            wanted.errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


def _chosen(issue: Issue, given: Mapping[str, Any]) -> Transition:
    """The transition that the request names by its id; a number does as well as a string of digits."""
    named = given.get("transition")
    wanted = named.get("id") if isinstance(named, dict) else None
    if wanted is None or isinstance(wanted, bool | dict | list):
        raise Invalid("Missing 'transition' identifier")
    if issue.archived_at is not None:
        raise Forbidden("The issue is archived and cannot be changed.")
    for each in _offered(issue):
        if each.available and each.transition.id == str(wanted):
            return each.transition
    workflow = workflow_of(site().state.projects[issue.project_id], issue.type_id)
    known = next((each for each in workflow.transitions if each.id == str(wanted)), None)
    raise flavour().not_offered(issue, str(wanted), known)
