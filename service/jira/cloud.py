"""Paths, bodies and paging as Jira Cloud has them (REST v3): each question is one method with a typed answer.

A site has two doors: its own address for Basic, and Atlassian's gateway for OAuth 2.0, where the cloud id names it.

Says what Jira said. Whether a missing issue was deleted, or a hidden project breaks an integration, is decided
elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from service import clock
from service.jira.answers import JiraAnswer
from service.jira.base import CreatedIssue, Issue
from service.jira.client import JiraClient
from service.jira.oauth import jira_sites
from service.jira.reading import FIELDS, is_jiras_error, read, read_id, read_issue, read_issues
from service.rules.health import Outcome

SEARCH_SIZE = 100  # with ordinary fields Cloud cuts a page to this, whatever is asked for [jira 5.7]
RECONCILE_SIZE = 50  # ids that one search reads past its lagging index [jira 5.7]
PROJECTS_SIZE = 50  # ids or keys that one project search takes [jira 5.2]
FIELDS_OF_ISSUES = [*FIELDS, "security"]
CANNOT_TELL = frozenset({Outcome.NOT_FOUND, Outcome.FORBIDDEN, Outcome.UNAUTHENTICATED, Outcome.REFUSED})


class JiraCloud:
    """The questions that the service asks of a Jira Cloud site.

    With `cloud_id` the client is the gateway's, else the site's own.
    """

    search_size = SEARCH_SIZE
    strong_size = RECONCILE_SIZE

    def __init__(self, client: JiraClient, cloud_id: str | None = None) -> None:
        self._client = client
        self._cloud_id = cloud_id
        self._root = "" if cloud_id is None else f"/ex/jira/{quote(cloud_id, safe='')}"  # [jira 2.4]

    @property
    def sent(self) -> int:
        """How many requests went out so far."""
        return self._client.sent

    def close(self) -> None:
        self._client.close()

    def server_info(self) -> JiraAnswer[str]:
        """Is a Jira there at all? The payload is its version. Needs no credential. [jira 5.1]"""
        answer = self._ask("serverInfo", "GET", "/rest/api/3/serverInfo")
        return read(answer, lambda payload: str(payload["version"] if payload["baseUrl"] else ""))

    def myself(self) -> JiraAnswer[str]:
        """Who are we? 401 for a dead credential, where a search would answer 200 with nothing in it. [jira 2.2]

        The payload is the account id.
        """
        answer = self._ask("myself", "GET", "/rest/api/3/myself")
        return read(answer, lambda payload: str(payload["accountId"]))

    def granted(self) -> JiraAnswer[frozenset[str]] | None:
        """What the grant has for this site, of all its entries that are Jira's; None without a gateway. [jira 4.3]"""
        if self._cloud_id is None:
            return None
        answer = self._client.request("accessibleResources", "GET", "/oauth/token/accessible-resources")
        sites = read(answer, lambda payload: {site.cloud_id: site.scopes for site in jira_sites(payload)})
        if sites.payload is None:
            return sites.without_payload()
        if self._cloud_id not in sites.payload:
            return JiraAnswer(Outcome.SITE_GONE, status=sites.status)
        return replace(sites.without_payload(), payload=frozenset(sites.payload[self._cloud_id]))

    def browsable_projects(self, ids: Iterable[str] = (), keys: Iterable[str] = ()) -> JiraAnswer[frozenset[str]]:
        """Which of these projects can this account browse? The payload holds both ids and keys. [jira 5.2]"""
        seen: set[str] = set()
        for name, wanted in (("id", list(ids)), ("keys", list(keys))):
            for start in range(0, len(wanted), PROJECTS_SIZE):
                params = {name: wanted[start : start + PROJECTS_SIZE], "maxResults": PROJECTS_SIZE}
                answer = self._ask("searchProjects", "GET", "/rest/api/3/project/search", params)
                page = read(answer, lambda payload: [(str(p["id"]), str(p["key"])) for p in payload["values"]])
                if page.payload is None:
                    return page.without_payload()
                for project in page.payload:
                    seen.update(project)
        return JiraAnswer(Outcome.OK, frozenset(seen))

    def search_by_ids(self, ids: Sequence[str], reconcile: Sequence[str] = ()) -> JiraAnswer[dict[str, Issue]]:
        """The issues among up to 100 `ids` that the search shows, by id; deleted and hidden ones are just not there.

        Those in `reconcile` (up to 50) are read past the index, which may lag by minutes. [jira 5.7]
        """
        body: dict[str, Any] = {
            "jql": f"id in ({','.join(ids)})",
            "maxResults": SEARCH_SIZE,
            "fields": FIELDS_OF_ISSUES,
        }
        if reconcile:
            body["reconcileIssues"] = [int(issue_id) for issue_id in reconcile]
        return self._search(body, most_pages=len(ids) + 1, wanted=frozenset(ids))

    def find_by_label(self, label: str) -> JiraAnswer[dict[str, Issue]]:
        """The issues that carry `label`, by id, as far as the index has taken them up."""
        body = {"jql": f'labels = "{label}"', "maxResults": SEARCH_SIZE, "fields": FIELDS_OF_ISSUES}
        return self._search(body, most_pages=2)

    def issue(self, issue_id: str) -> JiraAnswer[Issue]:
        """One issue, read strongly. NOT_FOUND only when Jira itself says so: deleted, or not permitted. [jira 2.3]"""
        asked_at = clock.now()
        path = f"/rest/api/3/issue/{quote(issue_id, safe='')}"
        answer = self._ask("getIssue", "GET", path, {"fields": ",".join(FIELDS_OF_ISSUES)})
        if answer.outcome is Outcome.NOT_FOUND and not is_jiras_error(answer.payload):
            return JiraAnswer(Outcome.NOT_JSON, status=answer.status)  # a proxy's 404, say
        return read(answer, lambda payload: read_issue(payload, asked_at))

    def guarding_projects(self, project_ids: Iterable[str]) -> JiraAnswer[frozenset[str]]:
        """Those with security levels, as far as this account may know.

        It is told the levels that it is in itself; whether there are others, only who administers the project. That
        takes a scope that the documented app lacks, and so is not asked at the gateway. What does not tell counts as
        not guarding: all else about a deletion is proven.
        """
        guarding = set()
        for project_id in project_ids:
            answer = self._guards(project_id)
            if answer.payload is None:
                return answer.without_payload()
            if answer.payload:
                guarding.add(project_id)
        return JiraAnswer(Outcome.OK, frozenset(guarding))

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
        answer = self._ask("createIssue", "POST", "/rest/api/3/issue", body={"fields": fields})
        return read(answer, lambda payload: CreatedIssue(read_id(payload), str(payload["key"])))

    def _guards(self, project_id: str) -> JiraAnswer[bool]:
        path = f"/rest/api/3/project/{quote(project_id, safe='')}"
        levels = self._ask("getSecurityLevels", "GET", f"{path}/securitylevel")
        known = read(levels, lambda payload: len(payload["levels"]) > 0)
        if known.payload or (not known.ok and known.outcome not in CANNOT_TELL):
            return known
        if self._cloud_id is not None:
            return JiraAnswer(Outcome.OK, payload=False)
        scheme = self._ask("getSecurityScheme", "GET", f"{path}/issuesecuritylevelscheme")
        if scheme.outcome in CANNOT_TELL:
            return JiraAnswer(Outcome.OK, payload=False)
        return read(scheme, lambda payload: bool(payload["id"]))

    def _ask(
        self, operation: str, method: str, path: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> JiraAnswer[Any]:
        """At whichever door. The gateway's own 404, told by its envelope, means that there is no such site for us."""
        answer = self._client.request(operation, method, self._root + path, params, body)
        if self._root and answer.outcome is Outcome.NOT_FOUND and _is_the_gateways(answer.payload):
            return replace(answer, outcome=Outcome.SITE_GONE)
        return answer

    def _search(
        self, body: dict[str, Any], most_pages: int, wanted: frozenset[str] | None = None
    ) -> JiraAnswer[dict[str, Issue]]:
        """Page by page, until there is no next one; of what comes, only the `wanted` is kept."""
        asked_at = clock.now()
        found: dict[str, Issue] = {}
        for _ in range(most_pages):
            answer = self._ask("searchIssues", "POST", "/rest/api/3/search/jql", body=body)
            page = read(answer, lambda payload: (list(payload["issues"]), payload.get("nextPageToken")))
            if page.payload is None:
                return page.without_payload()
            issues, token = page.payload
            shown = read_issues(issues, asked_at)
            found |= shown if wanted is None else {issue_id: shown[issue_id] for issue_id in shown.keys() & wanted}
            if not token:
                return replace(page.without_payload(), payload=found)
            body = {**body, "nextPageToken": token}
        return JiraAnswer(Outcome.NOT_JIRA)  # pages without end


def _is_the_gateways(payload: Any) -> bool:
    return isinstance(payload, Mapping) and "code" in payload and "errorMessages" not in payload  # [jira 2.1]


def _document(paragraphs: Sequence[str]) -> dict[str, Any]:
    """Plain paragraphs as an Atlassian Document, which v3 wants for rich text. [jira 6.1]"""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs if text]
    return {"type": "doc", "version": 1, "content": content}
