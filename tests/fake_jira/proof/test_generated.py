"""LIMITS.md and docs/evidence.md are what `make evidence` would write now."""

import pytest

from tests.fake_jira.proof import evidence, limits


def test_the_limits_name_what_is_not_served() -> None:
    assert limits.PAGE.read_text("utf-8") == limits.page(), "out of date: run make evidence"


def test_the_evidence_is_of_the_present_fake() -> None:
    why = evidence.lacking()
    if why:
        pytest.skip(f"{why} Until then docs/evidence.md is not compared.")
    assert evidence.PAGE.read_text("utf-8") == evidence.page(), "out of date: run make evidence"
