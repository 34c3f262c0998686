"""LIMITS.md, docs/evidence.md and the fake's own documents are what `make evidence` would write now."""

import pytest

from tests.fake_jira.proof import evidence, limits, own_documents


def test_the_limits_name_what_is_not_served() -> None:
    assert limits.PAGE.read_text("utf-8") == limits.page(), "out of date: run make evidence"


def test_the_evidence_is_of_the_present_fake() -> None:
    why = evidence.lacking()
    if why:
        pytest.skip(f"{why} Until then docs/evidence.md is not compared.")
    assert evidence.PAGE.read_text("utf-8") == evidence.page(), "out of date: run make evidence"


@pytest.mark.parametrize("flavour", own_documents.PAGES)
def test_the_fakes_own_documents_say_what_its_routes_read_and_answer(flavour: str) -> None:
    page = own_documents.PAGES[flavour]
    assert page.read_text("utf-8") == own_documents.document(flavour), "out of date: run make evidence"
