"""Each expectation can fail, and says what it expected and saw; each step that cannot be done says why."""

from datetime import UTC, datetime

import pytest

from scenarios import loading
from scenarios.runner import Failure, play_all

HEAD = """\
title: A story
source: none
given:
  at: 2026-03-01T00:00:00Z
  tickets: [{key: SEC-1, status: In Progress}, {key: SEC-2, status: Done}]
steps:
"""


def failure_of(steps: str, head: str = HEAD) -> Failure:
    """Plays a story that must fail, and gives back its failure."""
    (story,) = loading.read(head + steps, "story.yaml")
    (result,) = play_all([story])
    assert result.failure is not None
    return result.failure


def differences(steps: str) -> dict[str, tuple[str, str]]:
    return {one.what: (one.expected, one.seen) for one in failure_of(steps).differences}


def test_every_expectation_tells_what_it_saw_instead() -> None:
    told = differences("""\
  - service: {refresh: SEC-1}
  - expect:
      health: FAULTY_CONFIGURATION
      reason: Nothing works.
      tickets: {SEC-1: Done, SEC-2: null, SEC-3: Done}
      shown_because: broken
      last_update: {SEC-1: 2026-03-01T08:00:00Z}
      keys: [SEC-1]
      leading: {SEC-1: SEC-2}
      outcomes: {SEC-1: failed, SEC-2: refreshed}
      status_code: 404
      answer: {violation_id: none, health: good}
      requests: 0
      asked: {SEC-1: 0, SEC-2: {min: 1}}
      runs: [{cause: manual}]
""")
    answered = told.pop("status code")
    assert answered[0] == "404"
    assert answered[1].startswith("200: {'violation_id': ")
    assert told.pop("answer: violation_id")[0] == "none"
    assert told.pop("answer: health")[1].startswith("200: ")
    assert told == {
        "health": ("FAULTY_CONFIGURATION", "HEALTHY_INTEGRATION"),
        "reason": ("Nothing works.", "Integration is healthy and operational."),
        "SEC-1: status": ("Done", "In Progress"),
        "SEC-2: status": ("nothing (an empty cell)", "Done"),
        "SEC-3: status": ("Done", "no ticket of this key. Near: SEC-2, SEC-1."),
        "SEC-1: shown_because": ("broken", "current"),
        "SEC-2: shown_because": ("broken", "current"),
        "SEC-1: last_update": ("2026-03-01T08:00:00Z", "2026-03-01T00:00:00Z"),
        "keys": ("SEC-1", "SEC-1, SEC-2"),
        "leading ticket of SEC-1": ("SEC-2", "SEC-1"),
        "SEC-1: outcome": ("failed", "refreshed"),
        "SEC-2: outcome": ("refreshed", "not in SEC-1"),
        "requests that Jira saw": ("0", "1: searchAndReconsileIssuesUsingJqlPost 1"),
        "requests that name SEC-1": ("0", "1: searchAndReconsileIssuesUsingJqlPost 1"),
        "requests that name SEC-2": ("at least 1", "0"),
        "runs": ("1: manual", "0: none"),
    }


def test_amounts_and_runs_are_compared_field_by_field() -> None:
    told = differences("""\
  - clock: {advance: 16h}
  - expect:
      requests: {getIssue: 1, getCurrentUser: {max: 1}, searchAndReconsileIssuesUsingJqlPost: {min: 2, max: 2}}
      runs:
        - {cause: manual, state: complete, requests: {max: 1}, ended: 2026-03-01T09:00:00Z}
        - {cause: schedule, checked: 3, requests: {min: 2}, reason: none}
""")
    saw = "getCurrentUser 2, searchAndReconsileIssuesUsingJqlPost 2"
    assert told == {
        "requests: getIssue": ("1", f"0; all together 4: {saw}"),
        "requests: getCurrentUser": ("at most 1", f"2; all together 4: {saw}"),
        "run 1: cause": ("manual", "schedule"),
        "run 1: requests": ("at most 1", "2"),
        "run 1: ended": ("2026-03-01T09:00:00Z", "2026-03-01T08:00:00Z"),
        "run 2: checked": ("3", "2"),
        "run 2: reason": ("none", "nothing (an empty cell)"),
    }


