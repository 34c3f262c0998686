"""Votes and watchers."""

from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira
from tests.fake_jira.proof.drives import drives, me


def _viewer(jira: Jira) -> tuple[str, str]:
    return DC_VIEWER if jira.flavour == "data-center" else VIEWER


@drives("cloud", "data-center", "getVotes", "addVote", "removeVote")
def a_vote_is_cast_and_withdrawn(jira: Jira) -> None:
    votes = f"issue/{jira.create()}/votes"
    viewer = _viewer(jira)
    assert jira.call("POST", votes, auth=viewer, json={}).status_code == 204
    assert jira.get(votes).json()["votes"] == 1
    assert jira.delete(votes, auth=viewer).status_code == 204
    assert jira.get(votes).json()["votes"] == 0


@drives("cloud", "data-center", "getIssueWatchers", "addWatcher", "removeWatcher")
def an_issue_is_watched_and_left(jira: Jira) -> None:
    watchers = f"issue/{jira.create()}/watchers"
    ((name, mine),) = me(jira).items()
    assert jira.post(watchers, mine).status_code == 204
    assert jira.get(watchers).json()["isWatching"]
    named = {"username" if name == "name" else name: mine}
    assert jira.delete(watchers, params=named).status_code == 204
    assert jira.get(watchers).json()["watchCount"] == 0


@drives("cloud", "getIsWatchingIssueBulk")
def a_caller_asks_which_issues_they_watch(jira: Jira) -> None:
    key = jira.create()
    number = jira.get(f"issue/{key}").json()["id"]
    jira.post(f"issue/{key}/watchers", jira.admin.account_id)
    assert jira.post("issue/watching", {"issueIds": [number]}).json()["issuesIsWatching"] == {number: True}
