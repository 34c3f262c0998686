"""What an issue says is for those who see the issue, whichever chapter is asked; and who may not write, does not."""

from dataclasses import replace
from typing import Any

from fake_jira.model.permissions import PROJECT_PERMISSIONS
from fake_jira.model.state import CLOUD
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira

WORD = "Zanzibar"
TOKEN = {"X-Atlassian-Token": "no-check"}


def viewer_of(jira: Jira) -> tuple[str, str]:
    return VIEWER if jira.flavour == CLOUD else DC_VIEWER


class Hanging:
    """An issue with one of everything that can hang on it, and another issue (`seen`) that it is linked to."""

    def __init__(self, jira: Jira, **fields: Any) -> None:
        self.seen = jira.create("TEST", "In the open")
        self.key = jira.create("TEST", WORD, labels=[WORD], assignee=None, **fields)
        self.id = jira.get(f"issue/{self.key}?fields=key").json()["id"]
        of = f"issue/{self.key}"
        self.comment = jira.post(f"{of}/comment", {"body": WORD}, version="2").json()["id"]
        self.worklog = jira.post(f"{of}/worklog", {"timeSpent": "1h", "comment": WORD}, version="2").json()["id"]
        file = {"file": (f"{WORD}.txt", WORD.encode())}
        sent = jira.call("POST", f"{of}/attachments", files=file, headers=TOKEN).json()
        self.file, self.content = sent[0]["id"], sent[0]["content"]
        self.remote = jira.post(f"{of}/remotelink", {"object": {"url": "https://example.com", "title": WORD}}).json()
        jira.put(f"{of}/properties/place", WORD)
        jira.put(f"comment/{self.comment}/properties/place", WORD)
        jira.post(
            "issueLink",
            {"type": {"name": "Blocks"}, "inwardIssue": {"key": self.seen}, "outwardIssue": {"key": self.key}},
        )
        self.link = jira.get(f"{of}?fields=issuelinks").json()["fields"]["issuelinks"][0]["id"]
        self.child = jira.create("TEST", f"Child of {WORD}", "Sub-task", parent={"key": self.key})
        jira.put(of, {"fields": {"summary": f"{WORD} again"}})


class Hidden(Hanging):
    """The same at a level that only the lead of its project belongs to."""

    def __init__(self, jira: Jira) -> None:
        levels = f"{jira.url}/_control/security-levels"
        named = {"project": "TEST", "name": "Leads", "members": [{"type": "projectLead"}]}
        level = jira.session.post(levels, json=named, timeout=10).json()["level"]
        super().__init__(jira, security={"id": level})


def reads(jira: Jira, hidden: Hidden) -> list[str]:
    key = hidden.key
    paths = [
        f"issue/{key}",
        f"issue/{hidden.id}",
        f"issue/{hidden.seen}?expand=changelog,renderedFields,operations",
        f"issue/{key}/comment",
        f"issue/{key}/comment/{hidden.comment}",
        f"comment/{hidden.comment}/properties",
        f"comment/{hidden.comment}/properties/place",
        f"issue/{key}/worklog",
        f"issue/{key}/worklog/{hidden.worklog}",
        f"issue/{key}/remotelink",
        f"issue/{key}/remotelink/{hidden.remote['id']}",
        f"issue/{key}/properties/place",
        f"issue/{key}/votes",
        f"issue/{key}/watchers",
        f"issue/{key}/transitions",
        f"issue/{key}/editmeta",
        f"issueLink/{hidden.link}",
        f"attachment/{hidden.file}",
        f"issue/picker?query={WORD}",
        f"issue/picker?query={key}",
        f"issue/picker?query={WORD}&currentJQL=project=TEST&showSubTasks=true",
        f"jql/autocompletedata/suggestions?fieldName=summary&fieldValue={WORD}",
        f"jql/autocompletedata/suggestions?fieldName=labels&fieldValue={WORD}",
        f"mypermissions?permissions=BROWSE_PROJECTS&issueKey={key}",
        f"user/assignable/search?issueKey={key}&query=a",
        "worklog/updated?since=0",
    ]
    only_cloud = [f"issue/{key}/changelog", f"attachment/content/{hidden.file}?redirect=false", "label"]
    return paths + (only_cloud if jira.flavour == CLOUD else [f"issue/{key}/subtask"])


