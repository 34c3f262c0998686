"""Webhooks: registered by apps and administrators, filtered, signed, delivered for real and tried again [jira 5.13]."""

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fake_jira.client import FakeJiraClient
from fake_jira.model.permissions import revoke
from fake_jira.server import FakeJira, start
from tests.fake_jira.conftest import ADMIN, DC_ADMIN, VIEWER, Jira
from tests.fake_jira.listener import Listener, Received, listening

SCOPES = ["read:jira-work", "write:jira-work", "manage:jira-webhook"]
UPDATED = "jira:issue_updated"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as running:
        yield running


@pytest.fixture
def app(jira: Jira) -> "App":
    return App(jira)


class App:
    """An app that the admin has let in, at the gateway."""

    def __init__(self, jira: Jira, owner: str = ADMIN[0], user: str = ADMIN[0], distributed: bool = False) -> None:
        self.control = FakeJiraClient(jira.url)
        made = self.control.app("Listener", owner=owner, scopes=SCOPES, distributed=distributed)
        self.client_id, self.secret = made["client_id"], made["client_secret"]
        self.token = self.control.grant(self.client_id, user=user, scopes=SCOPES)["access_token"]
        self.base = f"{jira.url}/ex/jira/{jira.world.cloud_id}/rest/api/3"
        self.session = jira.session

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.session.request(method, f"{self.base}/{path}", json=body, headers=headers, timeout=10)

    def register(self, url: str, *events: str, jql: str = "project = SEC", **more: Any) -> dict[str, Any]:
        webhooks = [{"events": list(events), "jqlFilter": jql} | more]
        answer = self.call("POST", "webhook", {"url": url, "webhooks": webhooks})
        assert answer.status_code == 200, answer.text
        (result,) = answer.json()["webhookRegistrationResult"]
        return dict(result)


def administrators(jira: Jira) -> str:
    path = "rest/jira-webhook/1.0/webhooks" if jira.flavour == "data-center" else "rest/webhooks/1.0/webhook"
    return f"{jira.url}/{path}"


def register_as_admin(jira: Jira, url: str, *events: str, **more: Any) -> dict[str, Any]:
    auth = DC_ADMIN if jira.flavour == "data-center" else ADMIN
    body = {"name": "Mine", "url": url, "events": list(events)} | more
    answer = jira.session.post(administrators(jira), json=body, auth=auth, timeout=10)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def noted(control: FakeJiraClient, tries: int) -> dict[str, Any]:
    """The only delivery, once the fake has taken note of the answer to its last try."""
    while not (found := control.deliveries()) or found[0]["tries"] < tries:
        pass
    return found[0]


def test_an_app_is_told_of_a_transition_with_what_has_changed(jira: Jira, app: App, listener: Listener) -> None:
    made = app.register(f"{listener.url}/hook", UPDATED)
    key = jira.create(summary="Leak")
    jira.post(f"issue/{key}/transitions", {"transition": {"id": "41"}})
    got = listener.next()
    told = got.json
    assert got.path == "/hook"
    assert (told["webhookEvent"], told["issue_event_type_name"]) == (UPDATED, "issue_generic")
    assert (told["issue"]["key"], told["issue"]["fields"]["status"]["name"]) == (key, "Done")
    assert told["issue"]["self"].startswith(f"{jira.url}/rest/api/2/issue/")
    assert told["user"]["accountId"] == jira.admin.account_id
    assert ("status", "Done") in [(each["field"], each["toString"]) for each in told["changelog"]["items"]]
    assert told["matchedWebhookIds"] == [made["createdWebhookId"]]
    assert abs(told["timestamp"] - jira.world.now().timestamp() * 1000) < 60_000


def test_an_app_can_check_that_a_delivery_is_jiras_by_its_own_secret(jira: Jira, app: App, listener: Listener) -> None:
    app.register(listener.url, "jira:issue_created")
    jira.create()
    token = listener.next().headers["Authorization"].removeprefix("Bearer ")
    head, claims, signature = token.split(".")
    wanted = hmac.digest(app.secret.encode(), f"{head}.{claims}".encode(), "sha256")
    assert base64.urlsafe_b64encode(wanted).rstrip(b"=").decode() == signature
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["iss"] == app.client_id


def issuer(told: Received) -> str:
    """The app that a delivery says it is for."""
    claims = told.headers["Authorization"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["iss"])


@pytest.mark.parametrize(
    ("jql", "is_told"),
    [("project = SEC", True), ("project = TEST", False), ("status = 'To Do'", True), ("issuetype != Task", False)],
)
def test_only_what_the_jql_finds_is_told(jira: Jira, app: App, listener: Listener, jql: str, is_told: bool) -> None:
    app.register(listener.url, "jira:issue_created", jql=jql)
    jira.create()
    assert listener.is_left_alone() is not is_told


