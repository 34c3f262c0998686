"""A Jira Cloud that knows every issue and thinks about none: what the service does alone is what takes time then.

`python -m bench.answering WAIT ...` opens one port for each WAIT and prints them: answers come WAIT seconds after the
question, and with `hang` never. Issues look like one of the fake Jira's own, so an answer has the size it has there.
"""

import asyncio
import re
import sys
from functools import partial
from typing import Any

import orjson
import requests

import fake_jira.server
from bench import LOGIN
from fake_jira.client import FakeJiraClient

HANG = "hang"
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
NUMBER = re.compile(rb"\d+")
ID, KEY = b"@ID@", b"@KEY@"  # where an issue's own are to stand


class Site:
    """What is answered to a question."""

    def __init__(self) -> None:
        fake = fake_jira.server.start(port=0, control_port=0, issues=1, seed=1)
        try:
            with FakeJiraClient(fake.url) as jira:
                one = jira.issues()[0]
            body = {"jql": f"id = {one['id']}", "fields": ["status", "updated", "project"]}
            with requests.Session() as http:
                http.trust_env = False
                http.auth = LOGIN
                issue = http.post(f"{fake.url}/rest/api/3/search/jql", json=body, timeout=10).json()["issues"][0]
                self._others = {
                    name: http.get(f"{fake.url}/rest/api/3/{path}", timeout=10).content
                    for name, path in ((b"/myself", "myself"), (b"/serverInfo", "serverInfo"))
                }
        finally:
            fake.close()
        project = issue["fields"]["project"]
        self._others[b"/project/search"] = orjson.dumps({"values": [project], "isLast": True})
        issue["self"] = issue["self"].replace(one["id"], ID.decode())
        self._issue = orjson.dumps(issue | {"id": ID.decode(), "key": f"{project['key']}-{KEY.decode()}"})

    def answer(self, target: bytes, body: bytes) -> bytes:
        """The whole answer, head and body, to one request."""
        path = target.partition(b"?")[0]
        if path.endswith(b"/search/jql"):
            ids = NUMBER.findall(orjson.loads(body)["jql"].encode())
            issues = b",".join(self._issue.replace(ID, each).replace(KEY, each) for each in ids)
            return _whole(b'{"issues":[' + issues + b'],"isLast":true}')
        for name, said in self._others.items():
            if path.endswith(name):
                return _whole(said)
        return _whole(self._issue.replace(ID, b"1").replace(KEY, b"1"))


def _whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Conversation(asyncio.Protocol):
    """One connection; requests on it are answered one after the other."""

    def __init__(self, site: Site, wait: float | None) -> None:
        self._site = site
        self._wait = wait
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(END_OF_HEAD)
        length = LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        if not end or len(body) < wanted:
            return
        self._buffer = b""
        if self._wait is not None:
            target = head.split(b" ", 2)[1]
            asyncio.get_running_loop().call_later(self._wait, self._say, self._site.answer(target, body))

    def _say(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def main(waits: list[str]) -> None:
    """Serves until it is ended."""
    site, loop, servers = Site(), asyncio.get_running_loop(), []
    for each in waits:
        wait = None if each == HANG else float(each)
        talk = partial(Conversation, site, wait)
        servers.append(await loop.create_server(talk, "127.0.0.1", 0, backlog=1024))
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
