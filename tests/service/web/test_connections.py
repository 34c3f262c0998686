"""Connections of every installation and authentication type over the API, and what does not go together. (3.2)"""

from typing import Any

import pytest
import requests

from fake_jira.client import FakeJiraClient
from service import clock
from service.errors import EditedMeanwhile
from service.jira.access import Tokens
from service.rules.authentication import OFFLINE, STATUS_SCOPES, TICKET_SCOPES
from service.rules.health import HEALTHY_REASON, Health, Verdict
from service.store import integrations
from service.web import connecting, connection
from service.web.parts import parts
from tests.service.browsing import at_cloud, at_data_center
from tests.service.jira.doors import key_pair
from tests.service.web.conftest import CALLBACK, CHECK, CHOOSE, INTEGRATIONS, Service

SCOPES = [*TICKET_SCOPES, *STATUS_SCOPES]
AUTHORIZE = f"{INTEGRATIONS}/authorize"
REFUSED = (
    "We were not able to connect to your Jira based on the credentials you provided, "
    "please check all the values and try again."
)


def server(url: str, **values: Any) -> dict[str, Any]:
    common = {"connection_name": "jira-1", "installation_type": "server", "auth_type": "basic", "jira_server_url": url}
    return common | values


def cloud_app(world: FakeJiraClient, service: Service, scopes: list[str] = SCOPES) -> dict[str, Any]:
    return world.app("Ticket status", scopes=scopes, callbacks=[service.callback])


def oauth2(app: dict[str, Any], **values: Any) -> dict[str, Any]:
    """What is told about Jira Cloud with OAuth 2.0."""
    kind = {"connection_name": "jira-1", "installation_type": "cloud", "auth_type": "oauth2"}
    return kind | {"client_id": app["client_id"], "client_secret": app["client_secret"]} | values


def begun(service: Service, given: dict[str, Any], path: str = AUTHORIZE) -> str:
    """The address in Jira."""
    answer = service.call("POST", path, json=given)
    assert answer.status_code == 200, answer.text
    assert answer.json()["callback_url"] == service.callback
    return str(answer.json()["authorization_url"])


def back(service: Service, parameters: dict[str, str], **kwargs: Any) -> requests.Response:
    return service.call("GET", CALLBACK, params=parameters, **kwargs)


def consented(service: Service, given: dict[str, Any], path: str = AUTHORIZE) -> requests.Response:
    """A person says yes on the page of that Jira."""
    address = begun(service, given, path)
    return back(service, (at_cloud if address.startswith(service.jira_url) else at_data_center)(address))


def details(service: Service) -> dict[str, Any]:
    return dict(service.call("GET", f"{INTEGRATIONS}/jira-1").json())


def health(service: Service) -> str:
    return str(service.call("GET", CHECK, params={"integrationName": "jira-1"}).json()["status"])


def test_data_center_by_basic_as_documented(service: Service, data_center_url: str) -> None:
    given = server(data_center_url, username="admin", password="admin")
    assert service.call("POST", INTEGRATIONS, json=given).status_code == 200
    del given["password"]
    assert details(service) == given | {"skip_proxy": False}
    assert health(service) == "HEALTHY_INTEGRATION"


def test_data_center_by_personal_access_token(
    service: Service, data_center_url: str, data_center_world: FakeJiraClient
) -> None:
    token = data_center_world.personal_token("admin")["token"]
    given = server(data_center_url, auth_type="pat", password=token)
    assert service.call("POST", INTEGRATIONS, json=given | {"password": "wrong"}).json() == {"error": REFUSED}
    assert service.call("POST", INTEGRATIONS, json=given).status_code == 200
    del given["password"]
    assert details(service) == given | {"skip_proxy": False}
    assert health(service) == "HEALTHY_INTEGRATION"


def test_data_center_by_oauth_1(service: Service, data_center_url: str, data_center_world: FakeJiraClient) -> None:
    private, public = key_pair()
    given = server(data_center_url, auth_type="oauth1", consumer_key="tickets", private_key=private)
    unknown = service.call("POST", AUTHORIZE, json=given)
    assert (unknown.status_code, "consumer key" in unknown.json()["error"]) == (400, True)
    data_center_world.application_link(consumer_key="tickets", public_key=public, name="Ticket status")
    assert consented(service, given).json()["connection_name"] == "jira-1"
    assert details(service) == server(data_center_url, auth_type="oauth1", consumer_key="tickets", skip_proxy=False)
    assert health(service) == "HEALTHY_INTEGRATION"
    again = consented(service, {}, f"{INTEGRATIONS}/jira-1/authorize")  # with the key that is stored
    assert again.json()["info"] == "Integration has been successfully updated"


