"""Every answer of a main operation is held to Atlassian's own OpenAPI document.

The document is not part of this repository: name a copy in JIRA_CLOUD_OPENAPI, or keep one in a folder
`reference` of a folder beside the checkout.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import requests
from flask import Flask

from fake_jira.flavours import Cloud
from fake_jira.rest import register
from tests.fake_jira.conftest import Jira

BESIDE = "*/reference/jira-cloud-v3.openapi.json"
ADF = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]}


@cache
def document() -> dict[str, Any]:
    beside = next(Path(__file__).parents[3].glob(BESIDE), "")
    path = Path(os.environ.get("JIRA_CLOUD_OPENAPI", beside))
    if not path.is_file():
        pytest.skip("no copy of Atlassian's document: name one in JIRA_CLOUD_OPENAPI")
    read: dict[str, Any] = orjson.loads(path.read_bytes())
    _make_plain(read)
    _as_recorded(read["components"]["schemas"])
    return read


def _as_recorded(schemas: dict[str, Any]) -> None:
    """Where recordings of live sites show more than the document knows [jira 5.1, 5.6, 5.9], the fake follows them."""
    more = ("defaultLocale", "displayUrlConfluence", "displayUrlServicedeskHelpCenter", "serverTimeZone")
    schemas["ServerInformation"]["properties"] |= {name: {} for name in more}
    schemas["BulkIssueResults"]["properties"]["expand"] = {"type": "string"}
    for name in ("from", "fromString", "to", "toString"):  # null where a field was or became empty
        schemas["ChangeDetails"]["properties"][name]["type"] = ["string", "null"]


def _make_plain(node: Any) -> None:
    """OpenAPI 3.0's `nullable`, in JSON Schema's words."""
    if isinstance(node, dict):
        if node.get("nullable") and isinstance(node.get("type"), str):
            node["type"] = [node["type"], "null"]
        for value in node.values():
            _make_plain(value)
    elif isinstance(node, list):
        for value in node:
            _make_plain(value)


def conforms(answer: requests.Response, method: str, path: str) -> None:
    """Fails with the place and the reason if the answer is not as the document says."""
    operation = document()["paths"][f"/rest/api/3/{path}"][method]
    described = operation["responses"].get(str(answer.status_code))
    assert described, f"{answer.status_code} is not among the answers of {operation['operationId']}: {answer.text}"
    content = described.get("content", {}).get("application/json")
    if answer.status_code == 204 or content is None or "schema" not in content:
        return
    schema = {"components": document()["components"]} | content["schema"]
    found = list(jsonschema.Draft7Validator(schema).iter_errors(answer.json()))
    assert not found, "\n".join(f"{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}" for each in found)


def _filled(jira: Jira) -> str:
    key = jira.create(
        description=ADF,
        environment=ADF,
        labels=["a"],
        duedate="2026-05-01",
        assignee={"accountId": jira.admin.account_id},
    )
    jira.create(kind="Sub-task", parent={"key": key})
    jira.post(f"issue/{key}/comment", {"body": ADF})
    jira.post(f"issue/{key}/transitions", {"transition": {"id": "41"}})
    return key


READS: list[tuple[str, str]] = [
    ("serverInfo", "serverInfo"),
    ("myself", "myself"),
    ("mypermissions", "mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER"),
    ("project", "project?expand=lead,issueTypes,description"),
    ("project/search", "project/search?maxResults=1&expand=lead,issueTypes"),
    ("project/{projectIdOrKey}", "project/SEC"),
    ("project/{projectIdOrKey}/statuses", "project/SEC/statuses"),
    ("status", "status"),
    ("status/{idOrName}", "status/10000"),
    ("statuscategory", "statuscategory"),
    ("statuscategory/{idOrKey}", "statuscategory/done"),
    ("issuetype", "issuetype"),
    ("issuetype/{id}", "issuetype/10000"),
    ("issuetype/project", "issuetype/project?projectId=10000"),
    ("field", "field"),
    ("priority", "priority"),
    ("priority/{id}", "priority/1"),
    ("resolution", "resolution"),
    ("resolution/{id}", "resolution/10000"),
    ("user", "user?accountId=ADMIN"),
    ("user/search", "user/search?query=a"),
    ("user/assignable/search", "user/assignable/search?project=SEC"),
    ("users", "users"),
    ("users/search", "users/search"),
    ("user/bulk", "user/bulk?accountId=ADMIN"),
    ("issue/createmeta", "issue/createmeta?projectKeys=SEC&expand=projects.issuetypes.fields"),
    ("issue/createmeta/{projectIdOrKey}/issuetypes", "issue/createmeta/SEC/issuetypes"),
    ("issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", "issue/createmeta/SEC/issuetypes/10004"),
    ("issue/{issueIdOrKey}", "issue/SEC-1"),
    (
        "issue/{issueIdOrKey}",
        "issue/SEC-2?expand=changelog,renderedFields,names,schema,transitions,operations,editmeta,versionedRepresentations",
    ),
    ("issue/{issueIdOrKey}", "issue/SEC-99"),
    ("issue/{issueIdOrKey}/editmeta", "issue/SEC-1/editmeta"),
    ("issue/{issueIdOrKey}/transitions", "issue/SEC-1/transitions?expand=transitions.fields"),
    ("issue/{issueIdOrKey}/changelog", "issue/SEC-1/changelog"),
    ("issue/{issueIdOrKey}/comment", "issue/SEC-1/comment"),
    ("issue/{issueIdOrKey}/comment/{id}", "issue/SEC-1/comment/10000"),
    ("search/jql", "search/jql?jql=project=SEC&fields=*all&expand=names,schema,changelog,transitions,editmeta"),
    ("search/jql", "search/jql?jql=project%20project"),
]


@pytest.mark.parametrize(("path", "address"), READS, ids=[address for _, address in READS])
def test_what_is_read_conforms(jira: Jira, path: str, address: str) -> None:
    document()
    _filled(jira)
    conforms(jira.get(address.replace("ADMIN", jira.admin.account_id)), "get", path)


ISSUE = {"fields": {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}}}
WRITES: list[tuple[str, str, str, Any]] = [
    ("post", "issue", "issue", ISSUE),
    ("post", "issue", "issue", {"fields": {}}),
    ("post", "issue/bulk", "issue/bulk", {"issueUpdates": [ISSUE, {"fields": {"project": {"key": "SEC"}}}]}),
    ("put", "issue/{issueIdOrKey}", "issue/SEC-1?returnIssue=true", {"fields": {"summary": "y"}}),
    ("put", "issue/{issueIdOrKey}", "issue/SEC-1", {"fields": {"summary": "y"}}),
    ("put", "issue/{issueIdOrKey}", "issue/SEC-1", {}),
    ("put", "issue/{issueIdOrKey}/assignee", "issue/SEC-1/assignee", {"accountId": None}),
    ("post", "issue/{issueIdOrKey}/transitions", "issue/SEC-1/transitions", {"transition": {"id": "11"}}),
    ("post", "issue/{issueIdOrKey}/transitions", "issue/SEC-1/transitions", {"transition": {"id": "9"}}),
    ("post", "issue/{issueIdOrKey}/comment", "issue/SEC-1/comment", {"body": ADF}),
    ("put", "issue/{issueIdOrKey}/comment/{id}", "issue/SEC-1/comment/10000", {"body": ADF}),
    ("delete", "issue/{issueIdOrKey}/comment/{id}", "issue/SEC-1/comment/10000", None),
    ("delete", "issue/{issueIdOrKey}", "issue/SEC-1", None),
    ("delete", "issue/{issueIdOrKey}", "issue/SEC-2", None),
    ("post", "issue/bulkfetch", "issue/bulkfetch", {"issueIdsOrKeys": ["SEC-1", "SEC-2"], "fields": ["*all"]}),
    ("post", "search/jql", "search/jql", {"jql": "project = SEC"}),
    ("post", "search/jql", "search/jql", {"jql": "project = SEC", "fields": ["*all"], "maxResults": 1}),
    ("post", "search/jql", "search/jql", {"jql": ""}),
    ("post", "search/approximate-count", "search/approximate-count", {"jql": "project = SEC"}),
    ("post", "jql/match", "jql/match", {"jqls": ["project = SEC", "="], "issueIds": [10000]}),
]


@pytest.mark.parametrize(("method", "path", "address", "body"), WRITES)
def test_what_is_written_is_answered_as_documented(jira: Jira, method: str, path: str, address: str, body: Any) -> None:
    document()
    _filled(jira)
    conforms(jira.call(method.upper(), address, json=body), method, path)


def test_every_route_is_one_of_the_document_by_its_operation_id() -> None:
    app = Flask("routes")
    register(app, Cloud())
    snake: Callable[[str], str] = lambda name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name)  # noqa: E731
    documented = {
        snake(operation["operationId"])
        for path in document()["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    ours = {rule.endpoint.rpartition(".")[2] for rule in app.url_map.iter_rules()}
    assert ours - documented == {"static", "tenant_info"}
