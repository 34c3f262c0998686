"""The demo's sample is the same for the same seed, and every issue becomes a ticket exactly once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import fake_jira.server
from fake_jira.client import FakeJiraClient
from scenarios import sample


@pytest.fixture(scope="module")
def issues() -> Iterator[list[dict[str, Any]]]:
    with fake_jira.server.start(issues=120, seed=7) as fake, FakeJiraClient(fake.url) as client:
        yield client.issues()


def violations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [violation for resource in document["resources"] for violation in resource["violations"]]


def test_the_same_seed_gives_the_same_sample(issues: list[dict[str, Any]]) -> None:
    assert sample.document(issues, "jira", 7) == sample.document(issues, "jira", 7)
    assert sample.document(issues, "jira", 7) != sample.document(issues, "jira", 8)


def test_every_issue_is_the_ticket_of_exactly_one_violation(issues: list[dict[str, Any]]) -> None:
    rows = [ticket for violation in violations(sample.document(issues, "jira", 7)) for ticket in violation["tickets"]]
    assert sorted(ticket["key"] for ticket in rows) == sorted(issue["key"] for issue in issues)


def test_all_kinds_of_resources_and_violations_are_there(issues: list[dict[str, Any]]) -> None:
    document = sample.document(issues, "jira", 7)
    assert {resource["type"] for resource in document["resources"]} == {"artifact", "build", "release_bundle"}
    assert {violation["type"] for violation in violations(document)} == {"Security", "License", "Operational_Risk"}
    assert {len(violation["tickets"]) for violation in violations(document)} == {0, 1, 2}


def test_what_is_deleted_is_young_enough_to_be_noticed(issues: list[dict[str, Any]]) -> None:
    keys = sample.to_delete(issues, datetime.now(UTC), 3)
    assert len(keys) == 3
    young = datetime.now(UTC) - timedelta(days=365)
    assert all(datetime.fromisoformat(issue["created"]) > young for issue in issues if issue["key"] in keys)
    assert sample.to_delete([], datetime.now(UTC), 3) == []
