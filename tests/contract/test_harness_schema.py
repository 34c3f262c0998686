"""Answers are held against the document, and what cannot be checked is refused."""

from pathlib import Path
from typing import Any

import pytest

from contract.cases.status_check import CHECK
from contract.schema import CannotCheck, Document

FILE = Path(__file__).parents[2] / "contract" / "status-api.yaml"
GOOD = {"status": "HEALTHY_INTEGRATION", "reason": "ok", "time": "2024-01-01T12:00:00Z", "integration_name": "x"}


def problems(body: Any, code: int = 200, media_type: str = "application/json") -> list[tuple[str, str]]:
    found = Document.load(FILE).problems("get", CHECK, code, media_type, body)
    return [(one.keyword, one.place) for one in found]


def test_a_good_answer_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"status": "OK"}, ("enum", "status")),
        ({"reason": 7}, ("type", "reason")),
        ({"time": "2024-01-01T12:00:00Z\n"}, ("pattern", "time")),
        ({"more": 1}, ("additionalProperties", "")),
    ],
)
def test_a_difference_names_its_place(change: dict[str, Any], found: tuple[str, str]) -> None:
    assert problems(GOOD | change) == [found]


def test_a_missing_key_a_foreign_code_and_a_foreign_type_are_differences() -> None:
    assert problems({key: GOOD[key] for key in list(GOOD)[1:]}) == [("required", "")]
    assert problems(GOOD, code=302) == [("responses", "")]
    assert problems(GOOD, media_type="text/html") == [("content", "")]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "format": "date-time"}, "format"),
        ({"properties": {"a": {"items": {"if": {}}}}}, "schema/properties/a/items has if"),
        ({"$ref": "#/components/schemas/Bad"}, "#/components/schemas/Bad has unevaluatedProperties"),
        ({"$ref": "#/components/schemas/Lost"}, "points to nothing"),
        ({"$ref": "other.yaml#/x"}, "points out of the document"),
    ],
)
def test_a_keyword_that_would_not_be_checked_is_refused(schema: dict[str, Any], told: str) -> None:
    response = {"content": {"application/json": {"schema": schema}}}
    document = Document(
        {
            "paths": {"/x": {"get": {"responses": {"200": response}}}},
            "components": {"schemas": {"Bad": {"unevaluatedProperties": False}}},
        }
    )
    with pytest.raises(CannotCheck, match=told):
        document.problems("get", "/x", 200, "application/json", {})


def test_a_schema_that_contains_itself_is_checked() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    response = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
    document = Document(
        {"paths": {"/x": {"get": {"responses": {"2XX": response}}}}, "components": {"schemas": {"Node": node}}}
    )
    found = document.problems("get", "/x", 201, "application/json", {"next": {"next": 1}})
    assert [(one.keyword, one.place) for one in found] == [("type", "next.next")]


def test_every_answer_of_every_operation_can_be_checked() -> None:
    document = Document.load(FILE)
    for path, item in document._document["paths"].items():
        for method, operation in item.items():
            for code in operation.get("responses", ()) if isinstance(operation, dict) else ():
                document.problems(method, path, int(code), "application/json", None)
