"""The doors of OAuth as they are asked, and what is read from their answers, however odd. [jira 4.1-4.5]"""

import json
import socket
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service import clock
from service.errors import ServiceStopping
from service.jira import oauth, oauth1
from service.jira.access import Access, Tokens
from service.jira.answers import JiraAnswer
from service.jira.exchange import Exchanges
from service.jira.oauth import Site, TokenEndpoint, jira_sites
from service.jira.oauth1 import Stations
from service.jira.wire import Ending
from service.rules.health import Outcome
from service.settings import Settings
from tests.service.granted import CALLBACK
from tests.service.jira.raw_server import Talk, answer, raw_server

GIVEN = {"access_token": "a-token", "refresh_token": "r-token", "expires_in": 3600, "scope": "x y"}
KEY = oauth1.new_private_key()


def access(url: str = "https://jira.example.com", installation: str = "cloud") -> Access:
    return Access(installation, "oauth2", url, "the-secret", client_id="the-client", skip_proxy=True)


def refreshed(talk: bytes | Talk, installation: str = "cloud", heard: list[bytes] | None = None) -> JiraAnswer[Tokens]:
    """What comes of a refresh at an endpoint that talks like this."""
    with raw_server(talk, heard=heard) as url:
        settings = Settings(atlassian_auth_url=url, answer_bytes=1000, read_seconds=1.0)
        endpoint = TokenEndpoint(settings, Exchanges(settings, Ending()))
        return endpoint.refresh(access(url, installation), "old-token")


def signed(talk: bytes, heard: list[bytes] | None = None) -> JiraAnswer[Tokens]:
    """What comes of asking for a request token."""
    with raw_server(talk, heard=heard) as url:
        settings = Settings()
        stations = Stations(Exchanges(settings, Ending()))
        return stations.request_token(Access("server", "oauth1", url, KEY, client_id="key", skip_proxy=True), CALLBACK)


def sent(heard: list[bytes]) -> tuple[str, str, str]:
    """First line, headers in lower case, and body of the only request."""
    (request,) = heard
    head, _, body = request.decode().partition("\r\n\r\n")
    line, _, headers = head.partition("\r\n")
    return line, headers.lower(), body


def giving_tokens(heard: list[bytes]) -> Talk:
    """Waits for the whole of a request, whose body may come after its headers."""

    def talk(connection: socket.socket) -> None:
        while len(sent(heard)[2]) < int(sent(heard)[1].partition("content-length: ")[2].split()[0]):
            heard[0] += connection.recv(65_536)
        connection.sendall(answer("200 OK", json.dumps(GIVEN).encode()))

    return talk


# Where the browser is sent


def test_cloud_is_asked_as_atlassian_documents_it() -> None:
    url = oauth.authorize_url(
        Settings(), access(), callback_url=CALLBACK, state="a&b", scopes=["read:x", "offline_access"], verifier="v"
    )
    assert url.startswith("https://auth.atlassian.com/authorize?")
    assert "scope=read%3Ax%20offline_access" in url
    assert parse_qs(urlsplit(url).query) == {
        "audience": ["api.atlassian.com"],
        "client_id": ["the-client"],
        "scope": ["read:x offline_access"],
        "redirect_uri": [CALLBACK],
        "state": ["a&b"],
        "response_type": ["code"],
        "prompt": ["consent"],
    }


def test_the_challenge_of_pkce_is_that_of_its_standard() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
    assert oauth.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


# The token endpoint


def test_cloud_is_sent_json() -> None:
    heard: list[bytes] = []
    assert refreshed(giving_tokens(heard), heard=heard).ok
    line, headers, body = sent(heard)
    assert line == "POST /oauth/token HTTP/1.1"
    assert "content-type: application/json" in headers
    known = {"client_id": "the-client", "client_secret": "the-secret"}
    assert json.loads(body) == known | {"grant_type": "refresh_token", "refresh_token": "old-token"}


def test_data_center_is_sent_a_form() -> None:
    heard: list[bytes] = []
    assert refreshed(giving_tokens(heard), "server", heard).ok
    line, headers, body = sent(heard)
    assert line == "POST /rest/oauth2/latest/token HTTP/1.1"
    assert "content-type: application/x-www-form-urlencoded" in headers
    assert "authorization" not in headers
    assert parse_qs(body)["refresh_token"] == ["old-token"]


def test_tokens_are_read_with_their_life_and_scopes() -> None:
    tokens = refreshed(answer("200 OK", json.dumps(GIVEN).encode())).payload
    assert tokens is not None
    assert (tokens.access, tokens.refresh, tokens.scopes) == ("a-token", "r-token", ("x", "y"))
    assert tokens.expires_at is not None
    assert timedelta(minutes=59) < tokens.expires_at - clock.now() <= timedelta(hours=1)


@pytest.mark.parametrize("scope", [None, 5, ["x"]])
def test_scopes_of_another_form_are_none(scope: object) -> None:
    tokens = refreshed(answer("200 OK", json.dumps(GIVEN | {"scope": scope}).encode())).payload
    assert tokens is not None
    assert tokens.scopes == ()


@pytest.mark.parametrize("error", [["invalid_grant"], {"code": 403, "message": "Forbidden"}, 7, None, True])
def test_a_refusal_in_no_word_says_nothing_about_a_grant(error: object) -> None:
    """As of a gateway in between, which has an envelope of its own."""
    assert refreshed(answer("403 Forbidden", json.dumps({"error": error}).encode())).outcome is Outcome.NOT_JSON


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 10_000)


