"""The tables say what Atlassian's documents say, and an exchange that is otherwise than documented is noticed."""

from collections import Counter
from dataclasses import replace

import orjson
import pytest

from fake_jira.documented import TABLES, by_route, documented, operations_at
from tests.fake_jira.proof.document import Exchange, complaints, missing
from tests.fake_jira.proof.tables import FOLDER, table

FLAVOURS = sorted(TABLES)
READ = Exchange(
    flavour="cloud",
    method="GET",
    path="/rest/api/3/issue/SEC-1/comment",
    query="maxResults=5",
    asked=None,
    body=b"",
    status=200,
    answered="application/json;charset=UTF-8",
    answer=b'{"startAt":0,"maxResults":5,"total":0,"comments":[]}',
)
WRITTEN = replace(
    READ,
    method="PUT",
    path="/rest/api/3/issue/SEC-1/assignee",
    query="",
    asked="application/json",
    body=b'{"accountId":"1"}',
    status=204,
    answered=None,
    answer=b"",
)


@pytest.fixture
def with_the_cloud_document() -> None:
    why = missing("cloud")
    if why:
        pytest.skip(why)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_table_says_what_the_document_says(flavour: str) -> None:
    why = missing(flavour)
    if why:
        pytest.skip(f"{why} Until then nothing is held to it, and its table is not compared.")
    assert (FOLDER / TABLES[flavour]).read_text("utf-8") == table(flavour)


def test_the_tables_hold_every_operation_once() -> None:
    assert {flavour: len(documented(flavour)) for flavour in FLAVOURS} == {"cloud": 617, "data-center": 433}
    for flavour in FLAVOURS:
        assert not [
            where for where, count in Counter((x.method, x.shape) for x in documented(flavour)).items() if count > 1
        ]


def test_the_tables_know_scopes_and_whether_anybody_may_ask() -> None:
    search = by_route("cloud")["GET", ("rest", "api", "{}", "search", "jql")]
    assert search.classic == ("read:jira-work",)
    assert set(search.granular) == {
        "read:issue-details:jira", "read:audit-log:jira", "read:avatar:jira", "read:field-configuration:jira",
        "read:issue-meta:jira",
    }  # fmt: skip
    assert search.anonymous
    assert not by_route("cloud")["GET", ("rest", "api", "{}", "myself")].anonymous
    failed = by_route("cloud")["GET", ("rest", "api", "{}", "webhook", "failed")]
    assert "read:epic:jira-software" in failed.granular


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/rest/api/3/issue/picker", "getIssuePickerResource"),
        ("/rest/api/latest/issue/SEC-1", "getIssue"),
        ("/rest/api/2/issue/createmeta/SEC/issuetypes", "getCreateIssueMetaIssueTypes"),
        ("/rest/atlassian-connect/1/service-registry", "ServiceRegistryResource.services_get"),
    ],
)
def test_a_word_of_jiras_goes_before_an_id(path: str, operation: str) -> None:
    assert operations_at("cloud", path)["GET"].operation == operation


@pytest.mark.usefixtures("with_the_cloud_document")
@pytest.mark.parametrize("exchange", [READ, WRITTEN, replace(READ, path="/rest/api/3/nowhere")])
def test_an_exchange_as_documented_is_not_complained_about(exchange: Exchange) -> None:
    assert complaints(exchange) == []


@pytest.mark.usefixtures("with_the_cloud_document")
@pytest.mark.parametrize(
    ("exchange", "complaint"),
    [
        (replace(READ, status=207), "207 is not among its answers"),
        (replace(READ, status=500), "500 is not among its answers"),
        (replace(READ, answered="text/html"), "it is answered as text/html"),
        (replace(READ, answer=b"nothing"), "no JSON"),
        (replace(READ, answer=b'{"total":"five"}'), "total: 'five' is not of type 'integer'"),
        (replace(READ, query="depth=5"), "the query parameter depth is not documented"),
        (replace(READ, query="maxResults=all"), "maxResults is not of the documented type"),
        (replace(READ, path="/rest/api/3/mypreferences"), "the query parameter key is required"),
        (replace(WRITTEN, body=b'{"accountId":[]}'), "of the request's body: accountId: [] is not of type"),
        (replace(WRITTEN, body=b""), "a body is required"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_is_otherwise_than_documented_is_named(exchange: Exchange, complaint: str) -> None:
    assert any(complaint in each for each in complaints(exchange)), complaints(exchange)


@pytest.mark.usefixtures("with_the_cloud_document")
def test_an_answer_may_be_null_only_where_the_document_lets_it() -> None:
    item = {"field": "x", "fieldtype": "jira", "fieldId": "x", "from": None, "toString": None}
    page = {"values": [{"id": "1", "items": [item]}], "startAt": 0, "maxResults": 1, "total": 1, "isLast": True}
    changes = replace(READ, path="/rest/api/3/issue/SEC-1/changelog", answer=orjson.dumps(page))
    assert complaints(changes) == []
    item["field"] = None
    assert complaints(replace(changes, answer=orjson.dumps(page)))
