"""What one exchange with a Jira comes to, byte by byte."""

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from service.jira.answers import JiraAnswer, parse_retry_after
from service.jira.auth import Basic
from service.jira.client import JiraClient, Target
from service.jira.wire import Wire
from service.rules.health import Outcome
from service.settings import Settings
from tests.service.jira.raw_server import answer, raw_server

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def client_of(url: str, deadline: float | None = None, **target: Any) -> JiraClient:
    return JiraClient(Target(url, **target), Basic("a@example.com", "token"), Wire(Settings()), deadline)


def ask(*talks: Callable[[socket.socket], None] | bytes, **target: Any) -> JiraAnswer[Any]:
    with raw_server(*talks) as url, client_of(url, **target) as client:
        return client.request("test", "GET", "/rest/api/3/myself")


def test_json_is_read() -> None:
    assert ask(answer("200 OK", b'{"accountId": "1"}')) == JiraAnswer(Outcome.OK, {"accountId": "1"}, 200)


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json;charset=UTF-8"])
def test_both_of_jiras_content_types_are_json(kind: str) -> None:
    assert ask(answer("200 OK", b"{}", Content_Type=kind)).ok


def test_a_200_that_was_carried_out_as_anonymous_is_a_refused_credential() -> None:
    lie = answer("200 OK", b'{"issues":[]}', x_seraph_loginreason="AUTHENTICATED_FAILED")
    assert ask(lie).outcome is Outcome.UNAUTHENTICATED


def test_a_404_that_was_carried_out_as_anonymous_is_a_refused_credential() -> None:
    lie = answer("404 Not Found", b'{"errorMessages":["x"],"errors":{}}', x_seraph_loginreason="AUTHENTICATED_FAILED")
    assert ask(lie).outcome is Outcome.UNAUTHENTICATED


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "400 Bad Request"])
def test_what_data_center_answered_to_nobody_is_a_refused_credential(status: str) -> None:
    assert ask(answer(status, b'{"total":0}', X_AUSERNAME="anonymous")).outcome is Outcome.UNAUTHENTICATED
    assert ask(answer("200 OK", b'{"total":0}', X_AUSERNAME="admin")).ok


@pytest.mark.parametrize("sign", [{"X_AUSERNAME": "anonymous"}, {"x_seraph_loginreason": "AUTHENTICATED_FAILED"}])
def test_an_issue_that_was_made_for_nobody_was_made_all_the_same(sign: dict[str, str]) -> None:
    """Where everybody may create issues. It is to be recorded, and not to be made twice (R6)."""
    assert ask(answer("201 Created", b'{"id":"1","key":"A-1"}', **sign)).ok


def test_an_outage_is_no_refusal_though_it_was_answered_to_nobody() -> None:
    assert ask(answer("503 Service Unavailable", X_AUSERNAME="anonymous")).outcome is Outcome.SERVER_ERROR


def test_a_captcha_is_told_from_a_refused_account() -> None:
    page = {"Content_Type": "text/html", "X_Seraph_LoginReason": "AUTHENTICATION_DENIED"}
    challenge = page | {"X_Authentication_Denied_Reason": "CAPTCHA_CHALLENGE; login-url=http://jira/login.jsp"}
    assert ask(answer("403 Forbidden", b"<html>", **challenge)).outcome is Outcome.CAPTCHA
    assert ask(answer("403 Forbidden", b"<html>", **page)).outcome is Outcome.FORBIDDEN


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        ("token_rejected", Outcome.CONSENT_AGAIN),
        ("token_expired", Outcome.CONSENT_AGAIN),
        ("permission_unknown", Outcome.CONSENT_AGAIN),
        ("consumer_key_unknown", Outcome.CLIENT_REFUSED),
        ("consumer_key_refused", Outcome.CLIENT_REFUSED),
        ("signature_invalid", Outcome.CLIENT_REFUSED),
        ("timestamp_refused", Outcome.CLOCKS_DIFFER),
        ("nonce_used", Outcome.UNAUTHENTICATED),
    ],
)
def test_oauths_problem_is_read_from_the_header_or_from_the_text(problem: str, outcome: Outcome) -> None:
    header = f'OAuth realm="http%3A%2F%2Fjira",oauth_problem="{problem}"'
    assert ask(answer("401 Unauthorized", Content_Type="text/plain", WWW_Authenticate=header)).outcome is outcome
    body = f"oauth_signature=x&oauth_problem={problem}".encode()
    text = {"Content_Type": "text/plain;charset=UTF-8", "WWW_Authenticate": 'OAuth realm="http%3A%2F%2Fjira"'}
    assert ask(answer("401 Unauthorized", body, **text)).outcome is outcome


