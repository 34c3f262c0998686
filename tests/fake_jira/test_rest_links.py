"""Links between issues, their types, and links to elsewhere [jira 2.7, 5.10]."""

from typing import Any

import pytest

from fake_jira.model.permissions import grant, revoke
from fake_jira.model.state import CLOUD
from tests.fake_jira.conftest import Jira
from tests.fake_jira.people import member, viewer
from tests.fake_jira.proof.drives import rich

WEB = {"object": {"title": "A page", "url": "https://example.com/a"}}


def link(jira: Jira, source: str, target: str, kind: str = "Blocks", **more: Any) -> int:
    given = {"type": {"name": kind}, "inwardIssue": {"key": source}, "outwardIssue": {"key": target}}
    return jira.post("issueLink", given | more).status_code


def links_of(jira: Jira, key: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = jira.get(f"issue/{key}?fields=issuelinks", **more).json()["fields"]["issuelinks"]
    return found


def hide(jira: Jira, key: str) -> None:
    """Take the issue's project from the viewer."""
    project = jira.world.state.project(key.partition("-")[0])
    who = jira.world.state.user("viewer@example.com")
    assert project is not None
    assert who is not None
    revoke(jira.site, project, who, "BROWSE_PROJECTS")


def show(jira: Jira, key: str) -> None:
    """Give it back."""
    project = jira.world.state.project(key.partition("-")[0])
    who = jira.world.state.user("viewer@example.com")
    assert project is not None
    assert who is not None
    grant(jira.site, project, who, "BROWSE_PROJECTS")


def test_each_issue_shows_the_other_end_of_a_link(either: Jira) -> None:
    source, target = either.create(summary="Pipe"), either.create(summary="Sink")
    assert link(either, source, target) == 201
    (out,), (back,) = links_of(either, source), links_of(either, target)
    assert out["id"] == back["id"]
    assert (out["type"]["outward"], out["outwardIssue"]["key"], "inwardIssue" in out) == ("blocks", target, False)
    assert (back["type"]["inward"], back["inwardIssue"]["key"]) == ("is blocked by", source)
    assert set(out["outwardIssue"]["fields"]) == {"summary", "status", "priority", "issuetype"}
    whole = either.get(f"issueLink/{out['id']}").json()
    assert (whole["inwardIssue"]["key"], whole["outwardIssue"]["key"]) == (source, target)


def test_the_same_link_is_made_once(either: Jira) -> None:
    source, target = either.create(), either.create()
    assert [link(either, source, target) for _ in range(2)] == [201, 201]
    assert len(links_of(either, source)) == 1
    assert link(either, target, source) == 201
    assert len(links_of(either, source)) == 2


def test_a_comment_is_made_with_the_link_or_neither(either: Jira) -> None:
    source, target = either.create(), either.create()
    assert link(either, source, target, comment={"body": rich(either, "")}) == 400
    assert links_of(either, source) == []
    assert link(either, source, target, comment={"body": rich(either, "Because")}) == 201
    assert either.get(f"issue/{source}/comment").json()["total"] == 1


def test_the_other_issue_stays_hidden_from_who_may_not_see_it(either: Jira) -> None:
    seen, hidden = either.create("SEC"), either.create("TEST")
    link(either, seen, hidden)
    (shown,) = links_of(either, seen)
    assert len(links_of(either, seen, auth=viewer(either))) == 1
    hide(either, hidden)
    assert links_of(either, seen, auth=viewer(either)) == []
    assert either.get(f"issueLink/{shown['id']}", auth=viewer(either)).status_code == 404
    given = {"type": {"name": "Relates"}, "inwardIssue": {"key": seen}, "outwardIssue": {"key": hidden}}
    assert either.post("issueLink", given, auth=viewer(either)).status_code in (403, 404)


def test_an_edit_links_to_no_issue_that_the_caller_may_not_see(either: Jira) -> None:
    seen, hidden = either.create("SEC"), either.create("TEST")
    auth, mia = member(either)
    revoke(either.site, either.world.state.projects["10000"], mia, "BROWSE_PROJECTS")
    add = {"issuelinks": [{"add": {"type": {"name": "Blocks"}, "outwardIssue": {"key": hidden}}}]}
    answer = either.put(f"issue/{seen}", {"update": add}, auth=auth)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["issuelinks"])


def test_a_link_to_a_deleted_issue_is_gone(either: Jira) -> None:
    source, target = either.create(), either.create()
    link(either, source, target)
    (shown,) = links_of(either, source)
    assert either.delete(f"issue/{target}").status_code == 204
    assert links_of(either, source) == []
    assert either.get(f"issueLink/{shown['id']}").status_code == 404


