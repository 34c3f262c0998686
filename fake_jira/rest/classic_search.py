"""Data Center's search: pages by offset, a total, and queries that are refused for whatever is wrong in them.

[jira 2.6, 5.8]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from fake_jira.errors import Invalid
from fake_jira.jql import Query, complaints, find_ids, parse
from fake_jira.model.state import DATA_CENTER
from fake_jira.rest.issue_view import SEARCH_EXPAND, View, chosen_fields, names, rendered, schemas
from fake_jira.rest.scene import asker, scene
from fake_jira.rest.search import current, taken, told
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, listed, number, text

classic_search = chapter("classic_search", DATA_CENTER)
PAGE = 50
LARGEST = 1000  # jira.search.views.default.max: more is lowered to it, and the lowered value said
VALIDATIONS = {"true": "strict", "strict": "strict", "warn": "warn", "false": "none", "none": "none"}
NO_JQL = Query(None)


@dataclass(frozen=True)
class Asked:
    """What is asked for, however it was sent. `validation`: strict, warn or none."""

    jql: str
    start: int
    size: int
    validation: str
    fields: tuple[str, ...]
    expand: frozenset[str]


@classic_search.get("/search")
def search_for_issues_using_jql() -> Response:
    """Search by GET."""
    return _answered(
        Asked(
            text("jql"),
            number("startAt", 0),
            number("maxResults", PAGE),
            _validation(text("validateQuery", "true")),
            tuple(listed("fields") or ()),
            frozenset(listed("expand") or ()),
        )
    )


@classic_search.post("/search")
def search_for_issues_using_jql_post() -> Response:
    """Search by POST. `expand` may be a list or a text with commas."""
    given = body()
    validate = given.get("validateQuery")
    return _answered(
        Asked(
            str(given.get("jql") or ""),
            _whole(given.get("startAt"), 0),
            _whole(given.get("maxResults"), PAGE),
            _validation("true" if validate is None else str(validate)),
            tuple(_words(given.get("fields"))),
            frozenset(_words(given.get("expand"))),
        )
    )


def _whole(value: Any, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(BAD_PAYLOAD)
    return value


def _words(value: Any) -> Sequence[str]:
    if value is None:
        return ()
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return value


def _validation(value: str) -> str:
    """true and false are how it was once said; anything else is not believed to be meant as `none`."""
    return VALIDATIONS.get(value.lower(), "strict")


def _answered(asked: Asked) -> Response:
    query = parse(asked.jql) if asked.jql.strip() else NO_JQL
    wrong = complaints(query, asker()) if asked.validation != "none" else []
    if wrong and asked.validation == "strict":
        raise Invalid(*wrong)
    start, size = max(0, asked.start), min(asked.size, LARGEST) if asked.size >= 0 else LARGEST
    ids = find_ids(query, asker())
    here = scene()
    expand = asked.expand - {"names", "schema"}
    view = View(here, chosen_fields(here, asked.fields, "*navigable"), expand, expandable=SEARCH_EXPAND)
    page: dict[str, Any] = {"expand": "names,schema", "startAt": start, "maxResults": size, "total": len(ids)}
    page["issues"] = rendered(view, told(current(ids[start : start + taken(size)])))
    if wrong:
        page["warningMessages"] = wrong
    if "names" in asked.expand:
        page["names"] = names(view)
    if "schema" in asked.expand:
        page["schema"] = schemas(view)
    return answer(page)