def test_an_expect_counts_from_the_one_before() -> None:
    failure = failure_of("""\
  - clock: {advance: 8h}
  - expect: {requests: 2, runs: [{cause: schedule}]}
  - expect: {requests: 0, runs: []}
  - expect: {requests: 1}
""")
    assert failure.step is not None
    assert failure.step.number == 4


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - service: {refresh: SEC-11}\n", "there is no violation or ticket 'SEC-11'. Near: SEC-1, SEC-2."),
        ("  - jira: {delete: SEC-9}\n", "there is no issue 'SEC-9' in Jira. Near: SEC-2, SEC-1."),
        ("  - jira: {transition: SEC-1, to: Doing}\n", "Doing"),
        ("  - jira: {clear: outage}\n", "outage"),
        ("  - jira: {fault: lost_permission, project: NONE}\n", "there is no project 'NONE'"),
        ("  - clock: {to: 2026-02-28T00:00:00Z}\n", "the clock only moves on: it is 2026-03-01T00:00:00Z already"),
        ("  - service: stop\n  - clock: next due\n", "nothing is due: the service is stopped, or has nothing to do"),
        ("  - service: stop\n  - expect: {tickets: Done}\n", "the service is stopped and cannot be asked"),
        ("  - service: start\n", "the service is already running"),
        ("  - service: cancel\n", "no run waits or is under way that could be cancelled"),
        ("  - service: stop\n  - kill: service\n", "the service is stopped already"),
        (
            "  - kill: {during: createIssue}\n",
            "the service did not ask Jira for createIssue, so it could not die during",
        ),
        ("  - jira: {captcha: wanted}\n", "only a Data Center with basic authentication asks for a CAPTCHA"),
        ("  - jira: {site: gone}\n", "only Jira Cloud with oauth2 has an app with scopes and sites"),
        ("  - jira: {archive_project: NONE}\n", "Jira answered 404 to POST /rest/api/2/project/NONE/archive: "),
        ("  - expect: {status_code: 200}\n", "no service step has been answered yet"),
        ("  - expect: {answer: {status: x}}\n", "no service step has been answered yet"),
        (
            "  - service: check\n  - expect: {outcomes: {SEC-1: failed}}\n",
            "no refresh has answered with outcomes; the last",
        ),
    ],
)
def test_a_step_that_cannot_be_done_says_why(steps: str, said: str) -> None:
    failure = failure_of(steps)
    assert failure.step is not None
    assert failure.step.number == steps.count("\n")
    assert said in failure.sentence


def test_a_world_that_cannot_be_made_fails_before_the_first_step() -> None:
    failure = failure_of("  - clock: next due\n", HEAD.replace("In Progress", "Doing"))
    assert failure.step is None
    assert "There is no status 'Doing'" in failure.sentence


def test_next_due_goes_to_the_hour_at_which_something_happens() -> None:
    failure = failure_of("  - clock: next due\n  - expect: {requests: 0}\n")
    assert f"{failure.at:%H:%M:%S}" == "08:00:00"


def test_no_tickets_at_all_is_no_pass() -> None:
    head = "title: t\nsource: s\ngiven: {at: 2026-03-01T00:00:00Z}\nsteps:\n"
    assert (
        failure_of("  - expect: {tickets: Unknown}\n", head).sentence == "there are no tickets that could be compared"
    )


def test_time_of_day_is_thawed_after_the_stories() -> None:
    before = datetime.now(UTC)
    failure_of("  - service: start\n")
    assert datetime.now(UTC) >= before


def played(steps: str, given: str = "") -> Failure | None:
    """What became of a story that begins with one more line of `given`."""
    head = HEAD.replace("given:\n", f"given:\n  {given}\n") if given else HEAD
    (story,) = loading.read(head + steps, "story.yaml")
    (result,) = play_all([story])
    return result.failure


def test_what_people_do_in_jira_counts_as_no_request_of_the_service() -> None:
    deeds = "[{hide: SEC-1}, {show: SEC-1}, {archive_project: TEST}, {restore_project: TEST}]"
    assert played(f"  - jira: {deeds}\n  - expect: {{requests: 0}}\n") is None
    looked = "  - jira: [{captcha: wanted}, {captcha: answered}]\n  - expect: {requests: 0}\n"
    assert played(looked, "jira: data-center") is None


def test_a_person_consents_at_the_pages_of_both_apps() -> None:
    steps = "  - service: edit\n  - expect: {health: HEALTHY_INTEGRATION, requests: {token: 1}}\n"
    for jira in ("cloud", "data-center"):
        assert played(steps, f"jira: {jira}\n  authentication: oauth2") is None


def test_what_the_killed_service_does_after_its_death_is_seen_by_nobody() -> None:
    steps = """\
  - clock: {to: 2026-03-01T07:59:59Z}
  - service: retrieve
  - kill: {during: searchAndReconsileIssuesUsingJqlPost}
  - expect: {requests: {searchAndReconsileIssuesUsingJqlPost: 1}, runs: [{cause: manual, state: running, checked: 0}]}
  - restart: service
  - kill: service
  - expect: {requests: 0, runs: []}
"""
    assert played(steps) is None


def test_a_service_of_an_old_version_is_set_up_at_the_wizard_and_asked_for_no_more_than_it_has() -> None:
    steps = """\
  - clock: {advance: 1d}
  - expect: {requests: 0, runs: []}
  - service: check
  - expect: {status_code: 404}
"""
    assert played(steps, "product_version: 3.111.0") is None
    failure = played("  - expect: {health: HEALTHY_INTEGRATION}\n", "product_version: 3.111.0")
    assert failure is not None
    assert "GET /ticketing/jira-integrations answered 404" in failure.sentence
