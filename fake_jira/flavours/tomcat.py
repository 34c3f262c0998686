"""The pages that Data Center answers with where no route of Jira's speaks: refused sign-ins, and Tomcat's errors."""

from collections.abc import Mapping
from html import escape

from flask import Response

HTML = "text/html;charset=UTF-8"
PAGE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    '<p>Encountered a <code>"{status} - {word}"</code> error while loading this page.</p><p>{reason}</p></body></html>'
)
TOMCAT = (
    '<!doctype html><html lang="en"><head><title>HTTP Status {status} &ndash; {word}</title></head>'
    "<body><h1>HTTP Status {status} &ndash; {word}</h1><hr><p><b>Type</b> Status Report</p>"
    "<p><b>Description</b> {reason}</p><hr></body></html>"
)
BUSY = "The server is currently unable to handle the request, due to a temporary overload or scheduled maintenance."


def error_page(status: int, word: str, reason: str = "", title: str | None = None) -> Response:
    """Jira's page for an error; the title is `word (status)` unless given."""
    page = PAGE.format(title=title or f"{word} ({status})", status=status, word=word, reason=escape(reason))
    return Response(page, status, content_type=HTML)


def refusal_page(status: int, word: str, reason: str, headers: Mapping[str, str]) -> Response:
    """The page of a refused sign-in; `reason` is Seraph's, e.g. AUTHENTICATED_FAILED [jira 2.8]."""
    answer = error_page(status, word, f"Basic Authentication Failure - Reason : {reason}")
    answer.headers.update({"X-Seraph-LoginReason": reason, **headers})
    return answer


def tomcat_page(status: int, word: str, reason: str) -> Response:
    """The page of the container, e.g. while Jira is not up [jira 2.10]."""
    return Response(TOMCAT.format(status=status, word=word, reason=reason), status, content_type=HTML)
