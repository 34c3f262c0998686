"""Comments of an issue and their properties [jira 5.10]. Who may not see one is told that it is not there."""

from typing import Any

from flask import Response, request

from fake_jira.errors import Forbidden, Invalid, NotThere
from fake_jira.flavours import CLOUD, DATA_CENTER
from fake_jira.model import comments as verbs
from fake_jira.model.records import Comment, Issue
from fake_jira.model.satellites import located
from fake_jira.rest import properties, shapes
from fake_jira.rest.issue_input import comment_body
from fake_jira.rest.issue_view import comments_page
from fake_jira.rest.limits import within
from fake_jira.rest.richtext import as_html
from fake_jira.rest.scene import flavour, may_on, scene, site, user, visible_issue
from fake_jira.rest.visibility import is_seen, seen, visibility_in
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, done, flag, listed, number, page, text

comments = chapter("comments")
cloud_comments = chapter("cloud_comments", CLOUD)
data_center_comments = chapter("data_center_comments", DATA_CENTER)
MOST = 5000
MOST_IDS = 1000


@comments.get("/issue/<issue_id_or_key>/comment")
def get_comments(issue_id_or_key: str) -> Response:
    """Get comments, the oldest first unless ordered by -created."""
    start = max(0, number("startAt", 0))
    asked = number("maxResults", flavour().comments_per_page)
    order = text("orderBy")
    if order not in ("", "created", "+created", " created", "-created"):  # a bare plus in a query is a blank
        raise Invalid("orderBy must be one of: created, -created, +created")
    issue = visible_issue(issue_id_or_key)
    found = list(seen(issue.comments, issue))
    if order == "-created":
        found.reverse()
    size = min(max(0, asked), MOST)
    shown = comments_page(scene(), issue, found, start, size)
    shown["comments"] = [
        each | _expanded(comment) for each, comment in zip(shown["comments"], found[start : start + size], strict=True)
    ]
    return answer(shown)


@comments.get("/issue/<issue_id_or_key>/comment/<comment_id>")
def get_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Get comment."""
    issue = visible_issue(issue_id_or_key)
    return _shown(issue, _find(issue, comment_id))


@comments.post("/issue/<issue_id_or_key>/comment")
def add_comment(issue_id_or_key: str) -> Response:
    """Add comment."""
    given = body()
    issue = visible_issue(issue_id_or_key)
    if not may_on("ADD_COMMENTS", issue):
        raise Forbidden("You do not have the permission to comment on this issue.")
    within("comments", len(issue.comments))
    written = comment_body(scene().version, given)
    restricted = visibility_in(given.get("visibility"), issue.project_id)
    beside = properties.beside(given.get("properties"))
    added = verbs.add_comment(site(), issue, user(), written, visibility=restricted, properties=beside)
    return _shown(issue, added, 201, addressed=True)


@comments.put("/issue/<issue_id_or_key>/comment/<comment_id>")
def update_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Update comment: one's own, or everybody's with the permission for that."""
    given = body()
    flag("notifyUsers", default=True)
    issue = visible_issue(issue_id_or_key)
    comment = _find(issue, comment_id)
    _require(issue, comment, "EDIT", "edit")
    written = comment_body(scene().version, given)
    restricted = visibility_in(given.get("visibility"), issue.project_id)
    beside = properties.beside(given["properties"]) if "properties" in given else None
    edited = verbs.edit_comment(site(), issue, user(), comment, written, visibility=restricted, properties=beside)
    return _shown(issue, edited, addressed=True)


