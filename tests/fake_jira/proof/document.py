"""Holds one exchange, a request with its answer, to Atlassian's own document.

Neither document is part of this repository: name copies in JIRA_CLOUD_OPENAPI and JIRA_DATA_CENTER_OPENAPI, or keep
them in a folder `reference` of a folder beside the checkout; `make test` fetches Cloud's (`fetch.py`). What is known
to be wrong in them is in `defects.py`.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from fake_jira.documented import Documented, operations_at
from tests.fake_jira.proof.defects import BY_OTHER_LAYERS, MORE_PARAMETERS, MORE_STATUSES, mend

COPIES = {
    "cloud": ("JIRA_CLOUD_OPENAPI", "jira-cloud-v3.openapi.json"),
    "data-center": ("JIRA_DATA_CENTER_OPENAPI", "jira-dc-10.3.openapi.json"),
}
FETCHED = Path(__file__).parents[3] / ".venv" / "reference"
JSON = "application/json"
HERE = "urn:atlassian"
SHOWN = 300  # letters of a schema's complaint
MOST = 5  # complaints about one exchange; a list can be wrong in each element


@dataclass(frozen=True)
class Exchange:
    """`path` is below the site and its world; `asked` and `answered` are content types, None without a body."""

    flavour: str
    method: str
    path: str
    query: str
    asked: str | None
    body: bytes
    status: int
    answered: str | None
    answer: bytes


def missing(flavour: str) -> str | None:
    """Why the flavour's document cannot be asked, as a sentence; None when there is a copy."""
    variable, name = COPIES[flavour]
    if _copy(flavour).is_file():
        return None
    return f"There is no copy of Atlassian's document for {flavour}: name one in {variable} (usually called {name})."


def _copy(flavour: str) -> Path:
    variable, name = COPIES[flavour]
    beside = next(Path(__file__).parents[4].glob(f"*/reference/{name}"), FETCHED / name)
    return Path(os.environ.get(variable, beside))


def read(flavour: str) -> dict[str, Any]:
    """The document as Atlassian wrote it."""
    found: dict[str, Any] = orjson.loads(_copy(flavour).read_bytes())
    return found


@cache
def _mended(flavour: str) -> dict[str, Any]:
    document = read(flavour)
    if flavour == "data-center":
        document["paths"] = {f"/rest{path}": operations for path, operations in document["paths"].items()}
    mend(flavour, document)
    _in_json_schema(document)
    return document


def _in_json_schema(node: Any) -> None:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(node, dict):
        if node.pop("nullable", None) is True:
            _or_null(node)
        for value in node.values():
            _in_json_schema(value)
    elif isinstance(node, list):
        for value in node:
            _in_json_schema(value)


def _or_null(node: dict[str, Any]) -> None:
    if "enum" in node:
        node["enum"] = [*node["enum"], None]
    if isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
    elif "allOf" in node:
        node["anyOf"] = [{"allOf": node.pop("allOf")}, {"type": "null"}]


@cache
def _registry(flavour: str) -> Registry[Any]:
    return Registry().with_resource(HERE, Resource(contents=_mended(flavour), specification=DRAFT7))


@cache
def _validator(flavour: str, *place: str) -> Draft7Validator:
    """For the schema at a place of the document."""
    pointer = "/".join(word.replace("~", "~0").replace("/", "~1") for word in place)
    return Draft7Validator({"$ref": f"{HERE}#/{pointer}"}, registry=_registry(flavour))


def complaints(exchange: Exchange, *, of_the_request: bool = True) -> list[str]:
    """What in the exchange is not as documented, a sentence each. Undocumented paths are nobody's to judge here."""
    operation = operations_at(exchange.flavour, exchange.path).get(exchange.method.replace("HEAD", "GET"))
    if operation is None:
        return []
    found = list(_of_the_answer(exchange, operation))
    if of_the_request and exchange.status < 300:
        found += _of_the_request(exchange, operation)
    where = f"{exchange.method} {exchange.path} -> {exchange.status} ({operation.operation})"
    return [f"{where}: {each}" for each in found[:MOST]]


def _of_the_answer(exchange: Exchange, operation: Documented) -> Iterator[str]:
    described = _described(exchange.flavour, operation)["responses"]
    status = str(exchange.status)
    key = (exchange.flavour, operation.method, operation.path)
    if status not in described:
        if exchange.status not in BY_OTHER_LAYERS and exchange.status not in MORE_STATUSES.get(key, ()):
            yield f"{status} is not among its answers: {exchange.answer[:SHOWN].decode('utf-8', 'replace')}"
        return
    content = described[status].get("content", {})
    promised = [each for each in content.values() if each.get("schema")]
    if exchange.method == "HEAD" or exchange.status in (204, 304) or not (promised or (content and exchange.answer)):
        return
    answered = (exchange.answered or "").partition(";")[0].strip()
    if exchange.status < 400 and "*/*" not in content and answered not in content:
        yield f"it is answered as {answered or 'nothing'}, not as {' or '.join(content)}"
    elif answered == JSON and "schema" in content.get(JSON, {}):
        place = ("paths", operation.path, operation.method.lower(), "responses", status, "content", JSON, "schema")
        yield from _misfits(exchange.flavour, place, exchange.answer)


def _of_the_request(exchange: Exchange, operation: Documented) -> Iterator[str]:
    described = _described(exchange.flavour, operation)
    known = {each["name"]: each for each in described.get("parameters", ()) if each["in"] == "query"}
    more = MORE_PARAMETERS.get((exchange.flavour, operation.method, operation.path), ())
    given = parse_qsl(exchange.query, keep_blank_values=True)
    for name, value in given:
        if name not in known:
            if name not in more:
                yield f"the query parameter {name} is not documented"
        elif not _fits(value, known[name].get("schema", {})):
            yield f"the query parameter {name} is not of the documented type: {value}"
    yield from (
        f"the query parameter {name} is required"
        for name, each in known.items()
        if each.get("required") and name not in dict(given)
    )
    content = described.get("requestBody", {}).get("content", {})
    if content and exchange.body and JSON in content and (exchange.asked or "").startswith(JSON):
        place = ("paths", operation.path, operation.method.lower(), "requestBody", "content", JSON, "schema")
        if "schema" in content[JSON]:
            yield from (f"of the request's body: {each}" for each in _misfits(exchange.flavour, place, exchange.body))
    elif described.get("requestBody", {}).get("required") and not exchange.body:
        yield "a body is required"


def _described(flavour: str, operation: Documented) -> dict[str, Any]:
    found: dict[str, Any] = _mended(flavour)["paths"][operation.path][operation.method.lower()]
    return found


def _misfits(flavour: str, place: tuple[str, ...], body: bytes) -> Iterator[str]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        yield f"no JSON: {body[:SHOWN].decode('utf-8', 'replace')}"
        return
    for each in _validator(flavour, *place).iter_errors(value):
        yield f"{'/'.join(map(str, each.absolute_path)) or 'the whole'}: {each.message[:SHOWN]}"


def _fits(value: str, schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if kind == "integer":
        return re.fullmatch("-?[0-9]+", value) is not None
    if kind == "boolean":
        return value.lower() in ("true", "false")
    return kind != "string" or "enum" not in schema or value in schema["enum"]
