"""Who is calling, the lists every site has, users, projects, and how unknown routes are answered [jira 2.1, 2.2, 5]."""

import pytest

from fake_jira import errors
from fake_jira.flavours import Cloud, DataCenter
from fake_jira.model.people import set_tokens_revoked
from fake_jira.model.permissions import revoke
from tests.fake_jira.conftest import ADMIN, VIEWER, WRONG, Jira

SENTENCE = "Client must be authenticated to access this resource."


@pytest.mark.parametrize("who", [None, WRONG, ("", "admin-token"), ("viewer@example.com", "admin-token")])
def test_myself_refuses_what_is_no_good_credential_with_a_bare_sentence(
    jira: Jira, who: tuple[str, str] | None
) -> None:
    answer = jira.get("myself", auth=who)
    assert (answer.status_code, answer.text) == (401, SENTENCE)
    assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert answer.headers["WWW-Authenticate"].startswith("OAuth realm=")
    as_json = jira.get("myself", auth=who, headers={"Accept": "application/json"})
    assert (as_json.text, as_json.headers["Content-Type"]) == (SENTENCE, "application/json")


def test_a_bad_credential_is_told_by_a_header_on_every_answer(jira: Jira) -> None:
    for path in ("serverInfo", "project/search", "myself", "issue/SEC-1", "no/such/route"):
        assert jira.get(path, auth=WRONG).headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
        for who in (ADMIN, None, ("", "x")):
            assert "x-seraph-loginreason" not in jira.get(path, auth=who).headers


def test_a_good_credential_is_told_by_the_account_header(jira: Jira) -> None:
    answer = jira.get("myself")
    assert answer.headers["x-aaccountid"] == answer.json()["accountId"].replace(":", "%3A")
    assert "x-aaccountid" not in jira.get("serverInfo", auth=None).headers


def test_a_revoked_token_is_a_bad_credential_until_it_is_healed(jira: Jira) -> None:
    set_tokens_revoked(jira.site, jira.admin, revoked=True)
    assert jira.get("myself").status_code == 401
    set_tokens_revoked(jira.site, jira.admin, revoked=False)
    assert jira.get("myself").status_code == 200


def test_a_site_may_be_set_to_refuse_bad_credentials(jira: Jira) -> None:
    jira.world.settings = jira.world.settings.changed(bad_basic="refuse")
    answer = jira.get("serverInfo", auth=WRONG)
    assert answer.status_code == 401
    assert answer.text.startswith("Basic authentication with passwords is deprecated.  For more information")


def test_bearer_tokens_do_not_work_on_the_sites_own_host(jira: Jira) -> None:
    opaque = jira.get("serverInfo", auth=None, headers={"Authorization": "Bearer abc"})
    assert (opaque.status_code, opaque.json()) == (403, {"error": "Failed to parse Connect Session Auth Token"})
    jwt = jira.get("serverInfo", auth=None, headers={"Authorization": "Bearer aaa.bbb.ccc"})
    assert (jwt.status_code, jwt.text) == (401, SENTENCE)
    misspelt = jira.get("serverInfo", auth=None, headers={"Authorization": "bearer abc"})
    assert misspelt.status_code == 200


def test_server_info_is_for_anybody_and_says_cloud(jira: Jira) -> None:
    info = jira.get("serverInfo", auth=None).json()
    assert (info["deploymentType"], info["baseUrl"]) == ("Cloud", jira.url)
    tenant = jira.session.get(f"{jira.url}/_edge/tenant_info", timeout=10).json()
    assert tenant == {"cloudId": jira.world.cloud_id}


def test_projects_that_may_not_be_browsed_are_left_out_without_a_word(jira: Jira) -> None:
    assert [each["key"] for each in jira.get("project/search").json()["values"]] == ["SEC", "TEST"]
    assert revoke(jira.site, jira.world.state.projects["10001"], jira.admin, "BROWSE_PROJECTS")
    assert [each["key"] for each in jira.get("project").json()] == ["TEST"]
    found = jira.get("project/search?id=10000&id=10001").json()
    assert ([each["id"] for each in found["values"]], found["total"], found["isLast"]) == (["10000"], 1, True)
    hidden = jira.get("project/SEC")
    assert (hidden.status_code, hidden.json()["errorMessages"]) == (
        404,
        ["No project could be found with key 'SEC'."],
    )
    assert jira.get("project/10001").json()["errorMessages"] == ["No project could be found with id '10001'."]
    assert jira.get("project/search", auth=None).json()["values"] == []


