"""Issues over the wire [jira 5.4, 2.3, 2.7]."""

import pytest

from fake_jira.model.issues import move_issue
from fake_jira.model.people import add_user
from tests.fake_jira.conftest import VIEWER, WRONG, Jira

MISSING = {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
ADF = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]}


def test_a_created_issue_is_answered_with_id_key_and_self_only(jira: Jira) -> None:
    fields = {"project": {"key": "SEC"}, "summary": "Leak", "issuetype": {"name": "Bug"}}
    answer = jira.post("issue", {"fields": fields})
    assert answer.status_code == 201
    assert answer.json() == {"id": "10000", "key": "SEC-1", "self": f"{jira.url}/rest/api/3/issue/10000"}


def test_an_issue_is_found_by_id_and_by_key_in_any_case(jira: Jira) -> None:
    key = jira.create()
    whole = jira.get(f"issue/{key}").json()
    assert jira.get("issue/sec-1").json() == whole
    assert jira.get(f"issue/{whole['id']}").json() == whole
    assert whole["fields"]["status"]["statusCategory"]["key"] == "new"


def test_a_moved_issue_keeps_its_id_and_is_found_by_its_old_key(jira: Jira) -> None:
    key = jira.create()
    move_issue(jira.site, jira.site.issue(key), jira.admin, jira.world.state.projects["10000"])
    moved = jira.get(f"issue/{key}")
    assert moved.status_code == 200
    assert (moved.json()["id"], moved.json()["key"]) == ("10000", "TEST-1")
    assert jira.search(f"key = {key}") == ["TEST-1"]
    assert jira.create() == "SEC-2"


@pytest.mark.parametrize("who", [None, WRONG])
def test_missing_deleted_and_hidden_issues_answer_alike(jira: Jira, who: tuple[str, str] | None) -> None:
    key = jira.create()
    hidden = jira.get(f"issue/{key}", auth=who)
    assert (hidden.status_code, hidden.json()) == (404, MISSING)
    assert jira.delete(f"issue/{key}").status_code == 204
    deleted = jira.get(f"issue/{key}")
    assert (deleted.status_code, deleted.json()) == (404, MISSING)
    assert jira.get("issue/SEC-99").json() == MISSING


def test_fields_can_be_chosen_and_left_out(jira: Jira) -> None:
    key = jira.create(labels=["b", "a"])
    assert jira.get(f"issue/{key}?fields=status,labels").json()["fields"]["labels"] == ["a", "b"]
    assert set(jira.get(f"issue/{key}?fields=status&fields=labels").json()["fields"]) == {"status", "labels"}
    assert "comment" not in jira.get(f"issue/{key}?fields=-comment").json()["fields"]
    assert "comment" not in jira.get(f"issue/{key}?fields=*navigable").json()["fields"]
    assert "comment" in jira.get(f"issue/{key}").json()["fields"]


def test_rich_text_is_a_document_in_v3_and_text_in_v2_and_latest(jira: Jira) -> None:
    key = jira.create(description=ADF)
    assert jira.get(f"issue/{key}").json()["fields"]["description"] == ADF
    assert jira.get(f"issue/{key}", version="2").json()["fields"]["description"] == "Hello"
    latest = jira.get(f"issue/{key}", version="latest").json()
    assert latest["fields"]["description"] == "Hello"
    assert latest["self"].endswith("/rest/api/latest/issue/10000")
    assert "/rest/api/2/status/" in latest["fields"]["status"]["self"]
    assert jira.put(f"issue/{key}", {"fields": {"description": "One\n\nTwo\nlines"}}, version="2").status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["description"]["content"][1]["content"] == [
        {"type": "text", "text": "Two"},
        {"type": "hardBreak"},
        {"type": "text", "text": "lines"},
    ]