@comments.delete("/issue/<issue_id_or_key>/comment/<comment_id>")
def delete_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Delete comment."""
    issue = visible_issue(issue_id_or_key)
    comment = _find(issue, comment_id)
    _require(issue, comment, "DELETE", "delete")
    verbs.delete_comment(site(), issue, comment, user())
    return done()


@cloud_comments.post("/comment/list")
def get_comments_by_ids() -> Response:
    """Get comments by IDs: those that the caller sees, in the order of their ids; the others are not mentioned."""
    ids = body().get("ids")
    if not isinstance(ids, list) or not all(isinstance(each, int) for each in ids):
        raise Invalid(BAD_PAYLOAD)
    if not 1 <= len(ids) <= MOST_IDS:
        raise Invalid(f"The number of comment ids must be between 1 and {MOST_IDS}.")
    by_id = located(site().state, "comments", {str(each) for each in ids})
    found = [by_id[each] for each in sorted(by_id, key=int) if _is_open(*by_id[each])]
    here = scene()
    return answer(page(found, lambda pair: shapes.comment(here, pair[0].id, pair[1]) | _expanded(pair[1]), 0, MOST_IDS))


@comments.get("/comment/<comment_id>/properties")
def get_comment_property_keys(comment_id: str) -> Response:
    """Get comment property keys."""
    _, comment = _anywhere(comment_id)
    return answer(properties.listing(f"{scene().api}/comment/{comment.id}/properties", comment.properties))


@comments.get("/comment/<comment_id>/properties/<property_key>")
def get_comment_property(comment_id: str, property_key: str) -> Response:
    """Get comment property."""
    _, comment = _anywhere(comment_id)
    return answer(properties.one(comment.properties, property_key))


@comments.put("/comment/<comment_id>/properties/<property_key>")
def set_comment_property(comment_id: str, property_key: str) -> Response:
    """Set comment property: 201 for a new one, 200 for another value."""
    value = properties.written(property_key)
    issue, comment = _anywhere(comment_id)
    _require(issue, comment, "EDIT", "edit")
    new = property_key not in dict(comment.properties)
    kept = properties.with_one(comment.properties, property_key, value)
    verbs.set_comment_properties(site(), issue, comment, kept)
    return done(201 if new else 200)


@comments.delete("/comment/<comment_id>/properties/<property_key>")
def delete_comment_property(comment_id: str, property_key: str) -> Response:
    """Delete comment property."""
    issue, comment = _anywhere(comment_id)
    _require(issue, comment, "EDIT", "edit")
    verbs.set_comment_properties(site(), issue, comment, properties.without(comment.properties, property_key))
    return done()


@data_center_comments.put("/issue/<issue_id_or_key>/comment/<comment_id>/pin")
def set_pin_comment(issue_id_or_key: str, comment_id: str) -> Response:
    """Set pin comment: the body is a bare true or false. For those who may edit the issue."""
    pinned = request.get_data().strip()
    if pinned not in (b"true", b"false"):
        raise Invalid(BAD_PAYLOAD)
    issue = visible_issue(issue_id_or_key)
    comment = _find(issue, comment_id)
    if not may_on("EDIT_ISSUES", issue):
        raise NotThere(f"Can not find a comment for the id: {comment_id}.")
    verbs.pin_comment(site(), issue, user(), comment, pinned=pinned == b"true")
    return done()


@data_center_comments.get("/issue/<issue_id_or_key>/pinned-comments")
def get_pinned_comments(issue_id_or_key: str) -> Response:
    """Get pinned comments, the latest pin first."""
    issue, here = visible_issue(issue_id_or_key), scene()
    pinned = sorted(
        ((each.pinned_at, each) for each in seen(issue.comments, issue) if each.pinned_at is not None),
        key=lambda pair: (pair[0], int(pair[1].id)),
        reverse=True,
    )
    return answer(
        [
            {
                "comment": shapes.comment(here, issue.id, each),
                "pinnedBy": site().state.users[str(each.pinned_by)].name,
                "pinnedDate": here.stamp(at),
            }
            for at, each in pinned
        ]
    )


def _find(issue: Issue, comment_id: str) -> Comment:
    """The comment, or NotThere for those who may not see it too."""
    comment = verbs.find_comment(issue, comment_id)
    if not is_seen(comment, issue):
        raise NotThere(f"Can not find a comment for the id: {comment_id}.")
    return comment


def _anywhere(comment_id: str) -> tuple[Issue, Comment]:
    """The comment by its id alone, with its issue; NotThere if either is hidden."""
    found = located(site().state, "comments", {comment_id}).get(comment_id)
    if found is None or not _is_open(*found):
        raise NotThere(f"Can not find a comment for the id: {comment_id}.")
    return found


def _is_open(issue: Issue, comment: Comment) -> bool:
    return site().state.sees(user(), issue) and is_seen(comment, issue)


def _require(issue: Issue, comment: Comment, verb: str, deed: str) -> None:
    who = user()
    own = who is not None and who.account_id == comment.author and may_on(f"{verb}_OWN_COMMENTS", issue)
    if not own and not may_on(f"{verb}_ALL_COMMENTS", issue):
        raise Invalid(f"You do not have the permission to {deed} the comment with id: {comment.id}.")


def _expanded(comment: Comment) -> dict[str, Any]:
    """What `expand` adds to a comment."""
    asked = listed("expand") or ()
    more: dict[str, Any] = {"renderedBody": as_html(comment.body)} if "renderedBody" in asked else {}
    return more | ({"properties": properties.all_of(comment.properties)} if "properties" in asked else {})


def _shown(issue: Issue, comment: Comment, status: int = 200, *, addressed: bool = False) -> Response:
    """One comment; the address of a written one is that of the issue's id even when its key was used."""
    shown = shapes.comment(scene(), issue.id, comment) | _expanded(comment)
    return answer(shown, status, **({"Location": shown["self"]} if addressed else {}))