def test_project_search_pages_and_lowers_a_size_that_is_too_big(jira: Jira) -> None:
    page = jira.get("project/search?maxResults=1&keys=SEC&keys=TEST").json()
    assert (page["isLast"], len(page["values"]), page["total"]) == (False, 1, 2)
    following = jira.session.get(page["nextPage"], auth=ADMIN, timeout=10).json()
    assert [each["key"] for each in following["values"]] == ["TEST"]
    assert jira.get("project/search?maxResults=500").json()["maxResults"] == 100


def test_the_lists_of_a_fresh_site(jira: Jira) -> None:
    assert [each["id"] for each in jira.get("statuscategory").json()] == [1, 2, 4, 3]
    assert [each["name"] for each in jira.get("status").json()] == ["To Do", "In Progress", "In Review", "Done"]
    assert jira.get("status/done").json()["id"] == "10003"
    assert jira.get("status/nope").status_code == 404
    assert [each["id"] for each in jira.get("priority").json()] == ["1", "2", "3", "4", "5"]
    assert {each["name"] for each in jira.get("issuetype").json()} == {"Task", "Bug", "Story", "Epic", "Sub-task"}
    assert "statusCategory" in {each["id"] for each in jira.get("field").json()}
    assert len(jira.get("project/SEC/statuses").json()) == 5
    assert jira.get("resolution").json()[0]["name"] == "Done"


def test_users_are_found_by_those_who_are_signed_in(jira: Jira) -> None:
    assert [each["displayName"] for each in jira.get("user/search?query=ada").json()] == ["Ada Admin"]
    assert jira.get("user/search?query=ada", auth=None).json() == []
    assert jira.get("user/search").status_code == 400
    assert [each["displayName"] for each in jira.get("user/assignable/search?project=SEC").json()] == ["Ada Admin"]
    bulk = jira.get(f"user/bulk?accountId={jira.admin.account_id}&accountId=nobody").json()
    assert [each["accountId"] for each in bulk["values"]] == [jira.admin.account_id]
    assert jira.get("user?accountId=nobody").status_code == 404


def test_mypermissions_wants_names_and_fails_whole_for_an_unknown_one(jira: Jira) -> None:
    held = jira.get("mypermissions?permissions=BROWSE_PROJECTS,DELETE_ISSUES&projectKey=SEC", auth=VIEWER).json()
    assert {name: each["havePermission"] for name, each in held["permissions"].items()} == {
        "BROWSE_PROJECTS": True,
        "DELETE_ISSUES": False,
    }
    assert jira.get("mypermissions").status_code == 400
    unknown = jira.get("mypermissions?permissions=BROWSE_PROJECTS,BROWSE_USERS")
    assert unknown.json() == {"errorMessages": [], "errors": {"BROWSE_USERS": "Unrecognized permission"}}
    assert jira.get("mypermissions?permissions=BROWSE_PROJECTS&issueKey=SEC-9").status_code == 404


@pytest.mark.parametrize("name", ["WORK_ON_ISSUES", "VIEW_DEV_TOOLS", "SYSTEM_ADMIN", "BULK_CHANGE"])
def test_mypermissions_knows_the_permissions_that_every_jira_has(jira: Jira, name: str) -> None:
    shown = jira.get(f"mypermissions?permissions={name}").json()["permissions"][name]
    assert (shown["key"], shown["havePermission"]) == (name, True)


@pytest.mark.parametrize("name", ["SHARE_OBJECTS", "GLOBAL_BULK_CHANGE"])
def test_mypermissions_knows_no_permission_that_jira_has_not(jira: Jira, name: str) -> None:
    assert jira.get(f"mypermissions?permissions={name}").status_code == 400


