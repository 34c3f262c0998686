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

from tests.service.web.conftest import INTEGRATIONS, Service

DOCUMENT = Path(__file__).parents[2] / "contract" / "status-api.yaml"
NAME = "jira-connection-1"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


schema = schemathesis.openapi.from_path(DOCUMENT)


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_allows(case: schemathesis.Case, service: Service, stock: str) -> None:
    aim_at_what_exists(case, stock)
    headers = {"Authorization": f"Bearer {service.token}"}
    case.call_and_validate(base_url=service.url, headers=headers, checks=CHECKS, timeout=30)


def aim_at_what_exists(case: schemathesis.Case, violation_id: str) -> None:
    """Well-formed requests are about the integration and the violation that there are; made-up names only find 404."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for name, value in (("name", NAME), ("violation_id", violation_id)):
        if name in case.path_parameters:
            case.path_parameters[name] = value
    if "integrationName" in case.query:
        case.query["integrationName"] = NAME


@pytest.fixture
def stock(service: Service) -> str:
    """One of everything: an integration, a violation with a ticket, a run. The violation's id."""
    service.connect(connection_name=NAME)
    violation_id = service.violation()
    service.create_ticket(violation_id, integration=NAME)
    assert service.call("POST", f"{INTEGRATIONS}/{NAME}/retrievals").status_code == 202
    assert service.call("POST", "/_control/work").status_code == 200
    return violation_id
