"""What a story finds on the stage: the given world, made over the two URLs, and names for the things in it.

Steps and expectations speak of keys and names; here they become the ids that both apps know. Plays no step.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from scenarios.checking import near
from scenarios.keeper import Keeper
from scenarios.loading import CLOUD, Given, GivenTicket
from scenarios.signing_in import INTEGRATION, INTEGRATIONS, SignIn, sign_in
from scenarios.stage import Answer, Stage, StageBroken

ROUTE = f"{INTEGRATIONS}/{INTEGRATION}"
PAGE = 500  # tickets asked for at once


class StepFailed(Exception):
    """A step could not be done, or what it found is not what the story says. The sentence is for a person."""


@dataclass
class Scene:
    """A stage with a world on it, and what the steps so far have left behind."""

    stage: Stage
    keeper: Keeper
    sign_in: SignIn  # of the integration
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
        found = self._tickets_of_integration()
        if found is not None:
            return found
        lists = [self.ask("GET", ticket_route(violation))["tickets"] for violation in self.violation_ids.values()]
        return [ticket for tickets in lists for ticket in tickets]

    def integration(self) -> dict[str, Any] | None:
        """The integration as the service lists it; None once it was removed."""
        listed = self.ask("GET", INTEGRATIONS)
        return next((one for one in listed["integrations"] if one["connection_name"] == INTEGRATION), None)

    def ask(self, method: str, path: str, json: Any = None, params: dict[str, Any] | None = None) -> Any:
        """A call that must succeed; its JSON. StageBroken when it does not."""
        return _insist(self.stage.call(method, path, json, params), f"{method} {path}")

    def if_there(self, path: str, params: dict[str, Any] | None = None) -> Any:
        """What a GET answers; None for 404, which older versions of the service answer where they have nothing."""
        answer = self.stage.call("GET", path, params=params)
        return None if answer.code == 404 else _insist(answer, f"GET {path}")

    def issue_id(self, key: str) -> str:
        """The id of an issue by its present or former key, deleted ones included."""
        self.issue_ids |= {issue["key"]: issue["id"] for issue in self.stage.jira.issues()}
        if key not in self.issue_ids:
            raise StepFailed(f"there is no issue '{key}' in Jira.{near(key, self.issue_ids)}")
        return self.issue_ids[key]

    def _tickets_of_integration(self) -> list[dict[str, Any]] | None:
        """None when the integration was removed, or the version of the service does not list its tickets."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.if_there(f"{ROUTE}/tickets", {"limit": PAGE, "offset": len(found)})
            if page is None:
                return None
            found += page["tickets"]
            if len(found) >= page["total"] or not page["tickets"]:
                return found


def set_scene(stage: Stage, given: Given) -> Scene:
    """Makes the given world: issues in Jira, an integration, violations with their tickets, a first retrieval."""
    keeper = Keeper(stage, is_cloud=given.jira == CLOUD)
    scene = Scene(stage, keeper, sign_in(stage, keeper, given))
    made = stage.jira.create_issues([_issue(ticket) for ticket in given.tickets])
    scene.issue_ids = {issue["key"]: issue["id"] for issue in made}
    _insist(scene.sign_in.set_up(), "setting up the integration")
    if given.violations:
        scene.ask("POST", "/import", import_file(_tickets_of(given, scene.issue_ids)))
        scene.violation_ids = _violations(scene)
    if given.retrieved and given.tickets and scene.if_there(f"{ROUTE}/retrievals") is not None:
        scene.ask("POST", f"{ROUTE}/retrievals")
        stage.work()
    if not given.toggle:
        scene.ask("PUT", f"{ROUTE}/settings", {"retrieve_jira_tickets": False})
    if given.settings:
        stage.jira.settings(**given.settings)
    remember(scene)
    return scene


def _insist(answer: Answer, asked: str) -> Any:
    """The body of an answer that must be a success. StageBroken when it is none."""
    if not 200 <= answer.code < 300:
        raise StageBroken(f"{asked} answered {answer.code}: {str(answer.body)[:300]}")
    return answer.body


def remember(scene: Scene) -> None:
    """From here on requests and runs count for the next expect."""
    scene.journal_mark = max((entry["id"] for entry in scene.stage.jira.journal(limit=1)), default=scene.journal_mark)
    if scene.stage.is_serving:
        scene.runs_seen = {run["id"]: run for run in runs(scene)}


def runs(scene: Scene) -> list[dict[str, Any]]:
    """All runs of the integration, oldest first; none once it was removed."""
    listed = scene.if_there(f"{ROUTE}/retrievals", {"limit": 100})
    return sorted(listed["retrievals"], key=lambda run: run["id"]) if listed else []


def _issue(ticket: GivenTicket) -> dict[str, Any]:
    return {
        "project": ticket.key.rpartition("-")[0],
        "key": ticket.key,
        "status": ticket.status,
        "created": f"{ticket.created:%Y-%m-%dT%H:%M:%SZ}",
        "summary": f"Ticket {ticket.key}",
    }


def _tickets_of(given: Given, issue_ids: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """Name of a violation -> its tickets, as an import has them."""
    tickets: dict[str, list[dict[str, str]]] = {name: [] for name in given.violations}
    for ticket in given.tickets:
        created = f"{ticket.created:%Y-%m-%dT%H:%M:%SZ}"
        row = {"integration": INTEGRATION, "issue_id": issue_ids[ticket.key], "key": ticket.key, "created": created}
        tickets[ticket.violation].append(row)
    return tickets


def import_file(tickets: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
    """One artifact with all violations; the issue id of a violation is its name in the story."""
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
