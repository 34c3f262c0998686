"""The parts that a request may need. `service/app.py` puts them together and hangs them on the app."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from service.connections import Connections
from service.consent import Consents
from service.creation import Creation
from service.dispatch import Schedule
from service.dispatch.work import Work
from service.retrieval import Retrieval
from service.rules import versions
from service.rules.versions import Feature
from service.settings import Settings
from service.store.database import Store
from service.vault import Vault
from service.verification import Verification

_NAME = "ticket_service"


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that `service/app.py` assembled, ready to use."""

    settings: Settings
    store: Store
    vault: Vault
    verification: Verification
    retrieval: Retrieval
    creation: Creation
    work: Work
    schedule: Schedule
    connections: Connections
    consents: Consents


def hang(parts: Parts, app: Flask) -> None:
    """Makes `parts` those of `app`."""
    app.extensions[_NAME] = parts


def parts() -> Parts:
    """The parts of the app that is answering."""
    return parts_of(current_app)


def has(feature: Feature) -> bool:
    """Whether the version of the product that is played has `feature` (R16)."""
    return versions.has(parts().settings.product_version, feature)


def parts_of(app: Flask) -> Parts:
    """The parts of `app`."""
    return cast(Parts, app.extensions[_NAME])
