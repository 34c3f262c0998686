"""Rate limits as real ones: off unless armed, counted by the world's clock, told in every header [jira 2.9, 7]."""

from typing import Any

import pytest
import requests

from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira


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
