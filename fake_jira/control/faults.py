"""Arming and clearing faults."""

from typing import Any

import orjson
from flask import Response, request

from fake_jira.control.fake import fake, here
from fake_jira.control.reading import Conflict, Refused, answer
from fake_jira.errors import NotThere
from fake_jira.faults.outage import Outage


def listing() -> Response:
    world = here()
    return answer({"faults": world.faults.listing(world.clock.now())})


def arm() -> Response:
    """{"fault": NAME, ...fields}: armed, and a world fault strikes at once."""
    name, fields = _read()
    if name == Outage.name and fake().door is None:
        raise Conflict(
            "The fault outage closes the port that this API is on, and nobody could clear it: "
            "start the fake with --control-port, or use the fault reset."
        )
    world = here()
    armed = world.faults.arm(world, name, fields, fake().operations)
    return answer(armed.as_json(world.clock.now()), 201)


def clear_all() -> Response:
    here().faults.clear(here())
    return answer(None, 204)


def clear(name: str) -> Response:
    """By id, or all of one name."""
    if not here().faults.clear(here(), name):
        raise NotThere(f"No fault {name!r} is armed in the world {here().name}.")
    return answer(None, 204)


def _read() -> tuple[str, dict[str, Any]]:
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Refused(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict) or not isinstance(body.get("fault"), str):
        raise Refused('The body must be an object with the property "fault", the name of a fault.')
    return body["fault"], {key: value for key, value in body.items() if key != "fault"}


ROUTES = (
    ("GET", "/faults", listing),
    ("POST", "/faults", arm),
    ("DELETE", "/faults", clear_all),
    ("DELETE", "/faults/<name>", clear),
)