def test_searches_know_no_link_to_a_deleted_issue(either: Jira) -> None:
    first, second, third = (either.create() for _ in range(3))
    link(either, first, second)
    either.delete(f"issue/{second}")
    assert either.search("issueLink IS NOT EMPTY") == []
    assert either.search(f"issueLink != {third}") == []
    assert either.search("issueLinkType = blocks") == []


def test_searches_know_no_link_to_a_hidden_issue_and_no_hidden_parent(either: Jira) -> None:
    first, second, epic = either.create("TEST"), either.create("TEST"), either.create(kind="Epic")
    child = either.create(kind="Story", parent={"key": epic})
    link(either, first, second)
    either.move(second, "SEC")
    either.move(child, "TEST")
    for jql in ("issueLink IS NOT EMPTY", "parent IS NOT EMPTY"):
        path, asked = "search/jql" if either.flavour == CLOUD else "search", {"jql": f"{jql} AND project = TEST"}
        assert len(either.post(path, asked, auth=viewer(either)).json()["issues"]) == 1
        hide(either, epic)
        assert either.post(path, asked, auth=viewer(either)).json()["issues"] == []
        show(either, epic)


def test_who_may_not_link_neither_makes_nor_deletes_one(either: Jira) -> None:
    source, target = either.create(), either.create()
    refused = 404 if either.flavour == "cloud" else 401
    given = {"type": {"name": "Relates"}, "inwardIssue": {"key": source}, "outwardIssue": {"key": target}}
    assert either.post("issueLink", given, auth=viewer(either)).status_code == refused
    link(either, source, target)
    (shown,) = links_of(either, source)
    assert either.delete(f"issueLink/{shown['id']}", auth=viewer(either)).status_code == refused
    assert either.delete(f"issueLink/{shown['id']}").status_code == 204
    assert links_of(either, target) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"type": {"name": "Admires"}}, 404),
        ({"type": {}}, 400),
        ({"outwardIssue": {"key": "SEC-99"}}, 404),
        ({"outwardIssue": {"key": "SEC-1"}}, 400),
    ],
)
def test_a_link_needs_a_type_and_two_issues(either: Jira, change: dict[str, Any], status: int) -> None:
    source = either.create()
    given = {"type": {"name": "Blocks"}, "inwardIssue": {"key": source}, "outwardIssue": {"key": either.create()}}
    assert either.post("issueLink", given | change).status_code == status
    assert links_of(either, source) == []


def test_issues_are_linked_by_an_edit_and_when_they_are_made(either: Jira) -> None:
    first, second = either.create(), either.create()
    add = {"issuelinks": [{"add": {"type": {"name": "Blocks"}, "outwardIssue": {"key": second}}}]}
    assert either.put(f"issue/{first}", {"update": add}).status_code == 204
    back = {"issuelinks": [{"add": {"type": {"name": "Relates"}, "inwardIssue": {"key": first}}}]}
    given = {"project": {"key": "SEC"}, "summary": "Third", "issuetype": {"name": "Task"}}
    third = either.post("issue", {"fields": given, "update": back}).json()["key"]
    assert [each["outwardIssue"]["key"] for each in links_of(either, first)] == [second, third]
    wrong = {"issuelinks": [{"add": {"type": {"name": "Blocks"}, "outwardIssue": {"key": "SEC-99"}}}]}
    answer = either.put(f"issue/{first}", {"update": wrong})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["issuelinks"])


def test_the_changelog_words_a_link_from_both_ends(jira: Jira) -> None:
    source, target = jira.create(), jira.create()
    link(jira, source, target)
    for key, words in ((source, f"This issue blocks {target}"), (target, f"This issue is blocked by {source}")):
        (item,) = jira.get(f"issue/{key}/changelog").json()["values"][-1]["items"]
        assert (item["field"], item["toString"]) == ("Link", words)


