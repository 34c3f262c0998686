"""Rate limits as real ones: off unless armed, counted by the world's clock, told in every header [jira 2.9, 7]."""

from typing import Any

import pytest
import requests

from fake_jira.auth.rate_limits import cost
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import ADMIN, DC_VIEWER, VIEWER, Jira, in_a_world_of_its_own


def armed(jira: Jira, **settings: Any) -> None:
    """Turns the limits on."""
    answer = jira.session.patch(f"{jira.url}/_control/settings", json={"rate_limits": True} | settings, timeout=10)
    assert answer.status_code == 200, answer.text


def wait(jira: Jira, seconds: float) -> None:
    """Moves the world's clock."""
    jira.session.post(f"{jira.url}/_control/clock", json={"advance": seconds}, timeout=10)


def names_of_limits(answer: requests.Response) -> set[str]:
    return {name.lower() for name in answer.headers if "ratelimit" in name.lower() or name.lower() == "retry-after"}


def test_without_being_armed_no_limit_counts_and_no_header_tells(either: Jira) -> None:
    either.create()
    answers = [either.get("myself") for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}
    assert not names_of_limits(answers[-1])


def test_a_burst_is_refused_with_all_headers_and_allowed_again_when_the_clock_says_so(jira: Jira) -> None:
    jira.create()
    armed(jira, burst_limit=3)
    assert [jira.get("issue/SEC-1").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = jira.get("issue/SEC-1")
    assert refused.json() == {
        "errorMessages": ["The request has been rate-limited. Please try again later."],
        "errors": {},
        "status": 429,
    }
    head = refused.headers
    assert (head["Retry-After"], head["X-RateLimit-Limit"], head["X-RateLimit-Remaining"]) == ("1", "3", "0")
    assert (head["RateLimit-Reason"], head["X-RateLimit-NearLimit"]) == ("jira-burst-based", "true")
    assert head["X-RateLimit-Reset"].endswith("Z")
    assert jira.get("issue/SEC-1/transitions").status_code == 200  # another endpoint, another bucket
    wait(jira, 1)
    assert jira.get("issue/SEC-1").status_code == 200


def test_an_idle_answer_tells_what_is_left_as_measured_on_live_sites(jira: Jira) -> None:
    jira.create()
    armed(jira)
    head = jira.get("myself").headers
    assert head["RateLimit-Policy"] == '"jira-burst-based";q=100;w=1'
    assert head["RateLimit"] == '"jira-burst-based";r=349;t=1'
    assert (head["X-RateLimit-Limit"], head["X-RateLimit-Remaining"]) == ("350", "349")
    assert jira.get("issue/SEC-1").headers["X-RateLimit-Limit"] == "400"
    assert jira.get("issue/SEC-1/changelog").headers["X-RateLimit-Limit"] == "500"
    assert not names_of_limits(jira.get("serverInfo", auth=None))


def test_few_tokens_left_are_warned_of(jira: Jira) -> None:
    armed(jira, burst_limit=5)
    warned = ["X-RateLimit-NearLimit" in jira.get("myself").headers for _ in range(5)]
    assert warned == [False, False, False, False, True]


def test_too_many_writes_to_one_issue_are_refused_and_other_issues_go_on(jira: Jira) -> None:
    jira.create()
    jira.create()
    armed(jira, issue_writes_in_2s=2, issue_writes_in_30s=3)
    edit = {"fields": {"summary": "Again"}}
    assert [jira.put("issue/SEC-1", edit).status_code for _ in range(3)] == [204, 204, 429]
    refused = jira.put("issue/10000", edit)  # the same issue by its id
    assert (refused.status_code, refused.headers["RateLimit-Reason"]) == (429, "jira-per-issue-on-write")
    assert refused.headers["Retry-After"] == "2"
    assert jira.put("issue/SEC-2", edit).status_code == 204
    assert jira.get("issue/SEC-1").status_code == 200
    wait(jira, 2)
    assert [jira.put("issue/SEC-1", edit).status_code for _ in range(2)] == [204, 429]
    assert 25 <= int(jira.put("issue/SEC-1", edit).headers["Retry-After"]) <= 30
    wait(jira, 30)
    assert jira.put("issue/SEC-1", edit).status_code == 204


@pytest.mark.parametrize(("body", "kind"), [("html", "text/html"), ("empty", None)])
def test_the_429_can_come_as_a_page_or_empty(jira: Jira, body: str, kind: str | None) -> None:
    armed(jira, burst_limit=1, rate_limit_body=body)
    jira.get("myself")
    refused = jira.get("myself")
    assert refused.status_code == 429
    assert (refused.headers.get("Content-Type", "").partition(";")[0] or None) == kind
    assert ("error-page error429" in refused.text) is (body == "html")


def test_a_kept_answer_does_not_get_around_a_limit(jira: Jira) -> None:
    jira.create()
    for _ in range(3):
        jira.get("issue/SEC-1")
    armed(jira, burst_limit=2)
    assert [jira.get("issue/SEC-1").status_code for _ in range(3)] == [200, 200, 429]


def test_data_center_gives_each_user_a_bucket_and_tells_of_it(data_center: Jira) -> None:
    armed(data_center, bucket_limit=2, bucket_fill=1, bucket_seconds=10)
    first = data_center.get("myself")
    told = {name: first.headers[name] for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "Retry-After")}
    assert told == {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1", "Retry-After": "0"}
    assert (first.headers["X-RateLimit-FillRate"], first.headers["X-RateLimit-Interval-Seconds"]) == ("1", "10")
    data_center.get("myself")
    refused = data_center.get("myself", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()) == (429, {"message": "Rate limit exceeded."})
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    page = data_center.get("myself", headers={"Accept": "text/html"})
    assert "HTTP Status 429" in page.text
    assert data_center.get("myself", auth=DC_VIEWER).status_code == 200
    wait(data_center, 10)
    assert data_center.get("myself").status_code == 200


def test_data_center_may_say_retry_after_zero_on_a_429(data_center: Jira) -> None:
    armed(data_center, bucket_limit=1, data_center_retry_after="zero")
    data_center.get("myself")
    refused = data_center.get("myself")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "0")


