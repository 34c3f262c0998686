"""status-api.yaml is valid, says what the service does, and holds the documented samples word for word."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.service.web.conftest import Service

DOCUMENT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "contract" / "status-api.yaml").read_text("utf-8")
)
METHODS = {"get", "post", "put", "delete", "patch"}
CHECK = DOCUMENT["paths"]["/xray/api/v1/ticketing/integrations/status/check"]["get"]

# [status-check], the samples and the request example, word for word
SAMPLES = [
    (
        200,
        "HEALTHY_INTEGRATION",
        "Integration is healthy and operational.",
        "2024-01-01T12:00:00Z",
        "jira-connection-1",
    ),
    (200, "HEALTHY_INTEGRATION", "Integration is healthy and operational.", "2025-12-22T08:18:02Z", "test"),
    (
        200,
        "FAULTY_CONFIGURATION",
        "The system is unable to connect to Jira.",
        "2024-01-01T12:00:00Z",
        "jira-connection-1",
    ),
    (
        404,
        "INTEGRATION_NOT_FOUND",
        "The integration does not exist or cannot be located.",
        "2024-01-01T12:00:00Z",
        "non-existent-integration",
    ),
    (
        500,
        "INTERNAL_SERVER_ERROR",
        "The system is temporarily unable to retrieve integration details. Please try again later.",
        "2024-01-01T12:00:00Z",
        "jira-connection-1",
    ),
]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_operation_says_where_it_comes_from() -> None:
    for path, method, operation in operations():
        assert operation["x-origin"] in {"documented", "observed", "ours"}, f"{method} {path}"


def test_every_route_is_in_the_document_and_every_path_is_a_route(service: Service) -> None:
    routes = {
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in service.running.app.url_map.iter_rules()
        if rule.endpoint != "static" and not rule.endpoint.startswith(("pages.", "status_pages."))  # for people
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, method, _ in operations()}


@pytest.mark.parametrize(("code", "status", "reason", "time", "name"), SAMPLES)
def test_each_documented_sample_is_in_the_document_and_fits_its_schema(
    code: int, status: str, reason: str, time: str, name: str
) -> None:
    sample = {"status": status, "reason": reason, "time": time, "integration_name": name}
    content = CHECK["responses"][str(code)]["content"]["application/json"]
    assert sample in [example["value"] for example in content["examples"].values()]
    validator(content["schema"]).validate(sample)


def test_the_status_answer_has_exactly_the_four_documented_keys() -> None:
    schema = DOCUMENT["components"]["schemas"]["IntegrationStatus"]
    assert schema["required"] == ["status", "reason", "time", "integration_name"]
    assert set(schema["properties"]) == set(schema["required"])


def test_every_example_fits_the_schema_beside_it() -> None:
    contents = [
        content
        for _, _, operation in operations()
        for response in operation["responses"].values()
        for content in resolved(response).get("content", {}).values()
    ]
    examples = [
        (content["schema"], example)
        for content in contents
        for example in [content.get("example"), *(one["value"] for one in content.get("examples", {}).values())]
        if example is not None
    ]
    assert len(examples) > 20
    for schema, example in examples:
        validator(schema).validate(example)


def test_a_time_in_an_answer_is_rfc_3339_in_whole_seconds(service: Service) -> None:
    answer = service.call("GET", "/xray/api/v1/ticketing/integrations/status/check?integrationName=nobody")
    pattern = DOCUMENT["components"]["schemas"]["Time"]["pattern"]
    assert re.fullmatch(pattern, answer.json()["time"])
    assert datetime.fromisoformat(answer.json()["time"]).tzinfo is not None


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})
