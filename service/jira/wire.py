"""Connections to a Jira: pooled, through a proxy where there is one, with a deadline for each whole answer.

HTTP clients bound the silence between two bytes and not the answer: a Jira that sends one byte a second keeps its
reader for ever. Here the read timeout is spent once, from the last byte sent to the last byte received; and when the
process ends, whatever is under way is given up soon after (`Ending`). A connection goes to the very address that
`guard.py` has judged, while certificates and the Host header stay those of the name. Knows nothing of Jira's API.
"""

import io
import math
import os
import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import lru_cache, partial
from http.client import HTTPResponse
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from certifi import where
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
)
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from service.errors import SettingInvalid
from service.jira.guard import AddressRefused, addresses_of, is_refused_literal
from service.settings import Settings

BUFFER = 65_536
CONNECTIONS = 10  # kept open to one Jira, or more where more requests may be in flight
IDLE_SECONDS = 4.0  # after which an unused connection is not used again: many a server closes it after five
IDLE_JIRAS = 32  # whose connections are kept open while nobody uses them
LOOK_SECONDS = 0.5  # a reader that waits looks up this often to see whether the process ends
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


class Ending:
    """When requests are to be given up because the process ends; one is shared by all connections of a service."""

    def __init__(self) -> None:
        self.at = math.inf  # monotonic seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.at

    def begin(self, grace: float) -> None:
        """Requests under way have `grace` seconds left."""
        self.at = min(self.at, time.monotonic() + grace)


class _TimedSocket(io.RawIOBase):
    """Reads from a socket until `deadline` (monotonic) or the process's ending, then raises TimeoutError."""

    def __init__(self, sock: socket.socket, deadline: float, ending: Ending) -> None:
        self._sock = sock
        self._kept_open = sock.makefile("rb", buffering=0)
        self._deadline = deadline
        self._ending = ending

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        while (left := min(self._deadline, self._ending.at) - time.monotonic()) > 0:
            self._sock.settimeout(min(left, LOOK_SECONDS))
            with suppress(TimeoutError):
                return self._sock.recv_into(buffer)
        raise TimeoutError("the answer did not end in time")

    def close(self) -> None:
        self._kept_open.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, deadline: float, ending: Ending, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedSocket(sock, deadline, ending), BUFFER)


class _Timed:
    """Mixed into a connection: what urllib3 set as its read timeout becomes the deadline of the answer."""

    timeout: Any
    response_class: Any
    ending: Ending
    is_guarded: bool
    _dns_host: str
    port: int

    def getresponse(self) -> Any:
        self._limit()
        try:
            return super().getresponse()  # type: ignore[misc]
        except (ssl.SSLError, ConnectionError) as error:
            # or urllib3 would take the first for a failed handshake, and the second, at a proxy, for one out of reach
            raise ProtocolError("the connection broke after the request", error) from error

    def _tunnel(self) -> None:
        self._limit()
        super()._tunnel()  # type: ignore[misc]

    def _limit(self) -> None:
        """What is read from now on has to end within the timeout."""
        deadline = time.monotonic() + self.timeout
        self.response_class = partial(_TimedResponse, deadline=deadline, ending=self.ending)

    def _new_conn(self) -> socket.socket:
        """Connects to an address that was judged, and not to a name that may mean another one by then.

        All the addresses of a name share the time to connect: some may swallow what they are sent.
        """
        name, seconds = self._dns_host, self.timeout
        give_up = time.monotonic() + seconds
        try:
            addresses = addresses_of(name, self.port, self.is_guarded)
            while True:
                share = (give_up - time.monotonic()) / len(addresses)
                self._dns_host, self.timeout = addresses.pop(0), max(0.001, share)
                try:
                    connected: socket.socket = super()._new_conn()  # type: ignore[misc]
                except (NewConnectionError, ConnectTimeoutError):
                    if not addresses:
                        raise
                else:
                    connected.settimeout(max(0.001, give_up - time.monotonic()))  # what is left is the handshake's
                    return connected
        except socket.gaierror as error:
            raise NameResolutionError(name, self, error) from error  # type: ignore[arg-type]
        finally:
            self._dns_host, self.timeout = name, seconds


class _TimedHTTPConnection(_Timed, HTTPConnection):
    pass


class _TimedHTTPSConnection(_Timed, HTTPSConnection):
    pass


class _Pool:
    """Mixed into a pool of connections: hands each of them the ending, and whether its address is to be judged."""

    ending: Ending
    is_guarded: bool

    def _new_conn(self) -> Any:
        connection = super()._new_conn()  # type: ignore[misc]
        connection.ending = self.ending
        connection.is_guarded = self.is_guarded
        return connection