def test_an_exempt_account_is_told_numbers_without_end(data_center: Jira) -> None:
    armed(data_center, bucket_limit=1, rate_limit_exempt="admin, robot")
    answers = [data_center.get("myself") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    head = answers[-1].headers
    assert (head["X-RateLimit-Limit"], head["X-RateLimit-Remaining"]) == ("-1", "9223372036854775807")
    assert head["X-RateLimit-FillRate"] == "-1"


def test_anonymous_callers_hear_nothing_of_limits(data_center: Jira) -> None:
    armed(data_center, bucket_limit=1)
    assert not names_of_limits(data_center.get("myself", auth=None))


@pytest.mark.parametrize("wrong", [{"bucket_seconds": 0}, {"points_pool": "galaxy"}, {"rate_limit_exempt": 3}])
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(jira: Jira, wrong: dict[str, Any]) -> None:
    answer = jira.session.patch(f"{jira.url}/_control/settings", json=wrong, timeout=10)
    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["error"]


def test_people_without_a_grant_still_count_as_one_tenant_on_cloud(jira: Jira) -> None:
    armed(jira, burst_limit=2)
    assert jira.get("myself").status_code == 200
    assert jira.get("myself", auth=VIEWER).status_code == 200
    assert jira.get("myself").status_code == 429


def app_of(jira: Jira, *scopes: str, **more: Any) -> dict[str, str]:
    """The header of a token that an app was granted by the control API."""
    name = f"App {len(jira.world.state.apps)}"
    made = jira.session.post(f"{jira.url}/_control/apps", json={"name": name, "scopes": scopes}, timeout=10)
    assert made.status_code == 201, made.text
    body = {"app": name, "user": ADMIN[0]} | more
    granted = jira.session.post(f"{jira.url}/_control/grants", json=body, timeout=10)
    assert granted.status_code == 201, granted.text
    return {"Authorization": f"Bearer {granted.json()['access_token']}"}


def by_app(jira: Jira, path: str, token: dict[str, str], method: str = "GET", **more: Any) -> requests.Response:
    """A request at the gateway."""
    address = f"{jira.url}/ex/jira/{jira.world.cloud_id}/rest/api/3/{path}"
    return jira.session.request(method, address, headers=token, timeout=10, **more)


def spent(answer: requests.Response) -> int:
    """The points that are gone of 1000."""
    assert answer.headers["Beta-RateLimit-Policy"] == '"global-app-quota";q=1000;w=3600'
    pool, left, _ = answer.headers["Beta-RateLimit"].split(";")
    assert pool == '"global-app-quota"'
    return 1000 - int(left.removeprefix("r="))


def test_a_call_of_an_app_costs_a_point_and_one_for_each_issue_and_two_for_each_person(jira: Jira) -> None:
    for _ in range(3):
        jira.create()
    token = app_of(jira, "read:jira-work", "write:jira-work", "read:jira-user")
    armed(jira, points_per_hour=1000)
    before = 0
    for points, method, path, body in (
        (2, "GET", "issue/SEC-1", None),
        (1 + len(jira.world.state.projects), "GET", "project/search", None),
        (4, "POST", "search/jql", {"jql": "project = SEC"}),
        (1, "POST", "search/jql", {"jql": "project = TEST"}),
        (3, "GET", "myself", None),
        (1, "PUT", "issue/SEC-1", {"fields": {"summary": "Again"}}),
        (1, "GET", "issue/NOPE-1", None),
        (5, "GET", "mypermissions?permissions=BROWSE_PROJECTS,EDIT_ISSUES", None),
        (3, "POST", "issue/bulkfetch", {"issueIdsOrKeys": ["SEC-1", "SEC-2"]}),
    ):
        now = spent(by_app(jira, path, token, method, json=body))
        assert (path, now - before) == (path, points)
        before = now


def test_the_points_of_an_app_come_back_at_the_top_of_the_hour_and_not_before(jira: Jira) -> None:
    jira.create()
    token = app_of(jira, "read:jira-work")
    hour = "2030-01-01T10:59:30Z"
    jira.session.post(f"{jira.url}/_control/clock", json={"to": "2030-01-01T10:10:00Z"}, timeout=10)
    token = app_of(jira, "read:jira-work")
    armed(jira, points_per_hour=4)
    assert [by_app(jira, "issue/SEC-1", token).status_code for _ in range(3)] == [200, 200, 429]
    jira.session.post(f"{jira.url}/_control/clock", json={"to": hour}, timeout=10)
    refused = by_app(jira, "issue/SEC-1", token)
    head = refused.headers
    assert (refused.status_code, head["RateLimit-Reason"]) == (429, "jira-quota-global-based")
    assert 29 <= int(head["Retry-After"]) <= 30
    assert head["Retry-After"] == head["Beta-Retry-After"]
    assert head["X-RateLimit-Reset"] in ("2030-01-01T11:00:00Z", "2030-01-01T11:00:01Z")
    assert (head["X-RateLimit-Limit"], head["X-RateLimit-Remaining"]) == ("4", "0")
    assert head["Beta-RateLimit-Policy"] == '"global-app-quota";q=4;w=3600'
    assert by_app(jira, "myself", token).status_code in (401, 429)  # everything is denied
    assert jira.get("issue/SEC-1").status_code == 200  # API tokens have no points
    wait(jira, 30)
    assert by_app(jira, "issue/SEC-1", token).status_code == 200


def test_apps_do_not_share_their_points(jira: Jira) -> None:
    jira.create()
    one, other = app_of(jira, "read:jira-work"), app_of(jira, "read:jira-work")
    armed(jira, points_per_hour=1)
    assert [by_app(jira, "issue/SEC-1", one).status_code for _ in range(2)] == [200, 429]
    assert by_app(jira, "issue/SEC-1", other).status_code == 200


@pytest.mark.parametrize(
    ("pool", "status", "reason"), [("global", 429, "jira-quota-global-based"), ("tenant", 200, None)]
)
def test_a_global_pool_is_one_for_all_sites_and_a_tenants_is_its_own(
    server: FakeJira, jira: Jira, pool: str, status: int, reason: str | None
) -> None:
    with in_a_world_of_its_own(server) as second:
        jira.session.post(f"{jira.url}/_control/sites", json={"world": second.world.name}, timeout=10)
        second.create()
        jira.create()
        token = app_of(jira, "read:jira-work", sites=[jira.world.name, second.world.name])
        for each in (jira, second):
            armed(each, points_per_hour=1, points_pool=pool)
        assert by_app(jira, "issue/SEC-1", token).status_code == 200
        answer = by_app(second, "issue/SEC-1", token)
        assert (answer.status_code, answer.headers.get("RateLimit-Reason")) == (status, reason)


def test_a_tenants_pool_names_itself(jira: Jira) -> None:
    token = app_of(jira, "read:jira-work")
    armed(jira, points_per_hour=100_000, points_pool="tenant")
    head = by_app(jira, "serverInfo", token).headers
    assert head["Beta-RateLimit-Policy"] == '"tenant-app-quota";q=100000;w=3600'
    assert head["RateLimit-Policy"] == '"jira-burst-based";q=100;w=1'


def test_few_points_left_are_warned_of(jira: Jira) -> None:
    jira.create()
    token = app_of(jira, "read:jira-work")
    armed(jira, points_per_hour=10)
    warned = ["X-RateLimit-NearLimit" in by_app(jira, "issue/SEC-1", token).headers for _ in range(6)]
    assert warned == [False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("GET", "serverInfo", "350"),
        ("GET", "issue/SEC-1", "400"),
        ("GET", "user?accountId=x", "400"),
        ("POST", "search/approximate-count", "400"),
        ("GET", "issue/SEC-1/changelog", "500"),
        ("GET", "project/SEC/role/10002", "500"),
        ("PUT", "issue/SEC-1", "300"),
        ("DELETE", "issue/SEC-1", "300"),
        ("POST", "issue", "200"),
        ("POST", "issue/SEC-1/transitions", "200"),
        ("POST", "search/jql", "350"),
    ],
)
def test_each_endpoint_has_the_limit_that_was_measured(jira: Jira, method: str, path: str, limit: str) -> None:
    armed(jira)
    assert jira.call(method, path, json=None if method == "GET" else {}).headers["X-RateLimit-Limit"] == limit


