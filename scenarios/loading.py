"""Files -> stories, or every mistake in them at once, with file and line.

Starts nothing and plays nothing. A table makes one story of each of its rows; a name in a message is the one to give to
`replay --pick`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta

from scenarios import checking
from scenarios.document import Document, DocumentError, Place, parse

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
CLOUD, DATA_CENTER = "cloud", "data-center"
BASIC, PAT, OAUTH1, OAUTH2 = "basic", "pat", "oauth1", "oauth2"
OFFERED = {CLOUD: (BASIC, OAUTH2), DATA_CENTER: (BASIC, PAT, OAUTH1, OAUTH2)}  # who can sign in how


class StoryError(Exception):
    """One or more files cannot be played. `problems` are lines for a person: 'file:line: sentence'."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class GivenTicket:
    """A ticket that exists before the first step."""

    key: str
    status: str
    created: datetime
    violation: str


@dataclass(frozen=True, slots=True)
class Given:
    """How the world is before the first step."""

    at: datetime
    jira: str  # cloud, data-center
    authentication: str  # basic, pat, oauth1, oauth2
    product_version: str  # "" = as new as the service is
    token_days: int | None  # until its API token or personal access token ends; None = long after the story
    tickets: tuple[GivenTicket, ...]
    violations: tuple[str, ...]  # all of them, also those without a ticket
    retrieved: bool
    toggle: bool
    settings: dict[str, Any]  # switches of the Jira


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, or that must be seen."""

    number: int  # from 1
    line: int
    kind: str  # jira, clock, service, expect, restart, kill
    body: Any
    note: str


@dataclass(frozen=True, slots=True)
class Story:
    """One scenario, ready to be played."""

    name: str  # of the file, and of the row if there is a table: "one-year-edge/a-second-too-old"
    title: str
    source: str
    path: str  # as given by the caller
    given: Given
    steps: tuple[Step, ...]


def load(paths: Iterable[Path]) -> list[Story]:
    """The stories in `paths`: files, or folders that are searched for *.yaml and *.yml, in the order of their names.

    Raises StoryError with every mistake of every file.
    """
    stories: list[Story] = []
    mistakes: list[str] = []
    for path in _files(paths, mistakes):
        try:
            stories += read(path.read_text(encoding="utf-8"), str(path))
        except StoryError as error:
            mistakes += error.problems
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(f"{path}: cannot be read: {error}")
    mistakes += _taken_twice(stories)
    if mistakes:
        raise StoryError(mistakes)
    return stories


def read(text: str, path: str) -> list[Story]:
    """The stories of one file: one, or one for each row of its table. Raises StoryError."""
    try:
        document = parse(text)
    except DocumentError as error:
        raise StoryError([f"{path}:{error.line}: {error}."]) from None
    rows = _rows(document, path)
    found: dict[str, None] = {}  # a mistake that every row repeats is told once
    stories = []
    for name, row in rows.items():
        problems: list[checking.Problem] = []
        data = _filled(document.data, row, (), problems)
        problems += checking.problems(data)
        if not problems:
            problems += _loose_ends(data)
        if problems:
            found |= {f"{path}:{document.line(problem.place)}: {problem.sentence}": None for problem in problems}
        else:
            stories.append(_story(name, data, row, document, path))
    if found:
        raise StoryError(list(found))
    return stories


def _files(paths: Iterable[Path], mistakes: list[str]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            files |= dict.fromkeys(sorted(found for found in path.rglob("*.y*ml") if found.suffix in {".yaml", ".yml"}))
        elif path.exists():
            files[path] = None
        else:
            siblings = [str(near) for near in path.parent.glob("*")] if path.parent.is_dir() else []
            mistakes.append(f"{path}: there is no such file or folder.{checking.near(path, siblings)}")
    return list(files)


def _taken_twice(stories: Iterable[Story]) -> list[str]:
    seen: dict[str, Story] = {}
    mistakes = []
    for story in stories:
        if story.name in seen:
            mistakes.append(f"{story.path}: the name '{story.name}' is taken by {seen[story.name].path}.")
        seen.setdefault(story.name, story)
    return mistakes


# --- tables ---


def _rows(document: Document, path: str) -> dict[str, dict[str, Any]]:
    """The rows of the table by the names of their stories; one empty row when there is none."""
    stem = Path(path).stem
    table = document.data.get("table") if isinstance(document.data, dict) else None
    if table is None:
        return {stem: {}}
    shape = [problem for problem in checking.problems(document.data) if problem.place[:1] == ("table",)]
    problems = shape or _uneven(table, document.data)
    if problems:
        raise StoryError([f"{path}:{document.line(problem.place)}: {problem.sentence}" for problem in problems])
    columns = _naming(table)
    return {f"{stem}/{_slug(row, columns)}": row for row in table}


def _uneven(table: list[dict[str, Any]], data: dict[str, Any]) -> list[checking.Problem]:
    """Rows that lack a column or tell the same name, and columns that nobody reads."""
    problems = []
    used = set(PLACEHOLDER.findall(str({name: part for name, part in data.items() if name != "table"})))
    columns = list(table[0])
    names: set[str] = set()
    naming = _naming(table)
    for position, row in enumerate(table):
        place: Place = ("table", position)
        problems += [
            checking.Problem(place, f"this row has no '{name}', which the first row has.")
            for name in columns
            if name not in row
        ]
        problems += [
            checking.Problem((*place, name), f"nothing in the story uses ${{{name}}}.")
            for name in row
            if used <= set(columns) and name not in used and (position == 0 or name not in columns)
        ]
        if (name := _slug(row, naming)) in names:
            problems.append(
                checking.Problem(place, f"another row is already called '{name}': rows need their own names.")
            )
        names.add(name)
    return problems


def _filled(data: Any, row: dict[str, Any], place: Place, problems: list[checking.Problem]) -> Any:
    """`data` with every ${column} replaced. A value that is nothing but a placeholder keeps the kind of the row's."""
    if isinstance(data, dict):
        return {
            _words(name, row, (*place, name), problems): _filled(part, row, (*place, name), problems)
            for name, part in data.items()
            if (*place, name) != ("table",)
        }
    if isinstance(data, list):
        return [_filled(part, row, (*place, position), problems) for position, part in enumerate(data)]
    if isinstance(data, str):
        whole = PLACEHOLDER.fullmatch(data)
        if whole and whole[1] in row:
            return row[whole[1]]
        return _words(data, row, place, problems)
    return data


