"""A credential that is refused, renewed, or not to be had, and what that does to a request."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from service.jira.auth import Basic, Bearer, Credential, CredentialRefused, NoGrant, OAuth1, Rotating
from service.jira.client import JiraClient, Target
from service.jira.wire import Wire
from service.rules.health import Outcome
from service.settings import Settings
from tests.service.jira.doors import key_pair
from tests.service.jira.raw_server import answer, raw_server

GOOD = answer("200 OK", b'{"accountId": "1"}')
NO = answer("401 Unauthorized", b'{"code":401,"message":"Unauthorized"}')
NOBODYS = answer("200 OK", b'{"total": 0}', X_AUSERNAME="anonymous")


class Tokens:
    """A source of tokens that are counted: t1, t2... `trouble` is what renewing one comes to."""

    def __init__(self, trouble: CredentialRefused | None = None, renewals: int = 1) -> None:
        self.number = 1
        self.left = renewals
        self.trouble = trouble
        self.sent = 0

    def token(self) -> str:
        return f"t{self.number}"

    def renewed(self, rejected: str) -> str:
        assert rejected == self.token()
        if self.trouble is not None:
            raise self.trouble
        if self.left:
            self.left -= 1
            self.sent += 1
            self.number += 1
        return self.token()


def client_of(url: str, source: Tokens) -> JiraClient:
    return JiraClient(Target(url, skip_proxy=True), Rotating(source), Wire(Settings()))


def tokens_in(heard: list[bytes]) -> list[str]:
    return [each.lower().partition(b"authorization: bearer ")[2][:2].decode() for each in heard]


@pytest.mark.parametrize("refusal", [NO, NOBODYS])
def test_a_refused_token_is_renewed_and_the_same_request_sent_once_more(refusal: bytes) -> None:
    heard: list[bytes] = []
    with raw_server(refusal, GOOD, heard=heard) as url, client_of(url, Tokens()) as client:
        assert client.request("test", "POST", "/search", body={"jql": "x"}).ok
        assert client.sent == 3  # two requests, and one for the token
    assert tokens_in(heard) == ["t1", "t2"]
    for each in heard:
        assert each.startswith(b"POST /search HTTP/1.1\r\n")
        assert b"content-length: 11\r\n" in each.lower()


def test_a_token_that_is_refused_again_is_not_renewed_a_second_time() -> None:
    heard: list[bytes] = []
    with raw_server(NO, heard=heard) as url, client_of(url, Tokens(renewals=9)) as client:
        assert client.request("test", "GET", "/myself").outcome is Outcome.UNAUTHENTICATED
    assert tokens_in(heard) == ["t1", "t2"]


def test_a_token_that_was_renewed_just_now_is_not_renewed_for_the_next_refusal() -> None:
    heard: list[bytes] = []
    with raw_server(NO, heard=heard) as url, client_of(url, Tokens(renewals=9)) as client:
        for _ in range(3):  # a missing scope, which no token will mend
            assert client.request("test", "GET", "/search").outcome is Outcome.UNAUTHENTICATED
    assert tokens_in(heard) == ["t1", "t2", "t2", "t2"]


def test_once_it_is_not_new_any_more_it_is_renewed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.jira.auth.FRESH_SECONDS", 0.0)
    heard: list[bytes] = []
    with raw_server(NO, GOOD, NO, GOOD, heard=heard) as url, client_of(url, Tokens(renewals=9)) as client:
        for _ in range(2):
            assert client.request("test", "GET", "/search").ok
    assert tokens_in(heard) == ["t1", "t2", "t2", "t3"]


def test_without_a_newer_token_the_refusal_stands() -> None:
    heard: list[bytes] = []
    with raw_server(NO, heard=heard) as url, client_of(url, Tokens(renewals=0)) as client:
        assert client.request("test", "GET", "/myself").outcome is Outcome.UNAUTHENTICATED
    assert tokens_in(heard) == ["t1"]


@pytest.mark.parametrize("outcome", [Outcome.CONSENT_AGAIN, Outcome.CLIENT_REFUSED, Outcome.UNREACHABLE])
def test_what_the_token_endpoint_says_is_what_the_request_came_to(outcome: Outcome) -> None:
    with raw_server(NO) as url, client_of(url, Tokens(CredentialRefused(outcome, timedelta(seconds=7)))) as client:
        found = client.request("test", "POST", "/issue", body={})
    assert (found.outcome, found.retry_after, found.was_sent) == (outcome, timedelta(seconds=7), False)


def test_without_a_grant_nothing_is_sent() -> None:
    heard: list[bytes] = []
    with raw_server(GOOD, heard=heard) as url, JiraClient(Target(url), NoGrant(), Wire(Settings())) as client:
        found = client.request("test", "GET", "/myself")
        assert client.sent == 0
    assert (found.outcome, found.was_sent) == (Outcome.CONSENT_AGAIN, False)
    assert not heard


CREDENTIALS: dict[str, Callable[[], Credential]] = {
    "basic": lambda: Basic("a", "b"),
    "bearer": lambda: Bearer("t"),
    "oauth1": lambda: OAuth1("key", key_pair()[0], "t", "s"),
}


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_what_cannot_be_renewed_is_not_tried_twice(kind: str) -> None:
    heard: list[bytes] = []
    credential = CREDENTIALS[kind]()
    with raw_server(NO, heard=heard) as url, JiraClient(Target(url), credential, Wire(Settings())) as client:
        assert client.request("test", "GET", "/myself").outcome is Outcome.UNAUTHENTICATED
    assert len(heard) == 1


def test_a_private_key_that_is_none_is_a_refused_client() -> None:
    for key in ("", "no key", key_pair()[1]):
        with pytest.raises(CredentialRefused) as refused:
            OAuth1("key", key, "t", "s").headers("GET", "http://jira/")
        assert refused.value.outcome is Outcome.CLIENT_REFUSED


def test_a_header_of_an_unchanging_credential_is_made_once() -> None:
    credential = Basic("a@example.com", "pässword")
    shown: Mapping[str, str] = credential.headers("GET", "http://jira/")
    assert shown == {"Authorization": "Basic YUBleGFtcGxlLmNvbTpww6Rzc3dvcmQ="}
    assert credential.headers("POST", "http://jira/x") is shown
