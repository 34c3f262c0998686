"""Drives of who may what: permissions, project roles, permission, notification and security schemes."""

from fake_jira.model.access import Holder
from fake_jira.model.schemes import add_level, add_security_scheme, assign_security_scheme
from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives
from tests.fake_jira.proof.drives.people import viewer_of


def viewers_actor(jira: Jira) -> str:
    return next(iter(viewer_of(jira).values()))


@drives("cloud", "data-center", "getMyPermissions", "getAllPermissions")
def everybody_can_ask_what_they_may(jira: Jira) -> None:
    asked = {"permissions": "BROWSE_PROJECTS"} if jira.flavour == "cloud" else {}
    held = jira.get("mypermissions", params={**asked, "projectKey": "SEC"}).json()["permissions"]
    assert held["BROWSE_PROJECTS"]["havePermission"] is True
    assert jira.get("permissions").json()["permissions"]["ADMINISTER"]["type"] == "GLOBAL"


@drives("cloud", "getBulkPermissions", "getPermittedProjects")
def permissions_are_checked_in_bulk(jira: Jira) -> None:
    issue = int(jira.site.issue(jira.create()).id)
    places = {"permissions": ["EDIT_ISSUES"], "projects": [10000, 4711], "issues": [issue]}
    asked = {"globalPermissions": ["ADMINISTER"], "projectPermissions": [places]}
    found = jira.post("permissions/check", asked).json()
    assert found["globalPermissions"] == ["ADMINISTER"]
    assert found["projectPermissions"] == [{"permission": "EDIT_ISSUES", "projects": [10000], "issues": [issue]}]
    of_viewer = jira.post("permissions/check", {**asked, **viewer_of(jira)}).json()
    assert of_viewer["projectPermissions"] == [{"permission": "EDIT_ISSUES", "projects": [], "issues": []}]
    permitted = jira.post("permissions/project", {"permissions": ["EDIT_ISSUES"]}).json()["projects"]
    assert {"id": 10001, "key": "SEC"} in permitted


@drives(
    "cloud", "data-center", "createProjectRole", "getAllProjectRoles", "getProjectRoleById", "partialUpdateProjectRole",
    "fullyUpdateProjectRole", "deleteProjectRole", "addProjectRoleActorsToRole", "getProjectRoleActorsForRole",
    "deleteProjectRoleActorsFromRole",
)  # fmt: skip
def a_role_is_made_changed_and_deleted(jira: Jira) -> None:
    role = f"role/{jira.post('role', {'name': 'Testers', 'description': 'They test.'}).json()['id']}"
    assert jira.post("role", {"name": "testers"}).status_code == 409
    assert jira.post(role, {"name": "Reviewers"}).json()["description"] == "They test."
    assert jira.put(role, {"name": "Reviewers", "description": "They review."}).json()["name"] == "Reviewers"
    assert jira.get(role).json()["description"] == "They review."
    assert [each["name"] for each in jira.get("role").json()][-1] == "Reviewers"
    added = jira.post(f"{role}/actors", {"group": ["jira-developers"]}).json()["actors"]
    assert [each["name"] for each in added] == ["jira-developers"]
    assert jira.delete(f"{role}/actors", params={"group": "jira-developers"}).json()["actors"] == []
    assert jira.get(f"{role}/actors").json()["actors"] == []
    assert jira.delete(role).status_code == 204
    assert jira.get(role).status_code == 404
    assert jira.delete("role/10001").status_code == 409  # the default scheme names it


@drives("cloud", "data-center", "getProjectRoles", "getProjectRole", "addActorUsers", "setActors", "deleteActor")
def who_enters_a_role_may_what_the_role_may(jira: Jira) -> None:
    assert jira.get("project/SEC/role").json()["Developers"].endswith("/role/10001")
    role, who = "project/SEC/role/10001", viewers_actor(jira)
    viewer = jira.world.state.user("viewer@example.com")
    assert not jira.world.state.may(viewer, "EDIT_ISSUES", "10001")
    assert len(jira.post(role, {"user": [who]}).json()["actors"]) == 2
    assert jira.world.state.may(viewer, "EDIT_ISSUES", "10001")
    assert jira.delete(role, params={"user": who}).status_code == 204
    assert not jira.world.state.may(viewer, "EDIT_ISSUES", "10001")
    actors = {"categorisedActors": {"atlassian-user-role-actor": [who]}}
    assert [each["displayName"] for each in jira.put(role, actors).json()["actors"]] == ["Vic Viewer"]
    assert len(jira.get(role).json()["actors"]) == 1


