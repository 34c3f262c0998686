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


@drives("cloud", "getCommentsByIds")
def comments_are_read_by_their_ids(jira: Jira) -> None:
    written = jira.post(f"issue/{jira.create()}/comment", {"body": rich(jira, "Words")}).json()
    told = jira.post("comment/list", {"ids": [int(written["id"])]}).json()
    assert [each["id"] for each in told["values"]] == [written["id"]]


PROPERTIES = ("getCommentPropertyKeys", "getCommentProperty", "setCommentProperty", "deleteCommentProperty")


@drives("cloud", "data-center", *PROPERTIES)
def a_comment_has_properties(jira: Jira) -> None:
    written = jira.post(f"issue/{jira.create()}/comment", {"body": rich(jira, "Words")}).json()
    properties = f"comment/{written['id']}/properties"
    assert jira.put(f"{properties}/mood", {"good": True}).status_code == 201
    assert [each["key"] for each in jira.get(properties).json()["keys"]] == ["mood"]
    assert jira.get(f"{properties}/mood").json()["value"] == {"good": True}
    assert jira.delete(f"{properties}/mood").status_code == 204


@drives("data-center", "setPinComment", "getPinnedComments")
def a_comment_is_pinned(jira: Jira) -> None:
    key = jira.create()
    written = jira.post(f"issue/{key}/comment", {"body": "Words"}).json()
    assert jira.put(f"issue/{key}/comment/{written['id']}/pin", True).status_code < 300
    pinned = jira.get(f"issue/{key}/pinned-comments").json()
    assert [each["comment"]["id"] for each in pinned] == [written["id"]]
