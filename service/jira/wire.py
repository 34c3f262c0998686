"""Connections to a Jira: pooled, through a proxy where there is one, with a deadline for each whole answer.

HTTP clients bound the silence between two bytes and not the answer: a Jira that sends one byte a second keeps its
reader for ever. Here the read timeout is spent once, from the last byte sent to the last byte received; and when the
process ends, whatever is under way is given up soon after (`Ending`). Knows nothing of Jira's API.
"""

import io
import math
import os
import socket
import time
from contextlib import suppress
from functools import partial
from http.client import HTTPResponse
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from certifi import where
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

BUFFER = 65_536
CONNECTIONS = 10  # kept open to one Jira
LOOK_SECONDS = 0.5  # a reader that waits looks up this often to see whether the process ends


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

    def getresponse(self) -> Any:
        deadline = time.monotonic() + self.timeout
        self.response_class = partial(_TimedResponse, deadline=deadline, ending=self.ending)
        return super().getresponse()  # type: ignore[misc]


class _TimedHTTPConnection(_Timed, HTTPConnection):
    pass


class _TimedHTTPSConnection(_Timed, HTTPSConnection):
    pass


class _Pool:
    """Mixed into a pool of connections: hands each of them the ending."""

    ending: Ending

    def _new_conn(self) -> Any:
        connection = super()._new_conn()  # type: ignore[misc]
        connection.ending = self.ending
        return connection


class _HTTPPool(_Pool, HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class _HTTPSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


def open_pools(url: str, skip_proxy: bool, ending: Ending) -> urllib3.PoolManager:
    """Connections for requests to `url`, which threads may share; closed with `clear()`.

    Unless `skip_proxy`, the proxy that the environment names for `url` is used. Certificates are checked against the
    bundle in REQUESTS_CA_BUNDLE or SSL_CERT_FILE, or else the usual authorities.
    """
    options: dict[str, Any] = {
        "maxsize": CONNECTIONS,
        "ca_certs": os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or where(),
    }
    proxy = None if skip_proxy else _proxy_for(url)
    if proxy is None:
        pools = urllib3.PoolManager(**options)
    else:
        login = urllib3.util.parse_url(proxy).auth
        headers = None if login is None else urllib3.make_headers(proxy_basic_auth=unquote(login))
        pools = urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    pools.pool_classes_by_scheme = {
        "http": type("_EndingHTTPPool", (_HTTPPool,), {"ending": ending}),
        "https": type("_EndingHTTPSPool", (_HTTPSPool,), {"ending": ending}),
    }
    return pools


def _proxy_for(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.hostname is None or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    return found if found is None or "://" in found else f"http://{found}"
