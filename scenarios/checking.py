"""Is this data a story? Mistakes against `schema.json` become sentences: where, what was expected, what is near.

Knows the shape of JSON Schema errors and nothing about playing. Where the schema offers a choice (a step is one of
five) the branch that was meant is found by its first word, and only its mistakes are told.
"""

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from scenarios.document import Place

Mistake = Any  # a jsonschema ValidationError; its own types leave every attribute open
SCHEMA = Path(__file__).with_name("schema.json")


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake at a place in the data, as the end of a sentence that begins with the file and line."""

    place: Place
    sentence: str


@cache
def schema() -> dict[str, Any]:
    """The shape of a scenario."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text())
    return loaded


@cache
def _validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


def problems(data: Any) -> list[Problem]:
    """Every mistake in `data`, in the order of the places."""
    found = {problem for error in _validator().iter_errors(data) for problem in _explain(error)}
    return sorted(found, key=lambda problem: ([str(part).zfill(6) for part in problem.place], problem.sentence))


def near(word: object, known: Iterable[str]) -> str:
    """' Near: x, y.' when `word` looks like a slip of one of `known`, else nothing."""
    words = sorted(known)
    lower = {name.lower(): name for name in words}
    matches = difflib.get_close_matches(str(word).lower(), lower, n=2, cutoff=0.6)
    return f" Near: {', '.join(lower[match] for match in matches)}." if matches else ""


def _explain(error: Mistake) -> Iterator[Problem]:
    place: Place = tuple(error.absolute_path)
    match error.validator:
        case "oneOf":
            yield from _explain_choice(error, place)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for name in [name for name in error.instance if name not in known]:
                yield Problem((*place, name), _unknown(name, known, place))
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            properties = error.schema.get("properties", {})
            for name in missing:
                meaning = _title(properties.get(name, {}))
                yield Problem(place, f"{_inside(place)}'{name}' is missing{f': {meaning}' if meaning else ''}.")
        case "enum" if "propertyNames" in error.absolute_schema_path:
            known = error.validator_value
            yield Problem((*place, error.instance), _unknown(error.instance, known, place))
        case _:
            yield Problem(place, _expected(error.schema, error.instance, place))


def _explain_choice(error: Mistake, place: Place) -> Iterator[Problem]:
    """The mistakes of the branch that was meant; if none was, what there is to choose from."""
    branches = [_resolved(branch) for branch in error.validator_value]
    if isinstance(error.instance, dict):
        choices = {branch["required"][0]: position for position, branch in enumerate(branches) if "required" in branch}
        named = [name for name in error.instance if name in choices]
        if len(named) > 1:
            yield Problem(
                place, f"{_listed(named)} stand together here, but each is {_title(error.schema)} of its own."
            )
            return
        if named:
            yield from _of_branch(error, choices[named[0]])
            return
        if choices:
            names = [name for name in error.instance if name != "note"]
            title = _title(error.schema)
            for name in names or [""]:
                said = f"'{name}' is not {title}" if name else f"{title} was expected, and nothing is here"
                yield Problem(
                    (*place, name) if name else place,
                    f"{said}; expected one of {_listed(choices)}.{near(name, choices)}",
                )
            return
    for position, branch in enumerate(branches):
        if branch.get("type") == _kind(error.instance):
            yield from _of_branch(error, position)
            return
        if "oneOf" in branch and isinstance(error.instance, dict):
            yield from _of_branch(error, position)
            return
    words = [str(word) for branch in branches for word in branch.get("enum", branch.get("required", [])[:1])]
    yield Problem(place, _expected({**error.schema, "enum": words}, error.instance, place))


def _of_branch(error: Mistake, position: int) -> Iterator[Problem]:
    for inner in error.context or []:
        if inner.schema_path[0] == position:
            yield from _explain(inner)


def _resolved(branch: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in branch:
        branch = schema()["$defs"][branch["$ref"].rpartition("/")[2]]
    return branch


def _kind(value: Any) -> str:
    return {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}.get(
        type(value), "null"
    )


def _title(part: dict[str, Any]) -> str:
    return str(_resolved(part).get("title", ""))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _inside(place: Place) -> str:
    names = [part for part in place if isinstance(part, str)]
    return f"in '{names[-1]}', " if names else ""


def _unknown(name: str, known: Iterable[str], place: Place) -> str:
    return f"{_inside(place)}there is no '{name}'; expected one of {_listed(known)}.{near(name, known)}"


def _expected(part: dict[str, Any], instance: Any, place: Place) -> str:
    names = [item for item in place if isinstance(item, str)]
    title, choices = _title(part), _resolved(part).get("enum")
    wanted = title or "something else"
    if choices and not all(str(choice) in title for choice in choices):
        wanted = f"{title + ': ' if title else ''}one of {_listed(map(str, choices))}"
    said = json.dumps(instance, ensure_ascii=False)
    said = said if len(said) <= 60 else said[:57] + "..."
    where = f"'{names[-1]}'" if names else "the file"
    hint = near(instance, map(str, choices)) if choices else ""
    return f"{where} must be {wanted}, not {said}.{hint}"
