"""What Atlassian documents: every operation of both flavours, as facts in two tables beside this module.

The tables are generated from Atlassian's documents, which are not part of this repository, by
`python -m tests.fake_jira.proof.tables`. Knows nothing of the fake: a route is matched to what is documented by its
method and its path with placeholders made anonymous, never by operation id (Data Center's occur several times).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLES = {"cloud": "cloud.tsv", "data-center": "data_center.tsv"}
COLUMNS = ("method", "path", "operation", "chapter", "anonymous", "classic", "granular", "numbers", "flags")
VERSION = 2  # which word of a path below /rest/ is the version
Shape = tuple[str, ...]
_WHOLE = re.compile(r".*:.*:|.*:jira-")  # scopes that are written out: another product's, classic ones
_PLACEHOLDER = re.compile(r"<[^>]*>|\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Documented:
    """One operation. `classic` scopes are alternatives to all of the `granular` ones together [jira 2.4].

    `numbers` and `flags` are its query parameters that are whole numbers, or true and false.
    """

    method: str
    path: str
    operation: str  # Atlassian's operation id
    chapter: str
    anonymous: bool  # whether a caller without a credential is let in
    classic: tuple[str, ...]
    granular: tuple[str, ...]
    numbers: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def shape(self) -> Shape:
        return shape(self.path)

    @property
    def endpoint(self) -> str:
        """The name that a route for it has: `getIssue` is get_issue."""
        name = re.sub(r"_(get|put|post|delete|\d+)$", "", self.operation.rpartition(".")[2])
        return re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower()


def shape(path: str) -> Shape:
    """A path of the document or of a route, by its words: placeholders and the version after /rest/API are `{}`."""
    return _any_version(_PLACEHOLDER.sub("{}", path).strip("/").split("/"))


def _any_version(words: Sequence[str]) -> Shape:
    if words[0] == "rest" and len(words) > VERSION:
        return (*words[:VERSION], "{}", *words[VERSION + 1 :])
    return tuple(words)


@cache
def documented(flavour: str) -> tuple[Documented, ...]:
    """All operations of "cloud" or "data-center", in the order of the document."""
    lines = (Path(__file__).parent / TABLES[flavour]).read_text("utf-8").splitlines()
    return tuple(_read(line) for line in lines[1:])


@cache
def by_route(flavour: str) -> dict[tuple[str, Shape], Documented]:
    """The operations by method and shape."""
    return {(each.method, each.shape): each for each in documented(flavour)}


class Branch:
    """A place in the tree of documented paths: the words that may follow, and what is documented right here."""

    __slots__ = ("inner", "methods")

    def __init__(self) -> None:
        self.inner: dict[str, Branch] = {}
        self.methods: dict[str, Documented] = {}

    def reached_by(self, words: Sequence[str]) -> Iterator["Branch"]:
        """Every place that the words lead to; a word of the document goes before a placeholder."""
        if not words:
            yield self
            return
        for word in (words[0], "{}"):
            if word in self.inner:
                yield from self.inner[word].reached_by(words[1:])


@cache
def _tree(flavour: str) -> Branch:
    root = Branch()
    for each in documented(flavour):
        branch = root
        for word in each.shape:
            branch = branch.inner.setdefault(word, Branch())
        branch.methods[each.method] = each
    return root


def operations_at(flavour: str, path: str) -> dict[str, Documented]:
    """What is documented for the path of a request under any version of the API, by method."""
    words = _any_version(path.strip("/").split("/"))
    found: dict[str, Documented] = {}
    for branch in _tree(flavour).reached_by(words):
        found = branch.methods | found
    return found


def _read(line: str) -> Documented:
    method, path, operation, chapter, anonymous, classic, granular, numbers, flags = line.split("\t")
    scopes = tuple(scope if _WHOLE.match(scope) else f"{scope}:jira" for scope in granular.split())
    return Documented(
        method=method,
        path=path,
        operation=operation,
        chapter=chapter,
        anonymous=anonymous == "yes",
        classic=tuple(classic.split()),
        granular=scopes,
        numbers=tuple(numbers.split()),
        flags=tuple(flags.split()),
    )
