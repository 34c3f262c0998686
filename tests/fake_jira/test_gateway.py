"""Atlassian's gateway: whose token, which site, and whether the scopes cover the operation [jira 2.2, 2.4, 4.3]."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from fake_jira.auth.scopes import covers, jira_scopes
from fake_jira.documented import documented
from fake_jira.model.api_tokens import new_api_token, revoke_api_token
from fake_jira.model.app_tokens import Pair, issue, revoke
from fake_jira.model.apps import OFFLINE, consent, grant_of, remove_grant
from fake_jira.model.state import CLOUD
from fake_jira.server import start
from tests.fake_jira.conftest import ADMIN, VIEWER, Jira
from tests.fake_jira.oauth import a_person, an_app, bearer, exchange, resources, words
from tests.fake_jira.proof.served import Served, served

NOT_COVERED = {"code": 401, "message": "Unauthorized; scope does not match"}
DEAD = {"code": 401, "message": "Unauthorized"}
SEARCH_BY_GET = ("read:issue-details:jira", "read:audit-log:jira", "read:avatar:jira",
                 "read:field-configuration:jira", "read:issue-meta:jira")  # fmt: skip
SEARCH_BY_POST = ("read:issue-details:jira", "read:field.default-value:jira", "read:field.option:jira",
                  "read:field:jira", "read:group:jira")  # fmt: skip


def granted(jira: Jira, *scopes: str, sites: tuple[str, ...] = ("",)) -> Pair:
    """Tokens of an app that the admin has let in."""
    app = an_app(jira, *scopes)
    return issue(jira.site, app, consent(jira.site, app, jira.admin, [*app.scopes, OFFLINE], sites))


def through(jira: Jira, path: str, token: str | None = None, *, site: str = "", **more: Any) -> requests.Response:
    """A request by the gateway, GET unless told otherwise."""
    address = f"{jira.url}/ex/jira/{site or jira.world.cloud_id}/rest/api/3/{path}"
    headers = more.pop("headers", {}) | (bearer(token) if token else {})
    return jira.session.request(more.pop("method", "GET"), address, headers=headers, timeout=10, **more)


def answered(answer: requests.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


def test_a_token_works_and_links_lead_through_the_gateway(jira: Jira) -> None:
    key = jira.create()
    answer = through(jira, f"issue/{key}", granted(jira, "read:jira-work").access.secret)
    assert answer.status_code == 200
    assert answer.json()["self"].startswith(f"{jira.url}/ex/jira/{jira.world.cloud_id}/rest/api/3/issue/")
    (entry,) = jira.world.journal.entries({"operation": "getIssue"})
    assert entry.user == ADMIN[0]


def test_server_info_needs_no_scope_but_a_token_and_names_the_site_itself(jira: Jira) -> None:
    assert answered(through(jira, "serverInfo")) == (401, DEAD)
    info = through(jira, "serverInfo", granted(jira, "read:me").access.secret).json()
    assert info["baseUrl"] == jira.url


@pytest.mark.parametrize(
    ("scopes", "by_get", "by_post"),
    [
        (("read:jira-work",), 200, 200),
        (SEARCH_BY_GET, 200, 401),
        (SEARCH_BY_POST, 401, 200),
        (SEARCH_BY_GET[1:], 401, 401),
        (("read:jira-user", "write:jira-work"), 401, 401),
    ],
)
def test_an_operation_wants_all_of_its_granular_scopes_or_its_classic_one(
    jira: Jira, scopes: tuple[str, ...], by_get: int, by_post: int
) -> None:
    token = granted(jira, *scopes).access.secret
    got = through(jira, "search/jql", token, params={"jql": "project = SEC"})
    posted = through(jira, "search/jql", token, method="POST", json={"jql": "project = SEC"})
    assert (got.status_code, posted.status_code) == (by_get, by_post)
    for answer in (got, posted):
        assert answer.status_code == 200 or answer.json() == NOT_COVERED
    head = through(jira, "search/jql", token, method="HEAD", params={"jql": "project = SEC"})
    assert head.status_code == by_get, "HEAD is like GET"


def test_some_operations_want_two_classic_scopes_and_some_are_closed_to_apps() -> None:
    known = {each.operation: each for each in documented("cloud")}
    webhooks = known["getDynamicWebhooksForApp"]
    assert not covers(frozenset(["read:jira-work"]), webhooks)
    assert covers(frozenset(["read:jira-work", "manage:jira-webhook"]), webhooks)
    assert not covers(frozenset(["read:jira-work"]), known["updateMultipleCustomFieldValues"]), "granular ones alone"
    assert not covers(frozenset(["read:jira-work"]), replace(webhooks, classic=(), granular=()))


def test_every_operation_is_closed_to_whoever_has_all_scopes_but_those_it_needs(
    jira: Jira, unwatched: requests.Session
) -> None:
    """Over the whole table; by API tokens, for an access token of so many scopes would not fit into a header."""
    everything = frozenset(jira_scopes())
    for each in served(CLOUD):
        needed = each.documented
        if needed is None or not (needed.classic or needed.granular):
            continue
        kinds = [kind for kind in (needed.classic, needed.granular) if kind]
        for end in (0, -1):
            but_one_of_each = everything - {kind[end] for kind in kinds}
            assert by_api_token(jira, unwatched, each, but_one_of_each) == (401, NOT_COVERED), str(each)
        for kind in kinds:
            assert by_api_token(jira, unwatched, each, frozenset(kind))[1] != NOT_COVERED, str(each)
            for short in (scope for scope in kind if len(kind) > 1):
                mixed = frozenset(kind) - {short} | {other[0] for other in kinds if other != kind and len(other) > 1}
                assert by_api_token(jira, unwatched, each, mixed) == (401, NOT_COVERED), str(each)


@pytest.fixture
def unwatched() -> Iterator[requests.Session]:
    """For requests that make no sense on purpose."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def by_api_token(jira: Jira, session: requests.Session, each: Served, scopes: frozenset[str]) -> tuple[int, Any]:
    """What becomes of the operation, called with nothing that makes sense, by an API token of these scopes."""
    with jira.world.lock:
        token = new_api_token(jira.site, jira.admin, scopes=sorted(scopes)).secret
    path = each.path.replace("/rest/api/{}", "/rest/api/3", 1).replace("{}", "1")
    body: dict[str, Any] = {"files": {"file": b"x"}} if path.endswith("/attachments") else {"json": {}}
    answer = session.request(
        each.method,
        f"{jira.url}/ex/jira/{jira.world.cloud_id}{path}",
        auth=(ADMIN[0], token),
        timeout=10,
        allow_redirects=False,
        **(body if each.method in ("POST", "PUT") else {}),
    )
    is_json = answer.headers.get("Content-Type", "").startswith("application/json") and answer.content
    return answer.status_code, answer.json() if is_json else answer.text