def test_a_text_of_the_wrong_form_is_refused_with_the_field_named(jira: Jira) -> None:
    key = jira.create()
    as_text = jira.put(f"issue/{key}", {"fields": {"description": "text"}})
    assert as_text.status_code == 400
    assert as_text.json()["errors"] == {
        "description": "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
    }
    as_document = jira.put(f"issue/{key}", {"fields": {"description": ADF}}, version="2")
    assert as_document.json()["errors"] == {"description": "Operation value must be a string"}


def test_every_field_at_fault_is_reported_at_once_and_nothing_is_made(jira: Jira) -> None:
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "customfield_1": 1, "duedate": "soon"}
    answer = jira.post("issue", {"fields": fields})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"summary", "customfield_1", "duedate"}
    assert jira.get("issue/SEC-1").status_code == 404


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"project": "project is required"}),
        ({"project": {"key": "NOPE"}}, {"project": "valid project is required"}),
        ({"project": {"key": "SEC"}, "issuetype": {"name": "Nope"}}, {"issuetype": "valid issue type is required"}),
    ],
)
def test_what_an_issue_needs_is_named(jira: Jira, fields: dict[str, object], errors: dict[str, str]) -> None:
    assert jira.post("issue", {"fields": fields}).json() == {"errorMessages": [], "errors": errors}


def test_a_viewer_sees_and_may_not_change(jira: Jira) -> None:
    key = jira.create()
    assert jira.get(f"issue/{key}", auth=VIEWER).status_code == 200
    assert jira.put(f"issue/{key}", {"fields": {"summary": "Mine"}}, auth=VIEWER).status_code == 403
    assert jira.delete(f"issue/{key}", auth=VIEWER).status_code == 403
    assert jira.get(f"issue/{key}/transitions", auth=VIEWER).json()["transitions"] == []
    assert jira.post(f"issue/{key}/comment", {"body": ADF}, auth=VIEWER).status_code == 403


def test_an_edit_is_in_the_changelog_oldest_first_there_and_newest_first_in_the_issue(jira: Jira) -> None:
    key = jira.create()
    jira.put(f"issue/{key}", {"fields": {"summary": "Second"}})
    jira.put(f"issue/{key}", {"update": {"labels": [{"add": "z"}, {"add": "y"}]}})
    entries = jira.get(f"issue/{key}/changelog").json()["values"]
    assert [item["field"] for entry in entries for item in entry["items"]] == ["summary", "labels"]
    assert entries[0]["items"][0]["toString"] == "Second"
    within = jira.get(f"issue/{key}?expand=changelog").json()["changelog"]["histories"]
    assert [entry["id"] for entry in within] == [entry["id"] for entry in reversed(entries)]


def test_an_edit_that_changes_nothing_leaves_updated_alone(jira: Jira) -> None:
    key = jira.create(summary="Same")
    before = jira.get(f"issue/{key}").json()["fields"]["updated"]
    assert jira.put(f"issue/{key}", {"fields": {"summary": "Same", "project": {"key": "SEC"}}}).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["updated"] == before


def test_an_edit_needs_fields_or_update_and_not_one_field_in_both(jira: Jira) -> None:
    key = jira.create()
    assert jira.put(f"issue/{key}", {}).json()["errorMessages"] == ["one of 'fields' or 'update' required"]
    both = jira.put(f"issue/{key}", {"fields": {"labels": []}, "update": {"labels": [{"add": "x"}]}})
    assert both.json()["errors"] == {"labels": "Field 'labels' cannot appear in both 'fields' and 'update'"}
    odd = jira.put(f"issue/{key}", {"update": {"summary": [{"invalid": "x"}]}})
    assert odd.json()["errors"] == {"summary": "Field 'invalid' is not valid for this operation."}


def test_an_edit_answers_the_issue_when_asked_to(jira: Jira) -> None:
    key = jira.create()
    answer = jira.put(f"issue/{key}?returnIssue=true", {"fields": {"summary": "New"}})
    assert (answer.status_code, answer.json()["fields"]["summary"]) == (200, "New")


