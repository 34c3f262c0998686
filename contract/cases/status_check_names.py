"""The status check: odd names, and what must hold for every answer of the run. [status-check]"""

from functools import cache
from pathlib import Path

from contract.api import Answer, Api, Caller, Violation, told
from contract.cases.status_check import (
    CHECK,
    CODES,
    NOBODY,
    OWN_FAILURE,
    SENTENCES,
    check,
    checks,
    statuses,
)
from contract.harness import Level, NotJudged, case, expect
from contract.schema import Document, Problem

ENCODED = (f"{NOBODY} two words", f"{NOBODY}+a&b=c", f"{NOBODY}/100%#?", f"{NOBODY} ÄŁ漢😀")
ODD = (
    *ENCODED,
    "' OR '1'='1",
    '"; DROP TABLE integrations; --',
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "${jndi:nothing} {{7*7}} %s %n",
    "null",
    "-1",
    " ",
    "\u202e",
    "x\r\nX-Odd: 1",
    "x\x00y",
    "x" * 1000,
)
_DOCUMENT = Path(__file__).parents[1] / "status-api.yaml"
_OURS = frozenset({"additionalProperties", "pattern"})  # closed objects, whole seconds: stricter than the vendor


@case(
    "status-check/url-encoding",
    level=Level.SHOULD,
    promise="A name is decoded once, and echoed as it was meant.",
    source="status-check",
)
def url_encoding(api: Api) -> None:
    """[status-check] "Name of the integration that was checked", for names with spaces, signs and letters of other
    scripts.
    """
    for name in ENCODED:
        answer = check(api, name)
        if answer.code == 404 and (got := answer.object().get("integration_name")) != name:
            raise Violation(f"integration_name {told(name)}", f"integration_name {told(got)}", answer)
    if not any(answer.code == 404 for answer in api.seen[-len(ENCODED) :]):
        raise NotJudged("no odd name was answered with 404")


@case("status-check/odd-names", promise="No name makes the server fail.", source="status-check")
def odd_names(api: Api) -> None:
    """[status-check] "500: Server error retrieving integration status" is not for what a caller sends; 400 and 404
    are.
    """
    answers = [check(api, name) for name in ODD]
    for name, answer in zip(ODD, answers, strict=True):
        if answer.code >= 500:
            raise Violation(f"400 or 404 for the name {told(name)}", f"{answer.code} {told(answer.text)}", answer)
    if not any(answer.code in (400, 404) for answer in answers):
        raise NotJudged(f"the odd names were all answered with {answers[0].code}")


@case(
    "status-check/documented-codes",
    level=Level.SHOULD,
    promise="An admin is answered with 200, 400, 404 or 500, and nothing else.",
    source="status-check",
)
def documented_codes(api: Api) -> None:
    """[status-check] "Response codes", for the ordinary requests; a firewall may have its own for odd names."""
    for answer in (*(answer for _, answer in checks(api)), api.get(CHECK)):
        expect(answer, 200, 400, 404, 500)


@case("status-check/code-fits-status", promise="The HTTP code and the status agree.", source="status-check")
def code_fits_status(api: Api) -> None:
    """[status-check] The samples: 200 is healthy or faulty, 404 not found, 500 our own failure. Looks at every
    answer of the run.
    """
    list(checks(api))
    if not any(statuses(api)):
        raise NotJudged("no answer held a documented status")
    for answer, word in statuses(api):
        if answer.code != CODES[word]:
            raise Violation(f"{CODES[word]} with {word}", f"{answer.code} with {word}", answer)


@case(
    "status-check/own-failure-reason",
    level=Level.SHOULD,
    promise="A failure of the server itself is explained in the documented words.",
    source="status-check",
)
def own_failure_reason(api: Api) -> None:
    """[status-check] "Sample error response", 500. Cannot be caused from outside: judged if some answer of the run
    was one.
    """
    list(checks(api))
    failures = [answer for answer, word in statuses(api) if word == OWN_FAILURE]
    if not failures:
        raise NotJudged(f"{OWN_FAILURE} was not seen, and cannot be caused from outside")
    for answer in failures:
        if answer.object().get("reason") != SENTENCES[OWN_FAILURE]:
            raise Violation(f"reason {told(SENTENCES[OWN_FAILURE])}", told(answer.text), answer)


@case("status-check/schema", promise="Every answer fits the documented schema.", source="status-check")
def schema(api: Api) -> None:
    """[status-check] "Response body", as status-api.yaml has it for 200, 404 and 500; every answer of the run is
    held against it.

    What is stricter there than in the document (no further keys, whole seconds) belongs to schema-ours.
    """
    list(checks(api))
    documented = [answer for answer in _seen(api) if answer.code in CODES.values()]
    if not documented:
        raise NotJudged("no answer had a documented code and body")
    for answer in documented:
        _fits(answer, [one for one in problems(answer) if one.keyword not in _OURS])


@case(
    "status-check/schema-ours",
    level=Level.OURS,
    promise="Every answer fits our own, stricter document: refusals, no further keys, UTC in whole seconds.",
    source="R3",
    needs=(),
)
def schema_ours(api: Api) -> None:
    """Every answer of the run is held against status-api.yaml, the refusals included."""
    check(api, caller=Caller.NOBODY)
    for answer in _seen(api):
        _fits(answer, problems(answer))


def problems(answer: Answer) -> list[Problem]:
    """Where `answer` differs from status-api.yaml."""
    return _document().problems("get", CHECK, answer.code, answer.media_type, answer.json())


@cache
def _document() -> Document:
    return Document.load(_DOCUMENT)


def _fits(answer: Answer, found: list[Problem]) -> None:
    if found:
        shown = "; ".join(map(str, found[:3])) + (f"; and {len(found) - 3} more" if len(found) > 3 else "")
        raise Violation(f"the answer {answer.code} of status-api.yaml", told(shown), answer)


def _seen(api: Api) -> list[Answer]:
    return [answer for answer in api.seen if answer.path == CHECK]
