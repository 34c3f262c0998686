"""Data Center's doors that are below /rest: sessions, personal access tokens, the OAuth 2.0 provider."""

import re
from urllib.parse import parse_qsl, urlsplit

from fake_jira.model.application_links import add_client
from tests.fake_jira.conftest import DC_ADMIN, Jira
from tests.fake_jira.proof.drives import drives

BACK = "http://127.0.0.1:9/back"


@drives("data-center", "login", "currentUser", "logout")
def a_session_is_opened_shown_and_ended(jira: Jira) -> None:
    address = f"{jira.url}/rest/auth/1/session"
    opened = jira.session.post(address, json={"username": "admin", "password": "admin"}, timeout=10).json()["session"]
    cookie = {"Cookie": f"{opened['name']}={opened['value']}"}
    assert jira.session.get(address, headers=cookie, timeout=10).json()["name"] == "admin"
    assert jira.session.delete(address, headers=cookie, timeout=10).status_code == 204
    assert jira.session.get(address, headers=cookie, timeout=10).status_code == 401


@drives(
    "data-center",
    "createPersonalAccessToken",
    "getPersonalAccessTokens",
    "getPersonalAccessToken",
    "revokePersonalAccessToken",
)
def a_personal_token_lets_in_until_it_is_revoked(jira: Jira) -> None:
    address = f"{jira.url}/rest/pat/latest/tokens"
    made = jira.session.post(address, json={"name": "ci"}, auth=DC_ADMIN, timeout=10).json()
    token = {"Authorization": f"Bearer {made['rawToken']}"}
    assert jira.session.get(address, headers=token, timeout=10).json()[0]["name"] == "ci"
    one = f"{address}/{made['id']}"
    assert jira.session.get(one, headers=token, timeout=10).json()["id"] == made["id"]
    assert jira.session.delete(one, headers=token, timeout=10).status_code == 204
    assert jira.session.get(one, headers=token, timeout=10).status_code == 401


@drives("data-center", "authorizeClient", "decideOnClient", "token", "revokeToken")
def a_client_gets_a_token_by_consent_and_gives_it_back(jira: Jira) -> None:
    client = add_client(jira.site, "The service", [BACK])
    provider = f"{jira.url}/rest/oauth2/latest"
    asked = {"client_id": client.id, "redirect_uri": BACK, "response_type": "code", "scope": "READ"}
    page = jira.session.get(f"{provider}/authorize", params=asked, auth=DC_ADMIN, timeout=10)
    cookie = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
    form = dict(re.findall('type="hidden" name="([^"]+)" value="([^"]*)"', page.text)) | {"approve": "Allow"}
    went = jira.session.post(f"{provider}/authorize", data=form, headers=cookie, timeout=10, allow_redirects=False)
    code = dict(parse_qsl(urlsplit(went.headers["Location"]).query))["code"]
    known = {"client_id": client.id, "client_secret": client.secret}
    wanted = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    got = jira.session.post(f"{provider}/token", data=known | wanted, timeout=10).json()
    bearer = {"Authorization": f"Bearer {got['access_token']}"}
    assert jira.get("myself", auth=None, headers=bearer).json()["name"] == "admin"
    revoked = jira.session.post(f"{provider}/revoke", data=known | {"token": got["access_token"]}, timeout=10)
    assert revoked.status_code == 200
    assert jira.get("myself", auth=None, headers=bearer).status_code == 401