def test_what_the_user_may_not_do_the_app_may_not_do_either(jira: Jira) -> None:
    key = jira.create()
    app = an_app(jira, "read:jira-work", "write:jira-work", distributed=True)
    viewer = jira.world.state.user(VIEWER[0])
    assert viewer is not None
    token = issue(jira.site, app, consent(jira.site, app, viewer, app.scopes)).access.secret
    assert through(jira, f"issue/{key}", token).status_code == 200
    assert through(jira, f"issue/{key}", token, method="DELETE").status_code == 403


def test_a_token_is_dead_after_an_hour_by_the_worlds_clock(jira: Jira) -> None:
    token = granted(jira, "read:jira-user").access.secret
    jira.world.clock.advance(timedelta(seconds=3590))
    assert through(jira, "myself", token).status_code == 200
    jira.world.clock.advance(timedelta(seconds=10))
    assert answered(through(jira, "myself", token)) == (401, DEAD)


@pytest.mark.parametrize(("status", "message"), [(401, "Unauthorized"), (403, "Forbidden"), (404, "Not Found")])
def test_what_a_dead_token_is_answered_can_be_set(jira: Jira, status: int, message: str) -> None:
    jira.world.settings = jira.world.settings.changed(gateway_dead_token=status)
    assert answered(through(jira, "myself", "garbage")) == (status, {"code": status, "message": message})
    assert answered(through(jira, "myself")) == (401, DEAD), "nobody at all is another matter"


