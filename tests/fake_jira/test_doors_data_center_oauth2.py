"""Data Center as an OAuth 2.0 provider [jira 4.5], its application links, and the state of the server [jira 2.10]."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fake_jira.cli import command
from fake_jira.client import FakeJiraClient, FakeJiraError
from fake_jira.server import start
from tests.fake_jira.conftest import DC_ADMIN, DC_VIEWER, Jira

BACK = "https://app.example.com/back?x=1"


@pytest.fixture
def control(data_center: Jira) -> Iterator[FakeJiraClient]:
    with FakeJiraClient(data_center.url.partition("/worlds/")[0], data_center.world.name) as client:
        yield client


@pytest.fixture
def client(control: FakeJiraClient) -> dict[str, Any]:
    return control.application_link(name="The service", redirect_uris=[BACK], scope="ADMIN")


def consent(jira: Jira, client: dict[str, Any], decision: str = "approve", **more: str) -> dict[str, str]:
    """What the client is sent back with when somebody has looked at the page and decided."""
    asked = {"client_id": client["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s&1"} | more
    with requests.Session() as browser:
        page = browser.get(f"{jira.url}/rest/oauth2/latest/authorize", params=asked, auth=DC_ADMIN, timeout=10)
        form = dict(re.findall('type="hidden" name="([^"]+)" value="([^"]*)"', page.text.replace("&amp;", "&")))
        went = browser.post(
            f"{jira.url}/rest/oauth2/latest/authorize", data=form | {decision: "x"}, timeout=10, allow_redirects=False
        )
    assert went.headers["Location"].startswith(f"{BACK}&")
    return dict(parse_qsl(urlsplit(went.headers["Location"]).query))


def ask(jira: Jira, client: dict[str, Any], path: str = "token", **form: str) -> requests.Response:
    known = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    return requests.post(f"{jira.url}/rest/oauth2/latest/{path}", data=known | form, timeout=10)


def exchange(jira: Jira, client: dict[str, Any], code: str, **more: str) -> requests.Response:
    return ask(jira, client, grant_type="authorization_code", code=code, redirect_uri=BACK, **more)


def myself(jira: Jira, access: str) -> int:
    return jira.get("myself", auth=None, headers={"Authorization": f"Bearer {access}"}).status_code


def test_a_code_becomes_a_pair_and_a_refresh_ends_both_old_tokens(data_center: Jira, client: dict[str, Any]) -> None:
    told = consent(data_center, client)
    assert (told["state"], told["x"]) == ("s&1", "1")
    got = exchange(data_center, client, told["code"]).json()
    assert (got["token_type"], got["expires_in"], got["scope"]) == ("bearer", 7200, "ADMIN")
    assert myself(data_center, got["access_token"]) == 200
    again = exchange(data_center, client, told["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")

    new = ask(data_center, client, grant_type="refresh_token", refresh_token=got["refresh_token"]).json()
    assert (myself(data_center, got["access_token"]), myself(data_center, new["access_token"])) == (401, 200)
    used = ask(data_center, client, grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert (used.status_code, used.json()["error"]) == (400, "invalid_grant")

    data_center.world.clock.advance(timedelta(seconds=7200))
    assert myself(data_center, new["access_token"]) == 401
    data_center.world.clock.advance(timedelta(days=90))
    late = ask(data_center, client, grant_type="refresh_token", refresh_token=new["refresh_token"])
    assert late.status_code == 400


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_pkce_wants_the_verifier_of_the_challenge(data_center: Jira, client: dict[str, Any], method: str) -> None:
    verifier = "v" * 43
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    challenge = {"code_challenge": digest if method == "S256" else verifier, "code_challenge_method": method}
    for wrong in ({}, {"code_verifier": "w" * 43}):
        code = consent(data_center, client, **challenge)["code"]
        assert exchange(data_center, client, code, **wrong).json()["error"] == "invalid_grant"
    code = consent(data_center, client, **challenge)["code"]
    assert exchange(data_center, client, code, code_verifier=verifier).status_code == 200


def test_who_denies_or_asks_for_too_much_is_told_so(data_center: Jira, client: dict[str, Any]) -> None:
    assert consent(data_center, client, "deny")["error"] == "access_denied"
    address = f"{data_center.url}/rest/oauth2/latest/authorize"
    asked = {"client_id": client["client_id"], "redirect_uri": BACK, "response_type": "code"}
    for wrong, error in (
        ({"scope": "read:me"}, "invalid_scope"),
        ({"scope": "SYSTEM_ADMIN"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ):
        went = requests.get(address, params=asked | wrong, auth=DC_ADMIN, timeout=10, allow_redirects=False)
        assert (went.status_code, f"error={error}" in went.headers["Location"]) == (302, True)
    for wrong in ({"client_id": "nobody"}, {"redirect_uri": "https://evil.example.com/"}):
        page = requests.get(address, params=asked | wrong, auth=DC_ADMIN, timeout=10, allow_redirects=False)
        assert page.status_code == 400, "nobody is sent to an address that is not the client's"


def test_the_token_endpoint_names_what_is_wrong(data_center: Jira, client: dict[str, Any]) -> None:
    bad = client | {"client_secret": "wrong"}
    assert ask(data_center, bad, grant_type="refresh_token", refresh_token="x").json()["error"] == "invalid_client"
    assert ask(data_center, client).json()["error"] == "invalid_request"
    assert ask(data_center, client, grant_type="authorization_code").json()["error"] == "invalid_request"
    assert ask(data_center, client, grant_type="refresh_token").json()["error"] == "invalid_request"
    assert ask(data_center, client, grant_type="password").json()["error"] == "unsupported_grant_type"
    assert ask(data_center, client, "revoke").json()["error"] == "invalid_request"
    assert ask(data_center, bad, "revoke", token="x").json()["error"] == "invalid_client"
    as_json = requests.post(f"{data_center.url}/rest/oauth2/latest/token", json={}, timeout=10)
    assert (as_json.status_code, "@FormParam" in as_json.json()["message"]) == (500, True)


def test_a_scope_is_as_far_as_a_token_reaches(data_center: Jira, control: FakeJiraClient, client: Any) -> None:
    key = data_center.create()
    granted = {
        scope: control.grant_application_link(client["id"], "admin", scope) for scope in ("READ", "WRITE", "ADMIN")
    }

    def call(scope: str, method: str, path: str, **more: Any) -> int:
        bearer = {"Authorization": f"Bearer {granted[scope]['access_token']}"}
        return data_center.call(method, path, auth=None, headers=bearer, **more).status_code

    assert call("READ", "GET", f"issue/{key}") == 200
    assert call("READ", "POST", "search", json={"jql": ""}) == 200
    assert call("READ", "PUT", f"issue/{key}", json={"fields": {"summary": "x"}}) == 403
    assert call("WRITE", "PUT", f"issue/{key}", json={"fields": {"summary": "x"}}) == 204
    quiet = {"json": {"fields": {"summary": "y"}}}
    assert call("WRITE", "PUT", f"issue/{key}?notifyUsers=false", **quiet) == 403
    assert call("ADMIN", "PUT", f"issue/{key}?notifyUsers=false", **quiet) == 204
    with pytest.raises(FakeJiraError, match="reaches as far as ADMIN"):
        control.grant_application_link(client["id"], "admin", "SYSTEM_ADMIN")


# Application links


def test_links_are_made_and_removed_on_the_page_of_the_administrator(data_center: Jira) -> None:
    address = f"{data_center.url}/plugins/servlet/applinks/listApplicationLinks"
    public = rsa.generate_private_key(65537, 2048).public_key()
    bare = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    assert requests.get(address, auth=DC_VIEWER, timeout=10).status_code == 403
    vouched = {"X-Atlassian-Token": "no-check"}

    def post(**form: str) -> requests.Response:
        return requests.post(address, data=form, auth=DC_ADMIN, headers=vouched, timeout=10)

    assert "The service" in post(kind="consumer", key="c", name="The service", public_key=bare).text
    assert "is already a consumer" in post(kind="consumer", key="c", public_key=bare).text
    assert "not an RSA key" in post(kind="consumer", key="d", public_key="none").text
    assert "OAuth 2.0, READ" in post(kind="client", name="Other", redirect_uris=BACK, scope="READ").text
    assert "addresses that people are sent back to" in post(kind="client", name="Other", redirect_uris="here").text
    assert "The service" not in post(remove="c").text
    assert "no application link" in post(remove="c").text


def test_a_removed_link_takes_its_tokens_along(data_center: Jira, control: FakeJiraClient, client: Any) -> None:
    got = control.grant_application_link(client["id"], "admin")
    assert myself(data_center, got["access_token"]) == 200
    control.remove_application_link(client["id"])
    assert myself(data_center, got["access_token"]) == 401
    assert control.application_links() == []
    with pytest.raises(FakeJiraError, match="no application link"):
        control.remove_application_link(client["id"])


def test_id_and_secret_of_a_link_can_be_chosen_once(control: FakeJiraClient) -> None:
    wish = {"name": "n", "redirect_uris": [BACK], "client_id": "mine", "client_secret": "kept"}
    made = control.application_link(**wish)
    assert (made["client_id"], made["client_secret"]) == ("mine", "kept")
    with pytest.raises(FakeJiraError, match="already a client mine"):
        control.application_link(**wish)


def test_the_control_api_refuses_odd_links_and_other_flavours(control: FakeJiraClient, jira: Jira) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(FakeJiraError, match="not an RSA key"):
        control.application_link(consumer_key="c", public_key=pem)
    with pytest.raises(FakeJiraError, match="The scope is one of: READ"):
        control.application_link(name="n", redirect_uris=[BACK], scope="read:me")
    with pytest.raises(FakeJiraError, match="no user 'nobody'"):
        control.personal_token("nobody")
    cloud = FakeJiraClient(jira.url.partition("/worlds/")[0], jira.world.name)
    with pytest.raises(FakeJiraError, match="Data Center's"):
        cloud.application_links()


def test_links_and_tokens_at_the_terminal(data_center: Jira, tmp_path: Path, capsys: Any) -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    (tmp_path / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    site = ["ctl", "--url", data_center.url.partition("/worlds/")[0], "--world", data_center.world.name]

    def ctl(*words: str) -> str:
        command.main([*site, *words], standalone_mode=False)
        return str(capsys.readouterr().out)

    assert "consumer key c" in ctl("link", "consumer", "c", "--public-key", str(tmp_path / "key.pem"))
    assert "client id: " in ctl("link", "client", "Other", "--redirect-uri", BACK)
    assert "1.0a" in ctl("link", "list")
    assert "oauth_token_secret: " in ctl("link", "grant", "c", "viewer")
    assert "removed" in ctl("link", "delete", "c")
    token = ctl("pat", "create", "viewer", "--days", "3").strip()
    assert myself(data_center, token) == 200
    assert "viewer" in ctl("pat", "list")
    ctl("pat", "revoke", "10000")
    assert myself(data_center, token) == 401


# The server


@pytest.mark.parametrize("state", ["STARTING", "MAINTENANCE", "ERROR"])
def test_a_server_that_is_not_up_says_why_and_its_container_answers(data_center: Jira, state: str) -> None:
    def status() -> tuple[int, Any]:
        answer = data_center.session.get(f"{data_center.url}/status", timeout=10)
        return answer.status_code, answer.json()

    assert status() == (200, {"state": "RUNNING"})
    data_center.world.settings = data_center.world.settings.changed(server_state=state)
    assert status() == (503, {"state": state})
    answer = data_center.get("myself")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")
    assert "HTTP Status 503 \N{EN DASH} Service Unavailable" in answer.text


@pytest.mark.parametrize(
    ("version", "shown", "build", "provider"),
    [("8.17.1", [8, 17, 1], 817001, 404), ("9.12", [9, 12, 24], 9120024, 302), ("10.3", [10, 3, 24], 10030024, 302)],
)
def test_each_version_says_which_it_is(version: str, shown: list[int], build: int, provider: int) -> None:
    with start(flavour="data-center", server_version=version) as fake:
        answer = requests.get(f"{fake.url}/rest/api/2/serverInfo", auth=DC_ADMIN, timeout=10)
        info = answer.json()
        assert (info["versionNumbers"], info["buildNumber"], info["deploymentType"]) == (shown, build, "Server")
        assert ("X-ASEN" in answer.headers) == (version == "8.17.1")
        asked = requests.get(f"{fake.url}/rest/oauth2/latest/authorize", timeout=10, allow_redirects=False)
        assert asked.status_code == provider


def test_every_answer_counts_the_minutes_of_the_day_and_the_requests(data_center: Jira) -> None:
    data_center.world.clock.move_to(data_center.world.now().replace(hour=14, minute=49, second=5))
    ids = [data_center.get("serverInfo").headers["X-AREQUESTID"] for _ in range(2)]
    assert ids == ["889x1x1", "889x2x1"]
    assert data_center.get("serverInfo").headers["X-ANODEID"] == "node1"


def test_an_unknown_route_is_told_in_xml_or_json(data_center: Jira) -> None:
    answer = data_center.get("no/such/route")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/xml;charset=UTF-8")
    assert "<status><status-code>404</status-code>" in answer.text
    as_json = data_center.get("no/such/route", headers={"Accept": "application/json"})
    assert as_json.json() == {"message": "HTTP 404 Not Found", "status-code": 404}


def test_a_write_by_a_browser_from_another_page_is_a_forgery(data_center: Jira) -> None:
    key = data_center.create()
    body = {"fields": {"summary": "x"}}
    browser = {"User-Agent": "Mozilla/5.0 (X11)"}

    def put(**headers: str) -> tuple[int, str]:
        answer = data_center.put(f"issue/{key}", body, headers=browser | headers)
        return answer.status_code, answer.text

    assert put() == (403, "XSRF check failed")
    assert put(Origin="https://evil.example.com") == (403, "XSRF check failed")
    assert put(Origin="http://[") == (403, "XSRF check failed")
    own = data_center.url.partition("/worlds/")[0]
    assert put(Origin=own)[0] == 204
    assert put(**{"X-Atlassian-Token": "no-check"})[0] == 204
    assert data_center.put(f"issue/{key}", body).status_code == 204, "programs need not vouch"


def test_a_setting_is_an_option_of_the_server_and_what_is_let_in_outlives_it(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    options: dict[str, Any] = {"flavour": "data-center", "state": file}
    with start(**options, settings={"anonymous_access": "open"}) as fake, FakeJiraClient(fake.control_url) as control:
        token = control.personal_token("admin")["token"]
        assert control.settings()["anonymous_access"] == "open"
        assert control.make("another").settings()["anonymous_access"] == "open"
        assert requests.get(f"{fake.url}/rest/api/2/serverInfo", timeout=10).status_code == 200
    with start(**options, settings={"captcha_after": 0}) as fake, FakeJiraClient(fake.control_url) as control:
        assert (control.settings()["anonymous_access"], control.settings()["captcha_after"]) == ("open", 0)
        bearer = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{fake.url}/rest/api/2/myself", headers=bearer, timeout=10).status_code == 200
