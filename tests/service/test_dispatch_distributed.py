"""What is due is done through a queue in PostgreSQL, by whoever works; disturbing the queue loses nothing (3.9)."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy.engine import make_url

from fake_jira.client import FakeJiraClient
from service import server
from service.dispatch.distributed import Distributed
from service.dispatch.work import Job, Kind, Work
from service.errors import SettingInvalid
from service.retrieval import Retrieval
from service.rules.health import Health
from service.settings import Settings
from service.store import integrations, intents, meta, queue, runs
from service.store.database import Store, open_store
from service.store.runs import RunCause, RunState
from tests.conftest import Postgresql
from tests.service.conftest import KEY, MYSELF, SEARCH, Setup

SOON = 20.0  # seconds, on a busy machine


@pytest.fixture
def pg_store(postgresql_url: str) -> Iterator[Store]:
    opened = open_store(postgresql_url, migrate=False)
    yield opened
    opened.close()


@pytest.fixture
def pg(pg_store: Store, world: FakeJiraClient, jira_url: str) -> Setup:
    made = Setup(pg_store, world, jira_url)
    made.connect()
    return made


@pytest.fixture
def bare_postgresql(postgresql: Postgresql) -> Iterator[str]:
    url = postgresql.create()
    yield url
    postgresql.drop(url)


@pytest.fixture
def sql(postgresql_url: str) -> Iterator[Callable[..., list[Any]]]:
    """Runs a statement beside the service and returns its rows."""
    with psycopg.connect(postgresql_url, autocommit=True, row_factory=tuple_row) as connection:

        def run(statement: str, *values: object) -> list[Any]:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

        yield run


def distributed(setup: Setup, **settings: Any) -> Distributed:
    return Distributed(setup.work, setup.store, replace(setup.settings, **settings))


@contextmanager
def at_work(setup: Setup, **settings: Any) -> Iterator[Distributed]:
    """A worker in this process, until the end of the block."""
    schedule = distributed(setup, **settings)
    schedule.start()
    try:
        yield schedule
    finally:
        schedule.stop()


def until(condition: Callable[[], object], what: str) -> None:
    deadline, pause = time.monotonic() + SOON, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"{what} within {SOON:g} s"
        pause.wait(0.02)


def has_completed(setup: Setup, run_id: int) -> Callable[[], bool]:
    def look() -> bool:
        with setup.store.read() as c:
            run = runs.by_id(c, run_id)
        return run is not None and run.state is RunState.COMPLETE

    return look


# the schedule


def test_a_worker_does_what_is_due_when_the_web_wakes_it(pg: Setup) -> None:
    ticket = pg.ticket()
    web = distributed(pg.process(), works=False)
    web.start()
    with at_work(pg.process()):
        run = pg.enqueue()
        web.wake()
        until(has_completed(pg, run.id), "the run was not done")
    web.stop()
    assert pg.status(ticket) == "To Do"


def test_a_web_process_works_as_well_unless_it_is_told_not_to(pg: Setup, postgresql_url: str) -> None:
    run = pg.enqueue()
    web = Settings(port=0, database=postgresql_url, key=KEY, works=False)
    server.start(web).close()
    assert pg.asked() == 0
    running = server.start(replace(web, works=True))
    until(has_completed(pg, run.id), "the run was not done")
    running.close()


def test_a_process_that_does_not_work_leaves_what_is_due_in_the_queue(pg: Setup) -> None:
    run = pg.enqueue()
    web = distributed(pg.process(), works=False)
    web.start()
    web.wake()
    web.wake()
    web.stop()
    assert pg.asked() == 0
    with at_work(pg.process()):
        until(has_completed(pg, run.id), "the run was not done")


def test_what_comes_due_is_found_without_being_woken(pg: Setup) -> None:
    with at_work(pg.process()):
        first = pg.enqueue()
        until(has_completed(pg, first.id), "the first run was not done")
        second = pg.enqueue()
        until(has_completed(pg, second.id), "the second run was not done")


def test_probes_and_open_intentions_are_done_by_workers(pg: Setup) -> None:
    past = datetime.now(UTC) - timedelta(minutes=20)
    violation = pg.violation()
    with pg.store.begin() as c:
        intent = intents.open(
            c, violation_id=violation, integration_id=pg.integration.id, project="TEST", label="xray-0",
            next_look_at=past, now=past,
        )  # fmt: skip
    assert intent is not None
    pg.jira.fault("reset", times=1)
    pg.verification.verify(pg.integration.id)
    broken = pg.integration
    assert broken.next_probe_at is not None
    with pg.store.begin() as c:
        integrations.claim_probe(c, broken, past)
    with at_work(pg.process()):
        until(lambda: pg.integration.health == Health.HEALTHY, "it was not probed")

        def is_settled() -> bool:
            with pg.store.read() as c:
                now = intents.by_id(c, intent.id)
            return now is not None and now.closed_at is not None

        until(is_settled, "the intention was not settled")


def test_what_is_queued_already_is_not_queued_again(pg: Setup, sql: Callable[..., list[Any]]) -> None:
    pg.jira.fault("timeout", operation=MYSELF)
    with at_work(pg.process(read_seconds=60.0), runs_at_once=1) as schedule:
        pg.enqueue()
        schedule.wake()
        until(lambda: pg.jira.faults()[0]["hits"], "the first run did not begin")
        others = [pg.connect(name=f"other-{n}") for n in range(3)]
        with pg.store.begin() as c:
            for other in others:
                runs.enqueue(c, other.id, RunCause.MANUAL, datetime.now(UTC))

        def waiting() -> list[Any]:
            return sql("SELECT queueing_lock FROM procrastinate_jobs WHERE queue_name = 'long' AND status = 'todo'")

        for _ in range(3):
            schedule.wake()
            until(lambda: len(waiting()) == 3, "they were not queued")
        assert schedule.others_wait()
        assert len(set(waiting())) == 3


def test_looking_for_due_work_does_not_stand_in_line_behind_what_was_found(
    pg: Setup, sql: Callable[..., list[Any]]
) -> None:
    """Hundreds of probes of Jiras that hang take minutes; runs that come due meanwhile are found all the same."""
    web = distributed(pg, works=False)
    web.start()
    sql("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('short', 'probe', '{}')")
    web.wake()
    web.stop()
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    taken = "SELECT (procrastinate_fetch_job_v2(ARRAY['short']::varchar[], id)).task_name FROM procrastinate_workers"
    assert sql(taken) == [("dispatch",)]


def test_a_run_that_makes_room_goes_behind_the_others(pg: Setup, sql: Callable[..., list[Any]]) -> None:
    """Its worker ends while it waits for Jira: the run is given back, and queued again at once."""
    pg.ticket()
    pg.jira.fault("timeout", operation=SEARCH)
    schedule = distributed(pg.process(read_seconds=60.0))
    schedule.start()
    run = pg.enqueue()
    schedule.wake()
    until(lambda: pg.jira.faults()[0]["hits"], "the run did not begin")
    schedule.stop()
    queued = "SELECT queueing_lock FROM procrastinate_jobs WHERE queue_name = 'long' AND status = 'todo'"
    assert sql(queued) == [(Job(Kind.RUN, run.id).name,)]
    pg.jira.clear()
    with at_work(pg.process()):
        until(has_completed(pg, run.id), "it did not go on")


def test_several_workers_share_one_large_run(
    pg: Setup, world: FakeJiraClient, logged: list[tuple[str, dict[str, Any]]]
) -> None:
    """The owner hangs at its first tickets, until a helper has begun with others."""
    stored = pg.tickets(400)
    pg.jira.fault("timeout", operation=SEARCH, times=1)
    settings = replace(pg.settings, share_tickets=100, read_seconds=60.0)
    parts = [assembled(pg, settings) for _ in range(2)]
    for schedule in parts:
        schedule.start()
    run = pg.enqueue()
    parts[0].wake()
    until(lambda: "run.helped" in [event for event, _ in logged], "nobody helped")
    pg.jira.clear()
    until(has_completed(pg, run.id), "the run was not done")
    for schedule in parts:
        schedule.stop()
    [ended] = pg.history()
    assert (ended.checked, ended.changed) == (400, 400)
    assert {pg.status(ticket) for ticket in stored} == {"To Do"}
    assert pg.asked(SEARCH) == 5


def assembled(setup: Setup, settings: Settings) -> Distributed:
    """The schedule of a process whose large runs are cut into shares."""

    def hands_wanted(run_id: int, hands: int) -> None:
        schedule.hands_wanted(run_id, hands)

    process = setup.process()
    retrieval = Retrieval(
        setup.store, settings, process.connections, process.verification, lambda: 0.0, on_split=hands_wanted
    )
    schedule = Distributed(Work(setup.store, process.verification, retrieval, process.creation), setup.store, settings)
    return schedule


# what disturbs it


def test_what_a_killed_worker_had_in_hand_goes_on_after_the_lease(pg: Setup, sql: Callable[..., list[Any]]) -> None:
    queue.install(pg.store)
    run = pg.enqueue()
    now = datetime.now(UTC)
    with pg.store.begin() as c:  # as it is left behind: claimed, its job in hand, and no sign of life
        assert runs.claim(c, run.id, "killed", now + timedelta(seconds=1), now) is not None
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '10 seconds')")
    sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id) "
        "SELECT 'long', 'run', 'run-' || %s, 'run-' || %s || '-0', '{}', 'doing', id FROM procrastinate_workers",
        pg.integration.id,
        run.id,
    )
    with at_work(pg.process(), lease=1.0):
        until(has_completed(pg, run.id), "it was not taken up again")


CUT = SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}")
OPEN = SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")


@pytest.mark.parametrize("is_away", [False, True], ids=["cut", "away"])
def test_a_worker_goes_on_when_its_database_is_back(
    pg: Setup, postgresql: Postgresql, postgresql_url: str, logged: list[tuple[str, dict[str, Any]]], is_away: bool
) -> None:
    """Connections are cut, and for longer than a lease there are no new ones."""
    name = str(make_url(postgresql_url).database)
    with at_work(pg.process(), lease=1.0):
        first = pg.enqueue()
        until(has_completed(pg, first.id), "the first run was not done")
        postgresql.run(OPEN.format(Identifier(name), Literal(not is_away)))
        postgresql.run(CUT.format(Literal(name)))
        if is_away:
            until(lambda: ("queue.lost", {"queue": "short"}) in logged, "nobody noticed")
            postgresql.run(OPEN.format(Identifier(name), Literal(True)))
        second = pg.enqueue()
        until(has_completed(pg, second.id), "the second run was not done")


def test_jobs_that_failed_are_swept_away_after_a_day(pg: Setup, sql: Callable[..., list[Any]]) -> None:
    queue.install(pg.store)
    for name, ago in (("old", "25 hours"), ("young", "1 hour")):
        sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES (%s, 'run', '{}', 'failed')",
            name,
        )
        sql(
            "INSERT INTO procrastinate_events (job_id, type, at) "
            "SELECT id, 'failed', now() - %s::interval FROM procrastinate_jobs WHERE queue_name = %s",
            ago,
            name,
        )
    with at_work(pg.process()):
        given = '{"timestamp": 0}'
        sql("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('short', 'sweep', %s)", given)
        left = "SELECT queue_name FROM procrastinate_jobs WHERE status = 'failed'"
        until(lambda: sql(left) == [("young",)], "it was not swept")


# its tables


def definitions(sql: Callable[..., list[Any]]) -> list[Any]:
    """Everything that Procrastinate has in the database, as the database itself describes it."""
    return sql(
        "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'procrastinate%' "
        "UNION SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'procrastinate%' "
        "UNION SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION SELECT table_name || '.' || column_name, data_type || coalesce(column_default, '') "
        "FROM information_schema.columns WHERE table_name LIKE 'procrastinate%' ORDER BY 1, 2"
    )


def test_processes_that_start_together_make_the_tables_once(pg: Setup, sql: Callable[..., list[Any]]) -> None:
    barrier = threading.Barrier(4)

    def install(_: int) -> None:
        barrier.wait(10)
        queue.install(pg.store)

    with ThreadPoolExecutor(4) as processes:
        list(processes.map(install, range(4)))
    assert sql("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_tables_of_an_older_procrastinate_are_brought_up_to_date(
    pg: Setup, sql: Callable[..., list[Any]], bare_postgresql: str
) -> None:
    queue.install(pg.store)
    scripts = queue.scripts()
    before = [script.stem for script in scripts].index("03.02.00_50_post_batch_defer_jobs")
    older = open_store(bare_postgresql)
    with psycopg.connect(bare_postgresql, autocommit=True) as connection:
        for script in scripts[: before + 1]:
            connection.execute(script.read_text())
        with older.begin() as c:
            meta.put(c, queue.LAST_SCRIPT, scripts[before].stem)
        queue.install(older)
        older.close()
        assert definitions(lambda statement: connection.execute(statement).fetchall()) == definitions(sql)


def test_tables_of_a_newer_procrastinate_are_refused(pg: Setup) -> None:
    with pg.store.begin() as c:
        meta.put(c, queue.LAST_SCRIPT, "99.00.00_01_of_the_future")
    with pytest.raises(SettingInvalid, match="newer version"):
        distributed(pg).start()


def test_tables_of_somebody_elses_procrastinate_are_left_alone(pg: Setup, sql: Callable[..., list[Any]]) -> None:
    sql("CREATE TABLE procrastinate_jobs (id bigint)")
    with pytest.raises(SettingInvalid, match="a database of its own"):
        distributed(pg).start()
    assert sql("SELECT to_regclass('procrastinate_workers')") == [(None,)]
