"""What the control routes work on, and which world a request means."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from flask import current_app, request

from fake_jira.worlds import DEFAULT, PREFIX_WORLD, World, Worlds


class Door(Protocol):
    """The site's listener, when there is a control port beside it that stays up."""

    def refuse(self) -> None: ...

    def admit(self) -> None: ...


@dataclass
class Fake:
    """One running fake. `door` None: no control port, so the site cannot be taken off the network."""

    worlds: Worlds
    flavour: str
    server_version: str | None = None  # of Data Center
    operations: Collection[str] = ()
    url: str = ""
    control_url: str = ""
    door: Door | None = None
    _at_door: Lock = field(default_factory=Lock, repr=False)

    def settle_door(self) -> None:
        """Shuts or opens the site as the outages of all worlds want it now."""
        if self.door is None:
            return
        with self._at_door:  # else who has looked before an outage was cleared would shut the door after it
            if any(world.faults and world.faults.has_outage(world.clock.now()) for world in self.worlds):
                self.door.refuse()
            else:
                self.door.admit()


def fake() -> Fake:
    """The fake that this control API belongs to."""
    state: Fake = current_app.extensions["fake_jira"]
    return state


def here() -> World:
    """The world that the present control request means: by ?world=, header or URL prefix. Raises NotThere."""
    return chosen_world(fake().worlds, request.environ, request.args.get("world"))


def chosen_world(worlds: Worlds, environ: Mapping[str, Any], named: str | None = None) -> World:
    """The world that is named: by `named`, by header, or by URL prefix; else the default one. Raises NotThere."""
    name = named or environ.get("HTTP_X_FAKE_JIRA_WORLD") or environ.get(PREFIX_WORLD, DEFAULT)
    return worlds.get(name)
