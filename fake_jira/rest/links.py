"""Links between issues [jira 5.10]. Who may not see one of the two issues does not see the link."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid, NoLinking, NotThere
from fake_jira.model import links as verbs
from fake_jira.model.comments import add_comment
from fake_jira.model.records import Issue, Link, RichText, Visibility
from fake_jira.rest import shapes
from fake_jira.rest.issue_input import comment_body
from fake_jira.rest.issue_view import brief
from fake_jira.rest.limits import within
from fake_jira.rest.scene import may_on, scene, site, user, visible_issue
from fake_jira.rest.visibility import visibility_in
from fake_jira.rest.wire import BAD_PAYLOAD, ID, answer, body, chapter, done

links = chapter("links")
Said = tuple[RichText, Visibility | None]


@links.post("/issueLink")
def link_issues() -> Response:
    """Create issue link: from the inward issue to the outward one. Making the same link again changes nothing."""
    given = body()
    kind = verbs.link_type_named(site().state, _named(given, "type", ("id", "name")))
    source, target = (visible_issue(_named(given, end, ("id", "key"))) for end in ("inwardIssue", "outwardIssue"))
    if not may_on("LINK_ISSUES", source):
        raise NoLinking(f"No Link Issue Permission for issue '{source.key}'")
    said = _comment(given.get("comment"), source)
    for each in (source, target):
        within("links", len(each.links))
    verbs.link(site(), user(), kind, source, target)
    if said is not None:
        add_comment(site(), site().issue(source.id), user(), said[0], visibility=said[1])
    return done(201)


def _named(given: Mapping[str, Any], name: str, ways: tuple[str, str]) -> str:
    value = given.get(name)
    named = next((value[way] for way in ways if value.get(way)), None) if isinstance(value, dict) else None
    if not isinstance(named, str):
        raise Invalid(BAD_PAYLOAD)
    return named


def _comment(given: Any, issue: Issue) -> Said | None:
    """What is said about the new link, on the issue that it starts from."""
    if given is None:
        return None
    if not may_on("ADD_COMMENTS", issue):
        raise Forbidden("You do not have the permission to comment on this issue.")
    return comment_body(scene().version, given), visibility_in(given.get("visibility"), issue.project_id)


@links.get("/issueLink/<link_id>")
def get_issue_link(link_id: str) -> Response:
    """Get issue link."""
    link = _find(link_id)
    here, state = scene(), site().state
    return answer(
        {
            "id": link.id,
            "self": f"{here.api}/issueLink/{link.id}",
            "type": shapes.link_type(here, state.link_types[link.type_id]),
            "inwardIssue": brief(here, state.issues[link.source]),
            "outwardIssue": brief(here, state.issues[link.target]),
        }
    )


@links.delete("/issueLink/<link_id>")
def delete_issue_link(link_id: str) -> Response:
    """Delete issue link: for those who may link in the project of one of the two issues."""
    link = _find(link_id)
    ends = [site().state.issues[each] for each in (link.source, link.target)]
    if not any(may_on("LINK_ISSUES", each) for each in ends):
        raise NoLinking(f"No Link Issue Permission for issue '{ends[0].key}'")
    verbs.unlink(site(), user(), link)
    return done()


def _find(link_id: str) -> Link:
    """The link, if the caller may see both issues."""
    if not ID.fullmatch(link_id):
        raise Invalid(f"The issue link id '{link_id}' is invalid.")
    state = site().state
    link = verbs.find_link(state, link_id)
    if link is None or not all(state.sees(user(), state.issues[each]) for each in (link.source, link.target)):
        raise NotThere(f"No issue link with id '{link_id}' exists.")
    return link