def asked(jira: Jira, hidden: Hidden) -> list[tuple[str, Any]]:
    ids = [int(hidden.id)]
    both: list[tuple[str, Any]] = [("worklog/list", {"ids": [int(hidden.worklog)]})]
    queries = [
        f"key = {hidden.seen} or text ~ {WORD}",
        f"summary ~ {WORD} or comment ~ {WORD}",
        f"issue in linkedIssues({hidden.seen})",
        f"parent = {hidden.key}",
        "project = TEST order by key",
        f"id = {hidden.id}",
    ]
    if jira.flavour != CLOUD:
        return both + [
            ("search", {"jql": jql, "fields": ["*all"], "validateQuery": False, "expand": ["changelog"]})
            for jql in queries
        ]
    return (
        both
        + [("search/jql", {"jql": jql, "fields": ["*all"], "reconcileIssues": ids}) for jql in queries]
        + [
            ("comment/list", {"ids": [int(hidden.comment)]}),
            ("issue/bulkfetch", {"issueIdsOrKeys": [hidden.key, hidden.id], "fields": ["*all"]}),
            ("changelog/bulkfetch", {"issueIdsOrKeys": [hidden.key, hidden.id]}),
            (f"issue/{hidden.key}/changelog/list", {"changelogIds": [10000, 10001, 10002]}),
            ("jql/match", {"jqls": ["project = TEST"], "issueIds": ids}),
            ("permissions/check", {"projectPermissions": [{"permissions": ["BROWSE_PROJECTS"], "issues": ids}]}),
        ]
    )


def test_no_chapter_tells_of_an_issue_that_the_caller_may_not_see(either: Jira) -> None:
    hidden, viewer = Hidden(either), viewer_of(either)
    told = []
    for path in reads(either, hidden):
        answer = either.get(path, auth=viewer, allow_redirects=False)
        if WORD in answer.text or (answer.ok and f'"{hidden.key}"' in answer.text):
            told.append((path, answer.status_code, answer.text[:200]))
    for path, body in asked(either, hidden):
        answer = either.post(path, body, auth=viewer)
        if answer.ok and (WORD in answer.text or f'"{hidden.key}"' in answer.text or f'"{hidden.id}"' in answer.text):
            told.append((path, answer.status_code, f"{body} {answer.text[:300]}"))
    content = either.session.get(hidden.content, auth=viewer, timeout=10)
    assert not content.ok
    assert WORD not in content.text
    assert told == [], "\n".join(map(str, told))


def test_the_count_of_issues_leaves_hidden_ones_out_of_a_search_by_their_reader(data_center: Jira) -> None:
    hidden = Hidden(data_center)
    found = data_center.post("search", {"jql": "project = TEST", "fields": ["key"]}, auth=DC_VIEWER).json()
    assert (found["total"], [each["key"] for each in found["issues"]]) == (1, [hidden.seen])


def writes(jira: Jira, it: Hanging) -> list[tuple[str, str, Any, int]]:
    """Each write of the issue's chapters, and what who may browse and no more is told."""
    cloud = jira.flavour == CLOUD
    one, linked = {"url": "https://example.com", "title": "t"}, {"key": it.seen}
    fields = {"project": {"key": "TEST"}, "summary": "n", "issuetype": {"name": "Task"}}
    who: Any = jira.admin.account_id if cloud else "admin"
    unlinked, unwatched = (404, 403) if cloud else (401, 401)
    no_work = 400 if cloud else 403
    of = f"issue/{it.key}"
    link = {"type": {"name": "Blocks"}, "inwardIssue": {"key": it.key}, "outwardIssue": linked}
    return [
        ("POST", "issue", {"fields": fields}, 403),
        ("POST", "issue/bulk", {"issueUpdates": [{"fields": fields}]}, 400),
        ("PUT", of, {"fields": {"summary": "z"}}, 403),
        ("PUT", of, {"update": {"labels": [{"add": "z"}]}}, 403),
        ("PUT", f"{of}/assignee", {"accountId": who} if cloud else {"name": who}, 403),
        ("DELETE", f"{of}?deleteSubtasks=true", None, 403),
        ("POST", f"{of}/transitions", {"transition": {"id": "31"}}, 400),
        ("POST", f"{of}/comment", {"body": "x"}, 403),
        ("PUT", f"{of}/comment/{it.comment}", {"body": "x"}, 400),
        ("DELETE", f"{of}/comment/{it.comment}", None, 400),
        ("PUT", f"comment/{it.comment}/properties/place", 2, 400),
        ("DELETE", f"comment/{it.comment}/properties/place", None, 400),
        ("POST", f"{of}/worklog", {"timeSpent": "1h"}, no_work),
        ("PUT", f"{of}/worklog/{it.worklog}", {"timeSpent": "2h"}, no_work),
        ("DELETE", f"{of}/worklog/{it.worklog}", None, no_work),
        ("DELETE", f"attachment/{it.file}", None, 403),
        ("POST", f"{of}/remotelink", {"object": one}, 403),
        ("PUT", f"{of}/remotelink/{it.remote['id']}", {"object": one}, 403),
        ("DELETE", f"{of}/remotelink/{it.remote['id']}", None, 403),
        ("POST", "issueLink", link, unlinked),
        ("DELETE", f"issueLink/{it.link}", None, unlinked),
        ("POST", f"{of}/watchers", who, unwatched),
        ("DELETE", f"{of}/watchers?{'accountId' if cloud else 'username'}={who}", None, unwatched),
        ("PUT", f"{of}/properties/place", 2, 403),
        ("DELETE", f"{of}/properties/place", None, 403),
        ("PUT", "issue/archive" if cloud else f"{of}/archive", {"issueIdsOrKeys": [it.key]} if cloud else None, 403),
    ]


