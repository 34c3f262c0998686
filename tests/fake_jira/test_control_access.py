"""Permissions and security levels arranged by hand, from Python and by HTTP."""

import pytest

from fake_jira.client import FakeJiraClient, FakeJiraError
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira


def client(jira: Jira) -> FakeJiraClient:
    url, _, _ = jira.url.partition("/worlds/")
    return FakeJiraClient(url, jira.world.name)


def test_a_permission_is_given_and_taken_whatever_the_schemes_say(either: Jira) -> None:
    hands, key = client(either), either.create()
    auth = VIEWER if either.flavour == "cloud" else DC_VIEWER
    assert not hands.permit(VIEWER[0], "SEC", "BROWSE_PROJECTS", held=False)
    assert either.get(f"issue/{key}", auth=auth).status_code in (403, 404)
    assert hands.permit(VIEWER[0], "SEC", "BROWSE_PROJECTS")
    assert either.get(f"issue/{key}", auth=auth).status_code == 200
    assert hands.permit(VIEWER[0], "SEC", "EDIT_ISSUES", held=True)
    assert not hands.permit(VIEWER[0], "SEC", "EDIT_ISSUES")


def test_a_security_level_hides_the_issues_that_get_it_by_default(either: Jira) -> None:
    level = client(either).security_level("SEC", "Secret", {"type": "projectRole", "parameter": "10002"}, default=True)
    key = either.create()
    assert either.get(f"issue/{key}").json()["fields"]["security"]["id"] == level
    auth = VIEWER if either.flavour == "cloud" else DC_VIEWER
    assert either.get(f"issue/{key}", auth=auth).status_code in (403, 404)


@pytest.mark.parametrize(
    ("user", "project", "permission", "sentence"),
    [
        ("nobody", "SEC", "BROWSE_PROJECTS", "no user 'nobody'"),
        ("admin@example.com", "NONE", "BROWSE_PROJECTS", "no project 'NONE'"),
        ("admin@example.com", "SEC", "NOPE", "no project permission NOPE"),
    ],
)
def test_what_names_nothing_is_refused(jira: Jira, user: str, project: str, permission: str, sentence: str) -> None:
    with pytest.raises(FakeJiraError, match=sentence):
        client(jira).permit(user, project, permission)


def test_a_member_of_a_level_must_be_somebody(jira: Jira) -> None:
    with pytest.raises(FakeJiraError, match="no group 'nobody'"):
        client(jira).security_level("SEC", "Secret", {"type": "group", "parameter": "nobody"})
    with pytest.raises(FakeJiraError, match="type is one of"):
        client(jira).security_level("SEC", "Secret", {"type": "king"})
    assert not jira.world.state.security_schemes
