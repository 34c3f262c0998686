"""What stands in front of a path: prefix, world, gateway. Routes behind it are at Jira's own paths; links follow."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Response

from fake_jira.auth import gateway
from fake_jira.auth.caller import GATEWAY_SITE
from fake_jira.worlds import PREFIX_WORLD

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
CONTROL = "/_control"
HOST = re.compile(r"([\w.-]{1,255}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


@lru_cache(maxsize=256)
def is_host(named: str) -> bool:
    """Whether links can lead there: a name or an address, with or without a port."""
    try:
        parts = urlsplit(f"//{named}")
        (parts.hostname or "").encode("idna").decode("idna")
        return HOST.fullmatch(named) is not None and parts.port != 0
    except ValueError:
        return False


class Prefixes:
    """Takes prefix, /worlds/NAME and /ex/jira/CLOUD_ID off the path: routes are at Jira's own paths and links follow.

    With `public_url` every link says that host and prefix instead of the request's own. `/_control` is also found
    without the prefix.
    """

    def __init__(self, app: Wsgi, prefix: str = "", public_url: str | None = None) -> None:
        self.app = app
        self.prefix = prefix.rstrip("/")
        self.public = urlsplit(public_url.rstrip("/")) if public_url else None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not is_host(environ.get("HTTP_HOST", "nowhere")):  # HTTP/1.0 names none
            nobody = Response("The Host header names no host.\n", 400, mimetype="text/plain")
            return nobody(environ, start_response)
        if path.startswith(f"{self.prefix}/") or path == self.prefix:
            root, path = self.prefix, path[len(self.prefix) :] or "/"
        elif path.startswith(CONTROL):
            root = ""
        else:
            elsewhere = Response(f"Nothing is here; this Jira is below {self.prefix}/.\n", 404, mimetype="text/plain")
            return elsewhere(environ, start_response)
        if self.public is not None and not path.startswith(CONTROL):
            root = self.public.path
            environ["wsgi.url_scheme"], environ["HTTP_HOST"] = self.public.scheme, self.public.netloc
        if path.startswith("/worlds/"):
            name, slash, rest = path[len("/worlds/") :].partition("/")
            environ[PREFIX_WORLD] = name
            root, path = f"{root}/worlds/{name}", slash + rest or "/"
        if path.startswith(gateway.PATH):
            environ[GATEWAY_SITE], slash, rest = path[len(gateway.PATH) :].partition("/")
            if not rest.lstrip("/").startswith(CONTROL[1:]):  # nobody's hands reach through Atlassian's gateway
                root, path = f"{root}{gateway.PATH}{environ[GATEWAY_SITE]}", slash + rest or "/"
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = root, path
        return self.app(environ, start_response)
