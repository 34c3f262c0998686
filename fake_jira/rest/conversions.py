"""Query parameters of the wrong kind: refused before a route looks at anything else [jira 2.1].

Atlassian's document says which parameters are whole numbers, and which are true or false. Looking at them here does not
count as reading them: the journal still tells which ones no route has looked at.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from flask import g, request

from fake_jira.documented import Documented, by_route, shape
from fake_jira.errors import Conversion
from fake_jira.rest.wire import WHOLE

REMOVED = ("searchForIssuesUsingJql", "searchForIssuesUsingJqlPost")  # 410, whatever is asked


def converted(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, for requests whose parameters are of the documented kinds; Conversion for others."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if request.query_string:
            _check()
        return view(*args, **kwargs)

    return checked


def _check() -> None:
    documented = _documented(g.flavour.name, request.method, str(request.url_rule))
    if documented is None or documented.operation in REMOVED or (g.caller.user is None and not documented.anonymous):
        return  # and who lacks a credential is told of that first
    for name in documented.numbers:
        if (value := _given(name)) and not WHOLE.fullmatch(value):
            raise Conversion(f"Failed to convert '{name}' with value: '{value}'")
    for name in documented.flags:
        if (value := _given(name)) and value.lower() not in ("true", "false"):
            raise Conversion(f"Failed to convert '{name}' with value: '{value}'")


def _given(name: str) -> str:
    """The parameter's first value, without leaving a trace; empty if there is none."""
    values: list[str] = dict.get(request.args, name, [""])  # type: ignore[arg-type]  # a dict of lists
    return values[0]


@cache
def _documented(flavour: str, method: str, rule: str) -> Documented | None:
    return by_route(flavour).get(("GET" if method == "HEAD" else method, shape(rule)))