def silent(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (endless, Outcome.TOO_LARGE),
        (silent, Outcome.TIMEOUT),
        (answer("200 OK", b'{"access_token": "a"', Content_Length="100"), Outcome.NOT_JSON),
        (answer("200 OK", b"\x1f\x8bnonsense", Content_Encoding="gzip"), Outcome.NOT_JSON),
        (answer("307 Temporary Redirect", Location="http://127.0.0.1:9/"), Outcome.NOT_JSON),
        (b"nonsense\r\n\r\n", Outcome.UNREACHABLE),
    ],
)
def test_no_answer_costs_more_than_its_bounds(talk: bytes | Talk, outcome: Outcome) -> None:
    began = time.monotonic()
    given = refreshed(talk)
    assert given.outcome is outcome
    assert time.monotonic() - began < 5


def test_the_address_is_judged_before_a_secret_is_sent() -> None:
    settings = Settings()
    endpoint = TokenEndpoint(settings, Exchanges(settings, Ending()))
    given = endpoint.refresh(access("http://169.254.169.254", "server"), "old-token")
    assert given.outcome is Outcome.ADDRESS_REFUSED


def test_an_exchange_ends_with_the_process() -> None:
    ending = Ending()
    ending.begin(0)
    settings = Settings()
    with pytest.raises(ServiceStopping):
        TokenEndpoint(settings, Exchanges(settings, ending)).refresh(access("http://127.0.0.1:9", "server"), "old")


def test_a_slash_at_the_end_of_an_address_of_atlassian_makes_no_difference() -> None:
    heard: list[bytes] = []
    with raw_server(answer("200 OK", b"[]"), heard=heard) as url:
        settings = Settings(atlassian_auth_url=f"{url}/", atlassian_api_url=f"{url}/")
        endpoint = TokenEndpoint(settings, Exchanges(settings, Ending()))
        assert endpoint.accessible_resources(access(), "a-token").ok
        endpoint.refresh(access(), "old-token")
        asked = {"callback_url": CALLBACK, "state": "s", "scopes": (), "verifier": "v"}
        assert oauth.authorize_url(settings, access(), **asked).startswith(f"{url}/authorize?")
    assert [each.split()[1] for each in heard] == [b"/oauth/token/accessible-resources", b"/oauth/token"]


# The sites of a grant


def resource(cloud_id: Any = "1", url: Any = "https://a.atlassian.net/", **fields: Any) -> dict[str, Any]:
    return {"id": cloud_id, "url": url, "name": "a", "scopes": ["read:jira-work"]} | fields


def test_a_site_that_comes_once_per_product_is_one_site_with_the_scopes_of_jira() -> None:
    listed = [
        resource(scopes=["read:confluence-content.all"]),
        resource(scopes=["read:issue:jira"]),
        resource(scopes=["read:issue:jira", "write:issue:jira"]),
        resource("2", "https://b.atlassian.net", name="b"),
    ]
    assert jira_sites(listed) == (
        Site("1", "a", "https://a.atlassian.net", ("read:issue:jira", "write:issue:jira")),
        Site("2", "b", "https://b.atlassian.net", ("read:jira-work",)),
    )


@pytest.mark.parametrize(
    "odd",
    [resource(5), resource(url=None), resource(scopes=None), resource(scopes=[]), resource(url="javascript:alert()")],
)
def test_what_is_no_site_of_jira_is_left_out(odd: dict[str, Any]) -> None:
    assert jira_sites([odd, resource("2")]) == (Site("2", "a", "https://a.atlassian.net", ("read:jira-work",)),)


# OAuth 1.0a


def test_a_request_token_is_asked_for_with_an_empty_body_and_a_signature() -> None:
    heard: list[bytes] = []
    given = signed(answer("200 OK", b"oauth_token=t&oauth_token_secret=s", Content_Type="text/plain"), heard)
    assert (given.payload, given.payload and given.payload.secret) == (Tokens("t", secret="s"), "s")
    line, headers, _ = sent(heard)
    assert line == "POST /plugins/servlet/oauth/request-token HTTP/1.1"
    assert "content-length: 0" in headers
    assert 'oauth_signature_method="rsa-sha1"' in headers
    assert "oauth_callback=" in headers


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        ("token_rejected", Outcome.CONSENT_AGAIN),
        ("permission_unknown", Outcome.CONSENT_AGAIN),
        ("consumer_key_unknown", Outcome.CLIENT_REFUSED),
        ("signature_invalid", Outcome.CLIENT_REFUSED),
        ("timestamp_refused", Outcome.CLOCKS_DIFFER),
        ("something_new", Outcome.REFUSED),
    ],
)
def test_a_problem_is_read_from_the_body_or_from_the_header(problem: str, outcome: Outcome) -> None:
    body = f"oauth_problem={problem}&oauth_signature=secret".encode()
    header = f'OAuth realm="x", oauth_problem="{problem}"'
    for talk in (
        answer("401 Unauthorized", body, Content_Type="text/plain"),
        answer("401 Unauthorized", b"<html>", Content_Type="text/html", WWW_Authenticate=header),
    ):
        given = signed(talk)
        assert given.outcome is outcome
        assert "secret" not in repr(given)


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (answer("200 OK", b"<html>Log in</html>", Content_Type="text/html"), Outcome.NOT_JIRA),
        (answer("200 OK", b"oauth_token=t"), Outcome.NOT_JIRA),
        (answer("302 Found", Location="http://127.0.0.1:9/"), Outcome.REFUSED),
        (answer("404 Not Found", b"<html>"), Outcome.NOT_FOUND),
        (answer("503 Service Unavailable"), Outcome.SERVER_ERROR),
    ],
)
def test_what_is_no_token_is_told_apart(talk: bytes, outcome: Outcome) -> None:
    assert signed(talk).outcome is outcome
