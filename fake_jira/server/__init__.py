"""The running fake: the app on a real server, its control port, its state file, one handle to all of it.

`start()` is what tests and the command line call. What happens on the wire is in `wire.py`.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from fake_jira.app import create_app
from fake_jira.control import Fake, create_control_app
from fake_jira.lane import Lane
from fake_jira.model.people import add_user
from fake_jira.model.sample import sow
from fake_jira.model.state import CLOUD
from fake_jira.prefixes import Prefixes
from fake_jira.server.wire import CannotListen, SiteServer
from fake_jira.state_file import StateFile, StateFileBroken
from fake_jira.webhooks import Courier
from fake_jira.worlds import DEFAULT, Worlds

__all__ = ["CannotListen", "FakeJira", "StateFileBroken", "start"]

TICK = 0.2  # seconds between two looks at fault windows
SAVE_EVERY = 10  # ticks
log = logging.getLogger(__name__)


class FakeJira:
    """A running fake. `url` is the site, `control_url` its control API (/_control included), `worlds` its insides."""

    def __init__(
        self,
        state: Fake,
        lane: Lane,
        courier: Courier,
        servers: Sequence[SiteServer],
        state_file: StateFile | None,
    ) -> None:
        self.lane = lane
        self.url = state.url
        self.flavour = state.flavour
        self.control_url = state.control_url
        self.worlds = state.worlds
        self.resumed = state_file is not None and state_file.loaded
        self._state = state
        self._servers = servers
        self._state_file = state_file
        self._courier = courier
        self._closing = Event()
        self._threads = [Thread(target=server.serve, name="fake-jira", daemon=True) for server in servers]
        self._threads.append(Thread(target=self._keep_house, name="fake-jira-house", daemon=True))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends the servers, lets hanging requests go, saves the state. Raises StateFileBroken when all else is done."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._courier.close()
        for server in self._servers:
            server.stop()
        for thread in self._threads:
            thread.join()
        if self._state_file is not None:
            self._state_file.save(self.worlds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep_house(self) -> None:
        """Windows of outages open and close with time, and what has changed is saved every now and then."""
        ticks = 0
        while not self._closing.wait(TICK):
            ticks += 1
            self._state.settle_door()
            for server in self._servers:
                server.relieve()
            if self._state_file is not None and ticks % SAVE_EVERY == 0:
                self._save(self._state_file)

    def _save(self, state_file: StateFile) -> None:
        try:
            state_file.save(self.worlds)
        except StateFileBroken as error:
            log.warning("state.unsaved: %s", error)  # closing tries again, and says so to whoever closes


def start(
    *,
    flavour: str = CLOUD,
    server_version: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    control_port: int | None = None,
    prefix: str = "",
    public_url: str | None = None,
    seed: int = 0,
    issues: int = 0,
    state: Path | None = None,
    users: Sequence[tuple[str, str]] = (),
    settings: Mapping[str, Any] | None = None,
) -> FakeJira:
    """Starts a fake and hands out its addresses; it answers when this returns.

    `users` are (e-mail address, token) pairs. With a state file that exists, worlds come from it and `seed` and
    `issues` are not used. `settings` are switches that worlds start with, also those from the file; Invalid names
    one that cannot be. Raises CannotListen and StateFileBroken, each with a sentence; then nothing is left running.
    """
    worlds = Worlds(flavour, settings)
    state_file = StateFile(state) if state is not None else None
    if state_file is None or not state_file.load(worlds):
        _fill(worlds, seed, issues)
    for world in worlds if settings else ():
        world.settings = world.settings.changed(**(settings or {}))
        world.settle()
    _welcome(worlds, users)
    fake = Fake(worlds, flavour, server_version)
    app = create_app(fake)
    lane = Lane(Prefixes(app, prefix, public_url), worlds, app.extensions["fake_jira.flavour"])
    site = SiteServer(host, port, lane)
    servers = [site]
    site.prepare()
    fake.url = public_url.rstrip("/") if public_url else f"http://{_shown(host)}:{site.port}{prefix.rstrip('/')}"
    fake.control_url = f"http://{_shown(host)}:{site.port}/_control"
    if control_port is not None:
        control = SiteServer(host, control_port, Prefixes(create_control_app(fake)))
        try:
            control.prepare()
        except CannotListen:
            site.stop()
            raise
        servers.append(control)
        fake.door = site
        fake.control_url = f"http://{_shown(host)}:{control.port}/_control"
    courier = Courier(app, worlds, app.extensions["fake_jira.flavour"], fake.url)
    return FakeJira(fake, lane, courier, servers, state_file)


def _fill(worlds: Worlds, seed: int, issues: int) -> None:
    world = worlds.get(DEFAULT)
    if issues:
        sow(world.site, seed, issues)
        world.settle()


def _welcome(worlds: Worlds, users: Sequence[tuple[str, str]]) -> None:
    """Adds those that are not there yet: a state file may know them from the last time."""
    world = worlds.get(DEFAULT)
    for email, token in users:
        if world.state.user(email) is None:
            address = email if "@" in email else f"{email}@example.com"
            add_user(world.site, address, email.partition("@")[0].capitalize(), token, name=email)
    if users:
        world.settle()


def _shown(host: str) -> str:
    """An address that can be opened: `0.0.0.0` means all of them, and IPv6 needs brackets."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - said, not listened to
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
