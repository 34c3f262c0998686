"""The status check: our readings where the document is silent. A server that differs breaks no promise."""

from contract.api import Answer, Api, Caller, Need, Violation, told
from contract.cases.status_check import (
    CHECK,
    FAULTY,
    HEALTHY,
    NOBODY,
    SENTENCES,
    check,
    checks,
    hour_of,
    named,
    time_of,
)
from contract.harness import Level, NotJudged, case, expect

PROMPT = 15.0  # seconds: ten for the check (R1), and the way there and back


@case(
    "status-check/refusal-has-a-sentence",
    level=Level.OURS,
    promise="A missing name is refused with one sentence under error.",
    source="R3",
)
def refusal_has_a_sentence(api: Api) -> None:
    """The document shows no body for 400; `{"error": ...}` is the way of its sibling pages."""
    answer = api.get(CHECK)
    expect(answer, 400)
    _one_sentence(answer)


@case("status-check/empty-name", level=Level.OURS, promise="An empty name answers 400.", source="R3")
def empty_name(api: Api) -> None:
    """A name without a letter in it is a missing one."""
    for name in ("", "   "):
        expect(check(api, name), 400)


@case("status-check/repeated-name", level=Level.OURS, promise="A repeated name answers 400.", source="R3")
def repeated_name(api: Api) -> None:
    """Which of the two was meant is not for the server to guess."""
    expect(api.get(CHECK, {"integrationName": [NOBODY, f"{NOBODY}-2"]}), 400)


@case("status-check/over-long-name", level=Level.OURS, promise="A name of 256 characters answers 400.", source="R22")
def over_long_name(api: Api) -> None:
    """No integration can have a name of more than 255 characters; one of 255 is merely unknown."""
    expect(check(api, NOBODY.ljust(256, "x")), 400)
    expect(check(api, NOBODY.ljust(255, "x")), 404)


@case(
    "status-check/unprintable-name",
    level=Level.OURS,
    promise="A name with control characters answers 400.",
    source="R3",
)
def unprintable_name(api: Api) -> None:
    """No integration can have such a name, and no log is the better for it."""
    for name in (f"{NOBODY}\x00", f"{NOBODY}\r\n", f"{NOBODY}\x1b[2J"):
        expect(check(api, name), 400)


@case(
    "status-check/further-parameters",
    level=Level.OURS,
    promise="Parameters that the document does not have are ignored.",
    source="status-check",
)
def further_parameters(api: Api) -> None:
    """The document lists one parameter and says nothing about others."""
    expect(api.get(CHECK, {"integrationName": NOBODY, "projectKey": "x"}), check(api).code)


@case(
    "status-check/letter-case",
    level=Level.OURS,
    promise="Names are compared exactly.",
    source="R22",
    needs=(Need.CREDENTIAL, Need.NAME),
)
def letter_case(api: Api) -> None:
    """Asks for the existing name in the other case; a name that has none cannot be tried."""
    name = named(api)
    if name.swapcase() == name:
        raise NotJudged(f"{name} has neither small nor capital letters")
    expect(check(api, name.swapcase()), 404)


@case(
    "status-check/verifies-live",
    level=Level.OURS,
    promise="An existing integration is verified by the check itself, in ten seconds at most.",
    source="R1",
    needs=(Need.CREDENTIAL, Need.NAME),
)
def verifies_live(api: Api) -> None:
    """The document leaves open whether an older verdict may be told; ours is of this minute, and bounded."""
    answer = check(api, named(api))
    age = hour_of(answer) - time_of(answer)
    if age.total_seconds() > 60:
        raise Violation(f"a time about {hour_of(answer):%Y-%m-%dT%H:%M:%SZ}", f"{age} older", answer)
    if answer.seconds > PROMPT:
        raise Violation(f"an answer within {PROMPT:g} s", f"one after {answer.seconds:.1f} s", answer)


@case(
    "status-check/utc-in-whole-seconds",
    level=Level.OURS,
    promise="time is in UTC with whole seconds and a Z, as in every sample.",
    source="status-check",
)
def utc_in_whole_seconds(api: Api) -> None:
    """RFC 3339 allows offsets and fractions; the samples have neither."""
    for _, answer in checks(api):
        at, written = time_of(answer), answer.object()["time"]
        if f"{at:%Y-%m-%dT%H:%M:%SZ}" != written:
            raise Violation(f"{at:%Y-%m-%dT%H:%M:%SZ}", told(written), answer)


@case(
    "status-check/faulty-reason",
    level=Level.OURS,
    promise="A broken integration says what to do, or that Jira cannot be reached.",
    source="R2",
    needs=(Need.CREDENTIAL, Need.NAME),
)
def faulty_reason(api: Api) -> None:
    """The documented sentence is for connectivity; every other cause has a sentence of its own, without a trace."""
    answer = check(api, named(api))
    body = answer.object()
    if body.get("status") != FAULTY:
        raise NotJudged(f"{named(api)} is not faulty now")
    sentence = str(body.get("reason"))
    technical = ("Traceback (most recent", "Exception", "\n", " at 0x", "Errno")
    if sentence == SENTENCES[HEALTHY] or len(sentence) > 500 or any(sign in sentence for sign in technical):
        raise Violation("a sentence for an admin", told(sentence), answer)


@case(
    "status-check/refusal-words",
    level=Level.OURS,
    promise="An unknown caller is refused with 401 and the vendor's usual words.",
    source="R3",
    needs=(),
)
def refusal_words(api: Api) -> None:
    """The document names no code and no body for those who are not let in."""
    for caller in (Caller.NOBODY, Caller.STRANGER):
        expect(check(api, caller=caller), 401, error="Found invalid token")


@case(
    "status-check/viewer-words",
    level=Level.OURS,
    promise="A user who is no admin is refused with 403.",
    source="R3",
    needs=(Need.VIEWER,),
)
def viewer_words(api: Api) -> None:
    """The document names no code and no body for those who are not let in."""
    expect(check(api, caller=Caller.VIEWER), 403, error="Permission denied")


def _one_sentence(answer: Answer) -> None:
    body = answer.object()
    if list(body) != ["error"] or not isinstance(body["error"], str) or not body["error"].strip():
        raise Violation('{"error": "one sentence"}', told(body), answer)
