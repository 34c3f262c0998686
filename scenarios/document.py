"""YAML text -> plain data, with the line of every value.

Knows nothing about stories. Times stay text, a key may stand only once in a mapping, and a mistake carries its line, so
that `checking` and the report can point at it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""The way to a value: keys and positions from the top, such as ("steps", 2, "expect", "health")."""


class DocumentError(Exception):
    """The text is not the YAML it should be. `line` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data, and where each part of it stands."""

    data: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest part around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):
    """YAML without dates and sexagesimal numbers: a time in a story is compared as it is written."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))


def parse(text: str) -> Document:
    """The one document in `text`. Raises DocumentError with the line."""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise DocumentError(1, "the file is empty")
            lines: dict[Place, int] = {}
            return Document(_plain(loader, node, (), lines), lines)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(
            mark.line + 1 if mark else 1, f"this is not YAML: {error.problem or error.context}"
        ) from None
    except RecursionError:
        raise DocumentError(1, "this is nested too deeply, or a part of it contains itself") from None
    except yaml.YAMLError as error:
        raise DocumentError(1, f"this is not YAML: {error}") from None


def _plain(loader: _Loader, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*place, position), lines) for position, item in enumerate(node.value)]
    try:
        return loader.construct_object(node)
    except yaml.constructor.ConstructorError as error:
        raise DocumentError(line, f"this is not YAML for a story: {error.problem}") from None


def _mapping(loader: _Loader, node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise DocumentError(line, "a name was expected before the colon")
        key = str(key_node.value)  # as written: `on` and `1` are names here
        if key in found:
            raise DocumentError(line, f"'{key}' stands twice here")
        lines[(*place, key)] = line
        found[key] = _plain(loader, value_node, (*place, key), lines)
    return found
