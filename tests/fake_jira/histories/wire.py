"""A connection that asks and reads plain answers, and costs next to nothing: histories read far more than they do.

Knows as much of HTTP as the fake needs: answers have a length, and a connection that was closed is opened again.
"""

import base64
import socket
from urllib.parse import urlsplit

PATIENCE = 60


class Wire:
    """To one server, by one connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.address = (str(parts.hostname), int(parts.port or 80))
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(self.address, timeout=PATIENCE)
        self.stream = self.socket.makefile("rb")

    def ask(
        self, method: str, path: str, login: tuple[str, str], body: bytes = b"", more: str = ""
    ) -> tuple[int, bytes]:
        """Status and body of the answer. `more`: further headers, each with its line's end."""
        signed = base64.b64encode(":".join(login).encode()).decode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Basic {signed}\r\n{more}"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        request = f"{head}\r\n".encode() + body
        self.socket.sendall(request)
        line = self.stream.readline()
        if not line:  # it had been quiet for too long
            self.close()
            self._open()
            self.socket.sendall(request)
            line = self.stream.readline()
        return int(line.split()[1]), self.stream.read(self._length())

    def _length(self) -> int:
        """What the headers say of the body that follows."""
        length = 0
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length

    def close(self) -> None:
        self.stream.close()
        self.socket.close()
