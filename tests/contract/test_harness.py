"""The cases catch what is wrong, by the name that is meant for it, and let pass what is right."""

import json
from typing import Any

import pytest
from flask import Flask, Response, jsonify

from contract import report
from contract.api import Answer, Api, Caller, Target, Unreachable, Violation
from contract.cases import SUITES
from contract.cases.status_check import CHECK, CODES, SENTENCES
from contract.harness import Case, Level, NotJudged, Outcome, Result, case, expect, play_all
from contract.sources import sources
from tests.contract.small_server import ADMIN, KNOWN, VIEWER, Body, Wrong, app, serving
from tests.service.web.conftest import Service

CASES = SUITES["status-api"]


def judge(url: str, ours: bool = False, **given: Any) -> list[Result]:
    api = Api(Target(url, **{"token": ADMIN, "viewer_token": VIEWER, "name": KNOWN, "timeout": 10.0} | given))
    try:
        return list(play_all(CASES, api, ours))
    finally:
        api.close()


def names(results: list[Result], outcome: Outcome) -> set[str]:
    return {result.case.name.removeprefix("status-check/") for result in results if result.outcome is outcome}


def with_changed(**changes: Any) -> Wrong:
    """Every answer that holds a status is changed: a value for a key, or None to leave it out."""

    def wrong(code: int, body: Body) -> tuple[int, Body]:
        if "status" in body:
            body = {key: value for key, value in (body | changes).items() if value is not None}
        return code, body

    return wrong


def unknown_is_200(code: int, body: Body) -> tuple[int, Body]:
    return (200 if code == 404 else code), body


def faulty_is_500(code: int, body: Body) -> tuple[int, Body]:
    faulty = {"status": "FAULTY_CONFIGURATION", "reason": SENTENCES["FAULTY_CONFIGURATION"]}
    return (500, body | faulty) if code == 200 else (code, body)


def missing_is_404(code: int, body: Body) -> tuple[int, Body]:
    return (404 if code == 400 else code), body


def no_one_is_refused(code: int, body: Body) -> tuple[int, Body]:
    return (200, {"error": ""}) if code in (401, 403) else (code, body)


def viewers_are_admitted(code: int, body: Body) -> tuple[int, Body]:
    return (404, body) if code == 403 else (code, body)


def crashes_on_quotes(code: int, body: Body) -> tuple[int, Body]:
    return (500, {"error": "syntax error"}) if "'" in body.get("integration_name", "") else (code, body)


def healthy_in_other_words(code: int, body: Body) -> tuple[int, Body]:
    return code, body | ({"reason": "All fine"} if code == 200 else {})


def decodes_twice(code: int, body: Body) -> tuple[int, Body]:
    return code, body | ({"integration_name": body["integration_name"].replace("+", " ")} if code == 404 else {})


def as_text(code: int, body: Body) -> Response:
    return Response(json.dumps(body), code, mimetype="text/plain")


def a_name_twice(code: int, body: Body) -> Response:
    return Response(json.dumps(body)[:-1] + ', "reason": "again"}', code, mimetype="application/json")


WRONG = [
    (with_changed(time=None), "four-keys"),
    (with_changed(integration_name=7), "four-keys"),
    (with_changed(status="OK"), "valid-status"),
    (with_changed(reason=" "), "reason"),
    (with_changed(reason=SENTENCES["INTERNAL_SERVER_ERROR"]), "reason"),
    (with_changed(reason="No."), "unknown-name-reason"),
    (with_changed(time="2024-01-01 12:00"), "time"),
    (with_changed(time="2024-13-01T12:00:00Z"), "time"),
    (with_changed(time="2024-01-01T12:00:00Z\n"), "time"),
    (with_changed(time="2999-01-01T12:00:00Z"), "time-not-in-the-future"),
    (with_changed(time="2024-01-01T12:00:00Z"), "time-of-an-unknown-name"),
    (with_changed(integration_name="jira-1"), "echoes-the-name"),
    (with_changed(status=None), "schema"),
    (unknown_is_200, "unknown-name"),
    (unknown_is_200, "code-fits-status"),
    (faulty_is_500, "known-name"),
    (missing_is_404, "missing-name"),
    (no_one_is_refused, "needs-a-credential"),
    (no_one_is_refused, "wrong-credential"),
    (viewers_are_admitted, "needs-an-admin"),
    (crashes_on_quotes, "odd-names"),
    (healthy_in_other_words, "healthy-reason"),
    (decodes_twice, "url-encoding"),
    (as_text, "json"),
    (a_name_twice, "json"),
]