def browsing_alone(jira: Jira) -> None:
    """The viewer may look into TEST and do nothing else there."""
    for permission in PROJECT_PERMISSIONS - {"BROWSE_PROJECTS"}:
        taken = {"user": viewer_of(jira)[0], "project": "TEST", "permission": permission, "held": False}
        assert jira.session.put(f"{jira.url}/_control/permissions", json=taken, timeout=10).ok


def test_who_may_browse_and_no_more_is_refused_every_write(either: Jira) -> None:
    it = Hanging(either)
    browsing_alone(either)
    before = either.site.state.issue(it.key)
    answers = [
        (method, path, code, either.call(method, path, json=body, version="2", auth=viewer_of(either)))
        for method, path, body, code in writes(either, it)
    ]
    sent = either.call(
        "POST", f"issue/{it.key}/attachments", files={"file": ("a", b"a")}, headers=TOKEN, auth=viewer_of(either)
    )
    assert sent.status_code == 403
    assert [(m, path, answer.status_code) for m, path, _, answer in answers] == [
        (m, path, code) for m, path, code, _ in answers
    ]
    assert either.site.state.issue(it.key) is before
    assert len(either.site.state.issues) == 3


def test_anonymous_callers_are_refused_every_write_and_told_nothing(either: Jira) -> None:
    it = Hanging(either)
    before = either.site.state.issue(it.key)
    for method, path, body, _ in writes(either, it):
        answer = either.call(method, path, json=body, version="2", auth=None)
        expected = (400, 401, 404) if either.flavour == CLOUD else (401,)
        assert answer.status_code in expected, (method, path, answer.status_code)
        assert WORD not in answer.text
    assert either.site.state.issue(it.key) is before
    assert len(either.site.state.issues) == 3


def test_tasks_in_bulk_change_nothing_that_the_caller_may_not_change(jira: Jira) -> None:
    it = Hanging(jira)
    browsing_alone(jira)
    before = jira.site.state.issue(it.key)
    of = {"selectedIssueIdsOrKeys": [it.key]}
    for path, body in (
        ("bulk/issues/delete", of),
        ("bulk/issues/transition", {"bulkTransitionInputs": [of | {"transitionId": "31"}]}),
    ):
        answer = jira.post(path, body | {"sendBulkNotification": False}, auth=VIEWER)
        if answer.ok:
            queue = jira.get(f"bulk/queue/{answer.json()['taskId']}", auth=VIEWER).json()
            assert queue["processedAccessibleIssues"] == []
    assert jira.site.state.issue(it.key) is before


def test_a_child_does_not_tell_of_a_parent_that_the_caller_may_not_see(either: Jira) -> None:
    hidden = Hidden(either)
    epic = either.create("TEST", WORD, "Epic")
    child = either.create("TEST", "In the open", parent={"key": epic})
    level = either.get(f"issue/{hidden.key}?fields=security").json()["fields"]["security"]["id"]
    assert either.get(f"issue/{child}", auth=viewer_of(either)).json()["fields"]["parent"]["key"] == epic
    either.put(f"issue/{epic}", {"fields": {"security": {"id": level}}})
    fields = either.get(f"issue/{child}", auth=viewer_of(either)).json()["fields"]
    assert "parent" not in fields
    assert either.get(f"issue/{child}").json()["fields"]["parent"]["key"] == epic
    path = "search/jql" if either.flavour == CLOUD else "search"
    for jql in (f"issue in linkedIssues({hidden.key})", f"parent = {epic}", f"issueLink = {hidden.key}"):
        missing = jql.replace(hidden.key, "TEST-99").replace(epic, "TEST-99")
        told, of_none = (
            either.post(path, {"jql": each, "fields": ["key"]}, auth=viewer_of(either)) for each in (jql, missing)
        )
        assert told.status_code == of_none.status_code
        assert told.text.replace(hidden.key, "TEST-99").replace(epic, "TEST-99") == of_none.text


def test_sub_tasks_that_the_caller_may_not_see_are_not_listed(data_center: Jira) -> None:
    parent = data_center.create("TEST")
    child = data_center.create("TEST", WORD, "Sub-task", parent={"key": parent})
    paths = [f"issue/{parent}", f"issue/{parent}/subtask"]
    assert all(WORD in data_center.get(path, auth=DC_VIEWER).text for path in paths)
    level = Hidden(data_center).key
    found = data_center.site.state.issue(level)
    below = data_center.site.state.issue(child)
    assert found
    assert below
    data_center.site.put(replace(below, security_level_id=found.security_level_id))
    assert not any(WORD in data_center.get(path, auth=DC_VIEWER).text for path in paths)
