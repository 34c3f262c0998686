"""From the first step to the grant, at every Jira that wants a person's consent, and all the ways in which it fails."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service import clock
from service.consent import Consents, Draft, Granted
from service.errors import BadInput, ConnectionRefused, ConsentDenied, IntegrationNotFound, JiraUnavailable
from service.jira import oauth1
from service.jira.wire import Ending
from service.rules.authentication import OFFLINE, STATUS_SCOPES, TICKET_SCOPES
from service.settings import Settings
from service.store import consents as rows
from service.store import integrations
from service.store.database import Store
from service.vault import Vault, hash_token
from tests.service.browsing import at_cloud, at_data_center
from tests.service.conftest import frozen
from tests.service.granted import CALLBACK, KEY
from tests.service.jira.raw_server import answer, raw_server

ADMIN = "admin"


class Consenting:
    """An app or application link, and the consents to it."""

    def __init__(self, store: Store, jira: FakeJiraClient, url: str, auth_type: str, installation: str) -> None:
        self.store, self.jira, self.url = store, jira, url
        self.is_cloud = installation == "cloud"
        self.settings = Settings(atlassian_auth_url=url, atlassian_api_url=url, connect_seconds=2.0, read_seconds=5.0)
        self.vault = Vault([KEY])
        self.secret, client_id = self._client(auth_type)
        self.draft = Draft("jira-1", installation, auth_type, "" if self.is_cloud else url, client_id, skip_proxy=True)

    @property
    def consents(self) -> Consents:
        """Those of another process, each time."""
        return Consents(self.store, self.vault, self.settings, Ending())

    def begin(self, draft: Draft | None = None, secret: str | None = None, user: str = ADMIN) -> str:
        return self.consents.begin(draft or self.draft, secret or self.secret, user, CALLBACK)

    def decide(self, address: str, *, accept: bool = True, site: str = "") -> dict[str, str]:
        if self.is_cloud:
            return at_cloud(address, accept=accept, site=site)
        return at_data_center(address, accept=accept)

    def end(self, heard: dict[str, str], user: str = ADMIN) -> Granted:
        return self.consents.end(heard, user)

    def granted(self, **decision: Any) -> Granted:
        return self.end(self.decide(self.begin(), **decision))

    def state(self, address: str) -> str:
        """The state that belongs to a consent which has just begun."""
        asked = parse_qs(urlsplit(address).query)
        if "state" in asked:
            return asked["state"][0]
        return self.decide(address)["state"]

    def integration(self, **values: Any) -> Draft:
        """One that exists, as Edit Integration begins with it."""
        given = {"installation_type": "cloud", "auth_type": "oauth2", "url": self.url, "cloud_id": self.cloud_id}
        given |= {"credential": self.vault.seal(self.secret), "client_id": self.draft.client_id} | values
        with self.store.begin() as c:
            made = integrations.create(
                c,
                name="jira-1",
                skip_proxy=True,
                retrieve_tickets=True,
                created_version="3.140.0",
                now=clock.now(),
                **given,
            )
        return Draft.of(made)

    @property
    def cloud_id(self) -> str:
        return str(requests.get(f"{self.url}/_edge/tenant_info", timeout=10).json()["cloudId"])

    def _client(self, auth_type: str) -> tuple[str, str]:
        if self.is_cloud:
            scopes = [*TICKET_SCOPES, *STATUS_SCOPES]
            made = self.jira.app("Ticket status", scopes=scopes, callbacks=[CALLBACK])
        elif auth_type == "oauth2":
            made = self.jira.application_link(name="Ticket status", redirect_uris=[CALLBACK])
        else:
            handle = self.consents.new_key(ADMIN)
            private, public = self.consents.key(handle, ADMIN)
            self.jira.application_link(name="Ticket status", consumer_key="tickets", public_key=public)
            return private, "tickets"
        return made["client_secret"], made["client_id"]


@pytest.fixture
def cloud_app(sqlite_store: Store, world: FakeJiraClient, jira_url: str) -> Consenting:
    return Consenting(sqlite_store, world, jira_url, "oauth2", "cloud")


@pytest.fixture
def link(sqlite_store: Store, data_center_world: FakeJiraClient, data_center_url: str) -> Consenting:
    """Data Center, OAuth 2.0."""
    return Consenting(sqlite_store, data_center_world, data_center_url, "oauth2", "server")


@pytest.fixture
def consumer(sqlite_store: Store, data_center_world: FakeJiraClient, data_center_url: str) -> Consenting:
    """Data Center, OAuth 1.0a."""
    return Consenting(sqlite_store, data_center_world, data_center_url, "oauth1", "server")


@pytest.fixture(params=["cloud_app", "link", "consumer"])
def each(request: pytest.FixtureRequest) -> Consenting:
    found: Consenting = request.getfixturevalue(request.param)
    return found


# All goes well


def test_who_says_yes_at_cloud_grants_tokens_for_the_site(cloud_app: Consenting) -> None:
    granted = cloud_app.granted()
    assert granted.site is not None
    assert (granted.site.cloud_id, granted.site.url) == (cloud_app.cloud_id, cloud_app.url)
    assert (granted.access.cloud_id, granted.access.url) == (cloud_app.cloud_id, cloud_app.url)
    assert granted.choice is None
    assert granted.tokens.refresh
    assert set(granted.tokens.scopes) == {*TICKET_SCOPES, *STATUS_SCOPES, OFFLINE}
    answered = requests.get(
        f"{cloud_app.url}/ex/jira/{granted.access.cloud_id}/rest/api/3/myself",
        headers={"Authorization": f"Bearer {granted.tokens.access}"},
        timeout=10,
    )
    assert answered.json()["emailAddress"] == "admin@example.com"


def test_who_says_yes_at_data_center_grants_tokens(link: Consenting) -> None:
    granted = link.granted()
    assert granted.site is None
    assert granted.tokens.scopes == ("WRITE",)
    assert granted.tokens.expires_at is not None
    assert timedelta(hours=1) < granted.tokens.expires_at - clock.now() <= timedelta(hours=2)
    headers = {"Authorization": f"Bearer {granted.access.tokens.access}"}  # type: ignore[union-attr]
    assert requests.get(f"{link.url}/rest/api/2/myself", headers=headers, timeout=10).json()["name"] == "admin"


def test_who_says_yes_by_oauth_1_grants_a_token_and_its_secret(consumer: Consenting) -> None:
    granted = consumer.granted()
    assert granted.tokens.access
    assert granted.tokens.secret
    assert (granted.tokens.refresh, granted.tokens.expires_at) == (None, None)
    assert granted.secret == consumer.secret


def test_pkce_protects_the_code_at_data_center(link: Consenting) -> None:
    asked = parse_qs(urlsplit(link.begin()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["scope"] == ["WRITE"]


def test_what_was_entered_comes_back_with_the_grant(each: Consenting) -> None:
    granted = each.granted()
    assert granted.draft == each.draft
    assert granted.secret == each.secret


def test_a_product_before_ticket_status_asks_for_fewer_scopes(cloud_app: Consenting) -> None:
    cloud_app.settings = replace(cloud_app.settings, product_version="3.112.2")
    asked = parse_qs(urlsplit(cloud_app.begin()).query)["scope"][0].split()
    assert asked == [*TICKET_SCOPES, OFFLINE]
    cloud_app.settings = replace(cloud_app.settings, product_version="3.112.3")
    asked = parse_qs(urlsplit(cloud_app.begin()).query)["scope"][0].split()
    assert asked == [*TICKET_SCOPES, *STATUS_SCOPES, OFFLINE]


# Sites


@pytest.fixture
def second(world: FakeJiraClient, cloud_app: Consenting, fake: Any) -> Iterator[str]:
    """The name of a second site of the person's; both are granted."""
    with FakeJiraClient(fake.control_url) as control:
        other = control.make(f"{world._world}-b")
        world.add_site(f"{world._world}-b", "The other site")
        cloud_app.granted(site=f"{world._world}-b")
        yield f"{world._world}-b"
        other.drop()
        other.close()