def test_an_issue_with_subtasks_is_deleted_only_with_them(jira: Jira) -> None:
    key = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": key})
    assert [each["key"] for each in jira.get(f"issue/{key}").json()["fields"]["subtasks"]] == [child]
    refused = jira.delete(f"issue/{key}")
    assert refused.status_code == 400
    assert refused.json()["errorMessages"][0].startswith(f"The issue '{key}' has subtasks.  You must")
    assert jira.delete(f"issue/{key}?deleteSubtasks=true").status_code == 204
    assert jira.get(f"issue/{child}").status_code == 404


def test_a_subtask_needs_a_parent(jira: Jira) -> None:
    fields = {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Sub-task"}}
    assert "parent" in jira.post("issue", {"fields": fields}).json()["errors"]


def test_the_assignee_is_set_by_account_and_must_be_assignable(jira: Jira) -> None:
    key = jira.create()
    assert jira.put(f"issue/{key}/assignee", {"accountId": jira.admin.account_id}).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["assignee"]["displayName"] == "Ada Admin"
    viewer = jira.world.state.user(VIEWER[0])
    assert viewer is not None
    assert jira.put(f"issue/{key}/assignee", {"accountId": viewer.account_id}).status_code == 400
    by_name = jira.put(f"issue/{key}", {"fields": {"assignee": {"name": "ada"}}})
    assert by_name.json()["errors"] == {"assignee": "Specify a valid value for assignee"}
    assert jira.put(f"issue/{key}/assignee", {"accountId": None}).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["assignee"] is None


def test_bulk_create_makes_what_it_can_and_lists_the_rest(jira: Jira) -> None:
    good = {"fields": {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}}}
    bad = {"fields": {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}}}
    answer = jira.post("issue/bulk", {"issueUpdates": [good, bad]})
    assert answer.status_code == 201
    assert [each["key"] for each in answer.json()["issues"]] == ["SEC-1"]
    assert answer.json()["errors"][0]["failedElementNumber"] == 1
    assert jira.post("issue/bulk", {"issueUpdates": [bad]}).status_code == 400


def test_bulk_fetch_is_ascending_by_id_without_repeats_and_silent_about_the_rest(jira: Jira) -> None:
    first, second = jira.create(), jira.create()
    answer = jira.post("issue/bulkfetch", {"issueIdsOrKeys": [second, "SEC-99", first, second], "fields": ["status"]})
    assert [each["key"] for each in answer.json()["issues"]] == [first, second]
    assert answer.json()["issueErrors"] == []
    jira.world.settings = jira.world.settings.changed(bulkfetch_errors=True)
    told = jira.post("issue/bulkfetch", {"issueIdsOrKeys": ["SEC-99"], "fields": ["status"]}).json()
    assert told["issueErrors"][0]["id"] == "SEC-99"
    assert jira.post("issue/bulkfetch", {"issueIdsOrKeys": []}).status_code == 400
    assert jira.post("issue/bulkfetch", {"issueIdsOrKeys": ["1"] * 101}).status_code == 400


def test_a_transition_says_what_the_document_names(jira: Jira) -> None:
    offered = jira.get(f"issue/{jira.create()}/transitions").json()["transitions"]
    keys = {"id", "name", "to", "hasScreen", "isGlobal", "isInitial", "isAvailable", "isConditional", "looped"}
    assert all(set(each) == keys for each in offered)


def test_transitions_are_offered_from_everywhere_and_taken_twice_without_complaint(jira: Jira) -> None:
    key = jira.create()
    offered = jira.get(f"issue/{key}/transitions").json()["transitions"]
    assert [(each["id"], each["to"]["name"]) for each in offered] == [
        ("11", "To Do"), ("21", "In Progress"), ("31", "In Review"), ("41", "Done"),
    ]  # fmt: skip
    for _ in range(2):
        assert jira.post(f"issue/{key}/transitions", {"transition": {"id": 41}}).status_code == 204
    fields = jira.get(f"issue/{key}").json()["fields"]
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Done", "Done")
    items = [item for entry in jira.get(f"issue/{key}/changelog").json()["values"] for item in entry["items"]]
    assert [(item["from"], item["to"]) for item in items if item["field"] == "status"] == [("10000", "10003")]
    unknown = jira.post(f"issue/{key}/transitions", {"transition": {"id": "999"}})
    assert unknown.json() == {"errorMessages": ["Transition id '999' is not valid for this issue."], "errors": {}}
    assert jira.post(f"issue/{key}/transitions", {"transition": {"id": "11"}}).status_code == 204
    assert jira.get(f"issue/{key}").json()["fields"]["resolution"] is None


