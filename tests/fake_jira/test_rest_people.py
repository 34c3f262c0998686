"""People, groups, roles and schemes: what they show, what they refuse, and what changes for whom at once."""

from typing import Any

import pytest

from fake_jira.model.access import Holder
from fake_jira.model.groups import group_named, join
from fake_jira.model.permissions import give_back, grant, revoke
from fake_jira.model.records import User
from fake_jira.model.schemes import add_level, add_security_scheme, assign_security_scheme
from fake_jira.model.state import DATA_CENTER
from fake_jira.server import start
from fake_jira.state_file import StateFile
from fake_jira.worlds import Worlds
from tests.fake_jira.conftest import ADMIN, DC_VIEWER, VIEWER, Jira, in_a_world_of_its_own


def viewer(jira: Jira) -> User:
    who = jira.world.state.user(VIEWER[0])
    assert who is not None
    return who


def as_viewer(jira: Jira) -> dict[str, Any]:
    return {"auth": VIEWER if jira.flavour == "cloud" else DC_VIEWER}


def named(jira: Jira, who: User) -> dict[str, str]:
    return {"accountId": who.account_id} if jira.flavour == "cloud" else {"username": who.name}


def secret_level(jira: Jira, *holders: Holder) -> str:
    """SEC gets a security scheme with one level: its id."""
    scheme = add_level(jira.site, add_security_scheme(jira.site, "Hush"), "Secret", members=holders)
    assign_security_scheme(jira.site, jira.world.state.projects["10001"], scheme)
    return scheme.levels[0].id


ADMINS = Holder("projectRole", "10002")


def test_who_joins_the_administrators_administers_at_once(either: Jira) -> None:
    assert either.post("group", {"name": "x"}, **as_viewer(either)).status_code == 403
    admins = group_named(either.world.state, "jira-administrators")
    assert admins
    join(either.site, admins, viewer(either))
    assert either.post("group", {"name": "x"}, **as_viewer(either)).status_code == 201
    assert either.world.state.may(viewer(either), "ADMINISTER_PROJECTS", "10001")


def test_a_group_that_leaves_a_role_takes_its_members_permissions_along(either: Jira) -> None:
    key = either.create()
    assert either.get(f"issue/{key}", **as_viewer(either)).status_code == 200
    gone = either.delete("project/SEC/role/10000", params={"group": "jira-software-users"})
    assert gone.status_code == 204
    assert either.get(f"issue/{key}", **as_viewer(either)).status_code == (404 if either.flavour == "cloud" else 403)
    assert either.get(f"issue/{key}").status_code == 200  # an admin is in the other roles too


def test_what_was_given_and_taken_by_hand_outlives_changes_of_roles(either: Jira) -> None:
    state, who = either.world.state, viewer(either)
    project = state.projects["10001"]
    assert revoke(either.site, project, who, "BROWSE_PROJECTS")
    grant(either.site, project, who, "DELETE_ISSUES")
    assert either.post("project/SEC/role/10001", {"user": [next(iter(named(either, who).values()))]}).status_code == 200
    assert (state.may(who, "BROWSE_PROJECTS", "10001"), state.may(who, "DELETE_ISSUES", "10001")) == (False, True)
    give_back(either.site, project, who, "BROWSE_PROJECTS")
    assert state.may(who, "BROWSE_PROJECTS", "10001")


def test_anonymous_callers_hold_what_anyone_holds(jira: Jira) -> None:
    key = jira.create()
    assert jira.get(f"issue/{key}", auth=None).status_code == 404
    anyone = {"permission": "BROWSE_PROJECTS", "holder": {"type": "anyone"}}
    assert jira.post("permissionscheme/0/permission", anyone).status_code == 201
    assert jira.get(f"issue/{key}", auth=None).status_code == 200
    held = jira.get("mypermissions", auth=None, params={"permissions": "BROWSE_PROJECTS,EDIT_ISSUES"}).json()
    assert [each["havePermission"] for each in held["permissions"].values()] == [True, False]
    assert jira.search(f"key = {key}") == [key]