def _words(text: str, row: dict[str, Any], place: Place, problems: list[checking.Problem]) -> str:
    for name in PLACEHOLDER.findall(text):
        if name not in row:
            there = f"its columns are {', '.join(row)}" if row else "the story has no table"
            problems.append(checking.Problem(place, f"no column gives ${{{name}}}; {there}.{checking.near(name, row)}"))
    return PLACEHOLDER.sub(lambda found: str(row.get(found[1], found[0])), text)


def _naming(table: list[dict[str, Any]]) -> int:
    """How many of the first columns it takes to tell the rows apart: they name a row."""
    widest = max(len(row) for row in table)
    return next((n for n in range(1, widest) if len({_slug(row, n) for row in table}) == len(table)), widest)


def _slug(row: dict[str, Any], columns: int) -> str:
    words = " ".join(str(value) for value in list(row.values())[:columns])
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "row"


# --- one story ---


def _loose_ends(data: dict[str, Any]) -> list[checking.Problem]:
    """What a schema cannot see: times that are none, keys given twice, violations that nobody named."""
    problems = [
        checking.Problem(place, f"'{text}' is not a time that exists.")
        for place, text in _times(data, ())
        if _instant(text) is None
    ]
    if problems:
        return problems
    given = _given(data["given"])
    if given.authentication not in OFFERED[given.jira]:
        sentence = f"'{given.jira}' has no {given.authentication}; it has {', '.join(OFFERED[given.jira])}."
        problems.append(checking.Problem(("given", "authentication"), sentence))
    seen: set[str] = set()
    for ticket in given.tickets:
        if ticket.key in seen:
            problems.append(checking.Problem(("given", "tickets"), f"the ticket {ticket.key} is given twice."))
        if ticket.created > given.at:
            problems.append(
                checking.Problem(("given", "tickets"), f"the ticket {ticket.key} is created after the story begins.")
            )
        seen.add(ticket.key)
    for number, step in enumerate(data["steps"]):
        body = step.get("service")
        if (
            isinstance(body, dict)
            and "create" in body
            and (name := body["create"]["violation"]) not in given.violations
        ):
            known = ", ".join(given.violations) or "none"
            problems.append(
                checking.Problem(
                    ("steps", number, "service", "create", "violation"),
                    f"there is no violation '{name}'; given are {known}.{checking.near(name, given.violations)}",
                )
            )
    return problems


