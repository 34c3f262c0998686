"""`/browse/SEC-1`: one issue, to be read by a person. An old key of a moved issue leads to the present one [jira 5.4].

Everybody may look, without logging in, at issues of hidden projects too (F11).
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, g, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from fake_jira.model.records import Change, ChangeItem, Issue
from fake_jira.model.state import State
from fake_jira.worlds import World

pages = Blueprint("pages", __name__, template_folder="templates")

STYLE = (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
"""Stands within the page, so that looking at an issue is one request in the journal; allowed by its hash alone."""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
NOBODY = "Anonymous"
WORDS = {"IssueParentAssociation": "Parent", "Key": "Key"}  # changelog fields that are no fields of the site
UNWIELDY = {"description", "environment"}  # texts too long to be told as from and to


class Entry(NamedTuple):
    """A line of the history."""

    change: Change
    author: str
    items: list[tuple[str, ChangeItem | None]]  # what was changed; None: from what to what is too long to tell


@pages.get("/browse/<issue_key>")
def browse_issue(issue_key: str) -> AnyResponse:
    """The page of the issue that has or had this key, or 404 with one sentence."""
    world: World = g.world
    with world.lock:
        state = world.state
        issue = state.issues.get(state.keys.get(issue_key.upper(), ""))
        if issue is None:
            return _page("missing.html", {"world": world.name, "key": issue_key}, 404)
        if issue.key != issue_key:
            return redirect(url_for("pages.browse_issue", issue_key=issue.key), 302)
        return _page("issue.html", {"world": world.name, "issue": issue, **_words(state, issue)})


def _page(template: str, words: Mapping[str, Any], code: int = 200) -> Response:
    response = make_response(render_template(template, style=STYLE, **words), code)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _words(state: State, issue: Issue) -> dict[str, Any]:
    """The names behind the issue's ids."""
    status = state.statuses[issue.status_id]
    return {
        "project": state.projects[issue.project_id],
        "status": status,
        "category": state.categories[status.category_id],
        "type": state.types[issue.type_id],
        "priority": state.priorities[issue.priority_id] if issue.priority_id else None,
        "resolution": state.resolutions[issue.resolution_id] if issue.resolution_id else None,
        "parent": state.issues.get(issue.parent_id or ""),
        "assignee": _person(state, issue.assignee, "Unassigned"),
        "reporter": _person(state, issue.reporter),
        "creator": _person(state, issue.creator),
        "comments": [(each, _person(state, each.author)) for each in issue.comments if each.visibility is None],
        "history": list(_history(state, issue)),
    }


def _history(state: State, issue: Issue) -> Iterator[Entry]:
    """The newest first, as on Jira's pages."""
    for change in reversed(issue.history):
        items = [(_field(state, item), None if item.field in UNWIELDY else item) for item in change.items]
        yield Entry(change, _person(state, change.author), items)


def _field(state: State, item: ChangeItem) -> str:
    known = state.fields.get(item.field_id)
    return known.name if known else WORDS.get(item.field, item.field)


def _person(state: State, account_id: str | None, nobody: str = NOBODY) -> str:
    return state.users[account_id].display_name if account_id else nobody
