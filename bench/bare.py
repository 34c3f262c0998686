"""The limit of serving: a WSGI function that knows nothing, on the server that the fake runs on.

`python -m bench.bare FILE` answers every request with the bytes and headers in FILE (JSON: `headers`, and `body` in
latin-1) and prints its port.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fake_jira.server.wire import SiteServer


def main(path: str) -> None:
    """Serves until it is ended."""
    answer = json.loads(Path(path).read_bytes())
    headers = [(name, value) for name, value in answer["headers"]]
    body = answer["body"].encode("latin-1")

    def function(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return (body,)

    server = SiteServer("127.0.0.1", 0, function)
    server.prepare()
    print(server.port, flush=True)
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1])
