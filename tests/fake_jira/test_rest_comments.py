"""Comments over the wire: paging, who may do what, and who sees what is for some alone [jira 5.10]."""

from datetime import timedelta

import pytest

from fake_jira.model.records import User
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira
from tests.fake_jira.people import admin, member, viewer
from tests.fake_jira.proof.drives import rich

PERMISSION = "You do not have the permission"


def group_of(jira: Jira, *members: User) -> str:
    """The name of a new group."""
    assert jira.post("group", {"name": "insiders"}).status_code == 201
    for each in members:
        who = {"accountId": each.account_id} if jira.flavour == "cloud" else {"name": each.name}
        assert jira.post("group/user?groupname=insiders", who).status_code == 201
    return "insiders"


def restricted(jira: Jira, key: str) -> str:
    """A comment for a group that the admin alone is in."""
    group = group_of(jira, jira.admin)
    given = {"body": rich(jira, "Between us"), "visibility": {"type": "group", "value": group}}
    answer = jira.post(f"issue/{key}/comment", given)
    assert answer.status_code == 201, answer.text
    assert answer.json()["visibility"]["value"] == "insiders"
    return str(answer.json()["id"])


def test_comments_come_in_pages_and_in_the_order_asked_for(either: Jira) -> None:
    key = either.create()
    ids = [either.post(f"issue/{key}/comment", {"body": rich(either, str(n))}).json()["id"] for n in range(3)]
    page = either.get(f"issue/{key}/comment?startAt=1&maxResults=1").json()
    assert (page["startAt"], page["maxResults"], page["total"]) == (1, 1, 3)
    assert [each["id"] for each in page["comments"]] == [ids[1]]
    newest = either.get(f"issue/{key}/comment?orderBy=-created").json()["comments"]
    assert [each["id"] for each in newest] == ids[::-1]
    assert either.get(f"issue/{key}/comment?orderBy=author").status_code == 400


def test_a_written_comment_has_an_address_with_the_issues_id(either: Jira) -> None:
    key = either.create()
    answer = either.post(f"issue/{key}/comment?expand=renderedBody", {"body": rich(either, "A & B")})
    number = either.get(f"issue/{key}").json()["id"]
    assert answer.headers["Location"] == answer.json()["self"]
    assert f"/issue/{number}/comment/" in answer.headers["Location"]
    assert answer.json()["renderedBody"] == "<p>A &amp; B</p>"


def test_whoever_comments_watches_from_then_on(either: Jira) -> None:
    key = either.create()
    auth, _ = member(either)
    assert either.post(f"issue/{key}/comment", {"body": rich(either, "Me too")}, auth=auth).status_code == 201
    assert either.get(f"issue/{key}/watchers", auth=auth).json()["isWatching"] is True


def test_members_change_their_own_comments_and_no_others(either: Jira) -> None:
    key = either.create()
    auth, _ = member(either)
    foreign = either.post(f"issue/{key}/comment", {"body": rich(either, "Admin's")}).json()["id"]
    own = either.post(f"issue/{key}/comment", {"body": rich(either, "Mia's")}, auth=auth).json()["id"]
    refused = either.put(f"issue/{key}/comment/{foreign}", {"body": rich(either, "No")}, auth=auth)
    assert (refused.status_code, refused.json()["errorMessages"][0][: len(PERMISSION)]) == (400, PERMISSION)
    assert either.delete(f"issue/{key}/comment/{foreign}", auth=auth).status_code == 400
    assert either.put(f"issue/{key}/comment/{own}", {"body": rich(either, "Mine")}, auth=auth).status_code == 200
    assert either.delete(f"issue/{key}/comment/{own}", auth=auth).status_code == 204
    assert either.post(f"issue/{key}/comment", {"body": rich(either, "x")}, auth=viewer(either)).status_code == 403


def test_a_comment_for_a_group_is_seen_by_its_members_and_by_nobody_else(either: Jira) -> None:
    key = either.create()
    comment = restricted(either, key)
    for auth, shown in ((admin(either), 1), (viewer(either), 0), (None, 0)):
        listed = either.get(f"issue/{key}/comment", auth=auth)
        if auth is None:
            assert listed.status_code in (401, 404)
            continue
        assert listed.json()["total"] == shown
        assert either.get(f"issue/{key}", auth=auth).json()["fields"]["comment"]["total"] == shown
        assert either.get(f"issue/{key}/comment/{comment}", auth=auth).status_code == (200 if shown else 404)
        assert either.get(f"comment/{comment}/properties", auth=auth).status_code == (200 if shown else 404)
    assert "Between us" not in either.session.get(f"{either.url}/browse/{key}").text


def test_leaving_the_group_hides_the_comment_at_once(jira: Jira) -> None:
    key = jira.create()
    restricted(jira, key)
    assert jira.get(f"issue/{key}").json()["fields"]["comment"]["total"] == 1
    path = f"group/user?groupname=insiders&accountId={jira.admin.account_id}"
    assert jira.delete(path).status_code == 200
    assert jira.get(f"issue/{key}").json()["fields"]["comment"]["total"] == 0