def test_the_site_of_an_unknown_cloud_id_is_not_found(jira: Jira) -> None:
    token = granted(jira, "read:jira-user").access.secret
    nowhere = {"code": 404, "message": "Not Found"}
    assert answered(through(jira, "myself", token, site="00000000-0000-0000-0000-000000000000")) == (404, nowhere)
    assert answered(through(jira, "myself", site="00000000-0000-0000-0000-000000000000")) == (401, DEAD)
    page = jira.session.get(f"{jira.url}/ex/jira/{jira.world.cloud_id}/console", headers=bearer(token), timeout=10)
    assert answered(page) == (404, nowhere)


def test_the_gateway_asks_who_calls_before_anything_else(jira: Jira) -> None:
    answer = through(jira, "issue", "garbage", method="POST", data="text")
    assert answered(answer) == (401, DEAD)
    covered = granted(jira, "read:jira-work").access.secret
    assert through(jira, "nothing", covered).json()["detail"].startswith("No endpoint GET")


def test_a_token_of_too_many_scopes_does_not_fit_into_a_header(jira: Jira) -> None:
    many = [f"read:thing-{number}:confluence" for number in range(80)]
    fits = granted(jira, "read:jira-user", *many[:78]).access.secret
    assert through(jira, "myself", fits).status_code == 200
    answer = through(jira, "myself", granted(jira, "read:jira-user", *many).access.secret)
    assert (answer.status_code, "Request header is too large" in answer.text) == (400, True)


def test_an_access_token_is_worth_nothing_on_the_site_itself(jira: Jira) -> None:
    token = granted(jira, "read:jira-user").access.secret
    assert jira.get("myself", auth=None, headers=bearer(token)).status_code == 401


# Basic at the gateway


def test_an_api_token_with_scopes_is_good_at_the_gateway_alone(jira: Jira) -> None:
    token = new_api_token(jira.site, jira.admin, scopes=["read:jira-user"])
    credential = (ADMIN[0], token.secret)
    assert jira.get("myself", auth=credential).status_code == 401
    assert jira.get("serverInfo", auth=credential).headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
    assert through(jira, "myself", auth=credential).status_code == 200
    assert answered(through(jira, "project/search", auth=credential)) == (401, NOT_COVERED)
    assert answered(through(jira, "myself", auth=(VIEWER[0], token.secret))) == (401, DEAD)
    revoke_api_token(jira.site, token)
    assert answered(through(jira, "myself", auth=credential)) == (401, DEAD)


def test_an_api_token_without_scopes_may_do_all_at_the_gateway_until_it_ends(jira: Jira) -> None:
    token = new_api_token(jira.site, jira.admin, expires_at=jira.site.now() + timedelta(days=7))
    assert through(jira, "myself", auth=(ADMIN[0], token.secret)).status_code == 200
    jira.world.clock.advance(timedelta(days=7))
    assert answered(through(jira, "myself", auth=(ADMIN[0], token.secret))) == (401, DEAD)
    assert jira.get("myself", auth=(ADMIN[0], token.secret)).status_code == 401


# Sites


@pytest.fixture
def other(jira: Jira) -> Iterator[str]:
    """The name of a second site, a world of its own, on which the admin has an account too."""
    control, name = f"{jira.url}/_control", f"{jira.world.name}-other"
    assert jira.session.post(f"{control}/worlds", json={"name": name}, timeout=10).status_code == 201
    assert jira.session.post(f"{control}/sites", json={"world": name, "name": "Other"}, timeout=10).status_code == 201
    yield name
    jira.session.delete(f"{control}/worlds/{name}", timeout=10)


def cloud_id(jira: Jira, world: str) -> str:
    address = jira.url.replace(f"/worlds/{jira.world.name}", f"/worlds/{world}")
    return str(jira.session.get(f"{address}/_edge/tenant_info", timeout=10).json()["cloudId"])


def test_a_person_of_several_sites_chooses_one_and_a_second_consent_adds_the_other(jira: Jira, other: str) -> None:
    app, person = an_app(jira, "read:jira-user"), a_person(jira)
    assert "Use app on" in words(person.authorize(app))
    token = exchange(jira, app, person.accept(app)).json()["access_token"]
    second = cloud_id(jira, other)
    assert [each["id"] for each in resources(jira, token).json()] == [jira.world.cloud_id]
    assert through(jira, "myself", token, site=second).status_code == 404
    token = exchange(jira, app, person.accept(app, site=other)).json()["access_token"]
    listed = resources(jira, token).json()
    assert [(each["id"], each["name"]) for each in listed] == [
        (jira.world.cloud_id, jira.world.name),
        (second, "Other"),
    ]
    assert listed[1]["url"] == jira.url.replace(jira.world.name, other)
    assert through(jira, "myself", token, site=second).json()["self"].startswith(f"{jira.url}/ex/jira/{second}/")
    without_prefix = f"{jira.url.partition('/worlds/')[0]}/ex/jira/{second}/rest/api/3/myself"
    assert jira.session.get(without_prefix, headers=bearer(token), timeout=10).status_code == 200


