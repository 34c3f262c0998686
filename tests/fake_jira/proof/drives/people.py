"""Drives of what is asked about people: oneself, users, searches, properties, preferences, groups and pickers."""

from tests.fake_jira.conftest import DC_ADMIN, DC_VIEWER, VIEWER, Jira
from tests.fake_jira.proof.drives import drives


def viewer_of(jira: Jira) -> dict[str, str]:
    """What names the viewer in a query."""
    who = jira.world.state.user("viewer@example.com")
    assert who is not None
    return {"accountId": who.account_id} if jira.flavour == "cloud" else {"username": who.name}


def named(jira: Jira) -> str:
    return "query" if jira.flavour == "cloud" else "username"


@drives("cloud", "data-center", "getCurrentUser", "getUser")
def people_show_their_groups_when_asked(jira: Jira) -> None:
    me = jira.get("myself", params={"expand": "groups,applicationRoles"} if jira.flavour == "cloud" else {}).json()
    assert me["groups"]["size"] == 3
    other = jira.get("user", params=viewer_of(jira)).json()
    assert other["displayName"] == "Vic Viewer"


@drives("cloud", "createUser", "removeUser", "getAllUsers", "getAllUsersDefault", "bulkGetUsers", "getUserGroups")
def somebody_is_invited_works_and_leaves(jira: Jira) -> None:
    given = {"emailAddress": "mia@example.com", "products": ["jira-software"], "displayName": "Mia"}
    mia = jira.post("user", given).json()["accountId"]
    assert jira.post("user", given).json()["accountId"] == mia
    groups = jira.get("user/groups", params={"accountId": mia}).json()
    assert [each["name"] for each in groups] == ["jira-developers", "jira-software-users"]
    assert jira.get("user/bulk", params={"accountId": [mia]}).json()["values"][0]["displayName"] == "Mia"
    assert jira.delete("user", params={"accountId": mia}).status_code == 204
    assert jira.get("user", params={"accountId": mia}).status_code == 404
    assert "Former user" in [each["displayName"] for each in jira.get("users/search").json()]
    assert len(jira.get("users").json()) == 3


@drives("cloud", "bulkGetUsersMigration")
def names_of_old_lead_to_account_ids(jira: Jira) -> None:
    found = jira.get("user/bulk/migration", params={"username": "viewer"}).json()
    assert found == [{"username": "viewer", **viewer_of(jira)}]


@drives("data-center", "createUser", "updateUser1", "removeUser", "getUserList", "changeUserPassword")
def somebody_is_made_renamed_and_deactivated(jira: Jira) -> None:
    given = {"name": "mia", "emailAddress": "mia@example.com", "displayName": "Mia", "password": "first"}
    key = jira.post("user", given).json()["key"]
    assert jira.put("user", {"name": "mia2", "active": False}, params={"username": "mia"}).json()["key"] == key
    assert jira.get("myself", auth=("mia2", "first")).status_code == 401
    assert jira.put("user", {"active": True}, params={"key": key}).json()["name"] == "mia2"
    assert jira.put("user/password", {"password": "second"}, params={"username": "mia2"}).status_code == 204
    assert jira.get("myself", auth=("mia2", "second")).json()["displayName"] == "Mia"
    assert [each["name"] for each in jira.get("user/list").json()["values"]] == ["admin", "viewer", "mia2"]
    assert jira.delete("user", params={"username": "mia2"}).status_code == 204
    assert jira.delete("user", params={"username": "admin"}).status_code == 400  # leads projects


@drives("data-center", "updateUser", "changeMyPassword")
def everybody_may_change_their_own_name_and_password(jira: Jira) -> None:
    given = {"displayName": "Ada", "password": DC_ADMIN[1]}
    assert jira.put("myself", given).json()["displayName"] == "Ada"
    assert jira.put("myself/password", {"password": "new", "currentPassword": "wrong"}).status_code == 400
    assert jira.put("myself/password", {"password": "new", "currentPassword": DC_ADMIN[1]}).status_code == 204
    assert jira.get("myself", auth=("admin", "new")).status_code == 200


@drives("cloud", "data-center", "findUsers", "findAssignableUsers", "findBulkAssignableUsers")
def people_are_found_by_their_names(jira: Jira) -> None:
    asked = {named(jira): "a"}
    assert "Ada Admin" in [each["displayName"] for each in jira.get("user/search", params=asked).json()]
    one = jira.get("user/assignable/search", params={**asked, "project": "SEC"}).json()
    assert [each["displayName"] for each in one] == ["Ada Admin"]
    several = jira.get("user/assignable/multiProjectSearch", params={**asked, "projectKeys": "SEC,TEST"}).json()
    assert several == one


@drives("cloud", "data-center", "findUsersWithAllPermissions", "findUsersWithBrowsePermission", "findUsersForPicker")
def people_are_found_by_what_they_may(jira: Jira) -> None:
    key, asked = jira.create(), {named(jira): "vi"}
    assert jira.get("user/viewissue/search", params={**asked, "issueKey": key}).json()[0]["displayName"] == "Vic Viewer"
    holders = {**asked, "projectKey": "SEC", "permissions": "EDIT_ISSUES"}
    assert jira.get("user/permission/search", params=holders).json() == []
    picked = jira.get("user/picker", params={"query": "vi", "showAvatar": "true"}).json()
    assert picked["users"][0]["html"].startswith("<strong>Vi</strong>c Viewer")
    assert picked["header"] == "Showing 1 of 1 matching users"


