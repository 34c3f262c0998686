"""What belongs to issues, from the inside: who is told of it, how it is kept, and how spans of time are written."""

from collections import deque
from pathlib import Path

import pytest

from fake_jira.model import attachments, comments, links, worklogs
from fake_jira.model.durations import pretty, read_duration
from fake_jira.model.events import Event
from fake_jira.model.issue_properties import set_properties
from fake_jira.model.issues import create_issue
from fake_jira.model.records import Issue, RichText
from fake_jira.model.state import Site
from fake_jira.state_file import StateFile
from fake_jira.worlds import Worlds
from tests.fake_jira.conftest import Jira
from tests.fake_jira.people import viewer
from tests.fake_jira.proof.drives import rich

NO_CHECK = {"X-Atlassian-Token": "no-check"}


def furnish(jira: Jira) -> tuple[str, str]:
    """Two issues with one of everything."""
    key, other = jira.create(timetracking={"originalEstimate": "4h"}), jira.create()
    jira.post(f"issue/{key}/comment", {"body": rich(jira, "Words")})
    jira.post(f"issue/{key}/worklog", {"timeSpent": "1h"})
    jira.call("POST", f"issue/{key}/attachments", files=[("file", ("a", b"\x00\xff"))], headers=NO_CHECK)
    jira.post(f"issue/{key}/remotelink", {"object": {"title": "A page", "url": "https://example.com"}})
    jira.put(f"issue/{key}/properties/a", {"n": 1})
    given = {"type": {"name": "Blocks"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
    assert jira.post("issueLink", given).status_code == 201
    jira.call("POST", f"issue/{key}/votes", auth=viewer(jira))
    return key, other


def test_every_change_is_told_to_who_listens(jira: Jira) -> None:
    told: deque[Event] = deque()
    site, who = Site(jira.world.state, jira.world.clock, outbox=told), jira.admin
    project = site.state.projects["10001"]
    first, second = (create_issue(site, project, who, type_id="10002", summary=each) for each in "ab")

    def issue() -> Issue:
        return site.issue(first.id)

    told.clear()
    comment = comments.add_comment(site, first, who, RichText("Words"))
    work = worklogs.add_worklog(site, issue(), who, worklogs.Work(site.now(), 3600))
    (attachment,) = attachments.attach(site, issue(), who, [("a", "text/plain", b"a")])
    set_properties(site, issue(), who, (("a", b"1"),))
    link = links.link(site, who, links.link_type_named(site.state, "Blocks"), issue(), second)
    assert link is not None
    links.unlink(site, who, link)
    set_properties(site, issue(), who, ())
    attachments.delete_attachment(site, issue(), who, attachment)
    worklogs.delete_worklog(site, issue(), who, work)
    comments.delete_comment(site, issue(), comment, who)
    nouns = ("comment", "worklog", "attachment", "issue_property", "issuelink")
    made = [f"{each}_{'set' if each == 'issue_property' else 'created'}" for each in nouns]
    gone = [f"{each}_deleted" for each in reversed(nouns)]
    assert [each.kind for each in told if each.kind != "jira:issue_updated"] == made + gone
    updates = [each for each in told if each.kind == "jira:issue_updated"]
    assert [each.type_name for each in updates[:2]] == ["issue_commented", "issue_work_logged"]
    assert all(each.change for each in updates[1:-1])
    assert {each.actor for each in told} == {who.account_id}


def test_all_of_it_comes_back_from_the_state_file(jira: Jira, tmp_path: Path) -> None:
    key, _ = furnish(jira)
    jira.delete(f"issue/{key}/worklog/10000")
    worlds, back = Worlds(), Worlds()
    worlds.get("default").state = jira.world.state
    StateFile(tmp_path / "state").save(worlds)
    assert StateFile(tmp_path / "state").load(back)
    state, was = back.get("default").state, jira.world.state
    kept, issue = state.issue(key), was.issue(key)
    assert kept is not None
    assert issue is not None
    for name in ("comments", "worklogs", "attachments", "links", "remote_links", "voters", "watchers", "properties"):
        assert getattr(kept, name) == getattr(issue, name), name
    assert (kept.original_estimate, kept.remaining_estimate) == (issue.original_estimate, issue.remaining_estimate)
    assert (state.blobs, state.link_types, state.deleted_worklogs) == (was.blobs, was.link_types, was.deleted_worklogs)


def test_the_page_of_an_issue_tells_what_happened_to_it(either: Jira) -> None:
    key, other = furnish(either)
    page = either.session.get(f"{either.url}/browse/{key}")
    assert page.status_code == 200
    assert f"This issue blocks {other}" in page.text


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("3h 20m", 12_000),
        ("1w 1d", 172_800),
        ("1.5h", 5_400),
        ("90", 5_400),
        ("2 hours", 7_200),
        ("", None),
        ("soon", None),
        ("3x", None),
        ("-1h", None),
    ],
)
def test_a_span_is_read(words: str, seconds: int | None) -> None:
    assert read_duration(words) == seconds


@pytest.mark.parametrize(("seconds", "words"), [(12_000, "3h 20m"), (172_800, "1w 1d"), (59, "0m"), (28_800, "1d")])
def test_a_span_is_written(seconds: int, words: str) -> None:
    assert pretty(seconds) == words
