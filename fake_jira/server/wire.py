"""What HTTP has no words for, done on the real socket: a reset, a silence, a door that is shut.

Builds on cheroot and reaches into its connection manager in three marked places, because "nobody listens there any
more" is not something a server usually offers while it runs. Knows no Jira.
"""

import errno
import logging
import os
import re
import select
import selectors
import socket
import struct
from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Event, Lock
from typing import Any

from cheroot.errors import MaxSizeExceeded
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10, Server

from fake_jira.faults.hit import WIRE

THREADS = 8
STUCK_AFTER = 2  # calls of `relieve` that one request may outlast before it counts as stuck
MOST_HANGING = 56  # with THREADS, 64 in all
BIGGEST_BODY = 64 * 1024 * 1024  # bytes
BIGGEST_HEAD = 1024 * 1024  # bytes of the first line and all headers
SLASHES = re.compile(rb"^([A-Z]+ )/{2,}")
PEEK_EVERY = 0.1  # seconds between two looks whether a waiting client is still there

log = logging.getLogger(__name__)


class CannotListen(Exception):
    """The server cannot listen where it was told to; the sentence says why and what to do."""


class RequestLine:
    """Of a connection, the line that says what is asked for. `//rest` is a path as well: Jira takes it [jira 2.1]."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def readline(self) -> bytes:
        """Without what cheroot would take for the address of another server."""
        return SLASHES.sub(rb"\1/", self.stream.readline())


class Asked(HTTPRequest):
    """A request whose path may begin with several slashes."""

    def read_request_line(self) -> bool:
        stream, self.rfile = self.rfile, RequestLine(self.rfile)
        try:
            return bool(super().read_request_line())  # type: ignore[no-untyped-call]
        finally:
            self.rfile = stream


class Connection(HTTPConnection):
    """A connection that can be reset."""

    RequestHandlerClass = Asked
    was_reset = False
    has_spoken = False  # whether it has been handed to a worker, or was readable as it came

    def reset(self) -> None:
        """Closes with RST: the client sees ECONNRESET."""
        self.was_reset = True
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.socket.detach())  # closing the socket object would wait for the files made of it

    def is_readable(self) -> bool:
        """Whether the client has sent something, or hung up."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(0))

    def is_gone(self) -> bool:
        """Whether the client has hung up."""
        try:
            return self.is_readable() and not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def communicate(self) -> bool:
        """One request; the server knows how long it has been at it."""
        self.server.at_work[self] = self.server.ticks
        try:
            return bool(super().communicate())  # type: ignore[no-untyped-call]
        finally:
            self.server.at_work.pop(self, None)

    def close(self) -> None:
        if self.was_reset:
            self.rfile.close()
        else:
            super().close()


class SocketWire:
    """The wire of one request, as faults see it (`fake_jira.faults.hit.Wire`)."""

    def __init__(self, request: HTTPRequest) -> None:
        self.request = request
        self.taken = False

    def reset(self) -> None:
        """Closes the connection with RST."""
        self._take()
        self.request.conn.reset()

    def hang(self, cleared: Event) -> None:
        """Says nothing until the client hangs up, `cleared` is set or the server closes; then closes the connection.

        A hanging request makes the pool grow, so that the others are still served. When too many
        hang already the connection is closed at once.
        """
        self._take()
        server: SiteServer = self.request.server
        if not server.lend_thread():
            return
        try:
            while not (cleared.wait(PEEK_EVERY) or server.is_shut() or self.request.conn.is_gone()):
                pass
        finally:
            server.take_thread_back()

    def _take(self) -> None:
        """From here on nothing is written to this connection."""
        self.taken = True
        self.request.close_connection = True


