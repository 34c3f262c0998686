"""Links between issues, their types, and links to elsewhere."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

TYPES = ("getIssueLinkTypes", "getIssueLinkType", "createIssueLinkType", "updateIssueLinkType", "deleteIssueLinkType")
REMOTE = (
    "getRemoteIssueLinks",
    "createOrUpdateRemoteIssueLink",
    "getRemoteIssueLinkById",
    "updateRemoteIssueLink",
    "deleteRemoteIssueLinkById",
    "deleteRemoteIssueLinkByGlobalId",
)


@drives("cloud", "data-center", "linkIssues", "getIssueLink", "deleteIssueLink")
def two_issues_are_linked_and_parted(jira: Jira) -> None:
    one, two = jira.create(), jira.create()
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": one}, "outwardIssue": {"key": two}}
    assert jira.post("issueLink", body).status_code == 201
    (link,) = jira.get(f"issue/{one}").json()["fields"]["issuelinks"]
    assert link["outwardIssue"]["key"] == two
    assert jira.get(f"issueLink/{link['id']}").json()["type"]["name"] == "Blocks"
    assert jira.delete(f"issueLink/{link['id']}").status_code in (200, 204)
    assert jira.get(f"issueLink/{link['id']}").status_code == 404


@drives("cloud", "data-center", *TYPES)
def a_type_of_links_is_made_renamed_and_removed(jira: Jira) -> None:
    made = jira.post("issueLinkType", {"name": "Feeds", "inward": "is fed by", "outward": "feeds"}).json()
    mine = f"issueLinkType/{made['id']}"
    assert jira.put(mine, {"name": "Fills", "inward": "is filled by", "outward": "fills"}).status_code == 200
    assert jira.get(mine).json()["name"] == "Fills"
    assert "Fills" in [each["name"] for each in jira.get("issueLinkType").json()["issueLinkTypes"]]
    assert jira.delete(mine).status_code == 204


@drives("cloud", "data-center", *REMOTE)
def a_link_leads_elsewhere(jira: Jira) -> None:
    links = f"issue/{jira.create()}/remotelink"
    elsewhere = {"globalId": "pump=1", "object": {"url": "https://example.com/pump", "title": "The pump"}}
    made = jira.post(links, elsewhere)
    assert made.status_code == 201
    assert jira.post(links, elsewhere).status_code == 200
    mine = f"{links}/{made.json()['id']}"
    assert jira.put(mine, {**elsewhere, "relationship": "is pumped by"}).status_code == 204
    assert jira.get(mine).json()["relationship"] == "is pumped by"
    assert [each["globalId"] for each in jira.get(links).json()] == ["pump=1"]
    assert jira.delete(mine).status_code == 204
    assert jira.post(links, elsewhere).status_code == 201
    assert jira.delete(links, params={"globalId": "pump=1"}).status_code == 204
    assert jira.get(links).json() == []
