"""The door for replayed scenarios: what time is it here, when is something due, and do it now.

Only there when started with --allow-time-travel; the schedule then stands still and all work is asked for here.
"""

from flask import Blueprint, Response

from service import clock
from service.web.answers import as_json
from service.web.parts import parts

routes = Blueprint("time_travel", __name__, url_prefix="/_control")


@routes.get("/clock")
def get_clock() -> Response:
    """Now, and when the next work is due."""
    return _clock()


@routes.post("/work")
def work_off() -> Response:
    """Does all that is due now, one after the other."""
    parts().work.work_off(clock.now())
    return _clock()


def _clock() -> Response:
    due = parts().work.next_due()
    return as_json({"now": clock.now().isoformat(), "next_due": None if due is None else due.isoformat()})
