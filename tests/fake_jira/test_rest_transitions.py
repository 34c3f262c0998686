"""Transitions, restricted workflows, statuses that change their names, and archived issues [jira 5.5, 2.7, 5.7]."""

from dataclasses import replace
from typing import Any

import pytest

from fake_jira.model.catalogue import add_project
from fake_jira.model.people import add_user
from fake_jira.model.records import Rule
from fake_jira.model.state import CLOUD
from fake_jira.model.workflows import CLASSIC, SIMPLIFIED
from tests.fake_jira.conftest import Jira

RESOLVE, START, STOP, REOPEN = "5", "4", "301", "3"
HELPER = ("helper@example.com", "helper-token")


@pytest.fixture
def classic(either: Jira) -> Jira:
    """A Jira with a project OLD that follows the classic workflow."""
    add_project(either.site, "OLD", "Old", lead=either.admin.account_id, workflow=CLASSIC)
    return either


def offered(jira: Jira, key: str, query: str = "", **more: Any) -> list[str]:
    return [each["id"] for each in jira.get(f"issue/{key}/transitions{query}", **more).json()["transitions"]]


def take(jira: Jira, key: str, transition: str, **more: Any) -> Any:
    return jira.post(f"issue/{key}/transitions", {"transition": {"id": transition}} | more)


def me(jira: Jira) -> dict[str, str]:
    return {"accountId": jira.admin.account_id} if jira.flavour == CLOUD else {"name": jira.admin.name}


def with_rules(jira: Jira, **values: Any) -> None:
    """Give the transition to Done of the project SEC other rules."""
    projects = jira.site.state.projects
    done = next(each for each in SIMPLIFIED.transitions if each.id == "41")
    kept = tuple(each for each in SIMPLIFIED.transitions if each.id != "41")
    workflow = replace(SIMPLIFIED, transitions=(*kept, replace(done, **values)))
    projects["10001"] = replace(projects["10001"], workflow=workflow)


def test_an_issue_of_the_classic_workflow_starts_open_and_is_offered_what_leads_on(classic: Jira) -> None:
    key = classic.create("OLD")
    assert classic.get(f"issue/{key}").json()["fields"]["status"]["name"] == "Open"
    assert offered(classic, key) == ["5", "2"]
    classic.put(f"issue/{key}/assignee", me(classic))
    assert offered(classic, key) == [START, "5", "2"]
    assert take(classic, key, START).status_code == 204
    assert offered(classic, key) == [STOP, "5", "2"]


def test_what_is_not_valid_from_here_is_refused_as_the_flavour_does(classic: Jira) -> None:
    key = classic.create("OLD")
    refused = take(classic, key, REOPEN)
    assert refused.status_code == 400
    (sentence,) = refused.json()["errorMessages"]
    if classic.flavour == CLOUD:
        assert sentence == "Transition id '3' is not valid for this issue."
    else:
        assert sentence.startswith(
            "It seems that you have tried to perform a workflow operation (Reopen Issue) that is not valid for the "
            f"current state of this issue ({key})."
        )
    assert take(classic, key, "999").status_code == (400 if classic.flavour == CLOUD else 500)


def test_a_resolution_is_asked_for_on_the_way_and_cleared_on_the_way_back(classic: Jira) -> None:
    key = classic.create("OLD")
    fields = classic.get(f"issue/{key}/transitions?transitionId=5&expand=transitions.fields").json()["transitions"][0]
    assert fields["fields"]["resolution"]["required"] is True
    assert take(classic, key, RESOLVE).json()["errors"] == {"resolution": "Resolution is required."}
    chosen = {"resolution": {"name": "Duplicate"}, "assignee": me(classic)}
    assert take(classic, key, RESOLVE, fields=chosen).status_code == 204
    shown = classic.get(f"issue/{key}").json()["fields"]
    assert (shown["status"]["name"], shown["resolution"]["name"]) == ("Resolved", "Duplicate")
    assert shown["assignee"]["displayName"] == "Ada Admin"
    assert shown["resolutiondate"]
    assert take(classic, key, REOPEN).status_code == 204
    again = classic.get(f"issue/{key}").json()["fields"]
    assert (again["resolution"], again["resolutiondate"]) == (None, None)


def test_a_field_that_the_transition_does_not_ask_for_is_refused(classic: Jira) -> None:
    key = classic.create("OLD")
    fields = {"resolution": {"name": "Done"}, "summary": "Other"}
    errors = take(classic, key, RESOLVE, fields=fields).json()["errors"]
    assert errors == {"summary": "Field 'summary' cannot be set. It is not on the appropriate screen, or unknown."}
    assert classic.get(f"issue/{key}").json()["fields"]["status"]["name"] == "Open"


def test_unavailable_transitions_are_shown_to_who_asks(jira: Jira) -> None:
    add_project(jira.site, "OLD", "Old", lead=jira.admin.account_id, workflow=CLASSIC)
    key = jira.create("OLD")
    listed = jira.get(f"issue/{key}/transitions?includeUnavailableTransitions=true").json()["transitions"]
    start = next(each for each in listed if each["id"] == START)
    assert (start["isAvailable"], start["isConditional"], start["isGlobal"]) == (False, True, False)
    resolve = next(each for each in listed if each["id"] == RESOLVE)
    assert (resolve["isAvailable"], resolve["hasScreen"]) == (True, True)


def test_transitions_can_be_sorted_as_the_buttons_are(jira: Jira) -> None:
    projects = jira.site.state.projects
    backwards = replace(SIMPLIFIED, transitions=tuple(reversed(SIMPLIFIED.transitions)))
    projects["10001"] = replace(projects["10001"], workflow=backwards)
    key = jira.create()
    assert offered(jira, key) == ["41", "31", "21", "11"]
    assert offered(jira, key, "?sortByOpsBarAndStatus=true") == ["11", "31", "21", "41"]