def test_a_filter_by_field_keeps_other_updates_away(jira: Jira, app: App, listener: Listener) -> None:
    app.register(listener.url, UPDATED, fieldIdsFilter=["summary"])
    key = jira.create()
    jira.put(f"issue/{key}", {"fields": {"labels": ["a"]}})
    jira.put(f"issue/{key}", {"fields": {"summary": "Changed"}})
    assert [each["field"] for each in listener.next().json["changelog"]["items"]] == ["summary"]
    assert listener.is_left_alone()


def test_comments_and_deletions_are_told_and_sub_tasks_go_by_the_slow_flow(
    jira: Jira, app: App, listener: Listener
) -> None:
    app.register(listener.url, "comment_created", "jira:issue_deleted")
    key = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": key})
    jira.post(f"issue/{key}/comment", {"body": "Said"}, version="2")
    comment = listener.next().json
    assert (comment["webhookEvent"], comment["comment"]["body"]) == ("comment_created", "Said")
    jira.delete(f"issue/{key}?deleteSubtasks=true")
    gone = {(got := listener.next()).json["issue"]["key"]: got.headers["X-Atlassian-Webhook-Flow"] for _ in range(2)}
    assert gone == {child: "Secondary", key: "Primary"}


def test_a_move_is_told_with_both_keys(jira: Jira, app: App, listener: Listener) -> None:
    app.register(listener.url, UPDATED, jql="project = TEST")
    key = jira.create()
    jira.move(key, "TEST")
    told = listener.next().json
    assert told["issue_event_type_name"] == "issue_moved"
    assert {each["field"]: each["fromString"] for each in told["changelog"]["items"]}["Key"] == key


def test_a_delivery_that_was_not_taken_comes_again_when_the_clock_says_so(
    jira: Jira, app: App, listener: Listener
) -> None:
    app.register(listener.url, "jira:issue_created")
    listener.answers += [503, 429]
    jira.create()
    first = listener.next()
    assert "X-Atlassian-Webhook-Retry" not in first.headers
    assert listener.is_left_alone()
    control = FakeJiraClient(jira.url)
    noted(control, 1)
    control.advance("5m")
    second = listener.next()
    noted(control, 2)
    control.advance("8m")
    third = listener.next()
    names = {each.headers["X-Atlassian-Webhook-Identifier"] for each in (first, second, third)}
    assert len(names) == 1
    assert [each.headers.get("X-Atlassian-Webhook-Retry") for each in (second, third)] == ["1", "2"]
    assert first.body == second.body == third.body
    control.advance("1h")
    assert listener.is_left_alone()


def test_after_five_retries_a_delivery_is_given_up_and_listed_as_failed(
    jira: Jira, app: App, listener: Listener
) -> None:
    app.register(listener.url, "jira:issue_created")
    listener.answers += [500] * 20
    jira.create()
    control = FakeJiraClient(jira.url)
    for tries in range(1, 7):
        listener.next()
        noted(control, tries)
        control.advance("15m")
    assert listener.is_left_alone()
    app.token = control.grant(app.client_id, user=ADMIN[0], scopes=SCOPES)["access_token"]
    answer = app.call("GET", "webhook/failed")
    (failed,) = answer.json()["values"]
    assert failed["url"] == listener.url
    assert json.loads(failed["body"])["webhookEvent"] == "jira:issue_created"
    other = App(jira)
    assert other.call("GET", "webhook/failed").json()["values"] == []
    control.advance("72h")
    app.token = control.grant(app.client_id, user=ADMIN[0], scopes=SCOPES)["access_token"]
    assert app.call("GET", "webhook/failed").json()["values"] == []


def test_a_client_error_is_not_tried_again(jira: Jira, app: App, listener: Listener) -> None:
    app.register(listener.url, "jira:issue_created")
    listener.answers += [404]
    jira.create()
    listener.next()
    assert noted(FakeJiraClient(jira.url), 1)["state"] == "failed"
    FakeJiraClient(jira.url).advance("1h")
    assert listener.is_left_alone()


def test_a_private_apps_webhooks_are_delivered_only_for_its_owner(jira: Jira, listener: Listener) -> None:
    mine = App(jira, owner=VIEWER[0], user=VIEWER[0])
    mine.register(listener.url, "jira:issue_created")
    jira.create()
    assert listener.next().json["issue"]["key"] == "SEC-1"
    mine.control.change_app(mine.client_id, distributed=True)
    others = FakeJiraClient(jira.url).grant(mine.client_id, user=ADMIN[0], scopes=SCOPES)["access_token"]
    mine.token = others
    mine.register(f"{listener.url}/admin", "jira:issue_created")
    mine.control.change_app(mine.client_id, distributed=False)
    jira.create()
    assert listener.next().path == "/"
    assert listener.is_left_alone()


