"""JQL: what is refused in which words, what matches, in which order [jira 2.5, 2.6]."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_jira.clock import Clock
from fake_jira.errors import Invalid, JiraError, JqlSyntaxError, NotImitated
from fake_jira.jql import Asker, find, parse
from fake_jira.jql.dates import call_date, read_date
from fake_jira.jql.fields import ELSEWHERE
from fake_jira.jql.functions import OTHER_FUNCTIONS
from fake_jira.jql.tree import And, Clause, Or, Tree, Word, without_not
from fake_jira.model.catalogue import fresh_state
from fake_jira.model.comments import add_comment
from fake_jira.model.issues import create_issue, move_issue, transition_to
from fake_jira.model.people import add_user
from fake_jira.model.records import RichText
from fake_jira.model.state import Site

NOW = datetime(2026, 3, 31, 12, 30, 45, tzinfo=UTC)
OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."


class Frozen(Clock):
    def now(self) -> datetime:
        return NOW + self.offset


@pytest.fixture
def site() -> Site:
    """Five issues: SEC-1..3 and TEST-1..2, a day apart."""
    clock = Frozen()
    site = Site(fresh_state(clock), clock)
    state = site.state
    admin, sec, test = state.user("admin@example.com"), state.projects["10001"], state.projects["10000"]
    bob = add_user(site, "bob@example.com", "Bob", "bob-token").account_id
    rows = (
        (sec, "10003", {"summary": "CVE-2026-1 in log4j-core", "labels": ("Backend", "urgent"), "priority_id": "1"}),
        (sec, "10002", {"summary": "Rotate the keys", "assignee": bob, "due": date(2026, 4, 1)}),
        (sec, "10002", {"summary": "Say hello", "description": RichText("to the log4j people"), "priority_id": "5"}),
        (test, "10001", {"summary": "A story", "assignee": admin and admin.account_id}),
        (test, "10002", {"summary": "Nothing", "priority_id": None}),
    )
    for age, (project, type_id, values) in zip((5, 4, 3, 2, 1), rows, strict=True):
        create_issue(site, project, admin, type_id=type_id, created=NOW - timedelta(days=age), **values)
    clock.advance(timedelta(minutes=1))
    transition_to(site, site.issue("SEC-2"), admin, "In Progress")
    transition_to(site, site.issue("TEST-1"), admin, "Done")
    add_comment(site, site.issue("SEC-3"), admin, RichText("Needs a second look"))
    return site


def found(site: Site, jql: str, *, strict: bool = False) -> list[str]:
    asker = Asker(site.state, site.state.user("bob@example.com"), site.clock.now(), UTC, strict)
    return [issue.key for issue in find(parse(jql), asker)]


@pytest.mark.parametrize(
    ("jql", "complaint", "character"),
    [
        ("project = TEST jql", "Expecting either 'OR' or 'AND' but got 'jql'.", 16),
        ("project query x", f"Expecting operator but got 'query'. {OPERATORS}", 9),
        ("project", f"Expecting operator before the end of the query. {OPERATORS}", 8),
        ("project =", "Expecting either a value, list or function before the end of the query.", 10),
        ("= 3", "Expecting a field name but got '='.", 1),
        ("(a = 1", "Expecting ')' before the end of the query.", 7),
        ("a in (1, 2", "Expecting either ',' or ')' before the end of the query.", 11),
        ("a = f(1,)", "Expecting a function argument but got ')'.", 9),
        ("a = 'x", "The quoted string 'x' has not been completed.", 5),
        (
            "a = and",
            "'and' is a reserved JQL word. You must surround it in quotation marks to use it in a query.",
            5,
        ),
        (
            "a = b/c",
            "The character '/' is a reserved JQL character. "
            "You must enclose it in a string or use the escape '\\u002f' instead.",
            6,
        ),
        ("a = 1 order by b c", "Expecting ',' but got 'c'.", 18),
    ],
)
def test_a_mistake_is_told_in_jiras_words_with_its_place(jql: str, complaint: str, character: int) -> None:
    with pytest.raises(JqlSyntaxError) as error:
        parse(jql)
    assert str(error.value) == f"Error in the JQL Query: {complaint} (line 1, character {character})"


def test_a_mistake_on_another_line_is_told_with_that_line() -> None:
    with pytest.raises(JqlSyntaxError, match=r"\(line 2, character 5\)"):
        parse("a = 1\nand = 2")


@given(st.text(alphabet="abAND OR()=!~<>,'\"\\-1 inIS/order by", max_size=40))
def test_any_text_is_read_or_refused_and_never_trips(text: str) -> None:
    with suppress(JiraError):
        parse(text)


@given(st.recursive(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["=", "!="]), st.integers(0, 3)).map(
        lambda each: (f"{each[0]} {each[1]} {each[2]}", Clause(each[0], each[1], (Word(str(each[2])),)))
    ),
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner).map(
        lambda each: (
            f"({each[1][0]}) {each[0]} ({each[2][0]})",
            (And if each[0] == "AND" else Or)((each[1][1], each[2][1])),
        )
    ),
    max_leaves=12,
))  # fmt: skip
def test_brackets_decide_what_belongs_together(pair: tuple[str, object]) -> None:
    text, tree = pair
    assert parse(text).where == tree


def turned(jql: str) -> Tree:
    where = parse(jql).where
    assert where is not None
    return without_not(where)


def test_and_binds_more_than_or_and_signs_do_as_words_do() -> None:
    assert parse("a = 1 or b = 2 and c = 3") == parse("a = 1 || (b = 2 && c = 3)")
    assert turned("not a = 1") == turned("! a = 1") == turned("a != 1")
    assert turned("not (a = 1 and b ~ x)") == turned("a != 1 or b !~ x")


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = SEC", "SEC-3 SEC-2 SEC-1"),
        ("project = security", "SEC-3 SEC-2 SEC-1"),
        ("project in (10000)", "TEST-2 TEST-1"),
        ("key = sec-2", "SEC-2"),
        ("id in (10000, 10004, 99)", "TEST-2 SEC-1"),
        ("key in (SEC-1, MISSING-9)", "SEC-1"),
        ("key > SEC-1", "SEC-3 SEC-2"),
        ("status = 'in progress'", "SEC-2"),
        ("statusCategory = Done", "TEST-1"),
        ("statusCategory != new", "TEST-1 SEC-2"),
        ("status not in (Done, 10001)", "TEST-2 SEC-3 SEC-1"),
        ("type = bug", "SEC-1"),
        ("priority >= High", "SEC-1"),
        ("priority < Medium", "SEC-3"),
        ("priority != Highest", "TEST-1 SEC-3 SEC-2"),
        ("priority is empty", "TEST-2"),
        ("priority is not null", "TEST-1 SEC-3 SEC-2 SEC-1"),
        ("resolution = Unresolved and project = TEST", "TEST-2"),
        ("resolution in (unresolved, Done) and project = TEST", "TEST-2 TEST-1"),
        ("resolution != Unresolved", "TEST-1"),
        ("assignee in (EMPTY, Bob) and project = SEC", "SEC-3 SEC-2 SEC-1"),
        ("resolution = Done", "TEST-1"),
        ("resolution is empty and project = TEST", "TEST-2"),
        ("assignee = currentUser()", "SEC-2"),
        ("assignee = bob@example.com", None),
        ("assignee = 'bob@example.com'", "SEC-2"),
        ("assignee != Bob", "TEST-1"),
        ("not assignee = Bob", "TEST-1"),
        ("assignee in (Bob, EMPTY)", "TEST-2 SEC-3 SEC-2 SEC-1"),
        ("creator = 'Ada Admin' and reporter != Bob", "TEST-2 TEST-1 SEC-3 SEC-2 SEC-1"),
        ("labels = backend", "SEC-1"),
        ("labels in (URGENT, other)", "SEC-1"),
        ("labels is empty and project = SEC", "SEC-3 SEC-2"),
        ("summary ~ log4j", "SEC-1"),
        ('summary ~ "CVE-2026-1"', "SEC-1"),
        ("summary !~ 'log*'", "TEST-2 TEST-1 SEC-3 SEC-2"),
        ("text ~ log4j", "SEC-3 SEC-1"),
        ("description ~ 'people log4j'", "SEC-3"),
        (r"description ~ '\"people log4j\"'", ""),
        ("comment ~ second", "SEC-3"),
        ("created >= -2d", "TEST-2"),
        ("created < '2026-03-28'", "SEC-2 SEC-1"),
        ("created >= '2026/03/29 12:30' and created < startOfDay(-1d)", "TEST-1"),
        ("updated > startOfDay()", "TEST-1 SEC-3 SEC-2"),
        ("due = '2026-04-01'", "SEC-2"),
        ("duedate <= endOfWeek()", "SEC-2"),
        ("due is empty and project = SEC", "SEC-3 SEC-1"),
        ("resolved is not empty", "TEST-1"),
        ("nosuchfield = 1", ""),
        ("nosuchfield != 1", ""),
        ("nosuchfield is empty", ""),
        ("project = NOPE or status = Nope or assignee = nobody", ""),
        ("created > nonsense", ""),
        ("summary = 'Say hello'", ""),
        ("due in (EMPTY, '2026-04-01') and project = SEC", "SEC-3 SEC-2 SEC-1"),
        ("due not in (EMPTY, '2026-04-02')", "SEC-2"),
        ("created != nonsense and project = SEC", "SEC-3 SEC-2 SEC-1"),
        (r"summary ~ '\"\"'", ""),
        ("summary ~ '...'", ""),
        ("created > startOfYear('-99999')", ""),
        ("created > startOfDay('" + "9" * 5000 + "')", ""),
        ("created > '-" + "9" * 5000 + "d'", ""),
        (r"summary ~ '\ud83d\ude80'", ""),
    ],
)
def test_what_a_query_finds(site: Site, jql: str, keys: str | None) -> None:
    if keys is None:
        with pytest.raises(JqlSyntaxError, match="The character '@' is a reserved JQL character"):
            parse(jql)
    else:
        assert found(site, jql) == keys.split()


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("order by key", "SEC-1 SEC-2 SEC-3 TEST-1 TEST-2"),
        ("order by project desc, key desc", "TEST-2 TEST-1 SEC-3 SEC-2 SEC-1"),
        ("order by created asc", "SEC-1 SEC-2 SEC-3 TEST-1 TEST-2"),
        ("order by created", "TEST-2 TEST-1 SEC-3 SEC-2 SEC-1"),
        ("order by priority desc, key asc", "SEC-1 SEC-2 TEST-1 SEC-3 TEST-2"),
        ("order by due, key", "SEC-2 SEC-1 SEC-3 TEST-1 TEST-2"),
        ("order by status asc, summary asc", "SEC-1 TEST-2 SEC-3 SEC-2 TEST-1"),
        ("order by assignee asc, key asc", "TEST-1 SEC-2 SEC-1 SEC-3 TEST-2"),
        ("order by nosuchfield", "TEST-2 TEST-1 SEC-3 SEC-2 SEC-1"),
    ],
)
def test_the_order_of_what_is_found(site: Site, order: str, keys: str) -> None:
    assert found(site, f"created > 2000-01-01 {order}") == keys.split()


def test_escapes_may_spell_a_character_in_two_halves(site: Site) -> None:
    create_issue(site, site.state.projects["10001"], None, type_id="10002", summary="Up", labels=("\U0001f680",))
    assert found(site, r"labels = \ud83d\ude80") == found(site, r"labels = '\ud83d\ude80'") == ["SEC-4"]


def test_half_a_character_is_complained_about_in_words_that_can_be_sent() -> None:
    with pytest.raises(JqlSyntaxError) as complained:
        parse(r"summary ~ a \ud800")
    assert str(complained.value).encode().decode() == str(complained.value)


def test_an_old_key_finds_the_moved_issue(site: Site) -> None:
    move_issue(site, site.issue("SEC-1"), None, site.state.projects["10000"])
    assert found(site, "key in (SEC-1)") == found(site, "key = TEST-3") == ["TEST-3"]


def test_narrowing_by_the_index_changes_nothing_but_the_time(site: Site) -> None:
    for jql in ("project = SEC", "status = Done", "id in (10000, 10001)", "project = SEC and status = 'To Do'"):
        assert found(site, jql) == found(site, f"{jql} and created > 2000-01-01")
        everything_else = found(site, f"not ({jql})")
        assert sorted(found(site, jql) + everything_else) == ["SEC-1", "SEC-2", "SEC-3", "TEST-1", "TEST-2"]


def test_a_strict_site_refuses_a_missing_key(site: Site) -> None:
    with pytest.raises(Invalid, match="An issue with key 'MISSING-9' does not exist for field 'key'"):
        found(site, "key in (SEC-1, MISSING-9)", strict=True)


@pytest.mark.parametrize(
    "jql",
    [
        "sprint = 1",
        "issue in issueHistory()",
        "summary ~ 'log4j~'",
        "summary ~ '*'",
        "created > 2000-01-01 order by rank",
    ],
)
def test_what_is_not_imitated_is_refused_and_not_guessed(site: Site, jql: str) -> None:
    with pytest.raises(NotImitated, match=r"LIMITS\.md"):
        found(site, jql)


def test_a_function_that_nobody_knows_is_refused(site: Site) -> None:
    with pytest.raises(Invalid, match="Unable to find JQL function 'nosuch"):
        found(site, "assignee = nosuch()")
    with pytest.raises(Invalid, match="expected '0' arguments"):
        found(site, "created > now(1)")


@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        ("startOfDay", None, "2026-03-31T00:00"),
        ("startOfDay", "-1", "2026-03-30T00:00"),
        ("startOfWeek", None, "2026-03-29T00:00"),
        ("startOfMonth", "-1", "2026-02-01T00:00"),
        ("startOfMonth", "+14d", "2026-03-15T00:00"),
        ("endOfMonth", "-1M", "2026-02-28T23:59"),
        ("endOfDay", "2h", "2026-04-01T01:59"),
        ("STARTOFYEAR", "1y", "2027-01-01T00:00"),
        ("endOfYear", None, "2026-12-31T23:59"),
    ],
)
def test_the_edges_of_a_period(name: str, argument: str | None, expected: str) -> None:
    instant = call_date(name, (argument,) if argument else (), NOW, UTC)
    assert instant is not None
    assert instant.isoformat()[:16] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026/1/2 10:30", datetime(2026, 1, 2, 10, 30, tzinfo=UTC)),
        ("-1d", NOW - timedelta(days=1)),
        ("2w 4h", NOW + timedelta(weeks=2, hours=4)),
        ("-90m", NOW - timedelta(minutes=90)),
        ("2026-02-30", None),
        ("99999999999w", None),
        ("soon", None),
    ],
)
def test_dates_as_they_are_written(text: str, expected: datetime | None) -> None:
    assert read_date(text, NOW, UTC) == expected


def test_the_limits_name_everything_that_is_refused() -> None:
    limits = (Path(__file__).parents[2] / "fake_jira/LIMITS.md").read_text().lower()
    assert [name for name in sorted(ELSEWHERE | OTHER_FUNCTIONS) if name not in limits] == []
