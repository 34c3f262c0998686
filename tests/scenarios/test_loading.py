"""A story is read as it is written, and a mistake in it is told with its line and what is near."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scenarios import loading
from scenarios.loading import StoryError

WHOLE = """\
title: A promise
source: ticket-status, safeguard 1
given:
  at: 2026-03-01T00:00:00Z
  tickets: [{key: SEC-1, status: In Progress}]
steps:
  - jira: {fault: outage}
  - clock: {advance: 8h}
    note: the schedule
  - expect: {health: FAULTY_CONFIGURATION, tickets: {SEC-1: Unknown}}
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(StoryError) as raised:
        loading.read(text, "story.yaml")
    return raised.value.problems


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


def test_a_story_is_read_with_the_lines_of_its_steps() -> None:
    (story,) = loading.read(WHOLE, "folder/my-story.yaml")
    assert story.name == "my-story"
    assert [(step.number, step.line, step.kind) for step in story.steps] == [
        (1, 7, "jira"),
        (2, 8, "clock"),
        (3, 10, "expect"),
    ]
    assert story.steps[1].note == "the schedule"
    assert story.given.tickets[0].violation == "SEC-1"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("jira: {fault", "jria: {fault", "story.yaml:7: 'jria' is not a step; expected one of jira, clock, service,"),
        ("outage", "outge", "story.yaml:7: 'fault' must be the name of a fault: one of outage,"),
        ("{fault: outage}", "{transition: SEC-1}", "story.yaml:7: in 'jira', 'to' is missing: the name of a status."),
        ("{fault: outage}", "{fault: outage, times: 3}", "story.yaml:7: in 'jira', there is no 'times'"),
        ("{fault: outage}", "{fault: deleted_issue}", "story.yaml:7: in 'jira', 'issue' is missing"),
        (
            "8h",
            "8 hours",
            "story.yaml:8: 'advance' must be a duration such as 8h, 5m, 30s or '1d 2h', not \"8 hours\".",
        ),
        ("{advance: 8h}", "next", "Near: next due."),
        ("health: FAULTY", "helth: FAULTY", "story.yaml:10: in 'expect', there is no 'helth'; expected one of health,"),
        ("health: FAULTY_", "health: FALTY_", "Near: FAULTY_CONFIGURATION, HEALTHY_INTEGRATION."),
        ("{SEC-1: Unknown}", "{SEC-1: 3}", "story.yaml:10: 'SEC-1' must be the status that is shown"),
        ("key: SEC-1", "key: sec1", "story.yaml:5: 'key' must be an issue key such as SEC-1, not \"sec1\"."),
        ("status: In", "staus: In", "story.yaml:5: in 'tickets', there is no 'staus'"),
        ("at: 2026", "authentication: pat\n  at: 2026", "story.yaml:4: 'cloud' has no pat; it has basic, oauth2."),
        (
            "at: 2026",
            "authentication: oaut2\n  at: 2026",
            'basic, pat, oauth1 or oauth2, not "oaut2". Near: oauth2, oauth1.',
        ),
        (
            "at: 2026",
            "jira: datacenter\n  at: 2026",
            "'jira' must be cloud or data-center, not \"datacenter\". Near: data-center.",
        ),
        (
            "at: 2026",
            "product_version: 3.140\n  at: 2026",
            "'product_version' must be a version such as 3.140.0, not 3.14",
        ),
        (
            "{fault: outage}",
            "{hdie: SEC-1}",
            "'hdie' is not something that happens in Jira; expected one of fault, clear,",
        ),
        ("{fault: outage}", "{captcha: yes}", "'captcha' must be wanted or answered, not true."),
        ("jira: {fault: outage}", "service: {upgrade: newest}", "'upgrade' must be a version such as 3.140.0, not"),
        (
            "jira: {fault: outage}",
            "service: {edit: {secret: right}}",
            "story.yaml:7: 'secret' must be wrong, not \"right\".",
        ),
        ("jira: {fault: outage}", "kill: {during: createIsue}", "Near: createIssue"),
        ("2026-03-01T00", "2026-02-30T00", "story.yaml:4: '2026-02-30T00:00:00Z' is not a time that exists."),
        ("title: A promise\n", "", "story.yaml:1: 'title' is missing: the promise, as a sentence."),
        ("source:", "title:", "story.yaml:2: 'title' stands twice here."),
        ("{fault: outage}", "{fault: outage", "story.yaml:8: this is not YAML"),
        ("{fault: outage}", "[]", "story.yaml:7: 'jira' must be"),
        ("  - clock", "  - jira: {clear: outage}\n    clock", "story.yaml:8: jira, clock stand together here"),
        ("{fault: outage}", "{clear: outage, delete: SEC-1}", "story.yaml:7: clear, delete stand together here"),
        ("jira: {fault: outage}", "restart: now", "story.yaml:7: 'restart' must be service, not \"now\"."),
        ("jira: {fault: outage}", "service: chek", "Near: check."),
        ("jira: {fault: outage}", "service: {tuggle: on}", "story.yaml:7: 'tuggle' is not what a person does"),
        ("jira: {fault: outage}", "service: {create: {violation: SEC-7, project: SEC}}", "Near: SEC-1."),
        ("jira: {fault: outage}", "note: nothing happens", "story.yaml:7: a step was expected, and nothing is here"),
        ("{key: SEC-1, status: In Progress}", "{key: SEC-1, count: 3}, {key: SEC-2}", "SEC-2 is given twice"),
        ("status: In Progress", "created: 2026-03-01T00:00:01Z", "SEC-1 is created after the story begins"),
        ("steps:", "${nothing}:", "no column gives ${nothing}; the story has no table."),
    ],
)
def test_a_typo_is_told_with_its_line_and_what_was_expected(old: str, new: str, said: str) -> None:
    told = mistakes(changed(old, new))
    assert any(said in line for line in told), told


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    told = mistakes(WHOLE.replace("outage", "outge").replace("8h", "eight").replace("Unknown}", "1}"))
    assert [line.split(":")[1] for line in told] == ["7", "8", "10"]