def test_of_several_sites_one_is_chosen(cloud_app: Consenting, second: str) -> None:
    granted = cloud_app.granted()
    assert granted.site is None
    assert granted.choice
    assert len(granted.sites) == 2
    assert "The other site" in {site.name for site in granted.sites}
    assert cloud_app.consents.offered(granted.choice, ADMIN).sites == granted.sites
    other = next(site for site in granted.sites if site.url.endswith(second))
    chosen = cloud_app.consents.choose(granted.choice, other.cloud_id, ADMIN)
    assert (chosen.site, chosen.access.cloud_id, chosen.choice) == (other, other.cloud_id, None)
    assert (chosen.tokens, chosen.secret, chosen.draft) == (granted.tokens, granted.secret, granted.draft)


@pytest.mark.usefixtures("second")
def test_a_site_that_is_not_in_the_grant_is_refused_and_another_can_be_chosen(cloud_app: Consenting) -> None:
    granted = cloud_app.granted()
    assert granted.choice
    with pytest.raises(BadInput, match="not among those that access was granted for"):
        cloud_app.consents.choose(granted.choice, "11111111-2222-3333-4444-555555555555", ADMIN)
    assert cloud_app.consents.choose(granted.choice, granted.sites[0].cloud_id, ADMIN).site == granted.sites[0]


