"""What Atlassian's edge says in Jira's place: an error as a page, as JSON or as nothing, and the 429 [jira 2.9]."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response

BURST, PER_ISSUE = "jira-burst-based", "jira-per-issue-on-write"
QUOTAS = {"global": "jira-quota-global-based", "tenant": "jira-quota-tenant-based"}
POOLS = {"global": "global-app-quota", "tenant": "tenant-app-quota"}
RATE_LIMITED = "The request has been rate-limited. Please try again later."
OOPS = "Oops - an error has occurred"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/_edge/resources/page.css"></head>
<body class=" error-page error{status}"><h1>{title}</h1><p>{sentence}</p></body></html>
"""

TOMCAT = (
    '<!doctype html><html lang="en"><head><title>HTTP Status {status} \N{EN DASH} {word}</title></head>'
    "<body><h1>HTTP Status {status} \N{EN DASH} {word}</h1><hr><p><b>Type</b> Status Report</p>"
    "<p><b>Description</b> {reason}</p><hr></body></html>"
)


def body_of(kind: str, status: int, title: str, sentence: str, members: Mapping[str, Any] | None = None) -> Response:
    """An answer with this status; `members` are added to the JSON envelope [jira 2.1]."""
    if kind == "html":
        page = PAGE.format(title=title, status=status, sentence=sentence)
        return Response(page, status, content_type="text/html;charset=UTF-8")
    if kind == "json":
        envelope = {"errorMessages": [sentence], "errors": {}, **(members or {})}
        return Response(orjson.dumps(envelope), status, content_type="application/json;charset=UTF-8")
    if kind == "tomcat":
        return tomcat_page(status, HTTPStatus(status).phrase, sentence)
    answer = Response(b"", status)
    del answer.headers["Content-Type"]
    return answer


def tomcat_page(status: int, word: str, reason: str) -> Response:
    """The page of the container, e.g. while Jira is not up [jira 2.10]."""
    return Response(
        TOMCAT.format(status=status, word=word, reason=reason), status, content_type="text/html;charset=UTF-8"
    )


def rate_limited(reason: str, limit: int, wait: int, now: datetime, body: str, *, a_second: int) -> Response:
    """Cloud's 429 with all its headers; `wait` in seconds, `body` is json, html or empty.

    A burst has a policy of so many `a_second` and a `limit` that saves some up [jira 7.1].
    """
    answer = body_of(body, 429, OOPS, RATE_LIMITED, {"status": 429})
    answer.headers.update(
        {
            "Retry-After": str(wait),
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": (now + timedelta(seconds=wait)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "X-RateLimit-NearLimit": "true",
            "RateLimit-Reason": reason,
        }
    )
    if reason == BURST:
        answer.headers["RateLimit-Policy"] = f'"{reason}";q={a_second};w=1'
        answer.headers["RateLimit"] = f'"{reason}";r=0;t={wait}'
    elif reason != PER_ISSUE:
        pool = POOLS["global" if "global" in reason else "tenant"]
        answer.headers["Beta-RateLimit-Policy"] = f'"{pool}";q={limit};w=3600'
        answer.headers["Beta-RateLimit"] = f'"{pool}";r=0;t={wait}'
        answer.headers["Beta-Retry-After"] = str(wait)
    return answer
