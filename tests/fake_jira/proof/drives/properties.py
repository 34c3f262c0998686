"""What apps keep on an issue."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

OWN = ("getIssuePropertyKeys", "getIssueProperty", "setIssueProperty", "deleteIssueProperty")


@drives("cloud", "data-center", *OWN)
def an_issue_has_properties(jira: Jira) -> None:
    properties = f"issue/{jira.create()}/properties"
    assert jira.put(f"{properties}/mood", {"good": True}).status_code == 201
    assert jira.put(f"{properties}/mood", {"good": False}).status_code == 200
    assert [each["key"] for each in jira.get(properties).json()["keys"]] == ["mood"]
    assert jira.get(f"{properties}/mood").json()["value"] == {"good": False}
    assert jira.delete(f"{properties}/mood").status_code == 204
    assert jira.get(f"{properties}/mood").status_code == 404
