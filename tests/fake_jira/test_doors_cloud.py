"""Getting in at Jira Cloud: login, consent, codes, tokens that rotate and end, and the sites they are for [jira 4]."""

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from fake_jira.model.app_records import App
from fake_jira.model.apps import change_app, change_password, delete_app, grant_of, remove_grant
from tests.fake_jira.conftest import ADMIN, VIEWER, Jira
from tests.fake_jira.oauth import (
    CALLBACK,
    a_person,
    a_stranger,
    an_app,
    ask,
    exchange,
    refresh,
    words,
)

BAD_REFRESH = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
BAD_CODE = {"error": "invalid_grant", "error_description": "Invalid authorization code"}


def answered(answer: requests.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


def tokens(jira: Jira, *scopes: str) -> tuple[App, dict[str, str]]:
    """An app that the admin has let in, and its tokens."""
    app = an_app(jira, *scopes)
    return app, exchange(jira, app, a_person(jira).accept(app)).json()


# Login


def test_whoever_is_not_logged_in_goes_to_the_login_page_and_comes_back(jira: Jira) -> None:
    app, person = an_app(jira), a_stranger(jira, ADMIN)
    sent = person.authorize(app, client_id="nobody's")
    assert sent.status_code == 302, "the client id is looked at after the login"
    place = urlsplit(sent.headers["Location"])
    assert place.path == f"/worlds/{jira.world.name}/login"
    back = parse_qs(place.query)["continue"][0]
    assert back.startswith(f"{jira.url}/authorize?")
    wrong = person.send("/login", email=ADMIN[0], password="wrong", **{"continue": back})
    assert (wrong.status_code, "do not belong together" in words(wrong)) == (401, True)
    right = person.send("/login", email=ADMIN[0].upper(), password=ADMIN[1], **{"continue": back})
    assert (right.status_code, right.headers["Location"]) == (302, back)
    cookie = right.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert f"Path=/worlds/{jira.world.name}" in cookie


@pytest.mark.parametrize("place", ["https://evil.example/x", "//evil.example/x", "/elsewhere", "http://[", ""])
def test_a_login_leads_to_no_stranger(jira: Jira, place: str) -> None:
    for back in (place, f"https://evil.example/worlds/{jira.world.name}/console"):
        sent = a_stranger(jira).send("/login", email=VIEWER[0], password=VIEWER[1], **{"continue": back})
        assert sent.headers["Location"] == f"/worlds/{jira.world.name}/account"


def test_a_login_ends_by_itself_by_logging_out_and_with_the_password(jira: Jira) -> None:
    person = a_person(jira)
    jira.world.clock.advance(timedelta(days=29))
    assert person.look("/account").status_code == 200
    jira.world.clock.advance(timedelta(days=1))
    assert person.look("/account").status_code == 302
    person.log_in()
    person.send("/logout")
    assert person.look("/account").status_code == 302
    person.log_in()
    change_password(jira.site, jira.admin, "new")
    assert person.look("/account").status_code == 302


# Consent


def test_the_consent_page_says_in_words_what_the_app_may_do(jira: Jira) -> None:
    app = an_app(jira, "read:jira-work", "read:issue-details:jira", "write:issue.property:jira")
    said = words(a_person(jira).authorize(app))
    assert "Ticket status asks for access to your account" in said
    assert "See projects and issues, with their comments, attachments and worklogs read:jira-work" in said
    assert "See the details of issues read:issue-details:jira" in said
    assert "Create and change issue properties write:issue.property:jira" in said
    assert "Keep doing all this while you are away offline_access" in said
    assert "You are Ada Admin (admin@example.com). Afterwards you are sent to localhost:5999." in said


def test_accepting_and_cancelling_both_lead_to_the_callback(jira: Jira) -> None:
    app, person = an_app(jira), a_person(jira)
    page = person.authorize(app)
    assert page.headers["Content-Security-Policy"].count("form-action 'self' http://localhost:5999;") == 1
    accepted = person.fill_in("/authorize", page, decision="accept")
    assert accepted.headers["Location"].startswith(f"{CALLBACK}?state=a%20b%26c&code=")
    cancelled = person.fill_in("/authorize", page, decision="cancel")
    assert cancelled.headers["Location"] == (
        f"{CALLBACK}?error=access_denied&error_description=User%20did%20not%20authorize%20the%20request&state=a%20b%26c"
    )


def test_an_answer_joins_the_query_that_the_callback_has_and_no_state_stays_none(jira: Jira) -> None:
    app, person = an_app(jira), a_person(jira)
    change_app(jira.site, app, callbacks=["https://app.example/cb?tenant=7"])
    page = person.authorize(app, redirect_uri="https://app.example/cb?tenant=7", state=None)
    sent = person.fill_in("/authorize", page, decision="accept").headers["Location"]
    assert sent.startswith("https://app.example/cb?tenant=7&code=")


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"client_id": "x"}, "invalid_request", "Unknown client: x"),
        (
            {"redirect_uri": "http://localhost:5999/callback/"},
            "unauthorized_client",
            "Callback URL mismatch. http://localhost:5999/callback/ is not in the list of allowed callback URLs",
        ),
        ({"redirect_uri": None}, "unauthorized_client", "Callback URL mismatch."),
        ({"audience": None}, "access_denied", "audience must be api.atlassian.com"),
        ({"response_type": "token"}, "unsupported_response_type", "response_type must be code"),
        ({"prompt": None}, "invalid_request", "prompt must be consent"),
        ({"scope": ""}, "invalid_scope", "names no scope"),
        ({"scope": "read:jira-work manage:jira-project"}, "invalid_scope", "the scope manage:jira-project"),
    ],
)
def test_what_the_app_has_wrong_is_a_page_and_never_reaches_its_callback(
    jira: Jira, change: dict[str, str | None], error: str, sentence: str
) -> None:
    app, person = an_app(jira), a_person(jira)
    sent = person.authorize(app, **change)
    place = urlsplit(sent.headers["Location"])
    assert (sent.status_code, place.path) == (302, f"/worlds/{jira.world.name}/error")
    assert parse_qs(place.query)["error"] == [error]
    page = person.look("/error", **{name: values[0] for name, values in parse_qs(place.query).items()})
    assert (page.status_code, sentence in words(page)) == (400, True)


