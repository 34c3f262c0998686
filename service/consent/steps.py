"""The steps of a consent, and the store in between them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from service import clock
from service.consent.values import Draft, Granted, Kept
from service.errors import BadInput, ConnectionRefused, ConsentDenied, IntegrationNotFound, JiraUnavailable
from service.jira import oauth, oauth1
from service.jira.access import Access, Tokens
from service.jira.answers import JiraAnswer
from service.jira.exchange import Exchanges
from service.jira.oauth import TokenEndpoint
from service.jira.wire import Ending
from service.rules import versions
from service.rules.authentication import BY_CONSENT, OFFLINE, STATUS_SCOPES, TICKET_SCOPES, Auth, Installation
from service.rules.health import TRANSIENT, Outcome, verdict
from service.rules.versions import Feature
from service.settings import Settings
from service.store import consents, integrations
from service.store.database import Store
from service.vault import Vault, hash_token, new_token

STATE_LASTS = timedelta(minutes=10)
KEY_LASTS = timedelta(days=1)  # a key pair waits until somebody has pasted the public key into Jira

BEGIN_AGAIN = "Begin again with the integration."
UNKNOWN = f"This consent was not begun here by you, or its time is over. {BEGIN_AGAIN}"
EXPIRED = f"This consent took longer than ten minutes. {BEGIN_AGAIN}"
REPLAYED = f"This consent was completed or refused already. {BEGIN_AGAIN}"
DENIED = "Consent was not given in Jira, so nothing was changed."
KEY_GONE = "This key pair is not known any more. Generate a new one, and paste its public key into Jira."


class Consents:
    """Consents that are under way. Safe to share between threads and processes."""

    def __init__(self, store: Store, vault: Vault, settings: Settings, ending: Ending) -> None:
        exchanges = Exchanges(settings, ending)
        self._store = store
        self._vault = vault
        self._settings = settings
        self._endpoint = TokenEndpoint(settings, exchanges)
        self._stations = oauth1.Stations(exchanges)

    # The key pair of OAuth 1.0a

    def new_key(self, user_name: str) -> str:
        """Makes a key pair for an application link and keeps it for a day; returns a handle for `key`."""
        return self._keep(user_name, None, {"private_key": oauth1.new_private_key()}, KEY_LASTS)

    def key(self, handle: str, user_name: str) -> tuple[str, str]:
        """The private and the public key behind a handle, both PEM. Raises BadInput when it is not this user's."""
        with self._store.read() as c:
            row = consents.of(c, hash_token(handle))
        if row is not None and row.user_name == user_name and clock.now() < row.expires_at:
            private = json.loads(self._vault.open(row.sealed)).get("private_key")
            if isinstance(private, str):
                return private, oauth1.public_key(private)
        raise BadInput(KEY_GONE)

    # From the first step to the grant

    def begin(self, draft: Draft, secret: str | None, user_name: str, callback_url: str) -> str:
        """The address to send the browser of `user_name` to; it comes back to `callback_url` within ten minutes.

        `secret` is the client secret, or the private key of OAuth 1.0a; None: the one that the edited integration has.
        Raises BadInput when nobody has to consent for these types; ConnectionRefused or JiraUnavailable when Jira gives
        no request token.
        """
        if draft.auth_type not in BY_CONSENT:
            raise BadInput(f"Nobody has to consent for the authentication type {draft.auth_type}.")
        state, verifier = new_token(), new_token()
        kept = Kept(draft, self._stored_secret(draft) if secret is None else secret, callback_url, verifier)
        access = kept.access
        if draft.auth_type == Auth.OAUTH1:
            joint = "&" if "?" in callback_url else "?"
            answer = self._stations.request_token(access, f"{callback_url}{joint}{urlencode({'state': state})}")
            kept = replace(kept, request=_insist(answer, access))
            goes_to = oauth1.authorize_url(access, kept.request.access if kept.request else "")
        else:
            goes_to = oauth.authorize_url(
                self._settings,
                access,
                callback_url=callback_url,
                state=state,
                scopes=self.scopes(),
                verifier=verifier,
            )
        self._keep(user_name, draft.integration_id, kept.as_json(), STATE_LASTS, state)
        return goes_to

    def end(self, parameters: Mapping[str, str], user_name: str) -> Granted:
        """What came of the consent to which these query parameters of the callback belong.

        Raises BadInput when it was not begun by `user_name`, is too old, or was ended before; ConsentDenied when the
        person said no; ConnectionRefused when Jira refuses the client or the grant does not reach the site;
        JiraUnavailable when Jira could not be asked. After each of these a new consent has to begin.
        """
        state = parameters.get("state", "")
        kept = self._open(state, user_name)
        if kept.tokens is not None:  # that is a choice
            raise BadInput(UNKNOWN)
        self._answer(state)
        if "error" in parameters:
            self._refused(parameters)
        if kept.draft.auth_type == Auth.OAUTH1:
            return Granted(kept.draft, kept.secret, self._end_oauth1(kept, parameters))
        code = parameters.get("code")
        if not code:
            raise BadInput(f"Jira has sent no code. {BEGIN_AGAIN}")
        access = kept.access
        tokens = _insist(self._endpoint.exchange_code(access, code, kept.callback_url, kept.verifier), access)
        if tokens.refresh is None:
            raise ConnectionRefused("Jira gave access that cannot be renewed. Check that the app may use OAuth 2.0.")
        if kept.draft.installation_type != Installation.CLOUD:
            return Granted(kept.draft, kept.secret, tokens)
        return self._at_a_site(replace(kept, tokens=tokens), tokens, user_name)

    def offered(self, choice: str, user_name: str) -> Granted:
        """The grant whose site is still to be chosen. Raises BadInput as `end` does."""
        kept = self._open(choice, user_name)
        if kept.tokens is None:
            raise BadInput(UNKNOWN)
        return Granted(kept.draft, kept.secret, kept.tokens, sites=kept.sites, choice=choice)

    def choose(self, choice: str, cloud_id: str, user_name: str) -> Granted:
        """The grant with one of its sites chosen. Raises BadInput as `end` does, and for a site that is not in it."""
        granted = self.offered(choice, user_name)
        site = next((one for one in granted.sites if one.cloud_id == cloud_id), None)
        if site is None:
            raise BadInput("This site is not among those that access was granted for. Choose one of the list.")
        self._answer(choice)
        return replace(granted, site=site, choice=None)

    def draft(self, state: str, user_name: str) -> Draft | None:
        """What `user_name` had entered for a consent, however it went; None once it is swept, or is somebody else's."""
        with self._store.read() as c:
            row = consents.of(c, hash_token(state))
        if row is None or row.user_name != user_name:
            return None
        kept = json.loads(self._vault.open(row.sealed))
        return Draft(**kept["draft"]) if "draft" in kept else None

    def scopes(self) -> tuple[str, ...]:
        """What an app on Cloud is asked for; the scopes of ticket status only by products that have it. [xray.md 5]"""
        has_status = versions.has(self._settings.product_version, Feature.TICKET_STATUS)
        return (*TICKET_SCOPES, *(STATUS_SCOPES if has_status else ()), OFFLINE)

    # Steps

    def _end_oauth1(self, kept: Kept, parameters: Mapping[str, str]) -> Tokens:
        verifier = parameters.get("oauth_verifier", oauth1.DENIED)
        if kept.request is None or parameters.get("oauth_token") != kept.request.access:
            raise BadInput(UNKNOWN)
        if verifier == oauth1.DENIED:
            raise ConsentDenied(DENIED)
        access = kept.access
        tokens: Tokens = _insist(self._stations.access_token(access, kept.request, verifier), access)
        return tokens

    def _at_a_site(self, kept: Kept, tokens: Tokens, user_name: str) -> Granted:
        access = kept.access
        sites = _insist(self._endpoint.accessible_resources(access, tokens.access), access)
        granted = Granted(kept.draft, kept.secret, tokens, sites=sites)
        wanted = kept.draft.cloud_id
        if wanted is not None:
            site = next((one for one in sites if one.cloud_id == wanted), None)
            if site is None:
                raise ConnectionRefused(
                    f"Access was granted, but not to {kept.draft.url}, which this integration is for. Grant access to "
                    "that site."
                )
            return replace(granted, site=site)
        if not sites:
            raise ConnectionRefused("The access that was granted reaches no Jira site. Choose a site with Jira.")
        if len(sites) == 1:
            return replace(granted, site=sites[0])
        choice = self._keep(user_name, None, replace(kept, sites=sites).as_json(), STATE_LASTS)
        return replace(granted, choice=choice)

    def _refused(self, parameters: Mapping[str, str]) -> None:
        """Raises what an `error` in the callback means."""
        error, description = parameters["error"], parameters.get("error_description", "")
        if error == "access_denied":
            raise ConsentDenied(DENIED)
        if error == "invalid_scope":
            asked = [scope for scope in self.scopes() if scope != OFFLINE]
            lacking = [scope for scope in asked if scope in description] or asked
            raise ConnectionRefused(
                f"The app in Jira lacks scopes that it is asked for: {', '.join(lacking)}. Add them, and begin again."
            )
        raise ConnectionRefused("Jira refused to grant access. Check the app's settings in Jira, and begin again.")

    # The store

    def _stored_secret(self, draft: Draft) -> str:
        with self._store.read() as c:
            sealed = None if draft.integration_id is None else integrations.credential(c, draft.integration_id)
        if sealed is None:
            raise IntegrationNotFound("Integration not found")
        return self._vault.open(sealed)

    def _keep(
        self, user_name: str, integration_id: int | None, what: Any, lasts: timedelta, state: str | None = None
    ) -> str:
        handle, now = state or new_token(), clock.now()
        with self._store.begin() as c:
            consents.add(
                c,
                hash_token(handle),
                user_name=user_name,
                integration_id=integration_id,
                sealed=self._vault.seal(json.dumps(what)),
                expires_at=now + lasts,
                now=now,
            )
        return handle

    def _open(self, state: str, user_name: str) -> Kept:
        with self._store.read() as c:
            row = consents.of(c, hash_token(state))
        if row is None or row.user_name != user_name:
            raise BadInput(UNKNOWN)
        if row.answered_at is not None:
            raise BadInput(REPLAYED)
        if row.expires_at <= clock.now():
            raise BadInput(EXPIRED)
        kept = json.loads(self._vault.open(row.sealed))
        if "draft" not in kept:
            raise BadInput(UNKNOWN)
        return Kept.from_json(kept)

    def _answer(self, state: str) -> None:
        with self._store.begin() as c:
            if not consents.answer(c, hash_token(state), clock.now()):
                raise BadInput(REPLAYED)


