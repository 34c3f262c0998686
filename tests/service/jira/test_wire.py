"""The wire: whom it trusts, to which addresses it goes, and how long it keeps connections."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.errors import SettingInvalid
from service.jira import wire as wires
from service.jira.answers import JiraAnswer
from service.jira.auth import Bearer
from service.jira.client import JiraClient, Target
from service.jira.guard import is_refused, is_refused_literal
from service.jira.wire import Wire
from service.rules.health import Outcome
from service.settings import Settings
from tests.service.jira.raw_server import answer, raw_server

OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def ask(url: str, wire: Wire | None = None, *, skip_proxy: bool = True) -> JiraAnswer[Any]:
    target = Target(url, skip_proxy=skip_proxy, connect_seconds=2.0, read_seconds=2.0)
    with JiraClient(target, Bearer("t"), wire or Wire(Settings())) as client:
        return client.request("test", "GET", "/rest")


# Which addresses


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "224.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "::ffff:0:a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_what_is_nobodys_jira_is_refused(address: str) -> None:
    assert is_refused(address)
    host = f"[{address}]" if ":" in address else address
    found = ask(f"http://{host}:9")
    if "%" not in address:
        assert (found.outcome, found.was_sent) == (Outcome.ADDRESS_REFUSED, False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1", "8.8.8.8", "::ffff:10.0.0.1"]
)
def test_loopback_and_private_addresses_are_allowed(address: str) -> None:
    assert not is_refused(address)


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "0"])
def test_an_address_that_is_written_oddly_is_refused_all_the_same(host: str) -> None:
    assert is_refused_literal(host)
    assert ask(f"http://{host}:9").outcome is Outcome.ADDRESS_REFUSED


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names of hosts and the addresses that they have; each look-up of a name takes the first away but for the last."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        addresses = known.get(host)
        if addresses is None:
            return list(real(host, port, *more, **named))
        now = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [found for each in now.split() for found in real(each, port, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_a_name_that_means_a_refused_address_is_refused(names: dict[str, list[str]]) -> None:
    names["jira.test"] = ["169.254.169.254"]
    assert ask("http://jira.test:9").outcome is Outcome.ADDRESS_REFUSED


def test_of_several_addresses_only_an_allowed_one_is_connected_to(names: dict[str, list[str]]) -> None:
    with raw_server(answer("200 OK", b"{}")) as url:
        names["jira.test"] = ["169.254.169.254 127.0.0.1"]
        assert ask(url.replace("127.0.0.1", "jira.test")).ok


def test_when_the_first_address_does_not_answer_the_next_is_tried(names: dict[str, list[str]]) -> None:
    with raw_server(answer("200 OK", b"{}")) as url:
        names["jira.test"] = ["127.0.0.2 127.0.0.1"]
        assert ask(url.replace("127.0.0.1", "jira.test")).ok


def test_the_address_that_was_judged_is_the_one_connected_to(names: dict[str, list[str]]) -> None:
    """A name that means something else at each look-up is looked up once."""
    heard: list[bytes] = []
    with raw_server(answer("200 OK", b"{}"), heard=heard) as url:
        names["jira.test"] = ["127.0.0.1", "169.254.169.254"]
        assert ask(url.replace("127.0.0.1", "jira.test")).ok
        port = url.rpartition(":")[2]
    assert f"host: jira.test:{port}".encode() in heard[0].lower()


def test_a_setting_lets_a_jira_be_anywhere(names: dict[str, list[str]]) -> None:
    names["jira.test"] = ["255.255.255.255"]
    found = ask("http://jira.test:9", Wire(Settings(allow_link_local=True)))
    assert found.outcome is Outcome.UNREACHABLE


def test_through_a_proxy_an_address_is_judged_and_a_name_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with raw_server(answer("200 OK", b"{}"), heard=heard) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert ask("http://169.254.169.254", skip_proxy=False).outcome is Outcome.ADDRESS_REFUSED
        assert ask("http://2852039166", skip_proxy=False).outcome is Outcome.ADDRESS_REFUSED
        assert ask("http://jira.invalid", skip_proxy=False).ok
        assert ask("http://169.254.169.254", Wire(Settings(allow_link_local=True)), skip_proxy=False).ok
    assert len(heard) == 2


# Whom it trusts


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, and server.pem for jira.test with its key, signed by nobody but itself."""
    folder = tmp_path_factory.mktemp("authority")
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    names = [x509.DNSName("jira.test"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(pem)
    (folder / "server.pem").write_bytes(pem + private)
    return folder


@contextmanager
def tls_server(authority: Path, asked_for: list[str | None]) -> Iterator[int]:
    """Answers over TLS; yields the port. The names that clients ask for go into `asked_for`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65_536)
            secure.sendall(answer("200 OK", b"{}"))

    with listening(talk) as port:
        yield port


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Hands each connection to `talk`, one after the other; nothing is read before."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def test_a_certificate_of_an_authority_of_ones_own_is_trusted_by_its_name(
    authority: Path, names: dict[str, list[str]]
) -> None:
    names["jira.test"] = ["127.0.0.1"]
    names["other.test"] = ["127.0.0.1"]
    own, asked_for = Wire(Settings(ca_file=str(authority / "ca.pem"))), list[str | None]()
    with tls_server(authority, asked_for) as port:
        assert ask(f"https://jira.test:{port}", own).ok
        assert asked_for == ["jira.test"]
        refused = ask(f"https://other.test:{port}", own)
        assert (refused.outcome, refused.was_sent) == (Outcome.UNREACHABLE, False)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(authority: Path) -> None:
    with tls_server(authority, []) as port:
        refused = ask(f"https://127.0.0.1:{port}")
    assert (refused.outcome, refused.was_sent) == (Outcome.UNREACHABLE, False)


def test_the_authorities_of_the_environment_are_used_and_those_of_the_setting_come_first(
    authority: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with tls_server(authority, []) as port:
        assert ask(f"https://127.0.0.1:{port}", Wire(Settings())).ok
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
        assert ask(f"https://127.0.0.1:{port}", Wire(Settings(ca_file=str(authority / "ca.pem")))).ok
        with pytest.raises(SettingInvalid, match="SSL_CERT_FILE"):
            Wire(Settings())


@pytest.mark.parametrize(
    "content", [None, b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_that_holds_no_certificates_is_said_at_once(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingInvalid, match=r"TICKET_SERVICE_CA_FILE must be a file of certificates.*ca\.pem"):
        Wire(Settings(ca_file=str(file)))


# How long


class KeptOpen:
    """A server that answers as often as it is asked; how often that was, for each connection that has ended."""

    def __init__(self) -> None:
        self.served: list[int] = []

    def __call__(self, connection: socket.socket) -> None:
        asked = 0
        while connection.recv(65_536):
            asked += 1
            connection.sendall(OPEN)
        self.served.append(asked)


def test_connections_stay_open_from_one_client_to_the_next() -> None:
    server, wire = KeptOpen(), Wire(Settings())
    with listening(server) as port:
        for _ in range(3):
            assert ask(f"http://127.0.0.1:{port}", wire).ok
        wire.close()
    assert server.served == [3]


def test_as_many_connections_stay_open_as_requests_may_be_in_flight() -> None:
    opened, together = [], threading.Barrier(12)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            opened.append(self.client_address)
            while self.request.recv(65_536):
                together.wait(10)
                self.request.sendall(OPEN)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        wire = Wire(Settings(requests_in_flight=12))
        target = Target(f"http://127.0.0.1:{server.server_address[1]}", skip_proxy=True)
        with JiraClient(target, Bearer("t"), wire) as client, ThreadPoolExecutor(12) as threads:
            for _ in range(2):
                assert all(each.ok for each in threads.map(lambda _: client.request("test", "GET", "/"), range(12)))
        wire.close()
        server.shutdown()
    assert len(opened) == 12


def test_connections_that_nobody_used_for_a_while_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    server, wire = KeptOpen(), Wire(Settings())
    monkeypatch.setattr(wires, "IDLE_SECONDS", 0.0)
    with listening(server) as port:
        for _ in range(3):
            assert ask(f"http://127.0.0.1:{port}", wire).ok
        wire.close()
    assert server.served == [1, 1, 1]


def test_only_the_jiras_used_last_are_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, wire = KeptOpen(), KeptOpen(), Wire(Settings())
    monkeypatch.setattr(wires, "IDLE_JIRAS", 1)
    with listening(first) as port, listening(second) as other:
        for each in (port, other, port, port):
            assert ask(f"http://127.0.0.1:{each}", wire).ok
        wire.close()
    assert (first.served, second.served) == ([1, 2], [1])


def test_clients_of_one_jira_at_the_same_time_do_not_share_connections() -> None:
    server, wire = KeptOpen(), Wire(Settings())
    with listening(server) as port:
        target = Target(f"http://127.0.0.1:{port}", skip_proxy=True)
        one, other = (JiraClient(target, Bearer("t"), wire) for _ in range(2))
        assert one.request("test", "GET", "/").ok
        one.close()
        one.close()  # twice is as good as once
        other.close()
        assert ask(target.url, wire).ok
        wire.close()
    assert sum(server.served) == 2


# What is said of a request, and how long it takes, however a connection fails


def test_a_connection_that_breaks_after_the_request_may_have_carried_it(authority: Path) -> None:
    """To take it for a failed handshake would have an issue made twice."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection.dup(), server_side=True) as secure:
            secure.recv(65_536)
            connection.sendall(b"HTTP/1.1 500 this is no TLS\r\n\r\n")

    with listening(talk) as port:
        broken = ask(f"https://127.0.0.1:{port}", Wire(Settings(ca_file=str(authority / "ca.pem"))))
    assert (broken.outcome, broken.was_sent) == (Outcome.UNREACHABLE, True)


def test_connecting_counts_towards_the_deadline(authority: Path) -> None:
    """A slow handshake, and then no answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    over = threading.Event()

    def talk(connection: socket.socket) -> None:
        over.wait(0.8)
        with suppress(OSError), context.wrap_socket(connection, server_side=True):
            over.wait(10)

    with listening(talk) as port:
        target = Target(f"https://127.0.0.1:{port}", skip_proxy=True)
        began = time.monotonic()
        wire = Wire(Settings(ca_file=str(authority / "ca.pem")))
        with JiraClient(target, Bearer("t"), wire, deadline=began + 1.0) as client:
            assert client.request("test", "GET", "/").outcome is Outcome.TIMEOUT
        assert time.monotonic() - began < 1.5
        over.set()


def test_all_addresses_of_a_name_together_take_no_longer_than_one(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They swallow what they are sent: a listener whose queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        address = full.getsockname()
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(address)
        names["jira.test"] = [" ".join(f"127.0.0.{number}" for number in range(1, 9))]
        names.update({f"127.0.0.{number}": ["127.0.0.1"] for number in range(2, 9)})
        target = Target(f"http://jira.test:{address[1]}", skip_proxy=True, connect_seconds=0.4)
        began = time.monotonic()
        with JiraClient(target, Bearer("t"), Wire(Settings())) as client:
            assert client.request("test", "GET", "/").outcome is Outcome.TIMEOUT
        assert time.monotonic() - began < 2


# Proxies


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the environment name a proxy for everything."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def name_it(url: str) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, url)

    return name_it


@pytest.mark.parametrize("url", ["http://169.254.169.254\\@jira.test", "http://169.254.169.254."])
def test_through_a_proxy_what_is_judged_is_the_host_that_is_asked_for(url: str, through: Callable[[str], None]) -> None:
    heard: list[bytes] = []
    with raw_server(answer("200 OK", b"{}"), heard=heard) as proxy:
        through(proxy)
        assert ask(url, skip_proxy=False).outcome is Outcome.ADDRESS_REFUSED
    assert heard == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://[", "nonsense://"])
def test_a_proxy_that_nobody_can_go_through_is_a_jira_out_of_reach(proxy: str, through: Callable[[str], None]) -> None:
    through(proxy)
    found = ask("http://127.0.0.1:9", skip_proxy=False)
    assert (found.outcome, found.was_sent) == (Outcome.UNREACHABLE, False)


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n"])
def test_a_proxy_that_hangs_up_after_the_request_may_have_carried_it(
    said: bytes, through: Callable[[str], None]
) -> None:
    with raw_server(said) as proxy:
        through(proxy)
        found = ask("http://jira.test", skip_proxy=False)
    assert (found.outcome, found.was_sent) == (Outcome.UNREACHABLE, True)


def test_a_tunnel_is_dug_anew_long_after_the_first(
    authority: Path, through: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline of the first answer is not that of the second tunnel."""
    asked_for: list[str | None] = []
    with tls_server(authority, asked_for) as port:

        def tunnel(connection: socket.socket) -> None:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with socket.create_connection(("127.0.0.1", port)) as onward:
                there = threading.Thread(target=pour, args=(connection, onward))
                there.start()
                pour(onward, connection)
                there.join()

        with listening(tunnel) as proxy:
            through(f"http://127.0.0.1:{proxy}")
            target = Target("https://jira.test")
            with JiraClient(target, Bearer("t"), Wire(Settings(ca_file=str(authority / "ca.pem")))) as client:
                assert client.request("test", "GET", "/").ok
                now = time.monotonic
                monkeypatch.setattr(time, "monotonic", lambda: now() + 60)
                assert client.request("test", "GET", "/").ok


def pour(source: socket.socket, into: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            into.sendall(data)
    with suppress(OSError):
        into.shutdown(socket.SHUT_WR)


def test_a_proxy_that_never_finishes_its_answer_is_given_up(through: Callable[[str], None]) -> None:
    def drip(connection: socket.socket) -> None:
        connection.settimeout(0.05)
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                with suppress(TimeoutError):
                    connection.recv(65_536)
                connection.sendall(b"a: b\r\n")

    with listening(drip) as proxy:
        through(f"http://127.0.0.1:{proxy}")
        began = time.monotonic()
        target = Target("https://jira.test", connect_seconds=0.5, read_seconds=0.5)
        with JiraClient(target, Bearer("t"), Wire(Settings())) as client:
            assert client.request("test", "GET", "/").outcome is Outcome.TIMEOUT
        assert time.monotonic() - began < 3
