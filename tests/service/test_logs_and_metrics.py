"""What an operator sees: one JSON line an event, and counts. Never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from service import logs, metrics
from tests.service.conftest import Setup


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    handlers, propagate, level = logs.LOGGER.handlers, logs.LOGGER.propagate, logs.LOGGER.level
    stream = io.StringIO()
    logs.to_stream(stream)
    yield stream
    logs.LOGGER.handlers, logs.LOGGER.propagate = handlers, propagate
    logs.LOGGER.setLevel(level)


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_fields(lines: io.StringIO) -> None:
    logs.info("run.finished", integration="jira-1", checked=100)
    (line,) = read(lines)
    assert line.pop("time")
    assert line == {"level": "info", "event": "run.finished", "integration": "jira-1", "checked": 100}


def test_a_failure_names_the_error_and_the_place_but_not_its_text(lines: io.StringIO) -> None:
    try:
        int("token=hush")
    except ValueError:
        logs.failure("run.crashed", run=1)
    (line,) = read(lines)
    assert line["error"] == "ValueError"
    assert str(line["at"]).count("test_a_failure_names") == 1
    assert "hush" not in lines.getvalue()


def test_a_whole_story_of_trouble_logs_no_secret(lines: io.StringIO, setup: Setup) -> None:
    setup.tickets(2)
    setup.expire_token()
    setup.retrieve()
    setup.jira.clear()
    setup.verification.verify(setup.integration.id)
    setup.work.work_off()
    events = [line["event"] for line in read(lines)]
    assert "integration.broke" in events
    assert "integration.recovered" in events
    assert events[-1] == "run.finished"
    assert "admin-token" not in lines.getvalue()


def test_logging_goes_to_one_place_however_often_it_is_set_up(lines: io.StringIO) -> None:
    other = io.StringIO()
    logs.to_stream(other, logging.WARNING)
    logs.info("quiet")
    logs.warning("heard")
    assert lines.getvalue() == ""
    assert [line["event"] for line in read(other)] == ["heard"]


def counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def test_runs_requests_and_tickets_are_counted(setup: Setup) -> None:
    before = {
        "runs": counted("ticket_service_runs_ended_total", cause="manual", state="complete"),
        "searches": counted("ticket_service_jira_requests_total", operation="searchIssues", outcome="ok"),
        "checked": counted("ticket_service_tickets_total", event="checked"),
        "deleted": counted("ticket_service_tickets_total", event="deleted"),
    }
    gone = setup.tickets(3)[0]
    setup.jira.delete(gone.key)
    setup.retrieve()
    assert counted("ticket_service_runs_ended_total", cause="manual", state="complete") == before["runs"] + 1
    searches = counted("ticket_service_jira_requests_total", operation="searchIssues", outcome="ok")
    assert searches == before["searches"] + 1
    assert counted("ticket_service_tickets_total", event="checked") == before["checked"] + 3
    assert counted("ticket_service_tickets_total", event="deleted") == before["deleted"] + 1


def test_broken_integrations_are_counted(setup: Setup) -> None:
    setup.expire_token()
    setup.verification.verify(setup.integration.id)
    setup.work.work_off()
    assert counted("ticket_service_broken_integrations") == 1


def test_the_exposition_is_prometheus_text_without_names_of_anybody(setup: Setup) -> None:
    setup.verification.verify(setup.integration.id)
    text = metrics.exposition().decode()
    assert "# TYPE ticket_service_jira_requests_total counter" in text
    assert "jira-1" not in text
    assert "admin" not in text
