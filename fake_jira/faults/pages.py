"""The three bodies an error of the edge can have: a page, Jira's JSON envelope, nothing."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/_edge/resources/page.css"></head>
<body class=" error-page error{status}"><h1>{title}</h1><p>{sentence}</p></body></html>
"""


def body_of(kind: str, status: int, title: str, sentence: str, members: Mapping[str, Any] | None = None) -> Response:
    """An answer with this status; `members` are added to the JSON envelope [jira 2.1]."""
    if kind == "html":
        page = PAGE.format(title=title, status=status, sentence=sentence)
        return Response(page, status, content_type="text/html;charset=UTF-8")
    if kind == "json":
        envelope = {"errorMessages": [sentence], "errors": {}, **(members or {})}
        return Response(orjson.dumps(envelope), status, content_type="application/json;charset=UTF-8")
    answer = Response(b"", status)
    del answer.headers["Content-Type"]
    return answer