class Gateway(Gateway_10):
    """Hands the wire to the application and sends nothing when a fault has taken it."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # the stub says None
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ[WIRE] = self.wire = SocketWire(self.req)
        return environ

    def respond(self) -> None:
        """With the whole body at hand: nobody waits for a slow client while holding a world's lock.

        Nothing of it stays behind either, to be taken for the next request.
        """
        try:
            if self.req.chunked_read or int(self.req.inheaders.get(b"Content-Length", 0)) > 0:
                self.env["wsgi.input"] = BytesIO(self.req.rfile.read())
        except TimeoutError:
            raise  # cheroot says 408
        except MaxSizeExceeded:
            self._refuse("413 Request Entity Too Large", "The body is too long.")
        except (ValueError, OSError):
            self._refuse("400 Bad Request", "The body is not in chunks as the request says.")
        else:
            if int(self.req.inheaders.get(b"Content-Length", 0)) < 0:
                self._refuse("400 Bad Request", "The body cannot have a negative length.")
            else:
                super().respond()

    def _refuse(self, status: str, sentence: str) -> None:
        self.req.simple_response(status, sentence)
        self.req.sent_headers = self.req.close_connection = True

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if self.wire.taken:
            self.req.sent_headers = True  # so that cheroot sends none
            return self.write
        return super().start_response(status, headers, exc_info)

    def write(self, chunk: bytes) -> None:
        if not self.wire.taken:
            super().write(chunk)


class SiteServer(Server):
    """cheroot with a growing pool and a door that can be shut and opened again at the same port."""

    ConnectionClass = Connection
    keep_alive_conn_limit = None  # type: ignore[assignment]  # cheroot's word for no limit; the stub says int
    max_request_body_size = BIGGEST_BODY
    max_request_header_size = BIGGEST_HEAD
    expiration_interval = 0.1  # seconds; also how long closing takes at most
    trouble: OSError | None = None  # why binding failed: cheroot keeps the words and loses the number
    _connections: Any

    def __init__(self, host: str, port: int, app: Callable[..., Iterable[bytes]]) -> None:
        super().__init__(
            (host, port),
            app,
            numthreads=THREADS,
            request_queue_size=128,
            timeout=120,
            server_name=host,
        )
        self.gateway = Gateway
        self._closing = Event()
        self._shut = False  # the door: True while connections are refused
        self._door = Lock()
        self._pool = Lock()
        self._hanging = 0
        self.ticks = 0
        self.at_work: dict[Connection, int] = {}  # whose request is read or answered just now, and since which tick
        self._lent = 0  # threads beyond the first ones

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        """As cheroot does; the port may then be bound again while connections of the old listener linger."""
        try:
            bound: socket.socket = super().bind(family, type, proto)
        except OSError as error:
            self.trouble = error
            raise
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return bound

    def prepare(self) -> None:
        """Binds and starts the workers. Raises CannotListen."""
        host, port = self.bind_addr
        try:
            super().prepare()
        except OSError as error:
            cause = self.trouble or error
            if cause.errno == errno.EADDRINUSE:
                raise CannotListen(
                    f"Port {port} on {host} is in use; name another one, or 0 for any that is free."
                ) from error
            raise CannotListen(f"Cannot listen on {host} port {port}: {cause.strerror or cause}.") from error

    @property
    def port(self) -> int:
        """The port that was asked for, or the one that the system chose for 0."""
        return int(self.bind_addr[1])

    def refuse(self) -> None:
        """Shuts the door: connecting is refused (ECONNREFUSED) and idle ones are dropped. The port stays ours."""
        with self._door:
            if self._shut:
                return
            self._shut = True
            waiting = self._connections._selector  # cheroot has no public way to stop listening
            waiting.unregister(self.socket.fileno())
            self.socket.close()
            held = socket.socket(self.socket.family, socket.SOCK_STREAM)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            held.bind(self.bind_addr)  # bound and not listening: refused by the kernel, and nobody else can have it
            self.socket = held
            for _, conn in list(waiting.connections):
                if conn is not self:
                    _hang_up(conn.socket)

    def admit(self) -> None:
        """Opens the door again, at the same port."""
        with self._door:
            if not self._shut:
                return
            self.socket.settimeout(1)
            self.socket.listen(self.request_queue_size)
            self._connections._selector.register(self.socket.fileno(), selectors.EVENT_READ, data=self)
            self._shut = False

    def is_shut(self) -> bool:
        """Whether nothing should be kept waiting: the door is shut or the server is closing."""
        return self._shut or self._closing.is_set()

    @property
    def can_add_keepalive_connection(self) -> bool:
        return not self._shut and bool(super().can_add_keepalive_connection)

    def process_conn(self, conn: Connection) -> None:
        """A connection that says nothing yet waits with the idle ones: browsers open some in advance."""
        if conn.has_spoken or conn.is_readable():
            conn.has_spoken = True
            super().process_conn(conn)
        else:
            conn.has_spoken = True  # when it comes back from there
            self.put_conn(conn)

    def put_conn(self, conn: Connection) -> None:
        if self._shut:
            conn.close()
        else:
            super().put_conn(conn)

    def lend_thread(self) -> bool:
        """Keeps threads free while a request hangs; False when too many hang already.

        The pool never shrinks again: cheroot waits for ever for a new worker that is told to go before it is looked at,
        and a thread that does nothing costs nothing.
        """
        with self._pool:
            if self._hanging >= MOST_HANGING or self.is_shut():
                return False
            self._hanging += 1
            if self._hanging > self._lent:
                self.requests.grow(THREADS)
                self._lent += THREADS
            return True

    def relieve(self) -> None:
        """Makes the pool grow when all of it waits for slow clients while others queue. To be called now and then."""
        self.ticks += 1
        stuck = [since for since in list(self.at_work.values()) if self.ticks - since > STUCK_AFTER]
        with self._pool:
            if len(stuck) >= THREADS + self._lent and self._lent < MOST_HANGING and not self.is_shut():
                self.requests.grow(THREADS)
                self._lent += THREADS

    def take_thread_back(self) -> None:
        with self._pool:
            self._hanging -= 1

    def stop(self) -> None:
        """Ends what hangs, then all connections, then the workers."""
        self._closing.set()
        self.admit()
        super().stop()

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, "%s", msg, exc_info=traceback)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("connection.gone")  # the client was first
