"""Paths, bodies and paging as Jira Cloud has them (REST v3): each question is one method with a typed answer.

Says what Jira said. Whether a missing issue was deleted, or a hidden project breaks an integration, is decided
elsewhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from service import clock
from service.jira.answers import JiraAnswer
from service.jira.base import CreatedIssue, Issue
from service.jira.client import JiraClient
from service.rules.health import Outcome
from service.rules.tickets import JiraStatus

SEARCH_SIZE = 100  # with ordinary fields Cloud cuts a page to this, whatever is asked for [jira 5.7]
RECONCILE_SIZE = 50  # ids that one search reads past its lagging index [jira 5.7]
PROJECTS_SIZE = 50  # ids or keys that one project search takes [jira 5.2]
FIELDS = ["status", "updated", "project"]

T = TypeVar("T")


class JiraCloud:
    """The questions that the service asks of a Jira Cloud site."""

    search_size = SEARCH_SIZE
    strong_size = RECONCILE_SIZE

    def __init__(self, client: JiraClient) -> None:
        self._client = client

    @property
    def sent(self) -> int:
        """How many requests went out so far."""
        return self._client.sent

    def close(self) -> None:
        self._client.close()

    def server_info(self) -> JiraAnswer[str]:
        """Is a Jira there at all? The payload is its version. Needs no credential. [jira 5.1]"""
        answer = self._client.request("serverInfo", "GET", "/rest/api/3/serverInfo")
        return _read(answer, lambda payload: str(payload["version"] if payload["baseUrl"] else ""))

    def myself(self) -> JiraAnswer[str]:
        """Who are we? 401 for a dead credential, where a search would answer 200 with nothing in it. [jira 2.2]

        The payload is the account id.
        """
        answer = self._client.request("myself", "GET", "/rest/api/3/myself")
        return _read(answer, lambda payload: str(payload["accountId"]))

    def granted(self) -> JiraAnswer[frozenset[str]] | None:
        return None

    def guarding_projects(self, project_ids: Iterable[str]) -> JiraAnswer[frozenset[str]]:  # noqa: ARG002
        return JiraAnswer(Outcome.OK, frozenset())

    def browsable_projects(self, ids: Iterable[str] = (), keys: Iterable[str] = ()) -> JiraAnswer[frozenset[str]]:
        """Which of these projects can this account browse? The payload holds both ids and keys. [jira 5.2]"""
        seen: set[str] = set()
        for name, wanted in (("id", list(ids)), ("keys", list(keys))):
            for start in range(0, len(wanted), PROJECTS_SIZE):
                params = {name: wanted[start : start + PROJECTS_SIZE], "maxResults": PROJECTS_SIZE}
                answer = self._client.request("searchProjects", "GET", "/rest/api/3/project/search", params)
                page = _read(answer, lambda payload: [(str(p["id"]), str(p["key"])) for p in payload["values"]])
                if page.payload is None:
                    return page.without_payload()
                for project in page.payload:
                    seen.update(project)
        return JiraAnswer(Outcome.OK, frozenset(seen))

    def search_by_ids(self, ids: Sequence[str], reconcile: Sequence[str] = ()) -> JiraAnswer[dict[str, Issue]]:
        """The issues among up to 100 `ids` that the search shows, by id; deleted and hidden ones are just not there.

        Those in `reconcile` (up to 50) are read past the index, which may lag by minutes. [jira 5.7]
        """
        body: dict[str, Any] = {"jql": f"id in ({','.join(ids)})", "maxResults": SEARCH_SIZE, "fields": FIELDS}
        if reconcile:
            body["reconcileIssues"] = [int(issue_id) for issue_id in reconcile]
        return self._search("searchIssues", body, most_pages=len(ids) + 1)

    def find_by_label(self, label: str) -> JiraAnswer[dict[str, Issue]]:
        """The issues that carry `label`, by id, as far as the index has taken them up."""
        body = {"jql": f'labels = "{label}"', "maxResults": SEARCH_SIZE, "fields": FIELDS}
        return self._search("searchIssues", body, most_pages=2)

    def issue(self, issue_id: str) -> JiraAnswer[Issue]:
        """One issue, read strongly. NOT_FOUND only when Jira itself says so: deleted, or not permitted. [jira 2.3]"""
        asked_at = clock.now()
        path = f"/rest/api/3/issue/{quote(issue_id, safe='')}"
        answer = self._client.request("getIssue", "GET", path, {"fields": ",".join(FIELDS)})
        if answer.outcome is Outcome.NOT_FOUND and not _is_jiras_error(answer.payload):
            return JiraAnswer(Outcome.NOT_JSON, status=answer.status)  # a proxy's 404, say
        return _read(answer, lambda payload: _issue(payload, asked_at))

    def create_issue(
        self, project: str, issue_type: str, summary: str, description: Sequence[str], labels: Sequence[str]
    ) -> JiraAnswer[CreatedIssue]:
        """Makes an issue; `description` is plain paragraphs. When Jira refuses, `complaints` holds its sentences."""
        fields = {
            "project": {"key": project},
            "issuetype": {"name": issue_type},
            "summary": summary,
            "description": _document(description),
            "labels": list(labels),
        }
        answer = self._client.request("createIssue", "POST", "/rest/api/3/issue", body={"fields": fields})
        return _read(answer, lambda payload: CreatedIssue(str(payload["id"]), str(payload["key"])))

    def _search(self, operation: str, body: dict[str, Any], most_pages: int) -> JiraAnswer[dict[str, Issue]]:
        asked_at = clock.now()
        found: dict[str, Issue] = {}
        for _ in range(most_pages):
            answer = self._client.request(operation, "POST", "/rest/api/3/search/jql", body=body)
            page = _read(answer, lambda payload: (list(payload["issues"]), payload.get("nextPageToken")))
            if page.payload is None:
                return page.without_payload()
            issues, token = page.payload
            found.update((issue.id, issue) for issue in _issues(issues, asked_at))
            if not token:
                return replace(page, payload=found)
            body = {**body, "nextPageToken": token}
        return JiraAnswer(Outcome.NOT_JIRA)  # pages without end


def _read(answer: JiraAnswer[Any], parse: Callable[[Any], T]) -> JiraAnswer[T]:
    """`answer` with its payload parsed; JSON that lacks what a Jira's has is NOT_JIRA."""
    if not answer.ok:
        return answer.without_payload()
    try:
        return replace(answer, payload=parse(answer.payload))
    except (KeyError, TypeError, ValueError, AttributeError):
        return JiraAnswer(Outcome.NOT_JIRA, status=answer.status)


