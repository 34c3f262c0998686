"""A server that sends exactly the bytes it is given: for answers that no well-behaved HTTP server would send."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]


@contextmanager
def raw_server(*talks: Talk | bytes, heard: list[bytes] | None = None) -> Iterator[str]:
    """Serves one connection after the other, each with the next of `talks` (the last one for ever); yields its URL.

    What it was sent goes into `heard`.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, talks, [] if heard is None else heard), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(listener: socket.socket, talks: tuple[Talk | bytes, ...], heard: list[bytes]) -> None:
    number = 0
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            talk = talks[min(number, len(talks) - 1)]
            number += 1
            with connection, suppress(OSError):
                heard.append(connection.recv(65_536))
                if isinstance(talk, bytes):
                    connection.sendall(talk)
                else:
                    talk(connection)


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; header names are given with underscores, and Content-Length is added unless given."""
    lines = {"Content_Type": "application/json;charset=UTF-8", "Content_Length": str(len(body)), **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}Connection: close\r\n\r\n".encode() + body
