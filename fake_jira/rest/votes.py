"""Votes for an issue [jira 5.10]."""

from flask import Response

from fake_jira.errors import CredentialNeeded, NotThere
from fake_jira.model import watching as verbs
from fake_jira.model.records import Issue, User
from fake_jira.rest import satellite_view, shapes
from fake_jira.rest.scene import may_on, scene, site, user, visible_issue
from fake_jira.rest.wire import answer, chapter, done, takes

votes = chapter("votes")


@votes.get("/issue/<issue_id_or_key>/votes")
def get_votes(issue_id_or_key: str) -> Response:
    """Get votes; who voted is for those who may see that."""
    here, issue = scene(), visible_issue(issue_id_or_key)
    voters = issue.voters if may_on("VIEW_VOTERS_AND_WATCHERS", issue) else ()
    shown = [shapes.user(here, site().state.users[each]) for each in voters]
    return answer(satellite_view.votes(here, issue) | {"voters": shown})


@votes.post("/issue/<issue_id_or_key>/votes")
@takes(None)
def add_vote(issue_id_or_key: str) -> Response:
    """Add vote."""
    issue = visible_issue(issue_id_or_key)
    verbs.vote(site(), issue, _voter(issue))
    return done()


@votes.delete("/issue/<issue_id_or_key>/votes")
def remove_vote(issue_id_or_key: str) -> Response:
    """Delete vote."""
    issue = visible_issue(issue_id_or_key)
    who = _voter(issue)
    if who.account_id not in issue.voters:
        raise NotThere("Cannot remove a vote for an issue that the user has not already voted for.")
    verbs.take_vote_back(site(), issue, who)
    return done()


def _voter(issue: Issue) -> User:
    """The caller, who must be somebody else than the reporter; a resolved issue takes no votes."""
    who = user()
    if who is None:
        raise CredentialNeeded
    if who.account_id == issue.reporter:
        raise NotThere("You cannot vote for an issue you have reported.")
    if issue.resolution_id is not None:
        raise NotThere("You cannot vote or change your vote on resolved issues.")
    return who