@drives("cloud", "getProjectRoleDetails")
def a_project_describes_its_roles(jira: Jira) -> None:
    found = jira.get("project/SEC/roledetails", params={"currentMember": "true"}).json()
    assert [each["name"] for each in found] == ["Users", "Developers", "Administrators"]


@drives(
    "cloud", "data-center", "getAllPermissionSchemes", "createPermissionScheme", "getPermissionScheme",
    "updatePermissionScheme", "deletePermissionScheme", "getPermissionSchemeGrants", "createPermissionGrant",
    "getPermissionSchemeGrant", "deletePermissionSchemeEntity", "assignPermissionScheme",
)  # fmt: skip
def another_permission_scheme_lets_others_in(jira: Jira) -> None:
    grants = [{"permission": "BROWSE_PROJECTS", "holder": {"type": "projectRole", "parameter": "10002"}}]
    made = jira.post("permissionscheme", {"name": "Closed", "permissions": grants}).json()
    scheme = f"permissionscheme/{made['id']}"
    assert jira.put("project/SEC/permissionscheme", {"id": made["id"]}).json()["name"] == "Closed"
    viewer = jira.world.state.user("viewer@example.com")
    assert not jira.world.state.may(viewer, "BROWSE_PROJECTS", "10001")
    everybody = {"permission": "BROWSE_PROJECTS", "holder": {"type": "applicationRole"}}
    grant = jira.post(f"{scheme}/permission", everybody).json()
    assert jira.world.state.may(viewer, "BROWSE_PROJECTS", "10001")
    assert jira.get(f"{scheme}/permission/{grant['id']}").json()["holder"]["type"] == "applicationRole"
    assert len(jira.get(f"{scheme}/permission").json()["permissions"]) == 2
    assert jira.delete(f"{scheme}/permission/{grant['id']}").status_code == 204
    expanded = jira.get(scheme, params={"expand": "all"}).json()["permissions"]
    assert [each["holder"]["parameter"] for each in expanded] == ["10002"]
    assert jira.put(scheme, {"name": "Ajar"}).json()["name"] == "Ajar"
    assert len(jira.get("permissionscheme").json()["permissionSchemes"]) == 2
    assert jira.delete(scheme).status_code == 400  # in use
    spare = jira.post("permissionscheme", {"name": "Spare"}).json()["id"]
    assert jira.delete(f"permissionscheme/{spare}").status_code == 204


@drives("cloud", "data-center", "getAssignedPermissionScheme", "getNotificationSchemes", "getNotificationScheme",
        "getNotificationSchemeForProject")  # fmt: skip
def a_project_tells_its_schemes(jira: Jira) -> None:
    assert jira.get("project/SEC/permissionscheme").json()["id"] == 0
    scheme = jira.get("notificationscheme").json()["values"][0]["id"]
    whole = jira.get(f"notificationscheme/{scheme}", params={"expand": "all"}).json()
    assert whole["notificationSchemeEvents"][0]["event"]["name"] == "Issue created"
    assert jira.get("project/SEC/notificationscheme").json()["id"] == scheme


@drives("cloud", "getNotificationSchemeToProjectMappings")
def notification_schemes_know_their_projects(jira: Jira) -> None:
    found = jira.get("notificationscheme/project", params={"projectId": "10001"}).json()["values"]
    assert found == [{"notificationSchemeId": "10000", "projectId": "10001"}]


def secured(jira: Jira) -> tuple[str, str]:
    """A security scheme with one level for administrators alone, given to SEC: the ids of both."""
    members = [{"type": "projectRole", "parameter": "10002"}, {"type": "reporter"}]
    levels = [{"name": "Secret", "isDefault": False, "members": members}]
    scheme = jira.post("issuesecurityschemes", {"name": "Hush", "description": "", "levels": levels}).json()["id"]
    level = jira.get("issuesecurityschemes/level", params={"schemeId": scheme}).json()["values"][0]["id"]
    given = jira.put("issuesecurityschemes/project", {"projectId": "10001", "schemeId": scheme}, allow_redirects=False)
    assert given.status_code == 303
    return scheme, level