_SENTENCES = {  # for what OAuth 1.0a reports
    "consumer_key_unknown": (
        "Jira does not know this consumer key. Enter it in the application link in Jira exactly as it is here."
    ),
    "consumer_key_refused": "Jira refuses this consumer key. Check the application link in Jira.",
    "signature_invalid": (
        "Jira cannot verify the signature. Paste the public key that is shown here into the application link in Jira."
    ),
}


def _insist(answer: JiraAnswer[Any], access: Access) -> Any:
    """The payload. Raises ConnectionRefused or JiraUnavailable when there is none."""
    if answer.ok:
        return answer.payload
    if answer.outcome in TRANSIENT:
        raise JiraUnavailable("Jira could not be asked to complete the consent. Begin again in a few minutes.")
    if answer.complaints and answer.complaints[0] in _SENTENCES:
        raise ConnectionRefused(_SENTENCES[answer.complaints[0]])
    if answer.outcome is Outcome.CLIENT_REFUSED:
        what = "private key" if access.auth_type == Auth.OAUTH1 else "client ID with this secret"
        raise ConnectionRefused(f"Jira does not accept this {what}. Check it, and begin again.")
    if answer.outcome is Outcome.CONSENT_AGAIN:
        raise ConnectionRefused(f"Jira does not accept this consent any more. {BEGIN_AGAIN}")
    raise ConnectionRefused(verdict(answer.outcome, clock.now()).reason)
