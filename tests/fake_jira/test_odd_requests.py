"""What no honest client sends, and what honest ones send that looks odd: nothing breaks, hangs, or leads elsewhere."""

import base64
import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests

from fake_jira.client import FakeJiraClient
from fake_jira.server import FakeJira, start
from tests.fake_jira.conftest import ADMIN, DC_ADMIN, Jira


def told(url: str, request: bytes) -> bytes:
    """What comes back over a plain socket until the server closes it."""
    with socket.create_connection(_address(url), timeout=10) as wire:
        wire.sendall(request)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def get(url: str, path: str, *headers: str, host: str = "127.0.0.1") -> tuple[int, bytes]:
    """Status and body of a GET whose request line and headers nobody tidies up."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
    head, _, body = told(url, "\r\n".join(lines).encode("latin-1")).partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def _root(jira: Jira) -> str:
    return jira.url.partition("/worlds/")[0]


@pytest.mark.parametrize("secret", ["\xff", "\xe9\xe9\xe9\xe9", "=", "QQ", base64.b64encode(b"\xff:x").decode()])
def test_a_basic_credential_that_is_no_text_is_nobodys(either: Jira, secret: str) -> None:
    path = f"/worlds/{either.world.name}/rest/api/2/myself"
    assert get(either.url, path, f"Authorization: Basic {secret}")[0] == 401


@pytest.mark.parametrize("slashes", ["//", "///"])
def test_a_path_may_begin_with_several_slashes(jira: Jira, slashes: str) -> None:
    path = f"{slashes}rest/api/3/serverInfo"
    assert get(_root(jira), path)[0] == 200
    assert get(_root(jira), f"/worlds/{jira.world.name}{path}")[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "[",
        "user@elsewhere",
        "a/../b",
        "\xff",
        "x" * 300,
        "a:b",
        "a..b",
        "x" * 64,
        "a:65536",
        "a:0",
        "xn--a",
        "[:::]",
    ],
)
def test_a_host_that_is_none_is_a_bad_request(either: Jira, host: str) -> None:
    assert get(either.url, "/rest/api/2/serverInfo", host=host) == (400, b"The Host header names no host.\n")
    assert get(either.url, "/_control/", "Origin: null", host=host)[0] == 400


def test_links_follow_a_host_with_an_underscore_as_containers_have_them(jira: Jira) -> None:
    answer = requests.get(f"{_root(jira)}/rest/api/3/serverInfo", headers={"Host": "fake_jira:8090"}, timeout=10)
    assert answer.json()["baseUrl"] == "http://fake_jira:8090"


def test_http_1_0_needs_no_host(jira: Jira) -> None:
    assert told(_root(jira), b"GET /rest/api/3/serverInfo HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("origin", ["null", "http://elsewhere.example", "http://[", "file://", "127.0.0.1", ""])
def test_the_control_api_answers_no_page_of_another_origin(either: Jira, origin: str) -> None:
    for host in ("127.0.0.1", "fake_jira:80"):
        assert get(either.url, "/_control/worlds", f"Origin: {origin}", host=host)[0] == 403
    assert get(either.url, "/_control/worlds", "Origin: http://fake_jira:8090", host="fake_jira:8090")[0] == 200


@pytest.mark.parametrize("path", ["/_control/apps", "/_control", "//_control/worlds", "/%5Fcontrol/worlds"])
def test_the_control_api_cannot_be_reached_through_the_gateway(jira: Jira, path: str) -> None:
    status, body = get(_root(jira), f"/ex/jira/{jira.world.cloud_id}{path}")
    assert (status, body) == (401, b'{"code":401,"message":"Unauthorized"}')


@pytest.mark.parametrize(
    "path",
    [
        "/worlds/{}/../{}/rest/api/2/issue/SEC-1",
        "/worlds/{}/%2e%2e/{}/rest/api/2/issue/SEC-1",
        "/worlds/{}/worlds/{}/rest/api/2/issue/SEC-1",
        "/worlds/{}%2F..%2F{}/rest/api/2/issue/SEC-1",
        "/worlds/{}/rest/../../{}/rest/api/2/issue/SEC-1",
    ],
)
def test_no_trick_with_the_path_leads_into_another_world(server: FakeJira, jira: Jira, path: str) -> None:
    jira.create(summary="Of this world alone")
    credential = base64.b64encode(":".join(ADMIN).encode()).decode()
    asked = path.format("default", jira.world.name)
    status, body = get(server.url, asked, f"Authorization: Basic {credential}")
    assert status == 404
    assert b"Of this world alone" not in body


@pytest.mark.parametrize("path", ["/worlds/", "/worlds//rest/api/2/serverInfo", "/worlds//_control/journal"])
def test_a_world_without_a_name_is_not_the_default_one(either: Jira, path: str) -> None:
    status, body = get(either.url, path)
    assert status == 404
    assert b"There is no world ''" in body


@pytest.mark.parametrize(
    "path",
    [
        "/rest/api/2/issue/SEC-1%00",
        "/rest/api/2/issue/%ff%fe",
        "/rest/api/2/issue/SEC-1%0d%0aSet-Cookie:%20x",
        "/rest/api/2/issue/..%2F..%2F_control",
        "/rest/api/2/attachment/..%2F..%2Fetc",
        "/rest/api/2/user?username=%00&accountId=%ff",
        "/rest/api/2/issue/" + "A" * 60_000,
        "/" + "a/" * 20_000,
        "/browse/%00",
        "/static/..%2Fapp.py",
        "/rest/api/2/%zz",
    ],
)
def test_bytes_that_belong_in_no_address_lead_nowhere(either: Jira, path: str) -> None:
    name, secret = ADMIN if either.flavour == "cloud" else DC_ADMIN
    credential = base64.b64encode(f"{name}:{secret}".encode()).decode()
    asked = f"/worlds/{either.world.name}{path}"
    assert get(either.url, asked, f"Authorization: Basic {credential}")[0] in (400, 404)


def test_a_head_without_end_is_cut_off() -> None:
    with start() as fake:
        answer = told(fake.url, b"GET /status HTTP/1.1\r\nHost: x\r\nX-Much: " + b"a" * 1_049_000)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert requests.get(f"{fake.url}/status", timeout=5).status_code == 200


def test_clients_that_do_not_finish_their_requests_keep_nobody_waiting() -> None:
    begun = (
        b"POST /rest/api/3/issue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    )
    with start(control_port=0) as fake, ExitStack() as slow:
        for _ in range(20):
            slow.enter_context(socket.create_connection(_address(fake.url))).sendall(begun)
        assert requests.get(f"{fake.url}/rest/api/3/serverInfo", timeout=10).status_code == 200
        assert FakeJiraClient(fake.control_url).journal()[0]["operation"] == "getServerInfo"
