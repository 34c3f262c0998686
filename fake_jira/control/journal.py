"""Reading the journal, and asserting on it."""

from typing import Any

from flask import Response, request

from fake_jira.control.fake import here
from fake_jira.control.reading import Refused, answer, given, number
from fake_jira.journal import FILTERS

KNOWN = (*FILTERS, "since_id", "limit", "world")


def read() -> Response:
    """Entries that equal each given filter, oldest first."""
    for name in request.args:
        if name not in KNOWN:
            raise Refused(f"The parameter {name!r} is unknown; known are {', '.join(KNOWN)}.")
    wanted: dict[str, Any] = {name: request.args[name] for name in FILTERS if name in request.args}
    if "status" in wanted:
        wanted["status"] = number("status")
    journal = here().journal
    entries = journal.entries(wanted, number("since_id") or 0, number("limit"))
    return answer({"entries": [e.as_json() for e in entries], "total": journal.total, "evicted": journal.evicted})


def expect() -> Response:
    """200 if exactly `times` requests were like this (without `times`: at least one), else 409 and the nearest."""
    body = given(operation=str, method=str, path=str, user=str, status=int, fault=str, times=int, since_id=int)
    wanted = {name: body[name] for name in FILTERS if name in body}
    if not wanted:
        raise Refused("Say what is expected: at least one of operation, method, path, user, status, fault.")
    journal, since, times = here().journal, body.get("since_id", 0), body.get("times")
    matched = len(journal.entries(wanted, since))
    if journal.has_forgotten_after(since):
        sentence = (
            f"The journal has dropped {journal.evicted} requests, so nothing can be said about all of them; "
            "clear it before what you count, or give since_id."
        )
        return answer({"error": sentence, "matched": matched, "nearest": []}, 409)
    if matched == times or (times is None and matched):
        return answer({"matched": matched})
    nearest = journal.nearest(wanted)
    told = "; nearest: " + ", ".join(entry.line() for entry in nearest) if nearest else "; nothing was asked at all"
    looked_for = " ".join(str(value) for value in wanted.values())
    sentence = f"expected {times if times is not None else 'at least 1'} {looked_for}, saw {matched}{told}"
    return answer({"error": sentence, "matched": matched, "nearest": [entry.as_json() for entry in nearest]}, 409)


def clear() -> Response:
    here().journal.clear()
    return answer(None, 204)


ROUTES = (("GET", "/journal", read), ("DELETE", "/journal", clear), ("POST", "/journal/expect", expect))
