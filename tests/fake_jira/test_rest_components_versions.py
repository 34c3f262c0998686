"""Components, versions and issue types over the API, and the issues that have them."""

from datetime import timedelta
from typing import Any

import pytest

from fake_jira.model.people import add_user
from fake_jira.model.records import User
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira


def viewer(jira: Jira) -> tuple[str, str]:
    return VIEWER if jira.flavour == "cloud" else DC_VIEWER


def component(jira: Jira, name: str, **more: Any) -> Any:
    answer = jira.post("component", {"name": name, "project": "SEC"} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def version(jira: Jira, name: str, **more: Any) -> Any:
    answer = jira.post("version", {"name": name, "projectId": 10001} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def person(jira: Jira) -> User:
    return add_user(jira.site, "mia@example.com", "Mia", "mia-secret")


def lead(jira: Jira, who: User) -> dict[str, str]:
    return {"leadAccountId": who.account_id} if jira.flavour == "cloud" else {"leadUserName": who.name}


def fields(jira: Jira, key: str) -> Any:
    return jira.get(f"issue/{key}").json()["fields"]


def named(shown: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in shown]


def changes(jira: Jira, key: str) -> list[tuple[str, Any, Any]]:
    """Every item of the changelog, the oldest first."""
    histories = jira.get(f"issue/{key}?expand=changelog").json()["changelog"]["histories"]
    if jira.flavour == "cloud":
        histories.reverse()
    return [(x["field"], x["fromString"], x["toString"]) for each in histories for x in each["items"]]


def test_an_issue_has_components_and_versions_by_name_or_id(either: Jira) -> None:
    core, first = component(either, "Core", description="The middle"), version(either, "1.0", releaseDate="2027-01-31")
    key = either.create(components=[{"id": core["id"]}], fixVersions=[{"name": "1.0"}], versions=[{"id": first["id"]}])
    shown = fields(either, key)
    assert shown["components"] == [
        {"self": core["self"], "id": core["id"], "name": "Core", "description": "The middle"}
    ]
    assert shown["versions"] == shown["fixVersions"]
    assert (shown["versions"][0]["releaseDate"], shown["versions"][0]["released"]) == ("2027-01-31", False)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"components": [{"name": "None"}]}, "Component name 'None' is not valid"),
        ({"components": [{"id": "77"}]}, "Component id '77' is not valid"),
        ({"components": [{"id": "10000"}]}, "Component id '10000' is not valid"),
        ({"versions": [{"id": "10000"}]}, "Version id '10000' is not valid"),
        ({"fixVersions": [{"name": "None"}]}, "Version name 'None' is not valid"),
        ({"versions": [{"id": 77}]}, "Version id '77' is not valid"),
        ({"versions": ["1.0"]}, "expected Object"),
        ({"versions": "1.0"}, "data was not an array"),
        ({"components": [{}]}, "expected 'id' or 'name' property"),
    ],
)
def test_a_component_or_version_that_the_project_has_not_is_refused(
    either: Jira, wrong: dict[str, Any], sentence: str
) -> None:
    for kind in ("component", "version"):
        assert either.post(kind, {"name": "None", "project": "TEST"}).json()["id"] == "10000"
    given = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "x"} | wrong
    answer = either.post("issue", {"fields": given})
    assert (answer.status_code, list(answer.json()["errors"].values())) == (400, [sentence])


def test_the_changelog_has_an_item_for_each_that_came_and_went(either: Jira) -> None:
    component(either, "Core"), component(either, "Edge"), version(either, "1.0"), version(either, "2.0")
    key = either.create(components=[{"name": "Core"}])
    update = {
        "components": [{"set": [{"name": "Edge"}]}],
        "fixVersions": [{"add": {"name": "1.0"}}, {"add": {"name": "2.0"}}],
        "versions": [{"add": {"name": "2.0"}}],
    }
    assert either.put(f"issue/{key}", {"update": update}).status_code == 204
    assert either.put(f"issue/{key}", {"update": {"fixVersions": [{"remove": {"name": "1.0"}}]}}).status_code == 204
    assert changes(either, key) == [
        ("Component", "Core", None),
        ("Component", None, "Edge"),
        ("Fix Version", None, "1.0"),
        ("Fix Version", None, "2.0"),
        ("Version", None, "2.0"),
        ("Fix Version", "1.0", None),
    ]