def test_a_private_app_is_its_owners_alone_until_it_is_distributed(jira: Jira) -> None:
    app, other = an_app(jira), a_person(jira, VIEWER)
    refused = other.authorize(app)
    assert parse_qs(urlsplit(refused.headers["Location"]).query)["error"] == ["unauthorized_client"]
    change_app(jira.site, app, distributed=True)
    assert other.authorize(app).status_code == 200


def test_a_form_that_another_page_sends_does_nothing(jira: Jira) -> None:
    app, person = an_app(jira), a_person(jira)
    page = person.authorize(app)
    assert person.fill_in("/authorize", page, decision="accept", form_key="guessed").status_code == 403
    assert jira.world.state.app_grants == {}


def test_what_is_accepted_is_looked_at_again(jira: Jira) -> None:
    app, person = an_app(jira), a_person(jira)
    page = person.authorize(app)
    change_app(jira.site, app, callbacks=[])
    sent = person.fill_in("/authorize", page, decision="accept")
    assert urlsplit(sent.headers["Location"]).path.endswith("/error")
    change_app(jira.site, app, callbacks=[CALLBACK])
    sent = person.fill_in("/authorize", page, decision="accept", site="nowhere")
    assert urlsplit(sent.headers["Location"]).path.endswith("/error")
    assert jira.world.state.app_grants == {}


# Codes and tokens


