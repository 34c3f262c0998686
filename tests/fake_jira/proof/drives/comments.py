"""Comments on an issue."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives, rich


@drives("cloud", "data-center", "addComment", "getComments", "getComment", "updateComment", "deleteComment")
def a_comment_is_written_changed_and_taken_back(jira: Jira) -> None:
    comments = f"issue/{jira.create()}/comment"
    written = jira.post(comments, {"body": rich(jira, "First words")}).json()
    mine = f"{comments}/{written['id']}"
    assert jira.get(mine).json()["body"] == rich(jira, "First words")
    assert jira.put(mine, {"body": rich(jira, "Second thoughts")}).status_code == 200
    listed = jira.get(f"{comments}?orderBy=created&expand=renderedBody").json()
    assert (listed["total"], listed["comments"][0]["body"]) == (1, rich(jira, "Second thoughts"))
    assert jira.delete(mine).status_code == 204
    assert jira.get(mine).status_code == 404
