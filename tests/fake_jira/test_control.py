"""The control API: worlds, clock, settings, issues; and what it refuses."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from fake_jira import __version__
from fake_jira.client import FakeJiraClient, FakeJiraError
from fake_jira.server import FakeJira
from service import __version__ as service_version
from tests.fake_jira.conftest import ADMIN, Jira

_numbers = itertools.count(1)


@pytest.fixture
def hands(server: FakeJira, jira: Jira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(server.control_url, jira.world.name) as client:
        yield client


@pytest.fixture
def new_name() -> str:
    return f"made-{next(_numbers)}"


def myself(url: str, auth: tuple[str, str] = ADMIN, **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{url}/rest/api/3/myself", auth=auth, headers=headers, timeout=10).json()
    return answer


def test_it_says_what_is_running_and_where(server: FakeJira) -> None:
    about = FakeJiraClient(server.url).about()
    assert (about["version"], about["flavour"]) == (__version__, "cloud")
    assert (about["url"], about["control_url"]) == (server.url, server.control_url)
    assert "default" in about["worlds"]


def test_all_four_packages_have_one_version() -> None:
    assert __version__ == service_version


def test_a_made_world_has_its_sample_issues_and_is_dropped(server: FakeJira, new_name: str) -> None:
    world = FakeJiraClient(server.url).make(new_name, seed=3, issues=5)
    assert len(world.issues()) == 5
    world.drop()
    with pytest.raises(FakeJiraError, match=f"There is no world '{new_name}'") as refused:
        world.issues()
    assert refused.value.status == 404


def test_the_same_seed_makes_the_same_issues(server: FakeJira, new_name: str) -> None:
    one = FakeJiraClient(server.url).make(f"{new_name}-a", seed=3, issues=5)
    other = FakeJiraClient(server.url).make(f"{new_name}-b", seed=3, issues=5)
    assert [each["summary"] for each in one.issues()] == [each["summary"] for each in other.issues()]
    one.drop()
    other.drop()


def test_a_world_is_chosen_by_header_and_by_prefix(server: FakeJira, jira: Jira) -> None:
    jira.create()
    by_header = {"X-Fake-Jira-World": jira.world.name}
    issue = requests.get(f"{server.url}/rest/api/3/issue/SEC-1", auth=ADMIN, headers=by_header, timeout=10).json()
    assert issue["fields"]["project"]["self"].startswith(f"{server.url}/rest/")
    by_prefix = jira.get("issue/SEC-1").json()
    assert by_prefix["id"] == issue["id"]
    assert by_prefix["self"].startswith(f"{server.url}/worlds/{jira.world.name}/rest/")


def test_a_world_is_chosen_by_a_token_that_only_it_knows(server: FakeJira, hands: FakeJiraClient) -> None:
    hands.create_user("only@example.com", f"token-of-{hands.about()['worlds'][-1]}")
    token = f"token-of-{hands.about()['worlds'][-1]}"
    assert myself(server.url, auth=("only@example.com", token))["emailAddress"] == "only@example.com"


def test_a_world_that_is_not_there_is_said_so(server: FakeJira) -> None:
    answer = requests.get(f"{server.url}/worlds/nowhere/rest/api/3/myself", timeout=10)
    assert (answer.status_code, answer.text[:30]) == (404, "There is no world 'nowhere'; t")


def test_a_fork_goes_its_own_way_and_is_healed(jira: Jira, hands: FakeJiraClient, new_name: str) -> None:
    jira.create()
    hands.fault("deleted_issue", issue="SEC-1")
    fork = hands.fork(new_name)
    assert [issue["deleted"] for issue in fork.issues()] == [False]
    assert [issue["deleted"] for issue in hands.issues()] == [True]
    fork.issue("SEC")
    assert (len(fork.issues()), len(hands.issues()), fork.faults()) == (2, 1, [])
    fork.drop()


def test_a_reset_fork_is_healed_too(server: FakeJira, hands: FakeJiraClient, new_name: str) -> None:
    issue = hands.issue("SEC")["key"]
    hands.fault("expired_token", user=ADMIN[0])
    hands.fault("deleted_issue", issue=issue)
    fork = hands.fork(new_name)
    fork.reset()
    assert myself(f"{server.url}/worlds/{new_name}")["emailAddress"] == ADMIN[0]
    assert [issue["deleted"] for issue in fork.issues()] == [False]
    fork.drop()


def test_a_refused_drop_of_the_default_world_leaves_its_faults_armed(server: FakeJira) -> None:
    default = FakeJiraClient(server.control_url)
    armed = default.fault("expired_token", user=ADMIN[0])
    with pytest.raises(FakeJiraError, match="The default world cannot be dropped"):
        default.drop()
    default.clear(armed)
    assert myself(server.url)["emailAddress"] == ADMIN[0]


def test_a_snapshot_brings_back_state_settings_and_time(jira: Jira, hands: FakeJiraClient) -> None:
    jira.create()
    hands.snapshot("before")
    hands.transition("SEC-1", "Done")
    hands.settings(index_delay=9)
    hands.advance("3d")
    hands.fault("unavailable")
    hands.restore("before")
    assert hands.issues()[0]["status"] == "To Do"
    assert hands.settings()["index_delay"] == 0
    assert hands.now() < datetime.now(UTC) + timedelta(minutes=1)
    assert jira.get("myself").status_code == 200


def test_a_snapshot_that_could_not_be_healed_is_refused(jira: Jira, hands: FakeJiraClient) -> None:
    jira.create()
    hands.fault("deleted_issue", issue="SEC-1")
    with pytest.raises(FakeJiraError, match=r"Clear the world faults .* first \(deleted_issue\)") as refused:
        hands.snapshot("before")
    assert refused.value.status == 409


def test_restoring_what_was_never_taken_is_refused(hands: FakeJiraClient) -> None:
    with pytest.raises(FakeJiraError, match="has no snapshot 'before'; it has none"):
        hands.restore("before")


def test_a_reset_leaves_nothing_behind(jira: Jira, hands: FakeJiraClient) -> None:
    jira.create()
    hands.fault("unavailable")
    hands.settings(index_delay=9)
    hands.advance("1d")
    hands.reset()
    assert (hands.issues(), hands.faults(), hands.journal()) == ([], [], [])
    assert hands.settings()["index_delay"] == 0
    assert jira.create() == "SEC-1"


@pytest.mark.parametrize(
    ("step", "seconds"),
    [(90, 90), ("30s", 30), ("5m", 300), ("8h", 28_800), ("1d12h", 129_600), (timedelta(days=2), 172_800)],
)
def test_the_clock_moves_on(hands: FakeJiraClient, step: float | str | timedelta, seconds: int) -> None:
    before = hands.now()
    moved = (hands.advance(step) - before).total_seconds()
    assert seconds <= moved < seconds + 5


def test_the_clock_moves_to_an_instant_and_back_to_real_time(hands: FakeJiraClient) -> None:
    instant = datetime(2030, 1, 1, tzinfo=UTC)
    assert hands.move_to(instant) - instant < timedelta(seconds=5)
    assert abs(hands.real_time() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_date_of_answers_is_the_worlds(jira: Jira, hands: FakeJiraClient) -> None:
    hands.move_to(datetime(2030, 1, 1, 12, tzinfo=UTC))
    assert jira.get("myself").headers["Date"].startswith("Tue, 01 Jan 2030 12:00:0")


@pytest.mark.parametrize(
    "body", [{"advance": "8 hours"}, {"advance": -1}, {"advance": "8h", "to": "x"}, {}, {"to": "x"}]
)
def test_a_clock_that_cannot_be_moved_so_stays(hands: FakeJiraClient, body: dict[str, Any]) -> None:
    url = f"{hands.url}/_control/clock"
    answer = requests.post(url, json=body, params={"world": hands._world or ""}, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert abs(hands.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_settings_are_shown_and_changed(hands: FakeJiraClient) -> None:
    assert hands.settings()["enhanced_missing_key"] == "omit"
    assert hands.settings(enhanced_missing_key="reject")["enhanced_missing_key"] == "reject"


@pytest.mark.parametrize(("name", "value"), [("index_dely", 3), ("index_delay", "3"), ("bad_basic", "shout")])
def test_a_setting_that_is_none_is_refused(hands: FakeJiraClient, name: str, value: Any) -> None:
    with pytest.raises(FakeJiraError, match=name if name == "index_dely" else f"'{name}' is") as refused:
        hands.settings(**{name: value})
    assert refused.value.status == 400


def test_an_issue_is_made_as_it_is_wanted(jira: Jira, hands: FakeJiraClient) -> None:
    created = datetime(2025, 3, 1, tzinfo=UTC)
    made = hands.issue("SEC", summary="Old", type="Bug", status="Done", key="SEC-7", created=created)
    assert (made["key"], made["status"], made["created"]) == ("SEC-7", "Done", "2025-03-01T00:00:00Z")
    fields = jira.get("issue/SEC-7").json()["fields"]
    assert (fields["summary"], fields["issuetype"]["name"], fields["status"]["name"]) == ("Old", "Bug", "Done")
    assert jira.create() == "SEC-8"


def test_many_issues_are_made_all_or_none(hands: FakeJiraClient) -> None:
    assert len(hands.create_issues([{"project": "SEC"}, {"project": "TEST"}])) == 2
    with pytest.raises(FakeJiraError, match="There is no status 'Dnoe'"):
        hands.create_issues([{"project": "SEC"}, {"project": "SEC", "status": "Dnoe"}])
    assert len(hands.issues()) == 2
    assert hands.issue("SEC")["key"] == "SEC-2"


@pytest.mark.parametrize(
    ("properties", "sentence", "status"),
    [
        ({"project": "NOPE"}, "There is no project 'NOPE'; there are TEST, SEC", 404),
        ({"project": "SEC", "type": "Bugg"}, "There is no issue type 'Bugg'; there are ", 400),
        ({"project": "SEC", "key": "TEST-1"}, "'TEST-1' is not a key of the project SEC", 400),
        ({"project": "SEC", "key": "SEC-" + "9" * 5000}, "is not a key of the project SEC", 400),
        ({"project": "SEC", "created": "1066-10-14T09:00:00Z"}, "'created' must be an instant from 1970 to 8999", 400),
        ({"project": "SEC", "created": "yesterday"}, "'created' must be an instant", 400),
        ({"project": "SEC", "created": "2999-01-01T00:00:00Z"}, "which this world's clock has not reached", 400),
        ({"project": "SEC", "sumary": "x"}, "The body has an unknown property 'sumary'", 400),
        ({"project": 7}, "'project' must be a text, not 7", 400),
    ],
)
def test_an_issue_that_cannot_be_is_refused(
    hands: FakeJiraClient, properties: dict[str, Any], sentence: str, status: int
) -> None:
    with pytest.raises(FakeJiraError) as refused:
        hands._ask("POST", "/issues", properties)
    assert (sentence in str(refused.value), refused.value.status) == (True, status)
    assert hands.issues() == []


def test_an_issue_is_moved_deleted_and_restored(jira: Jira, hands: FakeJiraClient) -> None:
    made = hands.issue("SEC")
    assert hands.move("SEC-1", "TEST") == "TEST-1"
    assert jira.get("issue/SEC-1").json()["id"] == made["id"]
    hands.delete("TEST-1")
    assert jira.get("issue/TEST-1").status_code == 404
    assert hands.issues("TEST")[0]["deleted"] is True
    hands.restore_issue("TEST-1")
    assert jira.get("issue/TEST-1").status_code == 200


def test_a_sub_task_moves_and_comes_back_with_its_parent_alone(jira: Jira, hands: FakeJiraClient) -> None:
    parent = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": parent})
    with pytest.raises(FakeJiraError, match="SEC-2 is a sub-task and moves with its parent"):
        hands.move(child, "TEST")
    hands.delete(parent)
    with pytest.raises(FakeJiraError, match="SEC-2 is a sub-task, and its parent is not there"):
        hands.restore_issue(child)
    hands.restore_issue(parent)
    assert hands.restore_issue(child)["key"] == child


def test_a_transition_to_nowhere_is_refused(hands: FakeJiraClient) -> None:
    hands.issue("SEC")
    with pytest.raises(FakeJiraError, match="No transition of SEC-1 leads to 'Dun'; from here there are: To Do,"):
        hands.transition("SEC-1", "Dun")


def test_pages_of_issues_come_in_the_order_they_were_made(hands: FakeJiraClient) -> None:
    hands.seed(1, 30)
    url, world = f"{hands.url}/_control/issues", {"X-Fake-Jira-World": hands._world or ""}
    page = requests.get(url, params={"start": "28", "limit": "10"}, headers=world, timeout=10).json()
    assert (len(page["issues"]), page["total"]) == (2, 30)
    assert [each["id"] for each in hands.issues()] == sorted((each["id"] for each in hands.issues()), key=int)


def test_projects_and_users_are_made(jira: Jira, hands: FakeJiraClient) -> None:
    hands.create_project("OPS", "Operations")
    hands.create_user("jane@example.com", "her-token", name="Jane")
    assert [each["key"] for each in hands.projects()] == ["TEST", "SEC", "OPS"]
    answer = jira.get("project/OPS", auth=("jane@example.com", "her-token"))
    assert answer.json()["name"] == "Operations"
    with pytest.raises(FakeJiraError, match="There is already a project OPS"):
        hands.create_project("OPS", "Again")
    with pytest.raises(FakeJiraError, match="There is already a user jane"):
        hands.create_user("jane@example.com", "another")


def test_a_project_can_follow_the_classic_workflow(jira: Jira, hands: FakeJiraClient) -> None:
    hands.create_project("OPS", "Operations", workflow="classic")
    assert jira.get(f"issue/{jira.create('OPS')}").json()["fields"]["status"]["name"] == "Open"
    with pytest.raises(FakeJiraError, match="The workflow is one of: simplified, classic; not 'odd'"):
        hands.create_project("ODD", "Odd", workflow="odd")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"advance": "9" * 400 + "d"}, "'advance' must be seconds or a duration"),
        ({"advance": "9000000d"}, "'advance' by '9000000d' goes beyond the year 8999"),
        ({"to": "9999-12-31T23:59:59Z"}, "'to' must be an instant from 1970 to 8999"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "'to' must be an instant from 1970 to 8999"),
    ],
)
def test_the_clock_does_not_leave_the_calendar(
    jira: Jira, hands: FakeJiraClient, body: dict[str, str], sentence: str
) -> None:
    hands.advance("800000d")
    with pytest.raises(FakeJiraError) as refused:
        hands._ask("POST", "/clock", body)
    assert sentence in str(refused.value)
    assert jira.get("serverInfo").json()["serverTime"][:2] == "42"


@pytest.mark.parametrize("path", ["journal?limit=", "journal?since_id=", "issues?start="])
def test_a_number_without_end_is_refused(server: FakeJira, path: str) -> None:
    answer = requests.get(f"{server.url}/_control/{path}{'9' * 5000}", timeout=10)
    assert (answer.status_code, "must be a whole number from" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("name", ["ü", "a b", "x" * 101])
def test_a_world_is_named_as_a_path_can_name_it(server: FakeJira, name: str) -> None:
    with pytest.raises(FakeJiraError, match="A world's name has 1 to 100 letters"):
        FakeJiraClient(server.url).make(name)


def test_a_body_that_is_no_json_is_refused(server: FakeJira) -> None:
    answer = requests.post(f"{server.url}/_control/issues", data="{", timeout=10)
    assert (answer.status_code, answer.json()["error"][:21]) == (400, "The body is not JSON:")


def test_a_page_of_another_origin_is_refused(server: FakeJira) -> None:
    def answer(origin: str) -> int:
        return requests.get(f"{server.url}/_control/", headers={"Origin": origin}, timeout=10).status_code

    assert (answer("https://evil.example"), answer("null"), answer(server.url)) == (403, 403, 200)


def test_a_route_that_is_none_answers_in_the_control_apis_own_words(server: FakeJira) -> None:
    answer = requests.get(f"{server.url}/_control/nothing", timeout=10)
    assert (answer.status_code, list(answer.json())) == (404, ["error"])
    answer = requests.delete(f"{server.url}/_control/issues", timeout=10)
    sentence = "There is no DELETE /_control/issues in the control API."
    assert (answer.status_code, answer.json()) == (404, {"error": sentence})


def test_the_client_says_when_nobody_is_there() -> None:
    with pytest.raises(FakeJiraError, match=r"No fake Jira answers at http://127.0.0.1:1; start one with"):
        FakeJiraClient("http://127.0.0.1:1").about()