@drives("cloud", "findUsersByQuery", "findUserKeysByQuery")
def people_are_found_by_a_sentence(jira: Jira) -> None:
    key, me = jira.create(), jira.admin
    sentence = f"is reporter of ({key}) AND [desk].floor is '3'"
    assert jira.get("user/search/query", params={"query": sentence}).json()["total"] == 0
    jira.put("user/properties/desk", {"floor": "3"})
    assert jira.get("user/search/query", params={"query": sentence}).json()["values"][0]["accountId"] == me.account_id
    found = jira.get("user/search/query/key", params={"query": "is reporter of SEC OR is voter of SEC"}).json()
    assert found["values"] == [{"accountId": me.account_id, "key": me.key}]


@drives("cloud", "data-center", "getUserPropertyKeys", "setUserProperty", "getUserProperty", "deleteUserProperty")
def users_carry_properties(jira: Jira) -> None:
    whose = {"params": viewer_of(jira)}
    assert jira.put("user/properties/desk", "by the window", **whose).status_code == 201
    assert jira.put("user/properties/desk", "near the door", **whose).status_code == 200
    assert jira.get("user/properties/desk", **whose).json()["value"] == "near the door"
    assert [each["key"] for each in jira.get("user/properties", **whose).json()["keys"]] == ["desk"]
    assert jira.delete("user/properties/desk", **whose).status_code == 204
    assert jira.get("user/properties/desk", **whose).status_code == 404


@drives("cloud", "data-center", "setPreference", "getPreference", "removePreference")
def preferences_are_kept(jira: Jira) -> None:
    key = {"params": {"key": "colour"}}
    assert jira.put("mypreferences", "green", **key).status_code == 204
    assert jira.get("mypreferences", **key).json() == "green"
    assert jira.delete("mypreferences", **key).status_code == 204
    assert jira.get("mypreferences", **key).status_code == 404


@drives("cloud", "getLocale", "setLocale")
def a_locale_is_chosen(jira: Jira) -> None:
    assert jira.put("mypreferences/locale", {"locale": "de_DE"}).status_code == 204
    assert jira.get("mypreferences/locale").json() == {"locale": "de_DE"}


@drives("cloud", "data-center", "getUserDefaultColumns", "setUserColumns", "resetUserColumns")
def columns_are_chosen_and_reset(jira: Jira) -> None:
    before = jira.get("user/columns").json()
    assert jira.call("PUT", "user/columns", data={"columns": ["summary", "status"]}).status_code == 200
    assert [each["value"] for each in jira.get("user/columns").json()] == ["summary", "status"]
    assert jira.delete("user/columns").status_code == 204
    assert jira.get("user/columns").json() == before


@drives(
    "cloud", "data-center", "createGroup", "addUserToGroup", "getUsersFromGroup", "removeUserFromGroup", "removeGroup"
)
def a_group_is_made_joined_left_and_removed(jira: Jira) -> None:
    assert jira.post("group", {"name": "night shift"}).status_code == 201
    assert jira.post("group", {"name": "Night Shift"}).status_code == 400
    group, who = {"groupname": "night shift"}, viewer_of(jira)
    body = who if jira.flavour == "cloud" else {"name": who["username"]}
    assert jira.post("group/user", body, params=group).json()["users"]["size"] == 1
    assert jira.get("group/member", params=group).json()["values"][0]["displayName"] == "Vic Viewer"
    assert jira.delete("group/user", params={**group, **who}).status_code == 200
    assert jira.get("group/member", params=group).json()["total"] == 0
    assert jira.delete("group", params=group).status_code == 200
    assert jira.get("group/member", params=group).status_code == 404


@drives("cloud", "getGroup", "bulkGetGroups")
def groups_are_found_by_id_and_level(jira: Jira) -> None:
    admins = jira.get("group/bulk", params={"accessType": "admin"}).json()["values"]
    assert [each["name"] for each in admins] == ["jira-administrators"]
    group = jira.get("group", params={"groupId": admins[0]["groupId"], "expand": "users"}).json()
    assert [each["displayName"] for each in group["users"]["items"]] == ["Ada Admin"]


@drives("cloud", "data-center", "findGroups", "findUsersAndGroups")
def groups_are_picked(jira: Jira) -> None:
    found = jira.get("groups/picker", params={"query": "dev"}).json()
    assert found["groups"][0]["html"] == "jira-<strong>dev</strong>elopers"
    both = jira.get("groupuserpicker", params={"query": "adm"}).json()
    assert (both["users"]["total"], both["groups"]["total"]) == (1, 1)


@drives("cloud", "data-center", "getAllApplicationRoles", "getApplicationRole")
def the_product_counts_its_users(jira: Jira) -> None:
    assert jira.get("applicationrole").json() == [jira.get("applicationrole/jira-software").json()]
    assert jira.get("applicationrole/jira-software").json()["userCount"] == 2
    auth = VIEWER if jira.flavour == "cloud" else DC_VIEWER
    assert jira.get("applicationrole", auth=auth).status_code == 403
