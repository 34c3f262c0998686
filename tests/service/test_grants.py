"""One refresh at a time, what the token endpoint may answer, and what is remembered of it. [jira 4.2, 4.5]"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import make_url

from fake_jira.client import FakeJiraClient
from service import clock
from service.errors import ServiceStopping
from service.grants import Grants
from service.jira.access import Tokens
from service.jira.auth import CredentialRefused
from service.jira.wire import Ending
from service.rules.health import Outcome
from service.store import grants, integrations
from service.store.database import open_store
from tests.conftest import Postgresql
from tests.service.conftest import FrozenTime, frozen
from tests.service.granted import LIVES, Granting
from tests.service.jira.raw_server import Talk, answer, raw_server
from tests.service.store.shelf import at_once


@pytest.fixture
def stopped() -> Iterator[FrozenTime]:
    """Time stands still."""
    with frozen(datetime.now(UTC)) as time_:
        yield time_


def refused(granting: Granting, grants_: Grants | None = None, deadline: float | None = None) -> CredentialRefused:
    """How asking for a token fails."""
    with pytest.raises(CredentialRefused) as caught:
        granting.source(grants_, deadline).token()
    return caught.value


@contextmanager
def endpoint(granting: Granting, *answers: bytes | Talk) -> Iterator[list[bytes]]:
    """Another token endpoint in place of the fake's: gives these answers one after the other; yields what it heard."""
    heard: list[bytes] = []
    with raw_server(*answers, heard=heard) as url:
        granting.settings = replace(granting.settings, atlassian_auth_url=url)
        granting.grants = granting.process()
        yield heard


def said(status: str, **body: Any) -> bytes:
    return answer(status, json.dumps(body).encode())


# One refresh


def test_fifty_threads_that_want_a_new_token_at_once_send_one_request(granting: Granting) -> None:
    sources = [granting.source() for _ in range(10)]
    tokens = at_once(lambda number: sources[number % 10].token(), times=50)
    assert granting.asked() == 1
    assert set(tokens) == {granting.tokens.access}
    assert granting.works(tokens[0])
    assert sum(source.sent for source in sources) == 1


def test_fifty_threads_whose_token_was_rejected_send_one_request(granting: Granting) -> None:
    old = granting.consent(LIVES).access
    source = granting.source()
    tokens = at_once(lambda _number: source.renewed(old), times=50)
    assert (granting.asked(), set(tokens)) == (1, {granting.tokens.access})
    assert tokens[0] != old


def test_a_token_that_lives_is_used_as_it_is(granting: Granting) -> None:
    kept = granting.consent(LIVES)
    source = granting.source()
    assert [source.token() for _ in range(3)] == [kept.access] * 3
    assert (granting.asked(), source.sent) == (0, 0)


@pytest.mark.parametrize(("left", "requests"), [(61, 0), (59, 1)])
def test_a_token_is_renewed_a_minute_before_it_ends(cloud: Granting, left: int, requests: int) -> None:
    cloud.consent(timedelta(seconds=left))
    cloud.source().token()
    assert cloud.asked() == requests


def test_how_long_before_its_end_a_token_is_renewed_can_be_set(cloud: Granting) -> None:
    cloud.consent(timedelta(seconds=120))
    cloud.settings = replace(cloud.settings, token_margin=180.0)
    cloud.source(cloud.process()).token()
    assert cloud.asked() == 1


def test_a_token_of_unknown_life_is_used_until_it_is_rejected(cloud: Granting) -> None:
    cloud.store_tokens(replace(cloud.tokens, expires_at=None))
    assert cloud.source().token() == cloud.tokens.access
    assert cloud.asked() == 0


def test_a_rejected_token_is_not_renewed_when_another_process_has_done_so(granting: Granting) -> None:
    old = granting.consent(LIVES).access
    other = granting.source(granting.process())
    assert granting.source().token() == other.token() == old
    new = granting.source().renewed(old)
    assert other.renewed(old) == new
    assert other.token() == new
    assert granting.asked() == 1


def test_a_long_life_of_renewals_never_loses_the_grant(granting: Granting, stopped: FrozenTime) -> None:
    source = granting.source()
    seen = set()
    for _ in range(5):
        seen.add(source.token())
        assert granting.works(source.token())
        stopped.advance(hours=2)
    assert len(seen) == granting.asked() == 5


# Who renews


def claimed(granting: Granting, until: timedelta) -> None:
    """Another process is at the token endpoint."""
    with granting.store.begin() as c:
        seen = grants.of(c, granting.integration.id)
        assert seen is not None
        now = clock.now()
        assert grants.claim(c, seen, "another", until=now + until, now=now)