def test_the_metadata_offer_what_the_project_has(either: Jira) -> None:
    component(either, "Core"), version(either, "1.0"), version(either, "0.9", archived=True)
    offered = either.get(f"issue/{either.create()}/editmeta").json()["fields"]
    assert named(offered["components"]["allowedValues"]) == ["Core"]
    assert named(offered["fixVersions"]["allowedValues"]) == ["1.0"]
    assert offered["versions"]["operations"] == ["add", "set", "remove"]


def test_a_renamed_component_is_shown_by_its_new_name_and_told_by_its_old_one(either: Jira) -> None:
    made = component(either, "Core")
    key = either.create()
    either.put(f"issue/{key}", {"fields": {"components": [{"name": "Core"}]}})
    either.put(f"component/{made['id']}", {"name": "Heart"})
    assert named(fields(either, key)["components"]) == ["Heart"]
    assert changes(either, key) == [("Component", None, "Core")]


def test_who_gets_the_issues_of_a_component_is_told(either: Jira) -> None:
    mia = person(either)
    shown = component(either, "Led", assigneeType="COMPONENT_LEAD", **lead(either, mia))
    assert (shown["realAssigneeType"], shown["realAssignee"]["displayName"]) == ("COMPONENT_LEAD", "Mia")
    alone = component(either, "Alone", assigneeType="COMPONENT_LEAD")
    assert (alone["isAssigneeTypeValid"], alone["realAssigneeType"]) == (False, "PROJECT_DEFAULT")
    assert "assignee" not in alone
    key = either.create(components=[{"name": "Led"}])
    assert fields(either, key)["assignee"]["displayName"] == "Mia"
    assert fields(either, either.create(components=[{"name": "Alone"}]))["assignee"] is None
    taken = either.put(f"component/{shown['id']}", {next(iter(lead(either, mia))): ""}).json()
    assert "lead" not in taken


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "core"}, "name"),
        ({"assigneeType": "NOBODY"}, "assigneeType"),
        ({"project": None}, "project"),
    ],
)
def test_a_component_that_cannot_be_is_refused(either: Jira, wrong: dict[str, Any], field: str) -> None:
    component(either, "Core")
    answer = either.post("component", {"name": "Other", "project": "SEC"} | wrong)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_components_are_changed_by_who_administers_the_project(either: Jira) -> None:
    made = component(either, "Core")
    who = viewer(either)
    assert either.get(f"component/{made['id']}", auth=who).status_code == 200
    assert either.put(f"component/{made['id']}", {"name": "x"}, auth=who).status_code == 403
    assert either.delete(f"component/{made['id']}", auth=who).status_code == 403
    assert either.post("component", {"name": "x", "project": "SEC"}, auth=who).status_code == 403
    assert either.post("component", {"name": "x", "project": "NONE"}).status_code == 404
    assert either.get(f"component/{made['id']}", auth=None).status_code in (401, 404)


def test_a_component_of_another_project_takes_no_issues(either: Jira) -> None:
    old = component(either, "Core")
    other = either.post("component", {"name": "Core", "project": "TEST"}).json()
    assert either.delete(f"component/{old['id']}?moveIssuesTo={other['id']}").status_code == 404
    key = either.create(components=[{"name": "Core"}])
    assert either.delete(f"component/{old['id']}").status_code == 204
    assert fields(either, key)["components"] == []
    assert changes(either, key) == [("Component", "Core", None)]


def test_an_issue_that_has_the_other_component_already_has_it_once(either: Jira) -> None:
    old, new = component(either, "Old"), component(either, "New")
    key = either.create(components=[{"name": "New"}, {"name": "Old"}])
    assert either.delete(f"component/{old['id']}?moveIssuesTo={new['id']}").status_code == 204
    assert named(fields(either, key)["components"]) == ["New"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "1.0"}, "name"),
        ({"releaseDate": "31/12/2026"}, "releaseDate"),
        ({"startDate": "2026-02-02", "releaseDate": "2026-02-01"}, "startDate"),
        ({"description": "x" * 16_385}, "description"),
        ({"projectId": None}, "project"),
    ],
)
def test_a_version_that_cannot_be_is_refused(either: Jira, wrong: dict[str, Any], field: str) -> None:
    version(either, "1.0")
    answer = either.post("version", {"name": "2.0", "projectId": 10001} | wrong)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_version_is_overdue_from_the_day_after_its_release_date_until_it_is_released(either: Jira) -> None:
    today = either.world.now().date()
    made = version(either, "1.0", releaseDate=today.isoformat())
    assert made["overdue"] is False
    either.world.clock.advance(timedelta(days=1))
    assert either.get(f"version/{made['id']}").json()["overdue"] is True
    released = either.put(f"version/{made['id']}", {"released": True}).json()
    assert (released["released"], "overdue" in released) == (True, False)


