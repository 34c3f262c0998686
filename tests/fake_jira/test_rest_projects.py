"""Projects over the API: making, changing, archiving, trash and deletion, and who may do that."""

from datetime import timedelta
from typing import Any

import pytest

from fake_jira.model.access import PermissionScheme
from fake_jira.model.people import add_user
from fake_jira.model.permissions import grant
from fake_jira.model.tasks import add_task
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira

NOT_YOURS = ["You cannot edit the configuration of this project."]


def viewer(jira: Jira) -> tuple[str, str]:
    return VIEWER if jira.flavour == "cloud" else DC_VIEWER


def new(jira: Jira, key: str = "NEW", name: str = "New", **more: Any) -> dict[str, Any]:
    lead = {"leadAccountId": jira.admin.account_id} if jira.flavour == "cloud" else {"lead": "admin"}
    return {"key": key, "name": name, "projectTypeKey": "software", **lead, **more}


def keys(jira: Jira, query: str) -> list[str]:
    answer = jira.get(f"project/search?{query}")
    assert answer.status_code == 200, answer.text
    return [each["key"] for each in answer.json()["values"]]


def test_a_new_project_takes_issues_and_has_a_number_for_an_id(either: Jira) -> None:
    made = either.post("project", new(either, description="Hello", assigneeType="PROJECT_LEAD")).json()
    assert (made["key"], made["self"].endswith(f"/project/{made['id']}")) == ("NEW", True)
    read = either.get("project/NEW").json()
    assert (read["id"], read["description"], read["assigneeType"]) == (str(made["id"]), "Hello", "PROJECT_LEAD")
    key = either.create("NEW")
    assert key == "NEW-1"
    assert either.get(f"issue/{key}").json()["fields"]["assignee"]["displayName"] == "Ada Admin"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"key": "SEC"}, "projectKey", "Project 'Security' uses this project key."),
        ({"name": "security"}, "projectName", "A project with that name already exists."),
        ({"name": ""}, "projectName", "You must specify a valid project name."),
        ({"name": "x" * 81}, "projectName", "The project name must not exceed 80 characters in length."),
        ({"key": "ABCDEFGHIJK"}, "projectKey", "The project key must not exceed 10 characters in length."),
        ({"key": "a1"}, "projectKey", "Project keys must start with an uppercase letter, followed by one or more "
         "uppercase alphanumeric characters."),
        ({"key": "CON"}, "projectKey", "This keyword is invalid as it is a reserved word on this operating system."),
        ({"leadAccountId": "nobody", "lead": "nobody"}, "projectLead", "You must specify a valid project lead."),
        ({"projectTypeKey": None}, "projectTypeKey", "You must specify a valid project type."),
        ({"categoryId": 77}, "categoryId", "A project category with id '77' does not exist."),
        ({"permissionScheme": 77}, "permissionScheme", "There is no scheme with id '77'."),
        ({"projectTemplateKey": "com.atlassian.servicedesk:simplified-it-service-management"}, "projectTemplateKey",
         "The project template 'com.atlassian.servicedesk:simplified-it-service-management' is not valid for this "
         "project."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_new_project_is_told_by_field(
    either: Jira, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    answer = either.post("project", new(either) | wrong)
    assert (answer.status_code, answer.json()["errors"]) == (400, {field: sentence})


def test_everything_that_a_new_project_lacks_is_told_at_once(either: Jira) -> None:
    answer = either.post("project", {})
    assert set(answer.json()["errors"]) == {"projectName", "projectKey", "projectLead", "projectTypeKey"}


def test_a_template_says_of_which_type_the_project_is(jira: Jira) -> None:
    template = "com.atlassian.jira-core-project-templates:jira-core-simplified-task-tracking"
    jira.post("project", new(jira, projectTypeKey=None, projectTemplateKey=template))
    assert jira.get("project/NEW").json()["projectTypeKey"] == "business"


def test_what_is_not_imitated_of_new_projects_is_refused_aloud(jira: Jira) -> None:
    team = new(jira, projectTemplateKey="com.pyxis.greenhopper.jira:gh-simplified-agility-kanban")
    assert jira.post("project", team).status_code == 501
    assert jira.post("project", new(jira, workflowScheme=5)).status_code == 501
    assert "NEW" not in [each["key"] for each in jira.get("project").json()]


def test_only_admins_make_projects(either: Jira) -> None:
    assert either.post("project", new(either), auth=None).status_code == 401
    assert either.post("project", new(either), auth=viewer(either)).status_code == 403


def test_old_keys_keep_leading_to_the_project_and_its_issues(either: Jira) -> None:
    key = either.create(summary="Kept")
    updated = either.get(f"issue/{key}").json()["fields"]["updated"]
    assert either.put("project/SEC", {"key": "SAFE"}).json()["key"] == "SAFE"
    for found in (either.get("issue/SEC-1").json(), either.get("issue/SAFE-1").json()):
        assert (found["key"], found["fields"]["updated"]) == ("SAFE-1", updated)
    assert either.search("project = SAFE") == ["SAFE-1"]
    assert either.create("SEC") == "SAFE-2"
    taken = either.post("project", new(either, key="SEC"))
    assert taken.json()["errors"] == {"projectKey": "Project 'Security' uses this project key."}


def test_a_key_that_was_released_can_be_used_again(jira: Jira) -> None:
    jira.put("project/SEC", {"key": "SAFE"})
    wrong = jira.put("project/SAFE", {"releasedProjectKeys": ["SAFE"]})
    assert wrong.json()["errorMessages"] == ["The key 'SAFE' is not a previous key of the project."]
    assert jira.put("project/SAFE", {"releasedProjectKeys": ["SEC"]}).status_code == 200
    assert jira.get("project/SEC").status_code == 404
    assert jira.post("project", new(jira, key="SEC")).status_code == 201


def test_project_administrators_change_the_project_and_only_admins_its_key(either: Jira) -> None:
    who = viewer(either)
    refused = either.put("project/SEC", {"name": "Mine"}, auth=who)
    assert (refused.status_code, refused.json()["errorMessages"]) == (403, NOT_YOURS)
    person = either.world.state.user("viewer@example.com")
    assert person is not None
    grant(either.site, either.world.state.projects["10001"], person, "ADMINISTER_PROJECTS")
    assert either.put("project/SEC", {"name": "Mine", "key": "SEC"}, auth=who).json()["name"] == "Mine"
    assert either.put("project/SEC", {"key": "MINE"}, auth=who).status_code == 403
    assert either.put("project/SEC", {"permissionScheme": 0}, auth=who).status_code in (200, 400)
    assert either.put("project/NONE", {"name": "x"}).status_code == 404


def test_a_project_may_be_given_the_name_and_the_key_that_it_has(either: Jira) -> None:
    assert either.put("project/SEC", {"name": "Security", "key": "SEC"}).status_code == 200


def test_another_permission_scheme_takes_effect_at_once(either: Jira) -> None:
    schemes = either.world.state.permission_schemes
    schemes["77"] = PermissionScheme("77", "Closed")
    assert either.get("project/SEC", auth=viewer(either)).status_code == 200
    assert either.put("project/SEC", {"permissionScheme": 77}).status_code == 200
    assert either.get("project/SEC", auth=viewer(either)).status_code == 404


def test_a_project_in_the_trash_is_gone_for_everybody_until_it_is_restored(jira: Jira) -> None:
    key = jira.create()
    assert jira.delete("project/SEC?enableUndo=true").status_code == 204
    assert jira.get("project/SEC").status_code == 404
    gone = jira.get(f"issue/{key}")
    assert (gone.status_code, gone.json()["errorMessages"]) == (
        404,
        ["Issue does not exist or you do not have permission to see it."],
    )
    assert jira.search("project = SEC") == []
    assert keys(jira, "") == ["TEST"]
    assert keys(jira, "status=deleted") == ["SEC"]
    assert jira.call("GET", "project/search?status=deleted", auth=VIEWER).json()["values"] == []
    assert jira.post("project", new(jira, key="SEC")).status_code == 400
    assert jira.post("project/SEC/restore", {}, auth=VIEWER).status_code == 404
    assert jira.post("project/SEC/restore", {}).status_code == 200
    assert jira.get(f"issue/{key}").json()["key"] == key
    assert jira.search("project = SEC") == [key]
    assert jira.post("project/SEC/restore", {}).status_code == 400


def test_the_trash_says_until_when_a_project_can_be_restored(jira: Jira) -> None:
    jira.delete("project/SEC?enableUndo=true")
    (gone,) = jira.get("project/search?status=deleted").json()["values"]
    assert gone["retentionTillDate"] > gone["deletedDate"]
    assert (gone["deleted"], gone["deletedBy"]["displayName"]) == (True, "Ada Admin")


def test_a_deleted_project_leaves_nothing_behind(either: Jira) -> None:
    key = either.create()
    other = either.create("TEST")
    either.post("version", {"name": "1.0", "projectId": 10001})
    either.post("component", {"name": "Core", "project": "SEC"})
    assert either.delete("project/SEC").status_code == 204
    assert either.get(f"issue/{key}").status_code == 404
    assert (either.get("version/10000").status_code, either.get("component/10000").status_code) == (404, 404)
    assert either.get(f"issue/{other}").status_code == 200
    made = either.post("project", new(either, key="SEC", name="Security")).json()
    assert int(made["id"]) > 10001
    assert either.create("SEC") == "SEC-1"
    assert either.get("issue/SEC-1").json()["id"] not in ("10000", "10001")


def test_only_admins_delete_projects(either: Jira) -> None:
    refused = either.delete("project/SEC", auth=viewer(either))
    assert refused.status_code == (404 if either.flavour == "cloud" else 403)
    assert either.delete("project/SEC", auth=None).status_code in (401, 404)
    assert either.get("project/SEC").status_code == 200


def test_an_archived_project_is_read_and_not_written_or_searched(either: Jira) -> None:
    key = either.create()
    either.call("POST", f"issue/{key}/watchers", auth=viewer(either))
    method = "POST" if either.flavour == "cloud" else "PUT"
    assert either.call(method, "project/SEC/archive", auth=viewer(either)).status_code == 403
    assert either.call(method, "project/SEC/archive").status_code == 204
    assert either.get(f"issue/{key}").status_code == 200
    assert len(either.get(f"issue/{key}/watchers").json()["watchers"]) == 2
    assert either.put(f"issue/{key}", {"fields": {"summary": "No"}}).status_code == 403
    assert either.put("project/SEC", {"name": "No"}).status_code == 403
    assert either.post("version", {"name": "1.0", "projectId": 10001}).status_code >= 400
    assert either.search("project = SEC") == []
    assert [each["key"] for each in either.get("project").json()] == ["OPS", "TEST"][either.flavour == "cloud" :]
    again = either.call(method, "project/SEC/archive")
    assert again.status_code == (400 if either.flavour == "cloud" else 403)
    assert either.delete("project/SEC").status_code == 400
    assert either.call(method, "project/SEC/restore").status_code == (200 if either.flavour == "cloud" else 202)
    assert either.put(f"issue/{key}", {"fields": {"summary": "Yes"}}).status_code == 204
    assert either.search("project = SEC") == [key]


def test_who_archived_a_project_is_told(jira: Jira) -> None:
    jira.call("POST", "project/SEC/archive")
    shown = jira.get("project/SEC").json()
    assert (shown["archived"], shown["archivedBy"]["displayName"]) == (True, "Ada Admin")
    assert keys(jira, "status=archived") == ["SEC"]
    assert keys(jira, "status=archived&status=live") == ["SEC", "TEST"]


def test_project_search_finds_by_all_its_parameters(jira: Jira) -> None:
    category = jira.post("projectCategory", {"name": "Inner"}).json()["id"]
    jira.post("project", new(jira, key="BIZ", name="Business", projectTypeKey="business", categoryId=int(category)))
    jira.put("project/BIZ/properties/where", {"floor": {"number": 3}})
    jira.create("TEST"), jira.create("TEST"), jira.create("SEC")
    assert keys(jira, "typeKey=business") == ["BIZ"]
    assert keys(jira, f"categoryId={category}") == ["BIZ"]
    assert keys(jira, "query=secur") == ["SEC"]
    assert keys(jira, "keys=SEC,NONE") == ["SEC"]
    assert keys(jira, "propertyQuery=[where].floor.number=3") == ["BIZ"]
    assert keys(jira, "propertyQuery=[where].floor.number=4") == []
    assert keys(jira, "orderBy=-issueCount") == ["TEST", "SEC", "BIZ"]
    assert keys(jira, "orderBy=-lastIssueUpdatedTime")[-1] == "BIZ"
    assert keys(jira, "orderBy=category") == ["BIZ", "SEC", "TEST"]
    assert keys(jira, "orderBy=-name") == ["TEST", "SEC", "BIZ"]
    assert keys(jira, "action=create") == ["BIZ", "SEC", "TEST"]
    viewed = jira.get("project/search?action=create", auth=VIEWER).json()
    assert viewed["values"] == []
    (shown,) = jira.get("project/search?keys=BIZ&expand=lead,insight,projectKeys&properties=where").json()["values"]
    assert shown["properties"] == {"where": {"floor": {"number": 3}}}
    assert (shown["insight"], shown["projectKeys"]) == ({"totalIssueCount": 0}, ["BIZ"])


@pytest.mark.parametrize(
    "query", ["action=fly", "orderBy=size", "status=lost", "propertyQuery=where", "keys=A" + ",A" * 50]
)
def test_a_project_search_that_cannot_be_is_refused(jira: Jira, query: str) -> None:
    assert jira.get(f"project/search?{query}").status_code == 400


def test_the_projects_looked_at_last_are_each_users_own(jira: Jira) -> None:
    jira.get("project/SEC"), jira.get("project/TEST"), jira.get("project/SEC")
    assert [each["key"] for each in jira.get("project/recent").json()] == ["SEC", "TEST"]
    assert [each["key"] for each in jira.get("project?recent=1").json()] == ["SEC"]
    jira.get(f"issue/{jira.create('TEST')}?updateHistory=true")
    assert [each["key"] for each in jira.get("project/recent").json()] == ["TEST", "SEC"]
    assert jira.get("project/recent", auth=VIEWER).json() == []
    assert jira.get("project/recent", auth=None).json() == []


def test_a_task_is_shown_to_who_made_it_and_to_admins(jira: Jira) -> None:
    person = add_user(jira.site, "mia@example.com", "Mia", "mia-token")
    theirs = add_task(jira.site, "Theirs", person, result={"done": 1})
    assert jira.get(f"task/{theirs.id}", auth=("mia@example.com", "mia-token")).json()["result"] == {"done": 1}
    assert jira.get(f"task/{theirs.id}").status_code == 200
    assert jira.get(f"task/{theirs.id}", auth=VIEWER).status_code == 403
    assert jira.get(f"task/{theirs.id}", auth=None).status_code == 401
    assert jira.get("task/1").status_code == 404


def test_a_task_runs_by_the_clock_and_is_forgotten_after_a_fortnight(jira: Jira) -> None:
    task = add_task(jira.site, "Long", jira.admin, seconds=100)
    jira.world.clock.advance(timedelta(seconds=50))
    assert (jira.get(f"task/{task.id}").json()["status"], jira.get(f"task/{task.id}").json()["progress"]) == (
        "RUNNING",
        50,
    )
    jira.world.clock.advance(timedelta(seconds=50))
    done = jira.get(f"task/{task.id}").json()
    assert (done["status"], done["elapsedRuntime"], done["finished"] - done["started"]) == (
        "COMPLETE",
        100_000,
        100_000,
    )
    assert jira.post(f"task/{task.id}/cancel", {}).status_code == 400
    jira.world.clock.advance(timedelta(days=14))
    assert jira.get(f"task/{task.id}").status_code == 404


def test_properties_of_a_project_are_for_who_may_administer_it(either: Jira) -> None:
    here = "project/SEC/properties/level"
    assert either.put(here, {"a": [1, None]}).status_code == 201
    assert either.put(here, {"a": 2}).status_code == 200
    assert either.get(here, auth=viewer(either)).json()["value"] == {"a": 2}
    assert either.put(here, {"a": 3}, auth=viewer(either)).status_code == 403
    assert either.delete(here, auth=viewer(either)).status_code == 403
    assert either.call("PUT", here, data="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert either.delete(here).status_code == 204
    assert (either.get(here).status_code, either.delete(here).status_code) == (404, 404)


def test_a_category_has_a_name_of_its_own(either: Jira) -> None:
    made = either.post("projectCategory", {"name": "Inner", "description": "Ours"})
    assert (made.status_code, made.json()["description"]) == (201, "Ours")
    assert either.post("projectCategory", {"name": "inner"}).status_code == 409
    assert either.post("projectCategory", {"name": " "}).status_code == 400
    assert either.post("projectCategory", {"name": "x" * 256}).status_code == 400
    assert either.post("projectCategory", {"name": "Outer"}, auth=viewer(either)).status_code == 403
    assert either.get("projectCategory", auth=None).status_code == 401
    assert either.get("projectCategory/99").status_code == 404
    either.put("project/SEC", {"categoryId": int(made.json()["id"])})
    key = either.create()
    assert either.get(f"issue/{key}").json()["fields"]["project"]["projectCategory"]["name"] == "Inner"
    either.put("project/SEC", {"categoryId": -1})
    assert "projectCategory" not in either.get("project/SEC").json()


def test_a_valid_key_is_made_of_any_words(jira: Jira) -> None:
    made = {
        asked: jira.get("projectvalidate/validProjectKey", params={"key": asked}).json() for asked in ("ok", "", "7x")
    }
    assert made == {"ok": "OK", "": "KEY", "7x": "XKEY"}
    assert jira.get("projectvalidate/validProjectName?name=").status_code == 400
    assert jira.get("projectvalidate/key?key=a", auth=None).status_code == 401


def test_the_picker_finds_by_key_and_by_the_beginning_of_words(data_center: Jira) -> None:
    data_center.post("project", new(data_center, key="FAR", name="Far away & secure"))
    told = data_center.get("projects/picker?query=sec").json()
    assert [each["key"] for each in told["projects"]] == ["FAR", "SEC"]
    assert data_center.get("projects/picker?query=").json()["total"] == 0
    assert (
        data_center.get("projects/picker?query=&allowEmptyQuery=true&maxResults=1")
        .json()["header"]
        .startswith("Showing 1 of")
    )
    assert told["projects"][0]["html"] == "Far away &amp; <strong>sec</strong>ure (FAR)"


def test_settings_are_for_admins(either: Jira) -> None:
    assert either.get("application-properties/advanced-settings", auth=viewer(either)).status_code == 403
    assert either.get("settings/columns", auth=None).status_code == 401
    assert either.get("configuration", auth=viewer(either)).status_code == 200


def test_application_properties_are_found_by_key_and_by_pattern(jira: Jira) -> None:
    listed = jira.get("application-properties?keyFilter=jira[.]date.*").json()
    assert len(listed) == 4
    assert jira.get("application-properties?keyFilter=(").status_code == 400
    assert jira.get("application-properties?permissionLevel=NOBODY").status_code == 400
    assert jira.get("application-properties?key=nothing").status_code == 404


def test_a_page_without_items_leads_nowhere(jira: Jira) -> None:
    page = jira.get("project/search?maxResults=0").json()
    assert (page["total"], page["values"], page["isLast"]) == (2, [], False)
    assert "nextPage" not in page
    assert "startAt=1" in jira.get("project/search?maxResults=1").json()["nextPage"]
