"""JQL itself: reading and checking queries, and what editors complete them with [jira 2.5]."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from fake_jira.errors import Forbidden, Invalid
from fake_jira.jql import Asker, complaints, parse
from fake_jira.jql.fields import ISSUES, KEY
from fake_jira.jql.kinds import Field
from fake_jira.jql.lookups import projects as project_ids
from fake_jira.jql.matching import field_named
from fake_jira.jql.reference import reserved_words, suggestions, visible_fields, visible_functions
from fake_jira.jql.structure import rewritten, structure
from fake_jira.jql.tree import Clause, Query, Word, clauses_of
from fake_jira.model.permissions import holds_globally
from fake_jira.model.records import User
from fake_jira.model.state import CLOUD
from fake_jira.rest.scene import asker, flavour, user, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, signed_in, text

jql = chapter("jql")
cloud_jql = chapter("cloud_jql", CLOUD)
VALIDATIONS = ("strict", "warn", "none")
Spans = dict[tuple[int, int], str]


def _queries(given: Any, kind: type) -> list[Any]:
    if not isinstance(given, list) or not given or not all(isinstance(each, kind) for each in given):
        raise Invalid(BAD_PAYLOAD)
    return given


@cloud_jql.post("/jql/parse")
def parse_jql_queries() -> Response:
    """Parse JQL query: each by itself; strict: what does not fit is an error, warn: a warning, none: not looked for."""
    validation = text("validation", "strict")
    if validation not in VALIDATIONS:
        raise Invalid(f"The validation is one of: {', '.join(VALIDATIONS)}.")
    return answer({"queries": [_parsed(each, validation) for each in _queries(body().get("queries"), str)]})


def _parsed(query: str, validation: str) -> dict[str, Any]:
    try:
        read = parse(query)
        wrong = complaints(read, asker()) if validation != "none" else []
    except Invalid as error:
        return {"query": query, "errors": list(error.messages)}
    if not wrong:
        return {"query": query, "structure": structure(read)}
    if validation == "strict":
        return {"query": query, "errors": wrong}
    return {"query": query, "structure": structure(read), "errors": wrong}


@cloud_jql.post("/jql/pdcleaner")
@signed_in
def migrate_queries() -> Response:
    """Convert user identifiers to account IDs in JQL queries: names and keys of users give way to account ids."""
    cleaned: list[str] = []
    unknown: list[dict[str, str]] = []
    for query in _queries(body().get("queryStrings"), str):
        spans, all_known = _people(parse(query))
        converted = rewritten(query, spans)
        if all_known:
            cleaned.append(converted)
        else:
            unknown.append({"originalQuery": query, "convertedQuery": converted})
    return answer({"queryStrings": cleaned, "queriesWithUnknownUsers": unknown})


def _people(query: Query) -> tuple[Spans, bool]:
    """The words that name people, with their account ids; whoever nobody knows is called unknown."""
    state, spans, all_known = world().state, dict[tuple[int, int], str](), True
    for clause, word in _words(query, lambda field: field.of == "user"):
        if clause.operator in ("=", "!=", "IN", "NOT IN", "WAS", "WAS NOT", "WAS IN", "WAS NOT IN"):
            who = state.user(word.text)
            all_known = all_known and who is not None
            spans[word.span] = who.account_id if who else "unknown"
    return spans, all_known


def _words(query: Query, of: Callable[[Field], bool]) -> list[tuple[Clause, Word]]:
    found = []
    for clause in clauses_of(query.where):
        field = field_named(asker(), clause.field)
        if field is not None and of(field):
            found += [(clause, operand) for operand in clause.operands if isinstance(operand, Word)]
    return found


@cloud_jql.post("/jql/sanitize")
@signed_in
def sanitise_jql_queries() -> Response:
    """Sanitize JQL queries: what the user of a query may not see is named by its id."""
    if not holds_globally(user(), "ADMINISTER"):
        raise Forbidden("You do not have permission to sanitize JQL queries.")
    return answer({"queries": [_sanitized(each) for each in _queries(body().get("queries"), dict)]})


def _sanitized(given: Mapping[str, Any]) -> dict[str, Any]:
    query, account = given.get("query"), given.get("accountId")
    if not isinstance(query, str) or not isinstance(account, str | None):
        raise Invalid(BAD_PAYLOAD)
    who = world().state.users.get(account) if account else None
    if account and who is None:
        raise Invalid(f"The account ID '{account}' does not exist.")
    shown = {"initialQuery": query} | ({"accountId": account} if account else {})
    try:
        return shown | {"sanitizedQuery": rewritten(query, _hidden(parse(query), who))}
    except Invalid as error:
        return shown | {"errors": {"errorMessages": list(error.messages), "errors": {}}}


def _hidden(query: Query, who: User | None) -> Spans:
    """The names of projects and the keys of issues that `who` may not see, with the ids that stand in their place."""
    state, spans = world().state, dict[tuple[int, int], str]()
    for _, word in _words(query, lambda field: field.of == "project"):
        for found in project_ids(asker(), word.text):
            if not state.may(who, "BROWSE_PROJECTS", found):
                spans[word.span] = found
    for _, word in _words(query, lambda field: field in ISSUES):
        issue = state.issue(word.text)
        if issue is not None and not state.sees(who, issue):
            spans[word.span] = issue.id
    return spans


@jql.get("/jql/autocompletedata")
def get_auto_complete() -> Response:
    """Get field reference data."""
    return _reference()


@cloud_jql.post("/jql/autocompletedata")
def get_auto_complete_post() -> Response:
    """Get field reference data, of the custom fields that these projects have; ids that name none are ignored."""
    given = body()
    projects = given.get("projectIds")
    if not isinstance(given.get("includeCollapsedFields"), bool | None) or not isinstance(projects, list | None):
        raise Invalid(BAD_PAYLOAD)
    if not projects:
        return _reference()
    wanted = {str(each) for each in projects}
    contexts = world().state.contexts.values()
    return _reference({each.field_id for each in contexts if not each.project_ids or wanted & set(each.project_ids)})


def _reference(only: set[str] | None = None) -> Response:
    return answer(
        {
            "visibleFieldNames": visible_fields(world().state, only),
            "visibleFunctionNames": visible_functions(),
            "jqlReservedWords": reserved_words(),
        }
    )


@jql.get("/jql/autocompletedata/suggestions")
def get_field_auto_complete_for_query_string() -> Response:
    """Get field auto complete suggestions: of the field's values, or of those that a predicate takes."""
    name, predicate = text("fieldName"), text("predicateName").lower()
    if not name and (predicate or "fieldValue" in request.args):
        raise Invalid("The fieldName parameter is required.")
    field = field_named(asker(), name) if name else None
    typed = text("predicateValue") if predicate else text("fieldValue")
    if predicate == "by":
        field = field_named(asker(), "assignee")
    elif predicate not in ("", "from", "to"):
        field = None
    return answer({"results": _suggested(field, typed, asker()) if field else []})


def _suggested(field: Field, typed: str, who: Asker) -> list[dict[str, Any]]:
    return [] if field is KEY else suggestions(field, typed, who, flavour().jql_user)
