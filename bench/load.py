"""A load generator for one core: some connections that each ask the same thing again and again, over raw sockets.

`python -m bench.load URL AUTHORIZATION SECONDS CONNECTIONS` prints one JSON object. It reads answers by their
Content-Length and does nothing else with them, so that it is several times faster than any server it measures.
"""

import json
import selectors
import socket
import sys
import time
from base64 import b64encode
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers a second, the latencies in milliseconds, the bytes of one body."""

    rate: float
    p50_ms: float
    p99_ms: float
    answers: int
    body_bytes: int


class Connection:
    """One connection with one request under way."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request
        self.buffer = b""
        self.body_bytes = 0
        self.sent_at = 0.0

    def ask(self) -> None:
        self.buffer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.request)

    def has_answered(self) -> bool:
        """Reads what is there; whether the answer is whole. Ends the program on anything but 200."""
        received = self.socket.recv(65536)
        if not received:
            raise SystemExit("The server closed the connection.")
        self.buffer += received
        head, end, body = self.buffer.partition(END_OF_HEAD)
        if not end:
            return False
        if b" 200 " not in head[:16]:
            raise SystemExit(f"The server answered {head[:60]!r}.")
        lower = head.lower()
        start = lower.index(LENGTH) + len(LENGTH)
        self.body_bytes = int(lower[start : lower.find(b"\r\n", start) if b"\r\n" in lower[start:] else None])
        return len(body) >= self.body_bytes


def load(url: str, login: str, seconds: float, connections: int) -> Load:
    """Asks for `url` as `login` ("name:secret") on `connections` sockets for `seconds`."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    credential = b64encode(login.encode()).decode()
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Basic {credential}\r\n\r\n".encode()
    waiting = selectors.DefaultSelector()
    opened = [Connection((parts.hostname or "", parts.port or 80), request) for _ in range(connections)]
    for each in opened:
        waiting.register(each.socket, selectors.EVENT_READ, each)
        each.ask()
    begun = time.perf_counter()
    latencies = []
    while (now := time.perf_counter()) < begun + seconds:
        for key, _ in waiting.select(1):
            each = key.data
            if each.has_answered():
                latencies.append(time.perf_counter() - each.sent_at)
                each.ask()
    for each in opened:
        each.socket.close()
    latencies.sort()
    if not latencies:
        raise SystemExit("The server answered nothing.")
    return Load(
        rate=len(latencies) / (now - begun),
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        answers=len(latencies),
        body_bytes=opened[0].body_bytes,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(load(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])))))
