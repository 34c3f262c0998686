"""Comments of an issue [jira 5.10]."""

from collections.abc import Mapping

from flask import Response

from fake_jira.errors import Forbidden, Invalid, NotImitated
from fake_jira.model import comments as verbs
from fake_jira.model.records import Comment, Issue
from fake_jira.rest import shapes
from fake_jira.rest.issue_input import comment_body
from fake_jira.rest.issue_view import comments_page
from fake_jira.rest.richtext import as_html
from fake_jira.rest.scene import may, scene, site, user, visible_issue
from fake_jira.rest.wire import answer, body, chapter, done, listed, number, text

comments = chapter("comments")
PER_PAGE = 100
MOST = 5000


@comments.get("/issue/<issue_id_or_key>/comment")
def get_comments(issue_id_or_key: str) -> Response:
    """Get comments, the oldest first unless ordered by -created."""
    start, size = max(0, number("startAt", 0)), min(max(0, number("maxResults", PER_PAGE)), MOST)
    order, here = text("orderBy"), scene()
    if order not in ("", "created", "+created", " created", "-created"):  # a bare plus in a query is a blank
        raise Invalid("orderBy must be one of: created, -created, +created")
    issue = visible_issue(issue_id_or_key)
    found = list(reversed(issue.comments)) if order == "-created" else list(issue.comments)
    shown = comments_page(here, issue, found, start, size)
    if "renderedBody" in (listed("expand") or ()):
        bodies = [as_html(each.body) for each in found[start : start + size]]
        shown["comments"] = [
            each | {"renderedBody": html} for each, html in zip(shown["comments"], bodies, strict=True)
        ]
    return answer(shown)


@comments.get("/issue/<issue_id_or_key>/comment/<comment_id>")
def get_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Get comment."""
    issue = visible_issue(issue_id_or_key)
    return _shown(issue, verbs.find_comment(issue, comment_id))


@comments.post("/issue/<issue_id_or_key>/comment")
def add_comment(issue_id_or_key: str) -> Response:
    """Add comment."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    if not may("ADD_COMMENTS", issue.project_id):
        raise Forbidden("You do not have the permission to comment on this issue.")
    _refuse_restrictions(given)
    added = verbs.add_comment(site(), issue, user(), comment_body(scene().version, given))
    return _shown(issue, added, 201, located=True)


@comments.put("/issue/<issue_id_or_key>/comment/<comment_id>")
def update_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Update comment: one's own, or everybody's with the permission for that."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    comment = verbs.find_comment(issue, comment_id)
    _require(issue, comment, "EDIT", "edit")
    _refuse_restrictions(given)
    edited = verbs.edit_comment(site(), issue, user(), comment, comment_body(scene().version, given))
    return _shown(issue, edited, located=True)


@comments.delete("/issue/<issue_id_or_key>/comment/<comment_id>")
def delete_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Delete comment."""
    issue = visible_issue(issue_id_or_key)
    comment = verbs.find_comment(issue, comment_id)
    _require(issue, comment, "DELETE", "delete")
    verbs.delete_comment(site(), issue, comment)
    return done()


def _require(issue: Issue, comment: Comment, verb: str, deed: str) -> None:
    who = user()
    own = who is not None and who.account_id == comment.author and may(f"{verb}_OWN_COMMENTS", issue.project_id)
    if not own and not may(f"{verb}_ALL_COMMENTS", issue.project_id):
        raise Forbidden(f"You do not have the permission to {deed} this comment.")


def _refuse_restrictions(given: Mapping[str, object]) -> None:
    if given.get("visibility"):
        raise NotImitated(
            "Comments restricted to a role or group are outside of what this fake imitates, see LIMITS.md."
        )


def _shown(issue: Issue, comment: Comment, status: int = 200, *, located: bool = False) -> Response:
    """One comment; the address of a written one is that of the issue's id even when its key was used."""
    shown = shapes.comment(scene(), issue.id, comment)
    return answer(shown, status, **({"Location": shown["self"]} if located else {}))