class _HTTPPool(_Pool, HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class _HTTPSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


class _GuardedProxy(urllib3.ProxyManager):
    """Through a proxy only an address that stands in the URL itself can be judged: names are resolved by the proxy."""

    def urlopen(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if is_refused_literal(parse_url(url).host or ""):  # as it will be asked for, which urlsplit may read otherwise
            raise AddressRefused("The address is one that requests are not sent to.")
        return super().urlopen(method, url, *args, **kwargs)


class _NoWay(urllib3.PoolManager):
    """In place of a proxy that nobody can go through: one of SOCKS, or no address at all."""

    def urlopen(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        raise ProxyError("The environment names a proxy that is none for HTTP.", ValueError())


Key = tuple[str, str | None]  # the address of a Jira, and the proxy on the way to it


class Line(NamedTuple):
    """Connections to one Jira; threads may share them."""

    key: Key
    pools: urllib3.PoolManager


class Wire:
    """How this process connects to any Jira: whom it trusts, what it refuses, when it ends. Shared by threads.

    Raises SettingInvalid when the certificate authorities of the settings cannot be read.
    """

    def __init__(self, settings: Settings, ending: Ending | None = None) -> None:
        self.ending = ending or Ending()
        self._is_guarded = not settings.allow_link_local
        self._trust = _trust(settings)
        self._connections = max(CONNECTIONS, settings.requests_in_flight)
        self._idle: dict[Key, tuple[float, urllib3.PoolManager]] = {}
        self._lock = threading.Lock()
        self._direct, self._proxied = (
            {"http": type("_WireHTTPPool", (_HTTPPool,), given), "https": type("_WireHTTPSPool", (_HTTPSPool,), given)}
            for given in (
                {"ending": self.ending, "is_guarded": self._is_guarded},
                {"ending": self.ending, "is_guarded": False},  # the proxy is of whoever runs this process
            )
        )

    def lend(self, url: str, skip_proxy: bool) -> Line:
        """Connections for requests to `url`, to be given back.

        Unless `skip_proxy`, the proxy that the environment names for `url` is used. They may be open still from a few
        seconds ago.
        """
        parts = urlsplit(url)
        key = f"{parts.scheme}://{parts.netloc}", None if skip_proxy else _proxy_for(url)
        with self._lock:
            self._drop_old()
            kept = self._idle.pop(key, None)
        return Line(key, kept[1] if kept else self._open(key[1]))

    def give_back(self, line: Line) -> None:
        """Whoever asks the same Jira soon uses these connections; else they are closed with the next use of any."""
        with self._lock:
            _, before = self._idle.pop(line.key, (0.0, None))
            self._idle[line.key] = time.monotonic(), line.pools
            self._drop_old()
        if before is not None and before is not line.pools:
            before.clear()

    def close(self) -> None:
        """Closes what nobody uses."""
        with self._lock:
            kept, self._idle = self._idle, {}
        for _, pools in kept.values():
            pools.clear()

    def _drop_old(self) -> None:
        """The longest unused come first."""
        since = time.monotonic() - IDLE_SECONDS
        for key, (given_back, pools) in list(self._idle.items()):
            if given_back > since and len(self._idle) <= IDLE_JIRAS:
                return
            del self._idle[key]
            pools.clear()

    def _open(self, proxy: str | None) -> urllib3.PoolManager:
        options: dict[str, Any] = {"maxsize": self._connections, "ssl_context": self._trust}
        if proxy is None:
            pools = urllib3.PoolManager(**options)
            pools.pool_classes_by_scheme = self._direct
            return pools
        kind = _GuardedProxy if self._is_guarded else urllib3.ProxyManager
        try:
            login = parse_url(proxy).auth
            headers = None if login is None else urllib3.make_headers(proxy_basic_auth=unquote(login))
            pools = kind(proxy, proxy_headers=headers, **options)
        except LocationValueError:
            return _NoWay()
        pools.pool_classes_by_scheme = self._proxied
        return pools


def _trust(settings: Settings) -> ssl.SSLContext:
    """The certificate authorities of the settings; else of REQUESTS_CA_BUNDLE, of SSL_CERT_FILE, or the usual ones."""
    named = next((variable for variable in CA_VARIABLES if os.environ.get(variable)), None)
    if settings.ca_file:
        source, file = "TICKET_SERVICE_CA_FILE", settings.ca_file
    else:
        source, file = (named, os.environ[named]) if named else ("certifi", where())
    try:
        return _context(file)
    except ssl.SSLError:
        raise SettingInvalid(f"{source} must be a file of certificates in PEM, and {file} holds none.") from None
    except OSError as error:
        raise SettingInvalid(f"{source} must be a file of certificates, but {file}: {error.strerror}.") from None


@lru_cache(maxsize=8)
def _context(file: str) -> ssl.SSLContext:
    """Made once: reading the usual authorities takes longer than a request."""
    context = create_urllib3_context()
    context.load_verify_locations(cafile=file)
    return context


def _proxy_for(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.hostname is None or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    return found if found is None or "://" in found else f"http://{found}"
