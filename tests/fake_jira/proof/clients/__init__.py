"""Sessions of clients that others wrote, unmodified: they must not notice that this Jira is fake.

A session is a function of a module here that takes `jira: Jira`, a world of its own, and uses it through its client:

    @session("jira", "cloud", "data-center")       # the client's name, as evidence.md shows it, and the flavours

`tests/fake_jira/test_foreign_clients.py` runs them as tests; `docs/evidence.md` is made of what the journal saw.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from tests.fake_jira.conftest import Jira

Run = Callable[[Jira], None]
R = TypeVar("R", bound=Run)
_registered: list["Session"] = []


@dataclass(frozen=True)
class Session:
    client: str
    flavour: str
    run: Run
    needs: Callable[[], str | None]  # what is missing on this machine to play it, as a sentence

    @property
    def name(self) -> str:
        return f"{self.client}-{self.flavour}-{self.run.__name__}"


def session(client: str, *flavours: str, needs: Callable[[], str | None] = lambda: None) -> Callable[[R], R]:
    """Registers a function as a session of a client with each of the flavours."""

    def register(run: R) -> R:
        _registered.extend(Session(client, flavour, run, needs) for flavour in flavours)
        return run

    return register


@cache
def all_sessions() -> tuple[Session, ...]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return tuple(_registered)