@pytest.mark.usefixtures("second")
def test_a_choice_is_made_once_and_by_the_one_who_consented(cloud_app: Consenting) -> None:
    granted = cloud_app.granted()
    assert granted.choice
    cloud_id = granted.sites[0].cloud_id
    with pytest.raises(BadInput, match="not begun here by you"):
        cloud_app.consents.choose(granted.choice, cloud_id, "eve")
    with pytest.raises(BadInput, match="not begun here by you"):
        cloud_app.consents.end({"state": granted.choice, "code": "x"}, ADMIN)
    cloud_app.consents.choose(granted.choice, cloud_id, ADMIN)
    with pytest.raises(BadInput, match="completed or refused already"):
        cloud_app.consents.choose(granted.choice, cloud_id, ADMIN)


def test_a_state_is_no_choice(cloud_app: Consenting) -> None:
    state = cloud_app.state(cloud_app.begin())
    with pytest.raises(BadInput, match="not begun here by you"):
        cloud_app.consents.choose(state, cloud_app.cloud_id, ADMIN)


@pytest.mark.usefixtures("second")
def test_an_existing_integration_keeps_its_site_whatever_else_is_granted(cloud_app: Consenting) -> None:
    granted = cloud_app.end(cloud_app.decide(cloud_app.begin(cloud_app.integration())))
    assert len(granted.sites) == 2
    assert granted.site is not None
    assert (granted.site.cloud_id, granted.choice) == (cloud_app.cloud_id, None)


def test_a_grant_that_does_not_reach_the_integrations_site_is_refused_by_its_name(
    cloud_app: Consenting, second: str
) -> None:
    address = cloud_app.begin(cloud_app.integration())
    with pytest.raises(ConnectionRefused, match=f"not to {cloud_app.url}, which this integration is for"):
        cloud_app.end(cloud_app.decide(address, site=second))


def test_without_a_secret_the_stored_one_is_used(cloud_app: Consenting) -> None:
    draft = cloud_app.integration()
    granted = cloud_app.end(cloud_app.decide(cloud_app.consents.begin(draft, None, ADMIN, CALLBACK)))
    assert granted.secret == cloud_app.secret


def test_a_removed_integration_has_no_secret_to_go_on_with(cloud_app: Consenting) -> None:
    draft = cloud_app.integration()
    assert draft.integration_id is not None
    with cloud_app.store.begin() as c:
        integrations.remove(c, draft.integration_id, clock.now())
    with pytest.raises(IntegrationNotFound):
        cloud_app.consents.begin(draft, None, ADMIN, CALLBACK)


# Consent is not given


def test_who_says_no_has_changed_nothing(each: Consenting) -> None:
    heard = each.decide(each.begin(), accept=False)
    with pytest.raises(ConsentDenied, match="Consent was not given"):
        each.end(heard)
    with pytest.raises(BadInput, match="completed or refused already"):
        each.end(heard)


def test_a_scope_that_the_app_lacks_is_named(cloud_app: Consenting) -> None:
    lacking = "read:field.option:jira"
    told = {"error": "invalid_scope", "error_description": f"The app has not been given the scope {lacking}."}
    with pytest.raises(ConnectionRefused, match=f"lacks scopes that it is asked for: {lacking}. Add them"):
        cloud_app.end(told | {"state": cloud_app.state(cloud_app.begin())})


def test_an_error_without_names_names_all_scopes(cloud_app: Consenting) -> None:
    told = {"error": "invalid_scope", "state": cloud_app.state(cloud_app.begin())}
    with pytest.raises(ConnectionRefused) as caught:
        cloud_app.end(told)
    assert all(scope in str(caught.value) for scope in (*TICKET_SCOPES, *STATUS_SCOPES))
    assert OFFLINE not in str(caught.value)


def test_another_error_of_jira_is_told_without_its_words(cloud_app: Consenting) -> None:
    told = {"error": "server_error", "error_description": "<b>evil</b>", "state": cloud_app.state(cloud_app.begin())}
    with pytest.raises(ConnectionRefused, match="Jira refused to grant access") as caught:
        cloud_app.end(told)
    assert "evil" not in str(caught.value)


