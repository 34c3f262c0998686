"""The express lane: an answer that was made before is never sent when anything that it says has changed.

A request with a cookie never takes the lane, so the same question with and without one must have the same answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from fake_jira.auth.sessions import note_failure
from fake_jira.model.api_tokens import new_api_token, revoke_api_token, set_api_token_expiry
from fake_jira.model.app_tokens import issue, set_expiry
from fake_jira.model.app_tokens import revoke as revoke_token
from fake_jira.model.apps import change_password, consent, delete_app, remove_grant, uninstall
from fake_jira.model.people import change_user, remove_user, set_tokens_revoked
from fake_jira.model.permissions import grant, revoke
from fake_jira.model.personal_tokens import make_token
from fake_jira.model.personal_tokens import revoke_token as revoke_personal_token
from fake_jira.model.records import User
from fake_jira.model.state import DATA_CENTER, State
from fake_jira.server import FakeJira
from fake_jira.state_file import StateFile
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira
from tests.fake_jira.oauth import an_app, bearer

ASIDE = {"Cookie": "a=b"}


def read(jira: Jira, address: str = "issue/SEC-1", **more: object) -> requests.Response:
    """The answer by the lane (asked twice, so that it was kept), which must be what is said beside the lane."""
    jira.get(address, **more)
    by_lane, beside = jira.get(address, **more), jira.get(address, headers=ASIDE, **more)
    assert (by_lane.status_code, by_lane.content) == (beside.status_code, beside.content)
    assert by_lane.headers["Content-Type"] == beside.headers["Content-Type"]
    assert by_lane.headers.keys() == beside.headers.keys()
    return by_lane


def test_the_second_reading_takes_the_lane_and_says_the_same(jira: Jira, server: FakeJira) -> None:
    jira.create()
    before = server.lane.sent
    assert read(jira).json()["key"] == "SEC-1"
    assert server.lane.sent == before + 1


CHANGES: dict[str, Callable[[Jira], object]] = {
    "an edit": lambda jira: jira.put("issue/SEC-1", {"fields": {"summary": "Changed"}}),
    "a transition": lambda jira: jira.post("issue/SEC-1/transitions", {"transition": {"id": "41"}}),
    "a comment": lambda jira: jira.post("issue/SEC-1/comment", {"body": "Said"}, version="2"),
    "an edit of its parent": lambda jira: jira.put("issue/SEC-2", {"fields": {"summary": "Changed"}}),
    "an edit of its sub-task": lambda jira: jira.put("issue/SEC-3", {"fields": {"summary": "Changed"}}),
    "a new sub-task": lambda jira: jira.create(kind="Sub-task", parent={"key": "SEC-1"}),
    "a sub-task's deletion": lambda jira: jira.delete("issue/SEC-3"),
    "a move": lambda jira: jira.move("SEC-1", "TEST"),
    "its deletion": lambda jira: jira.delete("issue/SEC-1?deleteSubtasks=true"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_an_issue_is_seen_at_once(jira: Jira, change: Callable[[Jira], object]) -> None:
    jira.create()
    jira.create(kind="Epic", summary="The parent")
    jira.put("issue/SEC-1", {"fields": {"parent": {"key": "SEC-2"}}})
    jira.create(kind="Sub-task", parent={"key": "SEC-1"})
    before = read(jira)
    change(jira)
    assert read(jira).content != before.content


def test_a_linked_issue_that_changes_is_seen_at_the_other_end(jira: Jira) -> None:
    jira.create()
    jira.create(summary="Before")
    ends = {"inwardIssue": {"key": "SEC-1"}, "outwardIssue": {"key": "SEC-2"}, "type": {"name": "Blocks"}}
    jira.post("issueLink", ends)
    assert b"Before" in read(jira).content
    jira.put("issue/SEC-2", {"fields": {"summary": "After"}})
    assert b"After" in read(jira).content


def test_a_world_that_was_made_anew_answers_for_itself(jira: Jira, server: FakeJira) -> None:
    name = "again-and-again"
    url = f"{server.url}/worlds/{name}"
    for summary in ("First", "Second"):
        world = server.worlds.make(name)
        there = Jira(url, world, jira.session)
        there.create(summary=summary)
        assert read(there).json()["fields"]["summary"] == summary
        server.worlds.drop(name)
    assert jira.session.get(f"{url}/rest/api/3/issue/SEC-1", timeout=10).status_code == 404


def test_who_may_not_see_the_issue_any_more_does_not(jira: Jira) -> None:
    jira.create()
    viewer = jira.world.state.user(VIEWER[0])
    project = jira.world.state.project("SEC")
    assert viewer is not None
    assert project is not None
    assert read(jira, auth=VIEWER).status_code == 200
    with jira.world.lock:
        revoke(jira.site, project, viewer, "BROWSE_PROJECTS")
    assert read(jira, auth=VIEWER).status_code == 404
    assert read(jira).status_code == 200
    with jira.world.lock:
        grant(jira.site, project, viewer, "BROWSE_PROJECTS")
    assert read(jira, auth=VIEWER).status_code == 200


def test_a_revoked_token_is_anonymous_at_once(jira: Jira) -> None:
    jira.create()
    assert read(jira).status_code == 200
    with jira.world.lock:
        set_tokens_revoked(jira.site, jira.admin, revoked=True)
    answer = read(jira)
    assert (answer.status_code, answer.headers["x-seraph-loginreason"]) == (404, "AUTHENTICATED_FAILED")


def test_an_armed_fault_stops_what_was_kept(jira: Jira) -> None:
    jira.create()
    assert read(jira).status_code == 200
    control = f"{jira.url}/_control/faults"
    jira.session.post(control, json={"fault": "unavailable", "operation": "getIssue"}, timeout=10)
    assert read(jira).status_code == 503
    jira.session.delete(control, timeout=10)
    assert read(jira).status_code == 200


def test_a_reset_world_has_forgotten_what_was_kept(jira: Jira) -> None:
    jira.create(summary="Before")
    assert read(jira).status_code == 200
    jira.session.post(f"{jira.url}/_control/reset", json={}, timeout=10)
    assert read(jira).status_code == 404
    jira.create(summary="After")
    assert read(jira).json()["fields"]["summary"] == "After"


def test_a_renamed_status_is_seen_in_issues_that_were_kept(jira: Jira) -> None:
    jira.create()
    read(jira)
    with jira.world.lock:
        state = jira.world.state
        state.statuses["10000"] = replace(state.statuses["10000"], name="Waiting")
        state.renamed()
    assert read(jira).json()["fields"]["status"]["name"] == "Waiting"


def test_a_world_out_of_a_file_brings_no_edition_that_will_come_round_again(
    jira: Jira, server: FakeJira, tmp_path: Path
) -> None:
    jira.create()
    state, file = jira.world.state, StateFile(tmp_path / "state.json")
    state.edition += 1000  # as a process that has run for longer would have saved it
    file.save([jira.world])  # type: ignore[arg-type]  # of one world alone
    server.worlds.drop(jira.world.name)
    assert file.load(server.worlds)
    loaded = server.worlds.get(jira.world.name)
    read(jira)
    with loaded.lock:
        loaded.state.statuses["10000"] = replace(loaded.state.statuses["10000"], name="Waiting")
        loaded.state.renamed()
        while loaded.state.edition < state.edition:
            loaded.state.renamed()
    assert read(jira).json()["fields"]["status"]["name"] == "Waiting"


def test_the_journal_notes_a_request_on_the_lane_like_any_other(jira: Jira) -> None:
    jira.create()
    jira.get("issue/SEC-1?fields=summary&nonsense=1")
    jira.get("issue/SEC-1?fields=summary&nonsense=1")
    first, second = jira.world.journal.entries({"operation": "getIssue"})
    assert second.id == first.id + 1
    assert second.duration_ms <= first.duration_ms
    for name in ("method", "path", "query", "user", "status", "world", "fault", "unread", "body"):
        assert getattr(first, name) == getattr(second, name)
    assert second.unread == ("?nonsense",)


def test_each_answer_has_request_ids_and_a_date_of_its_own(jira: Jira) -> None:
    jira.create()
    jira.get("issue/SEC-1")
    one, other = jira.get("issue/SEC-1"), jira.get("issue/SEC-1")
    assert one.headers["Atl-Traceid"] != other.headers["Atl-Traceid"]
    jira.session.post(f"{jira.url}/_control/clock", json={"advance": "1d"}, timeout=10)
    assert jira.get("issue/SEC-1").headers["Date"] != one.headers["Date"]


# Credentials that end, of either flavour: what was kept for them is not sent again


@dataclass
class Known:
    """Somebody whose reading was kept: the world, what they come with, and who they are."""

    jira: Jira
    more: dict[str, Any]
    user: User
    address: str = "issue/SEC-1"

    @property
    def state(self) -> State:
        return self.jira.world.state

    def advance(self, **by: float) -> None:
        self.jira.world.clock.advance(timedelta(**by))


def by_api_token(jira: Jira) -> Known:
    new_api_token(jira.site, viewer(jira), secret="kept", expires_at=jira.world.now() + timedelta(days=30))
    return Known(jira, {"auth": (VIEWER[0], "kept")}, viewer(jira))


def by_app(jira: Jira) -> Known:
    app = an_app(jira, distributed=True)
    token = issue(jira.site, app, consent(jira.site, app, viewer(jira), app.scopes)).access.secret
    address = f"../../../ex/jira/{jira.world.cloud_id}/rest/api/3/issue/SEC-1"
    return Known(jira, {"auth": None, "headers": bearer(token)}, viewer(jira), address)


def by_password(jira: Jira) -> Known:
    return Known(jira, {"auth": DC_VIEWER}, viewer(jira))


def by_personal_token(jira: Jira) -> Known:
    token = make_token(jira.site, viewer(jira), "kept", 30).secret
    return Known(jira, {"auth": None, "headers": bearer(token)}, viewer(jira))


def viewer(jira: Jira) -> User:
    user = jira.world.state.user("viewer" if jira.flavour == DATA_CENTER else VIEWER[0])
    assert user is not None
    return user


def deactivate(known: Known) -> None:
    change_user(known.jira.site, known.user, active=False)


def remove(known: Known) -> None:
    remove_user(known.jira.site, known.user)


def end_api_token(known: Known) -> None:
    set_api_token_expiry(known.jira.site, known.state.tokens["kept"], known.jira.world.now())


def narrow_api_token(known: Known) -> None:
    """With scopes it is good at the gateway alone."""
    known.state.tokens["kept"] = replace(known.state.tokens["kept"], scopes=frozenset({"read:jira-work"}))


def end_access_token(known: Known) -> None:
    (secret,) = known.state.access_tokens
    set_expiry(known.jira.site, secret, known.jira.world.now())


def narrow_access_token(known: Known) -> None:
    ((secret, token),) = known.state.access_tokens.items()
    known.state.access_tokens[secret] = replace(token, scopes=frozenset({"read:jira-user"}))


def revoke_access_token(known: Known) -> None:
    revoke_token(known.jira.site, next(iter(known.state.access_tokens)))


def remove_from_site(known: Known) -> None:
    (grant_id,) = known.state.app_grants
    known.state.app_grants[grant_id] = replace(known.state.app_grants[grant_id], sites=("elsewhere",))


def fail_to_log_in(known: Known) -> None:
    for _ in range(3):
        note_failure(known.jira.world, known.user)


def end_personal_token(known: Known) -> None:
    (token,) = known.state.doors.personal_tokens.values()
    revoke_personal_token(known.jira.site, token)


def switched(**settings: Any) -> Callable[[Known], None]:
    def switch(known: Known) -> None:
        known.jira.world.settings = known.jira.world.settings.changed(**settings)

    return switch


def set_password(known: Known) -> None:
    known.state.passwords[known.user.account_id] = "changed"


ENDS: list[tuple[Callable[[Jira], Known], Callable[[Known], None], int]] = [
    (by_api_token, deactivate, 404),
    (by_api_token, remove, 404),
    (by_api_token, end_api_token, 404),
    (by_api_token, narrow_api_token, 404),
    (by_api_token, lambda known: known.advance(days=30), 404),
    (by_api_token, lambda known: revoke_api_token(known.jira.site, known.state.tokens["kept"]), 404),
    (by_api_token, lambda known: change_user(known.jira.site, known.user, email="new@example.com") and None, 404),
    (by_api_token, lambda known: change_password(known.jira.site, known.user, "changed"), 200),
    (by_app, deactivate, 401),
    (by_app, remove, 401),
    (by_app, end_access_token, 401),
    (by_app, narrow_access_token, 401),
    (by_app, revoke_access_token, 401),
    (by_app, remove_from_site, 404),
    (by_app, lambda known: known.advance(hours=1), 401),
    (by_app, lambda known: remove_grant(known.jira.site, next(iter(known.state.app_grants.values()))), 401),
    (by_app, lambda known: uninstall(known.jira.site, next(iter(known.state.apps.values()))), 401),
    (by_app, lambda known: delete_app(known.jira.site, next(iter(known.state.apps.values()))), 401),
    (by_app, lambda known: change_password(known.jira.site, known.user, "changed"), 200),
    (by_app, switched(gateway_dead_token=403), 200),
    (by_password, deactivate, 401),
    (by_password, remove, 401),
    (by_password, set_password, 401),
    (by_password, fail_to_log_in, 403),
    (by_password, switched(basic_auth="off"), 403),
    (by_password, switched(server_state="MAINTENANCE"), 503),
    (by_password, lambda known: change_user(known.jira.site, known.user, name="renamed") and None, 401),
    (by_password, lambda known: known.state.doors.sessions.clear(), 200),
    (by_password, lambda known: known.advance(hours=6), 200),
    (by_personal_token, deactivate, 401),
    (by_personal_token, remove, 401),
    (by_personal_token, end_personal_token, 401),
    (by_personal_token, lambda known: known.advance(days=30), 401),
    (by_personal_token, switched(server_state="STARTING"), 503),
    (by_personal_token, set_password, 200),
]  # fmt: skip


@pytest.mark.parametrize(("door", "change", "status"), ENDS)
def test_a_credential_takes_the_lane_and_never_outlives_a_change(
    request: pytest.FixtureRequest, door: Callable[[Jira], Known], change: Callable[[Known], None], status: int
) -> None:
    on_cloud = door in (by_api_token, by_app)
    jira: Jira = request.getfixturevalue("jira" if on_cloud else "data_center")
    running: FakeJira = request.getfixturevalue("server" if on_cloud else "data_center_server")
    jira.create()
    known = door(jira)
    jira.get(known.address, **known.more)
    before = running.lane.sent
    assert jira.get(known.address, **known.more).status_code == 200
    assert running.lane.sent == before + 1, "it was kept"
    with jira.world.lock:
        change(known)
    assert jira.get(known.address, **known.more).status_code == status, "nothing that was kept is sent"


@pytest.mark.parametrize(
    "end", [lambda known: known.advance(hours=6), lambda known: known.state.doors.sessions.clear()]
)
def test_a_session_that_basic_left_behind_is_told_anew_once_it_is_over(
    data_center: Jira, end: Callable[[Known], None]
) -> None:
    data_center.create()
    known = by_password(data_center)
    first = [data_center.get(known.address, **known.more).headers["X-ASESSIONID"] for _ in range(2)]
    end(known)
    later = [data_center.get(known.address, **known.more).headers["X-ASESSIONID"] for _ in range(2)]
    assert first[0] == first[1] != later[0] == later[1]


def test_the_lane_does_not_hide_when_a_personal_token_was_last_used(data_center: Jira) -> None:
    data_center.create()
    known = by_personal_token(data_center)
    for _ in range(3):
        data_center.get(known.address, **known.more)
        known.advance(hours=1)
    (token,) = known.state.doors.personal_tokens.values()
    assert token.used is not None
    assert known.jira.world.now() - token.used < timedelta(hours=1, minutes=10)
