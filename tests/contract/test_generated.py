"""Generated requests from the document against the running service: every answer is one that the document allows."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.service.web.conftest import Service

DOCUMENT = Path(__file__).parents[2] / "contract" / "status-api.yaml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.fixture
def api(service: Service, stock: str) -> schemathesis.BaseSchema:
    """The document, aimed at a service that has one of everything."""
    return schemathesis.openapi.from_path(DOCUMENT)


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_allows(case: schemathesis.Case, service: Service) -> None:
    headers = {"Authorization": f"Bearer {service.token}"}
    case.call_and_validate(base_url=service.url, headers=headers, checks=CHECKS, timeout=30)
