"""The small language that finds users: "is assignee of (A-1, A-2) AND [key].path is 'value'" [cloud, findUsersByQuery].

AND binds tighter than OR; there are no brackets but those around issues. Invalid for what cannot be read.
"""

import re
from collections.abc import Callable, Iterator

import orjson

from fake_jira.errors import Invalid
from fake_jira.model.records import Issue, User
from fake_jira.model.state import State

Test = Callable[[User], bool]
TOKEN = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\[[^\]]*\][\w.\-]*)|([(),])|([^\s(),"']+))""")
WHO: dict[str, Callable[[Issue], Iterator[str | None]]] = {
    "assignee": lambda issue: iter((issue.assignee,)),
    "reporter": lambda issue: iter((issue.reporter,)),
    "watcher": lambda issue: iter(issue.watchers),
    "voter": lambda issue: iter(issue.voters),
    "commenter": lambda issue: (comment.author for comment in issue.comments),
    "transitioner": lambda issue: (
        change.author for change in issue.history if any(item.field_id == "status" for item in change.items)
    ),
}


def matching(state: State, query: str) -> list[User]:
    """The users whom the query describes."""
    test = _Reader(state, query).whole()
    return [user for user in state.users.values() if not user.deleted and test(user)]


class _Reader:
    def __init__(self, state: State, query: str) -> None:
        self.state = state
        self.words = list(_words(query))

    def whole(self) -> Test:
        any_of = [self._all_of()]
        while self._takes("or"):
            any_of.append(self._all_of())
        if self.words:
            raise Invalid(f"The query cannot be read from '{self.words[0]}' on.")
        return lambda user: any(test(user) for test in any_of)

    def _all_of(self) -> Test:
        tests = [self._statement()]
        while self._takes("and"):
            tests.append(self._statement())
        return lambda user: all(test(user) for test in tests)

    def _statement(self) -> Test:
        if self.words and self.words[0].startswith("["):
            key, _, path = self._next()[1:].partition("]")
            self._must("is")
            return self._property(key, path.strip(".").split(".") if path else [], self._next())
        self._must("is")
        kind = self._next().lower()
        if kind not in WHO:
            raise Invalid(f"'{kind}' is not one of: {', '.join(WHO)}.")
        self._must("of")
        accounts = {who for issue in self._issues() for who in WHO[kind](issue)}
        return lambda user: user.account_id in accounts

    def _issues(self) -> list[Issue]:
        named = [self._next()]
        if named == ["("]:
            named = [self._next()]
            while self._takes(","):
                named.append(self._next())
            self._must(")")
        project = self.state.project(named[0]) if len(named) == 1 else None
        if project is not None:
            return [issue for issue in self.state.issues.values() if issue.project_id == project.id]
        return [issue for each in named if (issue := self.state.issue(each)) is not None]

    def _property(self, key: str, path: list[str], wanted: str) -> Test:
        return lambda user: holds_property(self.state, user, key, path, wanted)

    def _next(self) -> str:
        if not self.words:
            raise Invalid("The query ends too early.")
        return self.words.pop(0)

    def _must(self, word: str) -> None:
        found = self._next()
        if found.lower() != word:
            raise Invalid(f"The query has '{found}' where '{word}' was expected.")

    def _takes(self, word: str) -> bool:
        if self.words and self.words[0].lower() == word:
            self.words.pop(0)
            return True
        return False


def _words(query: str) -> Iterator[str]:
    at = 0
    while query[at:].strip():
        found = TOKEN.match(query, at)
        if found is None:
            raise Invalid(f"The query cannot be read from '{query[at:].strip()}' on.")
        yield next(part for part in found.groups() if part is not None)
        at = found.end()


def holds_property(state: State, user: User, key: str, path: list[str], wanted: str) -> bool:
    """Whether a property of the user has this value at the end of the path."""
    value = dict(state.user_properties.get(user.account_id, ())).get(key)
    found = None if value is None else orjson.loads(value)
    for word in path:
        found = found.get(word) if isinstance(found, dict) else None
    shown = orjson.dumps(found).decode() if isinstance(found, bool | int | float) else found
    return isinstance(shown, str) and shown == wanted