def test_comments_are_written_read_changed_and_deleted(jira: Jira) -> None:
    key = jira.create()
    added = jira.post(f"issue/{key}/comment", {"body": ADF})
    assert added.status_code == 201
    assert added.headers["Location"] == f"{jira.url}/rest/api/3/issue/10000/comment/10000"
    jira.post(f"issue/{key}/comment", {"body": "second"}, version="2")
    newest = jira.get(f"issue/{key}/comment?orderBy=-created", version="2").json()
    assert [each["body"] for each in newest["comments"]] == ["second", "Hello"]
    assert "isLast" not in newest
    assert jira.put(f"issue/{key}/comment/10000", {"body": "changed"}, version="2").json()["body"] == "changed"
    assert jira.delete(f"issue/{key}/comment/10001").status_code == 204
    assert jira.get(f"issue/{key}/comment").json()["total"] == 1
    assert jira.get(f"issue/{key}/comment?orderBy=author").status_code == 400
    bad = jira.post(f"issue/{key}/comment", {"body": "no document"})
    assert bad.json()["errorMessages"] == ["Comment body is not valid!"]


def test_timestamps_are_in_the_accounts_zone(jira: Jira) -> None:
    key = jira.create()
    add_user(jira.site, "tok@example.com", "Tok", "tok-token", time_zone="Asia/Tokyo")
    created = jira.get(f"issue/{key}", auth=("tok@example.com", "tok-token")).json()["fields"]["created"]
    assert created.endswith("+0900")
    assert jira.get(f"issue/{key}").json()["fields"]["created"].endswith("+0000")


def test_properties_are_answered_when_named(jira: Jira) -> None:
    fields = {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}}
    jira.post("issue", {"fields": fields, "properties": [{"key": "origin", "value": {"scan": 7}}]})
    assert jira.get("issue/SEC-1?properties=origin").json()["properties"] == {"origin": {"scan": 7}}


def test_a_parent_stands_one_level_above(jira: Jira) -> None:
    epic = jira.create(kind="Epic")
    story = jira.create(kind="Story", parent={"key": epic})
    assert "parent" not in jira.get(f"issue/{epic}").json()["fields"]
    assert jira.get(f"issue/{story}").json()["fields"]["parent"]["key"] == epic
    for wrong in (story, "SEC-99"):
        answer = jira.put(f"issue/{story}", {"fields": {"parent": {"key": wrong}}})
        assert answer.status_code == 400
    assert jira.search(f"parent = {epic}") == [story]


def test_a_type_is_not_changed_from_above_its_children(jira: Jira) -> None:
    epic = jira.create(kind="Epic")
    jira.create(kind="Story", parent={"key": epic})
    told = jira.put(f"issue/{epic}", {"fields": {"issuetype": {"name": "Task"}}})
    assert told.json()["errors"] == {"issuetype": "The issue type selected is invalid."}
    assert jira.put(f"issue/{jira.create(kind='Epic')}", {"fields": {"issuetype": {"name": "Task"}}}).status_code == 204


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[" * 5000, b'{"fields": []}', b"7", b'{"fields": {"project": "SEC"}}'])
def test_a_body_that_is_no_issue_is_a_bad_request(jira: Jira, data: bytes) -> None:
    answer = jira.call("POST", "issue", data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"errorMessages", "errors"}


def doc(**node: object) -> dict[str, object]:
    """A document of one node, a text unless said otherwise."""
    return {"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"} | node]}


