"""Paths, bodies and paging as Jira Data Center and Server have them (REST v2, 8.0 to 10): each question is one method.

Says what Jira said. Whether a missing issue was deleted, or a hidden project breaks an integration, is decided
elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from service import clock
from service.jira.answers import JiraAnswer
from service.jira.base import CreatedIssue, Issue
from service.jira.client import JiraClient
from service.jira.reading import FIELDS, is_jiras_error, read, read_id, read_issue, read_issues
from service.rules.health import Outcome

API = "/rest/api/2"
SEARCH_SIZE = 100  # as many as Cloud takes; an admin may have lowered the page to less [jira 5.8]
SINGLY = 10  # so many projects are asked for one by one; beyond, the list of all is one answer


class JiraDataCenter:
    """The questions that the service asks of a Jira Data Center or Server."""

    search_size = SEARCH_SIZE
    strong_size = 0  # its search has no way past the index

    def __init__(self, client: JiraClient) -> None:
        self._client = client

    @property
    def sent(self) -> int:
        """How many requests went out so far, those for tokens included."""
        return self._client.sent

    def close(self) -> None:
        self._client.close()

    def server_info(self) -> JiraAnswer[str]:
        """Is a Jira there at all? The payload is its version. A wrong password is refused here already. [jira 2.8]"""
        answer = self._client.request("serverInfo", "GET", f"{API}/serverInfo")
        return read(answer, lambda payload: str(payload["version"] if payload["baseUrl"] else ""))

    def myself(self) -> JiraAnswer[str]:
        """Who are we? The payload is the user's key. [jira 5.1]"""
        answer = self._client.request("myself", "GET", f"{API}/myself")
        return read(answer, lambda payload: str(payload["key"]))

    def granted(self) -> JiraAnswer[frozenset[str]] | None:
        return None  # a grant of Data Center has one scope, and it is for this Jira

    def browsable_projects(self, ids: Iterable[str] = (), keys: Iterable[str] = ()) -> JiraAnswer[frozenset[str]]:
        """Which of these projects can this account browse? The payload holds both ids and keys. [jira 5.2]

        An archived one does not count: searches leave its issues out, and so nobody could follow them.
        """
        wanted = [*ids, *keys]
        if len(wanted) > SINGLY:
            answer = self._client.request("listProjects", "GET", f"{API}/project")
            listed = read(answer, lambda payload: [_names(each) for each in payload])
            if listed.payload is None:
                return listed.without_payload()
            return replace(listed.without_payload(), payload=frozenset().union(*listed.payload))
        seen: frozenset[str] = frozenset()
        for one in wanted:
            answer = self._client.request("getProject", "GET", f"{API}/project/{quote(one, safe='')}")
            if answer.outcome is Outcome.NOT_FOUND and is_jiras_error(answer.payload):
                continue
            project = read(answer, _names)
            if project.payload is None:
                return project.without_payload()
            seen |= project.payload | {one} if project.payload else project.payload  # also by a key it no longer has
        return JiraAnswer(Outcome.OK, seen)

    def search_by_ids(self, ids: Sequence[str], reconcile: Sequence[str] = ()) -> JiraAnswer[dict[str, Issue]]:  # noqa: ARG002
        """The issues among up to 100 `ids` that the search shows, by id; deleted and hidden ones are just not there.

        Without validation: else one deleted issue fails the search for all. [jira 2.6] `reconcile` has no effect.
        """
        return self._search(f"id in ({','.join(ids)}) ORDER BY key", len(ids))

    def find_by_label(self, label: str) -> JiraAnswer[dict[str, Issue]]:
        """The issues that carry `label`, by id, as far as the index has taken them up."""
        return self._search(f'labels = "{label}" ORDER BY key', SEARCH_SIZE)

    def issue(self, issue_id: str) -> JiraAnswer[Issue]:
        """One issue, read strongly. [jira 2.8]

        NOT_FOUND only when Jira itself says so: deleted. FORBIDDEN only when Jira says that it is there and not for us;
        a 403 in other words is about the account.
        """
        asked_at = clock.now()
        path = f"{API}/issue/{quote(issue_id, safe='')}"
        answer = self._client.request("getIssue", "GET", path, {"fields": ",".join(FIELDS)})
        if not is_jiras_error(answer.payload):
            if answer.outcome is Outcome.NOT_FOUND:
                return JiraAnswer(Outcome.NOT_JSON, status=answer.status)  # a proxy's 404, say
            if answer.outcome is Outcome.FORBIDDEN:
                return replace(answer.without_payload(), outcome=Outcome.UNAUTHENTICATED)
        return read(answer, lambda payload: read_issue(payload, asked_at))

    def guarding_projects(self, project_ids: Iterable[str]) -> JiraAnswer[frozenset[str]]:  # noqa: ARG002
        """None: of a hidden issue Jira says 403, so that 404 can only mean deleted. [jira 2.8]"""
        return JiraAnswer(Outcome.OK, frozenset())

    def create_issue(
        self, project: str, issue_type: str, summary: str, description: Sequence[str], labels: Sequence[str]
    ) -> JiraAnswer[CreatedIssue]:
        """Makes an issue; `description` is plain paragraphs. When Jira refuses, `complaints` holds its sentences."""
        fields = {
            "project": {"key": project},
            "issuetype": {"name": issue_type},
            "summary": summary,
            "description": "\n\n".join(text for text in description if text),
            "labels": list(labels),
        }
        answer = self._client.request("createIssue", "POST", f"{API}/issue", body={"fields": fields})
        return read(answer, lambda payload: CreatedIssue(read_id(payload), str(payload["key"])))

    def _search(self, jql: str, size: int) -> JiraAnswer[dict[str, Issue]]:
        """Page by page, however short they are, until all are there or a page brings nothing new. [jira 5.8]

        What a page repeats in place of something else is missing then, and whoever asked reads it singly.
        """
        asked_at = clock.now()
        found: dict[str, Issue] = {}
        start = 0
        while True:
            body = {"jql": jql, "validateQuery": False, "startAt": start, "maxResults": size, "fields": list(FIELDS)}
            answer = self._client.request("searchIssues", "POST", f"{API}/search", body=body)
            page = read(answer, lambda payload: (list(payload["issues"]), int(payload["total"])))
            if page.payload is None:
                return page.without_payload()
            issues, total = page.payload
            before = len(found)
            found |= read_issues(issues, asked_at)
            start += len(issues)
            if start >= total or len(found) == before or len(found) >= size:
                return replace(page.without_payload(), payload=found)


def _names(project: Any) -> frozenset[str]:
    """Id and key of a project that is in use."""
    names = frozenset((str(project["id"]), str(project["key"])))
    return frozenset() if project.get("archived") else names