@pytest.mark.parametrize(("wrong", "caught_by"), WRONG, ids=[f"{n}-{name}" for n, (_, name) in enumerate(WRONG)])
def test_a_server_that_is_wrong_in_one_way_is_caught_by_the_case_for_it(wrong: Wrong, caught_by: str) -> None:
    with serving(app(wrong)) as url:
        assert caught_by in names(judge(url), Outcome.FAILED)


def test_a_small_server_that_is_right_is_conformant_by_our_readings_too() -> None:
    with serving(app(lambda code, body: (code, body))) as url:
        results = judge(url, ours=True)
    assert names(results, Outcome.FAILED) == set()
    assert names(results, Outcome.NOT_JUDGED) == {"own-failure-reason", "faulty-reason"}


def test_further_keys_and_other_offsets_break_no_promise() -> None:
    with serving(app(with_changed(version=2, time="2026-01-01T12:00:00.5+02:00"))) as url:
        results = judge(url)
    assert names(results, Outcome.FAILED) == {"time-of-an-unknown-name"}  # the time is old, and nothing else is wrong
    assert names(results, Outcome.UNSUPPORTED) == {"utc-in-whole-seconds", "schema-ours", "verifies-live"}


def test_a_flask_app_that_answers_the_sample_to_everything_is_caught_by_the_right_cases() -> None:
    sample = Flask(__name__)

    @sample.get("/", defaults={"path": ""})
    @sample.get("/<path:path>")
    def everything(path: str) -> Response:
        body = {
            "status": "HEALTHY_INTEGRATION",
            "reason": "Integration is healthy and operational.",
            "time": "2024-01-01T12:00:00Z",
            "integration_name": "jira-connection-1",
        }
        return jsonify(body)

    with serving(sample) as url:
        results = judge(url, name="jira-connection-1")
    assert names(results, Outcome.FAILED) == {
        "unknown-name",
        "unknown-name-reason",
        "echoes-the-name",
        "time-of-an-unknown-name",
        "missing-name",
        "needs-a-credential",
        "wrong-credential",
        "needs-an-admin",
    }


def test_our_service_keeps_every_promise(service: Service) -> None:
    service.connect(connection_name=KNOWN)
    results = judge(service.url, ours=True, token=service.token, viewer_token=service.add_viewer())
    assert names(results, Outcome.FAILED) == set()
    assert names(results, Outcome.NOT_JUDGED) == {"own-failure-reason", "faulty-reason"}


def test_our_service_keeps_them_while_its_jira_is_not_there(service: Service, world: Any) -> None:
    service.connect(connection_name=KNOWN)
    world.fault("expired_token", user="admin@example.com")
    results = judge(service.url, ours=True, token=service.token, viewer_token=service.add_viewer())
    assert names(results, Outcome.FAILED) == set()
    assert names(results, Outcome.NOT_JUDGED) == {"own-failure-reason", "healthy-reason"}


def test_a_refused_credential_is_told_once_and_not_by_every_case() -> None:
    with serving(app(lambda code, body: (code, body))) as url:
        results = judge(url, token="another")
    assert names(results, Outcome.FAILED) == {"path-and-method"}
    assert names(results, Outcome.PASSED) >= {"needs-a-credential", "wrong-credential"}


def test_what_was_not_given_is_not_judged() -> None:
    with serving(app(lambda code, body: (code, body))) as url:
        results = judge(url, viewer_token=None, name=None)
    assert names(results, Outcome.FAILED) == set()
    assert {"needs-an-admin", "known-name", "letter-case"} <= names(results, Outcome.NOT_JUDGED)