def nested(levels: int) -> dict[str, object]:
    inner: dict[str, object] = {}
    for _ in range(levels):
        inner = {"a": inner}
    return inner


@pytest.mark.parametrize(
    "description",
    [
        doc(marks=5),
        doc(marks=["strong"]),
        doc(marks=[{"type": []}]),
        doc(marks=[{"type": "link", "attrs": "href"}]),
        doc(attrs="x"),
        doc(attrs=nested(240)),
        doc(attrs=nested(300)),
    ],
    ids=["marks", "mark", "kind of mark", "link", "attrs", "deep", "deeper"],
)
def test_what_only_looks_like_a_document_is_refused(jira: Jira, description: dict[str, object]) -> None:
    fields = {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}, "description": description}
    answer = jira.post("issue", {"fields": fields})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["description"])


def test_numbers_of_any_size_in_a_document_can_be_read_back(jira: Jira) -> None:
    key = jira.create(description=doc(attrs={"n": 10**30}))
    assert jira.get(f"issue/{key}").json()["fields"]["description"]["content"][0]["attrs"] == {"n": 1e30}


def test_properties_too_deep_to_be_read_back_are_refused(jira: Jira) -> None:
    key = jira.create()
    sent = jira.put(f"issue/{key}", {"properties": [{"key": "p", "value": nested(300)}]})
    assert (sent.status_code, sent.json()["errorMessages"][0][:23]) == (400, "Invalid request payload")


@pytest.mark.parametrize("summary", [rb"a\ud800b", b"a\xffb"], ids=["half a character", "no UTF-8"])
def test_text_that_could_not_be_sent_back_is_refused(jira: Jira, summary: bytes) -> None:
    body = b'{"fields": {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "%b"}}' % summary
    answer = jira.call("POST", "issue", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errorMessages"][0][:35]) == (400, "There was an error parsing JSON. Ch")
    assert jira.search("project = SEC") == []


def test_project_and_type_of_a_new_issue_have_no_second_place(jira: Jira) -> None:
    update = {"project": [{"set": {"key": "TEST"}}], "issuetype": [{"set": {"name": "Bug"}}]}
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "x"}
    answer = jira.post("issue", {"fields": fields, "update": update})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"project", "issuetype"})


@pytest.mark.parametrize("due", ["20260102", "2026-W01-1", "2026-1-2", 5])
def test_a_due_date_has_one_form(jira: Jira, due: object) -> None:
    answer = jira.put(f"issue/{jira.create()}", {"fields": {"duedate": due}})
    assert answer.json()["errors"] == {"duedate": "Operation value must be a string in the format 'yyyy-MM-dd'"}


def test_a_bulk_fetch_expands_to_the_forty_newest_changes(jira: Jira) -> None:
    key = jira.create()
    for number in range(45):
        jira.put(f"issue/{key}", {"fields": {"summary": f"Version {number}"}})
    answer = jira.post("issue/bulkfetch", {"issueIdsOrKeys": [key], "expand": ["changelog"]})
    shown = answer.json()["issues"][0]["changelog"]["histories"]
    assert (len(shown), shown[0]["items"][0]["toString"]) == (40, "Version 44")
    assert len(jira.get(f"issue/{key}?expand=changelog").json()["changelog"]["histories"]) == 45


def test_a_page_of_comments_of_any_size_has_its_html(jira: Jira) -> None:
    key = jira.create()
    for _ in range(3):
        jira.post(f"issue/{key}/comment", {"body": ADF})
    pages = {
        size: jira.get(f"issue/{key}/comment?maxResults={size}&expand=renderedBody").json()["comments"]
        for size in (-1, 0, 2, 9999)
    }
    assert {size: len(shown) for size, shown in pages.items()} == {-1: 0, 0: 0, 2: 2, 9999: 3}
    assert all(each["renderedBody"].startswith("<p>") for each in pages[2])
