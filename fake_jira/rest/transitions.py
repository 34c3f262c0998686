"""Transitions of an issue [jira 5.5]."""

from typing import Any

from flask import Response

from fake_jira.errors import Invalid
from fake_jira.model.comments import add_comment
from fake_jira.model.issues import available_transitions, transition_issue
from fake_jira.rest import shapes
from fake_jira.rest.issue_input import Input
from fake_jira.rest.scene import may, scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, listed, text

transitions = chapter("transitions")


@transitions.get("/issue/<issue_id_or_key>/transitions")
def get_transitions(issue_id_or_key: str) -> Response:
    """Get transitions. An empty list, not an error, for who may not take any."""
    here, wanted = scene(), text("transitionId")
    flag("skipRemoteOnlyCondition"), flag("includeUnavailableTransitions"), flag("sortByOpsBarAndStatus")
    issue = visible_issue(issue_id_or_key)
    offered = available_transitions(site().state, issue) if may("TRANSITION_ISSUES", issue.project_id) else []
    shown = [shapes.transition(here, each) for each in offered if not wanted or each.id == wanted]
    if "transitions.fields" in (listed("expand") or ()):
        shown = [each | {"fields": {}} for each in shown]
    return answer({"expand": "transitions", "transitions": shown})


@transitions.post("/issue/<issue_id_or_key>/transitions")
def do_transition(issue_id_or_key: str) -> Response:
    """Transition issue. No transition of the simplified workflow has a screen, so only a comment can go along."""
    given, here = body(), scene()
    issue = visible_issue(issue_id_or_key)
    transition_id = _asked(given.get("transition"))
    offered = available_transitions(site().state, issue) if may("TRANSITION_ISSUES", issue.project_id) else []
    chosen = next((each for each in offered if each.id == transition_id), None)
    if chosen is None:
        raise Invalid(f"Transition id '{transition_id}' is not valid for this issue.")
    fields, update = given.get("fields") or {}, given.get("update") or {}
    if not isinstance(fields, dict) or not isinstance(update, dict):
        raise Invalid(BAD_PAYLOAD)
    off_screen = [name for name in (*fields, *update) if name != "comment"]
    if off_screen:
        sentence = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
        raise Invalid(fields={name: sentence.format(name) for name in off_screen})
    wanted = Input(here.version, site().state.projects[issue.project_id]).read({}, update, issue)
    moved = transition_issue(site(), issue, user(), chosen)
    for comment in wanted.comments:
        add_comment(site(), moved, user(), comment)
        moved = site().issue(issue.id)
    return done()


def _asked(transition: Any) -> str:
    """The id; a number does as well as a string of digits."""
    chosen = transition.get("id") if isinstance(transition, dict) else None
    if chosen is None or isinstance(chosen, bool | dict | list):
        raise Invalid("Missing 'transition' identifier")
    return str(chosen)
