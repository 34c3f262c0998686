"""An import is taken whole or not at all, and its errors name the row."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service import importing
from service.errors import BadInput
from service.store import integrations, resources, retrieved, tickets, violations
from service.store.bulk import Counted
from service.store.database import Store, open_store
from service.store.violations import Filters
from tests.service.store.shelf import NOW, add_integration, answer


def ticket_row(issue_id: str, key: str, created: str) -> dict[str, str]:
    return {"integration": "jira-1", "issue_id": issue_id, "key": key, "created": created}


DOCUMENT: dict[str, Any] = {
    "resources": [
        {
            "type": "artifact",
            "name": "app.jar",
            "repo": "libs",
            "path": "org/app.jar",
            "package_type": "maven",
            "violations": [
                {
                    "issue_id": "XRAY-1",
                    "type": "Security",
                    "severity": "High",
                    "watch_name": "watch-1",
                    "summary": "Log4Shell",
                    "created": "2026-01-01T10:00:00+01:00",
                    "cves": ["CVE-2021-44228"],
                    "infected_components": ["gav://org:app:1", "gav://org:app:2"],
                    "tickets": [
                        ticket_row("10002", "SEC-2", "2026-02-02T00:00:00.5Z"),
                        ticket_row("10001", "SEC-1", "2026-02-01T00:00:00Z"),
                    ],
                },
                {
                    "issue_id": "GPL-3.0",
                    "type": "License",
                    "severity": "Low",
                    "watch_name": "watch-1",
                    "infected_components": ["gav://org:app:1"],
                },
            ],
        },
        {"type": "build", "name": "nightly", "number": "7"},
    ]
}  # fmt: skip


@pytest.fixture
def ready(store: Store) -> Store:
    """A store with the integration `jira-1`."""
    with store.begin() as c:
        add_integration(c, name="jira-1")
    return store


def load(store: Store, document: Any, now: datetime = NOW) -> importing.Imported:
    with store.begin() as c:
        return importing.import_document(c, importing.check(document), now)


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document


def content(store: Store) -> list[Any]:
    with store.read() as c:
        found = violations.search(c, Filters())[1]
        return [resources.scanned(c, 10, 0), found, [tickets.by_violation(c, one.violation.id) for one in found]]


def test_an_import_stores_resources_violations_and_tickets(ready: Store) -> None:
    assert load(ready, DOCUMENT) == importing.Imported(Counted(2, 0, 0), Counted(2, 0, 0), Counted(2, 0, 0))
    with ready.read() as c:
        total, page = violations.search(c, Filters(issue_id="XRAY-1"))
        violation, resource, leading = page[0].violation, page[0].resource, page[0].leading
        other = violations.search(c, Filters(issue_id="GPL-3.0"))[1][0].violation
    assert total == 1
    assert (resource.name, resource.repo, resource.path, resource.package_type) == (
        "app.jar",
        "libs",
        "org/app.jar",
        "maven",
    )
    assert (violation.component, violation.infected_components[1]) == ("gav://org:app:1", "gav://org:app:2")
    assert violation.created_at == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert other.created_at == NOW
    assert leading is not None
    assert (leading.key, leading.created_at) == ("SEC-2", datetime(2026, 2, 2, 0, 0, 0, 500_000, tzinfo=UTC))


def test_importing_twice_changes_nothing(ready: Store) -> None:
    load(ready, DOCUMENT)
    before = content(ready)
    again = load(ready, DOCUMENT, NOW + timedelta(days=1))
    assert again == importing.Imported(Counted(0, 0, 2), Counted(0, 0, 2), Counted(0, 0, 2))
    assert content(ready) == before


def test_a_detail_that_differs_is_taken_over_and_counted(ready: Store) -> None:
    load(ready, DOCUMENT)
    before = content(ready)
    harsher = changed(lambda d: d["resources"][0]["violations"][0].update(severity="Critical"))
    assert load(ready, harsher).violations == Counted(created=0, updated=1, unchanged=1)
    assert content(ready) != before


def test_a_known_ticket_keeps_what_jira_said_about_it(ready: Store) -> None:
    load(ready, DOCUMENT)
    with ready.begin() as c:
        integration = integrations.by_name(c, "jira-1")
        assert integration is not None
        moved = tickets.by_issue_ids(c, integration.id, ["10001"])["10001"]
        retrieved.apply(c, [answer(moved, key="OPS-9")], NOW, epoch=1)
    before = content(ready)
    load(ready, DOCUMENT)
    assert content(ready) == before


def test_more_is_added_to_what_is_there(ready: Store) -> None:
    load(ready, DOCUMENT)
    row = ticket_row("10003", "SEC-3", "2026-02-03T00:00:00Z")
    more = changed(lambda d: d["resources"][0]["violations"][1].update(tickets=[row]))
    assert load(ready, more) == importing.Imported(Counted(0, 0, 2), Counted(0, 0, 2), Counted(1, 0, 2))


def test_an_empty_import_is_fine(ready: Store) -> None:
    nothing = Counted(0, 0, 0)
    assert load(ready, {"resources": []}) == importing.Imported(nothing, nothing, nothing)


def violation(d: dict[str, Any]) -> Any:
    return d["resources"][0]["violations"][0]


def ticket(d: dict[str, Any]) -> Any:
    return violation(d)["tickets"][0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.clear(), "document: 'resources' is missing. Add it."),
        (lambda d: d.update(resource=[]), "document: 'resource' is not known here. Did you mean 'resources'?"),
        (lambda d: d.update(resources={}), "resources: {} is not a list."),
        (lambda d: d["resources"][1].update(type="biuld"),
         "resources[1].type: 'biuld' is not one of artifact, build, release_bundle. Did you mean 'build'?"),
        (lambda d: d["resources"][1].update(number=7), "resources[1].number: 7 is not a text."),
        (lambda d: d["resources"][1].pop("number"), "resources[1]: A build needs a 'number'. Add it."),
        (lambda d: d["resources"][1].update(type="release_bundle"), "resources[1]: A release_bundle needs a 'version'"),
        (lambda d: d["resources"].append(d["resources"][1]), "resources[2]: This is the same resource as resources[1]"),
        (lambda d: violation(d).update(severity="Hihg"),
         "resources[0].violations[0].severity: 'Hihg' is not one of Critical, High, Medium, Low, Information, Unknown. "
         "Did you mean 'High'?"),
        (lambda d: violation(d).update(infected_components=[]),
         "resources[0].violations[0].infected_components: It must not be empty."),
        (lambda d: violation(d).update(watch_name=""), "resources[0].violations[0].watch_name: It must not be empty."),
        (lambda d: violation(d).update(summary="x" * 2001), "[0].summary: It is longer than 2000 characters."),
        (lambda d: violation(d).update(cves=["x"] * 201), "violations[0].cves: It has more than 200 entries."),
        (lambda d: violation(d).update(summary="a\0b"), "violations[0].summary: The text holds a character"),
        (lambda d: violation(d).update(cves=["\ud800"]), "violations[0].cves[0]: The text holds a character"),
        (lambda d: violation(d).pop("type"), "resources[0].violations[0]: 'type' is missing. Add it."),
        (lambda d: d["resources"][0]["violations"].append(violation(d)),
         "violations[2]: This has the watch, issue and first component of resources[0].violations[0]."),
        (lambda d: ticket(d).update(integration="jira-2"),
         "resources[0].violations[0].tickets[0].integration: There is no integration 'jira-2'. Did you mean 'jira-1'?"),
        (lambda d: ticket(d).update(issue_id="SEC-1"), "tickets[0].issue_id: 'SEC-1' is not of the form"),
        (lambda d: ticket(d).update(key="10001"), "tickets[0].key: '10001' is not of the form"),
        (lambda d: ticket(d).update(issue_id="10001"),
         "tickets[1]: This is the same Jira issue as resources[0].violations[0].tickets[0]."),
        *[(lambda d, text=text: ticket(d).update(created=text), f"tickets[0].created: {text!r} is not a point in time.")
          for text in ("yesterday", "2026-02-01", "2026-02-01T00:00:00", "2026-02-30T00:00:00Z", "2026-W01-1T00:00:00Z",
                       "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T25:00:00Z", "")],
        (lambda d: violation(d).update(created="2026-13-01T00:00:00Z"), "violations[0].created: '2026-13-01"),
    ],
)  # fmt: skip
def test_one_bad_row_refuses_all_and_is_named(
    ready: Store, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    before = content(ready)
    with pytest.raises(BadInput) as caught:
        load(ready, changed(change))
    assert sentence in str(caught.value)
    assert content(ready) == before


@pytest.mark.parametrize("document", [None, [], "resources", 1, {"resources": [None]}, {"resources": [[]]}])
def test_a_document_of_another_shape_is_refused(ready: Store, document: object) -> None:
    with pytest.raises(BadInput, match="is not an object"):
        load(ready, document)


def test_a_known_ticket_cannot_move_to_another_violation(ready: Store) -> None:
    load(ready, DOCUMENT)

    def move(d: dict[str, Any]) -> None:
        first, second = d["resources"][0]["violations"]
        second["tickets"] = [first["tickets"].pop()]

    with pytest.raises(BadInput, match=r"violations\[1\]\.tickets\[0\]: The Jira issue 10001 \(SEC-1\) is a ticket of"):
        load(ready, changed(move))


def test_a_removed_integration_cannot_be_named(ready: Store) -> None:
    with ready.begin() as c:
        integration = integrations.by_name(c, "jira-1")
        assert integration is not None
        integrations.remove(c, integration.id, NOW)
    with pytest.raises(BadInput, match="no integration 'jira-1'"):
        load(ready, DOCUMENT)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T09:30:00Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01t09:30:00z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01 09:30:00-05:30", datetime(2026, 3, 1, 15, 0, tzinfo=UTC)),
        ("2026-03-01T09:30:00.123Z", datetime(2026, 3, 1, 9, 30, 0, 123_000, tzinfo=UTC)),
        ("2026-03-01T09:30:00.123456789Z", datetime(2026, 3, 1, 9, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_every_form_of_rfc_3339_is_understood(sqlite_url: str, text: str, instant: datetime) -> None:
    store = open_store(sqlite_url, migrate=False)
    load(store, {"resources": [{"type": "artifact", "name": "a", "violations": [
        {"issue_id": "X", "type": "Security", "severity": "Low", "watch_name": "w", "infected_components": ["c"],
         "created": text}]}]})  # fmt: skip
    with store.read() as c:
        assert violations.search(c, Filters())[1][0].violation.created_at == instant
    store.close()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b'{"resources": [\n  {"type": ]}', "not valid JSON: Expecting value at line 2, column 12"),
        (b"", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"resources": ' + b"1" * 5000 + b"}", "number that is too long"),
    ],
)
def test_a_file_that_is_no_json_is_refused_with_the_place(raw: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        importing.parse(raw)


def test_a_file_is_read_as_utf_8() -> None:
    document = {"resources": [{"type": "artifact", "name": "größe.jar"}]}
    assert importing.parse(json.dumps(document, ensure_ascii=False).encode()).resources == document["resources"]


def test_thousands_of_tickets_go_in_at_once(ready: Store) -> None:
    rows = [
        {"issue_id": f"XRAY-{n}", "type": "License", "severity": "Low", "watch_name": "w", "infected_components": ["c"],
         "tickets": [ticket_row(str(n), f"SEC-{n}", "2026-01-01T00:00:00Z")]}
        for n in range(1, 6001)
    ]  # fmt: skip
    assert load(ready, {"resources": [{"type": "artifact", "name": "a", "violations": rows}]}).tickets.created == 6000
