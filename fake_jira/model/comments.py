"""What can be done to the comments of an issue. Each verb makes a new version of the issue [jira 5.10]."""

from dataclasses import replace

from fake_jira.errors import NotThere
from fake_jira.model.records import Comment, Issue, RichText, User
from fake_jira.model.state import Site


def add_comment(site: Site, issue: Issue, actor: User | None, body: RichText) -> Comment:
    """A comment at the end."""
    at, author = site.now(), actor.account_id if actor else None
    comment = Comment(site.state.next_id("comment"), author, body, at, at, author)
    site.put(replace(issue, updated=at, comments=(*issue.comments, comment)))
    return comment


def find_comment(issue: Issue, comment_id: str) -> Comment:
    """The comment, or NotThere."""
    for comment in issue.comments:
        if comment.id == comment_id:
            return comment
    raise NotThere(f"Can not find a comment for the id: {comment_id}.")


def edit_comment(site: Site, issue: Issue, actor: User | None, comment: Comment, body: RichText) -> Comment:
    """Another body for the comment."""
    at = site.now()
    edited = replace(comment, body=body, updated=at, update_author=actor.account_id if actor else None)
    comments = tuple(edited if each.id == comment.id else each for each in issue.comments)
    site.put(replace(issue, updated=at, comments=comments))
    return edited


def delete_comment(site: Site, issue: Issue, comment: Comment) -> None:
    """Without the comment."""
    comments = tuple(each for each in issue.comments if each.id != comment.id)
    site.put(replace(issue, updated=site.now(), comments=comments))
