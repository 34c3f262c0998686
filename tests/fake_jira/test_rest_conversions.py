"""Parameters that are no numbers are told of before anything else is looked at [jira 2.1]."""

import re

import pytest

from fake_jira.documented import Documented, documented
from tests.fake_jira.conftest import Jira

REMOVED = {"searchForIssuesUsingJql", "searchForIssuesUsingJqlPost"}
NUMBERED = [each for each in documented("cloud") if each.numbers or each.flags]


def _asked(jira: Jira, each: Documented, name: str, **more: object) -> tuple[int, object]:
    """The operation, for things that do not exist and with a parameter that is no number."""
    path = re.sub(r"\{[^}]*\}", "0", each.path.removeprefix("/rest/api/3/"))
    body = None if each.method in ("GET", "DELETE") else {}
    answer = jira.call(each.method, f"{path}?{name}=abc", json=body, **more)  # type: ignore[arg-type]
    return answer.status_code, answer.json().get("detail") if "json" in answer.headers["Content-Type"] else answer.text


@pytest.mark.parametrize("each", NUMBERED, ids=lambda each: f"{each.method} {each.path}")
def test_a_value_of_the_wrong_kind_is_refused_before_anything_is_looked_up(jira: Jira, each: Documented) -> None:
    for name in (*each.numbers, *each.flags):
        status, detail = _asked(jira, each, name)
        if status != 501 and each.operation not in REMOVED:
            assert (status, detail) == (400, f"Failed to convert '{name}' with value: 'abc'")


def test_who_lacks_a_credential_is_told_of_that_first(jira: Jira) -> None:
    assert jira.get("field/search?startAt=abc", auth=None).status_code == 401
    assert jira.get("project/search?startAt=abc", auth=None).status_code == 400


def test_an_empty_value_is_none(jira: Jira) -> None:
    assert jira.get("project/search?startAt=&maxResults=").status_code == 200


def test_data_center_does_not_find_what_has_a_number_that_is_none(data_center: Jira) -> None:
    data_center.create()
    assert data_center.get("issue/SEC-1/comment?startAt=abc").status_code == 404
    assert data_center.get("search?jql=&startAt=abc").status_code == 404


def test_being_checked_is_not_being_read(jira: Jira) -> None:
    assert jira.get("groups/picker?query=a&caseInsensitive=true&nonsense=1").status_code == 200
    (entry,) = jira.world.journal.entries({"operation": "findGroups"})
    assert set(entry.unread) == {"?caseInsensitive", "?nonsense"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_removed_operation_is_gone_whatever_is_asked(jira: Jira, method: str) -> None:
    body = {} if method == "POST" else None
    assert jira.call(method, "search?maxResults=abc&startAt=abc", json=body).status_code == 410
