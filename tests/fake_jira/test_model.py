"""Records, verbs, the search index and the sample data, without HTTP."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fake_jira.clock import Clock
from fake_jira.errors import Invalid, NotThere
from fake_jira.model import issues
from fake_jira.model.catalogue import add_project, fresh_state
from fake_jira.model.components import add_component, delete_component
from fake_jira.model.index import Index
from fake_jira.model.issue_types import delete_type
from fake_jira.model.people import add_user
from fake_jira.model.permissions import grant, revoke
from fake_jira.model.records import Issue, IssueType
from fake_jira.model.sample import sow
from fake_jira.model.state import Site
from fake_jira.model.versions import add_version, delete_version
from fake_jira.model.workflows import CLASSIC, SIMPLIFIED


@pytest.fixture
def site() -> Site:
    clock = Clock()
    return Site(fresh_state(clock), clock)


def make(site: Site, project: str = "SEC", **values: object) -> Issue:
    found = site.state.project(project)
    assert found is not None
    return issues.create_issue(site, found, None, **{"type_id": "10002", "summary": "x"} | values)  # type: ignore[arg-type]


def test_a_number_is_never_given_out_twice(site: Site) -> None:
    issues.delete_issue(site, make(site))
    assert make(site).key == "SEC-2"
    assert make(site, key="SEC-40").key == "SEC-40"
    assert make(site).key == "SEC-41"
    for taken in ("SEC-1", "sec-40"):
        with pytest.raises(Invalid, match="given out already"):
            make(site, key=taken)
    with pytest.raises(Invalid, match="not a key of the project"):
        make(site, key="TEST-9")


def test_a_move_takes_subtasks_along_and_leaves_the_old_keys_as_names(site: Site) -> None:
    parent = make(site)
    make(site, type_id="10004", parent_id=parent.id)
    moved = issues.move_issue(site, parent, None, site.state.projects["10000"])
    assert (moved.id, moved.key) == (parent.id, "TEST-1")
    assert [site.issue(old).key for old in ("SEC-1", "SEC-2")] == ["TEST-1", "TEST-2"]
    items = {item.field: (item.old_string, item.new_string) for item in moved.history[-1].items}
    assert items["Key"] == ("SEC-1", "TEST-1")
    with pytest.raises(Invalid, match="already"):
        issues.move_issue(site, moved, None, site.state.projects["10000"])


def test_a_restored_issue_is_as_it_was(site: Site) -> None:
    parent = make(site)
    child = make(site, type_id="10004", parent_id=parent.id)
    issues.delete_issue(site, site.issue("SEC-1"))
    with pytest.raises(NotThere):
        site.issue(child.id)
    assert issues.restore_issue(site, "sec-1") is parent
    assert issues.restore_issue(site, child.id).parent_id == parent.id
    assert site.state.children[parent.id] == (child.id,)
    with pytest.raises(NotThere):
        issues.restore_issue(site, "SEC-1")


def test_a_child_that_is_no_subtask_outlives_its_parent(site: Site) -> None:
    epic = make(site, type_id="10000")
    story = make(site, type_id="10001", parent_id=epic.id)
    issues.delete_issue(site, epic)
    assert site.issue(story.id).parent_id is None


def test_done_resolves_and_leaving_it_clears(site: Site) -> None:
    done = issues.transition_to(site, make(site), None, "done")
    assert (done.status_id, done.resolution_id, done.resolved) == ("10003", "10000", done.updated)
    back = issues.transition_to(site, done, None, "10001")
    assert (back.resolution_id, back.resolved) == (None, None)
    with pytest.raises(Invalid, match="there are: To Do, In Progress, In Review, Done"):
        issues.transition_to(site, back, None, "Nope")


def test_roles_decide_what_a_new_project_grants(site: Site) -> None:
    add_user(site, "bob@example.com", "Bob", "bob-token")
    project = add_project(site, "NEW", "New", lead="nobody")
    held = {
        name: (site.state.may(user, "BROWSE_PROJECTS", project.id), site.state.may(user, "DELETE_ISSUES", project.id))
        for name in ("admin", "viewer", "bob")
        if (user := site.state.user(f"{name}@example.com"))
    }
    assert held == {"admin": (True, True), "viewer": (True, False), "bob": (True, True)}
    assert not site.state.may(None, "BROWSE_PROJECTS", project.id)


def test_a_permission_is_taken_and_given_back(site: Site) -> None:
    viewer, project = site.state.user("viewer@example.com"), site.state.projects["10001"]
    assert viewer
    assert revoke(site, project, viewer, "BROWSE_PROJECTS")
    assert not site.state.may(viewer, "BROWSE_PROJECTS", project.id)
    assert not revoke(site, project, viewer, "BROWSE_PROJECTS")
    grant(site, project, viewer, "BROWSE_PROJECTS")
    assert site.state.may(viewer, "BROWSE_PROJECTS", project.id)
    with pytest.raises(NotThere):
        grant(site, project, viewer, "NOPE")


def test_an_address_and_a_token_belong_to_one_user(site: Site) -> None:
    with pytest.raises(Invalid, match="already a user"):
        add_user(site, "ADMIN@example.com", "Other", "other")
    with pytest.raises(Invalid, match="this token"):
        add_user(site, "new@example.com", "New", "admin-token")


def test_the_index_shows_versions_in_the_order_of_their_time(site: Site) -> None:
    index, now, issue = Index(), datetime(2026, 1, 1, tzinfo=UTC), make(site)
    newer = issues.transition_to(site, issue, None, "Done")
    index.feed(issue.id, issue, now, timedelta(seconds=10))
    index.feed(issue.id, newer, now + timedelta(seconds=5), timedelta(seconds=10))
    for seconds, expected in ((9, None), (10, issue), (14, issue), (15, newer)):
        index.catch_up(now + timedelta(seconds=seconds))
        assert index.shown.get(issue.id) is expected
    index.feed(issue.id, issue, now, timedelta(seconds=60))
    index.feed(issue.id, newer, now, timedelta(seconds=20))
    index.catch_up(now + timedelta(seconds=70))
    assert index.shown[issue.id] is newer
    index.feed(issue.id, None, now, timedelta(seconds=30))
    index.feed(issue.id, issue, now, timedelta(0))
    index.catch_up(now + timedelta(minutes=5))
    assert index.shown[issue.id] is issue
    assert index.by_status == {"10000": {issue.id}, "10003": set()}


def test_a_copy_of_the_state_goes_its_own_way(site: Site) -> None:
    issue = make(site)
    other = Site(site.state.copy(), site.clock)
    issues.delete_issue(other, issue)
    make(site)
    assert site.issue("SEC-1") is issue
    assert set(site.state.index.shown) == {"10000", "10001"}
    assert (other.state.issues, other.state.index.shown, other.state.index.by_project["10001"]) == ({}, {}, set())


def test_sample_data_is_the_same_for_the_same_seed_and_spread_over_fourteen_months() -> None:
    clock = Clock()
    clock.move_to(datetime(2026, 3, 1, tzinfo=UTC))

    def sown(seed: int) -> Site:
        site = Site(fresh_state(clock), clock)
        sow(site, seed, 400)
        return site

    first, again, other = sown(1), sown(1), sown(2)

    def summaries(site: Site) -> list[tuple[str, str]]:
        return [(issue.key, issue.summary) for issue in site.state.issues.values()]

    assert summaries(first) == summaries(again)
    assert summaries(first) != summaries(other)
    ages = [clock.now() - issue.created for issue in first.state.issues.values()]
    assert min(ages) < timedelta(days=20)
    assert timedelta(days=400) < max(ages) < timedelta(days=427)
    assert Counter(issue.project_id for issue in first.state.issues.values()).keys() == {"10000", "10001"}
    assert len({issue.status_id for issue in first.state.issues.values()}) == 4
    for issue in first.state.issues.values():
        assert issue.created <= issue.updated <= clock.now()
        path = [item.new for entry in issue.history for item in entry.items if item.field == "status"]
        assert (path[-1] if path else "10000") == issue.status_id
    assert make(first).key == f"SEC-{first.state.projects['10001'].last_number}"


def test_a_move_takes_along_what_is_named_alike_there_and_leaves_the_rest_behind(site: Site) -> None:
    sec, test = site.state.projects["10001"], site.state.projects["10000"]
    core, edge = add_component(site, sec, "Core"), add_component(site, sec, "Edge")
    there = add_component(site, test, "core")
    only_here = add_version(site, sec, None, "1.0")
    issue = make(site, component_ids=(edge.id, core.id), fix_version_ids=(only_here.id,))
    moved = issues.move_issue(site, issue, None, test)
    assert (moved.component_ids, moved.fix_version_ids) == ((there.id,), ())
    told = {(item.field, item.old_string, item.new_string) for item in moved.history[-1].items}
    assert told >= {("Component", "Core", None), ("Component", None, "core"), ("Fix Version", "1.0", None)}


def test_a_move_into_another_workflow_begins_where_that_one_begins(site: Site) -> None:
    ops = add_project(site, "OPS", "Operations", lead="nobody", workflow=CLASSIC)
    parent = issues.transition_to(site, make(site), None, "Done")
    child = make(site, type_id="10004", parent_id=parent.id)
    moved = issues.move_issue(site, parent, None, ops)
    assert site.state.statuses[moved.status_id].name == "Open"
    assert moved.category_changed == moved.updated
    assert site.state.statuses[site.issue(child.id).status_id].name == "Open"
    assert [item.new_string for item in moved.history[-1].items if item.field == "status"] == ["Open"]


def test_who_loses_the_parent_is_told_so_and_forgets_it_for_good(site: Site) -> None:
    epic = make(site, type_id="10000")
    story = make(site, type_id="10001", parent_id=epic.id)
    issues.delete_issue(site, epic)
    (item,) = site.issue(story.id).history[-1].items
    assert (item.field, item.old_string, item.new_string) == ("IssueParentAssociation", epic.key, None)
    issues.delete_issue(site, site.issue(story.id))
    issues.restore_issue(site, epic.id)
    assert site.state.children.get(epic.id, ()) == ()


def test_a_sub_task_comes_back_only_where_its_parent_is(site: Site) -> None:
    parent = make(site)
    child = make(site, type_id="10004", parent_id=parent.id)
    issues.delete_issue(site, parent)
    with pytest.raises(Invalid, match="restore that one first"):
        issues.restore_issue(site, child.key)
    back = issues.edit_issue(site, issues.restore_issue(site, parent.key), None, {"type_id": "10000"})
    with pytest.raises(Invalid, match="SEC-1 can have none by now"):
        issues.restore_issue(site, child.key)
    back = issues.edit_issue(site, back, None, {"type_id": "10002"})
    issues.move_issue(site, back, None, site.state.projects["10000"])
    assert issues.restore_issue(site, child.key).project_id == "10000"


def test_an_issue_comes_back_without_what_is_gone_by_then(site: Site) -> None:
    project = site.state.projects["10001"]
    component, version = add_component(site, project, "Core"), add_version(site, project, None, "1.0")
    issue = make(site, component_ids=(component.id,), fix_version_ids=(version.id,), affects_version_ids=(version.id,))
    issues.delete_issue(site, issue)
    delete_component(site, component, None)
    delete_version(site, version, None, None, None)
    back = issues.restore_issue(site, issue.id)
    assert (back.component_ids, back.fix_version_ids, back.affects_version_ids) == ((), (), ())


def test_many_issues_at_once_are_where_one_by_one_they_would_be(site: Site) -> None:
    sow(site, 7, 60)
    one_by_one, at_once = site.state.index.copy(), site.state.index.copy()
    changed = {
        each.id: None if each.project_id == "10001" else replace(each, key=f"NEW-{each.id}", updated=each.created)
        for each in site.state.issues.values()
    }
    for issue_id, issue in changed.items():
        one_by_one.feed(issue_id, issue, site.now(), timedelta(0))
    at_once.feed_many(changed, site.now(), timedelta(0))
    assert at_once.shown == one_by_one.shown
    for name, order in one_by_one.orders.items():
        assert (at_once.orders[name].places, at_once.orders[name].ids) == (order.places, order.ids)


def test_an_issue_in_the_trash_has_no_type_or_status_that_is_gone(site: Site) -> None:
    risk = IssueType("10099", "Risk", "")
    site.state.types[risk.id] = risk
    first, second = (make(site, type_id=risk.id) for _ in range(2))
    issues.delete_issue(site, first)
    delete_type(site, risk, None, site.state.types["10002"])
    assert issues.restore_issue(site, first.id).type_id == "10002"
    site.state.types[risk.id] = risk
    issues.delete_issue(site, issues.edit_issue(site, site.issue(second.id), None, {"type_id": risk.id}))
    delete_type(site, risk, None, None)
    with pytest.raises(Invalid, match="its issue type is gone"):
        issues.restore_issue(site, second.id)
    elsewhere = issues.edit_issue(site, make(site), None, {"status_id": "10003"})
    issues.delete_issue(site, elsewhere)
    site.state.projects["10001"] = replace(site.state.projects["10001"], workflow=replace(SIMPLIFIED, transitions=()))
    assert issues.restore_issue(site, elsewhere.id).status_id == "10000"
