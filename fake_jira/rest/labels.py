"""The labels that issues have."""

from flask import Response

from fake_jira.flavours import CLOUD
from fake_jira.rest.scene import site
from fake_jira.rest.wire import answer, chapter, number, page, signed_in

labels = chapter("labels", CLOUD)
PER_PAGE = 1000


@labels.get("/label")
@signed_in
def get_all_labels() -> Response:
    """Get all labels, each once."""
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    known = sorted({label for issue in site().state.issues.values() for label in issue.labels})
    return answer(page(known, str, start, min(size, PER_PAGE)))
