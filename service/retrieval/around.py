"""What a run needs around it, and the ways in which it ends early."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from service.settings import Settings
from service.store.database import Store
from service.verification import Finding


class Broken(Exception):
    """Jira's answers leave nothing to try: `finding` is the integration's verdict."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.outcome)
        self.finding = finding


class Postponed(Exception):
    """The run is to go on at `resume_at`, here or elsewhere."""

    def __init__(self, resume_at: datetime, failures: int) -> None:
        super().__init__(resume_at)
        self.resume_at = resume_at
        self.failures = failures


class Overtaken(Exception):
    """The run is no longer ours, or has ended, or its integration broke, was switched off or removed meanwhile."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run needs around it.

    `jitter` gives numbers in [0, 1); `stop` is set when the process ends; `threads` send requests, and there are always
    enough of them; `others_wait` says whether another run would take the place of this one, and within `lend_place` one
    may, for as long as nothing is heard from Jira.
    """

    store: Store
    settings: Settings
    jitter: Callable[[], float]
    stop: threading.Event
    threads: Executor
    others_wait: Callable[[], bool]
    lend_place: Callable[[], AbstractContextManager[None]]