def test_a_site_that_is_gone_is_left_out(jira: Jira, other: str) -> None:
    pair = granted(jira, "read:jira-user", sites=("", other))
    assert len(resources(jira, pair.access.secret).json()) == 2
    assert jira.session.delete(f"{jira.url}/_control/sites/{other}", timeout=10).status_code == 204
    assert [each["id"] for each in resources(jira, pair.access.secret).json()] == [jira.world.cloud_id]
    assert through(jira, "myself", pair.access.secret, site=cloud_id(jira, other)).status_code == 404


def test_each_site_is_listed_once_per_product_that_has_scopes(jira: Jira) -> None:
    token = granted(jira, "read:jira-work", "read:issue:jira", "read:page:confluence", "read:me").access.secret
    listed = resources(jira, token).json()
    assert [each["scopes"] for each in listed] == [["read:jira-work", "read:issue:jira"], ["read:page:confluence"]]
    assert {each["id"] for each in listed} == {jira.world.cloud_id}
    assert set(listed[0]) == {"id", "url", "name", "scopes", "avatarUrl"}
    assert listed[0]["url"] == jira.url


def test_a_removed_grant_leaves_no_site_and_no_way_in(jira: Jira) -> None:
    app, pair = an_app(jira, client_id="mine"), None
    pair = issue(jira.site, app, consent(jira.site, app, jira.admin, app.scopes))
    grant = grant_of(jira.world.state, app, jira.admin.account_id)
    assert grant is not None
    remove_grant(jira.site, grant)
    assert answered(resources(jira, pair.access.secret)) == (200, [])
    assert answered(through(jira, "myself", pair.access.secret)) == (401, DEAD)
    jira.world.clock.advance(timedelta(hours=1))
    assert answered(resources(jira, pair.access.secret)) == (401, DEAD)


def test_a_copy_of_a_world_grants_its_own_site(jira: Jira) -> None:
    pair = granted(jira, "read:jira-user")
    name = f"{jira.world.name}-copy"
    control = f"{jira.url}/_control/worlds"
    assert jira.session.post(f"{control}/{jira.world.name}/fork", json={"name": name}, timeout=10).status_code == 201
    site = cloud_id(jira, name)
    assert site != jira.world.cloud_id
    assert through(jira, "myself", pair.access.secret, site=site).status_code == 200
    assert jira.session.delete(f"{control}/{name}", timeout=10).status_code == 204


def test_grants_and_tokens_outlive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with start(state=file) as fake:
        first = Jira(fake.url, fake.worlds.get("default"), requests.Session())
        pair = granted(first, "read:jira-user")
        scoped = new_api_token(first.site, first.admin, scopes=["read:jira-user"])
    with start(state=file) as fake:
        again = Jira(fake.url, fake.worlds.get("default"), requests.Session())
        assert through(again, "myself", pair.access.secret).status_code == 200
        assert through(again, "myself", auth=(ADMIN[0], scoped.secret)).status_code == 200
        assert pair.refresh is not None
        assert again.world.state.refresh_tokens[pair.refresh.secret] == pair.refresh


def test_an_answer_that_was_given_before_is_not_given_to_a_token_that_died_since(jira: Jira) -> None:
    key, app = jira.create(), an_app(jira, "read:jira-work")
    for end in ("grant", "token", "clock"):
        grant = consent(jira.site, app, jira.admin, app.scopes)
        token = issue(jira.site, app, grant).access
        assert [through(jira, f"issue/{key}", token.secret).status_code for _ in range(3)] == [200, 200, 200]
        if end == "grant":
            remove_grant(jira.site, grant)
        elif end == "token":
            assert revoke(jira.site, token.id)
        else:
            jira.world.clock.advance(timedelta(hours=1))
        assert answered(through(jira, f"issue/{key}", token.secret)) == (401, DEAD), end
