"""The page of an issue, for people: what it says, what it never does, and where old keys lead (F11)."""

import base64
import hashlib
import re

import pytest
import requests

from fake_jira.model.permissions import revoke
from fake_jira.server import start
from tests.fake_jira.conftest import Jira


def look(jira: Jira, key: str) -> requests.Response:
    """The page as a person gets it: without a credential, redirects shown."""
    return jira.session.get(f"{jira.url}/browse/{key}", timeout=10, allow_redirects=False)


def words(page: requests.Response) -> str:
    """What a person reads on it."""
    body = re.sub(r"<(style|title)>.*?</\1>", "", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_page_of_an_issue_says_all_that_a_person_wants_to_know(jira: Jira) -> None:
    jira.world.clock.move_to(jira.world.now().replace(2026, 3, 1, 12, 0, 0))
    key = jira.create(
        summary="Replace log4j", kind="Bug", labels=["xray-1"], priority={"name": "High"}, duedate="2026-04-01"
    )
    text = {"type": "text", "text": "Soon."}
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}
    jira.post(f"issue/{key}/comment", {"body": document})
    jira.put(f"issue/{key}", {"fields": {"description": document, "assignee": {"id": jira.admin.account_id}}})
    jira.post(f"issue/{key}/transitions", {"transition": {"id": "41"}})
    page = look(jira, key)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert '<span class="status green">Done</span>' in page.text
    said = words(page)
    for part in (
        "Security / SEC-1",
        "Replace log4j",
        "Type Bug",
        "Priority High",
        "Resolution Done",
        "Assignee Ada Admin",
        "Reporter Ada Admin",
        "Labels xray-1",
        "Due 01 Apr 2026",
        "Created 01 Mar 2026 12:00 UTC",
        "Updated 01 Mar 2026 12:00 UTC",
        "Description Soon.",
        "Comments 1 Ada Admin 01 Mar 2026 12:00 UTC Soon.",
        "Status: To Do → Done",
        "Assignee: none → Ada Admin",
        "Description changed",
    ):
        assert part in said
    assert said.index("Status: To Do") < said.index("Description changed"), "the newest stands first"


@pytest.mark.parametrize(
    ("status", "colour"), [("To Do", "blue-gray"), ("In Progress", "yellow"), ("In Review", "yellow")]
)
def test_a_status_has_the_colour_of_its_category(jira: Jira, status: str, colour: str) -> None:
    key = jira.create()
    transitions = {"To Do": "11", "In Progress": "21", "In Review": "31"}
    jira.post(f"issue/{key}/transitions", {"transition": {"id": transitions[status]}})
    assert f'<span class="status {colour}">{status}</span>' in look(jira, key).text


def test_what_people_wrote_is_shown_and_never_carried_out(jira: Jira) -> None:
    evil = "<script>alert('x')</script>\"&"
    key = jira.create(summary=evil, labels=["<i>"])
    jira.call("PUT", f"issue/{key}", version="2", json={"fields": {"description": evil, "environment": evil}})
    jira.call("POST", f"issue/{key}/comment", version="2", json={"body": evil})
    page = look(jira, key).text
    assert "<script" not in page
    assert "<i>" not in page
    escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;&amp;"
    assert page.count(escaped) == 4  # title, heading, and both texts
    missing = look(jira, "<script>")
    assert missing.status_code == 404
    assert "<script" not in missing.text


@pytest.mark.parametrize("key", ["SEC-1", "SEC-99"])
def test_a_page_allows_its_own_style_and_nothing_else(jira: Jira, key: str) -> None:
    jira.create()
    page = look(jira, key)
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert page.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_key_is_a_page_that_says_so_in_a_sentence(jira: Jira) -> None:
    page = look(jira, "SEC-99")
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is no issue SEC-99 here: it was never made, or it has been deleted." in words(page)


def test_a_deleted_issue_has_no_page_until_it_is_restored(jira: Jira) -> None:
    key = jira.create()
    jira.delete(f"issue/{key}")
    assert look(jira, key).status_code == 404
    jira.session.post(f"{jira.url}/_control/issues/{key}/restore", timeout=10)
    assert look(jira, key).status_code == 200


def test_an_old_key_leads_to_the_present_one(jira: Jira) -> None:
    key = jira.create()
    moved = jira.session.post(f"{jira.url}/_control/issues/{key}/move", json={"project": "TEST"}, timeout=10).json()
    old = look(jira, key)
    assert old.status_code == 302
    assert old.headers["Location"] == f"/worlds/{jira.world.name}/browse/{moved['key']}"
    page = jira.session.get(f"{jira.url}/browse/{key}", timeout=10)
    assert (page.status_code, page.url) == (200, f"{jira.url}/browse/TEST-1")
    assert "Project: Security → Test Key: SEC-1 → TEST-1" in words(page)
    assert look(jira, "test-1").headers["Location"].endswith("/browse/TEST-1")
    jira.delete("issue/TEST-1")
    assert look(jira, key).status_code == 404


def test_a_number_is_no_key(jira: Jira) -> None:
    jira.create()
    assert look(jira, "10000").status_code == 404


def test_everybody_may_look_at_hidden_projects_too(jira: Jira) -> None:
    key = jira.create()
    assert revoke(jira.site, jira.world.state.projects["10001"], jira.admin, "BROWSE_PROJECTS")
    assert look(jira, key).status_code == 200


def test_a_sub_task_leads_to_its_parent(jira: Jira) -> None:
    parent = jira.create()
    child = jira.create(kind="Sub-task", parent={"key": parent})
    assert f'<a href="/worlds/{jira.world.name}/browse/{parent}">{parent}</a>' in look(jira, child).text


def test_a_look_is_one_entry_of_the_journal_and_faults_hit_it(jira: Jira) -> None:
    key = jira.create()
    fault = {"fault": "unavailable", "issue": key, "times": 1}
    jira.session.post(f"{jira.url}/_control/faults", json=fault, timeout=10)
    assert [look(jira, key).status_code for _ in range(2)] == [503, 200]
    entries = jira.session.get(f"{jira.url}/_control/journal?operation=browseIssue", timeout=10).json()["entries"]
    assert [(entry["path"], entry["status"], entry["user"]) for entry in entries] == [
        (f"/browse/{key}", 503, None),
        (f"/browse/{key}", 200, None),
    ]


@pytest.mark.parametrize(
    ("options", "root", "below"),
    [({"prefix": "/jira"}, "/jira", "/jira"), ({"public_url": "https://jira.example.com/base"}, "", "/base")],
)
def test_pages_are_below_the_prefix_and_lead_to_the_public_url(options: dict[str, str], root: str, below: str) -> None:
    with start(issues=1, seed=1, **options) as fake, requests.Session() as session:  # type: ignore[arg-type]
        session.trust_env = False
        (issue,) = fake.worlds.get("default").state.issues.values()
        site = f"{fake.control_url.removesuffix('/_control')}{root}"
        page = session.get(f"{site}/browse/{issue.key}", timeout=10)
        assert page.status_code == 200
        spelt = session.get(f"{site}/browse/{issue.key.lower()}", timeout=10, allow_redirects=False)
        assert spelt.headers["Location"] == f"{below}/browse/{issue.key}"
