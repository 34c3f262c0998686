"""Takes in resources, their violations and the tickets that exist already, from a document or a file.

All or nothing: the shape is checked against `import.schema.json`, then what a schema cannot say, and only then anything
is written, in the caller's one transaction. An error names the row (`resources[3].violations[0].severity`) and says
what to do. Importing a document twice changes nothing the second time.
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from sqlalchemy import Connection

from service.errors import BadInput
from service.rules.tickets import Integration
from service.store import integrations, resources, tickets, violations
from service.store.bulk import Counted

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?\d*([Zz]|[+-]\d\d:\d\d)")
MUST_HAVE = {"build": "number", "release_bundle": "version"}  # what tells two of them with one name apart
TYPE_NAMES = {"object": "an object", "array": "a list", "string": "a text"}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. Tickets that are known are never changed by one."""

    resources: Counted
    violations: Counted
    tickets: Counted


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the shape that `import.schema.json` describes; only `check` makes one."""

    resources: list[dict[str, Any]]


def parse(raw: bytes) -> Document:
    """The document in `raw`. Raises BadInput with the line and column, or the row, of the first mistake.

    Takes its time (a second for some ten thousand tickets), so it is called before a transaction begins.
    """
    try:
        return check(json.loads(raw))
    except json.JSONDecodeError as error:
        raise BadInput(
            f"The import is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except UnicodeDecodeError:
        raise BadInput("The import is not valid JSON: it is not text in UTF-8.") from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise BadInput("The import holds a number that is too long to be read.") from None
    except RecursionError:
        raise BadInput("The import is nested too deeply.") from None


def check(document: Any) -> Document:
    """`document`, once it has the documented shape. Raises BadInput, naming the first row that has not."""
    error = next(_validator().iter_errors(document), None)
    if error is not None:
        raise _mistake(tuple(error.absolute_path), _sentence(error))
    escaped = json.dumps(document)
    if "\\u0000" in escaped or "\\ud" in escaped:  # rare enough to look closer only then
        place = next(_unusable_texts(document, ()), None)
        if place is not None:
            raise _mistake(
                place, "The text holds a character that cannot be stored (NUL or half of a pair). Remove it."
            )
    return Document(document["resources"])


def import_document(c: Connection, document: Document, now: datetime) -> Imported:
    """Stores what `document` holds, in the write transaction `c`. Raises BadInput before anything is written."""
    rows = _Rows(c)
    for number, resource in enumerate(document.resources):
        rows.add_resource(("resources", number), resource)
    rows.check_known_tickets()
    return rows.write(now)


class _Rows:
    """The rows of one document, checked as they are added; nothing is written before `write`."""

    def __init__(self, c: Connection) -> None:
        self._c = c
        self._integrations = {integration.name: integration for integration in integrations.all(c)}
        self._resources: dict[str, dict[str, Any]] = {}
        self._violations: dict[str, dict[str, Any]] = {}
        self._tickets: dict[tuple[int, str], dict[str, Any]] = {}
        self._places: dict[Any, Path] = {}

    def add_resource(self, place: Path, given: dict[str, Any]) -> None:
        needed = MUST_HAVE.get(given["type"])
        if needed is not None and not given.get(needed):
            raise _mistake(place, f"A {given['type']} needs a {needed!r}. Add it.")
        identity = {name: given.get(name) for name in resources.IDENTITY}
        public_id = resources.public_id(identity)
        self._once(public_id, place, "is the same resource as {}. Put all its violations into one of them.")
        self._resources[public_id] = {"public_id": public_id, **identity, "package_type": given.get("package_type")}
        for number, violation in enumerate(given.get("violations", ())):
            self._add_violation((*place, "violations", number), public_id, violation)

    def _add_violation(self, place: Path, resource: str, given: dict[str, Any]) -> None:
        component = given["infected_components"][0]
        public_id = violations.public_id(resource, given["watch_name"], given["issue_id"], component)
        self._once(public_id, place, "has the watch, issue and first component of {}. Leave one of them out.")
        self._violations[public_id] = {
            "public_id": public_id,
            "resource": resource,
            "issue_id": given["issue_id"],
            "type": given["type"],
            "severity": given["severity"],
            "watch_name": given["watch_name"],
            "component": component,
            "infected_components": tuple(given["infected_components"]),
            "cves": tuple(given["cves"]) if "cves" in given else None,
            "summary": given.get("summary"),
            "description": given.get("description"),
            "created_at": _instant((*place, "created"), given["created"]) if "created" in given else None,
        }
        for number, ticket in enumerate(given.get("tickets", ())):
            self._add_ticket((*place, "tickets", number), public_id, ticket)

    def _add_ticket(self, place: Path, violation: str, given: dict[str, Any]) -> None:
        integration = self._integration((*place, "integration"), given["integration"])
        issue = (integration.id, given["issue_id"])
        self._once(issue, place, "is the same Jira issue as {}. A ticket belongs to one violation.")
        self._tickets[issue] = {
            "violation": violation,
            "integration_id": integration.id,
            "issue_id": given["issue_id"],
            "key": given["key"],
            "project_id": None,
            "created_at": _instant((*place, "created"), given["created"]),
        }

    def _integration(self, place: Path, name: str) -> Integration:
        if name not in self._integrations:
            near = _near(name, self._integrations)
            raise _mistake(
                place, f"There is no integration {_short(name)}.{near} Create it first, or correct the name."
            )
        return self._integrations[name]

    def _once(self, identity: Any, place: Path, complaint: str) -> None:
        first = self._places.setdefault(identity, place)
        if first != place:
            raise _mistake(place, f"This {complaint.format(_spelt(first))}")

    def check_known_tickets(self) -> None:
        """A ticket that is known stays with its violation."""
        for integration in self._integrations.values():
            issue_ids = [issue_id for (of, issue_id) in self._tickets if of == integration.id]
            known = tickets.by_issue_ids(self._c, integration.id, issue_ids)
            owners = violations.public_ids(self._c, (ticket.violation_id for ticket in known.values()))
            for issue_id, ticket in known.items():
                issue = (integration.id, issue_id)
                if owners[ticket.violation_id] != self._tickets[issue]["violation"]:
                    raise _mistake(
                        self._places[issue],
                        f"The Jira issue {issue_id} ({ticket.key}) is a ticket of another violation already. "
                        "A ticket belongs to one violation: leave it out here.",
                    )

    def write(self, now: datetime) -> Imported:
        resource_ids, counted_resources = resources.put_many(self._c, list(self._resources.values()))
        rows = [{**row, "resource_id": resource_ids[row["resource"]]} for row in self._violations.values()]
        violation_ids, counted_violations = violations.put_many(
            self._c, [_without(row, "resource") for row in rows], now
        )
        # the latest created comes last: of two created in the same second the later row is the leading ticket
        in_order = sorted(self._tickets.values(), key=lambda row: row["created_at"])
        made = tickets.insert_many(
            self._c,
            [{**_without(row, "violation"), "violation_id": violation_ids[row["violation"]]} for row in in_order],
        )
        return Imported(counted_resources, counted_violations, Counted(made, 0, len(in_order) - made))


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _instant(place: Path, text: str) -> datetime:
    if RFC3339.fullmatch(text):
        try:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):  # 30 February, or a year that does not exist in UTC
            pass
    raise _mistake(
        place, f"{_short(text)} is not a point in time. Write RFC 3339 with an offset, such as 2026-03-01T09:30:00Z."
    )


@cache
def _validator() -> Any:
    schema = json.loads(files("service").joinpath("import.schema.json").read_text("utf-8"))
    return extend(Draft202012Validator, {"properties": _properties})(schema)  # type: ignore[no-untyped-call]


def _properties(validator: Any, properties: dict[str, Any], value: Any, _schema: Any) -> Iterator[ValidationError]:
    """The keyword `properties`, four times as fast: a text that plainly fits is not handed to the machinery."""
    if isinstance(value, dict):
        for name, schema in properties.items():
            if name in value and not _plainly_fits(value[name], schema):
                yield from validator.descend(value[name], schema, path=name, schema_path=name)


def _plainly_fits(value: Any, schema: dict[str, Any]) -> bool:
    if not isinstance(value, str):
        return False
    if "enum" in schema:
        return value in schema["enum"]
    return (
        schema["type"] == "string"
        and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    )


def _unusable_texts(value: Any, place: Path) -> Iterator[Path]:
    if isinstance(value, str) and re.search("[\0\ud800-\udfff]", value):
        yield place
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _unusable_texts(inner, (*place, step))


def _sentence(error: ValidationError) -> str:
    """What is wrong with `error.instance`, and what to do."""
    value: Any = error.instance
    limit: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "required":
            missing = [name for name in limit if name not in value]
            return f"{', '.join(map(repr, missing))} is missing. Add it."
        case "additionalProperties":
            names = schema["properties"]
            unknown = sorted(name for name in value if name not in names)[0]
            return f"{_short(unknown)} is not known here.{_near(unknown, names)} Known are {', '.join(names)}."
        case "enum":
            return f"{_short(value)} is not one of {', '.join(limit)}.{_near(value, limit)}"
        case "type":
            return f"{_short(value)} is not {TYPE_NAMES[limit]}."
        case "minLength" | "minItems":
            return "It must not be empty."
        case "maxLength":
            return f"It is longer than {limit} characters."
        case "maxItems":
            return f"It has more than {limit} entries."
    return f"{_short(value)} is not of the form {limit}."  # pattern is all that is left


def _near(word: object, words: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word), list(words), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _spelt(place: Path) -> str:
    spelt = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return spelt.removeprefix(".") or "document"


def _mistake(place: Path, sentence: str) -> BadInput:
    return BadInput(f"{_spelt(place)}: {sentence}")