def test_conditions_look_at_the_caller_and_at_the_subtasks(jira: Jira) -> None:
    add_user(jira.site, HELPER[0], "Hal Helper", HELPER[1])
    key = jira.create()
    with_rules(jira, conditions=(Rule("reporter"),))
    assert "41" in offered(jira, key)
    assert "41" not in offered(jira, key, auth=HELPER)
    with_rules(jira, conditions=(Rule("permission", "ADMINISTER_PROJECTS"),))
    assert "41" not in offered(jira, key, auth=HELPER)
    with_rules(jira, conditions=(Rule("subtasks_done"),))
    below = jira.create(kind="Sub-task", parent={"key": key})
    assert "41" not in offered(jira, key)
    assert take(jira, below, "41").status_code == 204
    assert "41" in offered(jira, key)


def test_a_validator_that_fails_is_told_in_the_messages(either: Jira) -> None:
    with_rules(either, validators=(Rule("required", "assignee"),))
    key = either.create()
    refused = take(either, key, "41")
    assert (refused.status_code, refused.json()) == (400, {"errorMessages": ["Assignee is required."], "errors": {}})
    either.put(f"issue/{key}/assignee", me(either))
    assert take(either, key, "41").status_code == 204


def test_a_new_issue_may_take_a_transition_at_once(jira: Jira) -> None:
    fields = {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}}
    told = jira.post("issue", {"fields": fields, "transition": {"id": "41"}}).json()
    assert told["transition"]["status"] == 200
    assert jira.get(f"issue/{told['key']}").json()["fields"]["status"]["name"] == "Done"
    failed = jira.post("issue", {"fields": fields, "transition": {"id": "9"}})
    assert (failed.status_code, failed.json()["transition"]["status"]) == (201, 400)


def test_history_metadata_stand_in_the_changelog(either: Jira) -> None:
    key = either.create()
    told = {"type": "myplugin:type", "description": "By a robot"}
    either.put(f"issue/{key}", {"fields": {"summary": "Other"}, "historyMetadata": told})
    assert take(either, key, "41", historyMetadata=told).status_code == 204
    histories = either.get(f"issue/{key}?expand=changelog").json()["changelog"]["histories"]
    assert [each["historyMetadata"] for each in histories] == [told, told]


def test_a_renamed_status_shows_at_once_and_the_changelog_keeps_the_old_name(jira: Jira) -> None:
    key = jira.create()
    take(jira, key, "21")
    assert jira.get(f"issue/{key}").json()["fields"]["status"]["name"] == "In Progress"
    given = {"id": "10001", "name": "Doing", "statusCategory": "IN_PROGRESS"}
    assert jira.put("statuses", {"statuses": [given]}).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["status"]["name"] == "Doing"
    whole = jira.get(f"issue/{key}?expand=changelog").json()
    assert whole["changelog"]["histories"][0]["items"][-1]["toString"] == "In Progress"
    assert jira.search("status = Doing") == [key]


def test_a_status_that_is_in_use_is_not_deleted(jira: Jira) -> None:
    assert jira.delete("statuses?id=10001").status_code == 400
    given = {"name": "To Do", "statusCategory": "TODO"}
    assert jira.post("statuses", {"scope": {"type": "GLOBAL"}, "statuses": [given]}).status_code == 400


def test_the_statuses_of_a_project_are_those_of_its_workflow(classic: Jira) -> None:
    names = {each["name"] for each in classic.get("project/OLD/statuses").json()[0]["statuses"]}
    assert names == {"Open", "In Progress", "Resolved", "Closed", "Reopened"}


def test_an_archived_issue_can_be_read_but_not_changed(either: Jira) -> None:
    key = either.create()
    if either.flavour == CLOUD:
        assert either.put("issue/archive", {"issueIdsOrKeys": [key]}).json()["numberOfIssuesUpdated"] == 1
    else:
        assert either.put(f"issue/{key}/archive", None).status_code == 204
    assert either.get(f"issue/{key}").status_code == 200
    assert either.search("project = SEC") == []
    assert either.put(f"issue/{key}", {"fields": {"summary": "x"}}).status_code == 403
    assert take(either, key, "41").status_code == 403
    assert either.delete(f"issue/{key}").status_code == 403
    assert either.get(f"issue/{key}/transitions").json()["transitions"] == []


def test_a_subtask_is_archived_with_its_parent_alone(jira: Jira) -> None:
    key = jira.create()
    below = jira.create(kind="Sub-task", parent={"key": key})
    refused = jira.put("issue/archive", {"issueIdsOrKeys": [below]})
    assert refused.status_code == 400
    assert jira.put("issue/archive", {"issueIdsOrKeys": [key]}).json()["numberOfIssuesUpdated"] == 2


def test_data_center_archives_no_subtask_and_nothing_in_an_archived_project(data_center: Jira) -> None:
    parent = data_center.create()
    child = data_center.create(kind="Sub-task", parent={"key": parent})
    for verb in ("archive", "restore"):
        told = data_center.call("PUT", f"issue/{child}/{verb}")
        assert (told.status_code, told.json()["errorMessages"]) == (
            403,
            ["Subtasks cannot be archived or unarchived on their own."],
        )
    data_center.call("PUT", "project/SEC/archive")
    assert data_center.call("PUT", f"issue/{parent}/archive").status_code == 403


def test_only_an_archived_issue_can_be_restored_on_data_center(data_center: Jira) -> None:
    key = data_center.create()
    assert data_center.put(f"issue/{key}/restore", None).status_code == 403
    assert data_center.put(f"issue/{key}/archive", None).status_code == 204
    assert data_center.put(f"issue/{key}/archive", None).status_code == 403