def test_a_code_becomes_tokens_and_the_access_token_is_a_jwt(jira: Jira) -> None:
    app = an_app(jira)
    answer = exchange(jira, app, a_person(jira).accept(app))
    body = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert {name: body[name] for name in ("expires_in", "scope", "token_type")} == {
        "expires_in": 3600,
        "scope": "read:jira-work write:jira-work read:jira-user offline_access",
        "token_type": "Bearer",
    }
    claims = json.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[1] + "=="))
    assert (claims["iss"], claims["aud"], claims["client_id"], claims["sub"], claims["scope"]) == (
        "https://auth.atlassian.com", app.client_id, app.client_id, jira.admin.account_id, body["scope"],
    )  # fmt: skip
    assert claims["exp"] - claims["iat"] == 3600


def test_forms_are_read_as_json_is(jira: Jira) -> None:
    app = an_app(jira)
    form = {
        "grant_type": "authorization_code", "client_id": app.client_id, "client_secret": app.secret,
        "code": a_person(jira).accept(app), "redirect_uri": CALLBACK, "code_verifier": "ignored",
    }  # fmt: skip
    assert jira.session.post(f"{jira.url}/oauth/token", data=form, timeout=10).status_code == 200


def test_without_offline_access_there_is_no_refresh_token(jira: Jira) -> None:
    app = an_app(jira)
    code = a_person(jira).accept(app, scope="read:jira-work")
    assert "refresh_token" not in exchange(jira, app, code).json()


def test_a_code_is_good_once_for_its_app_and_address_and_for_ten_minutes(jira: Jira) -> None:
    app, person = an_app(jira), a_person(jira)
    other = an_app(jira, client_id="other")
    code = person.accept(app)
    assert answered(exchange(jira, other, code)) == (403, BAD_CODE)
    assert answered(exchange(jira, app, code, redirect_uri=f"{CALLBACK}2")) == (403, BAD_CODE)
    assert exchange(jira, app, code).status_code == 200
    assert answered(exchange(jira, app, code)) == (403, BAD_CODE)
    late = person.accept(app)
    jira.world.clock.advance(timedelta(minutes=10))
    assert answered(exchange(jira, app, late)) == (403, BAD_CODE)
    jira.world.settings = jira.world.settings.changed(bad_auth_code=400)
    assert answered(exchange(jira, app, "nonsense")) == (400, BAD_CODE)


@pytest.mark.parametrize(
    ("fields", "status", "error", "sentence"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied", "Unauthorized"),
        ({"client_secret": None}, 401, "access_denied", "Unauthorized"),
        ({"client_id": "nobody"}, 401, "access_denied", "Unauthorized"),
        ({"client_id": None}, 401, "access_denied", "Unauthorized"),
        ({"grant_type": None}, 400, "invalid_request", "Missing required parameter: grant_type"),
        ({"code": 5}, 400, "invalid_request", "Missing required parameter: code"),
        ({"grant_type": "password"}, 403, "unsupported_grant_type", "Unsupported grant type: password"),
    ],
)
def test_a_token_request_that_is_wrong_is_told_why(
    jira: Jira, fields: dict[str, object], status: int, error: str, sentence: str
) -> None:
    asked = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK} | fields
    answer = ask(jira, an_app(jira), **asked)
    assert answered(answer) == (status, {"error": error, "error_description": sentence})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null"])
