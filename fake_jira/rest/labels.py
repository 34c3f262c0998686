"""The labels that issues have."""

from flask import Response

from fake_jira.flavours import CLOUD
from fake_jira.rest.scene import site, user
from fake_jira.rest.wire import answer, chapter, number, page, signed_in

labels = chapter("labels", CLOUD)
PER_PAGE = 1000


@labels.get("/label")
@signed_in
def get_all_labels() -> Response:
    """Get all labels, each once, of the issues that the caller may see."""
    start, size = number("startAt", 0), number("maxResults", PER_PAGE)
    state, who = site().state, user()
    labelled = (issue for issue in state.issues.values() if issue.labels and state.sees(who, issue))
    known = sorted({label for issue in labelled for label in issue.labels})
    return answer(page(known, str, start, min(size, PER_PAGE)))
