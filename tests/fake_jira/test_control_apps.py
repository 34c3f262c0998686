"""Apps, grants, sites and tokens of Jira Cloud from outside: control API, Python client, command line."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from click.testing import CliRunner

from fake_jira.cli import command
from fake_jira.client import FakeJiraClient, FakeJiraError
from tests.fake_jira.conftest import ADMIN, VIEWER, Jira
from tests.fake_jira.oauth import CALLBACK, bearer


@pytest.fixture
def client(jira: Jira) -> Iterator[FakeJiraClient]:
    address = jira.url.partition("/worlds/")[0]
    with FakeJiraClient(address, jira.world.name) as made:
        yield made


def ctl(jira: Jira, *words: str) -> str:
    """What a command prints."""
    address = jira.url.partition("/worlds/")[0]
    ran = CliRunner().invoke(command, ["ctl", "--url", address, "--world", jira.world.name, *words])
    assert ran.exit_code == 0, ran.output
    return ran.output


def myself(jira: Jira, token: str) -> requests.Response:
    address = f"{jira.url}/ex/jira/{jira.world.cloud_id}/rest/api/3/myself"
    return jira.session.get(address, headers=bearer(token), timeout=10)


def test_an_app_is_made_shown_changed_and_deleted(jira: Jira, client: FakeJiraClient) -> None:
    made = client.app(
        "Status", scopes=["read:jira-user"], callbacks=[CALLBACK], client_id="mine", client_secret="s3cret"
    )
    assert made == {
        "client_id": "mine",
        "client_secret": "s3cret",
        "name": "Status",
        "owner": ADMIN[0],
        "scopes": ["read:jira-user"],
        "callbacks": [CALLBACK],
        "distributed": False,
    }
    assert client.apps() == [made]
    changed = client.change_app("Status", distributed=True, scopes=["read:jira-work"])
    assert changed == made | {"distributed": True, "scopes": ["read:jira-work"]}
    client.delete_app("mine")
    assert client.apps() == []


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({"scopes": ["read:jira-wrok"]}, "Jira has no scope 'read:jira-wrok'; near it: read:jira-work"),
        ({"scopes": ["read:isue:jira"]}, "near it: read:issue:jira"),
        ({"scopes": ["two words"]}, "'two words' is not a scope"),
        ({"scopes": [5]}, "'scopes' must be a list of texts; 5 is none"),
        ({"callbacks": ["http://app.example/cb"]}, "must be an https:// address; http:// is for localhost alone"),
        ({"callbacks": ["https://app.example/cb#part"]}, "must be an https:// address"),
        ({"callbacks": ["callback"]}, "must be an https:// address"),
        ({"callbacks": ["http://[::"]}, "must be an https:// address"),
        ({"name": "  "}, "An app's name has 1 to 100 characters"),
        ({"client_id": "a b"}, "A client id has 1 to 100 letters"),
        ({"owner": "nobody@example.com"}, "There is no user 'nobody@example.com'"),
        ({"secret": "x"}, "unknown property 'secret'"),
    ],
)
def test_an_app_that_cannot_be_is_refused_with_a_sentence(
    client: FakeJiraClient, properties: dict[str, object], sentence: str
) -> None:
    with pytest.raises(FakeJiraError) as refused:
        client.app(**({"name": "Status"} | properties))  # type: ignore[arg-type]
    assert sentence in str(refused.value)
    assert client.apps() == []


@pytest.mark.parametrize("callback", ["http://localhost:1/cb", "http://127.0.0.1/cb", "http://[::1]:5000/cb"])
def test_callbacks_without_tls_are_for_this_machine(client: FakeJiraClient, callback: str) -> None:
    assert client.app("Status", callbacks=[callback])["callbacks"] == [callback]


def test_a_client_id_is_taken_once_and_an_ambiguous_name_names_no_app(client: FakeJiraClient) -> None:
    client.app("Status", client_id="one")
    with pytest.raises(FakeJiraError, match="already an app") as taken:
        client.app("Other", client_id="one")
    assert taken.value.status == 409
    client.app("Status", client_id="two")
    with pytest.raises(FakeJiraError, match=r"Status \(one\), Status \(two\)"):
        client.delete_app("Status")


def test_a_grant_without_a_browser_works_until_it_is_removed(jira: Jira, client: FakeJiraClient) -> None:
    client.app("Status", scopes=["read:jira-user"])
    made = client.grant("Status", user=VIEWER[0])
    assert (made["user"], made["scopes"]) == (VIEWER[0], ["read:jira-user", "offline_access"])
    assert (made["sites"], made["expires_in"]) == ([jira.world.name], 3600)
    assert myself(jira, made["access_token"]).json()["emailAddress"] == VIEWER[0]
    assert [each["id"] for each in client.grants()] == [made["id"]]
    client.remove_grant(made["id"])
    assert client.grants() == []
    assert [(each["kind"], each["good"]) for each in client.tokens() if each.get("app")] == [("access", False)]
    assert myself(jira, made["access_token"]).status_code == 401


def test_an_app_that_an_admin_uninstalls_is_let_in_by_nobody_on_this_site(jira: Jira, client: FakeJiraClient) -> None:
    other = client.make(f"{jira.world.name}-d")
    client.add_site(f"{jira.world.name}-d")
    client.app("Status", scopes=["read:jira-user"])
    both = client.grant("Status", sites=[jira.world.name, f"{jira.world.name}-d"])
    here = client.grant("Status", user=VIEWER[0])
    client.uninstall_app("Status")
    assert [(each["user"], each["sites"]) for each in client.grants()] == [(ADMIN[0], [f"{jira.world.name}-d"])]
    assert [myself(jira, each["access_token"]).status_code for each in (both, here)] == [404, 401]
    other.drop()


def test_a_grant_that_no_consent_could_give_is_refused(jira: Jira, client: FakeJiraClient) -> None:
    client.app("Status", scopes=["read:jira-user"])
    with pytest.raises(FakeJiraError, match="has not been given the scope read:jira-work"):
        client.grant("Status", scopes=["read:jira-work"])
    with pytest.raises(FakeJiraError, match="has no account on 'default'"):
        client.grant("Status", sites=["default"])
    with pytest.raises(FakeJiraError, match="There is no grant '7'"):
        client.remove_grant("7")
    assert jira.world.state.app_grants == {}


def test_tokens_of_all_kinds_are_listed_expired_and_revoked(jira: Jira, client: FakeJiraClient) -> None:
    client.app("Status", scopes=["read:jira-user"])
    granted = client.grant("Status")
    api = client.api_token(ADMIN[0], label="CI", expires=client.now() + timedelta(days=1), scopes=["read:jira-user"])
    assert {each["kind"] for each in client.tokens()} == {"api", "access", "refresh"}
    assert all(each["good"] for each in client.tokens())
    past = client.now() - timedelta(minutes=1)
    assert client.expire_token(granted["access_token"], past)["good"] is False
    assert client.expire_token(api["id"], past)["good"] is False
    assert myself(jira, granted["access_token"]).status_code == 401
    client.revoke_token(granted["refresh_token"])
    client.revoke_token("viewer-token")
    assert [each["token"] for each in client.tokens() if each["good"]] == ["admin-token"]
    for token in ("nonsense", granted["refresh_token"]):
        with pytest.raises(FakeJiraError, match="There is no"):
            client.revoke_token(token)
    with pytest.raises(FakeJiraError, match="There is no API token or access token"):
        client.expire_token("nonsense", past)


def test_an_api_token_ends_within_a_year(jira: Jira, client: FakeJiraClient) -> None:
    made = client.api_token(VIEWER[0], token="mine")
    jira.world.clock.advance(timedelta(days=364))
    assert jira.get("myself", auth=(VIEWER[0], "mine")).status_code == 200
    jira.world.clock.advance(timedelta(days=1))
    assert jira.get("myself", auth=(VIEWER[0], "mine")).status_code == 401
    assert made["scopes"] is None
    with pytest.raises(FakeJiraError, match="after a year at most"):
        client.api_token(VIEWER[0], expires=client.now() + timedelta(days=366))
    with pytest.raises(FakeJiraError, match="Somebody has this API token") as taken:
        client.api_token(VIEWER[0], token="admin-token")
    assert taken.value.status == 409


def test_sites_are_added_once_they_are_worlds_and_taken_away(jira: Jira, client: FakeJiraClient) -> None:
    other = client.make(f"{jira.world.name}-b")
    added = client.add_site(f"{jira.world.name}-b", "B")
    assert [each["name"] for each in client.sites()] == [jira.world.name, "B"]
    client.app("Status", scopes=["read:jira-user"])
    assert client.grant("Status", sites=[added["world"]])["sites"] == [added["world"]]
    client.remove_site(added["world"])
    assert len(client.sites()) == 1
    for wrong in (jira.world.name, "nowhere"):
        with pytest.raises(FakeJiraError):
            client.add_site(wrong)
    with pytest.raises(FakeJiraError, match="no further site"):
        client.remove_site("nowhere")
    other.drop()


def test_a_dropped_world_does_not_break_the_list_of_sites(jira: Jira, client: FakeJiraClient) -> None:
    other = client.make(f"{jira.world.name}-c")
    client.add_site(f"{jira.world.name}-c")
    other.drop()
    assert [each["cloud_id"] for each in client.sites()] == [jira.world.cloud_id, None]


def test_a_new_password_ends_refreshing(jira: Jira, client: FakeJiraClient) -> None:
    client.app("Status", scopes=["read:jira-user"])
    client.grant("Status")
    client.change_password(ADMIN[0], "new")
    assert [each["kind"] for each in client.tokens() if each.get("app")] == ["access"]


def test_a_data_center_has_none_of_this(data_center: Jira) -> None:
    answer = data_center.session.get(f"{data_center.url}/_control/apps", timeout=10)
    assert (answer.status_code, "Data Center" in answer.json()["error"]) == (409, True)
    gateway = data_center.session.get(f"{data_center.url}/ex/jira/x/rest/api/2/myself", timeout=10)
    assert gateway.status_code == 404


def test_the_command_line_makes_lets_in_and_deletes_apps(jira: Jira) -> None:
    said = ctl(jira, "app", "create", "Status", "--scope", "read:jira-user", "--client-secret", "s3cret")
    assert "secret: s3cret" in said
    assert "Status" in ctl(jira, "app", "list")
    token = ctl(jira, "app", "grant", "Status", "--user", VIEWER[0]).splitlines()[1].removeprefix("access token: ")
    assert myself(jira, token).status_code == 200
    assert "may ask for read:jira-work." in ctl(jira, "app", "scopes", "Status", "read:jira-work")
    ctl(jira, "app", "delete", "Status")
    assert ctl(jira, "app", "list") == "There are no apps.\n"


def test_the_command_line_speaks_json(jira: Jira) -> None:
    address = jira.url.partition("/worlds/")[0]
    words = ["ctl", "--url", address, "--world", jira.world.name, "--json", "app"]
    made = json.loads(CliRunner().invoke(command, [*words, "create", "Status", "--distributed"]).output)
    assert made["distributed"] is True
    assert json.loads(CliRunner().invoke(command, [*words, "list"]).output) == [made]