# The state


@pytest.mark.parametrize("heard", [{}, {"state": ""}, {"state": "guess", "code": "x"}, {"code": "x"}])
def test_a_callback_without_a_state_of_ours_is_refused(cloud_app: Consenting, heard: dict[str, str]) -> None:
    cloud_app.begin()
    with pytest.raises(BadInput, match="not begun here by you"):
        cloud_app.end(heard)


def test_the_state_of_somebody_else_is_refused_and_stays_good_for_them(each: Consenting) -> None:
    heard = each.decide(each.begin())
    with pytest.raises(BadInput, match="not begun here by you"):
        each.end(heard, "eve")
    assert each.end(heard).tokens.access


def test_a_state_works_once(each: Consenting) -> None:
    heard = each.decide(each.begin())
    each.end(heard)
    with pytest.raises(BadInput, match="completed or refused already"):
        each.end(heard)


def test_a_state_lasts_ten_minutes(cloud_app: Consenting) -> None:
    with frozen(datetime.now(UTC)) as time:
        heard = cloud_app.decide(cloud_app.begin())
        time.advance(minutes=10)
        with pytest.raises(BadInput, match="longer than ten minutes"):
            cloud_app.end(heard)
        time.advance(seconds=1)
        cloud_app.begin()
        with pytest.raises(BadInput, match="its time is over"):
            cloud_app.end(heard)


def test_a_wrong_code_spends_the_state(cloud_app: Consenting) -> None:
    heard = {"state": cloud_app.state(cloud_app.begin()), "code": "guess"}
    with pytest.raises(ConnectionRefused, match="does not accept this consent any more"):
        cloud_app.end(heard)
    with pytest.raises(BadInput, match="completed or refused already"):
        cloud_app.end(heard)


def test_a_callback_without_a_code_is_refused(link: Consenting) -> None:
    with pytest.raises(BadInput, match="no code"):
        link.end({"state": link.state(link.begin())})


def test_a_code_works_only_with_the_verifier_of_its_own_consent(link: Consenting) -> None:
    first, second = link.decide(link.begin()), link.decide(link.begin())
    with pytest.raises(ConnectionRefused):
        link.end(first | {"code": second["code"]})


def test_another_request_token_than_the_one_that_was_asked_about_is_refused(consumer: Consenting) -> None:
    heard = consumer.decide(consumer.begin())
    with pytest.raises(BadInput, match="not begun here by you"):
        consumer.end(heard | {"oauth_token": "another"})


def test_what_was_entered_can_be_shown_again_to_whom_entered_it(each: Consenting) -> None:
    heard = each.decide(each.begin(), accept=False)
    with pytest.raises(ConsentDenied):
        each.end(heard)
    assert each.consents.draft(heard["state"], ADMIN) == each.draft
    assert each.consents.draft(heard["state"], "eve") is None
    assert each.consents.draft("guess", ADMIN) is None


# What Jira does not take


@pytest.mark.parametrize("at", ["cloud_app", "link"])
def test_a_wrong_client_secret_is_told_apart(at: str, request: pytest.FixtureRequest) -> None:
    here: Consenting = request.getfixturevalue(at)
    with pytest.raises(ConnectionRefused, match="does not accept this client ID with this secret"):
        here.end(here.decide(here.begin(secret="wrong-secret")))


def test_a_consumer_key_that_jira_does_not_know_is_told_at_once(consumer: Consenting) -> None:
    with pytest.raises(ConnectionRefused, match="does not know this consumer key"):
        consumer.begin(replace(consumer.draft, client_id="unknown"))


def test_a_public_key_that_was_not_pasted_is_told_at_once(consumer: Consenting) -> None:
    with pytest.raises(ConnectionRefused, match="Paste the public key"):
        consumer.begin(secret=oauth1.new_private_key())


def test_a_private_key_that_is_none_is_told_at_once(consumer: Consenting) -> None:
    with pytest.raises(ConnectionRefused, match="does not accept this private key"):
        consumer.begin(secret="no key")


def test_clocks_that_differ_are_told_at_once(consumer: Consenting) -> None:
    consumer.jira.advance(by=timedelta(days=1))
    with pytest.raises(ConnectionRefused, match="clock"):
        consumer.begin()


