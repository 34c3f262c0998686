"""Stages for many histories: the fakes go on from one to the next, and a store begins as a copy of an empty one."""

import shutil
from itertools import count
from pathlib import Path

from cheroot.server import HTTPServer

from scenarios.stage import Backstage, Clock, Stage

PATIENCE = 20.0  # real seconds: no deed makes Jira silent, and a busy machine is no outage


class Theatre:
    """Where one history after the other is played, each on a stage and in a world of its own."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        HTTPServer.expiration_interval = 0.02  # seconds: a server that ends waits for one of these
        self.clock = clock
        self._folder, self._numbers = folder, count(1)
        self._backstage = Backstage()
        first = self._build("cloud", self._new_folder())  # makes tables, and an admin
        self._empty, self._token = self._folder / "empty.db", first.token
        first.stop_service()
        shutil.copy(self._folder / "1" / "service.db", self._empty)
        first.close()

    def stage(self, flavour: str) -> Stage:
        """A stage that nothing has happened on."""
        folder = self._new_folder()
        shutil.copy(self._empty, folder / "service.db")
        made = self._build(flavour, folder)
        made.token = self._token
        return made

    def close(self) -> None:
        self._backstage.close()

    def _build(self, flavour: str, folder: Path) -> Stage:
        return Stage(self.clock, folder, self._backstage, flavour=flavour, read_seconds=PATIENCE)

    def _new_folder(self) -> Path:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return folder