def test_a_document_that_contains_itself_is_refused() -> None:
    assert mistakes("title: &it [*it]\n") == [
        "story.yaml:1: this is nested too deeply, or a part of it contains itself."
    ]


def test_an_empty_file_and_a_list_are_no_stories() -> None:
    assert mistakes("") == ["story.yaml:1: the file is empty."]
    assert "must be a scenario" in mistakes("- a\n- b\n")[0]


TABLE = """\
title: What is old
source: ticket-status, safeguard 1
table:
  - {age: a second too old, created: 1y 1s, shown: null}
  - {age: a year to the second, created: 1y, shown: Done}
given: {at: 2026-03-01T00:00:00Z, tickets: [{key: SEC-1, created: "${created}"}]}
steps:
  - expect: {tickets: {SEC-1: "${shown}"}}
    note: "for ${age}"
"""


def test_a_table_makes_one_story_of_each_row_named_by_its_first_value() -> None:
    stories = loading.read(TABLE, "old.yaml")
    assert [story.name for story in stories] == ["old/a-second-too-old", "old/a-year-to-the-second"]
    assert [story.given.tickets[0].created for story in stories] == [
        datetime(2025, 2, 28, 23, 59, 59, tzinfo=UTC),
        datetime(2025, 3, 1, tzinfo=UTC),
    ]
    assert stories[0].title == "What is old (age: a second too old, created: 1y 1s, shown: None)"


def test_rows_that_begin_alike_are_named_by_as_much_as_tells_them_apart() -> None:
    text = TABLE.replace("age: a year to the second", "age: a second too old")
    assert [story.name for story in loading.read(text, "old.yaml")] == [
        "old/a-second-too-old-1y-1s",
        "old/a-second-too-old-1y",
    ]


def test_a_value_that_is_only_a_placeholder_keeps_the_kind_it_has_in_the_row() -> None:
    first, second = loading.read(TABLE, "old.yaml")
    assert first.steps[0].body == {"tickets": {"SEC-1": None}}
    assert second.steps[0].body == {"tickets": {"SEC-1": "Done"}}
    assert first.steps[0].note == "for a second too old"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("${created}", "${craeted}", "old.yaml:6: no column gives ${craeted}; its columns are age, created, shown."),
        (', created: "${created}"', "", "old.yaml:4: nothing in the story uses ${created}."),
        ("a year to the second, created: 1y,", "a year to the second,", "old.yaml:5: this row has no 'created'"),
        ("age: a year to", "age: a second too old #", "this is not YAML"),
        (
            "a year to the second, created: 1y, shown: Done",
            "A second too old!, created: 1y 1s, shown: null",
            "another row is already called 'a-second-too-old-1y-1s-none'",
        ),
        ("created: 1y 1s", "created: soon", "old.yaml:6: 'created' must be a time such as 2025-03-01T00:00:00Z, or an"),
        ("created: 1y 1s", "created: [1]", "old.yaml:4: 'created' must be a word, a number or null, not [1]."),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_row(old: str, new: str, said: str) -> None:
    assert old in TABLE
    with pytest.raises(StoryError) as raised:
        loading.read(TABLE.replace(old, new), "old.yaml")
    assert any(said in line for line in raised.value.problems), raised.value.problems


def test_many_tickets_are_given_by_a_count() -> None:
    text = changed("{key: SEC-1, status: In Progress}", "{key: SEC-9, status: Done, count: 3, violation: one}")
    (story,) = loading.read(text, "story.yaml")
    assert [ticket.key for ticket in story.given.tickets] == ["SEC-9", "SEC-10", "SEC-11"]
    assert story.given.violations == ("one",)


def test_a_year_before_29_february_is_28_february() -> None:
    text = changed("status: In Progress", "created: 1y").replace("2026-03-01", "2028-02-29")
    (story,) = loading.read(text, "story.yaml")
    assert story.given.tickets[0].created == datetime(2027, 2, 28, tzinfo=UTC)


def test_files_and_folders_are_read_and_all_bad_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.yaml").write_text(WHOLE)
    (tmp_path / "deep/a.yml").write_text(WHOLE)
    (tmp_path / "notes.txt").write_text("not a story")
    assert [story.name for story in loading.load([tmp_path])] == ["b", "a"]
    assert [story.name for story in loading.load([tmp_path, tmp_path / "b.yaml"])] == ["b", "a"]
    (tmp_path / "c.yaml").write_text("title: x\n")
    (tmp_path / "d.yaml").write_text("")
    with pytest.raises(StoryError) as raised:
        loading.load([tmp_path, tmp_path / "b.yml"])
    told = "\n".join(raised.value.problems)
    assert "c.yaml:1: 'steps' is missing" in told
    assert "d.yaml:1: the file is empty" in told
    assert f"{tmp_path / 'b.yml'}: there is no such file or folder. Near: {tmp_path / 'b.yaml'}" in told


def test_two_files_of_one_name_are_refused_because_a_name_picks_one_story(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.yaml").write_text(WHOLE)
    (tmp_path / "deep/a.yaml").write_text(WHOLE)
    with pytest.raises(StoryError, match="the name 'a' is taken"):
        loading.load([tmp_path])
