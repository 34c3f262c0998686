"""Search: the enhanced search, counting, matching, and the removed search [jira 2.5, 5.7].

A search reads the index and may be behind; `reconcileIssues` reads the issues it names as they are. The result list of
a search is fixed by its first page, so that later pages neither repeat nor skip.
"""

import base64
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import Gone, Invalid, JiraError, ServerTrouble
from fake_jira.jql import Query, find_ids, matches, parse
from fake_jira.model.records import Issue
from fake_jira.model.state import CLOUD
from fake_jira.rest.issue_view import ALWAYS_WITH, SEARCH_EXPAND, View, chosen_fields, names, rendered, schemas
from fake_jira.rest.scene import asker, scene, user, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, flag, listed, number, numbers, signed_in, text

search = chapter("search", CLOUD)
PAGE = 50
LARGEST = 5000
LARGEST_WITH_FIELDS = 100
TOKEN_LIFE = timedelta(days=7)
RECONCILED = 50
PROPERTIES = 5
_searches = itertools.count(1)
LISTS = 64  # result lists remembered per world; a forgotten one is searched for again
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
BODY = {"jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "reconcileIssues"}


@dataclass(frozen=True)
class Asked:
    """What a search asks for, however it was sent."""

    jql: str
    token: str | None
    size: int
    fields: tuple[str, ...]
    expand: frozenset[str]
    properties: tuple[str, ...]
    reconcile: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """What a page token says: which search goes on, from which position, and the id before that."""

    serial: int
    position: int
    last: str


@search.get("/search/jql")
def search_and_reconsile_issues_using_jql() -> Response:
    """Search by GET."""
    flag("fieldsByKeys"), flag("failFast")
    return _answered(
        Asked(
            text("jql"),
            text("nextPageToken") or None,
            number("maxResults", PAGE),
            tuple(listed("fields") or ()),
            frozenset(listed("expand") or ()),
            tuple(listed("properties") or ()),
            tuple(numbers("reconcileIssues") or ()),
        )
    )


@search.post("/search/jql")
def search_and_reconsile_issues_using_jql_post() -> Response:
    """Search by POST. A property that this search does not have is refused, whatever the old search took."""
    given = _strict_body(BODY)
    if "reconcileIssues" in given and given["reconcileIssues"] is None:
        raise ServerTrouble('Cannot invoke "java.util.List.stream()" because "reconcileIssues" is null')
    if not isinstance(given.get("fieldsByKeys"), bool | None):
        raise Invalid(BAD_PAYLOAD)
    return _answered(
        Asked(
            _typed(given, "jql", str) or "",
            _typed(given, "nextPageToken", str),
            _size(given.get("maxResults", PAGE)),
            tuple(_typed(given, "fields", list) or ()),
            frozenset(part.strip() for part in (_typed(given, "expand", str) or "").split(",") if part.strip()),
            tuple(_typed(given, "properties", list) or ()),
            tuple(_ids(given.get("reconcileIssues", []))),
        )
    )


def _answered(asked: Asked) -> Response:
    """Precedence of what is refused: a bad token, then the size, then an unbounded query, then its syntax."""
    place = _place(asked)
    if not 1 <= asked.size <= LARGEST:
        raise Invalid("The max results parameter has to be between 1 and 5,000.")
    query = _bounded(asked.jql)
    if len(asked.properties) > PROPERTIES or len(asked.reconcile) > RECONCILED:
        raise Invalid(BAD_PAYLOAD)
    view = _view(asked)
    size = asked.size if view.bare else min(asked.size, LARGEST_WITH_FIELDS)
    serial = place.serial if place else next(_searches)
    finding = _finding(serial)
    ids = world().findings.get(finding)
    if ids is None:  # the first page, or one after too many other searches
        ids = tuple(find_ids(query, asker(), asked.reconcile))
    size = taken(size)
    start = _start(ids, place)
    chunk = ids[start : start + size]
    page: dict[str, Any] = {"issues": rendered(view, told(current(chunk, asked.reconcile)))}
    if "names" in asked.expand:
        page["names"] = names(view)
    if "schema" in asked.expand:
        page["schema"] = schemas(view)
    page["isLast"] = start + size >= len(ids)
    if not page["isLast"]:
        _remember(finding, ids)
        page["nextPageToken"] = _token(asked, serial, start + size, chunk[-1])
    return answer(page)


def _bounded(jql: str) -> Query:
    if not jql.strip() or jql.strip().lower().startswith("order by"):
        raise Invalid(UNBOUNDED)
    query = parse(jql)
    if query.where is None:
        raise Invalid(UNBOUNDED)
    return query


def _view(asked: Asked) -> View:
    """Only `id` by default; `key` stands beside the fields and brings none along."""
    here, expand = scene(), asked.expand - {"names", "schema"}
    fields = asked.fields or ("id",)
    if set(fields) <= ALWAYS_WITH and not expand and not asked.properties:
        bare = ("id",) if set(fields) == {"id"} else ("id", "key")
        return View(here, (), bare=bare, expandable=SEARCH_EXPAND)
    return View(here, chosen_fields(here, fields, "id"), expand, asked.properties, expandable=SEARCH_EXPAND)


def _finding(serial: int) -> str:
    """What the result list of a search is remembered under: nobody goes on with another's."""
    who = asker().user
    return f"{serial} {who.account_id if who else ''}"


def _remember(finding: str, ids: tuple[str, ...]) -> None:
    """Keep the list for the pages to come; of too many the oldest is forgotten."""
    findings = world().findings
    findings.pop(finding, None)
    findings[finding] = ids
    while len(findings) > LISTS:
        del findings[next(iter(findings))]


def current(ids: Sequence[str], strong: Sequence[str] = ()) -> list[Issue]:
    """The issues as the index has them by now, or as they are where that was asked for; hidden ones are gone."""
    state, who = world().state, user()
    state.index.catch_up(world().now())
    found = (state.issues.get(each) if each in strong else state.index.shown.get(each) for each in ids)
    return [issue for issue in found if issue is not None and state.sees(who, issue)]


def taken(size: int) -> int:
    """How many hits of the list a page of `size` stands for: all of them, unless pages are short or doubled."""
    return size if world().settings.search_pages == "whole" else max(1, size // 2)


def told(hits: list[Issue]) -> list[Issue]:
    """The hits as the page tells them: each twice, if pages are doubled."""
    return [hit for each in hits for hit in (each, each)] if world().settings.search_pages == "doubled" else hits


def _fingerprint(asked: Asked) -> str:
    """What a page token is bound to: the query with its order, and what is reconciled; not the fields."""
    bound = orjson.dumps([asked.jql.strip(), sorted(asked.reconcile)])
    return hashlib.sha256(bound).hexdigest()[:24]


def _token(asked: Asked, serial: int, position: int, last: str) -> str:
    issued = world().now().timestamp()
    return base64.urlsafe_b64encode(orjson.dumps([_fingerprint(asked), serial, position, last, issued])).decode()


def _place(asked: Asked) -> Place | None:
    """Where the page begins. Invalid for a token that is none, old or another's."""
    if not asked.token:
        return None
    try:
        mark, serial, position, last, issued = orjson.loads(
            base64.b64decode(asked.token, altchars=b"-_", validate=True)
        )
        old = world().now().timestamp() - float(issued) > TOKEN_LIFE.total_seconds()
        place = Place(int(serial), int(position), str(last))
    except (ValueError, TypeError) as error:
        raise Invalid("The provided next page token is invalid.") from error
    if mark != _fingerprint(asked) or old:
        raise Invalid("The provided next page token is invalid or expired.")
    return place


def _start(ids: Sequence[str], place: Place | None) -> int:
    """Behind the last id shown, wherever that is by now."""
    if place is None:
        return 0
    position, last = place.position, place.last
    if 0 < position <= len(ids) and ids[position - 1] == last:
        return position
    return ids.index(last) + 1 if last in ids else max(0, min(position, len(ids)))


def _strict_body(known: set[str]) -> dict[str, Any]:
    given = body()
    if not given.keys() <= known:
        raise Invalid(BAD_PAYLOAD)
    return given


def _typed(given: Mapping[str, Any], name: str, kind: type[str] | type[list[Any]]) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise Invalid(BAD_PAYLOAD)
    if kind is list and value and not all(isinstance(each, str) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return value


def _size(value: Any) -> int:
    """maxResults of a body; "5" and 1.5 are taken for numbers."""
    if value is None:
        return PAGE
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid(BAD_PAYLOAD)
    try:
        return int(float(value))
    except (ValueError, OverflowError) as error:
        raise Invalid(BAD_PAYLOAD) from error


def _ids(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, int | str) and str(each).isdecimal() for each in value):
        raise Invalid(BAD_PAYLOAD)
    return [str(each) for each in value]


@search.post("/search/approximate-count")
def count_issues() -> Response:
    """Count issues: as the index has them."""
    given = _strict_body({"jql"})
    query = _bounded(_typed(given, "jql", str) or "")
    return answer({"count": len(matches(query, asker()))})


@search.post("/jql/match")
@signed_in
def match_issues() -> Response:
    """Check issues against JQL: what is wrong with one query is told in its own entry."""
    given = body()
    queries, ids = _typed(given, "jqls", list), set(_ids(given.get("issueIds")))
    if not queries or not ids:
        raise Invalid(BAD_PAYLOAD)
    answers: list[dict[str, Any]] = []
    for jql in queries:
        try:
            found = matches(parse(jql), asker())
            answers.append({"matchedIssues": sorted(int(each) for each in ids if each in found), "errors": []})
        except Invalid as error:
            answers.append({"matchedIssues": [], "errors": [str(error)]})
    return answer({"matches": answers})


@search.get("/search")
def search_for_issues_using_jql() -> Response:
    """The removed search."""
    raise removed()


@search.post("/search")
def search_for_issues_using_jql_post() -> Response:
    """The removed search, by POST."""
    raise removed()


def removed() -> JiraError:
    return Gone(REMOVED)
