"""The fake's own OpenAPI documents, contract/jira-cloud.yaml and contract/jira-data-center.yaml.

Nobody writes them: they say what the routes were seen to read and to answer while the drives were at work. Which
parameters and properties an operation has comes from the request itself, which remembers what a route has looked at,
sent or not; types and shapes come from what was sent and answered. `make evidence` writes them.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from flask import Flask, Response, request

from fake_jira.documented import by_route, shape
from fake_jira.server import FakeJira, start
from tests.fake_jira.conftest import in_a_world_of_its_own
from tests.fake_jira.proof.drives import all_drives

FOLDER = Path(__file__).parents[3] / "contract"
PAGES = {"cloud": FOLDER / "jira-cloud.yaml", "data-center": FOLDER / "jira-data-center.yaml"}
TITLES = {"cloud": "Jira Cloud, faked", "data-center": "Jira Data Center, faked"}
VERSIONS = {"cloud": "3", "data-center": "2"}
ANSWER_DEPTH = 2  # levels of an answer that are told; deeper ones are Atlassian's to describe
BODY_DEPTH = 6
OTHERS = "any"  # of a path that is not an API version's
KEYED = re.compile(r"\d.*|[A-Z][A-Z0-9_]*|customfield_\d+|.*[^\w$-].*")  # names that are data, not properties
STEADY = re.compile(r"[A-Z]+(-\d+)?|\d{1,6}|[a-z]+")  # values that are the same in every run
PLACEHOLDER = re.compile(r"<(?:[^:<>]*(?:\([^)]*\))?:)?(\w+)>")
TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass
class Shape:
    """What a value was seen to be: JSON's types, and for objects and arrays what is in them."""

    types: set[str] = field(default_factory=set)
    seen: int = 0
    properties: dict[str, "Shape"] = field(default_factory=dict)
    present: Counter[str] = field(default_factory=Counter)
    items: "Shape | None" = None
    values: "Shape | None" = None  # of an object whose names are data

    def take(self, value: Any, depth: int) -> "Shape":
        """Takes note of one more value."""
        self.seen += 1
        if isinstance(value, dict):
            self.types.add("object")
            self._take_members(value, depth)
        elif isinstance(value, list):
            self.types.add("array")
            self.items = self.items or Shape()
            for each in value if depth else ():
                self.items.take(each, depth - 1)
        else:
            self.types.add(TYPES[type(value)])
        return self

    def _take_members(self, value: dict[str, Any], depth: int) -> None:
        if not depth:
            return
        for name, each in value.items():
            if KEYED.fullmatch(name):
                self.values = (self.values or Shape()).take(each, depth - 1)
            else:
                self.properties.setdefault(name, Shape()).take(each, depth - 1)
                self.present[name] += 1

    def described(self, *, requires: bool) -> dict[str, Any]:
        """As JSON Schema; `requires`: what was always there is required."""
        types = sorted(self.types - {"integer"} if "number" in self.types else self.types)
        shown: dict[str, Any] = {"type": types[0] if len(types) == 1 else types} if types else {}
        if self.properties:
            shown["properties"] = {
                name: each.described(requires=requires) for name, each in sorted(self.properties.items())
            }
            always = sorted(name for name, times in self.present.items() if times == self.seen)
            if requires and always and types == ["object"]:
                shown["required"] = always
        if self.values is not None:
            shown["additionalProperties"] = self.values.described(requires=requires)
        if self.items is not None:
            shown["items"] = self.items.described(requires=requires)
        return shown


@dataclass
class Observed:
    """One operation as it was seen."""

    endpoint: str
    path: str
    method: str
    path_values: dict[str, list[str]] = field(default_factory=dict)
    query: dict[str, Shape] = field(default_factory=dict)
    body: Shape | None = None
    body_type: str = "application/json"
    read: set[str] = field(default_factory=set)  # properties of the body that were looked for
    answers: dict[int, tuple[str, Shape]] = field(default_factory=dict)


