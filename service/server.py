"""Serves the app on a socket: cheroot, threads, keep-alive, port 0 for any free one; or works without one.

Starts what has to run beside the web (the schedule), and ends everything in the right order.
"""

import errno
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from cheroot import wsgi
from flask import Flask
from prometheus_client import start_http_server

from service import logs, metrics
from service.app import Parts, assemble, create_app, first_admin, parts_of
from service.errors import SettingInvalid
from service.settings import Settings
from service.store.database import sqlite_file

BACKLOG = 128  # connections that wait for a thread
HEADER_BYTES = 65_536  # of one request, its first line included
ALONE = "On SQLite no other process can do the work. Leave out --no-work, or use postgresql://user:password@host/name."


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that answers at `url` until `close()`."""

    url: str
    app: Flask
    parts: Parts
    admin_token: str | None  # of the user `admin`, when this start made the store; shown once and stored nowhere
    _stop: Callable[[], None]

    def close(self) -> None:
        """Ends the schedule, lets running requests finish, and closes the store. A second call does nothing."""
        self._stop()


def start(settings: Settings) -> RunningService:
    """Starts a service as `settings` say and returns when it answers.

    Raises SettingInvalid when the address cannot be bound or a setting cannot be used, StoreUnavailable when the
    database cannot be opened.
    """
    if not settings.works and sqlite_file(settings.database) is not None:
        raise SettingInvalid(ALONE)
    server = _Quiet(
        (settings.host, settings.port),
        None,
        numthreads=settings.threads,
        server_name="ticket-service",
        request_queue_size=BACKLOG,
        shutdown_timeout=5,
    )
    server.max_request_header_size = HEADER_BYTES  # cheroot reads on for ever by default
    try:
        server.prepare()
    except OSError as error:
        server.stop()
        raise _cannot_listen(settings, error) from None
    try:
        host, port = server.bind_addr[:2]
        url = f"http://{_in_url(str(host))}:{port}"
        app = create_app(replace(settings, port=int(port)))
        parts = parts_of(app)
        admin_token = first_admin(parts.store)
        if not settings.allow_time_travel:  # there, time moves only when it is told to
            parts.schedule.start()
    except BaseException:
        server.stop()
        raise
    server.wsgi_app = _chunks_have_an_end(app)
    thread = threading.Thread(target=server.serve, name="web", daemon=True)
    thread.start()
    logs.info("service.started", url=url)
    ended = threading.Event()

    def stop() -> None:
        if ended.is_set():
            return
        ended.set()
        parts.schedule.stop()
        server.stop()
        thread.join(timeout=10)
        parts.store.close()
        logs.info("service.stopped", url=url)

    return RunningService(url, app, parts, admin_token, stop)


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """A process without web that does what is due, until `close()`."""

    parts: Parts
    metrics_url: str | None

    def close(self) -> None:
        """Gives its runs back and closes the store."""
        self.parts.schedule.stop()
        self.parts.store.close()
        logs.info("worker.stopped")


def start_worker(settings: Settings, metrics_port: int | None = None) -> RunningWorker:
    """Starts to work beside others on the same PostgreSQL; with a port (0: any free one) it tells Prometheus of it.

    Raises SettingInvalid when the port cannot be had or a setting cannot be used, StoreUnavailable when the database
    cannot be opened.
    """
    parts = assemble(settings)
    try:
        metrics_url = None if metrics_port is None else _serve_metrics(replace(settings, port=metrics_port))
        parts.schedule.start()
    except BaseException:
        parts.store.close()
        raise
    logs.info("worker.started", runs=settings.runs_at_once)
    return RunningWorker(parts, metrics_url)


def _serve_metrics(settings: Settings) -> str:
    try:
        listening, _ = start_http_server(settings.port, settings.host, metrics.REGISTRY)
    except OSError as error:
        raise _cannot_listen(settings, error) from None
    return f"http://{_in_url(settings.host)}:{listening.server_port}/metrics"


def _chunks_have_an_end(app: Flask) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """cheroot ends a chunked body where its last chunk does; Flask reads it only when told that somebody does."""

    def with_input(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        return app(environ, start_response)

    return with_input


def _cannot_listen(settings: Settings, error: OSError) -> SettingInvalid:
    where = f"{settings.host}:{settings.port}"
    # cheroot wraps the cause: the number may be that of the error or only in its text
    if error.errno == errno.EADDRINUSE or "in use" in str(error).lower():
        return SettingInvalid(f"Port {settings.port} on {settings.host} is in use. Choose another one, or 0 for any.")
    if error.errno == errno.EACCES:
        return SettingInvalid(f"Listening on {where} is not permitted. Choose a port above 1023.")
    return SettingInvalid(f"Cannot listen on {where}: {error.strerror or 'the address cannot be used'}.")


def _in_url(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host


class _Quiet(wsgi.Server):
    """cheroot with its complaints in our log: one line, and no trace."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        if traceback or level >= 40:
            logs.warning("web.server", message=msg.strip().splitlines()[-1] if msg.strip() else "")