def test_a_login_page_sent_with_200_is_no_data() -> None:
    assert ask(answer("200 OK", b"<html>Log in</html>", Content_Type="text/html")).outcome is Outcome.NOT_JSON


def test_a_proxys_403_page_is_not_taken_for_jiras_refusal() -> None:
    assert ask(answer("403 Forbidden", b"<html>no</html>", Content_Type="text/html")).outcome is Outcome.NOT_JSON


def test_jiras_403_is_a_refusal() -> None:
    assert ask(answer("403 Forbidden", b'{"errorMessages":["blocked"],"errors":{}}')).outcome is Outcome.FORBIDDEN


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("401 Unauthorized", Outcome.UNAUTHENTICATED),
        ("404 Not Found", Outcome.NOT_FOUND),
        ("410 Gone", Outcome.REFUSED),
        ("408 Request Timeout", Outcome.TIMEOUT),
        ("407 Proxy Authentication Required", Outcome.UNREACHABLE),
        ("429 Too Many Requests", Outcome.RATE_LIMITED),
        ("500 Server Error", Outcome.SERVER_ERROR),
        ("503 Service Unavailable", Outcome.SERVER_ERROR),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html", ""])
def test_these_codes_mean_the_same_whatever_the_body(status: str, outcome: Outcome, kind: str) -> None:
    expected = Outcome.NOT_JSON if status.startswith("410") and kind != "application/json" else outcome
    assert ask(answer(status, b"<html>", Content_Type=kind)).outcome is expected


def test_a_redirect_is_not_followed() -> None:
    with raw_server(answer("200 OK", b'{"accountId": "1"}')) as elsewhere:
        assert ask(answer("302 Found", Location=elsewhere)).outcome is Outcome.NOT_JSON


def test_half_an_answer_is_no_data() -> None:
    assert ask(answer("200 OK", b'{"accountId"', Content_Length="100")).outcome is Outcome.NOT_JSON


def test_half_a_chunked_answer_is_no_data() -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"account'
    assert ask(half).outcome is Outcome.NOT_JSON


def test_json_that_does_not_parse_is_no_data() -> None:
    assert ask(answer("200 OK", b'{"accountId": ')).outcome is Outcome.NOT_JSON


def test_broken_compression_is_no_data() -> None:
    assert ask(answer("200 OK", b"not gzip", Content_Encoding="gzip")).outcome is Outcome.NOT_JSON


def test_no_answer_at_all_is_unreachable() -> None:
    assert ask(b"").outcome is Outcome.UNREACHABLE


def test_a_refused_connection_is_unreachable() -> None:
    with raw_server(b"") as url:
        pass
    with client_of(url) as client:
        assert client.request("test", "GET", "/").outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "http://a..b", "http://" + "x" * 70 + ".example"])
def test_a_host_that_does_not_exist_is_unreachable(url: str) -> None:
    with client_of(url, skip_proxy=True) as client:
        assert client.request("test", "GET", "/").outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "1e3"])