def test_data_center_by_oauth_2(service: Service, data_center_url: str, data_center_world: FakeJiraClient) -> None:
    link = data_center_world.application_link(name="Ticket status", redirect_uris=[service.callback])
    who = {"auth_type": "oauth2", "client_id": link["client_id"]}
    given = server(data_center_url, **who, client_secret=link["client_secret"])
    wrong = consented(service, given | {"client_secret": "wrong"})
    assert (wrong.status_code, "client ID with this secret" in wrong.json()["error"]) == (400, True)
    assert service.call("GET", INTEGRATIONS).json() == {"integrations": []}
    assert consented(service, given).status_code == 200
    assert details(service) == server(data_center_url, **who, skip_proxy=False)
    assert health(service) == "HEALTHY_INTEGRATION"


def test_cloud_by_oauth_2_takes_its_address_from_the_grant_and_later_only_the_secret(
    service: Service, world: FakeJiraClient, jira_url: str
) -> None:
    app = cloud_app(world, service)
    made = consented(service, oauth2(app))
    assert made.json() == {"info": "Integration has been successfully created", "connection_name": "jira-1"}
    assert app["client_secret"] not in service.call("GET", f"{INTEGRATIONS}/jira-1").text
    kept = oauth2(app, jira_server_url=jira_url, skip_proxy=False)
    del kept["client_secret"]
    assert details(service) == kept
    assert health(service) == "HEALTHY_INTEGRATION"
    path = f"{INTEGRATIONS}/jira-1/authorize"
    assert "client_secret" in service.call("POST", path, json={}).json()["error"]
    edited = consented(service, {"client_secret": app["client_secret"]}, path)
    assert edited.json()["info"] == "Integration has been successfully updated"
    renamed = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-2", "skip_proxy": True})
    assert renamed.status_code == 200, renamed.text


def test_of_several_sites_one_is_chosen(service: Service, world: FakeJiraClient, jira_url: str) -> None:
    other = world.make(f"{world._world}-second")
    try:
        world.add_site(other._world or "", "second-site")
        app = cloud_app(world, service)
        world.grant(app["client_id"])
        parameters = at_cloud(begun(service, oauth2(app)), site=other._world or "")
        offered = back(service, parameters).json()
        assert sorted(site["url"] for site in offered["sites"]) == [jira_url, f"{jira_url}-second"]
        foreign = service.call("POST", CHOOSE, json={"choice": offered["choice"], "cloud_id": "not-in-the-grant"})
        assert (foreign.status_code, "not among those" in foreign.json()["error"]) == (400, True)
        mine = next(site["cloud_id"] for site in offered["sites"] if site["url"] == jira_url)
        chosen = {"choice": offered["choice"], "cloud_id": mine}
        assert service.call("POST", CHOOSE, json=chosen).status_code == 200
        assert details(service)["jira_server_url"] == jira_url
        assert service.call("POST", CHOOSE, json=chosen).status_code == 400
    finally:
        other.drop()