def _issues(items: Iterable[Any], asked_at: datetime) -> Iterable[Issue]:
    """Those that can be read. One that cannot counts as not answered and is then read singly."""
    for item in items:
        try:
            yield _issue(item, asked_at)
        except (KeyError, TypeError, ValueError):
            continue


def _issue(payload: Any, asked_at: datetime) -> Issue:
    fields = payload["fields"]
    status = fields["status"]
    return Issue(
        str(payload["id"]),
        str(payload["key"]),
        str(fields["project"]["id"]),
        _status(str(status["id"]), str(status["name"]), str(status["statusCategory"]["key"])),
        datetime.fromisoformat(fields["updated"]),  # carries the account's offset [jira 6.1]
        asked_at,
    )


@lru_cache(maxsize=1024)
def _status(status_id: str, name: str, category: str) -> JiraStatus:
    """A Jira has a few dozen statuses and a run sees them fifty thousand times."""
    return JiraStatus(status_id, name, category)


def _is_jiras_error(payload: Any) -> bool:
    return isinstance(payload, Mapping) and isinstance(payload.get("errorMessages"), list)


def _document(paragraphs: Sequence[str]) -> dict[str, Any]:
    """Plain paragraphs as an Atlassian Document, which v3 wants for rich text. [jira 6.1]"""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs if text]
    return {"type": "doc", "version": 1, "content": content}
