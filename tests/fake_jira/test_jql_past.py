"""JQL over what issues were, what they belong to and what people made of them: history, nouns, functions, filters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from fake_jira.clock import Clock
from fake_jira.errors import Invalid
from fake_jira.jql import Asker, complaints, find, matching, parse
from fake_jira.model.access import Group
from fake_jira.model.catalogue import fresh_state
from fake_jira.model.filters import add_filter, change_filter
from fake_jira.model.index import ORDERS
from fake_jira.model.issues import create_issue, delete_issue, edit_issue, transition_to
from fake_jira.model.people import add_user
from fake_jira.model.project_records import Component, Version
from fake_jira.model.records import Field, Link, RichText, User, Worklog
from fake_jira.model.state import DATA_CENTER, Site

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)


class Frozen(Clock):
    def now(self) -> datetime:
        return NOW + self.offset


def user(site: Site, name: str) -> User:
    found = site.state.user(f"{name}@example.com")
    assert found is not None
    return found


@pytest.fixture
def site() -> Site:
    """SEC-1 went To Do, In Progress, Done, a day each; SEC-2 stayed; SEC-3 is In Progress since today, by Bob."""
    clock = Frozen()
    site = Site(fresh_state(clock), clock)
    bob, admin = add_user(site, "bob@example.com", "Bob", "bob-token"), user(site, "admin")
    sec = site.state.projects["10001"]
    clock.advance(-3 * DAY)
    for summary in ("Fix the door", "Rotate the keys", "Security news"):
        create_issue(site, sec, admin, type_id="10002", summary=summary)
    clock.advance(DAY)
    transition_to(site, site.issue("SEC-1"), admin, "In Progress")
    clock.advance(DAY)
    transition_to(site, site.issue("SEC-1"), bob, "Done")
    clock.advance(DAY)
    transition_to(site, site.issue("SEC-3"), bob, "In Progress")
    return site


def asker(site: Site, name: str = "admin") -> Asker:
    return Asker(site.state, user(site, name), site.clock.now())


def found(site: Site, jql: str, name: str = "admin") -> str:
    return " ".join(issue.key for issue in find(parse(f"{jql} order by key"), asker(site, name)))


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("status was 'In Progress'", "SEC-1 SEC-3"),
        ("status was not 'In Progress'", "SEC-2"),
        ("status was in ('To Do', Done)", "SEC-1 SEC-2 SEC-3"),
        ("status was not in ('In Progress', Done)", "SEC-2"),
        ("not status was 'In Progress'", "SEC-2"),
        ("status was 'In Progress' by Bob", "SEC-3"),
        ("status was 'In Progress' before 2026-03-30", "SEC-1"),
        ("status was 'In Progress' after 2026-03-31", "SEC-3"),
        ("status was 'To Do' on 2026-03-30", "SEC-2 SEC-3"),
        ("status was Done during (2026-03-28, 2026-03-29)", ""),
        ("status was Done during (2026-03-28, 2026-03-30)", "SEC-1"),
        ("status changed", "SEC-1 SEC-3"),
        ("not status changed", "SEC-2"),
        ("status changed from 'In Progress' to Done", "SEC-1"),
        ("status changed to Done by 'Ada Admin'", ""),
        ("status changed after -1h", "SEC-3"),
        ("status changed by currentUser()", "SEC-1"),
        ("resolution was empty", "SEC-1 SEC-2 SEC-3"),
        ("resolution changed to Done", "SEC-1"),
        ("issue in updatedBy(Bob)", "SEC-1 SEC-3"),
        ("issue in updatedBy(Bob, -2h)", "SEC-3"),
    ],
)
def test_the_past_is_found(site: Site, jql: str, keys: str) -> None:
    assert found(site, jql) == keys


def test_a_status_is_found_by_the_name_that_it_had(site: Site) -> None:
    site.state.statuses["10001"] = replace(site.state.statuses["10001"], name="Underway")
    assert found(site, "status changed to 'In Progress'") == "SEC-1 SEC-3"
    assert found(site, "status was Underway") == "SEC-1 SEC-3"


@pytest.fixture
def furnished(site: Site) -> Site:
    """SEC-1 with a version, a component, a link to SEC-2, a watcher, a voter, a worklog and estimates."""
    state, admin, bob = site.state, user(site, "admin").account_id, user(site, "bob").account_id
    state.versions |= {
        "1": Version("1", "10001", "1.0", 0, released=True),
        "2": Version("2", "10001", "2.0", 1),
        "3": Version("3", "10001", "3.0", 2),
    }
    state.components["7"] = Component("7", "10001", "Gate", lead=bob)
    state.groups["g"] = Group("g", "staff", (bob,))
    first, second = site.issue("SEC-1"), site.issue("SEC-2")
    link = Link("1", next(iter(state.link_types)), first.id, second.id)
    log = Worklog("1", bob, bob, NOW, NOW, NOW - DAY, 3600, RichText("oiled it"))
    edit_issue(
        site, first, None,
        {
            "fix_version_ids": ("2",), "component_ids": ("7",), "watchers": (bob,), "voters": (bob, admin),
            "links": (link,), "worklogs": (log,), "original_estimate": 7200, "assignee": bob,
            "properties": (("app", orjson.dumps({"level": {"n": 3}, "tags": ["Red", "blue"]})),),
        },
    )  # fmt: skip
    others = {"watchers": (), "links": (link,), "fix_version_ids": ("1",), "affects_version_ids": ("1", "2")}
    edit_issue(site, second, None, others)
    edit_issue(site, site.issue("SEC-3"), None, {"watchers": ()})
    return site


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("fixVersion = 2.0", "SEC-1"),
        ("fixVersion in unreleasedVersions(SEC)", "SEC-1"),
        ("fixVersion = latestReleasedVersion(SEC)", "SEC-2"),
        ("fixVersion = earliestUnreleasedVersion(SEC)", "SEC-1"),
        ("fixVersion < 2.0", "SEC-2"),
        ("fixVersion is empty", "SEC-3"),
        ("affectedVersion in releasedVersions()", "SEC-2"),
        ("component = gate", "SEC-1"),
        ("component in componentsLeadByUser(Bob)", "SEC-1"),
        ("project in projectsLeadByUser()", "SEC-1 SEC-2 SEC-3"),
        ("project in projectsWhereUserHasPermission('Edit Issues')", "SEC-1 SEC-2 SEC-3"),
        ("assignee in membersOf(staff)", "SEC-1"),
        ("issue in linkedIssues(SEC-1)", "SEC-2"),
        ("issueLink = SEC-2", "SEC-1"),
        ("issueLinkType is not empty", "SEC-1 SEC-2"),
        ("issue in votedIssues()", "SEC-1"),
        ("issue in watchedIssues()", ""),
        ("watcher = Bob", "SEC-1"),
        ("voter in (currentUser())", "SEC-1"),
        ("votes > 1", "SEC-1"),
        ("watchers = 0", "SEC-2 SEC-3"),
        ("worklogAuthor = Bob", "SEC-1"),
        ("worklogDate = -1d", "SEC-1"),
        ("worklogComment ~ oil", "SEC-1"),
        ("timeSpent = 1h", "SEC-1"),
        ("originalEstimate >= 90", "SEC-1"),
        ("workRatio < 60", "SEC-1"),
        ("issuetype in standardIssueTypes()", "SEC-1 SEC-2 SEC-3"),
        ("issuetype in subtaskIssueTypes()", ""),
        ("attachments is empty", "SEC-1 SEC-2 SEC-3"),
        ("issue.property[app].level.n > 2", "SEC-1"),
        ("issue.property[app].tags = red", "SEC-1"),
        ("issue.property[app].tags is empty", "SEC-2 SEC-3"),
        ("fixVersion changed", "SEC-1 SEC-2"),
    ],
)
def test_what_an_issue_has_is_found(furnished: Site, jql: str, keys: str) -> None:
    assert found(furnished, jql) == keys


@pytest.mark.parametrize(
    ("question", "keys"),
    [
        ("fixed", "SEC-1"),
        ("rotating", "SEC-2"),
        ("securit*", "SEC-3"),
        ("security*", "SEC-3"),
        ("d?or", "SEC-1"),
        ("door OR news", "SEC-1 SEC-3"),
        ("the -door", "SEC-2"),
        ("the AND NOT keys", "SEC-1"),
        ('\\"the key\\"', "SEC-2"),
        ("(door OR keys) the", "SEC-1 SEC-2"),
        ("door^2", "SEC-1"),
        ("??", ""),
    ],
)
def test_texts_are_searched_by_stems_and_patterns(site: Site, question: str, keys: str) -> None:
    if question == "??":
        assert complaints(parse("summary ~ '??'"), asker(site))
        return
    assert found(site, f'summary ~ "{question}"') == keys


CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"


@pytest.mark.parametrize(
    ("word", "kept", "jql"),
    [
        ("textfield", "On the roof", "place ~ roof"),
        ("float", 2.5, "place > 2 and place = 2.5 and cf[10100] <= 2.5"),
        ("datepicker", "2026-04-01", "place > now() and place = 2026-04-01"),
        ("userpicker", "admin", "place = currentUser()"),
        ("labels", ["Red", "blue"], "place in (RED) and place != green"),
        ("url", "http://a", "place = 'http://a'"),
        ("project", "10001", "place = SEC"),
    ],
)
def test_custom_fields_are_searched_as_their_type_is(site: Site, word: str, kept: object, jql: str) -> None:
    kept = user(site, "admin").account_id if kept == "admin" else kept
    site.state.fields["customfield_10100"] = Field("customfield_10100", "Place", "any", custom=CUSTOM + word)
    edit_issue(site, site.issue("SEC-2"), None, {"custom": (("customfield_10100", orjson.dumps(kept)),)})
    assert found(site, jql) == "SEC-2"
    assert found(site, "cf[10100] is empty") == "SEC-1 SEC-3"


def test_a_filter_stands_for_its_query_and_only_for_those_who_may_see_it(site: Site) -> None:
    made = add_filter(site, user(site, "admin"), "Open ones", jql="status = Done or status = 'In Progress'")
    assert found(site, "filter = 'open ones'") == found(site, f"filter = {made.id}") == "SEC-1 SEC-3"
    assert found(site, "filter != 'open ones'") == "SEC-2"
    assert found(site, "filter = 'open ones'", "bob") == ""


def test_a_filter_that_leads_to_itself_is_refused(site: Site) -> None:
    made = add_filter(site, user(site, "admin"), "Round", jql="status = Done")
    change_filter(site, made, jql=f"filter = {made.id}")
    with pytest.raises(Invalid, match="causes a cyclical reference"):
        found(site, "filter = Round")


def test_one_issue_is_held_against_a_query_whatever_the_index_knows(site: Site) -> None:
    issue = site.issue("SEC-1")
    site.index_delay = DAY
    done: Callable[[str], bool] = lambda jql: matching(parse(jql), site.issue(issue.key), asker(site))  # noqa: E731
    transition_to(site, issue, None, "In Review")
    assert done("status = 'In Review'")
    assert not done("status = Done")


def test_people_of_data_center_are_named_by_user_name() -> None:
    clock = Frozen()
    site = Site(fresh_state(clock, DATA_CENTER), clock)
    admin = user(site, "admin")
    create_issue(site, site.state.projects["10001"], admin, type_id="10002", summary="x", assignee=admin.account_id)
    assert found(site, "assignee = admin") == found(site, "assignee = 'Ada Admin'") == "SEC-1"
    assert found(site, f"assignee = '{admin.account_id}'") == ""


@pytest.mark.parametrize("by", ["id", "key", "created", "updated"])
def test_orders_that_writes_keep_up_are_those_of_sorting_anew(site: Site, by: str) -> None:
    admin, sec = user(site, "admin"), site.state.projects["10001"]
    for number in range(20):
        site.clock.advance(timedelta(seconds=1))
        create_issue(site, sec, admin, type_id="10002", summary=str(number), created=NOW - number * DAY)
        edit_issue(site, site.issue(f"SEC-{number // 2 + 1}"), admin, {"summary": f"again {number}"})
    delete_issue(site, site.issue("SEC-5"))
    index = site.state.index
    anew = sorted(index.shown.values(), key=lambda issue: (ORDERS[by](issue), int(issue.id)))
    assert index.sorted(index.shown.keys(), by, descending=False) == [issue.id for issue in anew]
    half = {issue.id for issue in anew[::2]}
    assert index.sorted(half, by, descending=True) == [issue.id for issue in reversed(anew) if issue.id in half]


def test_dates_that_cut_an_order_find_what_looking_at_each_issue_finds(site: Site) -> None:
    for operator in ("<", "<=", ">", ">="):
        edge = site.issue("SEC-1").updated.strftime("%Y-%m-%d %H:%M")
        cut = found(site, f"updated {operator} '{edge}'")
        assert cut == found(site, f"updated {operator} '{edge}' and summary is not empty")
        assert cut == " ".join(
            key
            for key in ("SEC-1", "SEC-2", "SEC-3")
            if matching(parse(f"updated {operator} '{edge}'"), site.issue(key), asker(site))
        )
