"""Getting into Data Center: Basic, CAPTCHA, sessions, personal tokens, OAuth 1.0a and 2.0 [jira 2.8, 4.4-4.7, 6.4]."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jira import JIRA
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_RSA
from requests_oauthlib import OAuth1, OAuth1Session

from fake_jira.client import FakeJiraClient
from fake_jira.model.permissions import revoke
from fake_jira.server import start
from tests.fake_jira.conftest import DC_ADMIN, DC_VIEWER, Jira

NEEDED = {"message": "Client must be authenticated to access this resource.", "status-code": 401}
NO_SIGHT = "You do not have the permission to see the specified issue."
BACK = "http://127.0.0.1:9/back"
OAUTH = "plugins/servlet/oauth"


@pytest.fixture(scope="session")
def key() -> tuple[str, str]:
    """A private key and its public one, in PEM."""
    private = generate_private_key(65537, 2048)
    text = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return text, public


@pytest.fixture
def control(data_center: Jira) -> FakeJiraClient:
    return FakeJiraClient(data_center.url.partition("/worlds/")[0], data_center.world.name)


def switch(jira: Jira, **settings: Any) -> None:
    jira.world.settings = jira.world.settings.changed(**settings)


def bearer(token: str) -> dict[str, Any]:
    return {"auth": None, "headers": {"Authorization": f"Bearer {token}"}}


# Basic, CAPTCHA


@pytest.mark.parametrize("path", ["serverInfo", "myself", "search", "issue/SEC-1", "no/such/route"])
def test_a_wrong_password_is_refused_with_a_page_on_every_route(data_center: Jira, path: str) -> None:
    answer = data_center.get(path, auth=("admin", "wrong"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/html;charset=UTF-8")
    assert "Basic Authentication Failure - Reason : AUTHENTICATED_FAILED" in answer.text
    assert 'Encountered a <code>"401 - Unauthorized"</code> error' in answer.text
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert answer.headers["WWW-Authenticate"].startswith('OAuth realm="http%3A%2F%2F127.0.0.1%3A')


def test_the_password_goes_before_the_type_of_the_body(data_center: Jira) -> None:
    assert data_center.call("POST", "issue", auth=("admin", "wrong"), data="{}").status_code == 401
    assert data_center.call("POST", "issue", data="{}").status_code == 415


def test_three_wrong_passwords_bring_a_captcha_that_only_a_browser_login_clears(data_center: Jira) -> None:
    for _ in range(3):
        assert data_center.get("myself", auth=("admin", "wrong")).status_code == 401
    denied = data_center.get("myself")
    assert (denied.status_code, denied.headers["X-Seraph-LoginReason"]) == (403, "AUTHENTICATION_DENIED")
    assert "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED" in denied.text
    login = f"{data_center.url}/login.jsp"
    assert denied.headers["X-Authentication-Denied-Reason"] == f"CAPTCHA_CHALLENGE; login-url={login}"
    assert data_center.get("myself", auth=DC_VIEWER).status_code == 200, "others are not concerned"

    session = {"username": "admin", "password": "admin"}
    by_rest = data_center.session.post(f"{data_center.url}/rest/auth/1/session", json=session, timeout=10)
    assert (by_rest.status_code, by_rest.json()["errorMessages"]) == (403, ["Login denied"])

    form = {"os_username": "admin", "os_password": "admin"}
    page = data_center.session.post(login, data=form, timeout=10)
    assert page.headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
    wrong = data_center.session.post(login, data=form | {"os_captcha": "99"}, timeout=10)
    one, other = question(wrong.text)
    assert question(page.text) == question(page.text)
    right = form | {"os_captcha": str(one + other)}
    signed_in = data_center.session.post(login, data=right, timeout=10, allow_redirects=False)
    assert signed_in.status_code == 302
    data_center.session.cookies.clear()
    assert data_center.get("myself").status_code == 200


def question(page: str) -> tuple[int, int]:
    found = re.search(r"How much is (\d) \+ (\d)\?", page)
    assert found, page
    return int(found[1]), int(found[2])


def test_failures_are_forgotten_by_a_good_login_and_never_counted_when_switched_off(data_center: Jira) -> None:
    address, good = f"{data_center.url}/rest/auth/1/session", {"username": "admin", "password": "admin"}
    for _ in range(2):
        data_center.get("myself", auth=("admin", "wrong"))
    assert requests.post(address, json=good, timeout=10).json()["loginInfo"]["failedLoginCount"] == 2
    data_center.get("myself", auth=("admin", "wrong"))
    assert data_center.get("myself").status_code == 200
    switch(data_center, captcha_after=0)
    for _ in range(9):
        assert data_center.get("myself", auth=("admin", "wrong")).status_code == 401
    assert data_center.get("myself").status_code == 200


def test_basic_can_be_switched_off(data_center: Jira) -> None:
    switch(data_center, basic_auth="off")
    answer = data_center.get("serverInfo")
    assert answer.status_code == 403
    assert answer.json() == {"message": "Basic Authentication has been disabled on this instance."}


def test_an_address_is_no_user_name_and_a_personal_token_is_no_password(data_center: Jira, control: Any) -> None:
    assert data_center.get("myself", auth=("admin@example.com", "admin")).status_code == 401
    token = control.personal_token("admin")["token"]
    assert data_center.get("myself", auth=("admin", token)).status_code == 401


# Nobody


def test_a_closed_site_tells_nobody_anything(data_center: Jira) -> None:
    key = data_center.create()
    for path in ("serverInfo", "myself", "field", "project"):
        answer = data_center.get(path, auth=None)
        assert (answer.status_code, answer.json()) == (401, NEEDED)
        assert "X-Seraph-LoginReason" not in answer.headers
        assert answer.headers["X-AUSERNAME"] == "anonymous"
    found = data_center.get("search?jql=", auth=None)
    assert (found.status_code, found.json()["total"]) == (200, 0)
    issue = data_center.get(f"issue/{key}", auth=None)
    assert (issue.status_code, issue.json()["errorMessages"]) == (401, [NO_SIGHT, "Login Required"])


def test_an_open_site_tells_nobody_what_is_public(data_center: Jira) -> None:
    switch(data_center, anonymous_access="open")
    info = data_center.get("serverInfo", auth=None)
    assert info.status_code == 200
    assert "serverTime" not in info.json()
    assert data_center.get("field", auth=None).status_code == 200
    assert data_center.get("myself", auth=None).json() == NEEDED


def test_data_center_tells_that_a_hidden_issue_is_there(data_center: Jira) -> None:
    key = data_center.create()
    revoke(data_center.site, data_center.world.state.projects["10001"], data_center.admin, "BROWSE_PROJECTS")
    hidden = data_center.get(f"issue/{key}")
    assert (hidden.status_code, hidden.json()["errorMessages"]) == (403, [NO_SIGHT])
    assert data_center.get("issue/SEC-99").status_code == 404


@pytest.mark.parametrize("token", ["wrong", "", "MDAwMDAwMDAwMDAwOg=="])
def test_a_bad_bearer_token_is_nobody(data_center: Jira, token: str) -> None:
    assert data_center.get("search?jql=", **bearer(token)).json()["total"] == 0
    assert data_center.get("myself", **bearer(token)).json() == NEEDED


# Sessions


def test_a_session_by_rest_is_a_cookie_until_it_is_ended(data_center: Jira) -> None:
    address = f"{data_center.url}/rest/auth/1/session"
    with requests.Session() as http:
        assert http.get(address, timeout=10).status_code == 401
        made = http.post(address, json={"username": "admin", "password": "admin"}, timeout=10)
        assert made.status_code == 200
        assert made.json()["session"] == {"name": "JSESSIONID", "value": http.cookies["JSESSIONID"]}
        assert http.cookies["atlassian.xsrf.token"].endswith("_lin")
        me = http.get(f"{data_center.url}/rest/api/2/myself", timeout=10)
        assert (me.json()["name"], me.headers["X-AUSERNAME"], me.headers["X-Seraph-LoginReason"]) == (
            "admin",
            "admin",
            "OK",
        )
        assert "Set-Cookie" not in me.headers
        assert me.headers["X-ASESSIONID"] == made.headers["X-ASESSIONID"]
        shown = http.get(f"{data_center.url}/rest/auth/latest/session", timeout=10).json()
        assert (shown["name"], shown["loginInfo"]["loginCount"]) == ("admin", 1)
        assert http.delete(address, timeout=10).status_code == 204
        assert http.get(address, timeout=10).status_code == 401


def test_a_failed_login_by_rest_says_so_in_json(data_center: Jira) -> None:
    address = f"{data_center.url}/rest/auth/1/session"
    for body in ({"username": "admin", "password": "wrong"}, {"username": "nobody", "password": "x"}, {}):
        answer = data_center.session.post(address, json=body, timeout=10)
        assert (answer.status_code, answer.json()) == (401, {"errorMessages": ["Login failed"], "errors": {}})
    assert data_center.session.post(address, data="{}", timeout=10).status_code == 415


def test_a_session_ends_when_nobody_uses_it_for_five_hours(data_center: Jira) -> None:
    with requests.Session() as http:
        body = {"username": "admin", "password": "admin"}
        http.post(f"{data_center.url}/rest/auth/1/session", json=body, timeout=10)
        for hours, status in ((4, 200), (4, 200), (5, 401)):
            data_center.world.clock.advance(timedelta(hours=hours))
            assert http.get(f"{data_center.url}/rest/auth/1/session", timeout=10).status_code == status


def test_basic_leaves_a_session_behind_and_a_token_does_not(data_center: Jira, control: FakeJiraClient) -> None:
    me = f"{data_center.url}/rest/api/2/myself"
    with requests.Session() as http:
        http.get(me, auth=DC_ADMIN, timeout=10)
        assert http.get(me, timeout=10).status_code == 200
    token = control.personal_token("admin")["token"]
    with requests.Session() as http:
        assert http.get(me, headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code == 200
        assert http.cookies["atlassian.xsrf.token"].endswith("_lout")
        assert http.get(me, timeout=10).status_code == 401


def test_nobody_is_sent_elsewhere_by_the_login_page(data_center: Jira) -> None:
    login = f"{data_center.url}/login.jsp"
    for wanted in ("http://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:alert(1)"):
        form = {"os_username": "admin", "os_password": "admin", "os_destination": wanted}
        went = requests.post(login, data=form, timeout=10, allow_redirects=False)
        assert urlsplit(went.headers["Location"]).path.endswith("/login.jsp")
    form["os_destination"] = "/browse/SEC-1"
    went = requests.post(login, data=form, timeout=10, allow_redirects=False)
    assert went.headers["Location"] == f"/worlds/{data_center.world.name}/browse/SEC-1"


# Personal access tokens


def test_a_personal_token_is_made_shown_once_used_listed_and_revoked(data_center: Jira) -> None:
    address = f"{data_center.url}/rest/pat/latest/tokens"
    wanted = {"name": "ci", "expirationDuration": 90}
    assert requests.post(address, json=wanted, timeout=10).json() == NEEDED
    made = requests.post(address, json=wanted, auth=DC_ADMIN, timeout=10)
    assert made.status_code == 201
    number, colon, rest = base64.b64decode(made.json()["rawToken"]).partition(b":")
    assert (len(number), number.isdigit(), colon, len(rest)) == (12, True, b":", 20)
    token = {"Authorization": f"Bearer {made.json()['rawToken']}"}
    assert data_center.get("myself", auth=None, headers=token).json()["name"] == "admin"

    second = requests.post(address, json={"name": "by the first"}, headers=token, timeout=10)
    assert (second.status_code, second.json()["expiringAt"]) == (201, None)
    listed = requests.get(address, headers=token, timeout=10).json()
    assert [each["name"] for each in listed] == ["ci", "by the first"]
    assert all("rawToken" not in each for each in listed)
    assert listed[0]["createdAt"].endswith("Z")

    one = f"{address}/{made.json()['id']}"
    assert requests.delete(one, auth=DC_VIEWER, timeout=10).status_code == 404
    assert requests.delete(one, auth=DC_ADMIN, timeout=10).status_code == 204
    assert data_center.get("myself", auth=None, headers=token).status_code == 401


def test_a_personal_token_ends_with_its_day_and_ten_are_enough(data_center: Jira, control: FakeJiraClient) -> None:
    token = control.personal_token("admin", days=1)["token"]
    assert data_center.get("myself", **bearer(token)).status_code == 200
    data_center.world.clock.advance(timedelta(hours=23, minutes=59))
    assert data_center.get("myself", **bearer(token)).status_code == 200
    data_center.world.clock.advance(timedelta(minutes=1))
    assert data_center.get("myself", **bearer(token)).status_code == 401
    address = f"{data_center.url}/rest/pat/latest/tokens"
    for _ in range(9):
        assert requests.post(address, json={"name": "n"}, auth=DC_ADMIN, timeout=10).status_code == 201
    full = requests.post(address, json={"name": "n"}, auth=DC_ADMIN, timeout=10)
    assert (full.status_code, "maximum" in full.text) == (400, True)


@pytest.mark.parametrize("body", [{}, {"name": " "}, {"name": "n", "expirationDuration": 0}, {"name": 1}, [], None])
def test_an_odd_personal_token_is_refused(data_center: Jira, body: Any) -> None:
    address = f"{data_center.url}/rest/pat/latest/tokens"
    assert requests.post(address, json=body, auth=DC_ADMIN, timeout=10).status_code in (400, 415)


# OAuth 1.0a


@pytest.fixture
def consumer(control: FakeJiraClient, key: tuple[str, str]) -> str:
    return str(control.application_link(consumer_key="cons umer", public_key=key[1], name="The service")["id"])


@pytest.fixture
def signer(consumer: str, key: tuple[str, str]) -> Callable[..., OAuth1Session]:
    def make(**more: Any) -> OAuth1Session:
        session = OAuth1Session(consumer, rsa_key=key[0], signature_method=SIGNATURE_RSA, **more)
        session.trust_env = False
        return session

    return make


def decide(jira: Jira, token: str, decision: str = "approve", who: tuple[str, str] = DC_ADMIN) -> requests.Response:
    """What a person does in a browser: logs in, looks at the page, presses a button."""
    with requests.Session() as browser:
        asked = browser.get(f"{jira.url}/{OAUTH}/authorize", params={"oauth_token": token}, timeout=10)
        assert urlsplit(asked.url).path.endswith("/login.jsp")
        back = re.search('name="os_destination" value="([^"]+)"', asked.text)
        assert back
        form = {"os_username": who[0], "os_password": who[1], "os_destination": back[1]}
        page = browser.post(asked.url.partition("?")[0], data=form, timeout=10)
        assert "asks for access" in page.text
        hidden = dict(re.findall('type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return browser.post(
            page.url.partition("?")[0], data={**hidden, decision: "x"}, timeout=10, allow_redirects=False
        )


def dance(jira: Jira, signer: Callable[..., OAuth1Session]) -> dict[str, str]:
    first = signer(callback_uri=BACK)
    asked = first.fetch_request_token(f"{jira.url}/{OAUTH}/request-token")
    went = decide(jira, asked["oauth_token"])
    first.parse_authorization_response(went.headers["Location"])
    return dict(first.fetch_access_token(f"{jira.url}/{OAUTH}/access-token"))


def test_the_dance_of_requests_oauthlib_ends_with_a_token_that_signs_rest_calls(
    data_center: Jira, signer: Callable[..., OAuth1Session]
) -> None:
    got = dance(data_center, signer)
    assert (got["oauth_expires_in"], got["oauth_authorization_expires_in"]) == ("157680000", "160272000")
    session = signer(resource_owner_key=got["oauth_token"], resource_owner_secret=got["oauth_token_secret"])
    me = session.get(f"{data_center.url}/rest/api/2/myself", timeout=10)
    assert (me.status_code, me.json()["name"], me.headers["X-AUSERNAME"]) == (200, "admin", "admin")
    key = data_center.create(summary="ä & b")
    found = session.get(f"{data_center.url}/rest/api/2/search", params={"jql": 'summary ~ "ä" AND x != 1 '}, timeout=10)
    assert found.status_code in (200, 400), found.text  # signed well, whatever is thought of the query
    made = session.put(
        f"{data_center.url}/rest/api/2/issue/{key}", json={"fields": {"summary": "by signature"}}, timeout=10
    )
    assert made.status_code == 204
    assert data_center.world.journal.entries({"operation": "editIssue"})[0].user == "admin@example.com"


def test_the_client_jira_signs_its_requests(
    data_center: Jira, signer: Callable[..., OAuth1Session], key: tuple[str, str], consumer: str
) -> None:
    got = dance(data_center, signer)
    oauth = {
        "access_token": got["oauth_token"],
        "access_token_secret": got["oauth_token_secret"],
        "consumer_key": consumer,
        "key_cert": key[0],
        "signature_method": SIGNATURE_RSA,
    }
    client = JIRA(server=data_center.url, oauth=oauth, max_retries=0)
    assert client.myself()["name"] == "admin"
    made = client.create_issue(project="SEC", summary="Leak", issuetype={"name": "Bug"})
    assert client.issue(made.key).fields.summary == "Leak"


def test_the_answers_of_the_dance_are_forms_with_what_was_recorded(
    data_center: Jira, signer: Callable[..., OAuth1Session]
) -> None:
    asked = signer(callback_uri=BACK).post(f"{data_center.url}/{OAUTH}/request-token", timeout=10)
    assert asked.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert asked.headers["X-AUSERNAME"] == "anonymous"
    told = dict(parse_qsl(asked.text))
    assert {name: len(value) for name, value in told.items()} == {"oauth_token": 32, "oauth_token_secret": 32}
    verifier = parse_qs(urlsplit(decide(data_center, told["oauth_token"]).headers["Location"]).query)["oauth_verifier"]
    last = signer(resource_owner_key=told["oauth_token"], verifier=verifier[0])
    got = dict(parse_qsl(last.post(f"{data_center.url}/{OAUTH}/access-token", timeout=10).text))
    assert got["oauth_token_secret"] == told["oauth_token_secret"]
    assert len(got["oauth_session_handle"]) == 32


def problem(answer: requests.Response) -> str:
    """The problem, which the body and the header name alike."""
    assert answer.status_code == 401, answer.text
    named = dict(parse_qsl(answer.text))["oauth_problem"]
    assert f'oauth_problem="{named}"' in answer.headers["WWW-Authenticate"]
    return named


def test_every_problem_has_its_name(data_center: Jira, signer: Any, key: tuple[str, str], consumer: str) -> None:
    url = f"{data_center.url}/{OAUTH}"
    ask, me = f"{url}/request-token", f"{data_center.url}/rest/api/2/myself"
    rsa = {"rsa_key": key[0], "signature_method": SIGNATURE_RSA}
    other = generate_private_key(65537, 2048)
    other_pem = other.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def post(address: str, **how: Any) -> requests.Response:
        return requests.post(address, auth=OAuth1(**{"client_key": consumer, **rsa, **how}), timeout=10)

    assert problem(post(ask, client_key="nobody")) == "consumer_key_unknown"
    wrong = post(ask, rsa_key=other_pem)
    assert problem(wrong) == "signature_invalid"
    assert {"oauth_signature", "oauth_signature_base_string", "oauth_signature_method"} < set(
        dict(parse_qsl(wrong.text))
    )
    assert problem(post(ask, client_secret="s", rsa_key=None, signature_method=SIGNATURE_HMAC_SHA1)) == (
        "signature_method_rejected"
    )
    assert problem(post(ask, timestamp="1000000000")) == "timestamp_refused"
    now = str(int(data_center.world.now().timestamp()))
    assert post(ask, nonce="once", timestamp=now).status_code == 200
    assert problem(post(ask, nonce="once", timestamp=now)) == "nonce_used"
    assert problem(requests.post(ask, timeout=10)) == "parameter_absent"
    assert problem(post(f"{url}/access-token", resource_owner_key="unknown", verifier="x")) == "token_rejected"
    rest = requests.get(me, auth=OAuth1(consumer, resource_owner_key="unknown", **rsa), timeout=10)
    assert problem(rest) == "token_rejected"
    asked = dict(parse_qsl(post(ask).text))["oauth_token"]
    assert problem(post(f"{url}/access-token", resource_owner_key=asked, verifier="x")) == "permission_unknown"
    data_center.world.clock.advance(timedelta(minutes=10))
    now = str(int(data_center.world.now().timestamp()))
    late = post(f"{url}/access-token", resource_owner_key=asked, verifier="x", timestamp=now)
    assert problem(late) == "token_expired"


@pytest.mark.parametrize(
    "callback", ["http://[", "javascript:alert(1)", "here", "http://a/ b", "http://a;b/", "http://a/\n"]
)
def test_nobody_is_sent_to_a_callback_that_is_no_address(data_center: Jira, signer: Any, callback: str) -> None:
    answer = signer(callback_uri=callback).post(f"{data_center.url}/{OAUTH}/request-token", timeout=10)
    assert problem(answer) == "parameter_rejected"


@pytest.mark.parametrize(
    "header", ["OAuth ", "OAuth x", 'OAuth oauth_token="a', "OAuth oauth_nonce=a,oauth_nonce=b", "Basic x", "Bearer"]
)
def test_what_cannot_be_read_lets_nobody_in(data_center: Jira, header: str) -> None:
    for path in ("rest/api/2/myself", f"{OAUTH}/request-token", f"{OAUTH}/access-token"):
        answer = requests.get(f"{data_center.url}/{path}", headers={"Authorization": header}, timeout=10)
        assert answer.status_code == 401, answer.text


def test_a_token_ends_after_five_years_and_is_renewed_by_its_handle(data_center: Jira, signer: Any) -> None:
    got = dance(data_center, signer)
    me = f"{data_center.url}/rest/api/2/myself"

    def signed(**more: str) -> OAuth1Session:
        now = str(int(data_center.world.now().timestamp()))
        return signer(resource_owner_key=got["oauth_token"], timestamp=now, **more)  # type: ignore[no-any-return]

    data_center.world.clock.advance(timedelta(days=1825))
    assert problem(signed().get(me, timeout=10)) == "token_expired"
    renew = f"{data_center.url}/{OAUTH}/access-token?oauth_session_handle={got['oauth_session_handle']}"
    new = dict(parse_qsl(signed().post(renew, timeout=10).text))
    assert problem(signed().get(me, timeout=10)) == "token_rejected"
    got["oauth_token"] = new["oauth_token"]
    assert signed().get(me, timeout=10).status_code == 200


def test_who_denies_sends_back_denied_and_a_code_is_shown_out_of_band(data_center: Jira, signer: Any) -> None:
    ask, get = f"{data_center.url}/{OAUTH}/request-token", f"{data_center.url}/{OAUTH}/access-token"
    asked = signer(callback_uri=BACK).fetch_request_token(ask)
    told = dict(parse_qsl(urlsplit(decide(data_center, asked["oauth_token"], "deny").headers["Location"]).query))
    assert told == {"oauth_token": asked["oauth_token"], "oauth_verifier": "denied"}
    refused = signer(resource_owner_key=asked["oauth_token"], verifier="denied").post(get, timeout=10)
    assert problem(refused) == "permission_denied"

    asked = signer(callback_uri="oob").fetch_request_token(ask)
    page = decide(data_center, asked["oauth_token"])
    code = re.search("<code>([^<]+)</code>", page.text)
    assert (page.status_code, code is not None) == (200, True)
    assert code
    token = asked["oauth_token"]
    assert problem(signer(resource_owner_key=token, verifier="wrong").post(get, timeout=10)) == "token_rejected"
    assert signer(resource_owner_key=token, verifier=code[1]).post(get, timeout=10).status_code == 200
    assert problem(signer(resource_owner_key=token, verifier=code[1]).post(get, timeout=10)) == "token_rejected"


def test_a_form_from_elsewhere_decides_nothing(data_center: Jira, signer: Any) -> None:
    asked = signer(callback_uri=BACK).fetch_request_token(f"{data_center.url}/{OAUTH}/request-token")
    form = {"oauth_token": asked["oauth_token"], "approve": "Allow"}
    page = requests.post(f"{data_center.url}/{OAUTH}/authorize", data=form, auth=DC_ADMIN, timeout=10)
    assert (page.status_code, "XSRF Security Token Missing" in page.text) == (403, True)
    gone = requests.get(f"{data_center.url}/{OAUTH}/authorize?oauth_token=x", auth=DC_ADMIN, timeout=10)
    assert (gone.status_code, "oauth_problem=token_rejected" in gone.text) == (401, True)


def test_signatures_hold_behind_a_prefix_and_a_public_address(key: tuple[str, str]) -> None:
    with start(flavour="data-center", prefix="/jira") as fake:
        with FakeJiraClient(fake.control_url) as control:
            control.application_link(consumer_key="c", public_key=key[1])
            granted = control.grant_application_link("c", "viewer")
        auth = OAuth1("c", rsa_key=key[0], signature_method=SIGNATURE_RSA, resource_owner_key=granted["oauth_token"])
        assert requests.get(f"{fake.url}/rest/api/2/myself?a=%20b&c", auth=auth, timeout=10).json()["name"] == "viewer"
        made = requests.get(f"{fake.url}/rest/api/2/myself", auth=DC_ADMIN, timeout=10)
        assert "Path=/jira;" in made.headers["Set-Cookie"]
