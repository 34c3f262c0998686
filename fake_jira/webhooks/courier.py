"""The thread that carries: from the outboxes of all worlds to the listeners, and again when a retry is due.

Bodies are written under their world's lock and sent without it; a slow listener holds up neither the site nor others.
Retries are due by the world's clock, so moving the clock brings them forward. Sockets wait in real time.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from threading import Thread
from typing import Any

import orjson
from flask import Flask, g

from fake_jira.auth.caller import Caller
from fake_jira.flavours import Flavour, Scene
from fake_jira.model.events import Event
from fake_jira.rest.scene import scene
from fake_jira.webhooks.delivery import FAILED, UNDER_WAY, WAITING, Delivery, addressed
from fake_jira.webhooks.listeners import admins_told, apps_told
from fake_jira.webhooks.payload import body_of
from fake_jira.worlds import DEFAULT, World, Worlds

TICK = 0.05  # seconds between two looks at the outboxes
HANDS = 4  # deliveries under way at once
PATIENCE = 10.0  # seconds that a listener has to answer
KEPT = 1_000  # deliveries that are remembered per world
LARGEST = 25 * 1024 * 1024  # bytes of a body; a larger one is not sent [jira 5.13]
log = logging.getLogger(__name__)


class Courier:
    """Started with the server and stopped with it."""

    def __init__(self, app: Flask, worlds: Worlds, flavour: Flavour, url: str) -> None:
        self._app = app
        self._worlds = worlds
        self._flavour = flavour
        self._url = url
        self._closing = Flag()
        self._pool = ThreadPoolExecutor(HANDS, thread_name_prefix="fake-jira-webhooks")
        self._http: Any = None
        self._thread = Thread(target=self._carry, name="fake-jira-courier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; what is under way has its answer waited for no longer."""
        self._closing.set()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _carry(self) -> None:
        while not self._closing.wait(TICK):
            for world in self._worlds:
                if world.outbox or world.deliveries:
                    try:
                        self._empty(world)
                        self._send_due(world)
                    except Exception:
                        log.exception("webhooks.stuck")  # one world's trouble must not silence the others

    def _empty(self, world: World) -> None:
        """Turns the events of the outbox into deliveries."""
        while world.outbox:
            with world.lock:
                event = world.outbox.popleft()
                for delivery in self._deliveries(world, event):
                    world.deliveries.append(delivery)
        while len(world.deliveries) > KEPT:
            world.deliveries.popleft()

    def _deliveries(self, world: World, event: Event) -> list[Delivery]:
        flow = "Secondary" if event.about.get("along") else "Primary"
        made = []
        for app, hooks in apps_told(self._worlds, world, event):
            body = self._body(world, event, hooks[0].account_id, [each.id for each in hooks])
            made.append(Delivery(hooks[0].url, event.kind, body, world.now(), app=app, flow=flow))
        for hook in admins_told(world, event):
            body = b"" if hook.exclude_body else self._body(world, event, hook.account_id, None)
            issue = event.issue
            project = world.state.projects.get(issue.project_id) if issue else event.about.get("project")
            ids = (issue.id, issue.key) if issue else ("", "")
            url = addressed(hook, *ids, *((project.id, project.key) if project else ("", "")))
            made.append(Delivery(url, event.kind, body, world.now(), secret=hook.secret, flow=flow))
        return [each for each in made if len(each.body) <= LARGEST]

    def _body(self, world: World, event: Event, account_id: str, matched: list[int] | None) -> bytes:
        """The body, as who registered the webhook sees the site."""
        address = self._url if world.name == DEFAULT else f"{self._url}/worlds/{world.name}"
        with self._app.test_request_context(base_url=f"{address}/"):
            g.world, g.flavour, g.version = world, self._flavour, "2"
            g.caller = Caller(world.state.users.get(account_id))
            here: Scene = scene()
            told = body_of(here, event)
        return orjson.dumps(told if matched is None else told | {"matchedWebhookIds": matched})

    def _send_due(self, world: World) -> None:
        now = world.now()
        for each in list(world.deliveries):
            if each.state == WAITING and each.due <= now:
                each.state = UNDER_WAY
                self._pool.submit(self._send, world, each)

    def _send(self, world: World, delivery: Delivery) -> None:
        retries = self._flavour.webhook_retries
        try:
            status = self._post(delivery.url, delivery.body, delivery.headers(world.now(), self._flavour.webhook_agent))
            delivery.came_back(world, status, retries)
        except Exception:
            delivery.state = FAILED
            log.exception("webhook.lost")

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int | None:
        """The listener's status; None when it cannot be reached or does not answer in time. Follows no redirect."""
        import urllib3  # noqa: PLC0415 - only a fake with listeners pays for it

        if self._http is None:
            self._http = urllib3.PoolManager(retries=False, timeout=PATIENCE)
        try:
            answer = self._http.request("POST", url, body=body, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError:
            return None
        return int(answer.status)
