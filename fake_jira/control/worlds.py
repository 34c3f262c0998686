"""The fake itself and its worlds: make, fork, snapshot, restore, reset, drop, and sample data."""

from typing import Any

from flask import Response

from fake_jira import __version__
from fake_jira.control.fake import fake, here
from fake_jira.control.reading import Conflict, Refused, answer, given, needed
from fake_jira.model.sample import sow

MOST_ISSUES = 100_000  # in one seeding


def about() -> Response:
    """What is running, and where."""
    state = fake()
    return answer(
        {
            "version": __version__,
            "flavour": state.flavour,
            "url": state.url,
            "control_url": state.control_url,
            "worlds": state.worlds.names(),
        }
    )


def listing() -> Response:
    return answer({"worlds": [_described(name) for name in fake().worlds.names()]})


def make() -> Response:
    """A fresh world, with sample issues if asked for."""
    body = given(name=str, seed=int, issues=int)
    needed(body, "name")
    _must_be_new(body["name"])
    fake().worlds.make(body["name"], seed=body.get("seed", 0), issues=_count(body.get("issues", 0)))
    return answer(_described(body["name"]), 201)


def drop(name: str) -> Response:
    world = fake().worlds.get(name)
    fake().worlds.drop(name)
    world.faults.forget()
    return answer(None, 204)


def fork(name: str) -> Response:
    """A second world with the same state, time and settings; without faults, and healed of those of the first."""
    body = given(name=str)
    needed(body, "name")
    worlds = fake().worlds
    old = worlds.get(name)
    _must_be_new(body["name"])
    with old.lock:
        new = worlds.fork(name, body["name"])
        new.faults = old.faults.copy()
    new.faults.clear(new)
    new.settle()
    return answer(_described(new.name), 201)


def snapshot(name: str) -> Response:
    """Remembers the state under a name. Not while a world fault acts: its effect would be kept without its healing."""
    body = given(name=str)
    needed(body, "name")
    world = fake().worlds.get(name)
    struck = world.faults.struck()
    if struck:
        raise Conflict(f"Clear the world faults of {name!r} first ({', '.join(struck)}); a snapshot cannot heal them.")
    fake().worlds.snapshot(name, body["name"])
    return answer({"world": name, "snapshot": body["name"]}, 201)


def restore(name: str) -> Response:
    """Back to a snapshot; armed faults are cleared."""
    body = given(name=str)
    needed(body, "name")
    worlds = fake().worlds
    world = worlds.get(name)
    if body["name"] not in world.snapshots:
        raise Refused(f"The world {name!r} has no snapshot {body['name']!r}; it has {_named(world.snapshots)}.")
    world.faults.forget()
    worlds.restore(name, body["name"])
    return answer(_described(name))


def reset() -> Response:
    """The world as it was made: state, clock, settings; no faults, an empty journal."""
    given()
    world = here()
    world.faults.forget()
    fake().worlds.reset(world.name)
    return answer(_described(world.name))


def seed() -> Response:
    """Adds sample issues; the same seed and number make the same ones."""
    body = given(seed=int, issues=int)
    needed(body, "issues")
    world = here()
    with world.lock:
        sow(world.site, body.get("seed", 0), _count(body["issues"]))
        return answer({"issues": len(world.state.issues)}, 201)


def _described(name: str) -> dict[str, Any]:
    world = fake().worlds.get(name)
    url = fake().url if name == "default" else f"{fake().url}/worlds/{name}"
    return {"name": name, "url": url, "issues": len(world.state.issues), "snapshots": sorted(world.snapshots)}


def _must_be_new(name: str) -> None:
    if name in fake().worlds.names():
        raise Conflict(f"There is already a world {name!r}.")


def _count(issues: int) -> int:
    if not 0 <= issues <= MOST_ISSUES:
        raise Refused(f"'issues' must be a number from 0 to {MOST_ISSUES}, not {issues}.")
    return issues


def _named(snapshots: Any) -> str:
    return ", ".join(sorted(snapshots)) or "none"


ROUTES = (
    ("GET", "/", about),
    ("GET", "/worlds", listing),
    ("POST", "/worlds", make),
    ("DELETE", "/worlds/<name>", drop),
    ("POST", "/worlds/<name>/fork", fork),
    ("POST", "/worlds/<name>/snapshot", snapshot),
    ("POST", "/worlds/<name>/restore", restore),
    ("POST", "/reset", reset),
    ("POST", "/seed", seed),
)
