"""Projects: made, changed, put away, deleted; their categories, properties and pictures; tasks."""

from typing import Any

from fake_jira.model.tasks import add_task
from tests.fake_jira.conftest import DC_ADMIN, Jira
from tests.fake_jira.proof.drives import drives

BOTH = ("cloud", "data-center")


def lead(jira: Jira) -> dict[str, str]:
    """The admin, as the lead of a project."""
    return {"leadAccountId": jira.admin.account_id} if jira.flavour == "cloud" else {"lead": DC_ADMIN[0]}


def project(jira: Jira, key: str = "NEW", **more: Any) -> Any:
    given = {"key": key, "name": f"The {key}", "projectTypeKey": "software"} | lead(jira) | more
    answer = jira.post("project", given)
    assert answer.status_code == 201, answer.text
    return answer.json()


@drives(*BOTH, "createProject", "updateProject", "getProject")
def a_project_is_made_and_gets_another_key(jira: Jira) -> None:
    made = project(jira, description="Something new", assigneeType="PROJECT_LEAD", url="https://example.com")
    key = jira.create("NEW")
    told = jira.put("project/NEW?expand=projectKeys", {"key": "NEWER", "name": "Newer"}).json()
    assert (told["key"], told["projectKeys"]) == ("NEWER", ["NEWER", "NEW"])
    assert jira.get("project/NEW").json()["id"] == str(made["id"])
    assert jira.get(f"issue/{key}").json()["key"] == "NEWER-1"


@drives("cloud", "deleteProject", "restore", "searchProjects")
def a_project_is_deleted_and_comes_back(jira: Jira) -> None:
    key = jira.create()
    assert jira.delete("project/SEC?enableUndo=true").status_code == 204
    assert jira.get(f"issue/{key}").status_code == 404
    (gone,) = jira.get("project/search?status=deleted&orderBy=-deletedDate").json()["values"]
    assert (gone["deleted"], gone["deletedBy"]["displayName"]) == (True, "Ada Admin")
    assert jira.post("project/SEC/restore", None).status_code == 200
    assert jira.get(f"issue/{key}").status_code == 200


@drives("data-center", "deleteProject")
def a_project_is_deleted(jira: Jira) -> None:
    assert jira.delete("project/SEC").status_code == 204
    assert jira.get("project/SEC").status_code == 404


@drives("cloud", "deleteProjectAsynchronously", "getTask")
def a_project_is_deleted_by_a_task(jira: Jira) -> None:
    answer = jira.post("project/SEC/delete", None, allow_redirects=False)
    assert answer.status_code == 303
    task = jira.get(f"task/{answer.headers['Location'].rpartition('/')[2]}").json()
    assert (task["status"], task["progress"]) == ("COMPLETE", 100)


@drives("cloud", "getTask", "cancelTask")
def a_task_is_stopped(jira: Jira) -> None:
    task = add_task(jira.site, "Something long", jira.admin, seconds=60)
    assert jira.get(f"task/{task.id}").json()["status"] == "RUNNING"
    assert jira.post(f"task/{task.id}/cancel", None).status_code == 202
    assert jira.get(f"task/{task.id}").json()["status"] == "CANCELLED"


@drives("cloud", "archiveProject", "restore")
def a_project_is_archived_and_brought_back(jira: Jira) -> None:
    key = jira.create()
    assert jira.post("project/SEC/archive", None).status_code == 204
    assert jira.put(f"issue/{key}", {"fields": {"summary": "No"}}).status_code == 403
    assert jira.get("project/search?status=archived").json()["values"][0]["archivedBy"]["displayName"] == "Ada Admin"
    assert jira.post("project/SEC/restore", None).json()["key"] == "SEC"
    assert jira.search("project = SEC") == [key]


@drives("data-center", "archiveProject", "restoreProject", "getAllProjects")
def a_project_is_archived_and_restored(jira: Jira) -> None:
    assert jira.put("project/SEC/archive", None).status_code == 204
    assert "SEC" not in [each["key"] for each in jira.get("project").json()]
    assert "SEC" in [each["key"] for each in jira.get("project?includeArchived=true").json()]
    assert jira.put("project/SEC/restore", None).status_code == 202
    assert not jira.get("project/SEC").json()["archived"]


@drives("cloud", "getRecent")
def the_project_that_was_looked_at_last_comes_first(jira: Jira) -> None:
    for key in ("SEC", "TEST"):
        jira.get(f"project/{key}")
    told = jira.get("project/recent?expand=permissions,insight").json()
    assert [(each["key"], each["permissions"]["canEdit"]) for each in told] == [("TEST", True), ("SEC", True)]