def test_while_another_process_renews_nobody_else_does_and_the_wait_ends_at_the_deadline(cloud: Granting) -> None:
    claimed(cloud, timedelta(seconds=30))
    began = time.monotonic()
    failure = refused(cloud, deadline=began + 0.3)
    assert failure.outcome is Outcome.TIMEOUT
    assert 0.3 <= time.monotonic() - began < 2
    assert cloud.asked() == 0
    given_up(cloud, Outcome.TIMEOUT)


def given_up(granting: Granting, outcome: Outcome) -> None:
    """That process has failed."""
    with granting.store.begin() as c:
        seen = grants.of(c, granting.integration.id)
        assert seen is not None
        assert grants.refuse(c, seen, outcome.value, None)


def test_a_process_that_is_not_heard_of_any_more_holds_nobody_up(cloud: Granting, stopped: FrozenTime) -> None:
    claimed(cloud, timedelta(seconds=30))
    stopped.advance(seconds=31)
    assert cloud.works(cloud.source().token())


@contextmanager
def looked(granting: Granting) -> Iterator[threading.Event]:
    """Yields what is set as soon as somebody tries to claim the grant."""
    seen = threading.Event()

    def watch(*arguments: Any) -> None:
        if "UPDATE grants" in arguments[2]:
            seen.set()

    event.listen(granting.store._engine, "after_cursor_execute", watch)
    yield seen
    event.remove(granting.store._engine, "after_cursor_execute", watch)


def test_whoever_waits_for_another_process_uses_what_that_has_stored(cloud: Granting) -> None:
    claimed(cloud, timedelta(seconds=30))
    with ThreadPoolExecutor(1) as threads, looked(cloud) as tried:
        waiting = threads.submit(cloud.source().token)
        assert tried.wait(10)
        fresh = cloud.consent(LIVES)
        assert waiting.result(10) == fresh.access
    assert cloud.asked() == 0


def test_whoever_waits_for_another_process_shares_its_failure(cloud: Granting) -> None:
    claimed(cloud, timedelta(seconds=30))
    with ThreadPoolExecutor(1) as threads, looked(cloud) as tried:
        waiting = threads.submit(refused, cloud)
        assert tried.wait(10)
        given_up(cloud, Outcome.SERVER_ERROR)
        assert waiting.result(10).outcome is Outcome.SERVER_ERROR
    assert cloud.asked() == 0


