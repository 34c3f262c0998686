"""Looks over a session's shoulder: every exchange below /rest/ is held to Atlassian's document when its answer arrives.

An answer that an injected fault gave in Jira's place is not judged: it is meant to be wrong.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from fake_jira.worlds import World
from tests.fake_jira.proof.document import Exchange, complaints, missing


def watch(session: requests.Session, url: str, world: World, flavour: str, *, requests_too: bool = False) -> None:
    """Lets the session fail where it is answered otherwise than documented, and where it asks so if `requests_too`.

    `url` is the site's. Without a copy of the document everything passes; `test_document.py` says so.
    """
    if missing(flavour) is None:
        session.hooks["response"].append(_judge(url, world, flavour, requests_too))


def _judge(url: str, world: World, flavour: str, requests_too: bool) -> Callable[..., None]:
    def judge(answer: requests.Response, **how: Any) -> None:
        if how.get("stream") or not answer.url.startswith(f"{url}/rest/"):
            return
        exchange = _exchange(answer, url, flavour)
        found = complaints(exchange, of_the_request=requests_too)
        assert not found or _by_a_fault(exchange, world), "\n".join(found)

    return judge


def _exchange(answer: requests.Response, url: str, flavour: str) -> Exchange:
    asked = urlsplit(answer.url.removeprefix(url))
    body = answer.request.body or b""
    return Exchange(
        flavour=flavour,
        method=str(answer.request.method),
        path=unquote(asked.path),
        query=asked.query,
        asked=answer.request.headers.get("Content-Type"),
        body=body.encode() if isinstance(body, str) else bytes(body),
        status=answer.status_code,
        answered=answer.headers.get("Content-Type"),
        answer=answer.content,
    )


def _by_a_fault(exchange: Exchange, world: World) -> bool:
    asked = {"method": exchange.method, "path": exchange.path, "status": exchange.status}
    return any(entry.fault for entry in world.journal.entries(asked))
