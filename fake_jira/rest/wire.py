"""Reading requests and writing answers: query parameters, JSON bodies, pages. The same for every chapter."""

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

from fake_jira.errors import Conversion, CredentialNeeded, Invalid

P = ParamSpec("P")
JSON = "application/json;charset=UTF-8"
NO_CONTENT = "No content to map to Object due to end of input"
NO_JSON = "There was an error parsing JSON. Check that your request body is valid."
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."

WHOLE = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
ID = re.compile("[0-9]{1,18}")


class Chapter(Blueprint):
    """The routes of one chapter of the manual. `only` names the flavour that has them, None = both."""

    only: str | None = None


def chapter(name: str, only: str | None = None) -> Chapter:
    """A chapter under each of the API's versions. A route's function is named after its operation.

    A route that one flavour alone has belongs into a chapter of its own (`chapter("classic_search", DATA_CENTER)`).
    """
    routes = Chapter(name, __name__)
    routes.only = only

    @routes.url_value_preprocessor
    def note_version(_: str | None, values: dict[str, Any] | None) -> None:
        g.version = (values or {}).pop("version", "3")

    return routes


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    """`body` as JSON; headers with underscores for dashes."""
    response = Response(orjson.dumps(body), status, content_type=JSON)
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def done(status: int = 204) -> Response:
    """Nothing to say; typed as the live site types it [jira 5.5]."""
    return Response(b"", status, content_type=g.flavour.empty_type)


def takes(body_type: str | None) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Marks a route that reads another content type than JSON; None = any."""

    def mark(view: Callable[P, Response]) -> Callable[P, Response]:
        view.body_type = body_type  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: Callable[P, Response]) -> Callable[P, Response]:
    """A route that anonymous callers may not use [jira 2.2]."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if g.caller.user is None:
            raise CredentialNeeded
        return view(*args, **kwargs)

    return guarded


def text(name: str, default: str = "") -> str:
    """A query parameter."""
    return request.args.get(name, default)


def number(name: str, default: int) -> int:
    """A whole number in the query; Conversion for anything else [jira 2.1]."""
    value = request.args.get(name)
    if not value:
        return default
    if not WHOLE.fullmatch(value):
        raise Conversion(f"Failed to convert '{name}' with value: '{value}'")
    return int(value)


def flag(name: str, *, default: bool = False) -> bool:
    """true or false in the query."""
    value = request.args.get(name)
    if not value:
        return default
    if value.lower() not in ("true", "false"):
        raise Conversion(f"Failed to convert '{name}' with value: '{value}'")
    return value.lower() == "true"


def listed(name: str) -> list[str] | None:
    """A parameter that may be repeated and may hold commas; None if absent."""
    values = request.args.getlist(name)
    return [part.strip() for value in values for part in value.split(",") if part.strip()] if values else None


def numbers(name: str) -> list[str] | None:
    """A parameter that may be repeated and holds ids; Conversion for what is none."""
    values = listed(name)
    for value in values or ():
        if not ID.fullmatch(value):
            raise Conversion(f"Failed to convert '{name}' with value: '{value}'")
    return values


class Json(DefaultJSONProvider):
    """Reads bodies strictly: no NaN and no half characters, which nobody could be sent back."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


def body() -> dict[str, Any]:
    """The request's JSON object; Invalid with Jira's sentences for everything else [jira 2.5]."""
    if request.get_data().strip() in (b"", b"null"):
        raise Invalid(NO_CONTENT)
    try:
        read = request.get_json(force=True)
    except (BadRequest, RecursionError) as error:
        raise Invalid(NO_JSON) from error
    if not isinstance(read, dict):
        raise Invalid(BAD_PAYLOAD)
    return read


def page(items: Sequence[Any], show: Callable[[Any], Any], start: int, size: int) -> dict[str, Any]:
    """Cloud's page bean [jira 6.3]; only the items of the page are shown."""
    start, size = max(0, start), max(0, size)
    shown = [show(item) for item in items[start : start + size]]
    last = start + len(shown) >= len(items)
    bean: dict[str, Any] = {"self": _again(start, size)}
    if shown and not last:  # of pages without items each would lead to itself for ever
        bean["nextPage"] = _again(start + size, size)
    return bean | {"maxResults": size, "startAt": start, "total": len(items), "isLast": last, "values": shown}


def _again(start: int, size: int) -> str:
    """This request's address with another start."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in ("startAt", "maxResults")]
    return f"{request.base_url}?{urlencode([*query, ('maxResults', size), ('startAt', start)])}"
