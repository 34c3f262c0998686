"""A listener for webhooks: a real HTTP server on a free port, that answers what it is told to and keeps what it got."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import Any

SOON = 10.0  # seconds within which a delivery comes, however busy the machine
QUIET = 0.4  # seconds after which none is taken to be coming


@dataclass
class Received:
    """One delivery as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Listener:
    """`answers` are given one after the other; when there are none left, 200."""

    url: str
    got: "Queue[Received]" = field(default_factory=Queue)
    answers: list[int] = field(default_factory=list)

    def next(self) -> Received:
        """The next delivery; fails if none comes."""
        return self.got.get(timeout=SOON)

    def is_left_alone(self) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.got.get(timeout=QUIET)
        except Empty:
            return True
        return False


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener at `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = listener.answers.pop(0) if listener.answers else 200
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            listener.got.put(Received(self.path, dict(self.headers), body))

        def log_message(self, *_: Any) -> None:
            """Says nothing: pytest's output is for failures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
