"""What somebody with bad intentions tries at the doors of both flavours, and gets nowhere [jira 4]."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1

from fake_jira.auth import oauth1, provider
from fake_jira.model.application_links import add_client, add_consumer
from fake_jira.model.apps import create_app
from fake_jira.model.data_center_doors import Client
from fake_jira.model.people import change_user, remove_user
from fake_jira.model.personal_tokens import make_token
from fake_jira.worlds import World
from tests.fake_jira.conftest import ADMIN, DC_ADMIN, Jira
from tests.fake_jira.oauth import CALLBACK, a_person, a_stranger, an_app, bearer, exchange, refresh, resources
from tests.fake_jira.test_doors_data_center import BACK, OAUTH, key, signer

__all__ = ["key", "signer"]
AUTHORIZE = "rest/oauth2/latest/authorize"
LINKS = "plugins/servlet/applinks/listApplicationLinks"
UNCHECKED = {"X-Atlassian-Token": "no-check"}


def a_client(jira: Jira) -> Client:
    return add_client(jira.site, "The service", [BACK], "SYSTEM_ADMIN")


def dc_admin(jira: Jira) -> Any:
    user = jira.world.state.user("admin")
    assert user is not None
    return user


def asked(client: Client, **more: str) -> dict[str, str]:
    return {"client_id": client.id, "redirect_uri": BACK, "response_type": "code"} | more


def token_request(jira: Jira, client: Client, **form: str) -> requests.Response:
    credential = {"client_id": client.id, "client_secret": client.secret}
    return requests.post(f"{jira.url}/rest/oauth2/latest/token", data=credential | form, timeout=10)


# Data Center: tokens that want to be more than they are


@pytest.mark.parametrize("kind", ["READ", "WRITE", "ADMIN", "personal"])
def test_no_token_consents_to_anything_or_changes_links(data_center: Jira, kind: str) -> None:
    client, admin = a_client(data_center), dc_admin(data_center)
    if kind == "personal":
        secret = make_token(data_center.site, admin, "mine", None).secret
    else:
        secret = provider.grant(data_center.world, client, admin, kind).access
    headers = bearer(secret) | UNCHECKED
    wish = asked(client, scope="SYSTEM_ADMIN")
    page = requests.get(
        f"{data_center.url}/{AUTHORIZE}", params=wish, headers=headers, timeout=10, allow_redirects=False
    )
    assert (page.status_code, "atl_token" in page.text) == (302, False)
    assert "/login.jsp?" in page.headers["Location"]
    for path, form in ((AUTHORIZE, wish | {"approve": "Allow"}), (LINKS, {"remove": client.id})):
        sent = requests.post(f"{data_center.url}/{path}", data=form, headers=headers, timeout=10, allow_redirects=False)
        assert sent.status_code in (302, 403)
        assert "code=" not in sent.headers.get("Location", "")
    assert data_center.world.state.doors.codes == {}
    assert client.id in data_center.world.state.doors.clients


def test_a_signature_is_no_person_either(data_center: Jira, signer: Any, consumer: str) -> None:
    token = oauth1.grant(data_center.world, data_center.world.state.doors.consumers[consumer], dc_admin(data_center))
    signed = signer(resource_owner_key=token.token, resource_owner_secret=token.secret)
    for how in ("AUTH_HEADER", SIGNATURE_TYPE_QUERY):
        signed.auth.client.signature_type = how
        page = signed.get(f"{data_center.url}/{LINKS}", timeout=10, allow_redirects=False)
        assert (page.status_code, "/login.jsp" in page.headers.get("Location", "")) == (302, True)


@pytest.fixture
def consumer(data_center: Jira, key: tuple[str, str]) -> str:
    return add_consumer(data_center.site, "attacked", "Attacked", key[1]).key


def test_an_application_makes_no_personal_token(data_center: Jira) -> None:
    access = provider.grant(data_center.world, a_client(data_center), dc_admin(data_center), "ADMIN").access
    address = f"{data_center.url}/rest/pat/latest/tokens"
    assert requests.post(address, json={"name": "more"}, headers=bearer(access), timeout=10).status_code == 403
    personal = make_token(data_center.site, dc_admin(data_center), "mine", None).secret
    assert requests.post(address, json={"name": "more"}, headers=bearer(personal), timeout=10).status_code == 201


def test_pkce_cannot_be_taken_off(data_center: Jira) -> None:
    client = a_client(data_center)
    wish = asked(client, code_challenge_method="S256")
    went = requests.get(f"{data_center.url}/{AUTHORIZE}", params=wish, auth=DC_ADMIN, timeout=10, allow_redirects=False)
    assert "error=invalid_request" in went.headers["Location"]
    code = provider.issue_code(
        data_center.world,
        client,
        dc_admin(data_center),
        redirect_uri=BACK,
        scope="READ",
        challenge=None,
        method="plain",
    )
    form = {"grant_type": "authorization_code", "code": code.code, "redirect_uri": BACK}
    answer = token_request(data_center, client, **form, code_verifier="v" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def deactivated(jira: Jira, user: Any) -> None:
    change_user(jira.site, user, active=False)


def removed(jira: Jira, user: Any) -> None:
    remove_user(jira.site, user)


def forgotten(jira: Jira, user: Any) -> None:
    """As a world that was restored from an older snapshot has it."""
    del jira.world.state.users[user.account_id]


@pytest.mark.parametrize("go", [deactivated, removed, forgotten])
def test_who_is_gone_gets_no_new_tokens(data_center: Jira, go: Callable[[Jira, Any], None]) -> None:
    client, world = a_client(data_center), data_center.world
    user = world.state.user("viewer")
    assert user is not None
    pair = provider.grant(world, client, user, "READ")
    code = provider.issue_code(
        world, client, user, redirect_uri=BACK, scope="READ", challenge=None, method="plain"
    ).code
    with world.lock:
        go(data_center, user)
    for form in (
        {"grant_type": "refresh_token", "refresh_token": pair.refresh},
        {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK},
    ):
        answer = token_request(data_center, client, **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert data_center.get("myself", auth=None, headers=bearer(pair.access)).status_code == 401


# Refreshing the same token twenty times at once


def at_once(call: Callable[[int], requests.Response]) -> list[requests.Response]:
    with ThreadPoolExecutor(20) as threads:
        return list(threads.map(call, range(20)))


def test_twenty_refreshes_at_once_are_all_within_the_leeway_of_cloud(jira: Jira) -> None:
    app = an_app(jira)
    held = exchange(jira, app, a_person(jira).accept(app)).json()
    answers = at_once(lambda _: refresh(jira, app, held["refresh_token"]))
    assert [each.status_code for each in answers] == [200] * 20
    fresh = {each.json()["refresh_token"] for each in answers}
    assert len(fresh) == 20
    assert all(refresh(jira, app, each).status_code == 200 for each in fresh)


def test_without_leeway_one_of_twenty_refreshes_wins(jira: Jira) -> None:
    jira.world.settings = jira.world.settings.changed(refresh_leeway=0)
    app = an_app(jira)
    held = exchange(jira, app, a_person(jira).accept(app)).json()
    answers = at_once(lambda _: refresh(jira, app, held["refresh_token"]))
    assert Counter(each.status_code for each in answers) == {200: 1, 403: 19}


def test_data_center_knows_no_leeway_and_one_of_twenty_wins(data_center: Jira) -> None:
    client = a_client(data_center)
    pair = provider.grant(data_center.world, client, dc_admin(data_center), "READ")
    form = {"grant_type": "refresh_token", "refresh_token": pair.refresh}
    answers = at_once(lambda _: token_request(data_center, client, **form))
    assert Counter(each.status_code for each in answers) == {200: 1, 400: 19}


def test_one_of_twenty_exchanges_of_a_code_wins(jira: Jira) -> None:
    app = an_app(jira)
    code = a_person(jira).accept(app)
    assert Counter(each.status_code for each in at_once(lambda _: exchange(jira, app, code))) == {200: 1, 403: 19}


# Pages of others


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
def test_no_other_site_logs_somebody_in_or_out(jira: Jira, data_center: Jira, origin: str) -> None:
    forms = (
        (jira, "login", {"email": ADMIN[0], "password": ADMIN[1]}),
        (jira, "logout", {}),
        (data_center, "login.jsp", {"os_username": "admin", "os_password": "admin"}),
    )
    for site, path, form in forms:
        sent = requests.post(
            f"{site.url}/{path}", data=form, headers={"Origin": origin}, timeout=10, allow_redirects=False
        )
        assert sent.status_code == 403
        assert "cloud.session.token" not in sent.headers.get("Set-Cookie", "")
        assert "_lin" not in sent.headers.get("Set-Cookie", "")
        own = {"Origin": "{0.scheme}://{0.netloc}".format(urlsplit(site.url))}
        assert requests.post(f"{site.url}/{path}", data=form, headers=own, timeout=10, allow_redirects=False).ok


def test_a_login_never_takes_over_a_cookie_that_was_there(jira: Jira, data_center: Jira) -> None:
    planted = {"cloud.session.token": "planted", "JSESSIONID": "PLANTED.node1"}
    cloud = requests.post(
        f"{jira.url}/login", data={"email": ADMIN[0], "password": ADMIN[1]}, cookies=planted, timeout=10,
        allow_redirects=False,
    )  # fmt: skip
    assert cloud.cookies["cloud.session.token"] != "planted"
    assert jira.world.state.logins.keys() == {cloud.cookies["cloud.session.token"]}
    form = {"os_username": "admin", "os_password": "admin"}
    own = requests.post(f"{data_center.url}/login.jsp", data=form, cookies=planted, timeout=10, allow_redirects=False)
    assert own.cookies["JSESSIONID"] != "PLANTED.node1"
    assert "PLANTED.node1" not in data_center.world.state.doors.sessions


def test_cookies_keep_away_from_scripts_other_sites_and_other_worlds(jira: Jira, data_center: Jira) -> None:
    for site, path, form in (
        (jira, "login", {"email": ADMIN[0], "password": ADMIN[1]}),
        (data_center, "login.jsp", {"os_username": "admin", "os_password": "admin"}),
    ):
        sent = requests.post(f"{site.url}/{path}", data=form, timeout=10, allow_redirects=False)
        cookie = sent.headers["Set-Cookie"].split(", atlassian")[0]
        assert "HttpOnly" in cookie
        assert f"Path=/worlds/{site.world.name}" in cookie
        assert "Secure" not in cookie, "this server speaks http"
        assert site is data_center or "SameSite=Lax" in cookie


# Codes and tokens of others


def test_codes_and_tokens_of_another_world_are_unknown(jira: Jira, server: Any) -> None:
    app = an_app(jira, client_id="app", secret="known-in-both")
    other = server.worlds.make(f"{jira.world.name}-other")
    try:
        admin = other.state.user(ADMIN[0])
        create_app(other.site, admin, "Same", scopes=app.scopes, callbacks=[CALLBACK], client_id="app",
                   secret="known-in-both")  # fmt: skip
        there = Jira(f"{jira.url}-other", other, jira.session)
        person = a_person(jira)
        code = person.accept(app)
        assert exchange(there, app, code).status_code == 403
        held = exchange(jira, app, code).json()
        assert refresh(there, app, held["refresh_token"]).status_code == 403
        assert gateway(there, held["access_token"]) == 404, "no grant for that site"
        assert gateway(jira, held["access_token"]) == 200
        stranger = a_stranger(there)
        stranger.session.cookies.update(person.session.cookies)
        assert stranger.look("/account").status_code == 302
    finally:
        server.worlds.drop(other.name)


def gateway(jira: Jira, token: str) -> int:
    address = f"{jira.url}/ex/jira/{jira.world.cloud_id}/rest/api/3/project"
    return jira.session.get(address, headers=bearer(token), timeout=10).status_code


def test_a_form_of_one_person_is_no_good_in_anothers_hands(jira: Jira) -> None:
    app = an_app(jira, distributed=True)
    page = a_person(jira).authorize(app)
    assert a_stranger(jira).log_in().fill_in("/authorize", page, decision="accept").status_code == 403
    assert jira.world.state.app_grants == {}


def test_a_removed_user_loses_pages_codes_and_sites(jira: Jira) -> None:
    app = an_app(jira)
    person = a_person(jira)
    held, code = exchange(jira, app, person.accept(app)).json(), person.accept(app)
    with jira.world.lock:
        deactivated(jira, jira.admin)
    assert person.look("/account").status_code == 302
    assert exchange(jira, app, code).status_code == 403
    assert refresh(jira, app, held["refresh_token"]).status_code == 403
    assert (gateway(jira, held["access_token"]), resources(jira, held["access_token"]).json()) == (401, [])


# OAuth 1.0a: tricks with signatures


def signed(world: World, consumer: str, pem: str, **more: Any) -> OAuth1:
    token = oauth1.grant(world, world.state.doors.consumers[consumer], next(iter(world.state.users.values())))
    known = {"rsa_key": pem, "signature_method": "RSA-SHA1", "resource_owner_key": token.token}
    return OAuth1(consumer, **(known | more))


def problem(answer: requests.Response) -> str | None:
    found = re.search('oauth_problem="([a-z_]+)"', answer.headers.get("WWW-Authenticate", ""))
    return found[1] if found else None


def test_the_public_key_is_no_secret_to_sign_with(data_center: Jira, consumer: str, key: tuple[str, str]) -> None:
    me = f"{data_center.url}/rest/api/2/myself"
    for secret in (key[1], "", consumer):
        how = {"rsa_key": None, "client_secret": secret, "signature_method": SIGNATURE_HMAC_SHA1}
        answer = requests.get(me, auth=signed(data_center.world, consumer, key[0], **how), timeout=10)
        assert (answer.status_code, problem(answer)) == (401, "signature_method_rejected")


def test_a_request_that_was_signed_is_good_once_and_as_it_was(
    data_center: Jira, consumer: str, key: tuple[str, str]
) -> None:
    me = f"{data_center.url}/rest/api/2/search?jql=project%3DSEC"
    request = requests.Request("GET", me, auth=signed(data_center.world, consumer, key[0])).prepare()
    with requests.Session() as session:
        for change in ("%3DTEST", "%3DSEC&maxResults=1"):
            request.url = me.replace("%3DSEC", change)
            answer = session.send(request, timeout=10)
            assert (answer.status_code, problem(answer)) in ((401, "signature_invalid"), (401, "nonce_used"))
    request = requests.Request("GET", me, auth=signed(data_center.world, consumer, key[0])).prepare()
    with requests.Session() as session:
        assert session.send(request, timeout=10).status_code == 200
        again = session.send(request, timeout=10)
        assert (again.status_code, problem(again)) == (401, "nonce_used")


def test_parameters_given_twice_are_refused_wherever_they_stand(
    data_center: Jira, consumer: str, key: tuple[str, str]
) -> None:
    address = f"{data_center.url}/rest/api/2/myself?oauth_token=another"
    answer = requests.get(address, auth=signed(data_center.world, consumer, key[0]), timeout=10)
    assert (answer.status_code, problem(answer)) == (401, "parameter_rejected")
    assert parse_qs(answer.text)["oauth_parameters_rejected"] == ["oauth_token"]


def test_a_form_in_the_body_is_signed_with_the_rest(data_center: Jira, consumer: str, key: tuple[str, str]) -> None:
    address = f"{data_center.url}/{OAUTH}/request-token"
    auth = OAuth1(consumer, rsa_key=key[0], signature_method="RSA-SHA1", signature_type=SIGNATURE_TYPE_BODY)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    request = requests.Request("POST", address, auth=auth, data={"x": "y"}, headers=form).prepare()
    with requests.Session() as session:
        assert session.send(request, timeout=10).status_code == 200
    request = requests.Request("POST", address, auth=auth, data={"x": "y"}, headers=form).prepare()
    assert isinstance(request.body, str | bytes)
    body = request.body.encode() if isinstance(request.body, str) else request.body
    request.body = body.replace(b"x=y", b"x=z")
    with requests.Session() as session:
        assert problem(session.send(request, timeout=10)) == "signature_invalid"


def test_a_token_of_one_consumer_is_nothing_in_the_hands_of_another(
    data_center: Jira, consumer: str, key: tuple[str, str], signer: Any
) -> None:
    add_consumer(data_center.site, "other", "Other", key[1])
    token = oauth1.grant(
        data_center.world, data_center.world.state.doors.consumers["other"], dc_admin(data_center)
    ).token
    auth = OAuth1(consumer, rsa_key=key[0], signature_method="RSA-SHA1", resource_owner_key=token)
    assert problem(requests.get(f"{data_center.url}/rest/api/2/myself", auth=auth, timeout=10)) == "token_rejected"


@pytest.mark.parametrize("go", [deactivated, removed, forgotten])
def test_a_signature_for_somebody_who_is_gone_is_refused(
    data_center: Jira, consumer: str, key: tuple[str, str], go: Callable[[Jira, Any], None]
) -> None:
    user = data_center.world.state.user("viewer")
    assert user is not None
    token = oauth1.grant(data_center.world, data_center.world.state.doors.consumers[consumer], user)
    asked_for = oauth1.RequestToken("asked", "secret", consumer, None, data_center.world.now(), user.account_id, "yes")
    data_center.world.state.doors.request_tokens["asked"] = asked_for
    with data_center.world.lock:
        go(data_center, user)
    known = {"rsa_key": key[0], "signature_method": "RSA-SHA1"}
    held = OAuth1(consumer, resource_owner_key=token.token, **known)
    assert problem(requests.get(f"{data_center.url}/rest/api/2/myself", auth=held, timeout=10)) == "token_rejected"
    access = f"{data_center.url}/{OAUTH}/access-token"
    wished = OAuth1(consumer, resource_owner_key="asked", verifier="yes", **known)
    assert problem(requests.post(access, auth=wished, timeout=10)) == "token_rejected"
    renewed = f"{access}?oauth_session_handle={token.handle}"
    assert problem(requests.post(renewed, auth=held, timeout=10)) == "token_rejected"
