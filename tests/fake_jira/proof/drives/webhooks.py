"""Webhooks, of apps (through the gateway) and of administrators. What is delivered is tested beside this folder."""

from typing import Any

import requests

from fake_jira.client import FakeJiraClient
from tests.fake_jira.conftest import ADMIN, DC_ADMIN, Jira
from tests.fake_jira.proof.drives import drives

SCOPES = ["read:jira-work", "write:jira-work", "manage:jira-webhook"]
NOWHERE = "http://127.0.0.1:9/"


@drives(
    "cloud",
    "registerDynamicWebhooks",
    "getDynamicWebhooksForApp",
    "refreshWebhooks",
    "getFailedWebhooks",
    "deleteWebhookById",
)
def an_app_registers_refreshes_and_removes_its_webhooks(jira: Jira) -> None:
    control = FakeJiraClient(jira.url)
    app = control.app("Listener", owner=ADMIN[0], scopes=SCOPES)["client_id"]
    token = control.grant(app, user=ADMIN[0], scopes=SCOPES)["access_token"]

    def call(method: str, path: str, body: Any = None) -> requests.Response:
        url = f"{jira.url}/ex/jira/{jira.world.cloud_id}/rest/api/3/{path}"
        return jira.session.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    wanted = {"events": ["jira:issue_updated"], "jqlFilter": "project = SEC", "fieldIdsFilter": ["summary"]}
    made = call("POST", "webhook", {"url": NOWHERE, "webhooks": [wanted, {**wanted, "jqlFilter": "votes = 1"}]})
    first, second = made.json()["webhookRegistrationResult"]
    assert second["errors"] == ["The clause votes is unsupported"]
    ids = {"webhookIds": [first["createdWebhookId"]]}
    assert [each["id"] for each in call("GET", "webhook").json()["values"]] == ids["webhookIds"]
    assert call("PUT", "webhook/refresh", ids).json()["expirationDate"] > 0
    assert call("GET", "webhook/failed?maxResults=5").json()["values"] == []
    assert call("DELETE", "webhook", ids).status_code == 202
    assert call("GET", "webhook").json()["total"] == 0


@drives(
    "cloud",
    "data-center",
    "listAdminWebhooks",
    "createAdminWebhook",
    "getAdminWebhook",
    "updateAdminWebhook",
    "deleteAdminWebhook",
)
def an_administrator_registers_changes_and_removes_a_webhook(jira: Jira) -> None:
    cloud = jira.flavour == "cloud"
    auth = ADMIN if cloud else DC_ADMIN
    path = "rest/webhooks/1.0/webhook" if cloud else "rest/jira-webhook/1.0/webhooks"
    url = f"{jira.url}/{path}"
    body = {"name": "Mine", "url": NOWHERE, "events": ["jira:issue_created"], "excludeBody": True}
    address = jira.session.post(url, json=body, auth=auth, timeout=10).json()["self"]
    assert jira.session.get(address, auth=auth, timeout=10).json()["name"] == "Mine"
    changed = jira.session.put(address, json={"enabled": False}, auth=auth, timeout=10).json()
    assert changed["enabled"] is False
    assert len(jira.session.get(url, auth=auth, timeout=10).json()) == 1
    assert jira.session.delete(address, auth=auth, timeout=10).status_code == 204
