"""What can be done to the comments of an issue. Each verb makes a new version of the issue [jira 5.10]."""

from dataclasses import replace

from fake_jira.errors import NotThere
from fake_jira.model.records import Comment, Issue, RichText, User, Visibility
from fake_jira.model.satellites import id_of, swapped, without
from fake_jira.model.state import Site

Properties = tuple[tuple[str, bytes], ...]
CREATED = ("comment_created", "issue_commented")  # the event, and what the issue's own event is called
UPDATED = ("comment_updated", "issue_comment_edited")
DELETED = ("comment_deleted", "issue_comment_deleted")


def add_comment(
    site: Site,
    issue: Issue,
    actor: User | None,
    body: RichText,
    *,
    visibility: Visibility | None = None,
    properties: Properties = (),
) -> Comment:
    """A comment at the end. Whoever comments watches the issue from then on, as Jira has it by default."""
    at, author = site.now(), id_of(actor)
    comment = Comment(site.state.next_id("comment"), author, body, at, at, author, visibility, properties)
    watchers = issue.watchers if author is None or author in issue.watchers else (*issue.watchers, author)
    now = site.put(replace(issue, updated=at, comments=(*issue.comments, comment), watchers=watchers))
    _tell(site, actor, now, comment, CREATED)
    return comment


def find_comment(issue: Issue, comment_id: str) -> Comment:
    """The comment, or NotThere."""
    for comment in issue.comments:
        if comment.id == comment_id:
            return comment
    raise NotThere(f"Can not find a comment for the id: {comment_id}.")


def edit_comment(
    site: Site,
    issue: Issue,
    actor: User | None,
    comment: Comment,
    body: RichText,
    *,
    visibility: Visibility | None = None,
    properties: Properties | None = None,
) -> Comment:
    """Another body and visibility for the comment; None leaves its properties as they are."""
    at = site.now()
    kept = comment.properties if properties is None else properties
    edited = replace(comment, body=body, updated=at, update_author=id_of(actor), visibility=visibility, properties=kept)
    now = site.put(replace(issue, updated=at, comments=swapped(issue.comments, edited)))
    _tell(site, actor, now, edited, UPDATED)
    return edited


def delete_comment(site: Site, issue: Issue, comment: Comment, actor: User | None = None) -> None:
    """Without the comment."""
    now = site.put(replace(issue, updated=site.now(), comments=without(issue.comments, {comment.id})))
    _tell(site, actor, now, comment, DELETED)


def set_comment_properties(site: Site, issue: Issue, comment: Comment, properties: Properties) -> None:
    """Other properties; that is no edit of the comment, nor of the issue."""
    site.put(replace(issue, comments=swapped(issue.comments, replace(comment, properties=properties))))


def pin_comment(site: Site, issue: Issue, actor: User | None, comment: Comment, *, pinned: bool) -> None:
    """Pin the comment to the top of the list, or take it down again; the first pin counts."""
    if pinned == (comment.pinned_at is not None):
        return
    who, at = (id_of(actor), site.now()) if pinned else (None, None)
    site.put(replace(issue, comments=swapped(issue.comments, replace(comment, pinned_by=who, pinned_at=at))))


def _tell(site: Site, actor: User | None, issue: Issue, comment: Comment, event: tuple[str, str]) -> None:
    kind, type_name = event
    site.tell(kind, actor, issue, comment=comment)
    site.tell("jira:issue_updated", actor, issue, type_name=type_name, comment=comment)