@drives("cloud", "getHierarchy")
def the_types_of_a_project_are_in_levels(jira: Jira) -> None:
    levels = jira.get("project/10001/hierarchy").json()["hierarchy"]
    assert [(each["level"], len(each["issueTypes"])) for each in levels] == [(1, 1), (0, 3), (-1, 1)]
    assert jira.get("project/SEC?expand=issueTypeHierarchy").json()["issueTypeHierarchy"]["baseLevelId"] == 0


@drives(*BOTH, "getAllProjectTypes", "getProjectTypeByKey", "getAccessibleProjectTypeByKey")
def the_types_of_projects_are_known(jira: Jira) -> None:
    listed = jira.get("project/type").json()
    assert jira.get("project/type/software").json() in listed
    assert jira.get("project/type/software/accessible").json()["formattedKey"] == "Software"


@drives("cloud", "getAllAccessibleProjectTypes")
def the_licensed_types_of_projects_are_known(jira: Jira) -> None:
    assert len(jira.get("project/type/accessible").json()) == 3


@drives("data-center", "updateProjectType")
def a_project_becomes_one_of_another_type(jira: Jira) -> None:
    assert jira.put("project/SEC/type/business", None).json()["projectTypeKey"] == "business"


@drives(*BOTH, "validateProjectKey")
def a_key_is_validated(jira: Jira) -> None:
    assert jira.get("projectvalidate/key?key=FREE").json()["errors"] == {}
    assert jira.get("projectvalidate/key?key=SEC").json()["errors"] == {
        "projectKey": "Project 'Security' uses this project key."
    }


@drives("cloud", "getValidProjectKey", "getValidProjectName")
def a_valid_key_and_a_valid_name_are_found(jira: Jira) -> None:
    assert jira.get("projectvalidate/validProjectKey?key=SEC").json() == "SEC2"
    assert jira.get("projectvalidate/validProjectName?name=Security").json() == "Security 2"


@drives("data-center", "searchForProjects")
def a_project_is_picked_by_the_beginning_of_a_word(jira: Jira) -> None:
    told = jira.get("projects/picker?query=secu").json()
    assert (told["header"], told["projects"][0]["html"]) == (
        "Showing 1 of 1 matching projects",
        "<strong>Secu</strong>rity (SEC)",
    )


@drives(
    *BOTH,
    "createProjectCategory",
    "getAllProjectCategories",
    "getProjectCategoryById",
    "updateProjectCategory",
    "removeProjectCategory",
)
def a_category_is_made_used_and_removed(jira: Jira) -> None:
    made = jira.post("projectCategory", {"name": "Inner", "description": "What is ours"}).json()
    jira.put("project/SEC", {"categoryId": int(made["id"])})
    assert jira.put(f"projectCategory/{made['id']}", {"name": "Inside"}).json()["description"] == "What is ours"
    assert jira.get("project/SEC").json()["projectCategory"]["name"] == "Inside"
    assert jira.get(f"projectCategory/{made['id']}").json() in jira.get("projectCategory").json()
    assert jira.delete(f"projectCategory/{made['id']}").status_code == 204
    assert "projectCategory" not in jira.get("project/SEC").json()


@drives(*BOTH, "getProjectPropertyKeys", "getProjectProperty", "setProjectProperty", "deleteProjectProperty")
def a_project_keeps_properties(jira: Jira) -> None:
    here = "project/SEC/properties"
    assert jira.put(f"{here}/level", "high").status_code == 201
    assert jira.put(f"{here}/level", "low").status_code == 200
    assert jira.get(f"{here}/level").json() == {"key": "level", "value": "low"}
    assert [each["key"] for each in jira.get(here).json()["keys"]] == ["level"]
    assert jira.delete(f"{here}/level").status_code == 204


@drives("cloud", "getProjectEmail", "updateProjectEmail")
def the_mails_of_a_project_come_from_its_own_address(jira: Jira) -> None:
    assert jira.put("project/10001/email", {"emailAddress": "sec@example.com"}).status_code == 204
    assert jira.get("project/10001/email").json()["emailAddress"] == "sec@example.com"


@drives(*BOTH, "getAllProjectAvatars", "updateProjectAvatar")
def a_project_gets_another_picture(jira: Jira) -> None:
    listed = jira.get("project/SEC/avatars").json()["system"]
    assert jira.put("project/SEC/avatar", {"id": listed[3]["id"]}).status_code == 204
    assert jira.get("project/SEC/avatars").json()["system"][3]["isSelected"]
