"""What a fault has in hand when it hits a request, and the real socket that wire faults work on.

The server puts a `Wire` into the WSGI environment of each request; faults ask it for effects that HTTP has no words
for. It knows sockets and no Jira.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Protocol

from flask import Request, Response, current_app

if TYPE_CHECKING:
    from fake_jira.flavours import Flavour
    from fake_jira.worlds import World

WIRE = "fake_jira.wire"  # where the server puts it in the WSGI environment


class Wire(Protocol):
    """The connection a request came on. After `reset` and `hang` no answer is sent on it."""

    def reset(self) -> None:
        """Closes the connection with RST."""

    def hang(self, cleared: Event) -> None:
        """Says nothing until the client hangs up, the fault is cleared or the server closes; then closes it."""


@dataclass(frozen=True)
class Hit:
    """One request that a fault hits. `cleared` is set when the fault is cleared."""

    world: "World"
    request: Request
    now: datetime
    cleared: Event

    @property
    def flavour(self) -> "Flavour":
        """The flavour that this fake is of."""
        chosen: Flavour = current_app.extensions["fake_jira.flavour"]
        return chosen

    @property
    def wire(self) -> Wire:
        wire: Wire = self.request.environ[WIRE]
        return wire


def unanswered() -> Response:
    """Stands for an answer that is not sent: the server drops it."""
    return Response(status=599)
