"""Making, changing, switching and removing integrations: one way, for the API and the pages alike.

What is given is checked, then verified against the real Jira, and only then stored: what fails changes nothing (R5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from service import clock, logs
from service.errors import BadInput, ConnectionRefused, IntegrationNotFound, NameTaken, RunEnded, RunNotFound
from service.jira.access import Access
from service.rules.health import Health, Verdict
from service.rules.tickets import Integration
from service.store import integrations, runs
from service.store.runs import Run, RunCause
from service.web import bodies
from service.web.parts import parts

COULD_NOT_CONNECT = (  # [xray.md 3], word for word
    "We were not able to connect to your Jira based on the credentials you provided, "
    "please check all the values and try again."
)
URL_LENGTH = 2000
SECRET_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Connection:
    """What an admin says about a Jira. `password` is None when it stays as it is."""

    name: str
    installation_type: str
    auth_type: str
    username: str
    password: str | None
    url: str  # without a trailing slash
    skip_proxy: bool

    def __repr__(self) -> str:
        return f"Connection({self.name!r})"


def find(name: str, sentence: str = "Integration not found") -> Integration:
    """The integration in use under `name`. Raises IntegrationNotFound with `sentence`. [xray.md 3]"""
    if not is_connection_name(name):
        raise IntegrationNotFound(sentence)
    with parts().store.read() as c:
        found = integrations.by_name(c, name)
    if found is None:
        raise IntegrationNotFound(sentence)
    return found


def create(given: Mapping[str, Any]) -> Integration:
    """A new integration of what `given` says, in the words of the API.

    Raises BadInput, NameTaken, ConnectionRefused; then nothing is stored.
    """
    wanted = _read(given, None)
    assert wanted.password is not None  # noqa: S101 - mandatory without a stored one
    _refuse_taken(wanted.name, None)
    verdict = parts().verification.try_out(_access(wanted, wanted.password))
    _insist_on_health(verdict)
    now = clock.now()
    with parts().store.begin() as c:
        made = integrations.create(
            c,
            name=wanted.name,
            installation_type=wanted.installation_type,
            auth_type=wanted.auth_type,
            username=wanted.username,
            credential=parts().vault.seal(wanted.password),
            url=wanted.url,
            skip_proxy=wanted.skip_proxy,
            retrieve_tickets=True,  # [ticket-status] "enabled by default", R16
            created_version=parts().settings.product_version,
            now=now,
        )
        integrations.record_verdict(c, made.id, verdict, now)
    logs.info("integration.created", integration=made.name)
    parts().schedule.wake()
    return made


def update(existing: Integration, given: Mapping[str, Any]) -> None:
    """Changes `existing` as `given` says; what is not given stays. A new healthy connection is its recovery (R4).

    Raises BadInput, NameTaken, ConnectionRefused, IntegrationNotFound; then nothing is changed.
    """
    wanted = _read(given, existing)
    _refuse_taken(wanted.name, existing)
    verdict = parts().verification.try_out(_access(wanted, _secret(existing, wanted)), existing.id)
    _insist_on_health(verdict)
    changed = replace(
        existing,
        name=wanted.name,
        installation_type=wanted.installation_type,
        auth_type=wanted.auth_type,
        username=wanted.username,
        url=wanted.url,
        skip_proxy=wanted.skip_proxy,
    )
    with parts().store.begin() as c:
        if not integrations.update_settings(c, changed):
            raise _gone()
        if wanted.password is not None:
            integrations.set_credential(c, existing.id, parts().vault.seal(wanted.password))
    parts().verification.record(existing.id, verdict)
    logs.info("integration.updated", integration=wanted.name)


def remove(existing: Integration) -> None:
    """Removes an integration; its tickets show Unknown from then on (3.6). Raises IntegrationNotFound."""
    with parts().store.begin() as c:
        if not integrations.remove(c, existing.id, clock.now()):
            raise IntegrationNotFound("Integration not found")
    logs.info("integration.removed", integration=existing.name)


def switch(existing: Integration, on: bool) -> None:
    """Sets the toggle 'Retrieve Jira Tickets'. On has a run follow at once, off ends the one under way (3.7)."""
    now = clock.now()
    with parts().store.begin() as c:
        if not integrations.set_enabled(c, existing.id, on):
            return
        if on:
            runs.enqueue(c, existing.id, RunCause.ENABLED, now)
        else:
            runs.cancel(c, existing.id, "Retrieval was switched off.", now)
    logs.info("integration.switched", integration=existing.name, on=on)
    parts().schedule.wake()


def retrieve_now(existing: Integration) -> Run:
    """Starts a run, or finds the one that is under way. That of a broken integration begins with a verification.

    Raises BadInput while retrieval is off.
    """
    if not existing.retrieve_tickets:
        raise BadInput("Retrieve Jira Tickets is switched off for this integration. Switch it on first.")
    with parts().store.begin() as c:
        run = runs.enqueue(c, existing.id, RunCause.MANUAL, clock.now())
    parts().schedule.wake()
    return run


def cancel_run(existing: Integration, run_id: int) -> Run:
    """Ends a run that waits or is under way; what it has retrieved stays. Raises RunNotFound, RunEnded."""
    with parts().store.begin() as c:
        run = runs.by_id(c, run_id) if run_id < 2**31 else None
        if run is None or run.integration_id != existing.id:
            raise RunNotFound("Run not found")
        unfinished = runs.unfinished(c, existing.id)
        if unfinished is None or unfinished.id != run_id:
            raise RunEnded("This run has ended already.")
        runs.cancel(c, existing.id, "It was cancelled.", clock.now())
        cancelled = runs.by_id(c, run_id)
    logs.info("run.cancelled", integration=existing.name, run=run_id)
    return cancelled or run


def is_connection_name(name: str) -> bool:
    """Whether `name` can be that of an integration: it has to fit into a path, and into one line."""
    return (
        0 < len(name) <= bodies.NAME_LENGTH
        and name == name.strip()
        and not name.startswith(".")
        and not set(name) & {"/", "\\"}
        and bodies.is_printable(name)
    )


def _read(given: Mapping[str, Any], existing: Integration | None) -> Connection:
    """`given` in our terms, on top of `existing`. `authType` is a slip of the documents, understood all the same."""
    values = dict(given)
    if "authType" in values:
        if "auth_type" in values:
            raise BadInput("auth_type is given twice, also as authType. Give it once.")
        values["auth_type"] = values.pop("authType")
    needed = ("connection_name", "auth_type", "username", "password", "installation_type", "jira_server_url")
    missing = [name for name in needed if name not in values]
    if existing is None and missing:
        raise BadInput(f"Missing property {', '.join(missing)}.")
    if "connection_name" in values and not is_connection_name(bodies.text(values, "connection_name")):
        raise BadInput("connection_name must not begin with a dot, nor contain slashes, nor begin or end with a space.")
    if "installation_type" in values and bodies.one_of(values, "installation_type", ("cloud", "server")) == "server":
        raise BadInput("installation_type server is not supported yet. Use cloud.")
    if "auth_type" in values:
        bodies.one_of(values, "auth_type", ("basic",))
    for name, longest in (("username", bodies.NAME_LENGTH), ("password", SECRET_LENGTH)):
        if name in values:
            bodies.text(values, name, longest)
    if "username" in values and ":" in values["username"]:
        raise BadInput("username must not contain a colon: Basic authentication cannot carry it.")
    if "skip_proxy" in values:
        bodies.flag(values, "skip_proxy")
    if "jira_server_url" in values:
        values["jira_server_url"] = _address(bodies.text(values, "jira_server_url", URL_LENGTH))
    before = existing
    return Connection(
        name=values.get("connection_name", before.name if before else ""),
        installation_type=values.get("installation_type", before.installation_type if before else ""),
        auth_type=values.get("auth_type", before.auth_type if before else ""),
        username=values.get("username", before.username if before else ""),
        password=values.get("password"),
        url=values.get("jira_server_url", before.url if before else ""),
        skip_proxy=values.get("skip_proxy", before.skip_proxy if before else False),
    )


def _address(url: str) -> str:
    """`url` without trailing slashes, when it can be the address of a Jira. Raises BadInput; never repeats it."""
    try:
        parts_of_url = urlsplit(url)
        has_port = parts_of_url.port is None or parts_of_url.port > 0
        host = parts_of_url.hostname or ""
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise BadInput("jira_server_url is not a valid address. Example: https://your-site.atlassian.net") from None
    if parts_of_url.scheme not in {"http", "https"} or not host or not has_port or set(url) & {" ", "\\"}:
        raise BadInput("jira_server_url must begin with http:// or https:// and name a host.")
    if parts_of_url.username is not None or parts_of_url.password is not None:
        raise BadInput("jira_server_url must not contain a user or password. Give them as username and password.")
    if "?" in url or "#" in url:
        raise BadInput("jira_server_url must not contain a query or a fragment.")
    return url.rstrip("/")


def _secret(existing: Integration, wanted: Connection) -> str:
    """The password to try: the given one, or the stored one."""
    if wanted.password is not None:
        return wanted.password
    with parts().store.read() as c:
        sealed = integrations.credential(c, existing.id)
    if sealed is None:
        raise _gone()
    return parts().vault.open(sealed)


def _access(wanted: Connection, secret: str) -> Access:
    return Access(
        installation_type=wanted.installation_type,
        auth_type=wanted.auth_type,
        url=wanted.url,
        secret=secret,
        username=wanted.username,
        skip_proxy=wanted.skip_proxy,
    )


def _refuse_taken(name: str, existing: Integration | None) -> None:
    """R22. Asked before Jira is, and again by the store when it writes."""
    if existing is not None and existing.name == name:
        return
    with parts().store.read() as c:
        if integrations.by_name(c, name) is not None:
            raise NameTaken(f"There is an integration {name!r} already. Choose another connection name.")


def _insist_on_health(verdict: Verdict) -> None:
    """R5. The documented sentence; the reason goes with it as a note, which the pages show."""
    if verdict.health is not Health.HEALTHY:
        logs.info("integration.refused", reason=verdict.reason)
        refusal = ConnectionRefused(COULD_NOT_CONNECT)
        refusal.add_note(verdict.reason)
        raise refusal


def _gone() -> IntegrationNotFound:
    return IntegrationNotFound("No integration found with the given connection name")  # [xray.md 3]