def test_a_callback_works_once_for_the_one_who_began_and_only_with_consent(
    service: Service, world: FakeJiraClient
) -> None:
    app = cloud_app(world, service)
    denied = back(service, at_cloud(begun(service, oauth2(app)), accept=False))
    assert (denied.status_code, "Consent was not given" in denied.json()["error"]) == (400, True)
    parameters = at_cloud(begun(service, oauth2(app)))
    assert back(service, parameters, token=service.add_viewer()).status_code == 403
    assert back(service, parameters | {"state": "made-up"}).status_code == 400
    assert back(service, parameters).status_code == 200
    replayed = back(service, parameters)
    assert (replayed.status_code, "completed or refused already" in replayed.json()["error"]) == (400, True)
    assert back(service, {}).status_code == 400
    assert len(service.call("GET", INTEGRATIONS).json()["integrations"]) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (oauth2({"client_id": "x", "client_secret": "y"}), "takes the consent of a person in Jira"),
        (server("http://x", auth_type="oauth1", consumer_key="x", private_key="y"), "jira-integrations/authorize"),
        (server("http://x", installation_type="cloud", auth_type="pat", password="x"), "pat is not offered for"),
        (
            server("http://x", installation_type="cloud", auth_type="oauth1", consumer_key="x", private_key="y"),
            "auth_type oauth1 is not offered for installation_type cloud. Use basic or oauth2.",
        ),
        (
            server("http://x", auth_type="pat", password="x", username="admin"),
            "username does not belong to installation_type server with auth_type pat, which takes password, "
            "jira_server_url.",
        ),
        (server("http://x", username="a", password="b", client_id="c"), "client_id does not belong to"),
        (server("http://x", auth_type="pat"), "Missing property password."),
        (server("http://x", auth_type="ldap"), "auth_type must be"),
    ],
)
def test_what_does_not_go_together_is_400_and_named(service: Service, given: dict[str, Any], said: str) -> None:
    answer = service.call("POST", INTEGRATIONS, json=given)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (server("http://x", username="a", password="b"), "takes nobody's consent"),
        (
            oauth2({"client_id": "x", "client_secret": "y"}, jira_server_url="http://x"),
            "jira_server_url does not belong",
        ),
        (server("http://x", auth_type="oauth1", consumer_key="x", private_key="no key"), "RSA private key in PEM"),
        (server("http://x", auth_type="oauth2", client_id="x"), "Missing property client_secret."),
        ({}, "Missing property connection_name"),
    ],
)
def test_what_needs_no_consent_or_cannot_have_one_is_400(service: Service, given: dict[str, Any], said: str) -> None:
    answer = service.call("POST", AUTHORIZE, json=given)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_only_an_admin_authorizes(service: Service) -> None:
    viewer = service.add_viewer()
    for path in (AUTHORIZE, f"{INTEGRATIONS}/jira-1/authorize", CHOOSE):
        assert service.call("POST", path, token=viewer, json={}).status_code == 403, path
        assert requests.post(service.url + path, json={}, timeout=10).status_code == 401, path


def test_a_consent_integration_is_not_changed_by_put_but_may_become_basic(
    service: Service, world: FakeJiraClient
) -> None:
    app = cloud_app(world, service)
    consented(service, oauth2(app))
    refused = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-1", "client_secret": "new"})
    assert (refused.status_code, "authorize" in refused.json()["error"]) == (400, True)
    incomplete = service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-1", "auth_type": "basic"})
    assert "username, password, jira_server_url" in incomplete.json()["error"]
    changed = service.call("PUT", f"{INTEGRATIONS}/jira-1", json=service.connection())
    assert changed.status_code == 200
    assert details(service)["username"] == "admin@example.com"
    parts = service.running.parts
    with parts.store.read() as c:
        found = integrations.by_name(c, "jira-1")
    assert found is not None
    assert parts.connections.grants.stored(found.id) is None


@pytest.mark.parametrize(
    "meanwhile", [{"username": "viewer@example.com", "password": "viewer-token"}, {"password": "another-token"}]
)
def test_an_edit_that_was_tested_with_what_holds_no_more_is_refused(
    service: Service, world: FakeJiraClient, meanwhile: dict[str, str]
) -> None:
    service.connect()
    world.api_token("admin@example.com", token="another-token")
    with service.running.app.app_context():
        before = connecting.find("jira-1")
        tested = connection.read({"connection_name": "jira-2", "skip_proxy": True}, before)
        sealed = parts().connections.sealed(before.id)
        assert service.call("PUT", f"{INTEGRATIONS}/jira-1", json={"connection_name": "jira-1"} | meanwhile).ok
        kept = details(service)
        with pytest.raises(EditedMeanwhile, match="Look at it"):
            connecting.store_changed(before, sealed, tested, Verdict(Health.HEALTHY, HEALTHY_REASON, clock.now()))
    assert details(service) == kept
    assert health(service) == "HEALTHY_INTEGRATION"


def test_another_jira_is_refused_while_there_are_tickets(service: Service, stock: str, world: FakeJiraClient) -> None:
    other = world.make(f"{world._world}-other")
    try:
        other.issue("SEC", summary="of somebody else")  # the same id and key as the ticket's
        body = {"connection_name": "jira-1", "password": "admin-token", "jira_server_url": f"{service.jira_url}-other"}
        refused = service.call("PUT", f"{INTEGRATIONS}/jira-1", json=body)
        assert refused.status_code == 400
        assert f"holds 1 ticket of {service.jira_url}, which" in refused.json()["error"]
        assert details(service)["jira_server_url"] == service.jira_url
        wrong = service.call("PUT", f"{INTEGRATIONS}/jira-1", json=body | {"password": "wrong"})
        assert wrong.json() == {"error": REFUSED}
    finally:
        other.drop()


