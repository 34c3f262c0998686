"""A status check of a few lines, right by itself, and wrong in one way on request: on a real socket, port 0."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from contract.cases.status_check import CHECK, SENTENCES

ADMIN, VIEWER, KNOWN = "the-admin's-token/+%", "the-viewer's-token", "jira-1"
Body = dict[str, Any]
Wrong = Callable[[int, Body], Any]


def status_body(status: str, name: str) -> Body:
    return {
        "status": status,
        "reason": SENTENCES[status],
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "integration_name": name,
    }


def right() -> tuple[int, Body]:
    """The code and body that the request deserves."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token not in (ADMIN, VIEWER):
        return 401, {"error": "Found invalid token"}
    if token == VIEWER:
        return 403, {"error": "Permission denied"}
    names = request.args.getlist("integrationName")
    if len(names) != 1 or not names[0].strip() or len(names[0]) > 255 or any(ord(one) < 32 for one in names[0]):
        return 400, {"error": "Give integrationName once."}
    if names[0] != KNOWN:
        return 404, status_body("INTEGRATION_NOT_FOUND", names[0])
    return 200, status_body("HEALTHY_INTEGRATION", KNOWN)


def app(wrong: Wrong) -> Flask:
    """The status check, with each answer going through `wrong`."""
    made = Flask(__name__)

    @made.get(CHECK)
    def check() -> Response:
        answer = wrong(*right())
        if isinstance(answer, Response):
            return answer
        code, body = answer
        response = jsonify(body)
        response.status_code = code
        return response

    return made


@contextmanager
def serving(application: Flask) -> Iterator[str]:
    """`application` on a free port; its base URL."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
