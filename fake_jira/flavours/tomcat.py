"""The pages of Data Center's own errors: refused sign-ins, dead links."""

from collections.abc import Mapping
from html import escape

from flask import Response

HTML = "text/html;charset=UTF-8"
PAGE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    '<p>Encountered a <code>"{status} - {word}"</code> error while loading this page.</p><p>{reason}</p></body></html>'
)


def error_page(status: int, word: str, reason: str = "", title: str | None = None) -> Response:
    """Jira's page for an error; the title is `word (status)` unless given."""
    page = PAGE.format(title=title or f"{word} ({status})", status=status, word=word, reason=escape(reason))
    return Response(page, status, content_type=HTML)


def refusal_page(status: int, word: str, reason: str, headers: Mapping[str, str]) -> Response:
    """The page of a refused sign-in; `reason` is Seraph's, e.g. AUTHENTICATED_FAILED [jira 2.8]."""
    answer = error_page(status, word, f"Basic Authentication Failure - Reason : {reason}")
    answer.headers.update({"X-Seraph-LoginReason": reason, **headers})
    return answer
