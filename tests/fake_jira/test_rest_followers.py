"""Votes and watchers [jira 5.10]."""

from typing import Any

import pytest

from fake_jira.model.issues import transition_to
from fake_jira.model.permissions import revoke
from tests.fake_jira.conftest import VIEWER, Jira
from tests.fake_jira.people import Auth, member, viewer


def post_bare(jira: Jira, path: str, value: str | None, auth: Auth) -> int:
    """A bare JSON string, or nothing at all."""
    more: dict[str, Any] = {} if value is None else {"json": value}
    return jira.call("POST", path, auth=auth, **more).status_code


def test_a_vote_counts_once_and_is_taken_back(either: Jira) -> None:
    path = f"issue/{either.create()}/votes"
    for _ in range(2):
        assert post_bare(either, path, None, viewer(either)) == 204
    told = either.get(path).json()
    assert (told["votes"], told["hasVoted"], [each["displayName"] for each in told["voters"]]) == (
        1,
        False,
        ["Vic Viewer"],
    )
    shown = either.get(path, auth=viewer(either)).json()
    assert (shown["votes"], shown["hasVoted"], shown["voters"]) == (1, True, [])
    assert either.delete(path, auth=viewer(either)).status_code == 204
    assert either.delete(path, auth=viewer(either)).status_code == 404
    assert either.get(path).json()["votes"] == 0


def test_nobody_votes_for_an_issue_of_their_own_or_a_resolved_one(either: Jira) -> None:
    key = either.create()
    own = either.call("POST", f"issue/{key}/votes")
    assert (own.status_code, own.json()["errorMessages"]) == (404, ["You cannot vote for an issue you have reported."])
    transition_to(either.site, either.site.issue(key), either.admin, "Done")
    assert post_bare(either, f"issue/{key}/votes", None, viewer(either)) == 404


def test_votes_and_watchers_are_fields_of_an_issue_for_whoever_asks(either: Jira) -> None:
    key = either.create()
    post_bare(either, f"issue/{key}/votes", None, viewer(either))
    for auth, voted, watching in ((viewer(either), True, False), (None, False, True)):
        fields = either.get(f"issue/{key}", **({"auth": auth} if auth else {})).json()["fields"]
        assert (fields["votes"]["votes"], fields["votes"]["hasVoted"]) == (1, voted)
        assert (fields["watches"]["watchCount"], fields["watches"]["isWatching"]) == (1, watching)


def test_an_empty_body_means_the_caller(either: Jira) -> None:
    path = f"issue/{either.create()}/watchers"
    assert post_bare(either, path, None, viewer(either)) == 204
    told = either.get(path).json()
    assert (told["watchCount"], [each["displayName"] for each in told["watchers"]]) == (2, ["Ada Admin", "Vic Viewer"])
    own = either.get(path, auth=viewer(either)).json()
    assert (own["watchCount"], own["isWatching"], len(own["watchers"])) == (2, True, 1)


def test_others_are_named_in_a_bare_string_by_who_manages_the_list(either: Jira) -> None:
    path = f"issue/{either.create()}/watchers"
    _, mia = member(either)
    cloud = either.flavour == "cloud"
    name = mia.account_id if cloud else mia.name
    assert post_bare(either, path, name, viewer(either)) == (403 if cloud else 401)
    assert either.post(path, name).status_code == 204
    assert either.get(path).json()["watchCount"] == 2
    assert either.post(path, "nobody").status_code == 404
    assert either.call("POST", path, json=["x"]).status_code == 400
    parameter = "accountId" if cloud else "username"
    assert either.delete(path, params={parameter: name}, auth=viewer(either)).status_code == (403 if cloud else 401)
    assert either.delete(path).status_code == 400
    assert either.delete(path, params={parameter: name}).status_code == 204
    assert either.get(path).json()["watchCount"] == 1


def test_nobody_watches_what_they_may_not_see(either: Jira) -> None:
    path = f"issue/{either.create()}/watchers"
    _, mia = member(either)
    project = either.world.state.project("SEC")
    assert project is not None
    revoke(either.site, project, mia, "BROWSE_PROJECTS")
    answer = either.post(path, mia.account_id if either.flavour == "cloud" else mia.name)
    assert answer.status_code == 400


def test_one_asks_which_of_many_issues_one_watches(jira: Jira) -> None:
    first, second = (jira.get(f"issue/{jira.create()}").json()["id"] for _ in range(2))
    jira.call("POST", f"issue/{second}/watchers", auth=VIEWER)
    told = jira.post("issue/watching", {"issueIds": [first, second, "99"]}, auth=VIEWER).json()
    assert told["issuesIsWatching"] == {first: False, second: True, "99": False}
    vic = jira.world.state.user("viewer@example.com")
    assert vic is not None
    revoke(jira.site, jira.world.state.projects["10001"], vic, "BROWSE_PROJECTS")
    told = jira.post("issue/watching", {"issueIds": [second]}, auth=VIEWER).json()
    assert told["issuesIsWatching"] == {second: False}


@pytest.mark.parametrize("what", ["votes", "watchers"])
def test_following_makes_an_issue_no_newer(either: Jira, what: str) -> None:
    key = either.create()
    before = either.get(f"issue/{key}").json()["fields"]["updated"]
    assert post_bare(either, f"issue/{key}/{what}", None, viewer(either)) == 204
    assert either.get(f"issue/{key}").json()["fields"]["updated"] == before