def test_a_reporter_may_what_the_scheme_grants_reporters_on_their_own_issues_alone(either: Jira) -> None:
    granted = {"permission": "DELETE_ISSUES", "holder": {"type": "reporter"}}
    assert either.post("permissionscheme/0/permission", granted).status_code == 201
    state, who = either.world.state, viewer(either)
    other = either.site.issue(either.create())
    own = either.site.issue(
        either.create(reporter={"id": who.account_id} if either.flavour == "cloud" else {"name": who.name})
    )
    assert state.may_on(who, "DELETE_ISSUES", own)
    assert not state.may_on(who, "DELETE_ISSUES", other)
    assert not state.may(who, "DELETE_ISSUES", "10001")
    revoke(either.site, state.projects["10001"], who, "DELETE_ISSUES")
    assert not state.may_on(who, "DELETE_ISSUES", own)


def test_an_issue_of_a_level_is_hidden_from_reads_and_searches_of_others(either: Jira) -> None:
    level = secret_level(either, ADMINS)
    key = either.create(security={"id": level})
    assert either.get(f"issue/{key}").json()["fields"]["security"]["name"] == "Secret"
    hidden = either.get(f"issue/{key}", **as_viewer(either))
    assert hidden.status_code == (404 if either.flavour == "cloud" else 403)
    assert either.search("project = SEC") == [key]
    path = "search/jql" if either.flavour == "cloud" else "search"
    found = either.get(path, params={"jql": "project = SEC"}, **as_viewer(either)).json()
    assert found["issues"] == []
    assert either.put(f"issue/{key}", {"fields": {"security": None}}).status_code == 204
    assert either.get(f"issue/{key}", **as_viewer(either)).status_code == 200
    item = either.site.issue(key).history[-1].items[0]
    assert (item.field, item.old_string, item.new_string) == ("security", "Secret", None)


def test_a_reporter_in_the_level_sees_their_own_issue(jira: Jira) -> None:
    level = secret_level(jira, ADMINS, Holder("reporter"))
    key = jira.create(security={"id": level}, reporter={"id": viewer(jira).account_id})
    other = jira.create(security={"id": level})
    assert jira.get(f"issue/{key}", auth=VIEWER).status_code == 200
    assert jira.get(f"issue/{other}", auth=VIEWER).status_code == 404


def test_a_level_is_set_by_those_in_it_and_only_where_the_project_has_it(either: Jira) -> None:
    off_screen = either.post("issue", {"fields": _fields(security={"id": "1"})})
    assert "security" in off_screen.json()["errors"]
    secret_level(either, Holder("group", "nobody"))
    wrong = either.post("issue", {"fields": _fields(security={"name": "Secret"})})
    assert wrong.json()["errors"] == {"security": "The security level selected is invalid."}


def _fields(**more: Any) -> dict[str, Any]:
    return {"project": {"key": "SEC"}, "summary": "s", "issuetype": {"name": "Task"}, **more}


def test_a_new_issue_gets_the_default_level_and_a_subtask_its_parents(jira: Jira) -> None:
    level = secret_level(jira, ADMINS)
    scheme = jira.world.state.projects["10001"].security_scheme_id
    default = {"issueSecuritySchemeId": scheme, "defaultLevelId": level}
    assert jira.put("issuesecurityschemes/level/default", {"defaultValues": [default]}).status_code == 204
    parent = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": parent})
    assert {jira.site.issue(each).security_level_id for each in (parent, child)} == {level}


def test_who_is_deleted_on_cloud_is_a_former_user_and_signs_in_no_more(jira: Jira) -> None:
    made = {"emailAddress": "mia@example.com", "products": ["jira-software"], "displayName": "Mia"}
    mia = jira.post("user", made).json()["accountId"]
    key = jira.create(assignee={"id": mia})
    assert jira.get("myself", auth=("mia@example.com", "token of mia@example.com")).status_code == 200
    assert jira.delete("user", params={"accountId": mia}).status_code == 204
    shown = jira.get(f"issue/{key}").json()["fields"]["assignee"]
    assert (shown["displayName"], shown["active"], "emailAddress" in shown) == ("Former user", False, False)
    assert jira.get("myself", auth=("mia@example.com", "token of mia@example.com")).status_code == 401
    again = jira.post("user", made).json()["accountId"]
    assert again != mia