def test_createmeta_pages_by_its_own_names(jira: Jira) -> None:
    types = jira.get("issue/createmeta/SEC/issuetypes?maxResults=2").json()
    assert (len(types["issueTypes"]), types["total"]) == (2, 5)
    fields = jira.get("issue/createmeta/SEC/issuetypes/10002").json()["fields"]
    assert {each["fieldId"] for each in fields if each["required"]} == {"summary", "issuetype", "project"}
    unknown = jira.get("issue/createmeta/SEC/issuetypes/99")
    assert (unknown.status_code, unknown.text) == (404, "")
    too_many = jira.get("issue/createmeta/SEC/issuetypes?maxResults=201")
    assert too_many.json()["errorMessages"] == ["Parameter 'maxResults' must not exceed the limit '200'"]
    assert "deprecated" in jira.get("issue/createmeta?projectKeys=SEC").headers["Warning"]


def test_an_unknown_route_is_a_problem_and_a_wrong_method_too(jira: Jira) -> None:
    unknown = jira.get("nosuch")
    assert unknown.status_code == 404
    assert unknown.headers["Content-Type"] == "application/problem+json;charset=UTF-8"
    assert unknown.json()["detail"] == "No endpoint GET /rest/api/3/nosuch."
    wrong = jira.post("serverInfo", {})
    assert (wrong.status_code, wrong.json()["detail"]) == (405, "Method 'POST' is not supported.")
    assert "GET" in wrong.headers["Allow"]


def test_what_jira_has_and_the_fake_has_not_says_so(jira: Jira) -> None:
    for method, path in (
        ("POST", "workflows/create"),
        ("GET", "workflowscheme/1"),
        ("POST", "dashboard"),
        ("DELETE", "dashboard/1"),
        ("GET", "dashboard"),
    ):
        answer = jira.call(method, path, json={})
        assert answer.status_code == 501, path
        assert "LIMITS.md" in answer.json()["errorMessages"][0]


def test_a_value_that_is_no_number_is_noticed_before_the_issue_is_looked_up(jira: Jira) -> None:
    answer = jira.get("issue/SEC-99/comment?maxResults=abc")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Failed to convert 'maxResults' with value: 'abc'")


@pytest.mark.parametrize(
    "path",
    [
        "search/jql?jql=project=SEC&maxResults=5_0",
        "search/jql?jql=project=SEC&reconcileIssues=abc",
        "project/search?id=abc",
        "project/search?startAt=" + "9" * 5000,
    ],
)
def test_a_value_of_another_kind_is_a_problem(jira: Jira, path: str) -> None:
    answer = jira.get(path)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json;charset=UTF-8"
    assert answer.json()["detail"].startswith("Failed to convert '")


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "issue/picker", "getIssuePickerResource"),
        ("PUT", "issue/archive", "archiveIssues"),
        ("POST", "issue/archive", "archiveIssuesAsync"),
        ("PUT", "issue/unarchive", "unarchiveIssues"),
        ("POST", "issue/properties", "bulkSetIssuesPropertiesList"),
        ("POST", "issue/watching", "getIsWatchingIssueBulk"),
        ("GET", "priority/search", "searchPriorities"),
        ("GET", "resolution/search", "searchResolutions"),
    ],
)
def test_a_word_of_jiras_is_not_taken_for_a_key(jira: Jira, method: str, path: str, operation: str) -> None:
    jira.call(method, path, json=None if method == "GET" else {})
    (entry,) = jira.world.journal.entries({})
    assert entry.operation == operation


def test_a_body_without_a_json_type_is_noticed_before_the_caller(jira: Jira) -> None:
    answer = jira.call("POST", "search/jql", auth=WRONG, data="{}")
    assert (answer.status_code, answer.json()["detail"]) == (415, "Content-Type 'null' is not supported.")
    assert answer.headers["Accept"] == "application/json"


def test_patch_ends_at_the_edge(jira: Jira) -> None:
    answer = jira.call("PATCH", "issue/SEC-1", json={})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/html")


def test_double_and_trailing_slashes_do_not_matter(jira: Jira) -> None:
    assert jira.get("/serverInfo/").status_code == 200


def test_no_error_lacks_its_answer() -> None:
    kinds = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.JiraError)}
    families = {errors.JiraError, errors.GatewayRefusal, errors.OAuthRefusal}  # nobody raises these themselves
    assert kinds - families - {errors.JqlSyntaxError} == set(Cloud.tellers) | set(DataCenter.tellers)
