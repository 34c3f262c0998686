"""What Jira has and the fake has not, so that it can say so with 501 instead of guessing. LIMITS.md lists it.

That is everything documented for the flavour that has no route, and other products' paths. A served route is not
slowed by it: what has no route is looked up when no route was found, and a word of Jira's that a served route would
take for an id or a key (`/issue/picker`) gets a route of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from flask import Flask, Request, Response, request

from fake_jira.documented import Documented, Shape, documented, operations_at, shape
from fake_jira.errors import NotImitated
from fake_jira.flavours import Flavour
from fake_jira.rest.wire import takes

NAME = "unserved"  # the first word of the endpoints of routes that only say 501
ROOT = 4  # words that no served route has a placeholder in, but for the version: rest, api, VERSION, issue
OTHER_PRODUCTS = re.compile(
    r"/rest/(agile|applinks|assets|atlassian-connect|dev-status|devinfo|forge|gadget|greenhopper|insight|internal|"
    r"oauth2|pat|plugins|servicedeskapi|tempo[^/]*|zapi)/.*"
)


class Unserved:
    """What a flavour documents and `app` has no route for. Made when all routes of the flavour are there."""

    def __init__(self, app: Flask, flavour: Flavour) -> None:
        self._flavour = flavour
        served = set(served_routes(app))
        self._missing = {
            (each.method, each.path): each
            for each in documented(flavour.name)
            if (each.method, each.shape) not in served
        }
        for each in self._swallowed(served):
            versions = ",".join(f"'{word}'" for word in flavour.api_versions)
            path = re.sub("^/rest/api/[^/]+", f"/rest/api/<any({versions}):version>", each.path)
            path = re.sub(r"\{([^}]*)\}", lambda found: f"<{re.sub(r'[^A-Za-z]', '', found[1])}>", path)
            app.add_url_rule(path, f"{NAME}.{each.endpoint}", _refuse, methods=[each.method])

    def answer(self, asked: Request, allowed: Iterable[str] = ()) -> Response:
        """Where no route was found: 501 for what Jira has, else 405 or 404. `allowed` are the methods that have one."""
        here = self._documented(asked.path)
        others = not allowed and (OTHER_PRODUCTS.fullmatch(asked.path) or (here and asked.method == "OPTIONS"))
        if asked.method in here or others:
            return self._flavour.failure(NotImitated(sentence(asked.method, asked.path)))
        if allowed or here:
            return self._flavour.wrong_method(asked, sorted({*allowed, *here}))
        return self._flavour.no_endpoint(asked)

    def _documented(self, path: str) -> dict[str, Documented]:
        version = re.match("/rest/api/([^/]+)", path)
        if version and version[1] not in self._flavour.api_versions:
            return {}
        here = operations_at(self._flavour.name, path)
        return {method: each for method, each in here.items() if (each.method, each.path) in self._missing}

    def _swallowed(self, served: set[tuple[str, Shape]]) -> Iterator[Documented]:
        """Those whose words a served route's placeholder would take."""
        takers: defaultdict[tuple[str, int, Shape], list[Shape]] = defaultdict(list)
        for method, words in served:
            if "{}" in words[ROOT:]:
                takers[method, len(words), words[:ROOT]].append(words)
        for each in self._missing.values():
            words = each.shape
            if any(_would_take(taker, words) for taker in takers[each.method, len(words), words[:ROOT]]):
                yield each


def served_routes(app: Flask) -> dict[tuple[str, Shape], str]:
    """The endpoint of each method and path that the fake really serves."""
    return {
        (method, shape(rule.rule)): rule.endpoint
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(f"{NAME}.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def sentence(method: str, path: str) -> str:
    return f"{method} {path} is outside of what this fake Jira imitates, see LIMITS.md."


def _would_take(taker: Shape, words: Shape) -> bool:
    return all(own in ("{}", word) for own, word in zip(taker, words, strict=True))


@takes(None)
def _refuse(**_: str) -> Response:
    raise NotImitated(sentence(request.method, request.path))
