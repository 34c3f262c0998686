"""`create_app(settings)`: the one place where the parts meet.

Everything below gets what it needs handed in here, so nothing has to look for it.
"""

from contextlib import AbstractContextManager
from datetime import timedelta

from flask import Flask

from service import clock, logs, vault
from service.connections import Connections
from service.consent import Consents
from service.creation import Creation
from service.dispatch import Schedule
from service.dispatch.embedded import Embedded
from service.dispatch.work import Work
from service.errors import NameTaken, SettingInvalid
from service.retrieval import Retrieval
from service.rules import versions
from service.settings import Settings
from service.store import integrations, meta, runs, users
from service.store.database import Store, open_store, sqlite_file
from service.store.runs import RunCause
from service.store.users import Role
from service.vault import open_vault
from service.verification import Verification
from service.web import access, api, pages, problems, time_travel
from service.web.parts import Parts, hang, parts_of

FIRST_ADMIN = "admin"

__all__ = ["Parts", "assemble", "create_app", "first_admin", "parts_of"]


def assemble(settings: Settings, upgrades: bool = True) -> Parts:
    """The parts of a service without its web, as the command line uses them. Nothing runs yet.

    Brings the tables of the store up to date, and its integrations to the product's version (R16), unless it is not to
    upgrade them: a command beside a service is no start of a newer one. Raises SettingInvalid, StoreUnavailable.
    """
    if versions.parse(settings.product_version) is None:
        raise SettingInvalid(f"The product version must be X.Y.Z, such as 3.140.0, not {settings.product_version!r}.")
    keys = open_vault(settings.key, sqlite_file(settings.database))
    store = open_store(settings.database)
    if upgrades:
        _upgrade(store, settings.product_version)
    connections = Connections(store, settings, keys)

    def wake() -> None:  # a recovery has a run follow; the schedule it wakes is made last
        schedule.wake()

    def others_wait() -> bool:
        return schedule.others_wait()

    def lend_place() -> AbstractContextManager[None]:
        return schedule.lend_place()

    def hands_wanted(run_id: int, hands: int) -> None:
        schedule.hands_wanted(run_id, hands)

    verification = Verification(store, settings, connections, on_recovery=wake)
    retrieval = Retrieval(
        store,
        settings,
        connections,
        verification,
        others_wait=others_wait,
        lend_place=lend_place,
        on_split=hands_wanted if store.is_postgresql else None,
    )
    creation = Creation(store, connections, verification, retrieval)
    retrieves = versions.has(settings.product_version, versions.Feature.TICKET_STATUS)
    work = Work(store, verification, retrieval, creation, retrieves)
    schedule = _schedule(work, store, settings)
    consents = Consents(store, keys, settings, connections.ending)
    return Parts(settings, store, keys, verification, retrieval, creation, work, schedule, connections, consents)


def create_app(settings: Settings) -> Flask:
    """The web app of a service with these settings. Its schedule is not started: `service/server.py` does that."""
    parts = assemble(settings)
    app = Flask("service.web", static_folder="static", template_folder="templates")
    app.secret_key = parts.vault.secret("session")
    app.config.update(
        SESSION_COOKIE_NAME="ticket_service",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=1_000_000,
    )
    app.url_map.merge_slashes = False  # one address, one answer
    app.url_map.redirect_defaults = False
    hang(parts, app)
    problems.register(app)
    api.register(app, settings.product_version)
    pages.register(app, settings.product_version)
    if settings.allow_time_travel:
        app.register_blueprint(time_travel.routes)
    app.jinja_env.globals["csrf_token"] = access.csrf_token
    return app


def _schedule(work: Work, store: Store, settings: Settings) -> Schedule:
    if not store.is_postgresql:
        return Embedded(work, settings.runs_at_once)
    from service.dispatch.distributed import Distributed  # noqa: PLC0415 - half a second that SQLite need not wait

    return Distributed(work, store, settings)


def _upgrade(store: Store, version: str) -> None:
    """R16: with the version that brings ticket status, each integration gets its default, once.

    A version that is older than one seen before changes nothing, so going back and forth decides nothing anew.
    Processes that start together may all come here: what one has switched on, the next finds on.
    """
    now = clock.now()
    with store.begin() as c:
        seen = meta.get(c, meta.PRODUCT_VERSION)
        if seen is not None and versions.is_newer(seen, version):
            return
        meta.put(c, meta.PRODUCT_VERSION, version)
        if seen is None or not versions.brings_ticket_status(seen, version):
            return
        for one in integrations.all(c):
            on = versions.is_on_by_default(one.created_version, one.installation_type, one.auth_type)
            integrations.set_enabled(c, one.id, on)
            if on:
                runs.enqueue(c, one.id, RunCause.ENABLED, now)
            else:
                runs.cancel(c, one.id, "Ticket status needs scopes that this integration was not granted.", now)
            logs.info("integration.upgraded", integration=one.name, retrieves=on)


def first_admin(store: Store) -> str | None:
    """Makes the user `admin` on a store without users and returns its token, which is stored nowhere. Else None."""
    token = vault.new_token()
    try:
        with store.begin() as c:
            if users.names(c):
                return None
            users.add(c, FIRST_ADMIN, Role.ADMIN, vault.hash_token(token), clock.now())
    except NameTaken:  # another process started at the same moment and was first
        return None
    return token