def test_the_same_jira_under_a_new_address_is_taken(service: Service, stock: str, world: FakeJiraClient) -> None:
    moved = world.fork(f"{world._world}-moved")
    try:
        body = {"connection_name": "jira-1", "password": "admin-token", "jira_server_url": f"{service.jira_url}-moved"}
        assert service.call("PUT", f"{INTEGRATIONS}/jira-1", json=body).status_code == 200
        assert details(service)["jira_server_url"] == f"{service.jira_url}-moved"
    finally:
        moved.drop()


def switched_off_without_the_scopes(service: Service, world: FakeJiraClient, stored: tuple[str, ...]) -> dict[str, Any]:
    """An integration as one from before 3.112 is after the upgrade; the app that it is of.

    `stored` is what our own record believes to have been granted.
    """
    app = cloud_app(world, service, [*TICKET_SCOPES])
    given = world.grant(app["client_id"], scopes=[*TICKET_SCOPES, OFFLINE])
    tokens = Tokens(given["access_token"], given["refresh_token"], scopes=stored)
    cloud_id = requests.get(f"{service.jira_url}/_edge/tenant_info", timeout=10).json()["cloudId"]
    parts = service.running.parts
    with parts.store.begin() as c:
        made = integrations.create(
            c, name="jira-1", installation_type="cloud", auth_type="oauth2", client_id=app["client_id"],
            cloud_id=cloud_id, credential=parts.vault.seal(app["client_secret"]), url=service.jira_url,
            skip_proxy=True, retrieve_tickets=False, created_version="3.111.0", now=clock.now(),
        )  # fmt: skip
        parts.connections.grants.put(c, made.id, tokens, clock.now())
    return app


@pytest.mark.parametrize("jira_is_away", [False, True])
def test_switching_on_without_the_scopes_is_refused_with_their_names_and_the_steps(
    service: Service, world: FakeJiraClient, jira_is_away: bool
) -> None:
    app = switched_off_without_the_scopes(service, world, TICKET_SCOPES if jira_is_away else tuple(SCOPES))
    if jira_is_away:
        world.fault("unavailable")
    settings = f"{INTEGRATIONS}/jira-1/settings"
    refused = service.call("PUT", settings, json={"retrieve_jira_tickets": True})
    assert refused.status_code == 400
    assert ", ".join(STATUS_SCOPES) in refused.json()["error"]
    assert "developer console, open Edit Integration, enter the secret, grant access again" in refused.json()["error"]
    assert service.call("GET", settings).json() == {"retrieve_jira_tickets": False}
    world.clear()
    world.change_app(app["client_id"], scopes=SCOPES)
    assert service.call("PUT", settings, json={"retrieve_jira_tickets": True}).status_code == 400
    again = consented(service, {"client_secret": app["client_secret"]}, f"{INTEGRATIONS}/jira-1/authorize")
    assert again.status_code == 200, again.text
    assert service.call("PUT", settings, json={"retrieve_jira_tickets": True}).status_code == 200


def test_a_run_is_cancelled_once_and_only_by_the_integration_it_is_of(service: Service, stock: str) -> None:
    service.connect(connection_name="jira-2")
    run = service.call("POST", f"{INTEGRATIONS}/jira-1/retrievals").json()["id"]
    assert service.call("POST", f"{INTEGRATIONS}/jira-2/retrievals/{run}/cancel").status_code == 404
    assert service.call("POST", f"{INTEGRATIONS}/jira-1/retrievals/{10**30}/cancel").status_code == 404
    viewer = service.add_viewer()
    assert service.call("POST", f"{INTEGRATIONS}/jira-1/retrievals/{run}/cancel", token=viewer).status_code == 403
    cancelled = service.call("POST", f"{INTEGRATIONS}/jira-1/retrievals/{run}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = service.call("POST", f"{INTEGRATIONS}/jira-1/retrievals/{run}/cancel")
    assert (again.status_code, again.json()) == (409, {"error": "This run has ended already."})
