"""Holds answers against an OpenAPI document.

The schemas are JSON Schema, Draft 2020-12. A keyword that would not be checked is refused aloud (`CannotCheck`), so
that nothing passes because it was not understood. Sends nothing, and does not decide what a difference means.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

Schema = Any  # an object, true or false

# fmt: off
CHECKED = {
    "$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "not",
    "required", "properties", "additionalProperties", "minProperties", "maxProperties",
    "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
}
NOTES = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
# fmt: on
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")  # hold lists of schemas
_ONE = ("additionalProperties", "items", "not")  # hold one


class CannotCheck(Exception):
    """The document asks for what this module does not know how to check. The message says what, and where."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A difference from the document: where in the body, what, and the keyword that says so.

    `keyword` is "responses" for a code and "content" for a media type that the document does not have.
    """

    keyword: str
    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class Document:
    """An OpenAPI 3.1 document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    @classmethod
    def load(cls, path: Path) -> "Document":
        """The document in the YAML file `path`."""
        return cls(yaml.safe_load(path.read_text("utf-8")))

    def problems(self, method: str, path: str, code: int, media_type: str, body: Any) -> list[Problem]:
        """Where an answer differs from what the document has for it. Raises CannotCheck."""
        responses = self._document["paths"][path][method.lower()]["responses"]
        family = f"{code // 100}XX"
        key = next((key for key in (str(code), family, "default") if key in responses), None)
        if key is None:
            return [Problem("responses", "", f"the document has no answer {code} here, only {', '.join(responses)}")]
        content = self._resolved(responses[key]).get("content", {})
        if not content:
            return []
        if media_type not in content:
            known = ", ".join(content)
            return [Problem("content", "", f"{code} is {media_type or 'of no content type'}, the document has {known}")]
        return self._differences(content[media_type].get("schema", True), body)

    def _differences(self, schema: Schema, body: Any) -> list[Problem]:
        for place, part in self._parts(schema, "schema", set()):
            unknown = {word for word in part if not word.startswith("x-")} - CHECKED - NOTES
            if unknown:
                raise CannotCheck(f"{place} has {', '.join(sorted(unknown))}, which is not checked here")
        whole = {"allOf": [schema], "components": self._document.get("components", {})}
        errors = sorted(_Validator(whole).iter_errors(body), key=lambda error: [str(step) for step in error.path])
        return [_as_problem(error) for error in errors]

    def _parts(self, schema: Schema, place: str, met: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """`schema` and all that it leads to, each with where it stands."""
        if not isinstance(schema, dict):
            return
        yield place, schema
        if "$ref" in schema and schema["$ref"] not in met:
            met.add(schema["$ref"])
            yield from self._parts(self._at(schema["$ref"]), schema["$ref"], met)
        inner = [(word, schema[word]) for word in _ONE if word in schema]
        inner += [(f"{word}/{number}", one) for word in _MANY for number, one in enumerate(schema.get(word, ()))]
        inner += [(f"properties/{name}", one) for name, one in schema.get("properties", {}).items()]
        for word, one in inner:
            yield from self._parts(one, f"{place}/{word}", met)

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._at(node["$ref"]) if "$ref" in node else node

    def _at(self, reference: str) -> Any:
        """What `reference` points to."""
        found: Any = self._document
        if not reference.startswith("#/"):
            raise CannotCheck(f"{reference} points out of the document")
        for step in reference.removeprefix("#/").split("/"):
            word = step.replace("~1", "/").replace("~0", "~")
            if word not in found:
                raise CannotCheck(f"{reference} points to nothing")
            found = found[word]
        return found


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """As in JSON Schema, where `$` is the end; Python's also stands before a line end."""
    exact = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    if isinstance(value, str) and not re.search(exact, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def _as_problem(error: ValidationError) -> Problem:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    return Problem(str(error.validator), place, error.message)
