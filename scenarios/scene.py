"""What a story finds on the stage: the given world, made over the two URLs, and names for the things in it.

Steps and expectations speak of keys and names; here they become the ids that both apps know. Plays no step.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from scenarios.checking import near
from scenarios.loading import Given, GivenTicket
from scenarios.stage import Answer, Stage, StageBroken

INTEGRATION = "jira-connection-1"  # the name in the samples of [status-check]
USER, TOKEN = "admin@example.com", "admin-token"
ROUTE = f"/ticketing/jira-integrations/{INTEGRATION}"
PAGE = 500  # tickets asked for at once


class StepFailed(Exception):
    """A step could not be done, or what it found is not what the story says. The sentence is for a person."""


@dataclass
class Scene:
    """A stage with a world on it, and what the steps so far have left behind."""

    stage: Stage
    issue_ids: dict[str, str] = field(default_factory=dict)  # key -> id, also under former keys
    violation_ids: dict[str, str] = field(default_factory=dict)  # name -> id
    answer: Answer | None = None  # to the last service step
    journal_mark: int = 0  # requests up to this one were there before the last expect
    runs_seen: dict[int, dict[str, Any]] = field(default_factory=dict)

    def violation_of(self, name: str) -> str:
        """The id of the violation that `name` calls: its own name, or the key of one of its tickets."""
        if name in self.violation_ids:
            return self.violation_ids[name]
        for ticket in self.tickets():
            if ticket["key"] == name:
                return str(ticket["violation_id"])
        known = [*self.violation_ids, *(ticket["key"] for ticket in self.tickets())]
        raise StepFailed(f"there is no violation or ticket '{name}'.{near(name, known)}")

    def tickets(self) -> list[dict[str, Any]]:
        """Every ticket as the service shows it; of a removed integration as well."""
        if self.integration() is not None:
            return self._tickets_of_integration()
        lists = [self.ask("GET", ticket_route(violation))["tickets"] for violation in self.violation_ids.values()]
        return [ticket for tickets in lists for ticket in tickets]

    def integration(self) -> dict[str, Any] | None:
        """The integration as the service lists it; None once it was removed."""
        listed = self.ask("GET", "/ticketing/jira-integrations")
        return next((one for one in listed["integrations"] if one["connection_name"] == INTEGRATION), None)

    def ask(self, method: str, path: str, json: Any = None, params: dict[str, Any] | None = None) -> Any:
        """A call that must succeed; its JSON. StageBroken when it does not."""
        answer = self.stage.call(method, path, json, params)
        if not 200 <= answer.code < 300:
            raise StageBroken(f"{method} {path} answered {answer.code}: {answer.body}")
        return answer.body

    def issue_id(self, key: str) -> str:
        """The id of an issue by its present or former key, deleted ones included."""
        self.issue_ids |= {issue["key"]: issue["id"] for issue in self.stage.jira.issues()}
        if key not in self.issue_ids:
            raise StepFailed(f"there is no issue '{key}' in Jira.{near(key, self.issue_ids)}")
        return self.issue_ids[key]

    def _tickets_of_integration(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask("GET", f"{ROUTE}/tickets", params={"limit": PAGE, "offset": len(found)})
            found += page["tickets"]
            if len(found) >= page["total"] or not page["tickets"]:
                return found


def set_scene(stage: Stage, given: Given) -> Scene:
    """Makes the given world: issues in Jira, an integration, violations with their tickets, a first retrieval."""
    scene = Scene(stage)
    made = stage.jira.create_issues([_issue(ticket) for ticket in given.tickets])
    scene.issue_ids = {issue["key"]: issue["id"] for issue in made}
    scene.ask("POST", "/ticketing/jira-integrations", _connection(stage))
    if given.violations:
        scene.ask("POST", "/import", _import_file(given, scene.issue_ids))
        scene.violation_ids = _violations(scene)
    if given.retrieved and given.tickets:
        scene.ask("POST", f"{ROUTE}/retrievals")
        stage.work()
    if not given.toggle:
        scene.ask("PUT", f"{ROUTE}/settings", {"retrieve_jira_tickets": False})
    if given.settings:
        stage.jira.settings(**given.settings)
    remember(scene)
    return scene


def remember(scene: Scene) -> None:
    """From here on requests and runs count for the next expect."""
    scene.journal_mark = max((entry["id"] for entry in scene.stage.jira.journal(limit=1)), default=scene.journal_mark)
    if scene.stage.is_serving and scene.integration() is not None:
        scene.runs_seen = {run["id"]: run for run in runs(scene)}


def runs(scene: Scene) -> list[dict[str, Any]]:
    """All runs of the integration, oldest first."""
    listed = scene.ask("GET", f"{ROUTE}/retrievals", params={"limit": 100})["retrievals"]
    return sorted(listed, key=lambda run: run["id"])


def _connection(stage: Stage) -> dict[str, Any]:
    return {
        "connection_name": INTEGRATION,
        "installation_type": "cloud",
        "auth_type": "basic",
        "username": USER,
        "password": TOKEN,
        "jira_server_url": stage.jira_url,
        "skip_proxy": True,
    }


def _issue(ticket: GivenTicket) -> dict[str, Any]:
    return {
        "project": ticket.key.rpartition("-")[0],
        "key": ticket.key,
        "status": ticket.status,
        "created": f"{ticket.created:%Y-%m-%dT%H:%M:%SZ}",
        "summary": f"Ticket {ticket.key}",
    }


def _import_file(given: Given, issue_ids: dict[str, str]) -> dict[str, Any]:
    """One artifact with all violations; the issue id of a violation is its name in the story."""
    tickets: dict[str, list[dict[str, str]]] = {name: [] for name in given.violations}
    for ticket in given.tickets:
        created = f"{ticket.created:%Y-%m-%dT%H:%M:%SZ}"
        row = {"integration": INTEGRATION, "issue_id": issue_ids[ticket.key], "key": ticket.key, "created": created}
        tickets[ticket.violation].append(row)
    violations = [
        {
            "issue_id": name,
            "type": "Security",
            "severity": "High",
            "watch_name": "all",
            "infected_components": ["gav://org.example:lib:1.0"],
            "tickets": rows,
        }
        for name, rows in tickets.items()
    ]
    resource = {"type": "artifact", "name": "app.jar", "repo": "libs", "path": "org/app.jar", "violations": violations}
    return {"resources": [resource]}


def _violations(scene: Scene) -> dict[str, str]:
    """Name -> id of every violation."""
    found: dict[str, str] = {}
    page = 1
    while True:
        body = {"filters": {"include_details": True}, "pagination": {"limit": PAGE, "offset": page}}
        listed = scene.ask("POST", "/violations", body)
        found |= {row["issue_id"]: str(row["violation_id"]) for row in listed["violations"]}
        if len(found) >= listed["total_violations"] or not listed["violations"]:
            return found
        page += 1


def ticket_route(violation_id: str) -> str:
    """The route of a violation's tickets."""
    return f"/violations/{quote(violation_id, safe='')}/tickets"