def test_a_release_moves_what_is_unresolved_to_another_version(either: Jira) -> None:
    first, second = version(either, "1.0"), version(either, "2.0")
    open_one, done = (either.create(fixVersions=[{"name": "1.0"}]) for _ in range(2))
    (finish,) = [
        each["id"]
        for each in either.get(f"issue/{done}/transitions").json()["transitions"]
        if each["to"]["name"] == "Done"
    ]
    either.post(f"issue/{done}/transitions", {"transition": {"id": finish}})
    assert either.get(f"version/{first['id']}/unresolvedIssueCount").json()["issuesUnresolvedCount"] == 1
    either.put(f"version/{first['id']}", {"released": True, "moveUnfixedIssuesTo": second["self"]})
    assert named(fields(either, open_one)["fixVersions"]) == ["2.0"]
    assert named(fields(either, done)["fixVersions"]) == ["1.0"]


def test_versions_are_found_by_status_and_ordered(jira: Jira) -> None:
    version(jira, "b", releaseDate="2026-03-01", description="beta")
    version(jira, "a", releaseDate="2026-01-01", released=True)
    version(jira, "c", archived=True)

    def found(query: str) -> list[str]:
        return named(jira.get(f"project/SEC/version?{query}").json()["values"])

    assert (found(""), found("orderBy=name"), found("orderBy=-sequence")) == (
        ["b", "a", "c"],
        ["a", "b", "c"],
        ["c", "a", "b"],
    )
    assert (found("orderBy=releaseDate"), found("orderBy=-releaseDate")) == (["a", "b", "c"], ["b", "a", "c"])
    assert (found("status=released,archived"), found("status=unreleased"), found("query=beta")) == (
        ["a", "c"],
        ["b"],
        ["b"],
    )
    assert jira.get("project/SEC/version?orderBy=size").status_code == 400


@pytest.mark.parametrize(
    ("body", "order"),
    [
        ({"position": "First"}, "bac"),
        ({"position": "Earlier"}, "bac"),
        ({"position": "Later"}, "acb"),
        ({"position": "Last"}, "acb"),
        ({"after": "c"}, "acb"),
        ({"after": "a"}, "abc"),
    ],
)
def test_a_version_is_moved_within_its_project(either: Jira, body: dict[str, str], order: str) -> None:
    made = {name: version(either, name) for name in "abc"}
    if "after" in body:
        body = {"after": made[body["after"]]["self"]}
    assert either.post(f"version/{made['b']['id']}/move", body).status_code == 200
    assert "".join(named(either.get("project/SEC/versions").json())) == order


@pytest.mark.parametrize("body", [{}, {"position": "Up"}, {"position": "First", "after": "x"}])
def test_a_move_of_a_version_that_cannot_be_is_refused(either: Jira, body: dict[str, str]) -> None:
    made = version(either, "1.0")
    assert either.post(f"version/{made['id']}/move", body).status_code == 400


def test_a_version_is_replaced_by_one_of_its_own_project_only(either: Jira) -> None:
    old = version(either, "1.0")
    elsewhere = either.post("version", {"name": "1.0", "project": "TEST"}).json()
    for instead in (old["id"], elsewhere["id"]):
        swap = {"moveFixIssuesTo": int(instead)}
        assert either.post(f"version/{old['id']}/removeAndSwap", swap).status_code == 400
        assert either.put(f"version/{old['id']}/mergeto/{instead}", {}).status_code == 400
    key = either.create(fixVersions=[{"name": "1.0"}], versions=[{"name": "1.0"}])
    assert either.post(f"version/{old['id']}/removeAndSwap", {}).status_code == 204
    assert (fields(either, key)["fixVersions"], fields(either, key)["versions"]) == ([], [])