def test_a_jira_that_is_not_there_is_told_at_once(consumer: Consenting) -> None:
    with raw_server(answer("503 Service Unavailable")) as url, pytest.raises(JiraUnavailable):
        consumer.begin(replace(consumer.draft, url=url))
    with raw_server(answer("404 Not Found")) as url, pytest.raises(ConnectionRefused, match="no Jira REST API"):
        consumer.begin(replace(consumer.draft, url=url))
    with raw_server(answer("200 OK", b"hello")) as url, pytest.raises(ConnectionRefused, match="not as a Jira does"):
        consumer.begin(replace(consumer.draft, url=url))


def test_a_token_endpoint_that_is_away_means_beginning_again(link: Consenting) -> None:
    heard = link.decide(link.begin())
    link.jira.fault("unavailable", path="/rest/oauth2/latest/token")
    with pytest.raises(JiraUnavailable, match="Begin again in a few minutes"):
        link.end(heard)


def test_access_that_cannot_be_renewed_is_not_taken(cloud_app: Consenting) -> None:
    with raw_server(answer("200 OK", b'{"access_token": "a", "expires_in": 3600}')) as url:
        state = cloud_app.state(cloud_app.begin())
        cloud_app.settings = replace(cloud_app.settings, atlassian_auth_url=url)
        with pytest.raises(ConnectionRefused, match="cannot be renewed"):
            cloud_app.end({"state": state, "code": "x"})


@pytest.mark.parametrize(
    ("listed", "error", "sentence"),
    [
        (answer("200 OK", b"[]"), ConnectionRefused, "reaches no Jira site"),
        (
            answer("200 OK", b'[{"id": "1", "name": "w", "url": "https://w", "scopes": ["read:confluence-space"]}]'),
            ConnectionRefused,
            "reaches no Jira site",
        ),
        (answer("200 OK", b"{}"), ConnectionRefused, "not as a Jira does"),
        (answer("502 Bad Gateway"), JiraUnavailable, "Begin again"),
        (answer("200 OK", b"<html>", Content_Type="text/html"), JiraUnavailable, "Begin again"),
        (answer("401 Unauthorized", b"{}"), ConnectionRefused, "does not accept the credentials"),
    ],
)
def test_a_grant_without_a_jira_site_is_not_taken(
    cloud_app: Consenting, listed: bytes, error: type[Exception], sentence: str
) -> None:
    heard = cloud_app.decide(cloud_app.begin())
    with raw_server(listed) as url:
        cloud_app.settings = replace(cloud_app.settings, atlassian_api_url=url)
        with pytest.raises(error, match=sentence):
            cloud_app.end(heard)


@pytest.mark.parametrize("auth_type", ["basic", "pat"])
def test_nobody_consents_to_a_password(cloud_app: Consenting, auth_type: str) -> None:
    with pytest.raises(BadInput, match=f"authentication type {auth_type}"):
        cloud_app.begin(replace(cloud_app.draft, auth_type=auth_type))


# Key pairs


def test_a_key_pair_is_kept_for_the_one_who_made_it(cloud_app: Consenting) -> None:
    handle = cloud_app.consents.new_key(ADMIN)
    private, public = cloud_app.consents.key(handle, ADMIN)
    assert cloud_app.consents.key(handle, ADMIN) == (private, public)
    assert private.startswith("-----BEGIN PRIVATE KEY-----")
    assert public.startswith("-----BEGIN PUBLIC KEY-----")
    for foreign, user in ((handle, "eve"), ("guess", ADMIN), (cloud_app.state(cloud_app.begin()), ADMIN)):
        with pytest.raises(BadInput, match="Generate a new one"):
            cloud_app.consents.key(foreign, user)
    with pytest.raises(BadInput, match="not begun here by you"):
        cloud_app.end({"state": handle, "code": "x"})
    with frozen(datetime.now(UTC) + timedelta(days=1)), pytest.raises(BadInput, match="Generate a new one"):
        cloud_app.consents.key(handle, ADMIN)


# Secrets


def test_nothing_secret_is_readable_in_the_store_in_a_repr_or_in_an_error(
    each: Consenting, logged: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    address = each.begin()
    heard = each.decide(address)
    with each.store.read() as c:
        row = rows.of(c, hash_token(heard["state"]))
    granted = each.end(heard)
    with pytest.raises(BadInput) as caught:
        each.end(heard)
    shown = [repr(granted), repr(granted.access), repr(row), repr(caught.value), repr(logged), *capsys.readouterr()]
    given = granted.tokens
    secrets = [each.secret, given.access, given.refresh, given.secret, heard["state"], heard.get("code")]
    for secret in (*secrets, heard.get("oauth_verifier")):
        assert secret is None or not any(secret in text for text in shown)
    assert each.secret not in address