def test_on_data_center_the_key_outlives_a_renaming(data_center: Jira) -> None:
    key = data_center.create()
    renamed = data_center.put("user", {"name": "ada"}, params={"username": "admin"})
    assert renamed.status_code == 200
    reporter = data_center.get(f"issue/{key}", auth=("ada", "admin")).json()["fields"]["reporter"]
    assert (reporter["name"], reporter["key"]) == ("ada", renamed.json()["key"])
    assert data_center.get("user", params={"username": "viewer"}, auth=("ada", "admin")).status_code == 200
    taken = data_center.put("user", {"name": "viewer"}, params={"username": "ada"}, auth=("ada", "admin"))
    assert taken.json()["errors"] == {"username": "A user with that username already exists."}


def test_a_dot_finds_everybody_and_inactive_people_only_when_asked(data_center: Jira) -> None:
    assert data_center.put("user", {"active": False}, params={"username": "viewer"}).status_code == 200
    found = {"username": "."}
    assert [each["name"] for each in data_center.get("user/search", params=found).json()] == ["admin"]
    found["includeInactive"] = "true"
    assert [each["name"] for each in data_center.get("user/search", params=found).json()] == ["admin", "viewer"]
    found["includeActive"] = "false"
    assert [each["name"] for each in data_center.get("user/search", params=found).json()] == ["viewer"]
    assert data_center.get("user/search").status_code == 400


@pytest.mark.parametrize("path", ["mypermissions", "user/search?username=a", "user?username=admin", "groups/picker"])
def test_data_center_tells_nothing_about_people_to_anonymous_callers(data_center: Jira, path: str) -> None:
    assert data_center.get(path, auth=None).status_code == 401


def test_data_center_answers_all_permissions_with_those_of_old(data_center: Jira) -> None:
    held = data_center.get("mypermissions", params={"permissions": "NOPE"}).json()["permissions"]
    assert held["BROWSE"] == held["BROWSE_PROJECTS"] | {"key": "BROWSE", "deprecatedKey": True}
    assert held["ADMINISTER"]["havePermission"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("is assignee", "ends too early"),
        ("is king of SEC", "'king' is not one of"),
        ("is voter of (SEC-1", "ends too early"),
        ("is voter of SEC nonsense", "cannot be read"),
        ("[a].b is", "ends too early"),
        ("was voter of SEC", "was expected"),
    ],
)
def test_a_sentence_about_users_that_cannot_be_read_says_where(jira: Jira, query: str, sentence: str) -> None:
    answer = jira.get("user/search/query", params={"query": query})
    assert answer.status_code == 400
    assert sentence in answer.json()["errorMessages"][0]


def test_users_are_found_by_a_property(jira: Jira) -> None:
    assert jira.put("user/properties/desk", {"at": {"floor": 3}}).status_code == 201
    found = jira.get("user/search", params={"property": "desk.at.floor=3"}).json()
    assert [each["emailAddress"] for each in found] == [ADMIN[0]]
    assert jira.get("user/search", params={"property": "desk.at.floor=4"}).json() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "group/member?groupname=nobody", 404),
        ("GET", "group/member", 400),
        ("DELETE", "group?groupname=jira-developers&swapGroup=nobody", 404),
        ("GET", "role/1", 404),
        ("DELETE", "role/10001?swap=1", 400),
        ("GET", "permissionscheme/4711", 404),
        ("GET", "permissionscheme/0/permission/1", 404),
        ("DELETE", "permissionscheme/0", 400),
        ("GET", "notificationscheme/1", 404),
        ("GET", "issuesecurityschemes/1", 404),
        ("GET", "project/SEC/issuesecuritylevelscheme", 404),
        ("GET", "securitylevel/1", 404),
        ("GET", "applicationrole/nope", 404),
        ("DELETE", "project/SEC/role/10001?user=nobody", 404),
        ("GET", "user/permission/search?projectKey=SEC&permissions=NOPE", 400),
        ("GET", "user/assignable/search", 400),
        ("GET", "user/assignable/multiProjectSearch", 400),
    ],
)
def test_what_is_not_there_or_not_given_is_said(either: Jira, method: str, path: str, status: int) -> None:
    answer = either.call(method, path)
    assert (answer.status_code, bool(answer.json()["errorMessages"])) == (status, True)


