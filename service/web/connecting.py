"""Making, changing, switching and removing integrations: one way, for the API and the pages alike.

What is given is checked, then verified against the real Jira, and only then stored: what fails changes nothing (R5).
What takes a person's consent first is begun and ended in `consenting.py`, and stored by the functions here.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service import clock, logs
from service.errors import (
    BadInput,
    ConnectionRefused,
    EditedMeanwhile,
    IntegrationNotFound,
    NameTaken,
    RunEnded,
    RunNotFound,
)
from service.jira.access import Access, Tokens
from service.jira.auth import CredentialRefused
from service.rules import health, versions
from service.rules.authentication import STATUS_SCOPES, Auth, Installation, missing_scopes
from service.rules.health import Health, Verdict
from service.rules.tickets import Integration
from service.rules.versions import Feature
from service.store import grants, integrations, meta, runs, tickets
from service.store.runs import Run, RunCause
from service.web import connection
from service.web.connection import Connection, is_connection_name, needs_consent
from service.web.parts import parts

COULD_NOT_CONNECT = (  # [xray.md 3], word for word
    "We were not able to connect to your Jira based on the credentials you provided, "
    "please check all the values and try again."
)
SAMPLE = 50  # tickets that tell one Jira from another


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
    wanted = connection.read(given, None)
    if needs_consent(wanted.auth_type):
        raise BadInput(f"{_by_consent(wanted)} POST jira-integrations/authorize.")
    refuse_taken(wanted.name, None)
    secret = wanted.secret or ""
    return store_new(wanted, secret, verified(wanted.access(secret), None))


def update(existing: Integration, given: Mapping[str, Any]) -> None:
    """Changes `existing` as `given` says; what is not given stays. A new healthy connection is its recovery (R4).

    Raises BadInput, NameTaken, ConnectionRefused, EditedMeanwhile, IntegrationNotFound; then nothing is changed.
    """
    wanted = connection.read(given, existing)
    if needs_consent(wanted.auth_type) and _differs(existing, wanted):
        raise BadInput(f"{_by_consent(wanted)} POST jira-integrations/{{name}}/authorize.")
    refuse_taken(wanted.name, existing)
    secret, sealed = wanted.secret, None
    if secret is None:
        sealed = _sealed(existing)
        secret = parts().vault.open(sealed)
    access = wanted.access(secret)
    if needs_consent(wanted.auth_type):
        access = replace(access, tokens=_granted(existing, access))
    store_changed(existing, sealed, wanted, verified(access, existing))


def verified(access: Access, existing: Integration | None) -> Verdict:
    """The healthy verdict on an access that is not stored yet (R5).

    Raises ConnectionRefused when there is none, BadInput when `existing` has tickets in another Jira than this.
    """
    try_out = parts().verification.try_out
    if existing is None:
        return _insist_on_health(try_out(access))
    moves = access.url != existing.url and (access.cloud_id is None or access.cloud_id != existing.cloud_id)
    if moves and (held := _tickets(existing)) > 0:
        _insist_on_health(try_out(access, wants_statuses=existing.retrieve_tickets))
        if not _is_same_jira(existing, access):
            raise BadInput(
                f"This integration holds {held} {'ticket' if held == 1 else 'tickets'} of {existing.url}, which "
                f"{access.url} does not show as they were. Make a new integration for another Jira."
            )
    return _insist_on_health(try_out(access, existing.id))


def store_new(wanted: Connection, secret: str, verdict: Verdict, tokens: Tokens | None = None) -> Integration:
    """Stores a connection that was found healthy, with what a consent gave. Raises NameTaken."""
    now = clock.now()
    with parts().store.begin() as c:
        made = integrations.create(
            c,
            name=wanted.name,
            installation_type=wanted.installation_type,
            auth_type=wanted.auth_type,
            username=wanted.username,
            client_id=wanted.client_id,
            cloud_id=wanted.cloud_id,
            credential=parts().vault.seal(secret),
            url=wanted.url,
            skip_proxy=wanted.skip_proxy,
            retrieve_tickets=_is_on(wanted, meta.get(c, meta.PRODUCT_VERSION)),
            created_version=parts().settings.product_version,
            now=now,
        )
        if tokens is not None:
            parts().connections.grants.put(c, made.id, tokens, now)
        integrations.record_verdict(c, made.id, verdict, now)
    logs.info("integration.created", integration=made.name)
    parts().schedule.wake()
    return made


def store_changed(
    existing: Integration, sealed: bytes | None, wanted: Connection, verdict: Verdict, tokens: Tokens | None = None
) -> None:
    """Stores what was found healthy in place of `existing`, with what a consent gave.

    `sealed` is the stored secret that it was found healthy with, if it was. Raises NameTaken, and EditedMeanwhile when
    that or `existing` is not what is stored any more: the two halves together were tested by nobody (R5).
    """
    changed = replace(
        existing,
        name=wanted.name,
        installation_type=wanted.installation_type,
        auth_type=wanted.auth_type,
        username=wanted.username,
        client_id=wanted.client_id,
        cloud_id=wanted.cloud_id,
        url=wanted.url,
        skip_proxy=wanted.skip_proxy,
    )
    with parts().store.begin() as c:
        if not integrations.update_settings(c, changed, existing, sealed):
            now = integrations.by_id(c, existing.id)
            if now is None or now.removed_at is not None:
                raise _gone()
            raise EditedMeanwhile("This integration was changed meanwhile. Look at it, and try again.")
        if wanted.secret is not None:
            integrations.set_credential(c, existing.id, parts().vault.seal(wanted.secret))
        if tokens is not None:
            parts().connections.grants.put(c, existing.id, tokens, clock.now())
        elif not needs_consent(wanted.auth_type):
            grants.remove(c, existing.id)
    parts().verification.record(existing.id, verdict)
    logs.info("integration.updated", integration=wanted.name)


def remove(existing: Integration) -> None:
    """Removes an integration; its tickets show Unknown from then on (3.6). Raises IntegrationNotFound."""
    with parts().store.begin() as c:
        if not integrations.remove(c, existing.id, clock.now()):
            raise IntegrationNotFound("Integration not found")
    logs.info("integration.removed", integration=existing.name)


def switch(existing: Integration, on: bool) -> None:
    """Sets the toggle 'Retrieve Jira Tickets'. On has a run follow at once, off ends the one under way (3.7).

    Raises BadInput, with the scopes that are missing and the steps to add them, when on cannot work (R17).
    """
    if on and not existing.retrieve_tickets and (missing := lacking(existing, live=True)):
        raise BadInput(health.scopes_missing(missing))
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


def lacking(existing: Integration, live: bool) -> tuple[str, ...]:
    """The scopes of ticket status that the grant of `existing` does not have (R17); none where scopes play no part.

    Asked of Jira when `live`; what was stored at the last consent or renewal decides when Jira does not say.
    """
    if (existing.installation_type, existing.auth_type) != (Installation.CLOUD, Auth.OAUTH2):
        return ()
    if live:
        with parts().connections.open(existing, _deadline()) as jira:
            answer = jira.granted()
        if answer is not None and answer.payload is not None:
            return missing_scopes(answer.payload)
    stored = parts().connections.grants.stored(existing.id)
    return STATUS_SCOPES if stored is None else missing_scopes(stored.scopes)


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


def refuse_taken(name: str, existing: Integration | None) -> None:
    """R22. Asked before Jira is, and again by the store when it writes."""
    if existing is not None and existing.name == name:
        return
    with parts().store.read() as c:
        if integrations.by_name(c, name) is not None:
            raise NameTaken(f"There is an integration {name!r} already. Choose another connection name.")


def _insist_on_health(verdict: Verdict) -> Verdict:
    """R5. Raises the documented sentence; the reason goes with it as a note, which the pages show."""
    if verdict.health is not Health.HEALTHY:
        raise _refusal(verdict)
    return verdict


def _refusal(verdict: Verdict) -> ConnectionRefused:
    logs.info("integration.refused", reason=verdict.reason)
    refusal = ConnectionRefused(COULD_NOT_CONNECT)
    refusal.add_note(verdict.reason)
    return refusal


def _is_on(wanted: Connection, newest: str | None) -> bool:
    """Whether a new integration retrieves tickets: off before there is ticket status, until an upgrade decides (R16).

    `newest` is the newest version that was ever started here: after a downgrade there will be no such upgrade.
    """
    version = parts().settings.product_version
    default = versions.is_on_by_default(version, wanted.installation_type, wanted.auth_type)
    return default and versions.has(newest or version, Feature.TICKET_STATUS)


def _differs(existing: Integration, wanted: Connection) -> bool:
    """Whether more is to change than a name and the use of a proxy."""
    before = existing.installation_type, existing.auth_type, existing.client_id, existing.url
    return (
        wanted.secret is not None
        or (wanted.installation_type, wanted.auth_type, wanted.client_id, wanted.url) != before
    )


def _by_consent(wanted: Connection) -> str:
    return f"auth_type {wanted.auth_type} takes the consent of a person in Jira. Use the wizard of the pages, or"


def secret_of(existing: Integration) -> str:
    """The stored password, token, client secret or private key. Raises IntegrationNotFound once it is removed."""
    return parts().vault.open(_sealed(existing))


def _sealed(existing: Integration) -> bytes:
    sealed = parts().connections.sealed(existing.id)
    if sealed is None:
        raise _gone()
    return sealed


def _granted(existing: Integration, access: Access) -> Tokens | None:
    """Tokens of the stored grant that can be used now. Raises ConnectionRefused when there are none any more."""
    stored = parts().connections.grants.stored(existing.id)
    if existing.auth_type == Auth.OAUTH1 or stored is None:
        return stored
    try:
        token = parts().connections.grants.source(existing, access, _deadline()).token()
    except CredentialRefused as refused:
        raise _refusal(health.verdict(refused.outcome, clock.now())) from None
    return replace(stored, access=token)


def _tickets(existing: Integration) -> int:
    with parts().store.read() as c:
        return tickets.totals(c, [existing.id]).get(existing.id, 0)


def _is_same_jira(existing: Integration, access: Access) -> bool:
    """Whether `access` leads to the Jira that the tickets of `existing` are in, under a new address.

    Another Jira may well have issues of the same ids, and even of the same keys; but not last changed at the same
    instant.
    """
    with parts().store.read() as c:
        _, latest = tickets.by_integration(c, existing.id, SAMPLE, 0)
    known = {ticket.issue_id: (ticket.key, ticket.issue_updated_at) for ticket in latest if ticket.deleted_at is None}
    with parts().connections.open_access(access, _deadline()) as jira:
        shown = jira.search_by_ids(list(known)).payload or {}
    return any((issue.key, issue.updated) == known.get(issue.id) for issue in shown.values())


def _deadline() -> float:
    return time.monotonic() + parts().settings.check_seconds


def _gone() -> IntegrationNotFound:
    return IntegrationNotFound("No integration found with the given connection name")  # [xray.md 3]