class Harvest:
    """What was seen of all operations of one server."""

    def __init__(self, flavour: str, server: FakeJira) -> None:
        self.flavour = flavour
        self.observed: dict[tuple[str, str], Observed] = {}
        inside: Any = server.lane.app
        app: Flask = inside.app
        app.after_request(self._take)

    def _take(self, answer: Response) -> Response:
        rule = request.url_rule
        if rule is not None and rule.rule.startswith("/rest/") and answer.status_code != 501:
            path = self._path(rule.rule)
            key = (path, request.method.lower())
            one = self.observed.setdefault(key, Observed(rule.endpoint, path, request.method.lower()))
            self._asked(one)
            self._answered(one, answer)
        return answer

    def _path(self, rule: str) -> str:
        path = re.sub(r"<any\([^)]*\):version>", VERSIONS[self.flavour], rule)
        return PLACEHOLDER.sub(r"{\1}", path)

    def _asked(self, one: Observed) -> None:
        for name, value in (request.view_args or {}).items():
            seen = one.path_values.setdefault(name, [])
            if str(value) not in seen:
                seen.append(str(value))
        args: Any = request.args
        for name in args.read - {"None"}:
            one.query.setdefault(name, Shape())
        for name, value in request.args.to_dict().items():
            one.query.setdefault(name, Shape()).take(_typed(value), 0)
        if request.mimetype and request.mimetype != "application/json":
            one.body_type = request.mimetype
        elif request.mimetype and request.get_data():
            self._body(one)

    def _body(self, one: Observed) -> None:
        body: Any = getattr(request, "body", None)
        if body is not None:
            one.read |= body.read
        try:
            sent = orjson.loads(request.get_data())
        except orjson.JSONDecodeError:
            return
        one.body = (one.body or Shape()).take(sent, BODY_DEPTH)

    def _answered(self, one: Observed, answer: Response) -> None:
        kind, seen = one.answers.setdefault(answer.status_code, (answer.mimetype or "", Shape()))
        if "json" in kind and not answer.direct_passthrough and (data := answer.get_data()):
            seen.take(orjson.loads(data), ANSWER_DEPTH)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        paths: dict[str, dict[str, Any]] = {}
        for (path, method), one in sorted(self.observed.items()):
            if any(status < 400 for status in one.answers):
                paths.setdefault(path, {})[method] = self._operation(one)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": TITLES[self.flavour],
                "version": "1",
                "description": "What the fake reads and answers, as seen while its drives were at work. "
                "Generated by `make evidence`.",
            },
            "paths": paths,
        }

    def _operation(self, one: Observed) -> dict[str, Any]:
        documented = by_route(self.flavour).get((one.method.upper(), shape(one.path)))
        first, *others = one.endpoint.rpartition(".")[2].split("_")
        operation: dict[str, Any] = {
            "operationId": first + "".join(each.capitalize() for each in others),
            "tags": [documented.chapter if documented else OTHERS],
        }
        parameters = [_path_parameter(name, seen) for name, seen in one.path_values.items() if name != "version"]
        parameters += [_query_parameter(name, seen) for name, seen in sorted(one.query.items())]
        if parameters:
            operation["parameters"] = parameters
        if one.body is not None:
            for name in one.read:
                if "object" in one.body.types and not KEYED.fullmatch(name):
                    one.body.properties.setdefault(name, Shape())
            schema = one.body.described(requires=False)
            operation["requestBody"] = {"content": {one.body_type: {"schema": schema}}}
        operation["responses"] = {str(status): _answer(*seen) for status, seen in sorted(one.answers.items())}
        return operation


def _typed(text: str) -> Any:
    """A query parameter's value as what it looks like."""
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return text == "true" if text in ("true", "false") else text


def _path_parameter(name: str, seen: list[str]) -> dict[str, Any]:
    steady = sorted(each for each in seen if STEADY.fullmatch(each))
    schema: dict[str, Any] = {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema | ({"examples": steady} if steady else {})}


def _query_parameter(name: str, seen: Shape) -> dict[str, Any]:
    kinds = seen.types or {"string"}
    kind = next(iter(kinds)) if len(kinds) == 1 else "string"
    return {"name": name, "in": "query", "schema": {"type": kind}}


def _answer(kind: str, seen: Shape) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "as seen"}
    if kind and seen.seen:
        told["content"] = {kind: {"schema": seen.described(requires=True)}}
    elif kind:
        told["content"] = {kind: {}}
    return told


def written(document: dict[str, Any]) -> str:
    """The document as its file has it."""
    return yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True)


@cache
def document(flavour: str) -> str:
    """The document of a flavour as it would be written now, after playing all its drives."""
    with start(flavour=flavour) as server:
        harvest = Harvest(flavour, server)
        for drive in all_drives():
            if drive.flavour == flavour:
                with in_a_world_of_its_own(server) as jira:
                    drive.run(jira)
        return written(harvest.document())


def write() -> None:
    for flavour, page in PAGES.items():
        page.write_text(document(flavour), "utf-8")


if __name__ == "__main__":
    write()