def test_link_types_are_made_renamed_and_deleted_with_their_links(either: Jira) -> None:
    source, target = either.create(), either.create()
    made = either.post("issueLinkType", {"name": "Cause", "inward": "is caused by", "outward": "causes"})
    assert made.status_code == 201
    path = f"issueLinkType/{made.json()['id']}"
    assert either.post("issueLinkType", {"name": "cause", "inward": "a", "outward": "b"}).status_code == 400
    assert list(either.post("issueLinkType", {"name": "Half"}).json()["errors"]) == ["inward", "outward"]
    assert link(either, source, target, "Cause") == 201
    assert either.put(path, {"outward": "leads to"}).json()["outward"] == "leads to"
    assert links_of(either, source)[0]["type"]["outward"] == "leads to"
    assert either.delete(path).status_code == 204
    assert links_of(either, source) == []
    assert either.get(path).status_code == 404
    assert either.get("issueLinkType/x").status_code == 400
    assert either.post("issueLinkType", {}, auth=viewer(either)).status_code == 404


def test_a_remote_link_is_known_by_its_global_id(either: Jira) -> None:
    path = f"issue/{either.create()}/remotelink"
    given = WEB | {"globalId": "system=a&id=1", "relationship": "is told at"}
    first = either.post(path, given)
    assert (first.status_code, first.headers["Location"]) == (201, first.json()["self"])
    again = either.post(path, WEB | {"globalId": "system=a&id=1"})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    shown = either.get(path, params={"globalId": "system=a&id=1"}).json()
    assert (shown["object"]["title"], "relationship" in shown) == ("A page", False)
    assert len(either.get(path).json()) == 1
    assert either.delete(path, params={"globalId": "other"}).status_code == 404
    assert either.delete(path).status_code == 400
    assert either.delete(path, params={"globalId": "system=a&id=1"}).status_code == 204
    assert either.get(path).json() == []


def test_two_remote_links_of_an_issue_do_not_share_a_global_id(either: Jira) -> None:
    path = f"issue/{either.create()}/remotelink"
    first, second = (either.post(path, WEB | {"globalId": each}).json()["id"] for each in ("a", "b"))
    answer = either.put(f"{path}/{second}", WEB | {"globalId": "a"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["globalId"])
    assert either.put(f"{path}/{first}", WEB | {"globalId": "a"}).status_code == 204


def test_a_remote_link_needs_a_title_and_an_address(either: Jira) -> None:
    path = f"issue/{either.create()}/remotelink"
    answer = either.post(path, {"object": {"url": "https://example.com"}})
    assert (answer.status_code, answer.json()["errors"]) == (400, {"title": "'title' is required."})
    assert list(either.post(path, {}).json()["errors"]) == ["title", "url"]
    assert list(either.post(path, WEB | {"globalId": "x" * 256}).json()["errors"]) == ["globalId"]
    assert either.get(f"{path}/x").status_code == 400
    assert either.get(f"{path}/1").status_code == 404


def test_who_may_not_link_leaves_remote_links_alone(either: Jira) -> None:
    path = f"issue/{either.create()}/remotelink"
    one = f"{path}/{either.post(path, WEB).json()['id']}"
    for answer in (
        either.post(path, WEB, auth=viewer(either)),
        either.put(one, WEB, auth=viewer(either)),
        either.delete(one, auth=viewer(either)),
    ):
        assert answer.status_code == 403
    assert either.get(one, auth=viewer(either)).status_code == 200


def test_the_changelog_names_a_remote_link_by_its_title_and_application(jira: Jira) -> None:
    key = jira.create()
    made = jira.post(f"issue/{key}/remotelink", WEB | {"application": {"name": "Wiki"}}).json()
    jira.put(f"issue/{key}/remotelink/{made['id']}", WEB)
    jira.delete(f"issue/{key}/remotelink/{made['id']}")
    items = [each["items"][0] for each in jira.get(f"issue/{key}/changelog").json()["values"]]
    wiki, web = (f'This issue links to "A page ({name})"' for name in ("Wiki", "Web Link"))
    assert [(each["fromString"], each["toString"]) for each in items] == [(None, wiki), (wiki, web), (web, None)]


@pytest.mark.parametrize("setting", ["links_per_issue", "remote_links_per_issue"])
def test_an_issue_that_is_full_takes_no_more_links_on_cloud(either: Jira, setting: str) -> None:
    source, target = either.create(), either.create()
    either.world.settings = either.world.settings.changed(**{setting: 0})
    remote = either.post(f"issue/{source}/remotelink", WEB).status_code
    status = link(either, source, target) if setting == "links_per_issue" else remote
    assert status == (413 if either.flavour == "cloud" else 201)


def test_members_link_where_they_work(either: Jira) -> None:
    source, target = either.create(), either.create()
    auth, _ = member(either)
    given = {"type": {"name": "Relates"}, "inwardIssue": {"key": source}, "outwardIssue": {"key": target}}
    assert either.post("issueLink", given, auth=auth).status_code == 201