@pytest.mark.parametrize(
    "path", ["group?groupname=x", "role", "role/10001", "applicationrole", "group/member?groupname=x"]
)
def test_administration_is_for_admins(either: Jira, path: str) -> None:
    method = "DELETE" if path.startswith("group?") else "GET"
    assert either.call(method, path, **as_viewer(either)).status_code == 403
    assert either.call(method, path, auth=None).status_code == 401


def test_who_sees_a_project_without_administering_it_may_not_see_its_roles(either: Jira) -> None:
    refused = either.get("project/SEC/role", **as_viewer(either))
    assert refused.status_code == 401
    assert refused.json()["errorMessages"] == ["You cannot edit the configuration of this project."]


def test_a_removed_groups_comments_go_to_the_group_it_is_swapped_for(jira: Jira) -> None:
    key = jira.create()
    restricted = {"visibility": {"type": "group", "value": "jira-developers"}, "body": _adf("for us")}
    assert jira.post(f"issue/{key}/comment", restricted).status_code == 201
    assert jira.get(f"issue/{key}/comment", auth=VIEWER).json()["total"] == 0
    swap = {"groupname": "jira-developers", "swapGroup": "jira-software-users"}
    assert jira.delete("group", params=swap).status_code == 200
    assert jira.get(f"issue/{key}/comment", auth=VIEWER).json()["total"] == 1


def _adf(text: str) -> dict[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def test_groups_roles_schemes_and_levels_come_back_from_the_state_file(jira: Jira, tmp_path: Any) -> None:
    level = secret_level(jira, ADMINS, Holder("reporter"))
    key = jira.create(security={"id": level})
    grant(jira.site, jira.world.state.projects["10001"], viewer(jira), "LINK_ISSUES")
    worlds = Worlds()
    worlds.get("default").state = jira.world.state
    StateFile(tmp_path / "state").save(worlds)
    back = Worlds()
    assert StateFile(tmp_path / "state").load(back)
    state = back.get("default").state
    issue = state.issue(key)
    assert issue
    assert not state.sees(state.user(VIEWER[0]), issue)
    assert state.sees(state.user(ADMIN[0]), issue)
    for name in ("grants", "by_issue", "overrides", "groups", "roles", "permission_schemes", "security_schemes"):
        assert getattr(state, name) == getattr(jira.world.state, name), name


@pytest.mark.parametrize(("version", "code"), [("8.17.1", 200), ("9.12", 200), ("10.3", 405)])
def test_a_group_could_be_read_by_itself_before_version_10_of_data_center(version: str, code: int) -> None:
    with start(flavour=DATA_CENTER, server_version=version) as running, in_a_world_of_its_own(running) as old:
        answer = old.get("group?groupname=jira-administrators&expand=users")
        assert answer.status_code == code
        if answer.ok:
            assert [each["name"] for each in answer.json()["users"]["items"]] == ["admin"]
        assert old.get("group/member?groupname=jira-administrators").status_code == 200


@pytest.mark.parametrize(("version", "code"), [("8.17.1", 204), ("9.12", 204), ("10.3", 405)])
def test_a_version_could_be_deleted_plainly_before_version_10_of_data_center(version: str, code: int) -> None:
    with start(flavour=DATA_CENTER, server_version=version) as running, in_a_world_of_its_own(running) as old:
        made = old.post("version", {"name": "1.0", "project": "TEST"}).json()["id"]
        assert old.delete(f"version/{made}", auth=DC_VIEWER).status_code in (401, 403, 405)
        assert old.delete(f"version/{made}").status_code == code
        assert old.get(f"version/{made}").status_code == (200 if code == 405 else 404)
