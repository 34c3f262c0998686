"""The steps in which something happens: to the clock, at the service; what happens in Jira is in `deeds`.

Each kind of step has one function here, named in `ACTIONS`. Nothing is judged here; `expectations` looks.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from scenarios.deeds import jira
from scenarios.loading import duration, instant
from scenarios.scene import ROUTE, Scene, StepFailed, runs, ticket_route
from scenarios.signing_in import INTEGRATION
from scenarios.stage import StageBroken

PATIENCE = 10.0  # real seconds until a request to Jira, during which the service is to die, has been sent
STUCK = 20  # rounds of due work without the clock moving; a service that gets there never comes to an end


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
        case str():
            WORDS[body](scene)
        case {"upgrade": version}:
            stage.stop_service()
            stage.start_service(version)
        case {"edit": how}:
            scene.answer = scene.sign_in.edit(wrong_secret="secret" in how, deny="answer" in how)
        case {"toggle": on}:
            scene.answer = stage.call("PUT", f"{ROUTE}/settings", {"retrieve_jira_tickets": on})
        case {"refresh": name}:
            scene.answer = stage.call("POST", f"{ticket_route(scene.violation_of(name))}/refresh")
        case {"create": wish}:
            fields = {name: value for name, value in wish.items() if name != "violation"}
            route = ticket_route(scene.violation_of(wish["violation"]))
            scene.answer = stage.call("POST", route, {"integration": INTEGRATION, **fields})


def _start(scene: Scene) -> None:
    if scene.stage.is_serving:
        raise StepFailed("the service is already running")
    scene.stage.start_service()


def _check(scene: Scene) -> None:
    params = {"integrationName": INTEGRATION}
    scene.answer = scene.stage.call("GET", "/ticketing/integrations/status/check", params=params)


def _retrieve(scene: Scene) -> None:
    scene.answer = scene.stage.call("POST", f"{ROUTE}/retrievals")


def _cancel(scene: Scene) -> None:
    scene.answer = scene.stage.call("POST", f"{ROUTE}/retrievals/{_under_way(scene)}/cancel")


def _edit(scene: Scene) -> None:
    scene.answer = scene.sign_in.edit()


def _remove(scene: Scene) -> None:
    scene.answer = scene.stage.call("DELETE", ROUTE)


WORDS: dict[str, Callable[[Scene], None]] = {
    "stop": lambda scene: scene.stage.stop_service(),
    "start": _start,
    "check": _check,
    "retrieve": _retrieve,
    "cancel": _cancel,
    "edit": _edit,
    "remove": _remove,
}


def _under_way(scene: Scene) -> int:
    """The run that waits or is under way."""
    for run in runs(scene):
        if run["ended"] is None:
            return int(run["id"])
    raise StepFailed("no run waits or is under way that could be cancelled")


def restart(scene: Scene, _: Any) -> None:
    """The service ends and starts again on the same database; no time passes."""
    scene.stage.stop_service()
    scene.stage.start_service()


def kill(scene: Scene, body: Any) -> None:
    """The service dies without a goodbye, at rest or during a request to Jira, and begins again; no time passes."""
    if not scene.stage.is_serving:
        raise StepFailed("the service is stopped already")
    match body:
        case {"during": operation, **others}:
            _die_during(scene, operation, others.get("doing"))
        case _:
            scene.stage.kill_service()
    scene.stage.start_service()


def _die_during(scene: Scene, operation: str, doing: Any) -> None:
    """Jira carries the request out and keeps its answer back until the service is dead, and hears no more of it."""
    stage, world = scene.stage, scene.stage.jira
    hold = world.fault("timeout", operation=operation, after_work=True, times=1)
    deed = threading.Thread(target=_quietly, args=(scene, doing), daemon=True)
    deed.start()
    deadline = time.monotonic() + PATIENCE
    while not any(each["id"] == hold and each["hits"] for each in world.faults()):
        if not deed.is_alive() or time.monotonic() > deadline:
            world.clear(hold)
            raise StepFailed(f"the service did not ask Jira for {operation}, so it could not die during that")
        deed.join(0.01)
    unheard = world.fault("outage")

    def let_go() -> None:
        world.clear(hold)
        deed.join()

    stage.kill_service(let_go)
    world.clear(unheard)


def _quietly(scene: Scene, doing: Any) -> None:
    """What somebody does while the service dies: whatever comes of that, nobody is told."""
    try:
        if doing is None:
            scene.stage.work()
        else:
            service(scene, doing)
    except StageBroken:
        return


ACTIONS: dict[str, Callable[[Scene, Any], None]] = {
    "jira": jira,
    "clock": clock,
    "service": service,
    "restart": restart,
    "kill": kill,
}