def test_a_comment_for_a_role_is_for_those_who_hold_it_in_the_project(either: Jira) -> None:
    key = either.create()
    roles = {each["name"]: str(each["id"]) for each in either.get("role").json()}
    name = next(iter(sorted(each for each in roles if each.startswith("Admin"))))
    given = {"body": rich(either, "Between us"), "visibility": {"type": "role", "value": name}}
    answer = either.post(f"issue/{key}/comment", given)
    assert answer.status_code == 201, answer.text
    assert answer.json()["visibility"]["type"] == "role"
    assert either.get(f"issue/{key}/comment").json()["total"] == 1
    assert either.get(f"issue/{key}/comment", auth=viewer(either)).json()["total"] == 0


@pytest.mark.parametrize(
    ("kind", "sentence"), [("group", "Group: nobodies does not exist."), ("role", "Role: nobodies does not exist.")]
)
def test_nobody_can_be_meant_by_what_does_not_exist(either: Jira, kind: str, sentence: str) -> None:
    given = {"body": rich(either, "x"), "visibility": {"type": kind, "value": "nobodies"}}
    answer = either.post(f"issue/{either.create()}/comment", given)
    assert (answer.status_code, answer.json()["errors"]) == (400, {"commentLevel": sentence})


def test_people_restrict_to_where_they_belong_themselves(either: Jira) -> None:
    key = either.create()
    group_of(either)
    given = {"body": rich(either, "x"), "visibility": {"type": "group", "value": "insiders"}}
    answer = either.post(f"issue/{key}/comment", given)
    assert answer.json()["errors"] == {"commentLevel": "You are currently not a member of the group: insiders."}


def test_cloud_names_a_group_by_its_identifier_too(jira: Jira) -> None:
    key = jira.create()
    restricted(jira, key)
    (group,) = (each for each in jira.world.state.groups.values() if each.name == "insiders")
    given = {"body": rich(jira, "x"), "visibility": {"type": "group", "identifier": group.id}}
    shown = jira.post(f"issue/{key}/comment", given).json()["visibility"]
    assert shown == {"type": "group", "value": "insiders", "identifier": group.id}


def test_comments_by_ids_leave_out_what_is_hidden_or_missing(jira: Jira) -> None:
    key = jira.create()
    hidden = restricted(jira, key)
    plain = jira.post(f"issue/{key}/comment", {"body": rich(jira, "For all")}).json()["id"]
    ids = {"ids": [int(plain), int(hidden), 99]}
    assert [each["id"] for each in jira.post("comment/list", ids).json()["values"]] == sorted([hidden, plain])
    assert [each["id"] for each in jira.post("comment/list", ids, auth=VIEWER).json()["values"]] == [plain]
    assert jira.post("comment/list", {"ids": []}).status_code == 400
    assert jira.post("comment/list", {"ids": list(range(1001))}).status_code == 400


def test_a_property_of_a_comment_is_json_of_any_kind_up_to_a_length(either: Jira) -> None:
    key = either.create()
    path = f"comment/{either.post(f'issue/{key}/comment', {'body': rich(either, 'x')}).json()['id']}/properties"
    assert either.put(f"{path}/n", [1, {"a": None}]).status_code == 201
    assert either.get(f"{path}/n").json() == {"key": "n", "value": [1, {"a": None}]}
    assert either.put(f"{path}/n", "x" * 32_767).status_code == 400
    assert either.put(f"{path}/{'k' * 256}", 1).status_code == 400
    assert either.call("PUT", f"{path}/n", data="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert either.delete(f"{path}/other").status_code == 404
    assert either.put(f"{path}/n", 1, auth=viewer(either)).status_code == 400


def test_properties_come_along_with_a_new_comment_and_are_shown_when_asked_for(jira: Jira) -> None:
    key = jira.create()
    given = {"body": rich(jira, "x"), "properties": [{"key": "mood", "value": {"good": True}}]}
    answer = jira.post(f"issue/{key}/comment", given)
    assert "properties" not in answer.json()
    told = jira.post("comment/list?expand=properties", {"ids": [int(answer.json()["id"])]}).json()["values"]
    assert told[0]["properties"] == [{"key": "mood", "value": {"good": True}}]


def test_an_issue_that_is_full_takes_no_more_comments_on_cloud(either: Jira) -> None:
    key = either.create()
    either.world.settings = either.world.settings.changed(comments_per_issue=1)
    assert either.post(f"issue/{key}/comment", {"body": rich(either, "One")}).status_code == 201
    second = either.post(f"issue/{key}/comment", {"body": rich(either, "Two")})
    assert second.status_code == (413 if either.flavour == "cloud" else 201)


def test_the_latest_pin_is_the_first_and_can_be_taken_down(data_center: Jira) -> None:
    key = data_center.create()
    first, second = (data_center.post(f"issue/{key}/comment", {"body": text}).json()["id"] for text in ("One", "Two"))
    for each in (second, first):
        data_center.world.clock.advance(timedelta(seconds=1))
        assert data_center.put(f"issue/{key}/comment/{each}/pin", True).status_code == 204
    pinned = data_center.get(f"issue/{key}/pinned-comments").json()
    assert [(each["comment"]["id"], each["pinnedBy"]) for each in pinned] == [(first, "admin"), (second, "admin")]
    assert data_center.put(f"issue/{key}/comment/{first}/pin", True, auth=DC_VIEWER).status_code == 404
    assert data_center.put(f"issue/{key}/comment/{first}/pin", False).status_code == 204
    assert len(data_center.get(f"issue/{key}/pinned-comments").json()) == 1
    assert data_center.put(f"issue/{key}/comment/{first}/pin", "yes").status_code == 400
