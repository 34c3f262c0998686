"""Questions in JQL with what they mean, told by the essences of issues alone: no index, no parser, no field table.

A question knows its contrary, which NOT makes of it: as in Jira, a field that is empty answers neither `=` nor `!=`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tests.fake_jira.histories.book import LIVE, Book, Json

Test = Callable[[Json], bool]
People = Mapping[str, tuple[dict[str, str], str, str]]
WORDS = ("alpha", "beta", "gamma", "delta")
LABELS = ("red", "green", "blue")
PRIORITIES = ("Highest", "High", "Medium", "Low")


@dataclass(frozen=True)
class Question:
    jql: str
    test: Test
    against: Test


def negated(one: Question) -> Question:
    return Question(f"NOT {one.jql}", one.against, one.test)


def both(one: Question, other: Question) -> Question:
    return Question(
        f"({one.jql} AND {other.jql})",
        lambda e: one.test(e) and other.test(e),
        lambda e: one.against(e) or other.against(e),
    )


def either(one: Question, other: Question) -> Question:
    return Question(
        f"({one.jql} OR {other.jql})",
        lambda e: one.test(e) or other.test(e),
        lambda e: one.against(e) and other.against(e),
    )


def any_question(book: Book, people: People, random: Random) -> Question:
    """A single one, or what AND, OR and NOT make of two or three."""
    groups = [each for each in _groups(book, people) if each]

    def plain() -> Question:
        return random.choice(random.choice(groups))

    def two() -> Question:
        return random.choice([both, either])(plain(), plain())

    shapes: list[Callable[[], Question]] = [
        plain,
        lambda: negated(plain()),
        two,
        lambda: negated(two()),
        lambda: random.choice([both, either])(two(), negated(plain())),
        lambda: _without_brackets(plain(), plain(), plain()),
    ]
    return random.choice(shapes)()


def _without_brackets(first: Question, second: Question, third: Question) -> Question:
    """AND binds before OR."""
    whole = either(first, both(second, third))
    return Question(f"{first.jql} OR {second.jql} AND {third.jql}", whole.test, whole.against)


def _groups(book: Book, people: People) -> list[list[Question]]:
    """Alike ones together, so that each kind is asked as often as the others."""
    return [
        list(each)
        for each in (
            _states(book),
            _people(people),
            _lists(),
            _numbers(),
            _parts(book),
            _texts(),
            _times(book),
            _kin(book),
        )
    ]


def _states(book: Book) -> Iterator[Question]:
    for place in book.places.values():
        if place.state == LIVE:
            yield from _equal("project", place.keys[0], "project", place.id)
    for status in sorted({note.now["status name"] for note in book.notes.values()}):
        yield from _equal("status", f'"{status}"', "status name", status)
    for category, key in (("Done", "done"), ('"In Progress"', "indeterminate")):
        yield from _equal("statusCategory", category, "category", key)
    for kind in ("Epic", "Story", "Sub-task"):
        yield from _equal("issuetype", kind, "kind", kind)
    for priority in PRIORITIES:
        yield from _equal("priority", priority, "priority", priority)
    yield from _equal("resolution", "Done", "resolution", "Done")
    yield Question("resolution = Unresolved", lambda e: not e["resolution"], lambda e: bool(e["resolution"]))
    yield from _empty("resolution", "resolution")
    yield from _empty("due", "due")


def _people(people: People) -> Iterator[Question]:
    for _, named, who in people.values():
        yield from _equal("assignee", named, "assignee", who)
        yield from _equal("Owner", named, "owner", who)
    yield from _equal("assignee", "currentUser()", "assignee", people["ada"][2])
    yield from _empty("assignee", "assignee")
    yield from _empty("Owner", "owner")
    yield Question(
        "watcher = currentUser()", lambda e: e["watching"], lambda e: e["watchers"] > 0 and not e["watching"]
    )


def _lists() -> Iterator[Question]:
    for field, name in (("labels", "labels"), ("Tags", "tags")):
        for label in LABELS:
            yield from _has(field, label, name, {label})
        yield from _has(field, "red, BLUE", name, {"red", "blue"})
        yield from _empty(field, name)


def _numbers() -> Iterator[Question]:
    yield _compared("votes", "votes", 0)
    yield _compared("watchers", "watchers", 1)
    yield _compared("Weight", "weight", 2)
    yield from _empty("Weight", "weight")


def _equal(field: str, written: str, name: str, value: object) -> Iterator[Question]:
    """With = and !=."""

    def is_it(e: Json) -> bool:
        return bool(e[name] == value)

    def is_another(e: Json) -> bool:
        return e[name] is not None and e[name] != value

    yield Question(f"{field} = {written}", is_it, is_another)
    yield Question(f"{field} != {written}", is_another, is_it)


def _empty(field: str, name: str) -> Iterator[Question]:
    def is_empty(e: Json) -> bool:
        return e[name] is None or e[name] == []

    yield Question(f"{field} IS EMPTY", is_empty, lambda e: not is_empty(e))
    yield Question(f"{field} IS NOT EMPTY", lambda e: not is_empty(e), is_empty)


def _has(field: str, written: str, name: str, values: Collection[str]) -> Iterator[Question]:
    """Of a field with several values: with IN and NOT IN."""

    def has(e: Json) -> bool:
        return not set(values).isdisjoint(e[name])

    def has_others(e: Json) -> bool:
        return bool(e[name]) and not has(e)

    yield Question(f"{field} IN ({written})", has, has_others)
    yield Question(f"{field} NOT IN ({written})", has_others, has)


def _compared(field: str, name: str, value: float) -> Question:
    return Question(
        f"{field} > {value}",
        lambda e: e[name] is not None and e[name] > value,
        lambda e: e[name] is not None and e[name] <= value,
    )


def _parts(book: Book) -> Iterator[Question]:
    """Components and versions by name; two projects may have one of the same name."""
    for kind, field, name in (
        ("component", "component", "components"),
        ("version", "fixVersion", "fixVersions"),
        ("version", "affectedVersion", "versions"),
    ):
        for word in sorted({each["name"] for each in book.parts[kind].values()}):
            ids = [part_id for part_id, each in book.parts[kind].items() if each["name"] == word]
            yield from _has(field, f'"{word}"', name, ids)
        yield from _empty(field, name)


def _texts() -> Iterator[Question]:
    for word in WORDS:
        yield from _worded("summary", word, lambda e: [e["summary"]])
        yield from _worded("description", word, lambda e: [e["description"]] if e["description"] else [])
        yield from _worded("comment", word, lambda e: [text for _, text in e["comments"]])
        yield from _worded(
            "text", word, lambda e: [e["summary"], e["description"] or "", *(text for _, text in e["comments"])]
        )


def _worded(field: str, word: str, texts: Callable[[Json], list[str]]) -> Iterator[Question]:
    def has(e: Json) -> bool:
        return any(word in text.split() for text in texts(e))

    def has_not(e: Json) -> bool:
        return bool(texts(e)) and not has(e)

    yield Question(f"{field} ~ {word}", has, has_not)
    yield Question(f"{field} !~ {word}", has_not, has)


def _times(book: Book) -> Iterator[Question]:
    """Whole minutes, as JQL's dates are: those in which issues were made or changed last, and the next ones."""
    for field in ("created", "updated"):
        minutes = {datetime.fromisoformat(note.now[field]).replace(second=0, microsecond=0) for note in book.seen()}
        for minute in sorted(minutes | {each + timedelta(minutes=1) for each in minutes}):
            yield _since(field, minute)


def _since(field: str, minute: datetime) -> Question:
    def since(e: Json) -> bool:
        return datetime.fromisoformat(e[field]) >= minute

    return Question(f'{field} >= "{minute:%Y-%m-%d %H:%M}"', since, lambda e: not since(e))


def _kin(book: Book) -> Iterator[Question]:
    """By the keys of issues: themselves, by old keys too, their children and what is linked to them."""
    for note in book.seen():
        for key in (note.keys[0], note.id):
            yield from _equal("key", key, "id", note.id)
        yield from _equal("parent", note.key, "parent", note.id)
        if not book.lags():  # a link is a matter of two issues
            yield from _has("issueLink", note.key, "linked", {note.id})
    yield from _empty("parent", "parent")
