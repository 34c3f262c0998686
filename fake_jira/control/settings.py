"""The switches of a world. [jira 8]"""

from dataclasses import asdict

from flask import Response

from fake_jira.control.fake import here
from fake_jira.control.reading import answer, given
from fake_jira.worlds import Switches

KNOWN = dict.fromkeys(Switches.__dataclass_fields__, object)


def show() -> Response:
    return answer(asdict(here().settings))


def change() -> Response:
    """Sets some switches; the others stay."""
    body = given(**KNOWN)
    world = here()
    with world.lock:
        world.settings = world.settings.changed(**body)
    return show()


ROUTES = (("GET", "/settings", show), ("PATCH", "/settings", change))