def test_fixed_and_affected_issues_of_a_version_go_where_each_was_sent(either: Jira) -> None:
    old, fixed, affected = (version(either, name) for name in ("old", "fixed", "affected"))
    key = either.create(fixVersions=[{"name": "old"}], versions=[{"name": "old"}])
    swap = {"moveFixIssuesTo": int(fixed["id"]), "moveAffectedIssuesTo": int(affected["id"])}
    assert either.post(f"version/{old['id']}/removeAndSwap", swap).status_code == 204
    shown = fields(either, key)
    assert (named(shown["fixVersions"]), named(shown["versions"])) == (["fixed"], ["affected"])


def test_a_change_of_a_version_is_refused_as_documented_to_who_may_not(either: Jira) -> None:
    made, other = version(either, "1.0"), version(either, "2.0")
    who = viewer(either)
    answers = [
        either.post("version", {"name": "3.0", "projectId": 10001}, auth=who),
        either.put(f"version/{made['id']}", {"name": "x"}, auth=who),
        either.put(f"version/{made['id']}/mergeto/{other['id']}", {}, auth=who),
        either.post(f"version/{made['id']}/removeAndSwap", {}, auth=who),
    ]
    assert [each.status_code for each in answers] == ([404, 400, 401, 404] if either.flavour == "cloud" else [403] * 4)
    assert named(either.get("project/SEC/versions", auth=who).json()) == ["1.0", "2.0"]


def test_what_is_not_imitated_of_versions_is_refused_aloud(jira: Jira) -> None:
    made = version(jira, "1.0")
    swap = {"customFieldReplacementList": [{"customFieldId": 1, "moveTo": 2}]}
    assert jira.post(f"version/{made['id']}/removeAndSwap", swap).status_code == 501
    assert jira.put(f"version/{made['id']}", {"approvers": [{"accountId": "x"}]}).status_code == 501


def test_a_version_counts_its_issues_by_category(jira: Jira) -> None:
    made = version(jira, "1.0", driver=jira.admin.account_id)
    jira.create(fixVersions=[{"name": "1.0"}])
    shown = jira.get(f"version/{made['id']}?expand=issuesstatus,operations,driver").json()
    assert shown["issuesStatusForFixVersion"] == {"unmapped": 0, "toDo": 1, "inProgress": 0, "done": 0}
    assert (shown["driver"], shown["operations"][0]["label"]) == (jira.admin.account_id, "Edit")
    seen = jira.get(f"version/{made['id']}?expand=operations", auth=VIEWER).json()
    assert seen["operations"] == []


def test_an_issue_type_is_made_for_every_project_and_named_once(either: Jira) -> None:
    made = either.post("issuetype", {"name": "Risk", "type": "subtask"})
    assert (made.status_code, made.json()["subtask"], int(made.json()["id"]) > 10004) == (201, True, True)
    assert "Risk" in named(either.get("project/TEST").json()["issueTypes"])
    assert either.post("issuetype", {"name": "risk"}).status_code == 409
    assert either.post("issuetype", {"name": "x" * 61}).status_code == 400
    assert either.post("issuetype", {"name": ""}).status_code == 400
    assert either.post("issuetype", {"name": "Other"}, auth=viewer(either)).status_code == 403
    assert either.put(f"issuetype/{made.json()['id']}", {"name": "Task"}).status_code == 409
    assert either.put("issuetype/99", {"name": "x"}).status_code == 404


def test_a_type_in_use_goes_only_for_another_of_its_kind(either: Jira) -> None:
    key = either.create(kind="Bug")
    assert either.delete("issuetype/10003").status_code == 404
    refused = 409 if either.flavour == "cloud" else 400
    assert either.delete("issuetype/10003?alternativeIssueTypeId=10003").status_code == refused
    assert either.delete("issuetype/10003?alternativeIssueTypeId=10004").status_code == refused
    assert either.delete("issuetype/10003?alternativeIssueTypeId=10000").status_code == 400
    assert either.delete("issuetype/10003?alternativeIssueTypeId=10002").status_code == 204
    assert fields(either, key)["issuetype"]["name"] == "Task"
    assert changes(either, key) == [("issuetype", "Bug", "Task")]
    assert either.get("issuetype/10003").status_code == 404


def test_a_type_made_after_one_was_deleted_has_another_id(either: Jira) -> None:
    first = either.post("issuetype", {"name": "One"}).json()["id"]
    either.delete(f"issuetype/{first}")
    assert either.post("issuetype", {"name": "Two"}).json()["id"] != first