def test_an_unknown_route_tells_of_no_limits(jira: Jira) -> None:
    armed(jira, burst_limit=1)
    answers = [jira.get("nowhere") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not names_of_limits(answers[-1])


def test_twenty_writes_in_two_seconds_and_a_hundred_in_thirty_are_the_documented_limits(jira: Jira) -> None:
    jira.create()
    jira.session.post(f"{jira.url}/_control/clock", json={"to": "2030-01-01T00:00:00Z"}, timeout=10)
    armed(jira)
    edit = {"fields": {"summary": "Again"}}
    statuses = [jira.put("issue/SEC-1", edit).status_code for _ in range(21)]
    assert statuses == [*[204] * 20, 429]
    assert jira.put("issue/SEC-1", edit).headers["X-RateLimit-Limit"] == "20"
    for _ in range(4):
        wait(jira, 2)
        assert {jira.put("issue/SEC-1", edit).status_code for _ in range(20)} == {204}
    wait(jira, 2)
    refused = jira.put("issue/SEC-1", edit)
    assert (refused.status_code, refused.headers["X-RateLimit-Limit"]) == (429, "100")


def test_writes_to_an_issue_without_a_limit_warn_of_none(jira: Jira) -> None:
    jira.create()
    armed(jira, issue_writes_in_2s=0, issue_writes_in_30s=0)
    answers = [jira.put("issue/SEC-1", {"fields": {"summary": "Again"}}) for _ in range(25)]
    assert {answer.status_code for answer in answers} == {204}
    assert "X-RateLimit-NearLimit" not in answers[-1].headers


def test_a_comment_is_a_write_to_its_issue_and_reading_by_post_is_none(jira: Jira) -> None:
    jira.create()
    armed(jira, issue_writes_in_2s=1)
    comment = {"body": {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": []}]}}
    assert [jira.post("issue/SEC-1/changelog/list", {"changelogIds": []}).status_code for _ in range(3)] == [200] * 3
    statuses = [jira.post("issue/SEC-1/comment", comment).status_code for _ in range(2)]
    assert statuses[1] == 429


@pytest.mark.parametrize(
    ("operation", "body", "points"),
    [
        ("getGroups", {"header": "", "total": 2, "groups": [{}, {}]}, 5),
        ("findUsersAndGroups", {"users": {"users": [{}], "total": 1}, "groups": {"groups": [{}, {}], "total": 2}}, 7),
        ("getProject", {"id": "10000", "components": [{}, {}], "issueTypes": [{}]}, 2),
        ("getAllStatuses", [{}, {}, {}], 4),
        ("getIssueWorklog", {"worklogs": [{}, {}]}, 3),
        ("getServerInfo", None, 1),
    ],
)
def test_what_an_answer_holds_is_counted(operation: str, body: Any, points: int) -> None:
    people = frozenset({"getGroups", "findUsersAndGroups"})
    assert cost(operation, "GET", body, people) == points
    assert cost("createIssue", "POST", body, people) == 1