def _times(data: Any, place: Place) -> Iterable[tuple[Place, str]]:
    if isinstance(data, dict):
        for name, part in data.items():
            yield from _times(part, (*place, name))
    elif isinstance(data, list):
        for position, part in enumerate(data):
            yield from _times(part, (*place, position))
    elif isinstance(data, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", data):
        yield place, data


def _instant(text: str) -> datetime | None:
    try:
        return instant(text)
    except ValueError:
        return None


def instant(text: str) -> datetime:
    """'2026-03-01T00:00:00Z' -> that time, aware. Raises ValueError for a day that does not exist."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def duration(text: str) -> timedelta:
    """'8h', '1d 2h' -> that long."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return timedelta(seconds=sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([dhms])", text)))


def _created(text: str, at: datetime) -> datetime:
    """A time, or an age: '1y 1s' is one second before the same date a year ago (29 February -> 28 February)."""
    if "T" in text:
        return instant(text)
    years = sum(int(count) for count in re.findall(r"(\d+)y", text))
    return at - relativedelta(years=years) - duration(text)


def _given(data: dict[str, Any]) -> Given:
    at = instant(data["at"])
    tickets = [ticket for row in data.get("tickets", []) for ticket in _tickets(row, at)]
    names = [ticket.violation for ticket in tickets] + list(data.get("violations", []))
    return Given(
        at=at,
        jira=data.get("jira", CLOUD),
        authentication=data.get("authentication", BASIC),
        product_version=data.get("product_version", ""),
        token_days=data.get("token_days"),
        tickets=tuple(tickets),
        violations=tuple(dict.fromkeys(names)),
        retrieved=data.get("retrieved", True),
        toggle=data.get("toggle", True),
        settings=data.get("settings", {}),
    )


def _tickets(row: dict[str, Any], at: datetime) -> list[GivenTicket]:
    project, _, number = row["key"].partition("-")
    keys = [f"{project}-{int(number) + more}" for more in range(row.get("count", 1))]
    created = _created(row.get("created", "1d"), at)
    return [GivenTicket(key, row.get("status", "To Do"), created, row.get("violation", key)) for key in keys]


def _story(name: str, data: dict[str, Any], row: dict[str, Any], document: Document, path: str) -> Story:
    title = str(data["title"])
    if row and not PLACEHOLDER.search(str(document.data["title"])):
        title += f" ({', '.join(f'{name}: {value}' for name, value in row.items())})"
    steps = []
    for position, step in enumerate(data["steps"]):
        kind = next(name for name in step if name != "note")
        line = document.line(("steps", position))
        steps.append(Step(position + 1, line, kind, step[kind], step.get("note", "")))
    return Story(name, title, str(data["source"]), path, _given(data["given"]), tuple(steps))