def test_a_webhook_ends_after_thirty_days_unless_it_is_refreshed(jira: Jira, app: App, listener: Listener) -> None:
    made = app.register(listener.url, "jira:issue_created")
    control = FakeJiraClient(jira.url)
    control.advance("29d")
    app.token = control.grant(app.client_id, user=ADMIN[0], scopes=SCOPES)["access_token"]
    until = app.call("PUT", "webhook/refresh", {"webhookIds": [made["createdWebhookId"]]}).json()["expirationDate"]
    assert abs(until / 1000 - jira.world.now().timestamp() - 30 * 86_400) < 60
    control.advance("29d")
    jira.create()
    listener.next()
    control.advance("2d")
    jira.create()
    assert listener.is_left_alone()
    app.token = control.grant(app.client_id, user=ADMIN[0], scopes=SCOPES)["access_token"]
    assert app.call("GET", "webhook").json()["total"] == 0


def test_nobody_is_told_of_an_issue_that_they_may_not_see(jira: Jira, listener: Listener) -> None:
    app = App(jira, owner=VIEWER[0], user=VIEWER[0])
    app.register(listener.url, "jira:issue_created", jql="project in (SEC, TEST)")
    viewer, project = jira.world.state.user(VIEWER[0]), jira.world.state.project("SEC")
    assert viewer is not None
    assert project is not None
    with jira.world.lock:
        revoke(jira.site, project, viewer, "BROWSE_PROJECTS")
    jira.create()
    jira.create(project="TEST")
    assert listener.next().json["issue"]["key"] == "TEST-1"
    assert listener.is_left_alone()


@pytest.mark.parametrize(
    ("webhook", "sentence"),
    [
        ({"events": ["jira:issue_created"], "jqlFilter": "watchers = 3"}, "The clause watchers is unsupported"),
        ({"events": ["jira:issue_created"], "jqlFilter": "project > SEC"}, "The operator > is unsupported"),
        ({"events": ["jira:issue_created"]}, "The jqlFilter is required."),
        ({"events": ["nonsense"], "jqlFilter": "project = SEC"}, "The events are not valid."),
        ({"events": ["jira:issue_created"], "jqlFilter": "project project"}, "Error in the JQL Query"),
    ],
)
def test_a_webhook_that_cannot_be_says_why_within_a_200(app: App, webhook: dict[str, Any], sentence: str) -> None:
    good = {"events": ["jira:issue_created"], "jqlFilter": "project = SEC"}
    answer = app.call("POST", "webhook", {"url": "http://127.0.0.1:9/", "webhooks": [webhook, good]})
    bad, made = answer.json()["webhookRegistrationResult"]
    assert (answer.status_code, set(made)) == (200, {"createdWebhookId"})
    assert bad["errors"][0].startswith(sentence)


def test_an_app_has_five_webhooks_per_user_and_one_address_to_start_from(app: App) -> None:
    made = [app.register("http://127.0.0.1:9/", UPDATED) for _ in range(6)]
    assert ["createdWebhookId" in each for each in made] == [True] * 5 + [False]
    other = app.call("POST", "webhook", {"url": "http://localhost:9/", "webhooks": [{}]})
    assert other.status_code == 400
    ids = [each["createdWebhookId"] for each in made[:5]]
    assert app.call("DELETE", "webhook", {"webhookIds": [*ids, 999]}).status_code == 202
    assert app.call("GET", "webhook").json()["values"] == []


def test_who_is_no_app_cannot_register_dynamic_webhooks(jira: Jira) -> None:
    answer = jira.post("webhook", {"url": "http://127.0.0.1:9/", "webhooks": []})
    assert answer.status_code == 403
    assert jira.get("webhook", auth=None).status_code == 401


def test_an_administrators_webhook_is_signed_and_filtered(either: Jira, listener: Listener) -> None:
    section = {"issue-related-events-section": "project = SEC"}
    url = f"{listener.url}/${{project.key}}/${{issue.key}}"
    made = register_as_admin(either, url, "jira:issue_created", filters=section, secret="hush")
    assert "hush" not in json.dumps(made)
    either.create(project="TEST")
    either.create()
    got = listener.next()
    assert got.path == "/SEC/SEC-1"
    signature = hmac.digest(b"hush", got.body, "sha256").hex()
    assert got.headers["X-Hub-Signature"] == f"sha256={signature}"
    assert "matchedWebhookIds" not in got.json
    assert listener.is_left_alone()


