"""Connections that somebody has to agree to in Jira: from what was entered to the integration. (3.2)

The person's browser is sent away by `begin`, comes back to the callback, and what came of it is tested and stored by
`finish`, all or nothing (R5).
"""

from collections.abc import Mapping
from typing import Any

from flask import request

from service.consent import Draft, Granted
from service.errors import BadInput, IntegrationNotFound
from service.jira import oauth1
from service.rules.authentication import Auth
from service.rules.tickets import Integration
from service.store import integrations
from service.web import connecting, connection
from service.web.connection import Connection
from service.web.parts import parts

CALLBACK = "/xray/api/v1/ticketing/oauth/callback"


def callback_url() -> str:
    """Where Jira sends the browser back to; it has to be entered in Jira exactly like this."""
    return base_url() + CALLBACK


def base_url() -> str:
    """Where people reach this service; without a trailing slash."""
    return (parts().settings.public_url or request.host_url).rstrip("/")


def begin(given: Mapping[str, Any], existing: Integration | None, user_name: str) -> str:
    """The address in Jira at which a person consents to what `given` says, in the words of the API.

    Of an integration that exists already only the secret is needed. Raises BadInput, NameTaken, ConnectionRefused,
    JiraUnavailable.
    """
    wanted = connection.read(given, existing)
    if not connection.needs_consent(wanted.auth_type):
        raise BadInput(f"auth_type {wanted.auth_type} takes nobody's consent. Use POST or PUT jira-integrations.")
    if wanted.auth_type == Auth.OAUTH2 and wanted.secret is None:
        raise BadInput("Missing property client_secret.")
    if wanted.auth_type == Auth.OAUTH1 and wanted.secret is not None:
        _insist_on_key(wanted.secret)
    connecting.refuse_taken(wanted.name, existing)
    draft = Draft(
        wanted.name,
        wanted.installation_type,
        wanted.auth_type,
        wanted.url,
        wanted.client_id,
        wanted.skip_proxy,
        None if existing is None else existing.id,
        wanted.cloud_id,
    )
    return parts().consents.begin(draft, wanted.secret, user_name, callback_url())


def finish(granted: Granted) -> str:
    """Tests what was granted, and makes or changes the integration; its name.

    Raises NameTaken, ConnectionRefused, BadInput, EditedMeanwhile, IntegrationNotFound; then nothing is stored.
    """
    draft, access = granted.draft, granted.access
    existing = None if draft.integration_id is None else _edited(draft.integration_id)
    wanted = Connection(
        name=draft.name,
        installation_type=draft.installation_type,
        auth_type=draft.auth_type,
        username="",
        client_id=draft.client_id,
        secret=granted.secret,
        url=access.url,
        cloud_id=access.cloud_id,
        skip_proxy=draft.skip_proxy,
    )
    connecting.refuse_taken(wanted.name, existing)
    verdict = connecting.verified(access, existing)
    if existing is None:
        connecting.store_new(wanted, granted.secret, verdict, granted.tokens)
    else:
        connecting.store_changed(existing, None, wanted, verdict, granted.tokens)
    return wanted.name


def _edited(integration_id: int) -> Integration:
    with parts().store.read() as c:
        found = integrations.by_id(c, integration_id)
    if found is None or found.removed_at is not None:
        raise IntegrationNotFound("No integration found with the given connection name")
    return found


def _insist_on_key(private_key: str) -> None:
    try:
        oauth1.public_key(private_key)
    except ValueError:
        raise BadInput("private_key must be an RSA private key in PEM, without a passphrase.") from None