def test_a_body_that_is_neither_an_object_nor_a_form_is_an_invalid_request(jira: Jira, body: bytes) -> None:
    answer = jira.session.post(f"{jira.url}/oauth/token", data=body, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


# Refreshing


def test_refreshing_gives_new_tokens_and_the_old_one_stays_good_for_ten_minutes(jira: Jira) -> None:
    app, first = tokens(jira)
    second = refresh(jira, app, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    jira.world.clock.advance(timedelta(seconds=595))
    assert refresh(jira, app, first["refresh_token"]).status_code == 200
    jira.world.clock.advance(timedelta(seconds=5))
    assert answered(refresh(jira, app, first["refresh_token"])) == (403, BAD_REFRESH)
    assert refresh(jira, app, second["refresh_token"]).status_code == 200


def test_without_leeway_a_refresh_token_is_good_once(jira: Jira) -> None:
    jira.world.settings = jira.world.settings.changed(refresh_leeway=0)
    app, first = tokens(jira)
    assert refresh(jira, app, first["refresh_token"]).status_code == 200
    assert answered(refresh(jira, app, first["refresh_token"])) == (403, BAD_REFRESH)


def test_an_unused_refresh_token_dies_after_90_days_and_each_use_starts_them_anew(jira: Jira) -> None:
    app, held = tokens(jira)
    for _ in range(3):
        jira.world.clock.advance(timedelta(days=89))
        held = refresh(jira, app, held["refresh_token"]).json()
    jira.world.clock.advance(timedelta(days=90))
    assert answered(refresh(jira, app, held["refresh_token"])) == (403, BAD_REFRESH)


@pytest.mark.parametrize(("ends", "status"), [(True, 403), (False, 200)])
def test_a_line_of_refresh_tokens_ends_after_a_year_where_that_is_so(jira: Jira, ends: bool, status: int) -> None:
    jira.world.settings = jira.world.settings.changed(refresh_ends_after_a_year=ends)
    app, held = tokens(jira)
    for _ in range(4):
        jira.world.clock.advance(timedelta(days=80))
        held = refresh(jira, app, held["refresh_token"]).json()
    jira.world.clock.advance(timedelta(days=44))
    held = refresh(jira, app, held["refresh_token"]).json()
    jira.world.clock.advance(timedelta(days=1))
    assert refresh(jira, app, held["refresh_token"]).status_code == status


def test_another_apps_refresh_token_is_none(jira: Jira) -> None:
    _, held = tokens(jira)
    assert answered(refresh(jira, an_app(jira, client_id="other"), held["refresh_token"])) == (403, BAD_REFRESH)
    assert answered(refresh(jira, an_app(jira, client_id="third"), "nonsense")) == (403, BAD_REFRESH)


def test_a_removed_grant_a_new_password_and_a_deleted_app_end_refreshing(jira: Jira) -> None:
    app, held = tokens(jira)
    change_password(jira.site, jira.admin, "new")
    assert answered(refresh(jira, app, held["refresh_token"])) == (403, BAD_REFRESH)
    change_password(jira.site, jira.admin, ADMIN[1])
    code = a_person(jira).accept(app)
    held = exchange(jira, app, code).json()
    unused = a_person(jira).accept(app)
    grant = grant_of(jira.world.state, app, jira.admin.account_id)
    assert grant is not None
    remove_grant(jira.site, grant)
    assert answered(refresh(jira, app, held["refresh_token"])) == (403, BAD_REFRESH)
    assert answered(exchange(jira, app, unused)) == (403, BAD_CODE)
    delete_app(jira.site, app)
    assert refresh(jira, app, held["refresh_token"]).status_code == 401


def test_changed_scopes_of_an_app_count_when_people_consent_again(jira: Jira) -> None:
    app, held = tokens(jira, "read:jira-work")
    app = change_app(jira.site, app, scopes=["read:jira-user"])
    held = refresh(jira, app, held["refresh_token"]).json()
    assert held["scope"] == "read:jira-work offline_access"
    again = exchange(jira, app, a_person(jira).accept(app)).json()
    assert again["scope"] == "read:jira-user offline_access"
    assert refresh(jira, app, held["refresh_token"]).json()["scope"] == "read:jira-user offline_access"
    assert len(jira.world.state.app_grants) == 1


def test_the_doors_are_journalled_and_faults_act_on_them(jira: Jira) -> None:
    app = an_app(jira)
    code = a_person(jira).accept(app)
    fault = {"fault": "unavailable", "operation": "token", "times": 1}
    assert jira.session.post(f"{jira.url}/_control/faults", json=fault, timeout=10).status_code == 201
    assert [exchange(jira, app, code).status_code for _ in range(2)] == [503, 200]
    told = [(each.operation, each.status, each.user) for each in jira.world.journal.entries({})]
    assert told == [
        ("login", 302, None),
        ("authorize", 200, ADMIN[0]),
        ("consent", 302, ADMIN[0]),
        ("token", 503, None),
        ("token", 200, ADMIN[0]),
    ]