def test_an_administrators_webhook_is_changed_switched_off_and_removed(either: Jira, listener: Listener) -> None:
    made = register_as_admin(either, listener.url, "jira:issue_created")
    auth = DC_ADMIN if either.flavour == "data-center" else ADMIN
    changed = either.session.put(made["self"], json={"enabled": False}, auth=auth, timeout=10).json()
    assert (changed["enabled"], changed["name"]) == (False, "Mine")
    either.create()
    assert listener.is_left_alone()
    either.session.put(made["self"], json={"enabled": True, "excludeBody": True}, auth=auth, timeout=10)
    either.create()
    assert listener.next().body == b""
    assert [each["self"] for each in either.session.get(administrators(either), auth=auth, timeout=10).json()] == [
        made["self"]
    ]
    assert either.session.delete(made["self"], auth=auth, timeout=10).status_code == 204
    assert either.session.get(made["self"], auth=auth, timeout=10).status_code == 404


def test_only_administrators_may_look_at_their_webhooks(jira: Jira) -> None:
    assert jira.session.get(administrators(jira), auth=VIEWER, timeout=10).status_code == 403
    assert jira.session.get(administrators(jira), timeout=10).status_code == 401


@pytest.mark.parametrize("odd", [{"secret": 5}, {"excludeBody": "false"}, {"enabled": None}, {"enabled": 0}])
def test_an_administrators_webhook_that_could_not_be_delivered_is_refused(either: Jira, odd: dict[str, Any]) -> None:
    auth = DC_ADMIN if either.flavour == "data-center" else ADMIN
    body = {"name": "Mine", "url": "http://127.0.0.1:9", "events": ["jira:issue_created"]} | odd
    assert either.session.post(administrators(either), json=body, auth=auth, timeout=10).status_code == 400


def test_data_center_before_version_ten_has_another_path_and_does_not_try_again(listener: Listener) -> None:
    with start(flavour="data-center", server_version="9.12") as old, requests.Session() as session:
        path = f"{old.url}/rest/webhooks/1.0/webhook"
        body = {"name": "Mine", "url": listener.url, "events": ["jira:issue_created"]}
        assert session.post(path, json=body, auth=DC_ADMIN, timeout=10).status_code == 201
        newer = f"{old.url}/rest/jira-webhook/1.0/webhooks"
        assert session.get(newer, auth=DC_ADMIN, timeout=10).status_code == 404, "clients look which one is there"
        listener.answers += [500]
        fields = {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}}
        session.post(f"{old.url}/rest/api/2/issue", json={"fields": fields}, auth=DC_ADMIN, timeout=10)
        assert "JIRA-9.12.24 (9120024)" in listener.next().headers["User-Agent"]
        control = FakeJiraClient(old.url)
        delivery = noted(control, 1)
        control.advance("1h")
        assert listener.is_left_alone()
        assert (delivery["state"], delivery["status"], delivery["tries"]) == ("failed", 500, 1)


def test_nobody_there_is_tried_again_too(jira: Jira) -> None:
    with listening() as gone:
        url = gone.url
    register_as_admin(jira, url, "jira:issue_created")
    jira.create()
    control = FakeJiraClient(jira.url)
    delivery = noted(control, 1)
    assert (delivery["state"], delivery["status"]) == ("waiting", None)


def test_an_app_is_told_of_a_further_site_that_its_grant_reaches(
    jira: Jira, server: FakeJira, app: App, listener: Listener
) -> None:
    other = server.worlds.make(f"{jira.world.name}-other")
    try:
        app.control.add_site(other.name)
        app.token = app.control.grant(app.client_id, scopes=SCOPES, sites=[other.name])["access_token"]
        app.base = f"{jira.url}/ex/jira/{other.cloud_id}/rest/api/3"
        app.register(listener.url, "jira:issue_created")
        Jira(f"{jira.url}-other", other, jira.session).create(summary="There")
        told = listener.next()
        assert told.json["issue"]["fields"]["summary"] == "There"
        assert issuer(told) == app.client_id
    finally:
        server.worlds.drop(other.name)


def test_who_has_taken_the_app_out_is_not_told_on_any_more(jira: Jira, app: App, listener: Listener) -> None:
    app.register(listener.url, "jira:issue_created")
    jira.create()
    listener.next()
    for grant in app.control.grants():
        app.control.remove_grant(grant["id"])
    jira.create()
    assert listener.is_left_alone()


def test_two_apps_at_one_address_are_told_apart(jira: Jira, app: App, listener: Listener) -> None:
    other = App(jira)
    for each in (app, other):
        each.register(listener.url, "jira:issue_created")
    jira.create()
    assert {issuer(listener.next()), issuer(listener.next())} == {app.client_id, other.client_id}
