"""The status check: what the document says about an answer, about codes and about callers. [status-check]

Asks for a name that nobody has, and for an existing integration if one was named.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from contract.api import Answer, Api, Caller, Need, Violation, told
from contract.harness import Level, NotJudged, case, expect

CHECK = "/xray/api/v1/ticketing/integrations/status/check"
NOBODY = f"contract-check-nobody-{secrets.token_hex(4)}"

HEALTHY, FAULTY = "HEALTHY_INTEGRATION", "FAULTY_CONFIGURATION"
NOT_FOUND, OWN_FAILURE = "INTEGRATION_NOT_FOUND", "INTERNAL_SERVER_ERROR"
KEYS = ("status", "reason", "time", "integration_name")
CODES = {HEALTHY: 200, FAULTY: 200, NOT_FOUND: 404, OWN_FAILURE: 500}
SENTENCES = {  # the samples, word for word
    HEALTHY: "Integration is healthy and operational.",
    FAULTY: "The system is unable to connect to Jira.",
    NOT_FOUND: "The integration does not exist or cannot be located.",
    OWN_FAILURE: "The system is temporarily unable to retrieve integration details. Please try again later.",
}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
SKEW = timedelta(minutes=5)  # between two clocks that are both right


def check(api: Api, name: str = NOBODY, caller: Caller = Caller.ADMIN) -> Answer:
    """The status check of `name`."""
    return api.get(CHECK, {"integrationName": name}, caller=caller)


def named(api: Api) -> str:
    """The existing integration that was declared."""
    if api.target.name is None:
        raise NotJudged(Need.NAME)
    return api.target.name


def checks(api: Api) -> Iterator[tuple[str, Answer]]:
    """The name that nobody has, and the existing one if it was declared; each with the answer to it."""
    yield NOBODY, check(api)
    if api.target.name is not None:
        yield api.target.name, check(api, api.target.name)


def statuses(api: Api) -> Iterator[tuple[Answer, str]]:
    """All answers seen so far that hold one of the four statuses, with it."""
    for answer in api.seen:
        if answer.path == CHECK:
            try:
                word = answer.object().get("status")
            except Violation:
                continue  # json-body says so
            if isinstance(word, str) and word in CODES:
                yield answer, word


def time_of(answer: Answer) -> datetime:
    """The `time` of an answer. Violation if it is not RFC 3339."""
    value = answer.object().get("time")
    wanted = "time in RFC 3339, such as 2024-01-01T00:00:00Z"
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise Violation(wanted, f"time {told(value)}", answer)
    try:
        return datetime.fromisoformat(value.upper().replace(":60", ":59")).astimezone(UTC)  # :60 is a leap second
    except (ValueError, OverflowError):
        raise Violation(wanted, f"time {told(value)}, which is in no calendar", answer) from None


def hour_of(answer: Answer) -> datetime:
    """When the server answered: by its own Date header, or else by our clock."""
    try:
        return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return answer.at


@case(
    "status-check/path-and-method",
    promise="GET on the documented path, by an admin, is answered by the status check.",
    source="status-check",
    gate=True,
)
def path_and_method(api: Api) -> None:
    """[status-check] "Usage: GET /xray/api/v1/ticketing/integrations/status/check".

    A router's own 404 and a refusal hold none of its keys. What is wrong with the keys is for other cases to say.
    """
    answer = check(api)
    if not any(f'"{key}"' in answer.text for key in ("reason", "integration_name")):
        raise Violation("an answer of the status check", f"{answer.code} {told(answer.text)}", answer)


@case("status-check/json", promise="The answer is JSON and says so.", source="status-check")
def json_body(api: Api) -> None:
    """[status-check] "Produces: application/json"."""
    for _, answer in checks(api):
        answer.json()
        if answer.media_type != "application/json":
            raise Violation("Content-Type: application/json", answer.media_type or "no content type", answer)


@case(
    "status-check/consumes-json",
    promise="A request that declares JSON is answered like one that does not.",
    source="status-check",
)
def consumes_json(api: Api) -> None:
    """[status-check] "Consumes: application/json"; clients send this header although a GET has no body."""
    plain = check(api)
    expect(
        api.get(CHECK, {"integrationName": NOBODY}, headers={"Content-Type": "application/json"}),
        plain.code,
    )


@case("status-check/four-keys", promise="The answer has the four keys, each a string.", source="status-check")
def four_keys(api: Api) -> None:
    """[status-check] "Response body": status, reason, time, integration_name; all mandatory, all strings. Others
    may be added.
    """
    for _, answer in checks(api):
        body = answer.object()
        wrong = [key for key in KEYS if not isinstance(body.get(key), str)]
        if wrong:
            raise Violation(f"strings under {', '.join(KEYS)}", f"{', '.join(wrong)} not so in {told(body)}", answer)


@case("status-check/valid-status", promise="status is one of the four documented words.", source="status-check")
def valid_status(api: Api) -> None:
    """[status-check] "Valid values: HEALTHY_INTEGRATION, INTEGRATION_NOT_FOUND, INTERNAL_SERVER_ERROR,
    FAULTY_CONFIGURATION".
    """
    for _, answer in checks(api):
        word = answer.object().get("status")
        if not isinstance(word, str) or word not in CODES:
            raise Violation(f"one of {', '.join(CODES)}", f"status {told(word)}", answer)


@case("status-check/reason", promise="reason explains the status and is not blank.", source="status-check")
def reason(api: Api) -> None:
    """[status-check] "Descriptive message explaining the status". The sentence of one status does not explain
    another one.
    """
    for _, answer in checks(api):
        body = answer.object()
        sentence, word = body.get("reason"), body.get("status")
        if not isinstance(sentence, str) or not sentence.strip():
            raise Violation("a reason that is not blank", f"reason {told(sentence)}", answer)
        of_another = next((known for known, text in SENTENCES.items() if text == sentence and known != word), None)
        if of_another is not None:
            raise Violation(f"a reason for {told(word)}", f"{told(sentence)}, documented for {of_another}", answer)


@case("status-check/time", promise="time is an RFC 3339 timestamp.", source="status-check")
def time(api: Api) -> None:
    """[status-check] "expressed in RFC 3339 timestamp format (for example, 2024-01-01T00:00:00Z)". Any offset is
    one.
    """
    for _, answer in checks(api):
        time_of(answer)


@case("status-check/time-not-in-the-future", promise="Nothing was verified in the future.", source="status-check")
def time_not_in_the_future(api: Api) -> None:
    """[status-check] "The date and time at which the status was most recently verified"; five minutes are allowed
    for clocks.
    """
    for _, answer in checks(api):
        at, hour = time_of(answer), hour_of(answer)
        if at > hour + SKEW:
            raise Violation(f"a time not after {hour:%Y-%m-%dT%H:%M:%SZ}", f"time {at.isoformat()}", answer)


@case(
    "status-check/time-of-an-unknown-name",
    level=Level.SHOULD,
    promise="That a name is unknown was verified just now.",
    source="status-check",
)
def time_of_an_unknown_name(api: Api) -> None:
    """[status-check] "most recently verified": nobody can have asked for this name before this run, so it cannot be
    older.
    """
    answer = check(api)
    at, hour = time_of(answer), hour_of(answer)
    if at < hour - SKEW:
        raise Violation(f"a time about {hour:%Y-%m-%dT%H:%M:%SZ}", f"time {at.isoformat()}", answer)


@case(
    "status-check/time-does-not-go-back",
    level=Level.SHOULD,
    promise="A later check is not verified earlier.",
    source="status-check",
)
def time_does_not_go_back(api: Api) -> None:
    """[status-check] "most recently verified". Asks twice for the same name."""
    for name, first in checks(api):
        second = check(api, name)
        if time_of(second) < time_of(first):
            raise Violation(f"a time not before {told(first.object()['time'])}", f"time {second.text}", second)


@case(
    "status-check/echoes-the-name",
    promise="integration_name is the name that was asked for.",
    source="status-check",
)
def echoes_the_name(api: Api) -> None:
    """[status-check] "Name of the integration that was checked"."""
    for name, answer in checks(api):
        got = answer.object().get("integration_name")
        if got != name:
            raise Violation(f"integration_name {told(name)}", f"integration_name {told(got)}", answer)


@case("status-check/unknown-name", promise="A name that nobody has answers 404.", source="status-check")
def unknown_name(api: Api) -> None:
    """[status-check] "404: No integration found for the given integrationName", with the documented body."""
    expect(check(api), 404, status=NOT_FOUND, integration_name=NOBODY)


@case(
    "status-check/unknown-name-reason",
    level=Level.SHOULD,
    promise="An unknown name is explained in the documented words.",
    source="status-check",
)
def unknown_name_reason(api: Api) -> None:
    """[status-check] "Sample error response", 404: "The integration does not exist or cannot be located."."""
    expect(check(api), 404, reason=SENTENCES[NOT_FOUND])


@case("status-check/missing-name", promise="Without integrationName the answer is 400.", source="status-check")
def missing_name(api: Api) -> None:
    """[status-check] "400: Bad request (e.g., missing integrationName parameter)"; the parameter is mandatory."""
    expect(api.get(CHECK), 400)


@case(
    "status-check/known-name",
    promise="An existing integration answers 200, healthy or faulty.",
    source="status-check",
    needs=(Need.CREDENTIAL, Need.NAME),
)
def known_name(api: Api) -> None:
    """[status-check] "200: Integration status retrieved successfully"; the samples have 200 for a faulty one as
    well.
    """
    answer = check(api, named(api))
    expect(answer, 200, integration_name=named(api))
    word = answer.object().get("status")
    if word not in (HEALTHY, FAULTY):
        raise Violation(f"{HEALTHY} or {FAULTY}", f"status {told(word)}", answer)


@case(
    "status-check/healthy-reason",
    level=Level.SHOULD,
    promise="A healthy integration is explained in the documented words.",
    source="status-check",
    needs=(Need.CREDENTIAL, Need.NAME),
)
def healthy_reason(api: Api) -> None:
    """[status-check] "Sample Success Response": "Integration is healthy and operational."."""
    answer = check(api, named(api))
    if answer.object().get("status") != HEALTHY:
        raise NotJudged(f"{named(api)} is not healthy now")
    expect(answer, 200, reason=SENTENCES[HEALTHY])


@case(
    "status-check/needs-a-credential",
    promise="Without a credential nothing is told.",
    source="status-check",
    needs=(),
)
def needs_a_credential(api: Api) -> None:
    """[status-check] "Security: Requires admin access permissions". 401 or 403; the document names neither."""
    expect(check(api, caller=Caller.NOBODY), 401, 403)


@case("status-check/wrong-credential", promise="A token that nobody has is refused.", source="status-check", needs=())
def wrong_credential(api: Api) -> None:
    """[status-check] "Security: Requires admin access permissions". One request with a made-up bearer token."""
    expect(check(api, caller=Caller.STRANGER), 401, 403)


@case(
    "status-check/needs-an-admin",
    promise="A user who is no admin is refused.",
    source="status-check",
    needs=(Need.VIEWER,),
)
def needs_an_admin(api: Api) -> None:
    """[status-check] "Security: Requires admin access permissions".

    Refused in the same way as a token that nobody has, the viewer's token may simply be wrong: that is not judged.
    """
    answer = check(api, caller=Caller.VIEWER)
    expect(answer, 401, 403)
    if answer.code == check(api, caller=Caller.STRANGER).code:
        raise NotJudged(f"the viewer's token got {answer.code}, like a token that nobody has")
    if api.target.name is not None:
        expect(check(api, api.target.name, Caller.VIEWER), 401, 403)
