"""The stories in the documents are stories: they load, and what they promise is kept."""

import re
from pathlib import Path

import pytest

from scenarios import loading, report
from scenarios.runner import play_all

ROOT = Path(__file__).parents[2]
STORIES = [
    (document, found[1])
    for document in ("README.md", "docs/scenarios.md")
    for found in re.finditer(r"```yaml\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    if "steps:" in found[1]
]


def test_each_document_tells_a_story() -> None:
    assert {document for document, _ in STORIES} == {"README.md", "docs/scenarios.md"}


@pytest.mark.parametrize(("document", "text"), STORIES, ids=[document for document, _ in STORIES])
def test_a_story_in_a_document_is_kept(document: str, text: str) -> None:
    for result in play_all(loading.read(text, document)):
        assert result.passed, "\n".join(report.failure_lines(result))
