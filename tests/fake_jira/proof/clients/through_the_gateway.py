"""Clients that come by OAuth 2.0: consent, token, gateway, refresh."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from atlassian import Jira as AtlassianClient
from jira import JIRA, JIRAError
from requests_oauthlib import OAuth2Session

from fake_jira.model.app_records import App
from tests.fake_jira.conftest import Jira
from tests.fake_jira.oauth import CALLBACK, a_person, an_app, exchange, hidden, resources
from tests.fake_jira.proof.clients import session

SCOPES = ("read:jira-work", "write:jira-work", "read:jira-user")


def _access(jira: Jira, app: App) -> str:
    return str(exchange(jira, app, a_person(jira).accept(app)).json()["access_token"])


def _gateway(jira: Jira) -> str:
    return f"{jira.url}/ex/jira/{jira.world.cloud_id}"


@contextmanager
def _without_tls() -> Iterator[None]:
    """oauthlib refuses addresses without TLS unless it is told that this is a test."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        yield


@session("jira", "cloud")
def an_app_follows_a_ticket_as_far_as_its_scopes_go(jira: Jira) -> None:
    client = JIRA(server=_gateway(jira), token_auth=_access(jira, an_app(jira, *SCOPES)), max_retries=0)
    issue = client.create_issue(project="SEC", summary="Leak", issuetype={"name": "Bug"})
    assert issue.self.startswith(f"{_gateway(jira)}/rest/api/2/issue/")
    client.transition_issue(issue, "Done")
    assert client.issue(issue.key).fields.status.name == "Done"
    assert [each.key for each in client.search_issues("project = SEC")] == [issue.key]
    assert client.myself()["emailAddress"] == "admin@example.com"
    narrow = JIRA(server=_gateway(jira), token_auth=_access(jira, an_app(jira, "read:jira-user")), max_retries=0)
    with pytest.raises(JIRAError) as refused:
        narrow.issue(issue.key)
    assert refused.value.status_code == 401


@session("atlassian-python-api", "cloud")
def an_app_searches_and_comments(jira: Jira) -> None:
    key, app = jira.create(), an_app(jira, *SCOPES)
    token = {"access_token": _access(jira, app), "token_type": "Bearer"}
    with _without_tls():
        client = AtlassianClient(url=_gateway(jira), oauth2={"client_id": app.client_id, "token": token}, cloud=True)
        client.issue_add_comment(key, "On it")
        found = client.enhanced_jql("project = SEC", fields="summary")
    assert [each["key"] for each in found["issues"]] == [key]


@session("requests-oauthlib", "cloud")
def an_app_asks_for_consent_exchanges_the_code_and_refreshes(jira: Jira) -> None:
    app, person = an_app(jira, "read:jira-user"), a_person(jira)
    scope = ["read:jira-user", "offline_access"]
    with _without_tls():
        client = OAuth2Session(app.client_id, scope=scope, redirect_uri=CALLBACK)
        address, state = client.authorization_url(
            f"{jira.url}/authorize", audience="api.atlassian.com", prompt="consent"
        )
        page = person.session.get(address, timeout=10)
        sent = person.send("/authorize", **(hidden(page) | {"decision": "accept"})).headers["Location"]
        credential = {"client_id": app.client_id, "client_secret": app.secret}
        token_url = f"{jira.url}/oauth/token"
        token = client.fetch_token(
            token_url, authorization_response=sent, client_secret=app.secret, include_client_id=True
        )
        assert (client._state, token["expires_in"]) == (state, 3600)
        (site,) = resources(jira, token["access_token"]).json()
        myself = f"{jira.url}/ex/jira/{site['id']}/rest/api/3/myself"
        assert client.get(myself, timeout=10).status_code == 200
        jira.world.clock.advance(timedelta(hours=1))
        assert client.get(myself, timeout=10).status_code == 401
        client.refresh_token(token_url, **credential)
        assert client.get(myself, timeout=10).status_code == 200