def test_a_viewer_whose_token_nobody_knows_proves_nothing() -> None:
    with serving(app(lambda code, body: (code, body))) as url:
        results = judge(url, viewer_token="wrong")
    assert "needs-an-admin" in names(results, Outcome.NOT_JUDGED)


def test_a_case_that_breaks_is_our_own_fault_and_not_the_servers() -> None:
    @case("test/breaks", promise="None.", source="status-check", needs=())
    def breaks(_: Api) -> None:
        raise ZeroDivisionError("with " + ADMIN)

    target = Target("http://127.0.0.1:1", token=ADMIN)
    (result,) = play_all([breaks], Api(target), False)
    assert result.outcome is Outcome.ERROR
    assert "ZeroDivisionError: with *** (test_harness.py:" in result.reason
    assert run_of(target, [result]).exit_code == report.OWN_FAULT


def test_a_run_in_which_nothing_was_judged_fails() -> None:
    @case("test/never", promise="None.", source="status-check", needs=())
    def never(_: Api) -> None:
        raise NotJudged("it never comes to that")

    target = Target("http://127.0.0.1:1")
    run = run_of(target, list(play_all([never], Api(target), False)))
    assert (run.exit_code, run.verdict) == (report.VIOLATIONS, "NOTHING WAS JUDGED")


def run_of(target: Target, results: list[Result]) -> report.Run:
    return report.Run(target, "status-api", len(results), results, report.Counter(), report.Counter())


def test_an_answer_that_is_too_large_to_read_is_a_violation_and_the_server_still_reachable() -> None:
    talkative = Flask(__name__)

    @talkative.get("/")
    def root() -> str:
        return "here"

    @talkative.get(CHECK)
    def check() -> Response:
        return Response((b"x" * 65_536 for _ in range(20)), 200)  # larger than any answer may be

    with serving(talkative) as url:
        api = Api(Target(url, token=ADMIN))
        with pytest.raises(Violation) as caught:
            api.get(CHECK)
    assert "an answer of at most 1000000 bytes" in caught.value.expected
    assert "the body is larger" in caught.value.got


def test_nothing_at_the_address_is_unreachable() -> None:
    with serving(app(lambda code, body: (code, body))) as url:
        pass
    with pytest.raises(Unreachable, match="Connection refused"):
        list(play_all(CASES, Api(Target(url, token=ADMIN)), False))


def test_no_cookie_and_no_redirect_carries_a_credential_further() -> None:
    elsewhere = Flask(__name__)
    asked: list[str | None] = []

    @elsewhere.get(CHECK)
    def check() -> Response:
        from flask import request  # noqa: PLC0415 - only here

        asked.append(request.headers.get("Authorization") or request.headers.get("Cookie"))
        return Response(status=302, headers={"Location": CHECK, "Set-Cookie": "session=admin; Path=/"})

    with serving(elsewhere) as url:
        api = Api(Target(url, token=ADMIN))
        assert [api.get(CHECK, caller=caller).code for caller in (Caller.ADMIN, Caller.NOBODY)] == [302, 302]
    assert asked == [f"Bearer {ADMIN}", None]


def test_expect_tells_what_was_expected_and_what_came() -> None:
    with serving(app(lambda code, body: (code, body))) as url:
        answer: Answer = Api(Target(url, token=ADMIN)).get(CHECK, {"integrationName": "x"})
    expect(answer, 404, integration_name="x")
    with pytest.raises(Violation) as caught:
        expect(answer, 200, 404, integration_name="y")
    assert caught.value.expected == '200 or 404 with {"integration_name": "y"}'
    assert caught.value.got == '404 with {"integration_name": "x"}'


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_every_case_names_a_source_that_exists_and_says_what_it_does(one: Case) -> None:
    assert one.source in sources(), f"contract/sources.md has no [{one.source}]"
    assert one.promise.endswith(".")
    assert len(one.why) > 20
    assert one.level is Level.OURS or one.source == "status-check"


def test_no_two_cases_have_one_name() -> None:
    assert len({one.name for one in CASES}) == len(CASES)


def test_the_cases_know_the_statuses_of_the_document() -> None:
    assert set(SENTENCES) == set(CODES)
