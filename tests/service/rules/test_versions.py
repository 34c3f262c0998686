"""Versions of the product: how they compare, and what each had already. (R16)"""

import pytest

from service.rules import versions
from service.rules.versions import Feature


@pytest.mark.parametrize(
    "text", ["", "3.140", "3.140.0.1", "v3.140.0", "3.140.x", "3.140.0 ", "3.-1.0", "٣.1.1", "1" * 50]
)
def test_what_is_not_three_numbers_is_no_version(text: str) -> None:
    assert versions.parse(text) is None


def test_versions_compare_as_numbers_and_not_as_text() -> None:
    assert versions.is_newer("3.112.10", "3.112.9")
    assert versions.is_newer("3.112.0", "3.99.99")
    assert not versions.is_newer("3.112.3", "3.112.3")
    assert not versions.is_newer("nonsense", "3.112.3")


@pytest.mark.parametrize(
    ("version", "had"),
    [
        ("3.111.99", set()),
        ("3.112.2", set()),
        ("3.112.3", {Feature.TICKET_STATUS}),
        ("3.129.0", {Feature.TICKET_STATUS, Feature.INTEGRATION_REST}),
        ("3.135.9", {Feature.TICKET_STATUS, Feature.INTEGRATION_REST}),
        ("3.136.0", set(Feature)),
        ("4.0.0", set(Feature)),
    ],
)
def test_each_feature_is_there_from_its_version_on(version: str, had: set[Feature]) -> None:
    assert {feature for feature in Feature if versions.has(version, feature)} == had


@pytest.mark.parametrize(
    ("created", "installation", "auth", "on"),
    [
        ("3.111.0", "cloud", "oauth2", False),
        ("3.111.0", "cloud", "basic", True),
        ("3.111.0", "server", "oauth2", True),
        ("3.111.0", "server", "oauth1", True),
        ("3.112.0", "cloud", "oauth2", True),
        ("3.140.0", "cloud", "oauth2", True),
    ],
)
def test_only_cloud_with_oauth_2_from_before_3_112_is_off(created: str, installation: str, auth: str, on: bool) -> None:
    assert versions.is_on_by_default(created, installation, auth) is on


def test_one_upgrade_brings_ticket_status() -> None:
    assert versions.brings_ticket_status("3.111.0", "3.112.3")
    assert versions.brings_ticket_status("3.112.2", "3.140.0")
    assert not versions.brings_ticket_status("3.111.0", "3.112.2")
    assert not versions.brings_ticket_status("3.112.3", "3.140.0")
    assert not versions.brings_ticket_status("what was stored before versions were checked", "3.140.0")