def test_a_header_that_holds_no_sensible_number_is_as_good_as_none(number: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {number}\r\n"
    head += f"X-RateLimit-Remaining: {number}\r\nX-RateLimit-Limit: {number}\r\nRetry-After: {number}\r\n\r\n"
    assert ask(head.encode("latin-1") + b"{}").outcome in {Outcome.OK, Outcome.TOO_LARGE}


def test_an_answer_announced_too_large_is_not_read() -> None:
    assert ask(answer("200 OK", Content_Length="10000001")).outcome is Outcome.TOO_LARGE


def test_an_answer_that_unpacks_to_far_more_is_cut_off() -> None:
    bomb = gzip.compress(bytes(50_000_000), 9)
    tracemalloc.start()
    found = ask(answer("200 OK", bomb, Content_Encoding="gzip"), answer_bytes=len(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.outcome is Outcome.TOO_LARGE
    assert peak < 2_000_000


def test_an_answer_that_never_ends_is_cut_off() -> None:
    def stream(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            connection.sendall(b" " * 10_000)

    assert ask(stream, answer_bytes=200_000).outcome is Outcome.TOO_LARGE


def drip(connection: socket.socket, silence: threading.Event, start: bytes) -> None:
    """One byte now and then, each well within any timeout between two bytes."""
    connection.sendall(start)
    while not silence.wait(0.02):
        connection.sendall(b"x")


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"]
)
def test_an_answer_that_drips_ends_at_the_deadline(start: bytes) -> None:
    silence = threading.Event()
    began = time.monotonic()
    try:
        assert ask(lambda connection: drip(connection, silence, start), read_seconds=0.2).outcome is Outcome.TIMEOUT
    finally:
        silence.set()
    assert time.monotonic() - began < 5


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    def until_it_hangs_up(connection: socket.socket) -> None:
        connection.recv(1)

    assert ask(until_it_hangs_up, read_seconds=0.1).outcome is Outcome.TIMEOUT


def test_after_its_deadline_a_client_sends_nothing_more() -> None:
    with client_of("http://127.0.0.1:9", time.monotonic() - 1) as client:
        assert client.request("test", "GET", "/").outcome is Outcome.TIMEOUT


def test_a_session_cookie_is_not_sent_back() -> None:
    heard: list[bytes] = []
    cookie = answer("200 OK", b"{}", Set_Cookie="JSESSIONID=1; Path=/")
    with raw_server(cookie, heard=heard) as url, client_of(url) as client:
        for _ in range(2):
            client.request("test", "GET", "/")
    assert len(heard) == 2
    assert b"cookie" not in heard[1].lower()


def test_the_proxy_of_the_environment_is_used_unless_it_is_to_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with raw_server(answer("200 OK", b"{}"), heard=heard) as proxy:
        monkeypatch.setenv("http_proxy", proxy.replace("://", "://user:pass%40word@"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with client_of("http://jira.invalid") as client:
            assert client.request("test", "GET", "/rest?x=1").ok
        with client_of("http://jira.invalid", skip_proxy=True) as client:
            assert client.request("test", "GET", "/rest").outcome is Outcome.UNREACHABLE
        monkeypatch.setenv("no_proxy", "jira.invalid")
        with client_of("http://jira.invalid") as client:
            assert client.request("test", "GET", "/rest").outcome is Outcome.UNREACHABLE
    assert len(heard) == 1
    assert heard[0].startswith(b"GET http://jira.invalid/rest?x=1 HTTP/1.1")
    assert b"proxy-authorization: Basic dXNlcjpwYXNzQHdvcmQ=" in heard[0]


def test_what_was_never_sent_is_told_from_what_may_have_been() -> None:
    with raw_server(b"") as url:
        assert client_of(url).request("test", "POST", "/").was_sent
    assert not client_of(url).request("test", "POST", "/").was_sent


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (None, None),
        ("5", 5),
        ("0", 0),
        ("1.5", 1.5),
        ("-3", 0),
        ("soon", None),
        ("nan", None),
        ("9" * 400, 86_400),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", 86_400),
        ("Sun, 01 Mar 2026 99999999999999999999:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, wait: float | None) -> None:
    assert parse_retry_after(value, NOON) == (None if wait is None else timedelta(seconds=wait))


def test_retry_after_is_read_from_a_503_as_well() -> None:
    assert ask(answer("503 Service Unavailable", Retry_After="7")).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        (b'{"errorMessages":["a"],"errors":{"summary":"b"}}', ("a", "summary: b")),
        (b'{"errorMessages":[],"errors":[]}', ()),
        (b'{"type":"about:blank","title":"t","status":400,"detail":"d"}', ("d",)),
        (b'{"message":"m","status-code":400}', ("m",)),
        (b'["x"]', ()),
    ],
)
def test_jiras_sentences_are_kept_in_every_envelope(body: bytes, sentences: tuple[str, ...]) -> None:
    assert ask(answer("400 Bad Request", body)).complaints == sentences


def test_of_endless_complaints_the_first_are_kept() -> None:
    said = ask(answer("400 Bad Request", orjson.dumps({"errorMessages": ["x" * 10_000] * 100}))).complaints
    assert said == ("x" * 500,) * 10
