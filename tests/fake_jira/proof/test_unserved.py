"""What Jira has and the fake has not is answered with 501 and a sentence, what nobody has with 404."""

import itertools
import re

import pytest
import requests

from fake_jira.documented import TABLES, documented
from fake_jira.flavours import flavour_named
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import ADMIN, DC_ADMIN
from tests.fake_jira.proof.served import served


@pytest.fixture
def running(request: pytest.FixtureRequest, flavour: str) -> FakeJira:
    found: FakeJira = request.getfixturevalue("server" if flavour == "cloud" else "data_center_server")
    return found


@pytest.mark.parametrize("flavour", TABLES)
def test_every_documented_operation_is_served_or_says_501_in_every_version(flavour: str, running: FakeJira) -> None:
    ours = {(each.method, each.shape) for each in served(flavour)}
    versions = itertools.cycle(flavour_named(flavour).api_versions)
    with requests.Session() as session:
        session.auth = ADMIN if flavour == "cloud" else DC_ADMIN
        for each in documented(flavour):
            if (each.method, each.shape) in ours:
                continue
            path = re.sub(r"\{[^}]*\}", "10000", re.sub("^/rest/api/[^/]+", f"/rest/api/{next(versions)}", each.path))
            answer = session.request(each.method, running.url + path, timeout=10)
            assert (answer.status_code, "see LIMITS.md" in answer.text) == (501, True), f"{each.method} {path}"


@pytest.mark.parametrize("flavour", TABLES)
@pytest.mark.parametrize("path", ["greenhopper/1.0/rapidview", "servicedeskapi/request", "agile/1.0/nowhere"])
def test_other_products_are_not_imitated(running: FakeJira, path: str) -> None:
    assert requests.get(f"{running.url}/rest/{path}", timeout=10).status_code == 501


@pytest.mark.parametrize("flavour", TABLES)
@pytest.mark.parametrize("path", ["api/2/nowhere", "api/4/issue/SEC-1", "api/2/dashboard/1/2/3", "nowhere/1"])
def test_what_jira_has_not_either_is_not_found(running: FakeJira, path: str) -> None:
    assert requests.get(f"{running.url}/rest/{path}", timeout=10).status_code == 404


@pytest.mark.parametrize("flavour", ["data-center"])
def test_data_center_has_no_third_version(running: FakeJira) -> None:
    assert requests.get(f"{running.url}/rest/api/3/dashboard", timeout=10).status_code == 404


@pytest.mark.parametrize("flavour", TABLES)
def test_another_method_of_an_operation_that_is_not_imitated_is_not_allowed(running: FakeJira) -> None:
    answer = requests.delete(f"{running.url}/rest/api/2/dashboard", timeout=10)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