@drives(
    "cloud", "createIssueSecurityScheme", "getSecurityLevels", "associateSchemesToProjects", "getIssueSecuritySchemes",
    "getIssueSecurityScheme", "getIssueSecurityLevel", "getSecurityLevelsForProject", "getProjectIssueSecurityScheme",
    "searchSecuritySchemes", "searchProjectsUsingSecuritySchemes", "getSecurityLevelMembers",
    "getIssueSecurityLevelMembers",
)  # fmt: skip
def a_project_gets_security_levels(jira: Jira) -> None:
    scheme, level = secured(jira)
    assert jira.get(f"securitylevel/{level}").json()["name"] == "Secret"
    assert [each["id"] for each in jira.get("project/SEC/securitylevel").json()["levels"]] == [level]
    assert jira.get("project/SEC/issuesecuritylevelscheme").json()["levels"][0]["id"] == level
    assert jira.get(f"issuesecurityschemes/{scheme}").json()["name"] == "Hush"
    assert jira.get("issuesecurityschemes").json()["issueSecuritySchemes"][0]["id"] == int(scheme)
    assert jira.get("issuesecurityschemes/search").json()["values"][0]["projectIds"] == [10001]
    assert jira.get("issuesecurityschemes/project").json()["values"][0]["projectId"] == "10001"
    assert jira.get("issuesecurityschemes/level/member").json()["total"] == 2
    assert jira.get(f"issuesecurityschemes/{scheme}/members").json()["total"] == 2


@drives(
    "cloud", "addSecurityLevel", "updateSecurityLevel", "setDefaultLevels", "addSecurityLevelMembers",
    "removeMemberFromSecurityLevel", "removeLevel", "updateIssueSecurityScheme", "deleteSecurityScheme",
)  # fmt: skip
def a_security_scheme_is_changed_and_deleted(jira: Jira) -> None:
    scheme, level = secured(jira)
    address = f"issuesecurityschemes/{scheme}"
    assert jira.put(f"{address}/level", {"levels": [{"name": "Open"}]}).status_code == 204
    assert jira.put(f"{address}/level/{level}", {"name": "Top", "description": "d"}).status_code == 204
    default = {"issueSecuritySchemeId": scheme, "defaultLevelId": level}
    assert jira.put("issuesecurityschemes/level/default", {"defaultValues": [default]}).status_code == 204
    assert jira.get(address).json()["defaultSecurityLevelId"] == int(level)
    member = f"{address}/level/{level}/member"
    assert jira.put(member, {"members": [{"type": "group", "parameter": "jira-developers"}]}).status_code == 204
    members = jira.get(f"{address}/members").json()["values"]
    assert jira.delete(f"{member}/{members[-1]['id']}").status_code == 204
    gone = jira.delete(f"{address}/level/{level}", allow_redirects=False)
    assert gone.status_code == 303
    assert jira.put(address, {"name": "Hushed"}).status_code == 204
    assert jira.delete(address).status_code == 400  # in use
    nobody = {"projectId": "10001", "schemeId": "-1"}
    assert jira.put("issuesecurityschemes/project", nobody, allow_redirects=False).status_code == 303
    assert jira.delete(address).status_code == 204


@drives(
    "data-center", "getIssueSecuritySchemes", "getIssueSecurityScheme", "getSecurityLevelsForProject",
    "getProjectIssueSecurityScheme", "getIssueSecurityLevel",
)  # fmt: skip
def a_project_tells_its_security_levels(jira: Jira) -> None:
    """Data Center's API reads them only; they are made on its administration's pages."""
    members = [Holder("projectRole", "10002")]
    scheme = add_level(jira.site, add_security_scheme(jira.site, "Hush"), "Secret", members=members)
    assign_security_scheme(jira.site, jira.world.state.projects["10001"], scheme)
    level = jira.get("project/SEC/securitylevel").json()["levels"][0]["id"]
    assert jira.get(f"securitylevel/{level}").json()["name"] == "Secret"
    assert jira.get("issuesecurityschemes").json()["issueSecuritySchemes"][0]["name"] == "Hush"
    assert jira.get(f"issuesecurityschemes/{scheme.id}").json()["levels"][0]["id"] == level
    assert jira.get("project/SEC/issuesecuritylevelscheme").json()["id"] == int(scheme.id)