def test_the_clock_of_another_machine_may_be_wrong(cloud: Granting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has been watched for the whole of a lease is taken for dead, whatever time it wrote down."""
    monkeypatch.setattr("service.grants.LEASE", timedelta(seconds=0.3))
    claimed(cloud, timedelta(hours=5))
    assert cloud.works(cloud.source().token())


def test_who_was_put_aside_leaves_the_refresh_to_its_successor(cloud: Granting) -> None:
    """Its own refusal may only mean that the other one was first: at Data Center a refresh token works once."""
    put_aside = threading.Event()

    def answer_too_late(connection: socket.socket) -> None:
        with cloud.store.begin() as c:
            seen = grants.of(c, cloud.integration.id)
            assert seen is not None
            now = clock.now()
            assert grants.claim(c, seen, "successor", until=now + LIVES, now=now, overdue=seen.refresher)
        connection.sendall(said("403 Forbidden", error="invalid_grant"))
        put_aside.set()

    with endpoint(cloud, answer_too_late) as heard, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(cloud.source().token)
        assert put_aside.wait(10)
        with looked(cloud) as tried:
            assert tried.wait(10)
        with cloud.store.begin() as c:
            seen = grants.of(c, cloud.integration.id)
            assert seen is not None
            assert (seen.refresher, seen.refusal) == ("successor", None)
        fresh = cloud.consent(LIVES)
        assert waiting.result(10) == fresh.access
    assert len(heard) == 1


def test_a_thread_that_cannot_be_started_is_asked_for_again(cloud: Granting, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_more_threads)
        with pytest.raises(RuntimeError):
            cloud.source().token()
    assert cloud.works(cloud.source(deadline=time.monotonic() + 10).token())


def test_nobody_waits_for_ever(cloud: Granting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.grants.WAIT_SECONDS", 0.3)
    claimed(cloud, timedelta(seconds=30))
    assert refused(cloud).outcome is Outcome.TIMEOUT
    assert cloud.asked() == 0


def test_tokens_are_kept_for_a_database_that_is_away_for_a_moment(
    postgresql: Postgresql,
    postgresql_url: str,
    world: FakeJiraClient,
    jira_url: str,
    logged: list[tuple[str, dict[str, Any]]],
) -> None:
    store = open_store(postgresql_url, migrate=False)
    cloud = Granting(store, world, jira_url)
    name = sql.Identifier(str(make_url(postgresql_url).database))

    def take_the_database_away(connection: socket.socket) -> None:
        postgresql.run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        postgresql.run(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
                sql.Literal(make_url(postgresql_url).database)
            )
        )
        connection.sendall(said("200 OK", access_token="new", refresh_token="r", expires_in=3600))

    with endpoint(cloud, take_the_database_away), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(cloud.source().token)
        while not any(name_ == "grant.store_away" for name_, _ in logged):
            assert not waiting.done()
        postgresql.run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        assert waiting.result(20) == "new"
    assert (cloud.tokens.access, cloud.tokens.refresh) == ("new", "r")
    store.close()


def test_a_wait_ends_with_the_process(cloud: Granting) -> None:
    claimed(cloud, timedelta(seconds=30))
    ending = Ending()
    stopping = Grants(cloud.store, cloud.vault, cloud.settings, ending)
    with ThreadPoolExecutor(1) as threads, looked(cloud) as tried:
        waiting = threads.submit(cloud.source(stopping).token)
        assert tried.wait(10)
        ending.begin(0)
        with pytest.raises(ServiceStopping):
            waiting.result(10)


def test_the_end_of_the_process_gives_the_refresh_back(cloud: Granting) -> None:
    ending = Ending()
    stopping = Grants(cloud.store, cloud.vault, cloud.settings, ending)
    fault = cloud.trouble("timeout")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(cloud.source(stopping).token)
        while not any(armed["id"] == fault and armed["hits"] for armed in cloud.jira.faults()):
            assert not waiting.done()
        ending.begin(0)
        with pytest.raises(ServiceStopping):
            waiting.result(10)
    with cloud.store.read() as c:
        found = grants.of(c, cloud.integration.id)
    assert found is not None
    assert (found.refresher, found.generation) == (None, 1)


def test_an_answer_is_stored_although_whoever_asked_has_given_up(cloud: Granting) -> None:
    """At Data Center the old refresh token would be worth nothing, and this one lost."""
    asked, release = threading.Event(), threading.Event()

    def answer_late(connection: socket.socket) -> None:
        asked.set()
        release.wait(10)
        connection.sendall(said("200 OK", access_token="late", refresh_token="r", expires_in=3600))

    with endpoint(cloud, answer_late) as heard:
        assert refused(cloud, deadline=time.monotonic() + 0.3).outcome is Outcome.TIMEOUT
        assert asked.wait(10)
        with ThreadPoolExecutor(1) as threads:
            next_one = threads.submit(cloud.source().token)
            release.set()
            assert next_one.result(10) == "late"
    assert len(heard) == 1
    assert cloud.tokens.access == "late"


# What the endpoint says


def test_a_refused_refresh_token_means_consent_again_and_is_asked_for_once_a_minute(
    granting: Granting, stopped: FrozenTime
) -> None:
    granting.store_tokens(replace(granting.tokens, refresh="unknown"))
    outcomes = {refused(granting, granting.process()).outcome for _ in range(5)}
    assert (outcomes, granting.asked()) == ({Outcome.CONSENT_AGAIN}, 1)
    assert refused(granting).retry_after == timedelta(minutes=1)
    stopped.advance(seconds=61)
    assert refused(granting).outcome is Outcome.CONSENT_AGAIN
    assert granting.asked() == 2
    fresh = granting.consent(LIVES)
    assert granting.source().token() == fresh.access
    assert granting.source().renewed(fresh.access) != fresh.access, "nothing of the refusal is left"


def test_a_refused_client_is_told_from_a_refused_grant(granting: Granting) -> None:
    granting.client["client_secret"] = "wrong"
    assert [refused(granting).outcome for _ in range(2)] == [Outcome.CLIENT_REFUSED] * 2
    assert granting.asked() == 1


def test_a_consent_that_comes_during_a_refused_refresh_wins(cloud: Granting) -> None:
    stale = cloud.source()
    cloud.store_tokens(replace(cloud.tokens, refresh="unknown"))
    fresh: list[Tokens] = []

    def consent_first(connection: socket.socket) -> None:
        fresh.append(cloud.consent(LIVES))
        connection.sendall(said("403 Forbidden", error="invalid_grant"))

    with endpoint(cloud, consent_first):
        assert cloud.source().token() == fresh[0].access
    assert stale.token() == fresh[0].access


def test_a_consent_that_comes_during_a_refresh_is_not_overwritten(cloud: Granting) -> None:
    fresh: list[Tokens] = []

    def consent_first(connection: socket.socket) -> None:
        fresh.append(cloud.consent(LIVES))
        connection.sendall(said("200 OK", access_token="late", refresh_token="late", expires_in=3600))

    with endpoint(cloud, consent_first):
        assert cloud.source().token() == fresh[0].access
    assert cloud.tokens.access == fresh[0].access


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (said("403 Forbidden", error="invalid_grant"), Outcome.CONSENT_AGAIN),
        (said("403 Forbidden", error="unauthorized_client"), Outcome.CONSENT_AGAIN),
        (said("400 Bad Request", error="invalid_grant"), Outcome.CONSENT_AGAIN),
        (said("401 Unauthorized", error="access_denied"), Outcome.CLIENT_REFUSED),
        (said("400 Bad Request", error="invalid_client"), Outcome.CLIENT_REFUSED),
        (said("403 Forbidden", error="access_denied"), Outcome.REFUSED),
        (said("400 Bad Request", error="invalid_request"), Outcome.REFUSED),
        (said("503 Service Unavailable", error="invalid_grant"), Outcome.SERVER_ERROR),
        (said("429 Too Many Requests", error="invalid_grant"), Outcome.RATE_LIMITED),
        (answer("403 Forbidden", b"<html>invalid_grant</html>", Content_Type="text/html"), Outcome.NOT_JSON),
        (answer("200 OK", b"<html>Log in</html>", Content_Type="text/html"), Outcome.NOT_JSON),
        (answer("302 Found", Location="http://127.0.0.1:9/"), Outcome.NOT_JSON),
        (said("200 OK", access_token=""), Outcome.NOT_JIRA),
        (said("200 OK", access_token="two\nlines"), Outcome.NOT_JIRA),
        (answer("200 OK", b"[]"), Outcome.NOT_JIRA),
        (b"", Outcome.UNREACHABLE),
    ],
)
def test_only_the_endpoint_itself_can_end_a_grant(cloud: Granting, talk: bytes, outcome: Outcome) -> None:
    with endpoint(cloud, talk) as heard:
        assert refused(cloud).outcome is outcome
        assert refused(cloud).outcome is outcome
    is_definite = outcome in {Outcome.CONSENT_AGAIN, Outcome.CLIENT_REFUSED}
    assert len(heard) == (1 if is_definite else 2)


def test_trouble_that_passes_leaves_the_grant_as_it_was(granting: Granting) -> None:
    before = granting.tokens
    fault = granting.trouble("unavailable")
    assert refused(granting).outcome is Outcome.SERVER_ERROR
    assert granting.tokens == before
    granting.jira.clear(fault)
    assert granting.works(granting.source().token())


def test_retry_after_is_kept_by_all_processes(cloud: Granting, stopped: FrozenTime) -> None:
    with endpoint(cloud, answer("429 Too Many Requests", Retry_After="120")) as heard:
        assert refused(cloud).retry_after == timedelta(seconds=120)
        stopped.advance(seconds=20)
        again = refused(cloud, cloud.process())
        assert (again.outcome, again.retry_after) == (Outcome.RATE_LIMITED, timedelta(seconds=100))
        assert len(heard) == 1
        stopped.advance(seconds=101)
        refused(cloud)
        assert len(heard) == 2


def test_fifty_threads_share_one_failure(cloud: Granting) -> None:
    with endpoint(cloud, answer("503 Service Unavailable")) as heard:
        outcomes = at_once(lambda _number: refused(cloud).outcome, times=50)
    assert set(outcomes) == {Outcome.SERVER_ERROR}
    assert len(heard) < 10, "those who came while it was asked share the answer"


def test_a_token_is_used_up_to_its_end_when_no_newer_one_is_to_be_had(cloud: Granting, stopped: FrozenTime) -> None:
    kept = cloud.consent(timedelta(seconds=30))
    source = cloud.source()
    cloud.trouble("unavailable")
    assert [source.token() for _ in range(3)] == [kept.access] * 3
    assert (cloud.asked(), source.sent) == (1, 1)
    stopped.advance(seconds=31)
    with pytest.raises(CredentialRefused):
        source.token()


def test_without_a_refresh_token_the_end_of_the_access_token_means_consent_again(cloud: Granting) -> None:
    cloud.store_tokens(replace(cloud.tokens, refresh=None))
    assert refused(cloud).outcome is Outcome.CONSENT_AGAIN
    assert cloud.asked() == 0


def test_an_answer_without_a_refresh_token_keeps_the_one_at_hand(cloud: Granting) -> None:
    before = cloud.tokens
    with endpoint(cloud, said("200 OK", access_token="new", expires_in=3600)):
        assert cloud.source().token() == "new"
    assert (cloud.tokens.refresh, cloud.tokens.scopes) == (before.refresh, before.scopes)


@pytest.mark.parametrize("lives", [0, -5, "soon", True, 1e300, None])
def test_a_life_that_makes_no_sense_is_taken_for_unknown(cloud: Granting, lives: object) -> None:
    with endpoint(cloud, said("200 OK", access_token="new", refresh_token="r", expires_in=lives)) as heard:
        source = cloud.source()
        assert [source.token() for _ in range(3)] == ["new"] * 3
    assert len(heard) == 1
    assert cloud.tokens.expires_at is None


def test_a_life_of_seconds_does_not_renew_for_every_request(cloud: Granting) -> None:
    with endpoint(cloud, said("200 OK", access_token="new", refresh_token="r", expires_in=1)) as heard:
        source = cloud.source()
        assert [source.token() for _ in range(3)] == ["new"] * 3
    assert len(heard) == 1


# The integration meanwhile


def test_a_removed_integration_has_no_token_and_nobody_asks_for_one(cloud: Granting) -> None:
    source, warm = cloud.source(), cloud.source()
    old = cloud.consent(LIVES).access
    assert warm.token() == old
    with cloud.store.begin() as c:
        assert integrations.remove(c, cloud.integration.id, clock.now())
    for ask in (source.token, lambda: warm.renewed(old)):
        with pytest.raises(CredentialRefused) as caught:
            ask()
        assert caught.value.outcome is Outcome.CONSENT_AGAIN
    assert cloud.asked() == 0
    assert cloud.grants.stored(cloud.integration.id) is None


def test_an_integration_removed_during_a_refresh_keeps_no_token(cloud: Granting) -> None:
    def remove_first(connection: socket.socket) -> None:
        with cloud.store.begin() as c:
            integrations.remove(c, cloud.integration.id, clock.now())
        connection.sendall(said("200 OK", access_token="late", refresh_token="late", expires_in=3600))

    with endpoint(cloud, remove_first):
        assert refused(cloud).outcome is Outcome.CONSENT_AGAIN
    assert cloud.grants.stored(cloud.integration.id) is None


@pytest.mark.parametrize("began", [False, True])
def test_what_was_granted_for_another_jira_is_not_shown_to_the_former_one(cloud: Granting, began: bool) -> None:
    """An admin has moved the integration while somebody was at work with the address of before."""
    old = cloud.consent(LIVES).access
    source = cloud.source()
    if began:
        assert source.token() == old
    with cloud.store.begin() as c:
        integrations.update_settings(c, replace(cloud.integration, url="https://new.example.com", cloud_id=None))
    cloud.consent(LIVES)
    with pytest.raises(CredentialRefused) as caught:
        source.renewed(old)
    assert caught.value.outcome is Outcome.CONSENT_AGAIN
    assert cloud.asked() == 0


def test_new_tokens_are_in_the_store_before_anybody_uses_them(granting: Granting) -> None:
    token = granting.source().token()
    assert granting.process().stored(granting.integration.id) == granting.tokens
    assert granting.tokens.access == token


def test_the_store_is_free_while_the_endpoint_is_asked(cloud: Granting) -> None:
    def write_first(connection: socket.socket) -> None:
        with cloud.store.begin() as c:  # SQLite has one writer: it would wait for a transaction that is open
            integrations.set_enabled(c, cloud.integration.id, False)
        connection.sendall(said("200 OK", access_token="new", refresh_token="r", expires_in=3600))

    with endpoint(cloud, write_first):
        began = time.monotonic()
        assert cloud.source().token() == "new"
        assert time.monotonic() - began < 5


def test_no_secret_is_in_a_log_an_error_or_a_repr(
    granting: Granting, logged: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = {granting.client["client_secret"], granting.tokens.access, granting.tokens.refresh}
    source = granting.source()
    source.token()
    secrets |= {granting.tokens.access, granting.tokens.refresh}
    granting.store_tokens(replace(granting.tokens, refresh="hush-hush", expires_at=clock.now()))
    failure = refused(granting)
    held = granting.grants.held(granting.integration.id)
    shown = [repr(failure), str(failure), repr(held), repr(source), repr(granting.access), repr(logged)]
    shown += [repr(vars(source)), repr(vars(granting.grants)), *capsys.readouterr()]
    assert {event_ for event_, _ in logged} >= {"grant.renewed", "grant.refused"}
    for secret in secrets | {"hush-hush"}:
        assert secret is not None
        assert not any(secret in text for text in shown)
