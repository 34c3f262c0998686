"""The steps in which something happens: in Jira, to the clock, at the service.

Each kind of step has one function here, named in `ACTIONS`. Nothing is judged here; `expectations` looks.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from scenarios.loading import duration, instant
from scenarios.scene import INTEGRATION, ROUTE, USER, Scene, StepFailed, ticket_route

NEEDS_USER = ("expired_token", "lost_permission")
STUCK = 20  # rounds of due work without the clock moving; a service that gets there never comes to an end


# --- Jira ---


def jira(scene: Scene, body: Any) -> None:
    """One thing that happens in Jira, or several in a row."""
    for action in body if isinstance(body, list) else [body]:
        _happen(scene, action)


def _happen(scene: Scene, action: dict[str, Any]) -> None:
    world = scene.stage.jira
    match action:
        case {"fault": name, **fields}:
            if name in NEEDS_USER:
                fields.setdefault("user", USER)
            world.fault(name, **fields)
        case {"clear": name}:
            world.clear(name)
        case {"transition": key, "to": status}:
            world.transition(key, status)
        case {"move": key, "to_project": project}:
            scene.issue_id(key)  # its former key goes on naming it in this story
            world.move(key, project)
        case {"delete": key}:
            scene.issue_id(key)
            world.delete(key)
        case {"restore": key}:
            world.restore_issue(scene.issue_id(key))
        case {"settings": switches}:
            world.settings(**switches)


# --- the clock ---


def clock(scene: Scene, body: Any) -> None:
    """Time passes; at each moment at which the service has something to do, it does it."""
    now = scene.stage.clock.now()
    match body:
        case "next due":
            due = scene.stage.next_due() if scene.stage.is_serving else None
            if due is None:
                raise StepFailed("nothing is due: the service is stopped, or has nothing to do")
            target = max(now, due)
        case {"advance": text}:
            target = now + duration(text)
        case {"to": text}:
            target = instant(text)
            if target < now:
                raise StepFailed(f"the clock only moves on: it is {now:%Y-%m-%dT%H:%M:%SZ} already")
    pass_time(scene, target)


def pass_time(scene: Scene, target: datetime) -> None:
    """Moves the clock to `target` by way of everything that falls due before it."""
    stage = scene.stage
    due = stage.next_due() if stage.is_serving else None
    rounds = 0
    while due is not None and due <= target:
        now = stage.clock.now()
        rounds = rounds + 1 if due <= now else 0
        if rounds > STUCK:
            raise StepFailed(f"the service does not get done with what was due at {due:%Y-%m-%dT%H:%M:%SZ}")
        if due > now:
            stage.clock.move_to(due)
        due = stage.work()
    stage.clock.move_to(target)


# --- the service ---


def service(scene: Scene, body: Any) -> None:
    """What a person does with the service. Only that happens: what it makes due is done as the clock moves."""
    stage = scene.stage
    match body:
        case "stop":
            stage.stop_service()
        case "start":
            if stage.is_serving:
                raise StepFailed("the service is already running")
            stage.start_service()
        case "check":
            params = {"integrationName": INTEGRATION}
            scene.answer = stage.call("GET", "/ticketing/integrations/status/check", params=params)
        case "retrieve":
            scene.answer = stage.call("POST", f"{ROUTE}/retrievals")
        case "remove":
            scene.answer = stage.call("DELETE", ROUTE)
        case {"toggle": on}:
            scene.answer = stage.call("PUT", f"{ROUTE}/settings", {"retrieve_jira_tickets": on})
        case {"refresh": name}:
            scene.answer = stage.call("POST", f"{ticket_route(scene.violation_of(name))}/refresh")
        case {"create": wish}:
            fields = {name: value for name, value in wish.items() if name != "violation"}
            route = ticket_route(scene.violation_of(wish["violation"]))
            scene.answer = stage.call("POST", route, {"integration": INTEGRATION, **fields})


def restart(scene: Scene, _: Any) -> None:
    """The service ends and starts again on the same database; no time passes."""
    scene.stage.stop_service()
    scene.stage.start_service()


ACTIONS: dict[str, Callable[[Scene, Any], None]] = {
    "jira": jira,
    "clock": clock,
    "service": service,
    "restart": restart,
}
